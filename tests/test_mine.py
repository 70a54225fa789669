"""A member's own pages: what her loan costs, her last meetings, the funds as of the last close, what she wishes."""

from __future__ import annotations

import re

import pytest
from afternoon import about, agent, agree, meet

from ledger.commands import BuyShares, GrantLoan, PaySocialFund
from menus.texts import LANGUAGES

MINE = ("9", "9", "8")


def test_what_her_loan_costs(village):
    v = village()
    page = v.dial(12, *MINE, "1")
    assert page.startswith("CON Loan 1.500.000d + charge 15.000d\nDue 24/09/2026")
    assert v.dial(7, *MINE, "1").startswith("CON You have no loan")


@pytest.mark.parametrize(("method", "more"), [("declining", "+7.500d"), ("flat", "+10.000d")])
def test_each_further_period_has_its_price(village, method, more):
    v = village(constitution={"service_charge": {"method": method}}, opening={"loans": []})
    due = v.rows("select (now() at time zone timezone)::date + 80 as d from savings_group where group_id = %s")[0].d
    meet(v, GrantLoan(**about(v, 7), amount=1_000_000, due_on=due, votes=5))
    v.dial(7, "4", "260000", "1")
    v.text(3, f"OK {v.code_of(3)}")
    v.work()
    assert v.outcomes()[-1] == "posted"
    page = v.dial(7, *MINE, "1")
    assert f"Each further period: {more}" in page


def test_what_a_book_begins_with_says_whether_it_is_hers_or_owed(village):
    page = village().dial(12, "6")
    assert " shares brought in 200.000d\n" in page
    assert " debt brought in 1.500.000d\n" in page


def test_the_last_meetings_say_what_she_did(village):
    v = village()
    assert v.dial(7, *MINE, "2").startswith("CON No meeting has been closed yet.")
    meet(v, BuyShares(**about(v, 7), units=3), PaySocialFund(**about(v, 7), amount=5_000))
    for _ in range(3):
        meet(v)
    page = v.dial(7, *MINE, "2")
    assert page.count(": nothing entered.") == 3
    assert "3 shares = 60.000" not in page, "only the last three"
    meet(v, BuyShares(**about(v, 7), units=2))
    assert ": 2 shares = 40.000." in v.dial(7, *MINE, "2").split("\n")[0]


def test_the_funds_are_those_of_the_last_close(village):
    v = village()
    assert v.dial(7, *MINE, "3").startswith("CON No meeting has been closed yet.")
    meet(v, BuyShares(**about(v, 7), units=3))
    page = v.dial(7, *MINE, "3")
    assert "Loan fund 5.060.000d\nSocial fund 100.000d\nLent out 1.500.000d\nCode " in page
    v.dial(12, "4", "500000", "1")
    v.text(3, f"OK {v.code_of(3)}")
    v.work()
    assert v.outcomes()[-1] == "posted"
    assert v.dial(7, *MINE, "3") == page, "what has happened since is not said before the next close"


def test_by_the_group_s_rules_the_funds_are_for_officers_only(village):
    v = village(constitution={"funds_seen_by": "officers"})
    meet(v)
    assert v.dial(7, *MINE, "3").startswith("CON By your rules only officers see the funds here. Read the SMS")
    assert "Loan fund 5.000.000d" in v.dial(3, *MINE, "3")
    [closing] = [text for text in v.texts(7) if "CLOSED" in text or "No.7" in text][-1:]
    assert "Loan fund 5.000.000, social fund 100.000" in closing, "her receipt gives them all the same"


@pytest.mark.parametrize("language", LANGUAGES)
def test_why_the_funds_are_not_shown_is_said_in_every_language(village, language):
    v = village(group={"language": language}, constitution={"funds_seen_by": "officers"})
    meet(v)
    assert not re.search("[0-9]{3}", v.dial(7, *MINE, "3")), "no figure"
    assert "5.000.000" in v.dial(2, *MINE, "3")


