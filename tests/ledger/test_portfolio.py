"""The raw fields read from real books: played meeting by meeting, compared with sums a child could do, and with the accounts."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from datetime import date

import pytest
from click.testing import CliRunner
from people import Village

from gateway.cli_indicators import group_indicators
from gateway.cli_member import member_add
from ledger import deciding, meetings, portfolio, posting, requests
from ledger.accounts import SUB, Kind, fund_of
from ledger.books import Book
from ledger.commands import (
    Attend,
    BorrowOutside,
    BuyShares,
    CloseMeeting,
    Correct,
    Entrust,
    GrantLoan,
    Leave,
    Move,
    Note,
    OpenMeeting,
    PaySocialFund,
    Repay,
    RollOver,
    ShareOut,
    StartCycle,
    WriteOff,
)  # fmt: skip
from ledger.db import lock_group
from ledger.indicators import INDICATORS, Fields, by_group, value
from ledger.journal import Receipt
from ledger.portfolio import RECEIVABLE
from ledger.tally import Tally

PEOPLE = (
    (1, "Lan", ["chair"]), (2, "Mai", ["record_keeper"]), (3, "Thu", ["treasurer"]), (4, "Hue", ["money_counter"]), (7, "Nga", []), (12, "Hoa", []),
)  # fmt: skip
EMPTY = {"loan_fund_cash": 0, "social_fund_cash": 0, "shares": [], "loans": []}
RULES = {"late_joining": "catch_up", "loan": {"from_social_fund": True, "one_at_a_time": False}, "outside_loan": {"allowed": True, "multiple": 5}}
ASSETS = {Kind.LOAN_FUND_CASH, Kind.LOAN_FUND_BANK, Kind.LOAN, Kind.SOCIAL_FUND_CASH, Kind.SOCIAL_FUND_BANK, *RECEIVABLE}
GAINED = [kind for kind in Kind if 36 <= kind < 50]  # of the loan fund: what is no asset, not owed and not saved


@dataclass
class Played:
    """A village whose days are given, not waited for."""

    v: Village

    def wants(self, cls, member, by=2, **what):
        return cls(id=uuid.uuid4(), group_id=self.v.group_id, member=member, asked_by=by, **what)

    def done(self, on, cls, member, by=2, **what):
        """Asked, agreed to by everybody asked, posted: the entry's number."""
        with self.v.db.transaction() as conn:
            lock_group(conn, self.v.group_id)
            book, request = Book(conn, self.v.group_id, on), self.wants(cls, member, by, **what)
            number, _ = requests.ask(conn, book, request, lambda *_: [], hours=24)
            officers = [a.officer for a in requests.find(conn, self.v.group_id, number).approvers]
            for officer in officers:
                assert requests.give_word(conn, self.v.group_id, number, officer, True, "sms")
            prepared = deciding.prepare(conn, book, request, on)
            told = [Receipt(n, "receipt", "told", "gsm7", 1) for n in sorted({line.member for line in prepared.entry.lines} | {1}) if n]
            posted = posting.carry_out(conn, book, request, prepared, number, on, officers, told)
            assert requests.close(conn, self.v.group_id, number, "posted", entry_no=posted.entry_no)
            return posted.entry_no

    def meeting(self, on, *things):
        """Opened, noted, closed with what the book says is in the boxes."""
        group = self.v.group_id
        with self.v.db.transaction() as conn:
            lock_group(conn, group)
            book = Book(conn, group, on)
            count = meetings.opening_count(book, 0, 0)
            opened = {"loan_fund_counted": count.loan_fund_expected, "social_fund_counted": count.social_fund_expected}
            meetings.open_meeting(conn, book, OpenMeeting(id=uuid.uuid4(), group_id=group, member=2, loan_meeting=True, **opened))
            for cls, member, what in things:
                meetings.note(conn, book, Note(request=self.wants(cls, member, **what)))
            meeting = meetings.open_now(conn, group)
            loan_fund, social_fund = meetings.reckoned(conn, meeting).boxes
        counted = {"loan_fund_counted": loan_fund, "social_fund_counted": social_fund}
        return self.done(on, CloseMeeting, 2, meeting_no=meeting.meeting_no, draft=meeting.draft, **counted)

    def read(self, on):
        """The portfolio of that day, held against the accounts."""
        with self.v.db.transaction() as conn:
            found, balances = portfolio.read(Tally(conn, self.v.group_id, on)), Book(conn, self.v.group_id).balances()
        agrees(found, balances)
        return found


