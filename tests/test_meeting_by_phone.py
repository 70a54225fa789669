"""A whole meeting kept on a keypad, through the real application: the worked meeting E26, calls that are cut, counts that differ, a close
that is refused, notes taken back, and every kind of thing that can be noted."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from people import Call

from ledger import meetings, requests
from ledger.accounts import name_of
from ledger.books import Book
from ledger.commands import NOTED, Leave, WriteOff
from ledger.db import lock_group
from menus import engine
from menus.screens_meeting import MEETING_ROWS
from workers.settling import settle

E26 = next(e for e in json.loads((Path(__file__).parent / "data" / "vsla-examples.json").read_text())["examples"] if e["id"] == "E26")
GIVEN, WANTED = E26["inputs"], E26["expected"]
KEEPER, CHAIR, TREASURER = 2, 1, 3


def today(db):
    return db.connection().execute("select (now() at time zone 'Asia/Ho_Chi_Minh')::date as d").fetchone().d


class Keeper:
    """The record-keeper with her phone: dials again when a call is over or too long."""

    def __init__(self, village, member=KEEPER):
        self.village, self.member = village, member
        self.hops = self.calls = 0
        self.call = None

    def dial(self):
        """A new call, up to the meeting's page; what was cut before is not gone on with."""
        self.call = Call(self.village, self.member)
        self.calls += 1
        self.hops += 1
        if self.call.page.startswith("CON Your last call was cut"):
            self.press("2")
        return self.press("9", "5")

    def press(self, *keys):
        page = self.call.page
        for key in keys:
            page = self.call.press(key)
            self.hops += 1
        return page

    def note(self, *keys):
        """From the meeting's menu to a note and back."""
        if self.call is None or self.call.page.startswith("END") or self.call.text.count("*") > 40:
            self.dial()
        page = self.press(*keys)
        assert page.startswith("CON Noted."), page
        while "1. Roll call" not in page:
            page = self.press("0")
        return page

    def open(self, loan_fund, social_fund, kind="2", *why):
        page = self.dial()
        assert page.startswith("CON Which meeting is it?"), page
        page = self.press(kind, str(loan_fund), str(social_fund), *why, "1")
        assert page.startswith("CON The meeting is open.\nMeeting\n1. Roll call"), page
        return page

    def notes(self):
        with self.village.db.transaction() as conn:
            return [noted.request for noted in meetings.open_now(conn, self.village.group_id).notes]


@pytest.fixture
def small(village):
    """A small group: No.7 has 40 shares and no loan, No.12 has 10 and owes 1.515.000."""

    def found(**changes):
        return Keeper(village(**changes))

    return found


def close_with(v, *officers):
    """Each officer's yes by text, and the workers."""
    for officer in officers:
        v.text(officer, f"OK {v.code_of(officer)}")
    v.work()


# ---------------------------------------------------------------- the worked meeting


def e26(village, db):
    day = today(db)
    roles = {1: ["chair"], 2: ["record_keeper"], 3: ["treasurer"], 4: ["money_counter"]}
    members = tuple((number, f"Nguyen Thi {chr(64 + number)}a", roles.get(number, [])) for number in range(1, GIVEN["members"] + 1))
    given = {loan["member"]: loan["shares_held_after_today"] for loan in GIVEN["loans_issued"]}
    bought = dict(enumerate(GIVEN["shares_bought_by_present_members"], 1))
    shares = {number: held - bought[number] for number, held in given.items()} | {3: 40, 11: 40, 12: 60}
    owed = {3: (2_000_000, 20_000), 11: (1_000_000, 10_000), 12: (3_000_000, 30_000)}
    assert sum(principal for principal, _ in owed.values()) == GIVEN["opening"]["loans_outstanding_principal"]
    dates = {"issued": str(day - timedelta(days=20)), "due": str(day + timedelta(days=100))}
    return village(
        members=members,
        constitution={"share_price": GIVEN["share_price"], "shares_per_meeting": [1, GIVEN["max_shares"]], "fines_to": GIVEN["fines_to"],
                      "social_fund_contribution": GIVEN["social_fund_contribution"],
                      "fines": {"late": GIVEN["fine_late"], "absent": GIVEN["fine_absent"]}},
        opening={"loan_fund_cash": GIVEN["opening"]["loan_fund_cash"], "social_fund_cash": GIVEN["opening"]["social_fund_cash"],
                 "shares": [{"member": m, "units": u} for m, u in shares.items()],
                 "loans": [{"member": m, "principal": p, "charge_due": c, **dates} for m, (p, c) in owed.items()]},
    )  # fmt: skip


