"""A whole meeting by texts alone, from the counted boxes to the receipts: it ends in the very journal of the same meeting keyed in."""

from __future__ import annotations

import re

import pytest
from test_compact_texts import texts
from test_fast_meeting import KEEPER, MEETING, ROW, TREASURER, Counted, noted, twenty

from menus.texts import LANGUAGES

CHAIR = 1
BY_KEYS = (
    *MEETING[:-3],
    ("721", "In the box now "),  # other, expense, loan fund
    ("30000", "For what?"),
    ("4", "Loan fund: expense 30.000d, transport?"),
    ("1", "Noted.\nMeeting"),
    ("72110000", "For what?"),
    ("1", "Loan fund: expense 10.000d, passbooks?"),
    ("1", "Noted.\nMeeting"),
    ("82", "1. Loan fund: expense 10.000d, passbooks\n2. Loan fund: expense 30.000d, transport"),
    ("1", "Take it back? Loan fund: expense 10.000d, passbooks"),
    ("1", "Taken back.\nMeeting"),
    ("94736000", "Count the social fund box."),
    ("190000", "Close the meeting?\nLoan fund 4.736.000d\nSocial fund 190.000d"),
    ("1", "Sent to the treasurer."),
)
BY_TEXT = (
    ("M OL 5000000 100000", "Open: Loan meeting?\nLoan fund 5.000.000d\nSocial fund 100.000d\nReply OK ", "The meeting is open."),
    ("M L4,17 SF-9,19", "late: 4, 17. Social fund 18 = 90.000d. To note it reply OK ", "Noted: 20. The last is note 20; M U20 takes it back."),
    ("m s" + ROW, "1:5 2:3 3:2 4:1 5:0", "Noted: 17."),
    ("M R12 520000; R9=306000", "No.12 La: repays 520.000d. No.9 Ia: repays 306.000d. To note it", "Noted: 2."),
    ("M FK5 1", "No.5 Ea: new fine 10.000d, absent. To note it", "Noted: 1."),
    ("M N7 2000000 3 18 1", "No.7 Ga: loan 2.000.000d until ", "Noted: 1."),
    ("M X 30000 4 X10000 1", "Loan fund: expense 30.000d, transport. Loan fund: expense 10.000d, passbooks. To note it", "Noted: 2."),
    ("M U", "Take it back? 43) Loan fund: expense 10.000d, passbooks\nReply OK ", "Taken back."),
    ("M C 4736000 190000", "Close the meeting?\nLoan fund 4.736.000d\nSocial fund 190.000d\nReply OK ", "Sent to the treasurer."),
)


def keyed(v):
    phone = Counted(v)
    for row, page in BY_KEYS:
        assert page in phone.press(row), (row, phone.call.page)
    return v


def texted(v):
    for words, answer, done in BY_TEXT:
        assert texts(v, words).startswith(answer), v.texts(KEEPER)[-1]
        ok = f"OK {v.code_of(KEEPER)}"
        assert texts(v, ok).startswith(done), v.texts(KEEPER)[-1]
        assert texts(v, ok) == ""  # the same OK again says and does nothing
    return v


def journal(v):
    """The newest entry: every line, and what was said beside them."""
    lines = v.rows("select (to_jsonb(l) - 'group_id') as line from line l where l.group_id = %s order by line_no")
    entry = v.rows("select entry_no, kind, happened_on, annex::jsonb as annex from entry where group_id = %s order by entry_no desc limit 1")[0]
    return [row.line for row in lines], entry


def receipts(v):
    """What each member was told at the close, without the check code."""
    said = v.rows("select member, text from outbox where group_id = %s and entry_no is not null order by member, message_no")
    return [(row.member, re.sub(r"[0-9A-Z]{4}-[0-9A-Z]{4}", "", row.text)) for row in said]