def test_she_asks_to_borrow_and_two_officers_hear_it(village):
    v = village()
    assert v.dial(7, *MINE, "4").startswith("CON You may borrow at most 2.400.000d now. How much")
    assert v.dial(7, *MINE, "4", "2500000").startswith("CON You may borrow at most 2.400.000d now.")
    assert v.dial(7, *MINE, "4", "600000", "2").startswith("END Nothing was sent")
    assert v.dial(7, *MINE, "4", "600000", "1").startswith("END They have been told")
    for officer in (1, 2):
        assert v.texts(officer)[-1] == "Doan Ket: No.7 Nga would like to borrow 600.000d. Nothing is booked; the group decides at the meeting."
    assert not v.texts(3)
    assert (v.entries(), v.outcomes()) == (1, [])
    v.dial(7, *MINE, "4", "700000", "1")
    assert v.dial(7, *MINE, "4").startswith("CON You have asked today.")


def test_an_amount_above_her_limit_is_asked_again_at_once(village):
    v = village()
    assert v.dial(7, *MINE, "4", "2500000", "600000").startswith("CON Tell the record-keeper and the chair that you would like to borrow 600.000d?")


def test_the_page_of_shares_says_how_many_she_may_still_buy(village):
    v = village()
    meet(v)
    v.dial(7, "2", "3", "1")
    v.text(3, f"OK {v.code_of(3)}")
    v.work()
    assert v.dial(7, "2").startswith("CON One share is 20.000d. How many? (1-2)")
    assert v.dial(7, "2", "3").startswith("CON At most 2 more shares at this meeting.")
    v.dial(7, "2", "2", "1")
    v.text(3, f"OK {v.code_of(3)}")
    v.work()
    assert v.dial(7, "2") == "CON At most 0 more shares at this meeting.\n0. Back"


def test_who_has_left_is_not_asked_how_many_shares_she_buys(village):
    v = village()
    v.dial(1, "9", "8", "7", "1", "1")
    agree(v, [3, 2])
    assert v.outcomes() == ["posted"]
    assert v.dial(7, "2").startswith("CON Member No.7 has left the group.")


def test_who_owes_fines_reads_what_she_owes_before_she_pays(village):
    v = village(opening={"fines": [{"member": 12, "amount": 15_000}]})
    assert v.dial(7, "5").startswith("CON Fines: late 5.000d, absent 10.000d. How much do you pay?")
    assert v.dial(12, "5").startswith("CON You owe 15.000d in fines. How much do you pay?")


def test_she_asks_to_be_called_once_a_day(village, owner):
    v = village()
    assert v.dial(7, *MINE, "5").startswith("CON Nobody could be told")
    agent(v, owner)
    assert v.dial(7, *MINE, "5").startswith("CON Ask your agent Binh to call you?\n1. Yes")
    assert v.dial(7, *MINE, "5", "1").startswith("END Your agent has been asked")
    assert v.texts(0) == ["Doan Ket: No.7 Nga asks you to call her."]
    assert v.dial(7, *MINE, "5").startswith("CON You have asked today.")
    assert v.entries() == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_of_hers_in_every_language(village, owner, language):
    v = village(group={"language": language})
    agent(v, owner)
    meet(v)
    for key in "123456":
        assert v.dial(12, *MINE, key).startswith("CON ")


def test_she_chooses_short_receipts_and_all_figures_again(village):
    v = village()
    assert v.dial(7, *MINE, "6").startswith("CON After a meeting, send me only what I did?")
    assert v.dial(7, *MINE, "6", "1").startswith("END Noted.")
    meet(v, BuyShares(**about(v, 7), units=3))
    [told] = v.texts(7)
    assert "No.7: 3 shares = 60.000. Wrong? NO 2. Code " in told
    assert "Total" not in told
    assert "Total 10" in v.texts(12)[0], "others get everything"
    assert v.dial(7, *MINE, "6").startswith("CON After a meeting, send me all figures?")
    v.dial(7, *MINE, "6", "1")
    meet(v)
    assert "Total 43" in v.texts(7)[1]