ACCOUNTS = {
    "LF cash": "assets:loan fund:cash box", "Fines income": "income:fines", "Fines receivable": "assets:loan fund:fine due",
    "SF cash": "assets:social fund:cash box", "Social fund equity": "equity:social fund",
    "SF contributions receivable": "assets:social fund:contribution due", "Member shares": "equity:shares",
    "Service charge income": "income:service charge", "Loans receivable": "assets:loan fund:loan", "Group expenses": "expenses:group",
}  # fmt: skip


def net(rows):
    """{account without its number: debits less credits}."""
    found = {}
    for account, amount in rows:
        name = account.rstrip("0123456789").rstrip(":")
        found[name] = found.get(name, 0) + amount
    return {name: amount for name, amount in found.items() if amount}


def of_the_meeting(v):
    rows = v.rows(
        """select l.debit, l.credit, l.amount from line l join entry e on e.group_id = l.group_id and l.line_no >= e.first_line
              and l.line_no < e.first_line + e.line_count where e.group_id = %s and e.kind = 4"""
    )
    return net([(name_of(row.debit), row.amount) for row in rows] + [(name_of(row.credit), -row.amount) for row in rows])


def test_E26_played_on_a_keypad(village, db):
    v = e26(village, db)
    keeper = Keeper(v)
    keeper.open(GIVEN["opening"]["loan_fund_cash"], GIVEN["opening"]["social_fund_cash"])
    keeper.note("1", "1", "4 8", "1")  # late
    keeper.note("1", "3", "19", "1")  # excused
    keeper.note("1", "2", "20", "1")  # absent
    keeper.note("2", "1", "1")  # all who are here have paid their contribution
    keeper.press("3")
    for number, units in enumerate(GIVEN["shares_bought_by_present_members"], 1):
        if keeper.call.text.count("*") > 55:  # a session is short: she dials again and goes on
            keeper.dial()
            keeper.press("3")
        assert keeper.press(str(number), str(units), "1").startswith("CON Noted.\nShares: member number? Or ")
    keeper.dial()
    for member in (4, 8):
        keeper.note("4", "1", str(member), str(GIVEN["fine_late"]), "1")
    grant = GIVEN["social_fund"]["grant"]
    keeper.note("7", "3", str(grant["member"]), str(grant["amount"]), "2", "1")
    for repaid in GIVEN["repayments"]:
        keeper.note("5", str(repaid["member"]), str(repaid["charge"] + repaid["principal"]), "1")
    keeper.note("7", "2", "1", str(GIVEN["expenses"][0]["amount"]), "1", "1")
    page = keeper.press("8", "1")
    assert "Loan fund 3.820.000d\nSocial fund 310.000d\nHere: 18\nShares today: 48" in page
    assert WANTED["loan_fund_available_before_lending"] == 3_820_000
    keeper.dial()
    for loan in GIVEN["loans_issued"]:
        most = WANTED["eligibility"][f"member_{loan['member']}_max"]
        page = keeper.press("6", str(loan["member"]))
        assert f"at most {most:,}d".replace(",", ".") in page
        keeper.press("00", "9", "5")
        keeper.note("6", str(loan["member"]), str(loan["amount"]), "1", "1", "3", "18", "1")
    page = keeper.press("9", str(WANTED["closing_loan_fund_cash"]), str(WANTED["closing_social_fund_cash"]))
    assert page == "CON Close the meeting?\nLoan fund 1.120.000d\nSocial fund 310.000d\n1. Yes\n2. No\n0. Back\n00. Home"
    assert keeper.press("1") == "END Sent to the treasurer. When they agree the meeting is closed and everybody gets an SMS."
    assert v.entries() == 1
    close_with(v, TREASURER)
    assert v.outcomes() == ["posted"]
    posted(v)
    print(f"E26: {keeper.hops} hops in {keeper.calls} calls")


