"""A member without USSD: she asks the treasurer by text, is read back, says OK, and the treasurer decides as ever."""

from __future__ import annotations

import random
import re
import threading
from datetime import timedelta

import pytest
from afternoon import about, agent, meet

from ledger.commands import BuyShares
from menus.gsm7 import segments, units
from menus.texts import LANGUAGES

HOA, NGA, LAN, THU = 12, 7, 1, 3


def say(v, member, text, message_id=None):
    """What the worker noted beside the text, without its code."""
    message_id = v.text(member, text, message_id)
    v.work()
    with v.db.transaction() as conn:
        result = conn.execute("select result from inbound_sms where provider_id = %s", (message_id,)).fetchone().result
    return re.sub(r" [2-9]{5}.*", "", result)


def older(owner, v, member, hours):
    """Her texts came in some hours ago."""
    query = "update inbound_sms set received_at = received_at - %(ago)s, handled_at = handled_at - %(ago)s where sender = %(phone)s"
    owner.execute(query, {"ago": timedelta(hours=hours), "phone": v.phones[member]})


# ---------------------------------------------------------------- from her text to the book


def test_hoa_repays_by_text(village):
    v = village()
    assert say(v, HOA, "REPAY 520.000d") == "wanted"
    [asked] = v.texts(HOA)
    assert asked == f"Doan Ket: Repay 520.000d: charge 15.000d, loan 505.000d? Reply OK {v.code_of(HOA)}"
    assert (v.outcomes(), v.texts(THU)) == ([], []), "nothing is sent before her OK"
    assert say(v, HOA, f"ok {v.code_of(HOA)}") == "wanted sent"
    assert v.texts(HOA)[-1] == "Sent to the treasurer. You will get an SMS."
    assert "No.12 Hoa repays 520.000d" in v.texts(THU)[-1]
    assert say(v, THU, f"OK {v.code_of(THU)}") == "posted"
    assert v.debt(HOA) == (995_000, 0)
    assert "520.000" in v.texts(HOA)[-1]
    v.verify()


@pytest.mark.parametrize(
    ("text", "read_back", "told"),
    [
        ("Mua 3 CP", "Buy shares: 3 = 60.000d?", "shares: 3 = 60.000d"),
        ("Góp quỹ 5.000", "Pay 5.000d into the social fund?", "5.000d"),
        ("FINE5000", "Pay a fine of 5.000d?", "5.000d"),
        ("rembourser 15 000", "Repay 15.000d: charge 15.000d, loan 0d?", "15.000d"),
    ],
)
def test_everything_she_pays(village, text, read_back, told):
    v = village()
    assert say(v, HOA, text) == "wanted"
    assert read_back in v.texts(HOA)[-1]
    assert say(v, HOA, f"OK {v.code_of(HOA)}") == "wanted sent"
    assert told in v.texts(THU)[-1]
    assert say(v, THU, f"OK {v.code_of(THU)}") == "posted"
    v.verify()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_answer_that_is_taught_is_understood(village, language):
    v = village(group={"language": language})
    assert say(v, HOA, "REPAY 520000") == "wanted"
    taught = re.search(r"(OK|CO|NDIYO|OUI) [2-9]{5}$", v.texts(HOA)[-1])
    assert taught
    assert say(v, HOA, taught[0]) == "wanted sent"
    assert v.outcomes() == ["waiting"]
    assert all(segments(text) == 1 and units(text)[0] == "GSM-7" for text in v.texts(HOA))


def test_what_help_teaches_is_read_back(village, owner):
    """Each request named on the second page of HELP, in every language."""
    for language in LANGUAGES:
        loan = {"member": NGA, "principal": 1500000, "charge_due": 15000, "issued": "2026-03-24", "due": "2026-09-24"}
        v = village(group={"language": language}, opening={"loans": [loan]})
        agent(v, owner)
        assert say(v, NGA, "HELP 2") == "asked_help"
        taught = re.findall(r"(?:[A-Z]+ )+[0-9]+|CALL ME|GOI LAI|NIPIGIE|RAPPELEZ MOI", v.texts(NGA)[0])
        assert len(taught) == 6, v.texts(NGA)[0]
        assert [say(v, NGA, words) for words in taught] == ["wanted"] * 6, taught


# ---------------------------------------------------------------- once


