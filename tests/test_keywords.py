"""What a member may ask by text, in four languages; several codes in one text; who gets no answer."""

from __future__ import annotations

import pytest
from afternoon import about, meet

from ledger.commands import BuyShares
from menus.gsm7 import segments, units
from menus.keywords import ASKED, asked, words
from menus.replies import understand
from menus.texts import LANGUAGES


def say(v, member, text):
    message_id = v.text(member, text)
    v.work()
    with v.db.transaction() as conn:
        return conn.execute("select result from inbound_sms where provider_id = %s", (message_id,)).fetchone().result


# ---------------------------------------------------------------- the words


@pytest.mark.parametrize("name", [*ASKED, "language", "stop", "start"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_in_any_case_and_spacing(name, language):
    for word in words()[name][language]:
        for typed in (word, word.upper(), f"  {word.title()} . ", word.replace(" ", ""), f"\ufeff{word}!\r\n", f"{word.replace(' ', '  ')}.."):
            assert understand(typed).meaning == name, typed


@pytest.mark.parametrize(
    ("typed", "meaning"),
    [
        ("Số dư", "balance"), ("SỐ DƯ của tôi", "balance"), ("SODU", "balance"), ("s o d u", "balance"), ("Nợ vay", "loan"), ("NO VAY", "loan"),
        ("Khoản vay", "loan"), ("Trợ giúp", "help"), ("Giúp", "help"), ("Ghi sổ", "last"), ("Prêt", "loan"), ("Écritures", "last"), ("épargne", "balance"),
        ("BAL?", "balance"), ("ＢＡＬ", "balance"), ("B.A.L.", "balance"), ("Salio langu", "balance"), ("Solde svp", "other"), ("BAL 12", "other"),
        ("no", "other"), ("con no", "loan"), ("help me", "other"), ("loan wrong", "other"), ("Bắt đầu", "start"), ("Ngừng tin", "stop"), ("stop sms", "other"),
    ],
)  # fmt: skip
def test_marks_and_signs_make_no_difference(typed, meaning):
    assert understand(typed).meaning == meaning


@pytest.mark.parametrize(
    ("typed", "language"),
    [("LANG vi", "vi"), ("lang.sw", "sw"), ("Langue: français", "fr"), ("Tiếng Việt", "vi"), ("NGÔN NGỮ en", "en"), ("Lugha Kiswahili", "sw"), ("lang", ""), ("LANG xx", None)],
)  # fmt: skip
def test_a_language_by_its_code_or_name(typed, language):
    assert asked(typed) == (None if language is None else ("language", language))


def test_no_word_of_one_meaning_answers_a_question():
    """A keyword is never an answer to a code, nor an entry that is wrong."""
    for name in ASKED:
        for language in LANGUAGES:
            for word in words()[name][language]:
                assert understand(f"{word} 48213").meaning not in ("yes",), word


# ---------------------------------------------------------------- the answers


def test_a_member_asks_for_her_figures(village):
    v = village()
    assert say(v, 12, "Bal.") == "asked_balance"
    assert v.texts(12)[-1].endswith("No.12: 10 shares = 200.000, owes 1.515.000")
    assert say(v, 12, " LOAN ") == "asked_loan"
    assert "No.12: loan 1.500.000 + charge 15.000, due 24/09/2026" in v.texts(12)[-1]
    assert say(v, 12, "last") == "asked_last"
    assert "brought in" in v.texts(12)[-1]
    assert say(v, 12, "HELP") == "asked_help"
    assert v.texts(12)[-1].startswith("BAL balance, LOAN your loan")
    assert v.entries() == 1


def test_an_answer_after_a_meeting_is_one_part(village):
    v = village()
    assert meet(v, BuyShares(**about(v, 7), units=3)) == "posted"
    for word in ("BAL", "LOAN", "LAST"):
        assert say(v, 7, word).startswith("asked_")
        assert segments(v.texts(7)[-1]) == 1
        assert units(v.texts(7)[-1])[0] == "GSM-7"
    assert "shares 3 = 60.000d" in v.texts(7)[-1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_she_is_answered_in_her_own_language(village, language):
    v = village(group={"language": language})
    wanted = {"en": "10 shares = ", "vi": "10 CP = ", "sw": "hisa 10 = ", "fr": "10 parts = "}[language]
    for word in (words()["balance"][language][0], words()["balance"]["en"][0]):
        assert say(v, 12, word) == "asked_balance"
        assert wanted in v.texts(12)[-1]
    taught = {"en": "BAL", "vi": "SODU", "sw": "SALIO", "fr": "SOLDE"}[language]
    assert say(v, 12, words()["help"][language][0]) == "asked_help"
    assert v.texts(12)[-1].startswith(taught)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_that_help_teaches_are_understood(village, language):
    v = village(group={"language": language})
    say(v, 12, "help")
    for word in {
        "en": ("BAL", "LOAN", "LAST", "MEETINGS", "FUNDS", "RULES", "HELP 2"),
        "vi": ("SODU", "VAY", "GHISO", "HOP", "QUY NHOM", "QUY CHE", "GIUP 2"),
        "sw": ("SALIO", "MKOPO", "MIAMALA", "MIKUTANO", "MIFUKO", "KATIBA", "MSAADA 2"),
        "fr": ("SOLDE", "PRET", "OPERATIONS", "REUNIONS", "CAISSES", "REGLEMENT", "AIDE 2"),
    }[language]:
        assert word in v.texts(12)[0]
        assert understand(word).meaning in ("balance", "loan", "last", "meetings", "funds", "rules", "help")


def test_she_chooses_her_language(village):
    v = village()
    assert say(v, 12, "LANG fr") == "asked_language"
    assert v.texts(12)[-1] == "Doan Ket : vos SMS et pages sont maintenant en Francais."
    assert v.dial(12).startswith("CON Dialbook\n1. Mon solde")
    assert say(v, 12, "lang") == "asked_language"
    assert v.texts(12)[-1].startswith("Envoyez LANGUE en")


def test_nobody_can_spam(village):
    v = village()
    results = [say(v, 12, word) for word in ("bal", "loan", "last", "help", "bal", "solde", "bal", "mkopo")]
    assert results == ["asked_balance", "asked_loan", "asked_last", "asked_help", "asked_balance", "asked_balance", "not answered", "not answered"]
    assert len(v.texts(12)) == 6


def test_a_phone_of_several_members_gets_nothing_private(village, owner):
    v = village()
    owner.execute("update member_phone set phone = %s where group_id = %s and member = 7", (v.phones[12], v.group_id))
    assert say(v, 12, "BAL") == "asked_dial"
    assert say(v, 12, "LOAN") == "not answered"
    said = v.texts(7) + v.texts(12)
    assert said == ["Nothing private is sent to this phone by text. Dial *384*77#"]
    assert say(v, 12, "HELP") == "asked_help"


def test_a_stranger_is_not_answered(village):
    v = village()
    assert say(v, "+84999999999", "BAL") == "stranger"


def test_what_is_not_understood_gets_one_help_text_of_her_own(village):
    v = village()
    assert [say(v, 12, words) for words in ("hello", "???")] == ["help", "not understood"]
    assert v.texts(12)[0].startswith("BAL balance")
    assert say(v, 3, "hello") == "help"
    assert v.texts(3)[0].startswith("To confirm reply OK")


# ---------------------------------------------------------------- several codes in one text


def two_asked(v):
    """Hoa buys shares and pays in; Thu's two codes."""
    codes = []
    for path in (("2", "3", "1"), ("3", "5000", "1")):
        v.dial(12, *path)
        codes.append(v.code_of(3))
    return codes


@pytest.mark.parametrize("text", ["OK {} {}", "ok {}, {}.", "{} {} OK", "Đồng ý {} và {}", "OK {} OK {}", "oui {} et {} merci"])
def test_several_codes_are_each_settled(village, text):
    v = village()
    codes = two_asked(v)
    before = len(v.texts(3))
    assert say(v, 3, text.format(*codes)) == "several: 2 posted"
    assert v.outcomes() == ["posted", "posted"]
    [told] = v.texts(3)[before:]
    assert told.endswith(f"booked {codes[0]}, {codes[1]}"), told
    assert len(v.texts(12)) == 2, "her receipts"
    v.verify()


def test_several_are_refused_together(village):
    v = village()
    codes = two_asked(v)
    before = len(v.texts(3))
    assert say(v, 3, "NO {} {}".format(*codes)) == "several: 2 refused"
    assert v.outcomes() == ["refused", "refused"]
    [told] = v.texts(3)[before:]
    assert told.endswith(f"refused {codes[0]}, {codes[1]}")
    assert v.entries() == 1


def test_a_yes_and_a_no_in_one_text_mean_nothing(village):
    v = village()
    codes = two_asked(v)
    assert say(v, 3, "OK {} NO {}".format(*codes)) == "help"
    assert v.outcomes() == ["waiting", "waiting"]


def test_each_on_its_own_with_a_wrong_one_and_an_old_one(village):
    v = village()
    codes = two_asked(v)
    wrong = next(f"{a}{a}{b}{b}{a}" for a, b in ("23", "45", "67") if f"{a}{a}{b}{b}{a}" not in codes)
    assert say(v, 3, f"OK {codes[0]}") == "posted"
    assert say(v, 3, f"OK {wrong} {codes[0]} {codes[1]}") == "several: 1 wrong, 1 already, 1 posted"
    assert v.texts(3)[-1].endswith(f"wrong code {wrong}. Answered before {codes[0]}. Booked {codes[1]}")
    assert v.outcomes() == ["posted", "posted"]


def test_guesses_in_one_text_lock_the_phone(village):
    v = village()
    codes = two_asked(v)
    guesses = [guess for guess in ("22332", "44554", "66776", "88998", "22442") if guess not in codes][:4]
    assert say(v, 3, f"OK {' '.join(guesses)} {codes[0]}") == "several: 3 wrong, 2 locked"
    assert v.outcomes() == ["waiting", "waiting"]
    assert say(v, 3, "OK {} {}".format(*codes)) == "locked"


def test_codes_are_settled_in_one_group_at_a_time(village, owner):
    here, there = village(), village()
    owner.execute("update member_phone set phone = %s where group_id = %s and member = 3", (here.phones[3], there.group_id))
    here.dial(12, "2", "1", "1")
    there.dial(12, "2", "1", "1")
    codes = here.code_of(3), there.code_of(3)
    assert say(here, 3, "OK {} {}".format(*codes)) == "several: 1 posted, 1 apart"
    assert (here.outcomes(), there.outcomes()) == (["posted"], ["waiting"])


def test_a_member_without_an_office_cannot_guess(village):
    v = village()
    codes = two_asked(v)
    assert say(v, 7, "OK {} {}".format(*codes)) == "help"
    assert v.outcomes() == ["waiting", "waiting"]
