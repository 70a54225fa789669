"""A member says that an entry is wrong: by text or by dialling. The group goes on; the answer is a correction or words, never an edit."""

from __future__ import annotations

import pytest
from afternoon import about, agent, agree, ask, counted_entry, decide, meet, note_all

from ledger.commands import BuyShares, Correct, PaySocialFund, Repay


def say(v, member, words):
    """A text; what the worker noted beside it."""
    message_id = v.text(member, words)
    v.work()
    with v.db.transaction() as conn:
        return conn.execute("select result from inbound_sms where provider_id = %s", (message_id,)).fetchone().result


def disputes_of(v):
    from ledger import disputes

    with v.db.transaction() as conn:
        return disputes.contested(conn, v.group_id, open_only=False)


def a_meeting(v):
    """Hoa buys three shares, pays 520,000 and her contribution; Nga pays hers. Entry 2."""
    return meet(
        v, BuyShares(**about(v, 12), units=3), Repay(**about(v, 12), loan_no=1, amount=520_000), PaySocialFund(**about(v, 12), amount=5_000),
        PaySocialFund(**about(v, 7), amount=5_000),
    )  # fmt: skip


# ---------------------------------------------------------------- by text


def test_a_full_dispute_text_correction_by_two_people_and_balances_as_if_entered_right(village, owner):
    wrong, right = village(), village()
    agent(wrong, owner)
    for v, units in ((wrong, 3), (right, 2)):
        assert meet(v, BuyShares(**about(v, 12), units=units), PaySocialFund(**about(v, 12), amount=5_000)) == "posted"
    assert wrong.texts(12)[0].split("Wrong? ")[1].startswith("NO 2")
    assert say(wrong, 12, "NO 2") == "contested"
    [dispute] = disputes_of(wrong)
    assert (dispute.entry_no, dispute.member, dispute.how) == (2, 12, "")
    assert "No.12 Hoa says receipt 2 of " in wrong.texts(1)[-1]
    assert "is wrong. The chair has been told." in wrong.texts(0)[-1]
    assert "is marked: No.12 says it is wrong. The chair will answer you." in wrong.texts(12)[-1]
    assert not [text for text in wrong.texts(3) if "is wrong" in text], "only the chair and the agent are told"

    wish = Correct(**about(wrong, 12, asked_by=1), entry_no=2, item="shares", right=2, why="mistyped")
    officers = ask(wrong, wish)
    assert officers == [3], "the chair asks, the treasurer agrees: two people"
    assert "No.12 Hoa receipt 2, shares 3 -> 2 (typing mistake). Reply OK" in wrong.texts(3)[-1]
    agree(wrong, officers)
    assert wrong.outcomes()[-1] == "posted"
    hers = wrong.texts(12)[-1]
    assert "CORRECTED: No.12 Hoa, receipt 2 of " in hers
    assert hers.endswith(": shares 3 -> 2 (typing mistake). Shares 13 -> 12. Wrong? NO 3")
    for officer in (0, 1, 2, 3):
        assert len([text for text in wrong.texts(officer) if "CORRECTED" in text]) == 1
    assert not [text for text in wrong.texts(7) if "CORRECTED" in text], "nobody else's business"
    [dispute] = disputes_of(wrong)
    assert (dispute.how, dispute.answer_entry) == ("corrected", 3)
    assert balances(wrong) == balances(right)
    assert wrong.shares(12) == (12, 240_000)
    wrong.verify()


def balances(v):
    from ledger.books import Book

    with v.db.transaction() as conn:
        return {number: both for number, both in Book(conn, v.group_id).balances().items() if any(both)}


@pytest.mark.parametrize(
    "words",
    ["NO 2", "no2", "Sai 2", "SAI? Nhắn SAI 2", "báo sai 2", "không đúng số 2", "SI SAHIHI 2", "Si sahihi 2.", "KOSA 2", "hapana 2", "ERREUR 2",
     "Erreur ? NON 2", "non 2", "Wrong? NO 2", "Wrong? Text NO 2", "wrong receipt 2", "2 wrong", "NO 2 I bought 2 shares not 3", "NO 12", "SAI SO 12"],
)  # fmt: skip
def test_a_receipt_is_contested_in_every_language(village, words):
    v = village()
    a_meeting(v)
    assert say(v, 12, words) == "contested"
    assert [one.entry_no for one in disputes_of(v)] == [2]