def agrees(found, balances):
    """Assets are debts and equity, and all three are the book's: what the form leaves out is named, and nothing else is left out."""
    form, beside, own = found.fields, sum(found.beside.receivable.values()), dict.fromkeys(Kind, 0)
    for number, (balance, _) in balances.items():
        own[Kind(number // SUB)] += balance if fund_of(number) != "entrusted" else 0
    debts = -own[Kind.OUTSIDE_LOAN] - own[Kind.PAYABLE]
    assets, claims = sum(own[kind] for kind in ASSETS), -sum(own[kind] for kind in Kind if kind not in ASSETS)
    assert form.assets == form.debts + form.equity
    assert (form.assets + beside, form.debts, form.equity + beside) == (assets, debts, claims - debts)
    assert form.profit + own[Kind.CHARGE_DUE] + own[Kind.FINE_DUE] == -sum(own[kind] for kind in GAINED)


@pytest.fixture
def played(village):
    return lambda **changes: Played(village(members=PEOPLE, **changes))


def half_a_year(p):
    """Three meetings, a loan asked for by phone, somebody who joins and somebody who leaves: to the 10th of March."""
    everybody = [number for number, _, _ in PEOPLE]
    pig = (GrantLoan, 12, {"amount": 300_000, "due_on": date(2026, 3, 7), "purpose": "a pig", "votes": 6})
    paid = [(PaySocialFund, number, {"amount": 5_000}) for number in everybody]
    p.meeting(date(2026, 1, 7), *[(BuyShares, number, {"units": 5}) for number in everybody], *paid, pig)
    added = CliRunner().invoke(member_add, [p.v.code, "15", "Sen"])
    assert added.exit_code == 0, added.output
    roll = [(Attend, 7, {"status": "late"}), (Attend, 12, {"status": "absent"}), (Attend, 4, {"status": "represented"})]
    bought = [(BuyShares, number, {"units": 2}) for number in (1, 2)]
    free = (GrantLoan, 3, {"amount": 20_000, "due_on": date(2026, 4, 7), "purpose": "school", "votes": 5, "fund": "social_fund"})
    plain = (GrantLoan, 1, {"amount": 100_000, "due_on": date(2026, 5, 7), "votes": 5})
    p.meeting(date(2026, 2, 7), *roll, *bought, *paid[:4], free, plain, (Move, 1, {"amount": 50_000, "to_bank": True}))
    p.done(date(2026, 2, 10), GrantLoan, 7, amount=200_000, due_on=date(2026, 4, 10), purpose="seed")
    mine = [(Attend, 12, {"status": "absent"}), (BuyShares, 15, {"units": 5}), (Repay, 1, {"loan_no": 2, "amount": 51_000})]
    paid = [(PaySocialFund, number, {"amount": 5_000}) for number in (1, 2, 3, 4, 7, 15)]
    saved = (Move, 1, {"amount": 10_000, "to_bank": True, "fund": "social_fund"})
    p.meeting(date(2026, 3, 7), *mine, *paid, (Entrust, 1, {"amount": 5_000_000}), saved)
    p.done(date(2026, 3, 10), Leave, 4, why="leaves")


def test_every_field_of_a_quarter_by_hand(played):
    p = played(constitution=RULES, opening=EMPTY)
    half_a_year(p)
    found = p.read(date(2026, 3, 10))
    assert found.fields == Fields(
        members=6, members_at_start=6, dropouts=1, attending=5, lately_called=6 + 7 + 7, lately_in_person=6 + 5 + 6, lately_represented=1,
        savings=(30 + 4 + 5 - 5) * 20_000, loans=3, loans_value=300_000 + 50_000 + 200_000, late_balance=300_000, late_30_balance=0, bad_balance=0,
        borrowers=3, members_borrowing=3, loans_ever=3, lent_ever=600_000, written_off_ever=0, weeks=8, other_funds=60_000,
        loan_fund_cash=600_000 - 300_000 + 80_000 - 100_000 - 200_000 + 100_000 + 51_000 - 100_000,
    )  # fmt: skip
    assert (found.fields.joined, found.fields.profit) == (1, 1_000)
    assert (found.on, found.cycle, found.met_on, found.saving_since) == (date(2026, 3, 10), 1, date(2026, 3, 7), date(2026, 1, 7))
    assert (found.left, found.written_off) == ({"leaves": 1}, 0)
    assert [balance for balance in found.beside.receivable.values() if balance] == [25_000, 20_000, 20_000]  # fines, free loan, missed
    beside = found.beside
    assert (beside.charge_owed, beside.bank, beside.entrusted, beside.brought) == (9_000 + 500 + 4_000, 50_000, 5_000_000, 0)
    assert [(loan.loan_no, loan.days_overdue, loan.purpose) for loan in found.loans] == [(1, 3, "a pig"), (2, 0, ""), (4, 0, "seed")]
    p.v.verify()


def test_late_given_more_time_written_off_and_back_again(played):
    p, day = played(constitution=RULES, opening=EMPTY), date(2026, 4, 20)
    half_a_year(p)
    p.meeting(date(2026, 4, 7), (RollOver, 1, {"loan_no": 2, "due_on": date(2026, 6, 7)}))
    before = p.read(day)
    standing = {loan.loan_no: (loan.days_overdue, loan.past_due, loan.rescheduled) for loan in before.loans}
    assert standing == {1: (44, False, 0), 2: (0, False, 1), 4: (0, True, 0)}  # the 4th waits for a loan meeting
    form = before.fields
    assert (form.late_balance, form.late_30_balance, form.bad_balance) == (300_000, 300_000, 300_000)
    assert by_group(loan.standing for loan in before.loans)[2] == (1, 50_000)
    entry = p.done(day, WriteOff, 12, loan_no=1, why="gone away")
    after = p.read(day)
    assert (after.fields.write_offs, after.written_off, after.fields.written_off_ever) == (300_000, 1, 1)
    assert (after.fields.loans, after.fields.late_balance, after.fields.borrowers) == (2, 0, 2)
    assert after.fields.profit == form.profit - 300_000  # from the balance sheet
    assert after.beside.charge_written_off > 0
    p.done(day, Correct, 12, entry_no=entry, item="write_off", right=0, loan_no=1, why="she came back")
    again = p.read(day)
    assert (again.fields, again.written_off) == (form, 0)
    p.v.verify()


def test_a_member_who_left_owing_is_a_borrower_and_no_member(played):
    p = played(constitution=RULES, opening=EMPTY)
    half_a_year(p)
    p.done(date(2026, 3, 12), Leave, 12, why="absconds")
    form = p.read(date(2026, 3, 12)).fields
    assert (form.members, form.dropouts, form.borrowers, form.members_borrowing) == (5, 2, 3, 2)
    assert (form.attending, form.members_at_start, form.joined) == (5, 6, 1)


def test_the_last_four_meetings_and_a_loan_set_right(played):
    p = played(constitution=RULES, opening=EMPTY)
    half_a_year(p)
    for day in (7, 14):
        p.meeting(date(2026, 4, day), (Attend, 7, {"status": "excused"}))
    form = p.read(date(2026, 4, 14)).fields
    assert (form.lately_called, form.lately_in_person, form.lately_represented, form.attending) == (7 + 7 + 6 + 6, 5 + 6 + 5 + 5, 1, 5)
    p.done(date(2026, 4, 14), Correct, 12, entry_no=1, item="loan", loan_no=1, right=290_000, why="she got less")
    right = p.read(date(2026, 4, 14)).fields
    assert (right.lent_ever, right.loans_value, right.loan_fund_cash) == (590_000, 540_000, form.loan_fund_cash + 10_000)


def test_the_next_cycle_begins_with_fields_of_its_own(played):
    p = played(constitution=RULES, opening=EMPTY)
    half_a_year(p)
    p.done(date(2026, 3, 20), WriteOff, 12, loan_no=1, why="gone away")
    for member in (1, 7):
        (loan,) = [loan for loan in p.read(date(2026, 3, 21)).loans if loan.member == member]
        p.done(date(2026, 3, 21), Repay, member, loan_no=loan.loan_no, amount=loan.principal + loan.charge)
    p.meeting(date(2026, 4, 7), (Move, 1, {"amount": 50_000, "to_bank": False}))
    with p.v.db.transaction() as conn:
        cash = Book(conn, p.v.group_id).cash()
    p.done(date(2026, 4, 7), ShareOut, 0, counted=cash, carried=40_000)
    between = p.read(date(2026, 4, 8))
    assert (between.cycle, between.fields.savings, between.fields.dropouts, between.fields.write_offs) == (1, 0, 1, 300_000)
    with p.v.db.transaction() as conn:
        terms = Book(conn, p.v.group_id).constitution.as_json()
    starting = tuple((number, 3) for number in (3, 12, 15))
    dates = {"starts_on": date(2026, 4, 8), "ends_on": date(2027, 4, 8)}
    p.done(date(2026, 4, 8), StartCycle, 0, number=2, terms=terms, starting=starting, **dates)
    p.done(date(2026, 4, 9), Leave, 7, why="leaves")
    lent = (GrantLoan, 12, {"amount": 290_000, "due_on": date(2026, 7, 8), "votes": 5})
    p.meeting(date(2026, 5, 8), (BorrowOutside, 1, {"amount": 100_000}), lent)
    p.done(date(2026, 5, 9), Leave, 12, why="absconds")
    p.done(date(2026, 5, 10), Leave, 15, why="leaves")
    found = p.read(date(2026, 5, 11))
    form = found.fields
    assert (form.members, form.members_at_start, form.dropouts, form.joined) == (3, 6, 3, 0)
    assert (form.savings, form.write_offs, form.written_off_ever, form.weeks) == (60_000, 0, 1, 4)
    assert (form.loans, form.borrowers, form.members_borrowing) == (1, 1, 0)
    assert (found.cycle, found.left, found.saving_since, found.written_off) == (2, {"leaves": 2, "absconds": 1}, date(2026, 4, 8), 0)
    assert (form.debts, found.beside.outside_loan, found.beside.payables) == (130_000, 100_000, 30_000)  # the box had half of her 60,000
    assert (form.loan_fund_cash, found.beside.brought) == (0, 40_000)
    p.v.verify()


@pytest.mark.parametrize("method", ["declining", "rolled"])
def test_a_group_that_brings_a_year_on_paper(played, method):
    charge = {"method": method, "rate_bp": 100, "period": "month"}
    found = played(constitution={"service_charge": charge}).read(date(2026, 11, 21))
    form = found.fields
    assert (form.savings, form.loans_value, form.loan_fund_cash) == (1_000_000, 1_500_000, 5_000_000)
    assert (found.saving_since, form.weeks) == (date(2026, 1, 7), 45)  # the cycle's first day, not the day of the opening
    assert (form.members_at_start, form.attending, form.joined, found.met_on) == (None, None, None, None)
    assert found.beside.brought == form.profit + found.beside.receivable[Kind.CHARGE_DUE] == 5_500_000 + 15_000 * (method == "rolled")
    assert found.loans[0].purpose == ""


def test_saving_begins_with_the_first_share_that_still_counts(played):
    p = played(constitution=RULES, opening=EMPTY)
    assert p.read(date(2026, 1, 7)).saving_since is None
    wrong = p.done(date(2026, 1, 8), BuyShares, 12, by=12, units=1)
    p.done(date(2026, 1, 9), BuyShares, 7, by=7, units=1)
    assert p.read(date(2026, 1, 10)).saving_since == date(2026, 1, 8)
    p.done(date(2026, 1, 10), Correct, 12, entry_no=wrong, item="shares", right=0, why="never paid")
    assert p.read(date(2026, 1, 10)).saving_since == date(2026, 1, 9)
    assert p.read(date(2026, 1, 15)).fields.weeks == 0


# ---- what the operator sees


def told(p, *options):
    done = CliRunner().invoke(group_indicators, [p.v.code, *options])
    assert done.exit_code == 0, done.output
    return done.output


def test_the_command_says_the_fields_and_every_ratio(played):
    p = played()
    said = json.loads(told(p, "--json"))
    with p.v.db.transaction() as conn:
        form = portfolio.read(Tally(conn, p.v.group_id)).fields
    assert (said["fields"]["savings"], said["fields"]["loans_value"], said["fields"]["women"]) == (1_000_000, 1_500_000, None)
    assert {one["name"]: one["exact"] for one in said["indicators"]} == {
        one.name: None if value(one.name, [form]) is None else str(value(one.name, [form])) for one in INDICATORS
    }
    ratios = {one["name"]: one for one in said["indicators"]}
    assert (ratios["utilisation"]["exact"], ratios["utilisation"]["value"]) == ("3/13", "23.08")
    assert (ratios["attendance"]["value"], ratios["profit"]["value"], ratios["savings_per_member"]["value"]) == (None, "5500000", "166666.67")
    assert said["loan_groups"]["1"]["loans"] + said["loan_groups"]["3"]["loans"] == 1
    text = told(p)
    assert all(one.formula in text for one in INDICATORS)
    assert "23.08 %  loans / (loans + loan fund cash) [MIS]" in text


def test_averages_are_in_the_currency_people_count_in(played):
    shares = [{"member": 12, "units": 5}]
    p = played(group={"country": "KE", "currency": "KES", "timezone": "Africa/Nairobi"}, constitution={"share_price": "12.50"},
               opening={"loan_fund_cash": "62.50", "social_fund_cash": 0, "shares": shares, "loans": []})  # fmt: skip
    ratios = {one["name"]: (one["exact"], one["value"]) for one in json.loads(told(p, "--json"))["indicators"]}
    assert (ratios["savings_per_member"], ratios["assets"][1]) == (("3125/3", "10.42"), "62.50")


def test_no_group_by_that_code():
    done = CliRunner().invoke(group_indicators, ["NOBODY"])
    assert (done.exit_code, done.output) == (1, "no group with the code NOBODY; `flask group list` shows all\n")