def test_a_text_that_comes_twice_does_things_once(village):
    v = village()
    for _ in range(2):
        say(v, HOA, "REPAY 520000", "carrier-id-1")
    assert len(v.texts(HOA)) == 1
    code = v.code_of(HOA)
    for _ in range(2):
        say(v, HOA, f"OK {code}", "carrier-id-2")
    assert (v.outcomes(), len(v.texts(THU))) == (["waiting"], 1)
    assert say(v, HOA, f"OK {code}") == "wanted_again"
    assert v.texts(HOA)[-1] == f"Code {code} was answered before. Nothing more was sent."
    assert say(v, HOA, f"NO {code}") == "wanted_again"
    assert v.outcomes() == ["waiting"]


def test_a_worker_that_is_killed_does_it_again_and_once(village, monkeypatch):
    from workers import requesting

    v = village()
    say(v, HOA, "REPAY 520000")
    carry_out = requesting._carry_out

    def killed(*args):
        carry_out(*args)
        raise RuntimeError("killed after it was written down")

    monkeypatch.setattr(requesting, "_carry_out", killed)
    message_id = v.text(HOA, f"OK {v.code_of(HOA)}")
    v.work()
    assert (v.outcomes(), v.texts(THU)) == ([], []), "rolled back"
    monkeypatch.setattr(requesting, "_carry_out", carry_out)
    with v.db.transaction() as conn:
        conn.execute("update inbound_sms set not_before = clock_timestamp() where provider_id = %s", (message_id,))
    v.work()
    assert (v.outcomes(), len(v.texts(THU))) == (["waiting"], 1)


def test_the_same_asked_twice_is_pointed_out(village):
    v = village()
    for _ in range(2):
        say(v, HOA, "REPAY 5000")
        say(v, HOA, f"OK {v.code_of(HOA)}")
    assert [text for text in v.texts(HOA) if "Repay" in text][1].startswith("Doan Ket: You sent the same just now. Repay 5.000d")
    assert v.outcomes() == ["waiting", "waiting"], "two texts and two OKs are two payments"


@pytest.mark.parametrize("seed", range(4))
def test_her_first_word_counts_whatever_she_texts_afterwards(village, seed):
    """Any order of yes and no, any number of times: each request is sent once, or not at all."""
    draw = random.Random(seed)
    v = village()
    codes = []
    for text in ("REPAY 5000", "FINE 5000", "SOCIAL 5000"):
        say(v, HOA, text)
        codes.append(v.code_of(HOA))
    first: dict[str, str] = {}
    for _ in range(12):
        code, word = draw.choice(codes), draw.choice(("OK", "NO"))
        say(v, HOA, f"{word} {code}")
        first.setdefault(code, word)
    assert len(v.outcomes()) == list(first.values()).count("OK")
    assert len(v.texts(THU)) == list(first.values()).count("OK")


def two_of_hers(v, member):
    codes = []
    for text in ("MUA 2", "GOP QUY 5000"):
        say(v, member, text)
        codes.append(v.code_of(member))
    return codes


def test_one_ok_to_several_of_hers(village):
    v = village()
    one, other = two_of_hers(v, HOA)
    assert say(v, HOA, f"OK {one} {other}") == "several: wanted sent"
    assert (v.outcomes(), len(v.texts(THU))) == (["waiting", "waiting"], 2)
    assert say(v, HOA, f"OK {other}, {one}") == "several: wanted_again, wanted_again"
    assert say(v, HOA, f"NO {one}") == "wanted_again"
    assert v.outcomes() == ["waiting", "waiting"]


def test_an_officers_own_beside_what_she_decides_is_no_guess(village):
    v = village()
    own, other = two_of_hers(v, THU)
    v.dial(HOA, "2", "1", "1")
    assert say(v, THU, f"OK {v.code_of(THU)} {own}") == "several: 1 posted, 1 alone"
    assert v.texts(THU)[-1].endswith(f"Send alone {own}")
    assert v.rows("select count(*) as n from wrong_code where %s > 0 and phone = %s", v.phones[THU])[0].n == 0
    assert say(v, THU, f"NO {own} {other}") == "several: wanted dropped"
    assert say(v, THU, f"OK {own}") == "wanted_late"
    assert v.outcomes() == ["posted"]


def test_two_workers_with_two_oks_send_it_once(village):
    from workers import jobs
    from workers.office import office

    def work():
        jobs.answer_texts()
        office().db.close()

    v = village()
    say(v, HOA, "REPAY 5000")
    for _ in range(4):
        v.text(HOA, f"OK {v.code_of(HOA)}")
    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    v.work()
    assert (v.outcomes(), len(v.texts(THU))) == (["waiting"], 1)


def test_a_no_drops_it(village):
    v = village()
    say(v, HOA, "REPAY 520000")
    code = v.code_of(HOA)
    assert say(v, HOA, f"KHONG {code}") == "wanted dropped"
    assert v.texts(HOA)[-1] == "Nothing was sent."
    assert say(v, HOA, f"OK {code}") == "wanted_late"
    assert v.outcomes() == []


