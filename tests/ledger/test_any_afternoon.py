"""Any run of contributions, loans and repayments gives the balances a second, naive book gives; and the book proves itself."""

from __future__ import annotations

from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from people import Village

from ledger import requests
from ledger.accounts import SUB, Kind, account
from ledger.books import Book
from ledger.checks import Refused
from ledger.commands import BuyShares, GrantLoan, PayFine, PaySocialFund, Repay
from ledger.db import lock_group
from ledger.export import hledger
from workers.settling import settle

MEMBERS = (1, 2, 3, 7, 12)
members = st.sampled_from(MEMBERS)
amounts = st.one_of(st.integers(1, 200_000), st.sampled_from([1, 5_000, 1_515_000, 10**9, 99_999_999_999, 10**11]))
steps = st.lists(
    st.one_of(
        st.tuples(st.just("shares"), members, st.integers(-1, 7)),
        st.tuples(st.just("social"), members, amounts),
        st.tuples(st.just("fine"), members, amounts),
        st.tuples(st.just("repay"), members, amounts),
        st.tuples(st.just("loan"), members, st.integers(1, 4_000_000)),
    ),
    min_size=1,
    max_size=12,
)


class NaiveBook:
    """Plain sums in a dictionary; knows nothing of entries, lines or accounts."""

    def __init__(self, rolled):
        self.cash, self.social, self.fines, self.charges = 5_000_000, 100_000, 0, 0
        self.shares = dict.fromkeys(MEMBERS, 0) | {12: 200_000, 7: 800_000}
        self.debts = {12: [1_500_000, 15_000]}  # principal, charge
        self.rolled = rolled

    def did(self, what, member, amount, fines_to, rate):
        match what:
            case "shares":
                self.cash, self.shares[member] = self.cash + amount * 20_000, self.shares[member] + amount * 20_000
            case "social":
                self.social += amount
            case "fine":
                self.fines += amount
                self.cash, self.social = (self.cash + amount, self.social) if fines_to == "loan_fund" else (self.cash, self.social + amount)
            case "repay":
                charge = min(amount, self.debts[member][1])
                self.debts[member] = [self.debts[member][0] - (amount - charge), self.debts[member][1] - charge]
                self.cash += amount
                self.charges += 0 if self.rolled else charge
            case "loan":
                first = (amount * rate * 2 + 10_000) // 20_000
                self.debts[member] = [amount, first]
                self.cash -= amount
                self.charges += first if self.rolled else 0


def command(v, what, member, amount, book):
    who = {"id": uuid4(), "group_id": v.group_id, "member": member, "asked_by": member}
    match what:
        case "shares":
            return BuyShares(**who, units=amount)
        case "social":
            return PaySocialFund(**who, amount=amount)
        case "fine":
            return PayFine(**who, amount=amount)
        case "repay":
            running = book.loans(member)
            return Repay(**who, loan_no=running[0].loan_no if running else 1, amount=amount)
        case _:
            asker = 2 if member != 2 else 1
            return GrantLoan(**{**who, "asked_by": asker}, amount=amount, due_on=book.group.cycle_end.replace(year=book.group.today.year + 1))


def take(v, what, member, amount):
    """One step through the real desk: asked, agreed by everybody asked, settled. True when it was posted."""
    with v.db.transaction() as conn:
        lock_group(conn, v.group_id)
        book = Book(conn, v.group_id)
        asked = command(v, what, member, amount, book)
        try:
            number, _ = requests.ask(conn, book, asked, lambda *_: [], hours=24)
        except Refused:
            return False
        for approver in requests.find(conn, v.group_id, number).approvers:
            assert requests.give_word(conn, v.group_id, number, approver.officer, True, "test")
        return settle(conn, v.group_id, number) == "posted"


@pytest.mark.parametrize("method", ["flat", "declining", "rolled"])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps, st.sampled_from(["loan_fund", "social_fund"]), st.sampled_from([0, 100, 333]))
def test_the_book_agrees_with_plain_sums(client, db, method, afternoon, fines_to, rate):
    v = Village.found(
        client, db, "unused",
        constitution={"fines_to": fines_to, "loan": {"max_term_days": 600}, "service_charge": {"method": method, "rate_bp": rate, "period": "month"}},
    )  # fmt: skip
    plain = NaiveBook(method == "rolled")
    for what, member, amount in afternoon:
        if take(v, what, member, amount):
            plain.did(what, member, amount, fines_to, rate)
    v.verify()
    with db.transaction() as conn:
        book = Book(conn, v.group_id)
        balances = {number: balance for number, (balance, _) in book.balances().items()}
        units = {number: count for number, (_, count) in book.balances().items()}
        owed = {m: [sum(x.now.principal for x in book.loans(m)), sum(x.now.charge for x in book.loans(m))] for m in MEMBERS}
    assert sum(balances.values()) == 0
    assert balances[account(Kind.LOAN_FUND_CASH)] == plain.cash
    assert balances[account(Kind.SOCIAL_FUND_CASH)] == plain.social
    assert {m: -balances.get(account(Kind.SHARES, m), 0) for m in MEMBERS} == plain.shares
    assert all(-balance == -units[number] * 20_000 for number, balance in balances.items() if number // SUB == Kind.SHARES)
    assert owed == {m: plain.debts.get(m, [0, 0]) for m in MEMBERS}
    assert -balances.get(account(Kind.SERVICE_CHARGE), 0) == plain.charges
    assert "".join(hledger(db.connection(), v.group_id)).count("\n20") >= 1
