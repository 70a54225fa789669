"""The part of the proof that is about loans: terms by the rules, and after every entry the accounts say what a replay of all payments says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from ledger import loans
from ledger.accounts import SUB, Kind, account
from ledger.chain import StoredLine
from ledger.constitution import Constitution
from ledger.entry import EntryKind, Reason
from ledger.loans import Held, Payment, Position, Rollover, Terms
from ledger.rules_loans import loan_account
from ledger.verify_accounts import Accounts
from ledger.verify_annex import Event, Given, Step
from ledger.verify_corrections import Corrections, Counts, is_payment
from ledger.verify_rules import Rules

_OF_LOANS = (Kind.LOAN, Kind.CHARGE_DUE, Kind.SOCIAL_FUND_LOAN, Kind.ENTRUSTED_LOAN)
_LOAN_REASONS = (Reason.LOAN, Reason.PRINCIPAL, Reason.SERVICE_CHARGE, Reason.CHARGE_ADDED, Reason.RECOVERED)


@dataclass(slots=True)
class Loan:
    """A loan as its entries have it. `paid`: by where it counts; `given_up`: all that was owed when it was written off."""

    loan_no: int
    member: int
    agreed: Terms
    terms: Terms
    entry_no: int
    paid: dict[Counts, int] = field(default_factory=dict)
    rollovers: list[Rollover] = field(default_factory=list)
    given_up: int | None = None
    recovered: int = 0

    def at(self, on: date, held: Held) -> Position:
        """The position at the end of a day. Raises ValueError or OverflowError for dates beyond all calendars."""
        payments = [Payment(where.on, self.paid[where]) for where in sorted(self.paid)]  # in the order they were posted
        return loans.position(self.terms, payments, on, held, self.rollovers)

    @property
    def due_on(self) -> date:
        """The day it falls due, rollovers counted."""
        return loans.due_on(self.agreed, self.rollovers)


@dataclass(slots=True)
class Loans:
    """All loans as far as the book has been read, by number. `latest`: the last day that any entry happened on."""

    by_number: dict[int, Loan] = field(default_factory=dict)
    latest: date = date.min

    def take(self, step: Step, accounts: Accounts, rules: Rules, held: Held, corrections: Corrections) -> Iterator[str]:
        """Looks at the entry after its lines; says what is wrong with its loans. `held`: the meetings closed before it."""
        self.latest = max(self.latest, step.entry.happened_on)
        for given in step.said.loans:
            yield from self._give(step, given, rules)
        touched = set()
        for line in step.lines:
            yield from self._line_faults(line)
            touched |= {line.loan_no} & self.by_number.keys()
            self._count(step, line, corrections)
        for event in step.said.events:
            yield from self._happen(step, event, held)
            touched |= {event.loan_no} & self.by_number.keys()
        if (step.said.meeting is not None and step.said.meeting.loan_meeting) or step.entry.kind == EntryKind.SHARE_OUT:
            touched |= {number % SUB for number in accounts.of_kind(Kind.LOAN)} & self.by_number.keys()  # what their periods have added is booked
        reinstated = {event.loan_no for event in step.said.events if event.kind == "reinstated"}
        for number in sorted(touched):
            yield from _state_faults(self.by_number[number], step.entry.happened_on, held, accounts, all_booked=number not in reinstated)

    def at_the_end(self, accounts: Accounts, held: Held) -> Iterator[tuple[int, str]]:
        """(entry, what): loans that the last meetings make another of than the accounts say."""
        for loan in self.by_number.values():
            for what in _state_faults(loan, self.latest, held, accounts, all_booked=False):
                yield loan.entry_no, what

    def _give(self, step: Step, given: Given, rules: Rules) -> Iterator[str]:
        number, terms = given.loan_no, given.terms
        if number != len(self.by_number) + 1:
            yield f"gives loan {number} after loan {len(self.by_number)}"
        if terms.opened_on != step.entry.happened_on:
            yield f"loan {number} was not opened on the day of its entry"
        brought = step.entry.kind == EntryKind.OPENING
        if not any(_by_the_rules(terms, version.rules, brought) for version in rules.versions):
            yield f"loan {number} has other terms than the rules give it"
        lent = [line for line in step.lines if line.debit == loan_account(number, terms.fund)]
        why = Reason.OPENING if brought else Reason.LOAN
        if [(line.amount, line.reason) for line in lent] != [(terms.principal, why)]:
            yield f"loan {number} is not what its entry gave"
        added = sum(line.amount for line in step.lines if line.debit == account(Kind.CHARGE_DUE, number))
        if added != (terms.opening_charge if terms.method == "rolled" else 0):
            yield f"loan {number} began with another charge than its terms say"
        self.by_number[number] = Loan(number, given.member, terms, terms, step.entry.entry_no)

    def _line_faults(self, line: StoredLine) -> Iterator[str]:
        """A line on a loan's account names that loan and its member, and the account is of the loan's fund."""
        on_loans = [number for number in (line.debit, line.credit) if number // SUB in _OF_LOANS]
        loan = self.by_number.get(line.loan_no)
        if {number % SUB for number in on_loans} - {line.loan_no}:
            yield f"line {line.line_no} touches another loan"
        elif line.loan_no and loan is None:
            yield f"line {line.line_no} names loan {line.loan_no}, whose terms are missing"
        elif loan is None and line.reason in _LOAN_REASONS:
            yield f"line {line.line_no} names no loan"
        if loan is None:
            return
        if line.member != loan.member:
            yield f"line {line.line_no} is of loan {line.loan_no} and another member"
        own = {loan_account(loan.loan_no, loan.terms.fund), account(Kind.CHARGE_DUE, loan.loan_no)}
        if not set(on_loans) <= own or (line.reason == Reason.PRINCIPAL and not on_loans):
            yield f"line {line.line_no} is on an account that is not loan {line.loan_no}'s"

    def _count(self, step: Step, line: StoredLine, corrections: Corrections) -> None:
        """Payments and recoveries; what is cancelled no longer counts, and what cancels it never does."""
        old = corrections.cancelling.get(line.line_no)
        counted, where, sign = (line, corrections.counts(step, line), 1) if old is None else (old.line, old.counts, -1)
        loan = self.by_number.get(counted.loan_no)
        if loan is None:
            return
        if is_payment(counted):
            loan.paid[where] = loan.paid.get(where, 0) + sign * counted.amount
            if not loan.paid[where]:
                del loan.paid[where]
        elif counted.reason == Reason.RECOVERED:
            loan.recovered += sign * counted.amount

    def _happen(self, step: Step, event: Event, held: Held) -> Iterator[str]:
        loan = self.by_number.get(event.loan_no)
        if loan is None:
            yield f"says what became of loan {event.loan_no}, which nobody was given"
            return
        if event.on != (step.said.corrects.on if event.kind == "reinstated" and step.said.corrects else step.entry.happened_on):
            yield f"says what became of loan {event.loan_no} on another day"
        now = loan.at(event.on, held)
        as_it_was = (event.due_before, event.principal, event.charge) == (loan.due_on, now.principal, now.charge)
        match event.kind:
            case "rollover":
                if not as_it_was or loan.given_up is not None:
                    yield f"rolls loan {event.loan_no} over from figures that it did not have"
                loan.rollovers.append(Rollover(event.on, event.due_on))
            case "written_off":
                if not as_it_was or loan.given_up is not None:
                    yield f"writes loan {event.loan_no} off with figures that it did not have"
                loan.given_up = now.owed
            case "reinstated":
                if loan.given_up is None:
                    yield f"reinstates loan {event.loan_no}, which was not written off"
                loan.given_up = None
            case _:
                loan.terms = loans.corrected(loan.agreed, event.principal)


def _by_the_rules(terms: Terms, rules: Constitution, brought: bool) -> bool:
    """Whether a version of the rules gives these terms: `ledger.posting.terms_of`, and for what a paper brought `ledger.groups`."""
    method = "declining" if terms.fund == "entrusted" and rules.charge_method == "rolled" else rules.charge_method
    agreed = (method, rules.charge_rate_bp, rules.charge_period, rules.late_loan)
    if terms.fund == "social_fund":
        agreed = ("none", 0, rules.charge_period, "none")
    if (terms.method, terms.rate_bp, terms.period, terms.late_rule) != agreed:
        return False
    days = (terms.issued_on, terms.due_on)
    return brought or terms == loans.granted(terms.principal, terms.method, terms.rate_bp, terms.period, *days, terms.late_rule, terms.fund)


def _state_faults(loan: Loan, on: date, held: Held, accounts: Accounts, all_booked: bool) -> Iterator[str]:
    """The accounts against the replay. `all_booked`: with the rolled method the charge up to `on` is in the book, not only some of it."""
    now = loan.at(on, held)
    gone = loan.given_up is not None
    principal = 0 if gone else now.principal
    booked = accounts.balance(loan_account(loan.loan_no, loan.terms.fund))
    if booked != principal:
        yield f"loan {loan.loan_no}: {principal} of principal is left by its terms and payments, the book says {booked}"
    charge = now.charge if loan.terms.method == "rolled" and not gone else 0
    due = accounts.balance(account(Kind.CHARGE_DUE, loan.loan_no))
    if due > charge or (all_booked and due != charge):
        yield f"loan {loan.loan_no}: {charge} of charge was added and not paid by its terms and payments, the book says {due}"
    if loan.given_up is not None and loan.recovered > loan.given_up:
        yield f"loan {loan.loan_no}: {loan.recovered} was paid on {loan.given_up} that had been given up"