def test_the_journal_is_that_of_the_keypad(village, db):
    by_keys, by_text = keyed(twenty(village, db)), texted(twenty(village, db))
    for v in (by_keys, by_text):
        assert v.outcomes() == ["waiting"]
        v.text(TREASURER, f"OK {v.code_of(TREASURER)}")
        v.work()
        assert v.outcomes() == ["posted"]
        v.verify()
    assert journal(by_keys) == journal(by_text)
    assert receipts(by_keys) == receipts(by_text)
    assert len(receipts(by_text)) >= 20
    assert "late" in journal(by_text)[1].annex["meeting"]["roll"]


# ---------------------------------------------------------------- opened and closed


def test_a_difference_wants_a_reason_and_two_officers(village, db):
    v = twenty(village, db)
    why = "1 counted wrong before, 2 money is missing, 3 money was found, 4 other"
    assert texts(v, "M OS 4990000 100000") == f"Loan fund: 10.000d too little. Count again, or add why: {why}."
    assert texts(v, "M OS 4990000 100000 5") == "Please type a number from 1 to 4."
    assert noted(v) is None
    answer = texts(v, "M OS 4990000 100000 2")
    assert answer.startswith("Open: Savings meeting?\nLoan fund 4.990.000d\nSocial fund 100.000d\nDiffers: money is missing\nReply OK ")
    assert noted(v) is None
    texts(v, f"OK {v.code_of(KEEPER)}")
    assert noted(v) == []
    answer = texts(v, "M C 4990000 100500")
    assert answer == f"Social fund: 500d too much. Count again, or add why: {why}."
    answer = texts(v, "M C 4990000 100500 3")
    assert answer.startswith(
        "Close the meeting?\nLoan fund 4.990.000d\nSocial fund 100.500d\nDiffers: money was found\nTwo officers will be asked.\nReply OK "
    )
    assert v.outcomes() == []
    assert texts(v, f"OK {v.code_of(KEEPER)}").startswith("Sent to the treasurer and the chair.")
    for officer in (TREASURER, CHAIR):
        v.text(officer, f"OK {v.code_of(officer)}")
        v.work()
    assert v.outcomes() == ["posted"]
    v.verify()


def test_nothing_moves_while_the_close_waits(village, db):
    v = twenty(village, db)
    for words in ("M OL 5000000 100000", "M F7 5000", "M C 5005000 100000"):
        texts(v, words)
        texts(v, f"OK {v.code_of(KEEPER)}")
    assert v.outcomes() == ["waiting"]
    for words in ("M F7 1000", "M U", "M C 5005000 100000"):
        assert texts(v, words) == "The officers have been asked to close the meeting. Wait for their answer."
    assert len(noted(v)) == 1
    assert v.outcomes() == ["waiting"]


def test_counts_that_were_overtaken_close_nothing(village, db):
    v = opened(village, db)
    texts(v, "M C 5000000 100000")
    close = v.code_of(KEEPER)
    texts(v, "M F7 5000")
    texts(v, f"OK {v.code_of(KEEPER)}")
    assert texts(v, f"OK {close}").startswith("Something else was noted since.")
    assert v.outcomes() == []


def test_two_openings_open_one_meeting(village, db):
    v = twenty(village, db)
    codes = []
    for _ in range(2):
        texts(v, "M OL 5000000 100000")
        codes.append(v.code_of(KEEPER))
    assert texts(v, f"OK {codes[0]}").startswith("The meeting is open.")
    assert texts(v, f"OK {codes[1]}") == "A meeting is open already."
    assert texts(v, "M OS 5000000 100000") == "A meeting is open already."
    assert v.rows("select count(*) as n from meeting where group_id = %s")[0].n == 1


def test_a_text_of_the_last_meeting_does_not_count_in_the_next(village, db):
    v = opened(village, db)
    texts(v, "M F7 5000")
    old = v.code_of(KEEPER)
    texts(v, "M C 5000000 100000")
    texts(v, f"OK {v.code_of(KEEPER)}")
    v.text(TREASURER, f"OK {v.code_of(TREASURER)}")
    v.work()
    assert noted(v) is None
    assert texts(v, f"OK {old}").startswith("No meeting is open.")
    texts(v, "M OS 5000000 100000")
    texts(v, f"OK {v.code_of(KEEPER)}")
    assert texts(v, f"OK {old}").startswith("Something else was noted since.")
    assert noted(v) == []


