"""From an approved request to an entry: the rules are asked here, under the group's lock, with what the book says now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from ledger import checks, loans, rules
from ledger.books import Book
from ledger.commands import BuyShares, GrantLoan, PayFine, PaySocialFund, Repay, Request
from ledger.db import Conn
from ledger.entry import Entry
from ledger.groups import loan_annex, record_loan
from ledger.journal import Posted, Receipt, post


@dataclass(frozen=True, slots=True)
class Prepared:
    """What will be posted; `loan` holds (number, terms) when a new loan comes with it."""

    entry: Entry
    loan: tuple[int, loans.Terms] | None = None


def prepare(book: Book, request: Request, on: date) -> Prepared:
    """The entry of a request by the rules. Raises checks.Refused when the book no longer allows it."""
    checks.judge(book, request)
    terms = book.constitution
    match request:
        case BuyShares():
            return Prepared(rules.buy_shares(request.member, request.units, terms.share_price))
        case PaySocialFund():
            return Prepared(rules.pay_social_fund(request.member, request.amount))
        case PayFine():
            return Prepared(rules.pay_fine(request.member, request.amount, terms.fines_to))
        case Repay():
            return Prepared(_repayment(book, request, on))
        case GrantLoan():
            return _new_loan(book, request, on)
    raise TypeError(f"no rule for {type(request).__name__}")


def _repayment(book: Book, request: Repay, on: date) -> Entry:
    """Split by what was owed on the day she asked: a confirmation that comes late costs her no further period."""
    loan = checks.loan_of(book, request)
    then = loans.position(loan.terms, loan.payments, on)
    try:
        charge, principal = loans.settle(then, request.amount)
    except loans.MoreThanOwed as more:
        raise checks.Refused("more_than_owed", owed=book.money(more.owed)) from None
    rolled = loan.terms.method == "rolled"
    booked = _charges_booked(loan.terms, loan.payments) if rolled else then.added
    return rules.repay(request.member, loan.loan_no, charge, principal, rolled, then.added - booked)


def _charges_booked(terms: loans.Terms, payments: Sequence[loans.Payment]) -> int:
    """Charge the rolled method has put into the book so far: all that was added up to the last payment."""
    return loans.position(terms, payments, terms.opened_on).added


def _new_loan(book: Book, request: GrantLoan, on: date) -> Prepared:
    c = book.constitution
    terms = loans.granted(request.amount, c.charge_method, c.charge_rate_bp, c.charge_period, on, request.due_on)
    number = book.next_loan_no()
    added = terms.opening_charge if terms.method == "rolled" else 0
    return Prepared(rules.grant_loan(request.member, number, request.amount, added), (number, terms))


def _annex(prepared: Prepared, member: int) -> str:
    return loan_annex([(prepared.loan[0], member, prepared.loan[1])]) if prepared.loan else ""


def carry_out(
    conn: Conn, book: Book, request: Request, request_no: int, on: date, officers: Sequence[int],
    receipts_for: Callable[[Entry], Sequence[Receipt]],
) -> Posted:  # fmt: skip
    """Post a request that has all the words it needs, with its receipts, in the caller's transaction (the group is locked).

    Raises checks.Refused when the book no longer allows it, journal.CommandConflict, journal.NotEnoughCash.
    """
    prepared = prepare(book, request, on)
    first, second = (*officers, 0)[:2]
    posted = post(
        conn, book.group_id, request.id, prepared.entry, on, asked_by=request.asked_by, confirmed_by=first, second_by=second,
        receipts=receipts_for(prepared.entry), request_no=request_no, annex=_annex(prepared, request.member),
    )  # fmt: skip
    if prepared.loan is not None and not posted.repeated:
        number, terms = prepared.loan
        record_loan(conn, book.group_id, number, request.member, posted.entry_no, terms)
    return posted
