"""What may be asked and who must agree. Asked twice: when a member types, so that she is told at once, and again under the group's lock
before posting, because the book may have moved between."""

from __future__ import annotations

from datetime import date, timedelta

from ledger import loans
from ledger.books import Book, LoanNow
from ledger.commands import BuyShares, GrantLoan, PayFine, PaySocialFund, Repay, Request
from ledger.money import Money

Figure = Money | int | str | date
AMOUNT_MINOR_MAX = 99_999_999_999  # nine digits typed, two decimals
OFFICERS = ("treasurer", "chair", "record_keeper", "money_counter")  # who may confirm, in the order they are asked


class Refused(Exception):
    """A rule of the group says no. `reason` names the sentence that is said; `figures` fill it."""

    def __init__(self, reason: str, **figures: Figure):
        super().__init__(reason)
        self.reason = reason
        self.figures = figures


def judge(book: Book, request: Request) -> None:
    """Raises Refused when the group's rules or the state of the book say no."""
    if book.member(request.member) is None:
        raise Refused("no_such_member", number=request.member)
    match request:
        case BuyShares():
            check_units(book, request.units)
        case PaySocialFund() | PayFine():
            check_amount(book, request.amount)
        case Repay():
            check_amount(book, request.amount)
            check_repayment(book, loan_of(book, request), request.amount)
        case GrantLoan():
            check_amount(book, request.amount)
            check_loan(book, request.member, request.amount)
            check_term(book, request.due_on)


def check_units(book: Book, units: int) -> None:
    """Shares of one purchase: 1 to the constitution's maximum."""
    if not 1 <= units <= book.constitution.shares_max:
        raise Refused("shares_limit", most=book.constitution.shares_max)


def check_amount(book: Book, amount: int) -> None:
    """More than nothing, and no more digits than a person types."""
    if not 0 < amount <= AMOUNT_MINOR_MAX:
        raise Refused("amount_limit", most=book.money(AMOUNT_MINOR_MAX))


def check_repayment(book: Book, loan: LoanNow, amount: int) -> None:
    """Never more than is owed today: no credit is held."""
    if amount > loan.now.owed:
        raise Refused("more_than_owed", owed=book.money(loan.now.owed))


def check_loan(book: Book, member: int, amount: int) -> None:
    """One loan at a time, at most the multiple of net shares less what is owed, and the cash must be in the box."""
    running = book.loans(member)
    if running and book.constitution.one_loan_at_a_time:
        raise Refused("loan_running", owed=book.money(sum(loan.now.owed for loan in running)))
    limit = loan_limit(book, member, running)
    if amount > limit:
        raise Refused("loan_limit", limit=book.money(limit))
    if amount > book.cash():
        raise Refused("not_enough_cash", cash=book.money(book.cash()))


def loan_limit(book: Book, member: int, running: list[LoanNow]) -> int:
    """Multiple x net shares at the price paid, less the principal still out; never below 0."""
    _, paid = book.shares(member)
    return max(0, book.constitution.loan_multiple * paid - sum(loan.now.principal for loan in running))


def check_term(book: Book, due_on: date) -> None:
    """Due after today, within the longest term and before the cycle ends."""
    latest = latest_due(book)
    if not book.group.today < due_on <= latest:
        raise Refused("term_too_long", latest=latest)


def latest_due(book: Book) -> date:
    """The last day a loan given today may fall due."""
    return min(book.group.today + timedelta(days=book.constitution.loan_max_term_days), book.group.cycle_end)


def due_after(book: Book, periods: int) -> date:
    """The due date of a loan given today for that many periods."""
    return loans.period_end(book.group.today, book.constitution.charge_period, periods)


def longest_term(book: Book) -> int:
    """How many whole periods a loan given today may run; 0 when lending is over for the cycle."""
    latest, periods = latest_due(book), 0
    while periods < loans.PERIODS_MAX and due_after(book, periods + 1) <= latest:
        periods += 1
    return periods


def loan_of(book: Book, request: Repay) -> LoanNow:
    """The running loan a repayment is for. Raises Refused when nothing is owed on it."""
    for loan in book.loans(request.member):
        if loan.loan_no == request.loan_no:
            return loan
    raise Refused("nothing_owed")


def approvers(book: Book, request: Request) -> tuple[int, ...]:
    """Member numbers whose word is needed: never the person whose money it is nor the one who asked, nor anybody who would answer from
    one of their phones, nor an officer who could not be asked: without a phone, or one that said STOP.

    The treasurer, or the next officer in OFFICERS where she may not; with `treasurer_and_officer` two of them. Raises Refused
    when the group has too few officers.
    """
    needed = 2 if book.constitution.confirmation == "treasurer_and_officer" else 1
    hands, members = book.hands(), book.members().values()
    own = {request.member, request.asked_by}
    own_hands = set().union(*(hands.get(number, set()) for number in own))
    may = {number for number in book.hearing() if number not in own and not hands[number] & own_hands}
    ranked = [m.number for role in OFFICERS for m in members if role in m.roles and m.number in may]
    chosen: list[int] = []
    for number in dict.fromkeys(ranked):  # two officers with one phone are one word
        if len(chosen) < needed and not any(hands[number] & hands[other] for other in chosen):
            chosen.append(number)
    if len(chosen) < needed:
        raise Refused("nobody_to_confirm")
    return tuple(chosen)