def test_her_code_is_good_for_two_hours(village, owner):
    v = village()
    say(v, HOA, "REPAY 520000")
    code = v.code_of(HOA)
    older(owner, v, HOA, 3)
    assert say(v, HOA, f"OK {code}") == "wanted_late"
    assert v.texts(HOA)[-1] == f"Code {code} no longer counts. Nothing was sent. Text your request again."
    assert v.outcomes() == []


def test_an_ok_that_came_in_time_counts_however_late_it_is_read(village, owner):
    v = village()
    say(v, HOA, "REPAY 520000")
    v.text(HOA, f"OK {v.code_of(HOA)}")
    older(owner, v, HOA, 3)
    v.work()
    assert v.outcomes() == ["waiting"]


def test_nobody_elses_phone_says_ok(village):
    v = village()
    say(v, HOA, "REPAY 520000")
    code = v.code_of(HOA)
    assert say(v, NGA, f"OK {code}") == "help"
    assert say(v, THU, f"OK {code}") == "wrong_code"
    assert v.outcomes() == []


def test_a_phone_that_was_given_away_says_ok_to_nothing(village, owner):
    v = village()
    say(v, HOA, "REPAY 520000")
    code = v.code_of(HOA)
    owner.execute("update member_phone set phone = %s where group_id = %s and member = %s", (v.phones[HOA], v.group_id, NGA))
    assert not say(v, HOA, f"OK {code}").startswith("wanted"), "two people answer it now"
    assert v.outcomes() == []


def test_the_officers_own_money_goes_to_another(village):
    v = village()
    say(v, THU, "BUY 2")
    assert say(v, THU, f"OK {v.code_of(THU)}") == "wanted sent"
    assert v.texts(THU)[-1] == "Sent to the chair. You will get an SMS."
    assert say(v, LAN, f"OK {v.code_of(LAN)}") == "posted"


# ---------------------------------------------------------------- what cannot be


@pytest.mark.parametrize(
    ("member", "text", "answer"),
    [
        (HOA, "REPAY 9999999", "That is more than you owe. You owe 1.515.000d."),
        (HOA, "repay 12.50", "The number is not clear; nothing was sent."),
        (HOA, "repay 520000 tomorrow", "The number is not clear; nothing was sent."),
        (NGA, "REPAY 5000", "You have no loan."),
        (HOA, "BUY 9", "Please type a number from 1 to 5."),
        (HOA, "BUY 3.5", "The number is not clear; nothing was sent."),
        (HOA, "REPAY 5000 LOAN 9", "Which loan? You owe 1: 1.515.000."),
        (NGA, "BORROW 2500000", "You may borrow at most 2.400.000d now."),
        (NGA, "CALL ME", "Nobody could be told: no phone number is known."),
    ],
)
def test_she_is_told_why_not(village, member, text, answer):
    v = village()
    assert say(v, member, text) == "wanted_no"
    assert v.texts(member)[-1].startswith(answer)
    assert v.outcomes() == []


def test_what_the_book_no_longer_allows_is_refused_at_her_ok(village):
    v = village()
    say(v, HOA, "REPAY 1515000")
    code = v.code_of(HOA)
    v.dial(HOA, "4", "1000000", "1")
    say(v, THU, f"OK {v.code_of(THU)}")
    assert say(v, HOA, f"OK {code}") == "wanted_no"
    assert v.texts(HOA)[-1].startswith("That is more than you owe.")
    assert v.outcomes() == ["posted"]


def two_loans(village):
    today = "2026-03-24"
    return village(
        constitution={"loan": {"one_at_a_time": False}},
        opening={
            "loans": [
                {"member": HOA, "principal": 100000, "charge_due": 1000, "issued": today, "due": "2026-09-24"},
                {"member": HOA, "principal": 200000, "charge_due": 2000, "issued": today, "due": "2026-09-24"},
            ]
        },
    )


def test_with_several_loans_she_says_which(village):
    v = two_loans(village)
    assert say(v, HOA, "REPAY 50000") == "wanted_no"
    assert v.texts(HOA)[-1] == "Which loan? You owe 1: 101.000, 2: 202.000. Text REPAY, the amount, LOAN and its number."
    assert say(v, HOA, "Trả nợ 50.000 khoản 2") == "wanted"
    assert "charge 2.000d, loan 48.000d" in v.texts(HOA)[-1]
    say(v, HOA, f"OK {v.code_of(HOA)}")
    assert v.rows("select body from request where group_id = %s")[0].body["loan_no"] == 2