def opened(village, db, **changes):
    return open_by_text(twenty(village, db, **changes))


def open_by_text(v, loan_fund="5000000", social_fund="100000"):
    texts(v, f"M OL {loan_fund} {social_fund}")
    texts(v, f"OK {v.code_of(KEEPER)}")
    assert noted(v) == []
    return v


# ---------------------------------------------------------------- everything a meeting notes


@pytest.mark.parametrize(
    ("words", "answer", "notes"),
    [
        ("M D3 P1", "represented: 3. present: 1", [("attend", 3, {"status": "represented"}), ("attend", 1, {"status": "present"})]),
        ("M SF3 7500", "No.3 Thu: social fund 7.500d", [("pay_social_fund", 3, {"amount": 7500})]),
        ("M B12 3", "No.12 Hoa: 3 shares = 60.000d", [("buy_shares", 12, {"units": 3})]),
        ("M SB7 2", "No.7 Nga: sells back 2 shares = 40.000d", [("redeem_shares", 7, {"units": 2})]),
        ("M SC1 40", "No.1 Lan: 40 catch-up shares = 800.000d", [("buy_shares", 1, {"units": 40, "catch_up": True})]),
        ("M FC7 3000", "No.7 Nga: new fine 3.000d, other", [("charge_fine", 7, {"why": "other", "amount": 3000})]),
        ("M FK7 2 FW7 5000", "No.7 Nga: new fine 5.000d, late. No.7 Nga: fine waived 5.000d",
         [("charge_fine", 7, {"why": "late", "amount": 5000}), ("waive_fine", 7, {"amount": 5000})]),
        ("M G12 50000 2", "No.12 Hoa: grant 50.000d, funeral", [("grant", 12, {"amount": 50000, "what": "funeral"})]),
        ("M XS 30000 (new roof)", "Social fund: expense 30.000d, new roof", [("spend", KEEPER, {"amount": 30000, "what": "new roof", "fund": "social_fund"})]),
        ("M I 20000 2", "other income 20.000d, gift", [("receive_other", KEEPER, {"amount": 20000, "what": "gift"})]),
        ("M K+500000 KS-50000", "Loan fund: 500.000d to the bank. Social fund: 50.000d from the bank",
         [("move", KEEPER, {"amount": 500000, "to_bank": True, "fund": "loan_fund"}), ("move", KEEPER, {"amount": 50000, "to_bank": False, "fund": "social_fund"})]),
        ("M V+900000", "entrusted money in 900.000d", [("entrust", KEEPER, {"amount": 900000, "back": False, "charge": 0})]),
        ("M N7 500000 2 4", "No.7 Nga: loan 500.000d until ", None),
        ("M RT12 4", "No.12 Hoa: loan extended until ", None),
    ],
)  # fmt: skip
def test_each_letter_notes_what_the_keypad_would(village, words, answer, notes):
    v = open_by_text(village(constitution={"late_joining": "catch_up"}, opening={"social_fund_bank": 60_000}))
    said = texts(v, words)
    assert said.startswith(answer), said
    assert noted(v) == []
    texts(v, f"OK {v.code_of(KEEPER)}")
    assert len(noted(v)) == len(notes or [1])
    assert notes is None or noted(v) == notes


def test_a_loan_by_text_says_what_was_agreed(village, db):
    v = opened(village, db)
    assert re.fullmatch(r"No\.7 Ga: loan 2\.000\.000d until [0-9/]+, school, 13 say yes TOO FEW: 14 needed\. To note it reply OK [0-9]+\.",
                        texts(v, "M N7 2000000 3 13 4"))  # fmt: skip
    texts(v, f"OK {v.code_of(KEEPER)}")
    (kind, member, body), *rest = noted(v)
    assert (kind, member, body["amount"], body["votes"], body["purpose"], rest) == ("grant_loan", 7, 2_000_000, 13, "school", [])
    assert texts(v, "M C 3000000 100000").startswith("No.7: Her loan needs 14 yes votes")


