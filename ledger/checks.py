"""What may be asked and who must agree. Asked twice: when a member types, so that she is told at once, and again under the group's lock
before posting, because the book may have moved between."""

from __future__ import annotations

from datetime import date, timedelta

from ledger import loans
from ledger.accounts import Kind, account
from ledger.books import Book, LoanNow
from ledger.commands import (
    BorrowOutside,
    BuyShares,
    ChangePhone,
    ChangeRules,
    CloseMeeting,
    Correct,
    GrantLoan,
    Leave,
    NameHelper,
    PayOut,
    Recover,
    RedeemShares,
    Repay,
    Request,
    ResetPin,
    RollOver,
    ShareOut,
    StartCycle,
    WriteOff,
)  # fmt: skip
from ledger.money import Money

Figure = Money | int | str | date
AMOUNT_MINOR_MAX = 99_999_999_999  # nine digits typed, two decimals
WEEKS_BETWEEN = {"weekly": 1, "two_weekly": 2}  # meetings
WORDS_MAX = 60  # of a reason or a purpose
OFFICERS = ("treasurer", "chair", "record_keeper", "money_counter")  # who may confirm, in the order they are asked
OF_THOSE_WHO_LEFT = (Repay, PayOut, Recover, Correct, WriteOff, ResetPin, ChangePhone, NameHelper)


class Refused(Exception):
    """A rule of the group says no. `reason` names the sentence that is said; `figures` fill it."""

    def __init__(self, reason: str, **figures: Figure):
        super().__init__(reason)
        self.reason = reason
        self.figures = figures


def judge(book: Book, request: Request) -> None:
    """Raises Refused when the group's rules or the state of the book say no. Decisions of the group are judged by their own modules, too."""
    check_person(book, request)
    for name in ("amount", "interest", "charge", "expenses", "carried", "right"):
        if hasattr(request, name):
            check_amount(book, getattr(request, name), least=0 if name != "amount" else 1)
    match request:
        case BuyShares():
            check_cycle(book)
            check_catch_up(book, request) if request.catch_up else check_units(book, request.member, request.units)
        case RedeemShares():
            check_redemption(book, request.member, request.units)
        case Repay():
            check_repayment(book, loan_of(book, request), request.amount)
        case RollOver():
            loan_of(book, request)
            check_term(book, request.due_on)
        case GrantLoan():
            check_cycle(book)
            check_loan(book, request.member, request.amount, request.fund)
            check_guarantors(book, request)
            check_term(book, request.due_on)
        case BorrowOutside():
            check_outside_loan(book, request.amount)
        case PayOut():
            check_payable(book, request)


def check_person(book: Book, request: Request) -> None:
    """A member of the group who is still in it; 0 stands for the group in decisions of the group."""
    if request.member == 0 and isinstance(request, (ChangeRules, StartCycle, Correct, ShareOut, CloseMeeting)):
        return
    member = book.member(request.member)
    if member is None:
        raise Refused("no_such_member", number=request.member)
    if member.left and not isinstance(request, OF_THOSE_WHO_LEFT):
        raise Refused("member_left", number=request.member)


def check_cycle(book: Book) -> None:
    """Nothing is saved or lent between a share-out and the next cycle."""
    if book.group.shared_out:
        raise Refused("between_cycles")


def check_units(book: Book, member: int, units: int) -> None:
    """Shares of one member at one meeting, with what she bought by phone since the last: 1 to the constitution's maximum."""
    most = shares_left(book, member)
    if not 1 <= units <= most:
        raise Refused("shares_limit" if most == most_shares(book) else "shares_limit_now", most=most)


def shares_left(book: Book, member: int) -> int:
    """How many shares she may still buy at this meeting."""
    return max(most_shares(book) - book.bought_since_close(member), 0)


def most_shares(book: Book) -> int:
    """The most shares at one meeting; the first meeting of a cycle may have its own limit."""
    rules = book.constitution
    return rules.shares_first_max if rules.shares_first_max and book.group.first_meeting else rules.shares_max


