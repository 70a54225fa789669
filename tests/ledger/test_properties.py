"""Any group, any constitution, any cycle: the book beside a naive one, and after every entry what must hold of any book.

The properties are those of the subject's reference, section 2.13, and two of our own:

|  # | property                                                   | where                                                             |
|----|------------------------------------------------------------|-------------------------------------------------------------------|
|  1 | every entry balances, in each fund                         | `every_entry_balances_in_its_fund`                                |
|  2 | the box opens as it closed, or a difference is booked      | `a_meeting_opens_with_what_the_last_entry_left`                   |
|  3 | a member's shares in money = price x units                 | `shares_cost_their_price`                                         |
|  4 | units of all members = N                                   | `shares_of_all_are_those_bought_less_those_gone`                  |
|  5 | no box below nothing                                       | `no_box_is_below_nothing`                                         |
|  6 | loans in the book = what borrowers owe                     | `loans_in_the_book_are_what_borrowers_owe`                        |
|  7 | no loan above the limit of its instant                     | `no_loan_above_its_limit`; refusals compared at every note        |
|  8 | after a share-out: no shares, what is carried in the box   | `after_a_share_out_only_what_is_carried_is_there`                 |
|  9 | payouts + remainder = pool                                 | `payouts_and_remainder_are_the_pool`                              |
| 10 | equal shares, equal payout                                 | `equal_shares_bring_the_same`                                     |
| 11 | more shares never bring less                               | `more_shares_never_bring_less`                                    |
| 12 | the same command twice changes nothing                     | every entry is posted twice (`Played.post`), notes are noted twice |
| 13 | a reversal restores all balances                           | test_properties_reversals.py; `Life.correct` at any age           |
| 14 | debts + equity = assets                                    | `debts_and_equity_are_the_assets`                                 |
| 15 | nothing is dated inside a closed meeting                   | `nothing_is_dated_inside_a_closed_meeting`                        |
| 16 | a share may be worth less than it cost                     | test_properties_cases.py                                          |
| 17 | shares bought and redeemed change no profit                | test_properties_cases.py                                          |
| 18 | declining = rolled when every charge is paid in full       | test_properties_cases.py                                          |
|    | reversals at any age: as if entered right                  | `Life.correct`; test_properties_reversals.py                      |
|    | the order inside a meeting changes nothing                 | test_properties_order.py                                          |

How many groups: the environment variable PROPERTY_EXAMPLES (25 in the suite, the same ones every time), of which each test takes its share.
"""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from uuid import uuid4

import psycopg
import pytest
from cycles import EXAMPLES, Life, any_group, examples, steps
from hypothesis import given
from hypothesis import strategies as st
from naive import DAY, Alone, Meeting

from ledger import rules
from ledger.accounts import SUB, Kind, account, fund_of
from ledger.entry import Reason
from ledger.journal import post

BOXES = (Kind.LOAN_FUND_CASH, Kind.SOCIAL_FUND_CASH)
BOUGHT = (Reason.SHARE, Reason.CATCH_UP, Reason.OPENING)
PLAYED: Counter[str] = Counter()


def test_any_group_through_its_cycles(db):
    @examples(60)
    @given(any_group(), st.lists(steps, min_size=10, max_size=24))
    def play(new, some):
        life = Life(db, new, what_must_hold)
        for step in some:
            life.step(*step)
        count(life)

    play()


def test_any_group_to_its_share_out_and_beyond(db):
    meetings = st.tuples(st.sampled_from(["meeting", "meeting", "meeting", "phone", "correct"]), st.integers(3, 25), st.integers(0, 2**32))

    @examples(40)
    @given(any_group(), st.lists(meetings, min_size=4, max_size=9), st.integers(0, 2**32))
    def play(new, some, seed):
        life = Life(db, new, what_must_hold)
        for step in [*some, ("share_out", 0, seed), ("start_cycle", 0, seed), ("meeting", 9, seed), ("correct", 0, seed), ("meeting", 9, seed + 1)]:
            life.step(*step)
        count(life)

    play()


def count(life):
    """What was played, for the report of a long run."""
    PLAYED.update(groups=1, entries=len(life.entry_of) + len(life.stands), meetings=sum(isinstance(event, Meeting) for event in life.history))
    PLAYED.update(event.request.kind for event in life.history if isinstance(event, Alone))
    PLAYED.update(corrections=len(life.stands), loans=len(life.naive.loans))