@pytest.mark.parametrize("words", ["2", "OK 2", "no", "yes 2", "what is 2", "NO", "receipt 2", "thank you 2", "NO 48213 NO 2"])
def test_what_only_looks_like_it_contests_nothing(village, words):
    v = village()
    a_meeting(v)
    assert say(v, 12, words) in ("help", "not understood")
    assert not disputes_of(v)


def test_who_did_nothing_may_say_that_her_line_is_missing(village):
    v = village()
    meet(v, BuyShares(**about(v, 12), units=1))
    assert say(v, 7, "NO 2") == "contested"


def test_an_open_code_wins_over_a_dispute_and_another_number_is_no_code(village, owner):
    v = village()
    a_meeting(v)
    v.dial(12, "2", "1", "1")
    code = v.code_of(3)
    assert say(v, 3, "NO 2") == "contested", "an officer contests her own line with it"
    assert v.outcomes()[-1] == "waiting"
    assert say(v, 3, f"NO {code}") == "refused"
    assert say(v, 3, f"SAI {code}") in ("help", "not understood"), "no receipt has this number"
    assert say(v, 3, "NO 99999") == "wrong_code"


def test_the_number_of_somebody_elses_receipt(village):
    v = village()
    v.dial(12, "2", "1", "1")
    agree(v, [3])
    assert say(v, 7, "NO 2") == "dispute_unknown"
    assert "There is no receipt 2 of yours." in v.texts(7)[-1]
    assert say(v, 12, "NO 12") == "contested", "her own number is her last receipt"


def test_a_dispute_is_bounded(village):
    v = village()
    for _ in range(6):
        v.dial(12, "3", "5000", "1")
        agree(v, [3])
    v.text(12, "NO 2", message_id="same")
    v.text(12, "NO 2", message_id="same")
    v.work()
    assert say(v, 12, "SAI 2") == "dispute_again"
    assert [say(v, 12, f"NO {entry}") for entry in (3, 4, 5, 6)] == ["contested"] * 4
    assert say(v, 12, "NO 7") == "dispute_too_many"
    assert len(disputes_of(v)) == 5
    told = len(v.texts(1))
    assert say(v, 12, "NO 7") == "dispute_too_many"
    assert [say(v, 12, "NO 7"), say(v, 12, "NO 77"), say(v, 12, "NO 2")] == ["not answered"] * 3
    assert len(v.texts(1)) == told, "the chair hears of five, however often she texts"


def test_her_own_book_of_several_is_the_one_that_wrote_to_her(village, owner):
    here, there = village(), village()
    owner.execute("insert into member_phone values (%s, %s, 7)", (here.phones[12], there.group_id))
    a_meeting(here)
    a_meeting(there)
    assert say(here, 12, "NO 2") == "contested"
    assert not disputes_of(here)
    assert len(disputes_of(there)) == 1, "the text that came last"


# ---------------------------------------------------------------- by dialling


def test_dialling_reports_an_error_and_the_chair_explains_it(village, owner):
    v = village()
    agent(v, owner)
    a_meeting(v)
    page = v.dial(12, "9", "2")
    assert page.startswith("CON Which receipt is wrong? Type its number.\n2: ")
    assert "shares 3" in page
    assert v.dial(12, "9", "2", "77").startswith("CON There is no receipt 77 of yours.")
    asked = v.dial(12, "9", "2", "2")
    assert "shares 3, repayment 520.000, .... Is it wrong?" in asked
    assert "Is it wrong? The chair will be told." in asked
    assert v.dial(12, "9", "2", "2", "1") == "END Receipt 2 is marked. The chair will answer you by SMS."
    assert "No.12 Hoa says receipt 2" in v.texts(1)[-1]
    assert v.dial(7, "9", "3").startswith("CON Please choose"), "not for every member"
    assert "1. No.12 Hoa, receipt 2 of " in v.dial(1, "9", "3")
    assert "1. Answer in words\n2. Correct it" in v.dial(1, "9", "3", "1")
    assert v.dial(1, "9", "3", "1", "1", "w" * 61).startswith("CON Please use at most 60 plain letters.")
    page = v.dial(1, "9", "3", "1", "1", "We counted it twice, three stamps")
    assert page.startswith("CON Answer to No.12 Hoa: We counted it twice, three stamps")
    assert v.dial(1, "9", "3", "1", "1", "We counted it twice, three stamps", "1") == "END Your answer is sent."
    answer = "Doan Ket, receipt 2 of No.12, No.1 Lan answers: We counted it twice, three stamps"
    assert v.texts(12)[-1] == v.texts(0)[-1] == answer
    assert [(one.how, one.words) for one in disputes_of(v)] == [("explained", "We counted it twice, three stamps")]
    assert v.dial(1, "9", "3").startswith("CON Nobody says that a receipt is wrong.")
    v.verify()


