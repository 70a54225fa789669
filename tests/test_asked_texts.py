"""What members text and what it means, in four languages; and what looks like a request and is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from menus import amounts
from menus.keywords import ALONE, REQUESTS, words
from menus.replies import understand
from menus.texts import LANGUAGES

# text, meaning, what was typed beside a request
QUESTIONS = [
    ("BAL", "balance"), ("Số dư", "balance"), ("salio", "balance"), ("Solde.", "balance"), ("LOAN", "loan"), ("Khoản vay", "loan"),
    ("MKOPO", "loan"), ("Prêt", "loan"), ("last", "last"), ("Ghi sổ", "last"), ("Meetings", "meetings"), (" my meetings . ", "meetings"),
    ("Họp", "meetings"), ("Lần họp", "meetings"), ("LANHOP", "meetings"), ("Mikutano", "meetings"), ("mikutano yangu", "meetings"),
    ("Réunions", "meetings"), ("mes reunions", "meetings"), ("FUNDS", "funds"), ("group  funds", "funds"), ("Quỹ nhóm", "funds"),
    ("QUYNHOM", "funds"), ("mifuko", "funds"), ("MIFUKO YA KIKUNDI", "funds"), ("Caisses", "funds"), ("rules", "rules"), ("Quy chế", "rules"),
    ("QUYCHE.", "rules"), ("Nội quy", "rules"), ("Katiba", "rules"), ("Règles", "rules"), ("règlement", "rules"), ("RULES 2", "rules"),
    ("Quy chế 3.", "rules"), ("katiba2", "rules"), ("waiting", "waiting"), ("Chờ xác nhận", "waiting"), ("inasubiri", "waiting"),
    ("En attente", "waiting"), ("HELP", "help"), ("HELP 2", "help"), ("GIUP 2", "help"), ("Trợ giúp", "help"), ("Msaada 2", "help"),
    ("AIDE 2", "help"), ("HELP PAY", "help_pay"), ("giúp nộp", "help_pay"), ("Msaada lipa", "help_pay"), ("aide payer", "help_pay"),
    ("REPAY", "help_pay"), ("trả nợ", "help_pay"), ("Rejesha", "help_pay"), ("acheter", "help_pay"), ("mua", "help_pay"), ("FAINI.", "help_pay"),
    ("ACCENTS ON", "accents"), ("Có dấu", "accents"), ("CO DAU", "accents"), ("codau", "accents"), ("weka alama", "accents"),
    ("avec accents", "accents"), ("accents off", "no_accents"), ("Không dấu", "no_accents"), ("KHONGDAU", "no_accents"), ("no accents", "no_accents"),
    ("bila alama", "no_accents"), ("Sans accents", "no_accents"), ("SHORT", "short"), ("biên nhận ngắn", "short"), ("risiti fupi", "short"),
    ("reçus courts", "short"), ("FULL", "full"), ("Biên nhận đủ", "full"), ("RISITI KAMILI", "full"), ("reçus complets", "full"),
    ("LANG vi", "language"), ("Langue français", "language"), ("STOP", "stop"), ("START", "start"), ("Bắt đầu", "start"),
    ("call me", "request"), ("Please call me.", "request"), ("Gọi lại", "request"), ("Nipigie", "request"), ("Rappelez-moi", "request"),
]  # fmt: skip
# text, what is asked, the number it comes to in a group that counts in dong
REQUESTED = [
    ("REPAY 520000", "repay", 520_000), ("REPAY520000", "repay", 520_000), ("repay 520 000", "repay", 520_000), ("Repay: 520.000d", "repay", 520_000),
    ("Trả nợ 520.000đ.", "repay", 520_000), ("TRA NO 520000", "repay", 520_000), ("trano520000", "repay", 520_000), ("Trả  nợ:520.000 đồng", "repay", 520_000),
    ("Tra no 52000", "repay", 52_000), ("nộp nợ 520.000 VND", "repay", 520_000), ("repay my loan 520000", "repay", 520_000), ("Rejesha 520000", "repay", 520_000),
    ("LIPA MKOPO 520000", "repay", 520_000), ("lipa deni 520000!", "repay", 520_000), ("Rembourser 520 000", "repay", 520_000),
    ("rembourser mon prêt 520000", "repay", 520_000), ("ＲＥＰＡＹ ５２００００", "repay", 520_000), ("\ufeffrepay\t520000\r\n", "repay", 520_000),
    ("repay 520\u202f000", "repay", 520_000), ("repay 1.515.000", "repay", 1_515_000), ("REPAY-520000", "repay", 520_000), ("R E P A Y 5000", "repay", 5_000),
    ("repay vnd 5000", "repay", 5_000), ("BUY 3", "buy", 3), ("buy3", "buy", 3), ("Buy 3 shares", "buy", 3), ("BUY3SHARES", "buy", 3), ("Mua 3 cổ phần", "buy", 3),
    ("MUA 3 CP", "buy", 3), ("mua3.", "buy", 3), ("Nunua hisa 3", "buy", 3), ("NUNUA 3 HISA", "buy", 3), ("Acheter 3 parts", "buy", 3), ("acheter des parts 3", "buy", 3),
    ("SOCIAL 5000", "social_fund", 5_000), ("pay social fund 5.000", "social_fund", 5_000), ("Góp quỹ 5000", "social_fund", 5_000), ("GOPQUY 5000", "social_fund", 5_000),
    ("Góp quỹ XH 5.000đ", "social_fund", 5_000), ("Jamii 5000", "social_fund", 5_000), ("lipa jamii 5000", "social_fund", 5_000), ("Solidarité 5000", "social_fund", 5_000),
    ("FINE 5000", "fine", 5_000), ("fine5000", "fine", 5_000), ("pay a fine 5.000d", "fine", 5_000), ("Nộp phạt 5.000đ", "fine", 5_000), ("NOPPHAT 5000", "fine", 5_000),
    ("Faini 5000", "fine", 5_000), ("LIPA FAINI 5000", "fine", 5_000), ("Amende 5000", "fine", 5_000), ("payer une amende: 5000", "fine", 5_000),
    ("BORROW 600000", "borrow", 600_000), ("Xin vay 600.000", "borrow", 600_000), ("XINVAY600000", "borrow", 600_000), ("Omba mkopo 600000", "borrow", 600_000),
    ("Emprunter 600 000", "borrow", 600_000), ("demande de prêt 600000", "borrow", 600_000),
]  # fmt: skip
# What begins as a request but does not say a plain number: it is refused, never guessed.
UNCLEAR = [
    "repay 12.50", "repay 520,000", "repay 5,20", "repay 520.00", "repay 52.0000", "repay 0", "repay 000", "repay 0520000", "repay 520k", "repay 520 or 530",
    "repay 520000 tomorrow", "repay 520000?", "REPAY 520000 wrong", "repay 520.000 530.000", "repay 1.515 000", "repay 5 20 000", "Trả nợ 520 nghìn", "tra no 2 trieu",
    "repay 9999999999", "repay 520000 and buy 3", "repay 520000 KES", "fine 5 of us came", "repay ٥20", "mua 3 con ga", "buy 3.5", "buy 3,5 shares", "buy 30000", "buy -",
    "repay 1/2", "repay 520+5", "Rejesha 520000 kesho", "rembourser 520000 demain", "fine 5000 no", "call me 5000", "repay 1e6", "repay 0x10", "social 5'000",
]  # fmt: skip
# And what only contains such a word.
OTHERS = [
    "my loan is wrong", "not repay 520000", "I did not repay 520000", "I will repay 520000", "no repay 520000", "chưa trả nợ 520000", "không trả nợ 520000", "toi tra no 520000 roi",
    "sijarejesha 520000", "nitarejesha 520000", "je ne rembourse pas 520000", "lipa 520000", "pay 5000", "payer 5000", "shares 3", "hisa 3", "parts 3", "cp 3", "loan 520000",
    "mkopo 520000", "BAL 12", "repayed", "please do not call me", "don't call me", "who buys 3", "520000 repay", "3 buy", "520000", "hello", "???", "", " ", "ok", "co", "khong",
    "the rules are bad", "meetings are long", "quy 5000", "phat 50000", "lai 5000", "tra 5000", "khong dau 3", "no accents please", "short 2", "help 2 me", "help me", "rules two",
    "repay " + "9" * 200, "x" * 500,
]  # fmt: skip
NOT_REQUESTS = ("repay ٥20", "buy -")


@pytest.mark.parametrize(("text", "meaning"), QUESTIONS)
def test_a_question_or_a_setting(text, meaning):
    assert understand(text).meaning == meaning


def read(text, currency="VND"):
    """(what is asked, the number it comes to; None where that is not plain), or None when nothing is asked."""
    wanted = understand(text).wanted
    if wanted is None:
        return None
    try:
        if wanted.kind == "call":
            return ("call", None if wanted.typed else 0)
        return wanted.kind, amounts.units(wanted.typed) if wanted.kind == "buy" else amounts.amount(amounts.loan_number(wanted.typed)[0], currency)
    except ValueError:
        return wanted.kind, None


@pytest.mark.parametrize(("text", "kind", "number"), REQUESTED)
def test_a_request_and_its_number(text, kind, number):
    assert read(text) == (kind, number)


@pytest.mark.parametrize("text", UNCLEAR)
def test_what_is_not_plain_is_not_guessed(text):
    found = read(text)
    assert found is None or found[1] is None or (found[0] == "buy" and found[1] > 99), found
    assert (found is None) == (text in NOT_REQUESTS), "the others are refused with a reason"


@pytest.mark.parametrize("text", OTHERS)
def test_a_sentence_is_no_command(text):
    assert understand(text).meaning == "other"


def test_the_tables_are_long_enough():
    assert len({*(row[0] for row in QUESTIONS + REQUESTED), *UNCLEAR, *OTHERS}) >= 200


@pytest.mark.parametrize(
    ("currency", "typed", "minor"),
    [
        ("VND", "520.000", 520_000), ("VND", "1.515.000d", 1_515_000), ("VND", "520 000", 520_000), ("VND", "520,000", None), ("VND", "12.50", None),
        ("VND", "12,50", None), ("KES", "520,000", 52_000_000), ("KES", "520.50", 52_050), ("KES", "1,250.50", 125_050), ("KES", "1 250.50", 125_050),
        ("KES", "520.000", None), ("KES", "1.250,50", None), ("KES", "ksh 500", 50_000), ("KES", "500/=", 50_000), ("KES", "kes500", 50_000), ("KES", "500 vnd", None),
        ("KES", "0.50", None), ("XOF", "520 000", 520_000), ("XOF", "520 000 fcfa", 520_000), ("XOF", "520.000", None), ("XOF", "520,5", None), ("XOF", "6 000 f", 6_000),
        ("UGX", "520,000", 520_000), ("UGX", "520,000.50", None), ("UGX", "ush 5000", 5_000), ("RWF", "5.000 rf", 5_000), ("TZS", "5,000.5", 500_050), ("GHS", "1,250.50", 125_050),
    ],
)  # fmt: skip
def test_an_amount_is_read_as_the_country_writes_it(currency, typed, minor):
    if minor is None:
        with pytest.raises(ValueError, match="not plain"):
            amounts.amount(typed, currency)
    else:
        assert amounts.amount(typed, currency) == minor


@given(st.integers(1, 999_999_999), st.sampled_from(["VND", "KES", "UGX", "XOF", "RWF", "TZS"]))
def test_what_we_write_ourselves_is_read_back(whole, currency):
    from ledger.money import EXPONENTS, Money
    from menus.gsm7 import plain
    from menus.say import money

    minor = whole * 10 ** EXPONENTS[currency]
    assert amounts.amount(plain(money(Money(minor, currency))), currency) == minor


@given(st.text(max_size=200))
def test_any_text_has_a_meaning_and_never_breaks(text):
    assert understand(text).meaning
    for word in ("repay ", "mua", "call me "):
        read(word + text, "KES")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", REQUESTS)
def test_every_word_of_a_request(kind, language):
    for word in words()[kind][language]:
        for typed in (f"{word} 3000", f"{word.upper()}3000", f" {word.title()}:  3000 . ", f"{word.replace(' ', '')} 3000"):
            assert understand(typed).wanted.kind == kind, typed
        assert understand(f"{word} 48213").meaning == "request", "no answer to a code, no contest, no check code"


def test_a_word_means_one_thing_in_all_languages_together():
    seen: dict[str, str] = {}
    for name in ALONE:
        for some in words()[name].values():
            for word in some:
                assert seen.setdefault(word.replace(" ", ""), name) == name, word


def test_a_printed_check_code_stays_one():
    assert understand("REPA-Y520").meaning == "code"
    assert understand("04HM-ASW9").meaning == "code"
    assert understand("FINE 5000").meaning == "request", "printed codes have no I"