def test_guarantors_stand_behind_a_plus(village, db):
    v = opened(village, db, constitution={"loan": {"multiple": 3, "max_term_days": 180, "one_at_a_time": True, "guarantors": 2}})
    assert texts(v, "M N7 2000000 3 18 1").startswith("No.7: 2 other members must stand for it.")
    assert "guarantors 3, 5. To note it reply OK" in texts(v, "M N7 2000000 3 18 1 +5,3")
    texts(v, f"OK {v.code_of(KEEPER)}")
    assert [body["guarantors"] for _, _, body in noted(v)] == [(3, 5)]


def test_of_several_loans_one_is_named(village):
    terms = {"issued": "2026-03-24", "due": "2029-09-24"}
    v = open_by_text(village(
        opening={"loans": [{"member": 12, "principal": principal, "charge_due": 0, **terms} for principal in (200_000, 300_000)]},
        constitution={"loan": {"multiple": 3, "max_term_days": 180, "one_at_a_time": False}},
    ))  # fmt: skip
    answer = texts(v, "M R12 100000")
    (first, owes), (second, more) = re.findall(r"12\.([0-9]+) ([0-9.]+)d", answer)
    assert answer == f"No.12: Which loan? Write it behind her number: 12.{first} {owes}d, 12.{second} {more}d."
    assert texts(v, f"M R12.{second} 100000 RT12.{first} 3").startswith(f"No.12 Hoa: repays 100.000d (12.{second}). No.12 Hoa: loan extended until ")
    texts(v, f"OK {v.code_of(KEEPER)}")
    assert [(kind, body["loan_no"]) for kind, _, body in noted(v)] == [("repay", int(second)), ("roll_over", int(first))]
    assert texts(v, "M R12.99 100000").startswith("No.12: Which loan?")


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("M FK7 3", "Choose by number: 1 absent, 2 late."),
        ("M G12 50000 9", "Choose by number: 1 illness, 2 funeral, 3 birth, 4 disaster, 5 other."),
        ("M N7 100000 9 15", "The time must be from 1 to "),
        ("M N7 100000 2 21", "Only 20 members are here"),
        ("M N7 9000000 2 15", "No.7: Too much: her shares allow at most 2.400.000d."),
        ("M X 5000 (a very long word about what was bought)", "Please type a word or two"),
        ("M RB12 5000", "No.12: She has no such debt."),
        ("M PL7 5000", "No.7: That is more than is owed: 0d."),
        ("M Y+5000000", "By its rules the group may not borrow"),
        ("M SC8 3", "No.8: Your rules do not allow catch-up"),
        ("M U5", "Nothing has been noted yet."),
        ("M ?99", "There is no member No.99."),
        ("M R12 1000 " + "L4,17 " * 30, "That is too much for one text."),
    ],
)
def test_what_cannot_be_is_said_and_nothing_noted(village, db, words, answer):
    v = opened(village, db)
    said = texts(v, words)
    assert said.startswith(answer), said
    assert noted(v) == []


def test_the_same_again_is_pointed_out(village, db):
    v = opened(village, db)
    for answer in ("No.7 Ga: fine paid 5.000d.", "Noted already! No.7 Ga: fine paid 5.000d."):
        assert texts(v, "M F7 5000").startswith(answer)
        texts(v, f"OK {v.code_of(KEEPER)}")
    texts(v, "M B4 1")
    texts(v, f"OK {v.code_of(KEEPER)}")
    before = len(v.texts(KEEPER))
    texts(v, "M S00010000000000000002")
    first, second = v.texts(KEEPER)[before:]
    assert first.endswith("20:2. Shares of No.4 are noted already. These are added")
    assert second.startswith("M: Shares 3 = 60.000d. To note it reply OK ")