def posted(v):
    """The journal of the example, all its steps in one entry."""
    steps = [(ACCOUNTS[name], amount if side == "D" else -amount) for step in WANTED["journal"] for name, side, amount in step["lines"]]
    assert of_the_meeting(v) == net(steps)
    with v.db.transaction() as conn:
        book = Book(conn, v.group_id)
        balances = net([(name_of(number), balance) for number, (balance, _) in book.balances().items()])
        assert book.cash() == WANTED["closing_loan_fund_cash"]
    assert balances[ACCOUNTS["SF cash"]] == WANTED["closing_social_fund_cash"]
    assert balances[ACCOUNTS["Loans receivable"]] == WANTED["loans_outstanding_principal_after"]
    assert balances[ACCOUNTS["Fines receivable"]] == WANTED["fine_receivable"]
    assert balances[ACCOUNTS["SF contributions receivable"]] == WANTED["social_fund_contribution_receivable"]
    assert v.shares(5)[0] == 30
    assert v.shares(9)[0] == 24
    v.verify()


# ---------------------------------------------------------------- opening and closing


def test_a_difference_at_the_opening_is_named_and_needs_a_reason(small):
    keeper = small()
    keeper.dial()
    page = keeper.press("1", "4990000", "105000")
    assert page.startswith("CON Loan fund: 10.000d too little\nSocial fund: 5.000d too much\nWhy?\n1. counted wrong before\n2. money is missing")
    page = keeper.press("2")
    assert page.startswith("CON Open: Savings meeting?\nLoan fund 4.990.000d\nSocial fund 105.000d\nDiffers: money is missing\n1. Yes")
    assert keeper.press("0", "0", "100000").startswith("CON Loan fund: 10.000d too little\nWhy?")  # she counts the social fund again
    assert keeper.press("2", "1").startswith("CON The meeting is open.")
    with keeper.village.db.transaction() as conn:
        meeting = meetings.open_now(conn, keeper.village.group_id)
    assert (meeting.loan_meeting, meeting.opening.over, meeting.opening.why) == (False, (-10_000, 0), "money_missing")


def test_a_difference_at_the_close_asks_two_officers_and_is_booked_apart(small):
    keeper = small()
    v = keeper.village
    keeper.open(5_000_000, 100_000)
    keeper.note("3", "7", "3", "1")
    page = keeper.press("9", "5060500", "100000")
    assert page.startswith("CON Loan fund: 500d too much\nWhy?\n1. counted wrong before")
    page = keeper.press("3")
    assert page.startswith(
        "CON Close the meeting?\nLoan fund 5.060.500d\nSocial fund 100.000d\nDiffers: money was found\nTwo officers will be asked.\n1. Yes"
    )
    assert keeper.press("1").startswith("END Sent to the treasurer and the chair.")
    page = keeper.dial()
    assert page.startswith("CON The officers have been asked to close the meeting."), page
    close_with(v, TREASURER)
    assert v.entries() == 1
    close_with(v, CHAIR)
    assert v.entries() == 2
    assert of_the_meeting(v)["expenses:over and short"] == -500
    v.verify()


def test_a_difference_that_was_counted_away_asks_for_nothing(small):
    """She picks a reason, goes back, counts again, and the box agrees: the ordinary officers are asked."""
    keeper = small()
    keeper.open(5_000_000, 100_000)
    page = keeper.press("9", "5000001", "100000", "1")
    assert "Two officers will be asked" in page
    page = keeper.press("0", "0", "0", "5000000", "100000")
    assert page == "CON Close the meeting?\nLoan fund 5.000.000d\nSocial fund 100.000d\n1. Yes\n2. No\n0. Back\n00. Home"
    assert keeper.press("1").startswith("END Sent to the treasurer.")


