"""From an approved request to an entry: the rules are asked here, under the group's lock, with what the book says now."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ledger import checks, loans, rules, rules_group, rules_loans
from ledger.accounts import Kind, account
from ledger.books import Book, LoanNow
from ledger.commands import (
    Attend,
    BorrowOutside,
    BuyShares,
    ChargeFine,
    Entrust,
    Grant,
    GrantLoan,
    Move,
    PayFine,
    PayOut,
    PaySocialFund,
    ReceiveOther,
    Recover,
    RedeemShares,
    Repay,
    RepayOutside,
    Request,
    RollOver,
    Spend,
    WaiveFine,
)  # fmt: skip
from ledger.db import Conn
from ledger.entry import Entry, EntryKind, Line
from ledger.groups import loan_annex, record_loan
from ledger.journal import Posted, Receipt, post

Given = tuple[int, int, loans.Terms]  # a new loan: number, member, terms
Keep = Callable[[Conn, int, int, int], None]  # (connection, group, entry number, its first line): writes what stands beside the entry


@dataclass(frozen=True, slots=True)
class Prepared:
    """What will be posted. `given`: new loans that come with it; `said`: what the annex says beyond them; `keep` writes the rows that
    repeat the annex in tables of their own."""

    entry: Entry
    given: tuple[Given, ...] = ()
    said: dict[str, Any] = field(default_factory=dict)
    keep: tuple[Keep, ...] = ()

    @property
    def annex(self) -> str:
        """Canonical: loans alone as the list they have always been, else one object with sorted keys."""
        loan_rows = loan_annex([(number, member, terms) for number, member, terms in self.given])
        if not self.said:
            return loan_rows
        said = self.said | ({"loans": json.loads(loan_rows)} if loan_rows else {})
        return json.dumps(said, sort_keys=True, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Effect:
    """What one event adds to a meeting or an entry."""

    lines: tuple[Line, ...]
    given: Given | None = None


def effect(book: Book, request: Request, on: date) -> Effect:
    """The lines of one event by the rules. Raises checks.Refused when the book does not allow it."""
    checks.judge(book, request)
    member, terms = request.member, book.constitution
    match request:
        case BuyShares(units=units, catch_up=catch_up):
            return _of(rules.buy_shares(member, units, terms.share_price, catch_up))
        case RedeemShares(units=units):
            checks.check_cash(book, units * terms.share_price)
            return _of(rules.redeem_shares(member, units, terms.share_price))
        case PaySocialFund(amount=amount):
            return _of(rules.pay_social_fund(member, amount, due=book.balance(account(Kind.SOCIAL_FUND_DUE, member))))
        case ChargeFine(amount=amount):
            return _of(rules.charge_fine(member, amount, terms.fines_to))
        case PayFine(amount=amount):
            return _of(rules.pay_fine(member, amount, terms.fines_to, due=fines_due(book, member)))
        case Repay():
            return _repayment(book, request, on)
        case GrantLoan():
            return _new_loan(book, request, on)
        case Attend() | RollOver():
            return Effect(())
    return _of(_of_the_group(book, request))


def _of(entry: Entry) -> Effect:
    return Effect(entry.lines)


def _of_the_group(book: Book, request: Request) -> Entry:
    """Events of the two boxes within the group. Cash that leaves a box must be in it."""
    match request:
        case WaiveFine(amount=amount):
            if amount > fines_due(book, request.member):
                raise checks.Refused("more_than_owed", owed=book.money(fines_due(book, request.member)))
            return rules.waive_fine(request.member, amount, book.constitution.fines_to)
        case Grant(amount=amount):
            checks.check_cash(book, amount, Kind.SOCIAL_FUND_CASH)
            return rules.give_grant(request.member, amount)
        case Spend(amount=amount, fund=fund):
            checks.check_cash(book, amount, checks.BOX[fund])
            return rules_group.spend(amount, fund)
        case Move(amount=amount, to_bank=to_bank, fund=fund):
            bank = Kind.LOAN_FUND_BANK if fund == "loan_fund" else Kind.SOCIAL_FUND_BANK
            checks.check_cash(book, amount, checks.BOX[fund] if to_bank else bank)
            return rules_group.move(amount, to_bank, fund)
        case ReceiveOther(amount=amount):
            return rules_group.receive_other(amount)
        case PayOut(amount=amount):
            return rules.pay_out(request.member, amount)
        case Recover(amount=amount, loan_no=loan_no):
            left = book.written_off(request.member).get(loan_no, 0)
            if amount > left:
                raise checks.Refused("more_than_owed", owed=book.money(left))
            return rules_loans.recover(request.member, loan_no, amount, fund_of_loan(book, request.member, loan_no))
    return _with_outsiders(book, request)


def _with_outsiders(book: Book, request: Request) -> Entry:
    """Events with lenders, banks and programmes."""
    match request:
        case BorrowOutside(amount=amount):
            return rules_group.borrow_outside(amount)
        case RepayOutside(amount=amount, interest=interest):
            owed = -book.balance(rules_group.OUTSIDE_LOAN)
            if amount > owed:
                raise checks.Refused("more_than_owed", owed=book.money(owed))
            checks.check_cash(book, amount + interest)
            return rules_group.repay_outside(amount, interest)
        case Entrust(amount=amount, back=back, charge=charge):
            if back:
                _check_handed_back(book, amount, charge)
            return rules_group.entrust(amount, back, charge)
    raise TypeError(f"no rule for {type(request).__name__}")


def _check_handed_back(book: Book, amount: int, charge: int) -> None:
    """No more capital than was entrusted, no more charge than was collected for it, and only what is there."""
    for kind, wanted in ((Kind.ENTRUSTED_CAPITAL, amount), (Kind.ENTRUSTED_CHARGE, charge)):
        if wanted > (held := -book.balance(account(kind))):
            raise checks.Refused("more_than_owed", owed=book.money(held))
    checks.check_cash(book, amount + charge, Kind.ENTRUSTED_CASH)


def fund_of_loan(book: Book, member: int, loan_no: int) -> loans.Fund:
    """Whose money a loan was, written off or not."""
    return next(loan.terms.fund for loan in book.all_loans(member) if loan.loan_no == loan_no)


def fines_due(book: Book, member: int) -> int:
    """Fines charged to a member and not paid, in the fund that the constitution names."""
    kind = Kind.FINE_DUE if book.constitution.fines_to == "loan_fund" else Kind.SOCIAL_FUND_FINE_DUE
    return book.balance(account(kind, member))


def _repayment(book: Book, request: Repay, on: date) -> Effect:
    """Split by what was owed on the day she asked: a confirmation that comes late costs her no further period."""
    return Effect(settle_loan(book, checks.loan_of(book, request), request.amount, on))


def settle_loan(book: Book, loan: LoanNow, amount: int, on: date, paid_from: int = 0) -> tuple[Line, ...]:
    """Lines of a payment on a loan; with the rolled method what has been charged since the last entry is added first."""
    then = loan.at(on)
    try:
        charge, principal = loans.settle(then, amount)
    except loans.MoreThanOwed as more:
        raise checks.Refused("more_than_owed", owed=book.money(more.owed)) from None
    rolled = loan.terms.method == "rolled"
    added = then.charge - book.balance(account(Kind.CHARGE_DUE, loan.loan_no)) if rolled else 0
    return rules_loans.repay(loan.member, loan.loan_no, charge, principal, rolled, added, loan.terms.fund, paid_from).lines


def accrue(book: Book, loan: LoanNow, on: date) -> tuple[Line, ...]:
    """Rolled method: what the periods begun up to `on` have added and nobody has booked yet."""
    if loan.terms.method != "rolled":
        return ()
    more = loan.at(on).charge - book.balance(account(Kind.CHARGE_DUE, loan.loan_no))
    return rules_loans.add_charge(loan.member, loan.loan_no, more).lines


def _new_loan(book: Book, request: GrantLoan, on: date) -> Effect:
    terms = terms_of(book, request, on)
    number = book.next_loan_no()
    added = terms.opening_charge if terms.method == "rolled" else 0
    entry = rules_loans.grant_loan(request.member, number, request.amount, added, request.fund)
    return Effect(entry.lines, (number, request.member, terms))


def terms_of(book: Book, request: GrantLoan, on: date) -> loans.Terms:
    """What the constitution makes of a loan. From the social fund it is free; entrusted capital is never rolled, for its charge is the bank's."""
    c = book.constitution
    if request.fund == "social_fund":
        return loans.granted(request.amount, "none", 0, c.charge_period, on, request.due_on, "none", "social_fund")
    method = "declining" if request.fund == "entrusted" and c.charge_method == "rolled" else c.charge_method
    return loans.granted(request.amount, method, c.charge_rate_bp, c.charge_period, on, request.due_on, c.late_loan, request.fund)