@pytest.mark.parametrize("language", ["en", "vi", "sw", "fr"])
def test_a_row_of_forty_is_read_back_in_texts_of_one_part(village, language):
    roles = {1: ["chair"], 2: ["record_keeper"], 3: ["treasurer"]}
    v = village(group={"language": language}, members=tuple((n + 100, f"Nguyen Thi {n}", roles.get(n, [])) for n in range(1, 41)),
                opening={"shares": [], "loans": []})  # fmt: skip
    texts(v, "M OS 5000000 100000", 102)
    texts(v, f"OK {v.code_of(102)}", 102)
    before = len(v.texts(102))
    texts(v, "M S" + "5" * 39 + "0", 102)
    read = v.texts(102)[before:]
    assert re.findall(r"\d{3}:\d", " ".join(read)) == [f"{n + 100}:{0 if n == 40 else 5}" for n in range(1, 41)]
    assert {row.parts for row in v.rows("select parts from outbox where group_id = %s")} == {1}
    assert len(read) <= 3
    texts(v, f"OK {v.code_of(102)}", 102)
    assert len(noted(v)) == 39


# ---------------------------------------------------------------- taken back, looked at


def test_notes_are_taken_back_by_number_once(village, db):
    v = opened(village, db)
    texts(v, "M F7 1000 F8 2000 F9 3000")
    texts(v, f"OK {v.code_of(KEEPER)}")
    assert texts(v, "M ?8") == "No.8 Ha: 2) fine paid 2.000d"
    assert texts(v, "M U1,3").startswith("Take it back? 1) No.7 Ga: fine paid 1.000d, 3) No.9 Ia: fine paid 3.000d\nReply OK ")
    ok = v.code_of(KEEPER)
    assert len(noted(v)) == 3
    assert texts(v, f"OK {ok}") == "Taken back."
    texts(v, f"OK {ok}")
    assert [member for _, member, _ in noted(v)] == [8]
    assert texts(v, "M U3") == "That note is not there any more."
    assert texts(v, "M U").startswith("Take it back? 2) No.8 Ha: fine paid 2.000d")
    texts(v, f"NO {v.code_of(KEEPER)}")
    texts(v, f"OK {v.code_of(KEEPER)}")
    assert len(noted(v)) == 1


def test_what_was_noted_so_far(village, db):
    v = opened(village, db)
    texts(v, "M L4 SF-9 B7 2")
    texts(v, f"OK {v.code_of(KEEPER)}")
    totals = "Loan fund 5.040.000d, social fund 195.000d. Here 20, shares 2. Not paid 1 = 5.000d. Fines 5.000d. Last note 21"
    assert texts(v, "M ?") == texts(v, "m t") == totals
    assert texts(v, "M ?4") == "No.4 Da: 5) social fund 5.000d, 1) late"
    assert len(noted(v)) == 21


# ---------------------------------------------------------------- misspelt, and help


@pytest.mark.parametrize(
    ("words", "piece", "example"),
    [
        ("M L4 and 17", "and 17", "L4,17"),
        ("M X9", "X9", "X 30000 4"),
        ("M R12 520.000", "R12 520.000", "R12 520000"),
        ("m r12 520 000", "000", "R12 520000"),
        ("M F7 5000 C 5005000 100000", "C 5005000 100000", "C 4766000 190000"),
        ("M K 500000", "K 500000", "K+500000"),
        ("M XS 500 ( )", "XS 500 ( )", "XS 30000 (soap)"),
        ("M N7 100000 2 15 1 ( )", "( )", "N7 2000000 3 18 1"),
        ("M {[€]} " + "x" * 60, "{[€]}", "L4,17"),
    ],
)
def test_what_was_not_understood_is_named(village, db, words, piece, example):
    v = opened(village, db)
    assert texts(v, words) == f"Not understood: {piece}. Nothing was noted. Write it like: M {example}. All letters: M HELP"
    assert noted(v) == []
    assert {row.parts for row in v.rows("select parts from outbox where group_id = %s")} == {1}