def check_catch_up(book: Book, request: BuyShares) -> None:
    """Catch-up shares: where the constitution lets late joiners buy them, up to what the member with most shares has."""
    if book.constitution.late_joining != "catch_up":
        raise Refused("no_catch_up")
    most = max((book.shares(number)[0] for number in book.members()), default=0) - book.shares(request.member)[0]
    if not 1 <= request.units <= most:
        raise Refused("shares_limit", most=max(most, 0))


def check_redemption(book: Book, member: int, units: int) -> None:
    """No more than she has, and what stays must still carry her loans."""
    held, paid = book.shares(member)
    if not 1 <= units <= held:
        raise Refused("not_so_many_shares", units=held)
    left = paid - units * book.constitution.share_price
    owed = sum(loan.now.principal for loan in book.loans(member) if loan.terms.fund == "loan_fund")
    if owed > multiple(book) * left:
        raise Refused("shares_carry_loan", owed=book.money(owed))


def check_amount(book: Book, amount: int, least: int = 1) -> None:
    """More than nothing, and no more digits than a person types."""
    if not least <= amount <= AMOUNT_MINOR_MAX:
        raise Refused("amount_limit", most=book.money(AMOUNT_MINOR_MAX))


def check_repayment(book: Book, loan: LoanNow, amount: int) -> None:
    """Never more than is owed today: no credit is held."""
    if amount > loan.now.owed:
        raise Refused("more_than_owed", owed=book.money(loan.now.owed))


def check_loan(book: Book, member: int, amount: int, fund: loans.Fund = "loan_fund") -> None:
    """One loan at a time, none beside a late one, at most the multiple of net shares less what is owed, and the cash must be in the box."""
    running = [loan for loan in book.loans(member) if loan.terms.fund == fund or loan.late]
    if running and (book.constitution.one_loan_at_a_time or any(loan.late for loan in running)):
        raise Refused("loan_running", owed=book.money(sum(loan.now.owed for loan in running)))
    if fund == "social_fund" and not book.constitution.social_fund_loans:
        raise Refused("no_social_fund_loans")
    if fund == "loan_fund":
        limit = loan_limit(book, member, running)
        if amount > limit:
            raise Refused("loan_limit", limit=book.money(limit))
    check_cash(book, amount, BOX[fund])


def check_guarantors(book: Book, request: GrantLoan) -> None:
    """As many other members as the constitution asks for stand for the loan, and a pledge is named where it asks for one."""
    if book.constitution.pledge and not request.pledge:
        raise Refused("pledge_needed")
    named = set(request.guarantors)
    if len(named) < book.constitution.guarantors or request.member in named:
        raise Refused("guarantors_needed", count=book.constitution.guarantors)
    for number in named:
        member = book.member(number)
        if member is None or member.left:
            raise Refused("no_such_member", number=number)


BOX = {"loan_fund": Kind.LOAN_FUND_CASH, "social_fund": Kind.SOCIAL_FUND_CASH, "entrusted": Kind.ENTRUSTED_CASH}


def check_cash(book: Book, amount: int, box: Kind = Kind.LOAN_FUND_CASH) -> None:
    """The money must be in the box; while a meeting is being noted, what has come in may not all be written down yet."""
    if book.lenient:
        return
    cash = book.balance(account(box))
    if amount > cash:
        raise Refused("not_enough_cash", cash=book.money(cash))


def check_outside_loan(book: Book, amount: int) -> None:
    """Only where the constitution allows it, not in the first cycle, and not above the last share-out."""
    last = book.last_share_out()
    if not book.constitution.outside_loan or last is None:
        raise Refused("no_outside_loan")
    room = last + book.balance(account(Kind.OUTSIDE_LOAN))
    if amount > room:
        raise Refused("loan_limit", limit=book.money(max(room, 0)))


def check_payable(book: Book, request: PayOut) -> None:
    """What is still owed to her, no more."""
    owed = -book.balance(account(Kind.PAYABLE, request.member))
    if request.amount > owed:
        raise Refused("more_than_owed", owed=book.money(owed))
    check_cash(book, request.amount)