def prepare(book: Book, request: Request, on: date) -> Prepared:
    """The entry of one event that was asked for alone. Raises checks.Refused when the book no longer allows it."""
    done = effect(book, request, on)
    kind = EntryKind.LOAN if done.given else EntryKind.CONTRIBUTION
    return Prepared(Entry(kind, done.lines), (done.given,) if done.given else ())


def carry_out(
    conn: Conn, book: Book, request: Request, prepared: Prepared, request_no: int | None, on: date, officers: Sequence[int],
    receipts: Sequence[Receipt],
) -> Posted:  # fmt: skip
    """Post what was prepared from a request that has all the words it needs, with its receipts, in the caller's transaction (the group is locked).

    Raises journal.CommandConflict, journal.NotEnoughCash.
    """
    first, second = (*officers, 0, 0)[:2]
    posted = post(
        conn, book.group_id, request.id, prepared.entry, on, asked_by=request.asked_by, confirmed_by=first, second_by=second,
        receipts=receipts, request_no=request_no, annex=prepared.annex,
    )  # fmt: skip
    if not posted.repeated:
        keep(conn, book.group_id, posted.entry_no, prepared)
    return posted


def keep(conn: Conn, group_id: int, entry_no: int, prepared: Prepared) -> None:
    """Write the rows that repeat an entry's annex where they can be asked for."""
    for number, member, terms in prepared.given:
        record_loan(conn, group_id, number, member, entry_no, terms)
    if not prepared.keep:
        return
    row = conn.execute("select first_line from entry where group_id = %s and entry_no = %s", (group_id, entry_no)).fetchone()
    assert row is not None
    for write in prepared.keep:
        write(conn, group_id, entry_no, row.first_line)