@pytest.fixture(scope="module", autouse=True)
def told():
    """With many examples, says what they were."""
    yield
    if EXAMPLES > 500:
        print(*(f"{number:8} {what}" for what, number in [*sorted(PLAYED.items()), *sorted(Life.told.items())]), sep="\n")


# ---------------------------------------------------------------- after every entry


def what_must_hold(life, event, posted):
    lines = life.played.rows("select * from line where group_id = %s and entry_no = %s order by line_no", posted.entry_no)
    book = life.played.balances()
    every_entry_balances_in_its_fund(lines, book)
    shares_cost_their_price(life, book)
    shares_of_all_are_those_bought_less_those_gone(life, book)
    no_box_is_below_nothing(book)
    loans_in_the_book_are_what_borrowers_owe(life, book)
    debts_and_equity_are_the_assets(book)
    no_loan_above_its_limit(life)
    if isinstance(event, Meeting):
        a_meeting_opens_with_what_the_last_entry_left(life, lines)
        nothing_is_dated_inside_a_closed_meeting(life, posted)
    if isinstance(event, Alone) and event.request.kind == "share_out":
        rows, sheet = the_sheet(life)
        after_a_share_out_only_what_is_carried_is_there(life, event.request, book, sheet)
        payouts_and_remainder_are_the_pool(life, event.request, rows, sheet)
        equal_shares_bring_the_same(life, rows, sheet)
        more_shares_never_bring_less(life, rows)


def every_entry_balances_in_its_fund(lines, book):
    moved, funds = Counter(), Counter()
    for line in lines:
        moved[fund_of(line.debit)] += line.amount
        moved[fund_of(line.credit)] -= line.amount
    for number, (balance, _) in book.items():
        funds[fund_of(number)] += balance
    assert not any(moved.values())
    assert not any(funds.values())