def test_nobody_answers_her_own_dispute(village):
    v = village()
    meet(v, BuyShares(**about(v, 1), units=2))
    assert say(v, 1, "NO 2") == "contested"
    assert [officer for officer in (2, 3) if "No.1 Lan says receipt 2" in v.texts(officer)[-1]] == [2, 3], "the chair contests: the others hear"
    assert v.dial(1, "9", "3", "1", "1").startswith("CON You said this is wrong")


def test_a_contested_entry_is_corrected_by_dialling(village):
    v = village()
    a_meeting(v)
    say(v, 12, "NO 2")
    page = v.dial(1, "9", "3", "1", "2")
    assert page.startswith("CON No.12 Hoa: what is wrong?\n1. shares 3")
    assert "2. repayment 520.000" in page
    assert v.dial(1, "9", "3", "1", "2", "2").startswith("CON No.12 Hoa, receipt 2: repayment 520.000\n1. Another figure\n2. It never happened")
    path = ("9", "3", "1", "2", "2", "1", "52000", "1")
    assert v.dial(1, *path).startswith("CON No.12 Hoa: receipt 2, repayment 520.000 -> 52.000 (typing mistake)?")
    assert v.dial(1, *path, "1") == "END Sent to the treasurer. You will get an SMS."
    agree(v, [3])
    assert v.debt(12) == (1_500_000 + 15_000 - 52_000, 0)
    assert "repayment 520.000 -> 52.000 (typing mistake). Debt 995.000 -> 1.463.000. Wrong? NO 3" in v.texts(12)[-1]
    assert disputes_of(v)[0].how == "corrected"
    v.verify()


def test_an_entry_that_never_happened_is_taken_back_by_its_number(village):
    v = village()
    a_meeting(v)
    assert v.dial(1, "9", "7", "55").startswith("CON There is no receipt 55.")
    assert v.dial(1, "9", "7", "2").startswith("CON Receipt 2 of ")
    page = v.dial(1, "9", "7", "2", "4", "2", "3")
    assert page.startswith("CON No.7 Nga: receipt 2, social fund 5.000 -> 0 (was not paid)?")
    assert v.dial(1, "9", "7", "2", "4", "2", "3", "1").startswith("END Sent to")
    agree(v, [3])
    assert "social fund 5.000 -> 0 (was not paid). Social fund due 0 -> 5.000. Wrong? NO 3" in v.texts(7)[-1]
    page = v.dial(1, "6")
    assert "corrected" not in page
    [taken_back, first, _] = v.dial(7, "6").split("\n")[:3]
    assert taken_back.endswith(" social fund -5.000d, corrected"), "with a minus, so that she does not read it as paid twice"
    assert first.endswith(" social fund 5.000d")
    v.verify()


def test_a_correction_of_the_groups_own_item_is_told_to_everybody(village):
    from ledger.commands import Spend

    v = village()
    meet(v, Spend(**about(v, 2), amount=300_000, what="books"))
    assert decide(v, Correct(**about(v, 0, asked_by=1), entry_no=2, item="expense", right=30_000, why="mistyped")) == "posted"
    for member in (1, 2, 3, 7, 12):
        assert "Doan Ket, receipt 2 of " in v.texts(member)[-1]
        assert "expense 300.000 -> 30.000 (typing mistake). Loan fund 4.700.000 -> 4.970.000. Wrong? NO 3" in v.texts(member)[-1]
    v.verify()


def test_the_console_lists_what_is_open(village, client):
    v = village()
    a_meeting(v)
    say(v, 12, "NO 2")
    page = client.get(f"/console/groups/{v.code}").get_data(as_text=True)
    assert "Contested entries" in page
    assert f'<td class="n">{counted_entry(v)}</td>' in page.split("Contested entries")[1]
    assert "No meeting is open" in page
    note_all(v, BuyShares(**about(v, 12), units=1))
    page = client.get(f"/console/groups/{v.code}").get_data(as_text=True)
    assert "Meeting 2 of " in page
    assert "by No.2, 1 notes" in page
    after = v.code[:-1] + chr(ord(v.code[-1]) - 1)  # the list begins just before it
    row = client.get("/console", query_string={"after": after}).get_data(as_text=True).split(v.code, 1)[1].split("</tr>")[0]
    assert '<td class="n">1</td><td>20' in row