def test_what_was_noted_after_the_count_makes_her_count_again(small):
    keeper, other = small(), None
    keeper.open(5_000_000, 100_000)
    page = keeper.press("9", "5000000", "100000")
    assert page.startswith("CON Close the meeting?")
    other = Keeper(keeper.village, CHAIR)
    other.note("3", "7", "1", "1")
    page = keeper.press("1")
    assert page.startswith("CON Something was noted after the boxes were counted. Count again."), page
    assert keeper.press("0").startswith("CON Count the social fund box.")
    assert keeper.village.outcomes() == []


def test_an_empty_box_is_three_zeros(village):
    keeper = Keeper(village(opening={"loan_fund_cash": 0, "social_fund_cash": 0, "shares": [], "loans": []}))
    page = keeper.open("000", "000", "1")
    assert page.startswith("CON The meeting is open.")


def test_a_close_that_is_refused_says_for_whom_and_loses_nothing(small):
    keeper = small()
    v = keeper.village
    keeper.open(5_000_000, 100_000)
    page = keeper.press("6", "7", "1000000", "1", "1", "3", "2")
    assert page.startswith("CON No.7 Nga: loan 1.000.000d until ")
    assert "trade? 2 say yes. TOO FEW: 4 needed." in page
    keeper.press("1")
    keeper.dial()
    assert keeper.press("9", "4000000", "100000") == "CON No.7: Her loan needs 4 yes votes of those who are here.\n0. Back"
    assert len(keeper.notes()) == 1
    keeper.dial()
    page = keeper.press("8", "2")
    assert page.startswith("CON Newest first. Choose one to take it back.\n1. No.7 Nga: loan 1.000.000d until ")
    page = keeper.press("1")
    assert page.startswith("CON Take it back? No.7 Nga: loan 1.000.000d until ")
    assert keeper.press("1").startswith("CON Taken back.\nMeeting\n1. Roll call")
    assert keeper.notes() == []
    keeper.note("6", "7", "1000000", "1", "1", "3", "4", "1")
    assert keeper.press("9", "4000000", "100000", "1").startswith("END Sent to the treasurer.")
    close_with(v, TREASURER)
    assert v.debt(7)[0] == 1_000_000
    v.verify()


def test_money_that_is_not_in_the_box_is_refused_at_the_close(small):
    keeper = small()
    keeper.open(5_000_000, 100_000)
    keeper.note("7", "3", "7", "100001", "1", "1")
    page = keeper.press("9", "5000000", "000")
    assert page == "CON No.7: There is only 100.000d in the box.\n0. Back"
    keeper.dial()
    keeper.note("2", "3", "7", "1", "1")
    assert keeper.press("9", "5000000", "4999").startswith("CON Close the meeting?")


def test_one_close_at_a_time(small):
    keeper = small()
    keeper.open(5_000_000, 100_000)
    chair = Keeper(keeper.village, CHAIR)
    chair.dial()
    chair.press("9", "5000000")
    keeper.press("9", "5000000", "100000", "1")
    assert chair.press("100000") == "CON The officers have been asked to close the meeting. Wait for their answer.\n0. Back"
    assert keeper.village.outcomes() == ["waiting"]


def test_the_officers_refuse_the_close_and_the_meeting_goes_on(small):
    keeper = small()
    v = keeper.village
    keeper.open(5_000_000, 100_000)
    keeper.press("9", "5000000", "100000", "1")
    v.text(TREASURER, f"NO {v.code_of(TREASURER)}")
    v.work()
    assert v.outcomes() == ["refused"]
    keeper.note("3", "7", "1", "1")
    assert [request.kind for request in keeper.notes()] == ["buy_shares"]


def test_only_keepers_find_the_meeting(small):
    v = small().village
    for member, sees in ((CHAIR, True), (KEEPER, True), (TREASURER, False), (12, False)):
        assert ("5. Meeting" in v.dial(member, "9")) is sees
    assert "choose a number" in v.dial(TREASURER, "9", "5")


# ---------------------------------------------------------------- calls that are cut, hops that come twice