def a_meeting_opens_with_what_the_last_entry_left(life, lines):
    meeting = life.played.rows("select * from meeting where group_id = %s order by meeting_no desc limit 1")[0]
    assert (meeting.loan_fund_expected, meeting.social_fund_expected) == life.opened_with
    counted = (meeting.loan_fund_counted - meeting.loan_fund_expected, meeting.social_fund_counted - meeting.social_fund_expected)
    booked = Counter()
    for line in lines:
        if line.reason == Reason.OVER_SHORT:
            booked[line.debit // SUB] += line.amount
            booked[line.credit // SUB] -= line.amount
    assert [booked[box] for box in BOXES] == [first + last for first, last in zip(counted, life.history[-1].closing, strict=True)]


def shares_cost_their_price(life, book):
    for number, (balance, units) in book.items():
        assert number // SUB != Kind.SHARES or balance == units * life.naive.rules.share_price


def shares_of_all_are_those_bought_less_those_gone(life, book):
    held = -sum(units for number, (_, units) in book.items() if number // SUB == Kind.SHARES)
    rows = life.played.rows("select debit, credit, units from line where group_id = %s and units <> 0")
    bought = sum(row.units for row in rows if row.credit // SUB == Kind.SHARES)
    assert held == bought - sum(row.units for row in rows if row.debit // SUB == Kind.SHARES)
    assert held == life.played.book(lambda book: sum(book.shares(member)[0] for member in book.members()))


def no_box_is_below_nothing(book):
    for kind in (Kind.LOAN_FUND_CASH, Kind.LOAN_FUND_BANK, Kind.SOCIAL_FUND_CASH, Kind.SOCIAL_FUND_BANK, Kind.ENTRUSTED_CASH):
        assert book.get(account(kind), (0, 0))[0] >= 0


def loans_in_the_book_are_what_borrowers_owe(life, book):
    loans = life.played.book(lambda book: [loan for member in book.members() for loan in book.all_loans(member)], life.on)
    kinds = {"loan_fund": Kind.LOAN, "social_fund": Kind.SOCIAL_FUND_LOAN, "entrusted": Kind.ENTRUSTED_LOAN}
    for fund, kind in kinds.items():
        owed = sum(loan.now.principal for loan in loans if loan.terms.fund == fund and not loan.written_off)
        assert owed == sum(balance for number, (balance, _) in book.items() if number // SUB == kind)
    for loan in loans:
        twin = life.naive.loans[loan.loan_no]
        assert loan.written_off == twin.gone
        assert loan.written_off or (loan.now.principal, loan.now.charge, loan.due_on) == (twin.principal, twin.charge, twin.due)
        assert loan.written_off or loan.late == bool(twin.owed and life.naive.late(twin))


def no_loan_above_its_limit(life):
    for amount, limit in life.naive.granted[len(life.before.granted) :]:
        assert amount <= limit


def debts_and_equity_are_the_assets(book):
    for assets, others in (((10, 11, 20, 21, 22), range(30, 50)), ((60, 61, 62, 63, 64), range(70, 80)), ((80, 81), range(90, 92))):
        sums = Counter({number // SUB: 0 for number in book})
        for number, (balance, _) in book.items():
            sums[number // SUB] += balance
        assert sum(sums[kind] for kind in assets) == -sum(sums[kind] for kind in others)


def nothing_is_dated_inside_a_closed_meeting(life, posted):
    days = life.played.rows("select kind, happened_on from entry where group_id = %s order by entry_no")
    closed = days[0].happened_on
    for day in days:
        assert day.happened_on >= closed or day.kind == 1
        closed = day.happened_on if day.kind == 4 else closed
    if posted.entry_no % 5 == 0:
        with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState), life.played.db.transaction() as conn:
            post(conn, life.played.group_id, uuid4(), rules.pay_social_fund(3, 5), life.on - DAY, asked_by=3, confirmed_by=1)


# ---------------------------------------------------------------- after a share-out


def the_sheet(life):
    """(rows by member: (units, paid, debt, gross, set_off, payout, surviving); all of it) of the last share-out."""
    sheet = life.played.rows("select sheet from share_out where group_id = %s order by cycle desc limit 1")[0].sheet
    return {row[0]: row[1:] for row in sheet["rows"]}, sheet


def after_a_share_out_only_what_is_carried_is_there(life, wish, book, sheet):
    assert not any(number // SUB == Kind.SHARES for number in book)
    owed = -sum(book.get(account(Kind.OUTSIDE_LOAN), (0, 0))) - sum(balance for number, (balance, _) in book.items() if number // SUB == Kind.PAYABLE)
    kept, given = (sheet["remainder"], 0) if wish.remainder_to == "carried" else (0, sheet["remainder"])
    assert book.get(account(Kind.LOAN_FUND_CASH), (0, 0))[0] == wish.carried + owed + kept
    assert book.get(account(Kind.SOCIAL_FUND_CASH), (0, 0))[0] == life.before.social_box + given
    assert -book.get(account(Kind.SOCIAL_FUND), (0, 0))[0] == life.before.social + given


def payouts_and_remainder_are_the_pool(life, wish, rows, sheet):
    paid, set_off = sum(row[5] for row in rows.values()), sum(row[4] for row in rows.values())
    assert paid + set_off + sheet["remainder"] == sheet["pool"] == life.naive.pool
    assert paid + sheet["remainder"] == wish.counted - wish.expenses - wish.carried - sheet["debts"]
    assert {member: tuple(row[3:6]) for member, row in rows.items()} == life.naive.sheet
    assert all(row[2] == row[4] + row[6] for row in rows.values())  # of a debt: set off, or it survives


def equal_shares_bring_the_same(life, rows, sheet):
    for one, other in pairs(life, rows):
        apart = abs(rows[one][3] - rows[other][3])
        if rows[one][0] == rows[other][0]:
            assert apart == 0 or (sheet["rounding"] == "largest_remainder" and apart <= sheet["unit"])


def more_shares_never_bring_less(life, rows):
    for one, other in pairs(life, rows):
        more, less = (one, other) if rows[one][0] > rows[other][0] else (other, one)
        assert rows[more][3] >= rows[less][3] or rows[more][0] == rows[less][0]


def pairs(life, rows):
    """Members whom nothing but their shares tells apart: without debts and, where charges come back to who paid them, with the same charges."""
    free = [member for member, row in rows.items() if row[0] and not row[2]]
    charges = life.before.charge_paid if life.naive.rules.share_out_method == "interest_to_payer" else Counter()
    return [(one, other) for one, other in combinations(free, 2) if charges[one] == charges[other]]