def test_an_ok_is_for_the_loan_that_was_read_back(village):
    """Her only loan was paid off meanwhile and she has another one now: her old OK is not for that."""
    v = two_loans(village)
    for loan, amount in (("2", "202000"), ("1", "101000")):
        if loan == "1":
            say(v, HOA, "REPAY 5000")  # her only loan is the first
            code = v.code_of(HOA)
        v.dial(HOA, "4", *([loan] if loan == "2" else []), amount, "1")
        assert say(v, THU, f"OK {v.code_of(THU)}") == "posted"
    assert say(v, HOA, f"OK {code}") == "wanted_no"
    assert v.outcomes() == ["posted", "posted"]


# ---------------------------------------------------------------- wishes


def test_she_asks_to_borrow_and_to_be_called(village, owner):
    v = village()
    agent(v, owner)
    assert say(v, NGA, "BORROW 600.000") == "wanted"
    assert v.texts(LAN) == []
    assert say(v, NGA, f"OK {v.code_of(NGA)}") == "wanted sent"
    assert v.texts(LAN)[-1] == "Doan Ket: No.7 Nga would like to borrow 600.000d. Nothing is booked; the group decides at the meeting."
    assert say(v, NGA, "goi lai") == "wanted"
    assert v.texts(NGA)[-1].startswith("Doan Ket: Ask your agent Binh to call you? Reply OK ")
    assert say(v, NGA, f"OK {v.code_of(NGA)}") == "wanted sent"
    assert v.texts(0) == ["Doan Ket: No.7 Nga asks you to call her."]
    assert say(v, NGA, "call me") == "wanted_no"
    assert v.texts(NGA)[-1].startswith("You have asked today.")
    assert (v.entries(), v.outcomes()) == (1, [])


# ---------------------------------------------------------------- what is asked


def test_meetings_funds_and_rules(village):
    v = village()
    assert say(v, NGA, "MEETINGS") == "asked_meetings"
    assert v.texts(NGA)[-1] == "No meeting has been closed yet."
    meet(v, BuyShares(**about(v, NGA), units=3))
    assert say(v, NGA, "họp") == "asked_meetings"
    assert re.fullmatch(r"Doan Ket No\.7, last meetings: \d\d/\d\d 3 shares = 60\.000", v.texts(NGA)[-1])
    assert say(v, NGA, "quỹ nhóm") == "asked_funds"
    assert "Loan fund 5.060.000d, Social fund 100.000d, Lent out 1.500.000d, Code " in v.texts(NGA)[-1]
    assert say(v, NGA, "RULES") == "asked_rules"
    first = v.texts(NGA)[-1]
    last = int(re.match(r"Doan Ket, RULES 1/(\d+): ", first)[1])
    assert last > 1
    assert say(v, NGA, "rules 2") == "asked_rules"
    assert v.texts(NGA)[-1].startswith(f"Doan Ket, RULES 2/{last}: ")
    assert say(v, NGA, "rules 99") == "asked_rules"
    assert v.texts(NGA)[-1].startswith(f"Doan Ket, RULES {last}/{last}: ")
    assert all(segments(text) == 1 for text in v.texts(NGA))


def test_an_officer_asks_what_waits_and_learns_no_code(village):
    v = village()
    assert say(v, THU, "waiting") == "asked_waiting"
    assert v.texts(THU)[-1] == "Nothing waits for you."
    v.dial(HOA, "4", "520000", "1")
    v.dial(NGA, "2", "3", "1")
    codes = re.findall(r"\b[2-9]{5}\b", " ".join(v.texts(THU)))
    assert say(v, THU, "Chờ xác nhận") == "asked_waiting"
    answer = v.texts(THU)[-1]
    assert answer.startswith("Doan Ket, wait for your word: 2. No.12 Hoa: repays 520.000d. No.7 Nga: ")
    assert len(set(codes)) == 2
    assert not [code for code in codes if code in answer]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_answer_is_one_part_in_every_language(village, language):
    v = village(group={"language": language})
    meet(v, *(BuyShares(**about(v, member), units=5) for member in (NGA, HOA)))
    v.dial(HOA, "4", "520000", "1")
    before = len(v.texts(THU))
    for word in ("meetings", "funds", "rules", "waiting", "help", "help pay"):
        assert say(v, THU, word).startswith("asked_")
    for text in v.texts(THU)[before:]:
        assert (segments(text), units(text)[0]) == (1, "GSM-7"), text


# ---------------------------------------------------------------- how she wants her texts