NOTES = {
    "roll call": ("1", "1", "7 12", "1"),
    "contributions": ("2", "1", "1"),
    "all but one": ("2", "2", "12", "1"),
    "contribution": ("2", "3", "7", "1", "1"),
    "shares": ("3", "7", "70000", "1"),
    "fine": ("4", "1", "7", "5000", "1"),
    "repayment": ("5", "12", "515000", "1"),
    "loan": ("6", "7", "500000", "2", "400000", "3", "2", "4", "1"),
    "expense": ("7", "2", "1", "5000", "6", "chalk", "1"),
}


@pytest.mark.parametrize("name", NOTES)
def test_a_call_may_be_cut_after_any_hop(small, name):
    keeper, keys = small(), NOTES[name]
    keeper.open(5_000_000, 100_000)
    for heard in range(len(keys)):
        assert keeper.dial().startswith("CON Meeting\n1. Roll call")
        keeper.press(*keys[:heard])
        assert keeper.notes() == []  # nothing counts before the last key, and the meeting is still there
    keeper.dial()
    page = keeper.press(*keys)
    noted = keeper.notes()
    assert noted
    assert page.startswith("CON Noted.")
    assert keeper.call.again() == page
    assert keeper.notes() == noted


@pytest.mark.parametrize("name", NOTES)
def test_a_hop_that_comes_again_after_memory_was_lost_notes_nothing_twice(small, redis_now, name):
    keeper, keys = small(), NOTES[name]
    keeper.open(5_000_000, 100_000)
    keeper.dial()
    keeper.press(*keys)
    noted = keeper.notes()
    redis_now.flushall()
    assert keeper.call.again().startswith("CON Noted.\nMeeting\n1. Roll call")
    assert keeper.notes() == noted
    assert keeper.press("3", "7").startswith("CON No.7 Nga has 4")  # and the call goes on from there
    redis_now.flushall()
    assert keeper.press("1").startswith("CON The call was cut. Look at 8.\nMeeting")
    assert keeper.notes() == noted


def test_the_opening_comes_again_after_memory_was_lost(small, redis_now):
    keeper = small()
    keeper.open(5_000_000, 100_000)
    redis_now.flushall()
    assert keeper.call.again().startswith("CON Noted.\nMeeting\n1. Roll call")
    assert keeper.village.rows("select count(*) as n from meeting where group_id = %s")[0].n == 1


def test_an_opening_that_is_cut_leaves_nothing_behind(small):
    keeper = small()
    for heard in range(4):
        assert keeper.dial().startswith("CON Which meeting is it?")
        keeper.press(*("2", "5000000", "100000")[:heard])
        assert keeper.village.rows("select count(*) as n from meeting where group_id = %s")[0].n == 0
    keeper.press("1")
    assert keeper.call.again() == keeper.call.page
    assert keeper.village.rows("select count(*) as n from meeting where group_id = %s")[0].n == 1


def test_a_shared_phone_goes_on_in_the_keepers_book(small, redis_now, owner):
    """The keeper's phone is her daughter's too: memory is lost, and it is still the keeper who notes."""
    keeper = small()
    v = keeper.village
    owner.execute("insert into member_phone (group_id, member, phone) values (%s, 12, %s), (%s, 1, %s)", (v.group_id, v.phones[2]) * 2)
    pin, mine = "730518", str(KEEPER)
    v.dial(KEEPER, mine, v.first_code(KEEPER, officer=3), pin, pin)
    keeper.call = Call(v, KEEPER)
    assert keeper.call.page == "CON Your member number?"
    keeper.press(mine, pin, "9", "5", "2", "5000000", "100000", "1", "3", "7", "2", "1")
    redis_now.flushall()
    assert keeper.call.again() == "CON Your member number?", "who is calling is asked again"
    keeper.press(mine, pin, "9", "5", "4", "1", "7", "5000", "1")
    assert [(request.kind, request.asked_by) for request in keeper.notes()] == [("buy_shares", KEEPER), ("pay_fine", KEEPER)]