def multiple(book: Book) -> int:
    """How many times her shares a member may borrow; raised while the group has an outside loan to lend on."""
    rules = book.constitution
    return max(rules.loan_multiple, rules.outside_loan_multiple) if book.balance(account(Kind.OUTSIDE_LOAN)) else rules.loan_multiple


def loan_limit(book: Book, member: int, running: list[LoanNow]) -> int:
    """Multiple x net shares at the price paid, less the principal still out; never below 0."""
    _, paid = book.shares(member)
    return max(0, multiple(book) * paid - sum(loan.now.principal for loan in running if loan.terms.fund == "loan_fund"))


def check_term(book: Book, due_on: date) -> None:
    """Due after today, within the longest term and before the cycle ends."""
    latest = latest_due(book)
    if not book.group.today < due_on <= latest:
        raise Refused("term_too_long", latest=latest)


def latest_due(book: Book) -> date:
    """The last day a loan given today may fall due: the longest term, the end of the cycle, or the last loan meeting that is planned in it."""
    latest = min(book.group.today + timedelta(days=book.constitution.loan_max_term_days), book.group.cycle_end)
    planned = [day for day in planned_loan_meetings(book) if day <= book.group.cycle_end]
    return min(latest, planned[-1]) if planned else latest


def planned_loan_meetings(book: Book) -> list[date]:
    """Loan meetings of the cycle as its constitution plans them, every n-th meeting; empty where it says neither days nor a rhythm."""
    rules, group = book.constitution, book.group
    days = [date.fromisoformat(day) for day in rules.meeting_dates]
    if weeks := WEEKS_BETWEEN.get(rules.meeting_frequency):
        days = [group.cycle_start + timedelta(weeks=weeks * k) for k in range((group.cycle_end - group.cycle_start).days // (7 * weeks) + 1)]
    elif rules.meeting_frequency == "monthly":
        days = [loans.period_end(group.cycle_start, "month", k) for k in range(24)]
    return days[rules.loan_meeting_every - 1 :: rules.loan_meeting_every]


def due_after(book: Book, periods: int) -> date:
    """The due date of a loan given today for that many periods."""
    return loans.period_end(book.group.today, book.constitution.charge_period, periods)


def longest_term(book: Book) -> int:
    """How many whole periods a loan given today may run; 0 when lending is over for the cycle."""
    latest, periods = latest_due(book), 0
    while periods < loans.PERIODS_MAX and due_after(book, periods + 1) <= latest:
        periods += 1
    return periods


def loan_of(book: Book, request: Repay | RollOver) -> LoanNow:
    """The running loan a repayment is for. Raises Refused when nothing is owed on it."""
    for loan in book.loans(request.member):
        if loan.loan_no == request.loan_no:
            return loan
    raise Refused("nothing_owed")


def words_needed(book: Book, request: Request) -> int:
    """How many officers must agree beside the one who asks. An officer who asks counts as one of the two, or three, that a decision needs."""
    ordinary = 2 if book.constitution.confirmation == "treasurer_and_officer" else 1
    by_the_operator = request.asked_by == 0
    match request:
        case ShareOut() | Leave() | WriteOff():
            return 2
        case CloseMeeting(why=why):
            return 2 if why else ordinary
        case ResetPin() | ChangePhone() | NameHelper():
            return 1
        case Correct() | ChangeRules() | StartCycle():
            return max(ordinary, 2) if by_the_operator else max(ordinary, 1)
    return ordinary


def approvers(book: Book, request: Request) -> tuple[int, ...]:
    """Member numbers whose word is needed: never the person whose money it is nor the one who asked, nor anybody who would answer from
    one of their phones, nor an officer who could not be asked: without a phone, or one that said STOP.

    The treasurer, or the next officer in OFFICERS where she may not; as many as `words_needed` says. Raises Refused
    when the group has too few officers.
    """
    needed = words_needed(book, request)
    hands, members = book.hands(), book.members().values()
    own = {request.member, request.asked_by} - {0}
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