def stored(v, member):
    row = v.rows("select accents, short_receipts from member where group_id = %s and number = %s", member)[0]
    return row.accents, row.short_receipts


def test_accents_where_there_are_two_ways_to_write(village):
    v = village(group={"language": "vi"})
    assert say(v, HOA, "Có dấu") == "asked_accents"
    assert stored(v, HOA) == (True, False)
    assert say(v, HOA, "KHONG DAU") == "asked_accents"
    assert stored(v, HOA) == (False, False)
    assert stored(v, NGA) == (False, False)
    v = village()
    assert say(v, HOA, "ACCENTS ON") == "asked_accents"
    assert v.texts(HOA)[-1] == "Your language is written in one way only. Nothing was changed."
    assert stored(v, HOA) == (False, False)


def test_short_receipts_and_all_figures_again(village):
    v = village()
    assert say(v, HOA, "short") == "asked_receipts"
    assert stored(v, HOA) == (False, True)
    meet(v, BuyShares(**about(v, HOA), units=3))
    assert "Total" not in v.texts(HOA)[-1]
    assert say(v, HOA, "Full.") == "asked_receipts"
    assert stored(v, HOA) == (False, False)


# ---------------------------------------------------------------- phones of several


def with_two_books(village, owner):
    here, there = village(), village()
    owner.execute("update member_phone set phone = %s where group_id = %s and member = %s", (here.phones[HOA], there.group_id, NGA))
    return here, there


def test_a_group_code_in_front_chooses_the_book(village, owner):
    here, there = with_two_books(village, owner)
    assert say(here, HOA, "BAL") == "asked_which"
    assert here.texts(HOA)[-1].endswith(f"Your codes: {here.code}, {there.code}")
    assert say(here, HOA, "REPAY 5000") == "not answered"
    assert say(here, HOA, f"{there.code} BAL") == "asked_balance"
    assert there.texts(NGA)[-1].endswith("No.7: 40 shares = 800.000, no debt")
    assert say(here, HOA, f"{here.code.lower()}: số dư") == "asked_balance"
    assert "10 shares" in here.texts(HOA)[-1]
    assert say(here, HOA, f"{here.code} REPAY 5.000") == "wanted"
    assert say(here, HOA, f"OK {here.code_of(HOA)}") == "wanted sent"
    assert (here.outcomes(), there.outcomes()) == (["waiting"], [])


def test_another_groups_code_opens_nothing(village):
    mine, other = village(), village()
    assert say(mine, HOA, f"{other.code} BAL") == "help"
    assert other.texts(HOA) == []


def test_a_group_code_that_is_a_word_takes_no_answer(village):
    v = village(group={"code": "OK"})
    v.dial(HOA, "2", "1", "1")
    assert say(v, THU, f"OK {v.code_of(THU)}") == "posted"


def test_two_members_of_a_group_on_one_phone_get_nothing_private(village, owner):
    v = village()
    owner.execute("update member_phone set phone = %s where group_id = %s and member = %s", (v.phones[HOA], v.group_id, NGA))
    assert say(v, HOA, f"{v.code} BAL") == "asked_dial"
    for text in ("REPAY 5000", "meetings", "rules", "accents on", "short", "call me"):
        assert say(v, HOA, text) == "not answered"
    assert v.texts(NGA) + v.texts(HOA) == ["Nothing private is sent to this phone by text. Dial *384*77#"]
    assert stored(v, HOA) == (False, False)


# ---------------------------------------------------------------- what it may cost


def test_requests_of_one_phone_are_bounded(village):
    v = village()
    results = [say(v, HOA, text) for text in ["REPAY 1.5", "REPAY 5000"] * 6]
    assert results[:8] == ["wanted_no", "wanted"] * 4
    assert set(results[8:]) == {"not answered"}
    assert len(v.texts(HOA)) == 8


def test_an_ok_that_is_refused_is_not_answered_for_ever(village):
    v = village()
    say(v, HOA, "REPAY 1515000")
    code = v.code_of(HOA)
    v.dial(HOA, "4", "1000000", "1")
    say(v, THU, f"OK {v.code_of(THU)}")
    results = [say(v, HOA, f"OK {code}") for _ in range(14)]
    assert results == ["wanted_no"] * 11 + ["not answered"] * 3
    assert v.outcomes() == ["posted"]


def test_no_code_of_hers_is_logged(village, capsys):
    v = village()
    say(v, HOA, "REPAY 520000")
    say(v, HOA, f"OK {v.code_of(HOA)}")
    said = "".join(capsys.readouterr())
    assert said.count("text handled") == 2
    assert v.code_of(HOA) not in said