def test_a_confirm_page_walked_again_keeps_its_id(small, redis_now):
    """Memory is lost between the confirm page and the key: the page comes again, and whichever copy is confirmed, it is noted once."""
    keeper = small()
    keeper.open(5_000_000, 100_000)
    redis_now.flushall()
    keeper.dial()
    keeper.press("3", "7", "2")
    redis_now.flushall()
    assert keeper.press("1").startswith("CON No.7 Nga: 2 shares = 40.000d?")
    first = keeper.call.text
    keeper.press("1")
    assert len(keeper.notes()) == 1
    keeper.village.hop(KEEPER, keeper.call.session, first)
    assert len(keeper.notes()) == 1


def test_the_same_thing_twice_is_pointed_out(small):
    keeper = small()
    keeper.open(5_000_000, 100_000)
    keeper.note("4", "1", "7", "5000", "1")
    assert keeper.press("4", "1", "7", "5000").startswith("CON Noted already! No.7 Nga: fine paid 5.000d?")
    assert keeper.press("2").startswith("CON Nothing was noted.\nMeeting\n1. Roll call")
    assert len(keeper.notes()) == 1


def test_two_keepers_note_at_one_meeting(small):
    keeper = small()
    keeper.open(5_000_000, 100_000)
    chair = Keeper(keeper.village, CHAIR)
    chair.dial()
    chair.press("5", "12", "1515000")
    keeper.note("5", "12", "1000000", "1")
    page = chair.press("1")
    assert page == "END No.12: That is more than is owed: 515.000d."
    assert len(keeper.notes()) == 1


# ---------------------------------------------------------------- every kind of note


def rich(village, db):
    """A group in which everything can happen: money in the bank, an outside loan, somebody who left and somebody who was written off."""
    day = today(db)
    dates = {"issued": str(day - timedelta(days=20)), "due": str(day + timedelta(days=100))}
    v = village(
        members=(*((1, "Lan", ["chair"]), (2, "Mai", ["record_keeper"]), (3, "Thu", ["treasurer"])), (7, "Nga", []), (8, "Be", []), (9, "Tu", []),
                 (12, "Hoa", [])),
        constitution={"loan": {"multiple": 3, "max_term_days": 180, "one_at_a_time": False, "guarantors": 1, "pledge": True, "from_social_fund": True},
                      "late_joining": "catch_up", "outside_loan": {"allowed": True, "multiple": 5},
                      "fines": {"late": 5000, "absent": 10000, "no_card": 2000}},
        opening={"loan_fund_cash": 10_000, "loan_fund_bank": 5_000_000, "social_fund_cash": 1_000_000, "outside_loan": 300_000,
                 "shares": [{"member": 12, "units": 30}, {"member": 7, "units": 40}, {"member": 8, "units": 2}, {"member": 9, "units": 5}],
                 "fines": [{"member": 7, "amount": 5000}], "social_fund_due": [{"member": 7, "amount": 5000}],
                 "loans": [{"member": 12, "principal": 1_500_000, "charge_due": 15_000, **dates},
                           {"member": 9, "principal": 100_000, "charge_due": 1_000, **dates}]},
    )  # fmt: skip
    about = {"group_id": v.group_id, "asked_by": CHAIR}
    decided(v, Leave(id=uuid4(), member=8, why="leaves", **about))
    decided(v, WriteOff(id=uuid4(), member=9, loan_no=2, why="gone", **about))
    return v


def decided(v, request):
    """A decision with all its words."""
    with v.db.transaction() as conn:
        lock_group(conn, v.group_id)
        number, _ = requests.ask(conn, Book(conn, v.group_id), request, lambda *_: [], hours=1)
        for approver in requests.find(conn, v.group_id, number).approvers:
            requests.give_word(conn, v.group_id, number, approver.officer, True, "sms")
        assert settle(conn, v.group_id, number) == "posted"