def test_misspelt_texts_are_answered_a_few_times_an_hour(village, db):
    v = opened(village, db)
    before = len(v.texts(KEEPER))
    for _ in range(9):
        texts(v, "M X9")
    assert len(v.texts(KEEPER)) - before == 6
    assert texts(v, "M F7 5000").startswith("No.7 Ga: fine paid")  # what is right is still read back


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_word_that_is_taught_gives_the_letters(village, db, owner, language):
    v = twenty(village, db)
    owner.execute("update member set language = %s where group_id = %s and number = %s", (language, v.group_id, KEEPER))
    texts(v, "M OL 5000000 100000")
    [taught] = re.findall(r"M [A-Z]{4,}", texts(v, f"OK {v.code_of(KEEPER)}"))
    assert "RT7" in texts(v, taught)
    assert texts(v, "M zz 3").endswith(taught)


def test_others_get_the_usual_help_text(village, db):
    v = opened(village, db)
    for member in (TREASURER, 5):
        answer = texts(v, "M X9", member)
        assert answer
        assert "Not understood" not in answer
        assert texts(v, "M HELP", member) == ""  # one an hour, as for any text


def test_who_may_open_a_meeting_is_told_how(village, db):
    v = twenty(village, db)
    assert texts(v, "M L4") == "No meeting is open. To open one, text both counts: M OL 5000000 100000"
    assert texts(v, "M OL 5000000").startswith("Not understood: OL 5000000. Nothing was noted. Write it like: M OL 5000000 100000.")
    assert noted(v) is None


@pytest.mark.parametrize("words", ["M", "m help", "M giúp", "M msaada", "M aide"])
def test_the_letters_in_two_texts(village, db, words):
    v = opened(village, db)
    before = len(v.texts(KEEPER))
    texts(v, words)
    first, more = v.texts(KEEPER)[before:]
    assert first.startswith("M OL/OS 2 counts")
    assert more.startswith("N7 500 3 18: loan")


def test_the_same_text_delivered_twice_is_read_back_once(village, db):
    v = opened(village, db)
    before = len(v.texts(KEEPER))
    for _ in range(2):
        v.text(KEEPER, "M F7 5000", message_id="AT-same")
        v.work()
    assert len(v.texts(KEEPER)) == before + 1
    ok = f"OK {v.code_of(KEEPER)}"
    for _ in range(2):
        v.text(KEEPER, ok, message_id="AT-ok")
        v.work()
    assert len(noted(v)) == 1


def test_a_phone_that_members_share_keeps_no_meeting_by_text(village, db, owner):
    v = opened(village, db)
    owner.execute("insert into member_phone (group_id, member, phone) values (%s, 5, %s)", (v.group_id, v.phones[KEEPER]))
    for words in ("M F7 5000", "M ?", "M X9"):
        answer = texts(v, words)
        assert "To note it" not in answer
        assert "Not understood" not in answer
        assert "Loan fund" not in answer
    assert noted(v) == []


@pytest.mark.parametrize("language", ["vi", "sw", "fr"])
def test_a_meeting_in_her_language(village, language):
    v = village(group={"language": language})
    for words in ("M OL 4990000 100000 2", "M L7 SF-12", "M R12 515000 N7 1000000 3 4 1", "M U", "M C 5505000 120000"):
        texts(v, words)
        assert len(re.findall(r" (?:CO|NDIYO|OUI) [2-9]{5}", v.texts(KEEPER)[-1])) == 1
        yes = re.findall(r"(?:CO|NDIYO|OUI) [2-9]{5}", v.texts(KEEPER)[-1])[0]
        assert texts(v, yes)
    for words in ("M ?", "M", "M X9", "M C 1 1", "M FK7 9"):
        texts(v, words)
    assert {(row.encoding, row.parts) for row in v.rows("select encoding, parts from outbox where group_id = %s")} == {("GSM-7", 1)}
    assert v.outcomes() == ["waiting"]