EVERYTHING = (  # keys from the meeting's menu; then what must have been noted
    (("7", "5", "2", "2000000", "1"), "move", 2, {"amount": 2_000_000, "to_bank": False, "fund": "loan_fund"}),
    (("7", "5", "3", "100000", "1"), "move", 2, {"amount": 100_000, "to_bank": True, "fund": "social_fund"}),
    (("1", "4", "3", "1"), "attend", 3, {"status": "represented"}),
    (("1", "5", "3", "1"), "attend", 3, {"status": "present"}),
    (("2", "3", "7", "2", "1"), "pay_social_fund", 7, {"amount": 10_000}),
    (("2", "3", "12", "2", "2500", "1"), "pay_social_fund", 12, {"amount": 2_500}),
    (("3", "7", "70000", "1"), "buy_shares", 7, {"units": 3}),
    (("7", "9", "2", "3", "1"), "buy_shares", 2, {"units": 3, "catch_up": True}),
    (("7", "1", "7", "2", "1"), "redeem_shares", 7, {"units": 2}),
    (("4", "2", "12", "3", "1"), "charge_fine", 12, {"why": "no_card", "amount": 2_000}),
    (("4", "2", "12", "4", "700", "1"), "charge_fine", 12, {"why": "other", "amount": 700}),
    (("4", "1", "12", "2000", "1"), "pay_fine", 12, {"amount": 2_000}),
    (("4", "3", "7", "5000", "1"), "waive_fine", 7, {"amount": 5_000}),
    (("5", "12", "515000", "1"), "repay", 12, {"loan_no": 1, "amount": 515_000}),
    (("7", "4", "12", "2", "1"), "roll_over", 12, {"loan_no": 1}),
    (("7", "2", "2", "5000", "6", "roof nails", "1"), "spend", 2, {"amount": 5_000, "what": "roof nails", "fund": "social_fund"}),
    (("7", "2", "1", "6000", "1", "1"), "spend", 2, {"amount": 6_000, "what": "passbooks", "fund": "loan_fund"}),
    (("7", "3", "9", "20000", "1", "1"), "grant", 9, {"amount": 20_000, "what": "illness"}),
    (("7", "6", "3000", "1", "1"), "receive_other", 2, {"amount": 3_000, "what": "bank_interest"}),
    (("7", "7", "1", "200000", "1"), "borrow_outside", 2, {"amount": 200_000}),
    (("7", "7", "2", "100000", "1000", "1"), "repay_outside", 2, {"amount": 100_000, "interest": 1_000}),
    (("7", "7", "3", "500000", "1"), "entrust", 2, {"amount": 500_000, "back": False}),
    (("7", "7", "4", "100000", "000", "1"), "entrust", 2, {"amount": 100_000, "back": True, "charge": 0}),
    (("7", "8", "1", "8", "30000", "1"), "pay_out", 8, {"amount": 30_000}),
    (("7", "8", "2", "9", "1000", "1"), "recover", 9, {"loan_no": 2, "amount": 1_000}),
    (("6", "7", "1", "1000000", "2", "800000", "4", "3", "12", "goat", "5", "1", "1"), "grant_loan", 7,
     {"amount": 800_000, "requested": 1_000_000, "purpose": "school", "guarantors": (12,), "pledge": "goat", "votes": 5}),
    (("6", "1", "2", "50000", "1", "5", "2", "12", "pot", "5", "1", "1"), "grant_loan", 1, {"amount": 50_000, "fund": "social_fund", "votes": 5}),
    (("6", "3", "3", "60000", "1", "2", "2", "12, 7", "field", "6", "1", "1"), "grant_loan", 3,
     {"amount": 60_000, "fund": "entrusted", "guarantors": (7, 12), "purpose": "farming"}),
)  # fmt: skip


def test_everything_that_can_be_noted_and_closed_and_every_screen_is_met(village, db, monkeypatch):
    v, met, enter = rich(village, db), set(), engine._enter
    monkeypatch.setattr(engine, "_enter", lambda state, to, *rest: (met.add(to), enter(state, to, *rest))[1])
    monkeypatch.setattr(Book, "last_share_out", lambda book: 1_000_000)  # as after a first cycle
    keeper = Keeper(v)
    keeper.dial()
    assert keeper.press("2", "000", "1000000", "2") == "END The meeting was not opened."
    keeper.open("000", 1_000_001, "2", "3")
    for keys, kind, member, body in EVERYTHING:
        keeper.note(*keys)
        noted = keeper.notes()[-1]
        assert (noted.kind, noted.member, noted.asked_by, {name: getattr(noted, name) for name in body}) == (kind, member, KEEPER, body)
    assert {request.kind for request in keeper.notes()} == set(NOTED)
    assert keeper.press("8", "3", "8").startswith("CON No.8 Be. Choose one to take it back.\n1. No.8 Be: gets 30.000d the group owes")
    assert keeper.press("1", "2").startswith("CON It stays noted.\nMeeting")
    keeper.note("2", "2", "12 3", "1")
    keeper.note("2", "1", "1")
    page = keeper.press("8", "1")
    boxes = {line.rpartition(" ")[0]: int(line.rpartition(" ")[2].replace(".", "").removesuffix("d")) for line in page.split("\n")[1:3]}
    keeper.press("0", "2")
    keeper.dial()
    page = keeper.press("9", str(boxes["Loan fund"] - 1), str(boxes["Social fund"]), "2", "2")
    assert page.startswith("CON Not closed.\nMeeting")
    keeper.press("9", str(boxes["Loan fund"]), str(boxes["Social fund"]))
    assert keeper.press("1").startswith("END Sent to the treasurer and the chair.")
    assert keeper.dial().startswith("CON The officers have been asked to close the meeting.")
    close_with(v, TREASURER, CHAIR)
    assert v.outcomes()[-1] == "posted"
    v.verify()
    in_a_row = {row.name for row in MEETING_ROWS if row.name.startswith("note_row_")} | {"keys_in_a_row"}  # tests/test_fast_meeting.py plays those
    assert {row.name for row in MEETING_ROWS} - in_a_row - met == set()


def test_an_outside_loan_waits_for_the_first_share_out(village, db):
    keeper = Keeper(rich(village, db))
    keeper.open("000", 1_000_000)
    assert keeper.press("7", "7", "1", "1000") == "CON By its rules the group may not borrow from outside now.\n0. Back"
    assert keeper.press("0").startswith("CON How much does the group borrow?")


def test_a_loan_above_her_limit_can_only_be_less(small):
    keeper = small()
    keeper.open(5_000_000, 100_000)
    page = keeper.press("6", "7", "2500000")
    assert page == "CON No.7 Nga asks for 2.500.000d. The group gives:\n1. less\n0. Back\n00. Home"
    page = keeper.press("1", "2400001")
    assert page.startswith("CON Too much: her shares allow at most 2.400.000d.\nNo.7 Nga: at most 2.400.000d; in the box now 5.000.000d.")
    assert keeper.press("2400000").startswith("CON No.7 Nga: a loan for what?")
    keeper.press("00", "9", "5")
    assert keeper.press("6", "12") == "CON She has a loan and owes 1.515.000d. One loan at a time.\n0. Back"
    assert keeper.press("0") == "CON New loan: member number?\n0. Back\n00. Home"


def test_what_she_bought_today_counts_for_her_loan_and_her_limit(small):
    keeper = small()
    keeper.open(5_000_000, 100_000)
    keeper.note("3", "7", "4", "1")
    assert keeper.press("6", "7").startswith("CON No.7 Nga: at most 2.640.000d; in the box now 5.080.000d.")
    keeper.press("00", "9", "5")
    assert keeper.press("3", "7").startswith("CON No.7 Nga has 44 shares. One is 20.000d. How many more (1-1)")
    assert keeper.press("2").startswith("CON At most 1 more share at this meeting.")
    assert keeper.press("1").startswith("CON No.7 Nga: 1 share = 20.000d?")
    keeper.press("1")
    assert keeper.press("7") == "CON At most 0 more shares at this meeting.\n0. Back"


def test_a_written_off_debt_is_not_paid_twice_at_one_meeting(village, db):
    v = rich(village, db)
    keeper = Keeper(v)
    keeper.open("000", 1_000_000)
    assert keeper.press("7", "8", "2", "9") == "CON No.9 Tu still owes 101.000d. How much is paid?\n0. Back\n00. Home"
    keeper.press("100000", "1")
    page = keeper.press("7", "8", "2", "9")
    assert page == "CON No.9 Tu still owes 1.000d. How much is paid?\n0. Back\n00. Home"
    assert keeper.press("1001") == "CON No.9: That is more than is owed: 1.000d.\n0. Back"
