"""What a borrower owes on a day: principal, and service charge by the three methods that groups really use. Pure arithmetic.

A loan runs in periods (a month, or four weeks) counted from the day it was given. Every started period is charged, once, however
many payments fall into it. A payment on the last day of a period still belongs to that period; the next charge starts the day after.

* flat: each started period charges rate x the original principal while anything is unpaid;
* declining: each started period charges rate x the principal outstanding; unpaid charge waits and bears none itself;
* rolled: the charge is added to the debt when the period starts, and bears charge from then on;
* none: nothing is charged.

Rounding: a period's charge is rate x base, an exact fraction rounded half up to one minor unit, once, when the period starts.

When a period ends: by the calendar, on the same day of the month (or its last) or every 28th day, as long as the group has closed no
meeting in this book. What ended before the day of its first meeting stays so; from then on a period ends only at a closed loan meeting:
the first that is at most a week before the day expected, one period after the end before. So a meeting that slips charges nobody more,
an extra one charges nobody, and months without a meeting are charged once. Nor is there ever more than one end for each end the
calendar would have (a meeting may be a week early for it): a group that meets more often is not charged more often.

A payment settles the charge due first, then principal. What each payment settled is reckoned from the first day on, every time: when
an old payment is corrected, all that came after it follows. What was then paid beyond the debt is kept apart and settles nothing.

Due: a loan is late when something is owed and the due day is over; with meetings, the first loan meeting on or after that day. What
follows is the group's own rule:

* extra charge: periods go on being charged as before;
* none, or a fine (booked as a fine, apart from the loan): no period that begins after the due day is charged;
* doubling: all charge added so far is added once more, once in a loan's life; no period that begins after the due day is charged.

A rollover that a meeting agrees gives a new due day. Agreed before the loan is late, nothing of this happens; agreed later, what was
added stays, and periods are charged again from then on, up to the new day. With the flat method the charge is reckoned on the
principal outstanding at the end of the day it was agreed.

A loan brought from paper keeps the charge its paper says. Only what ends or falls due on or after the day it was brought adds to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import takewhile
from typing import Literal

from ledger.periods import NEVER, PERIODS_MAX, Held, Period, late_after, period_end, period_ends, yearly_bp

__all__ = [
    "BASIS_POINTS", "NEVER", "PERIODS_MAX", "Fund", "Held", "LateRule", "Method", "MoreThanOwed", "Payment", "Period", "Position", "Rollover",
    "Terms", "charge_on", "corrected", "due_on", "granted", "is_late", "period_end", "position", "settle", "splits", "yearly_bp",
]  # fmt: skip

Method = Literal["flat", "declining", "rolled", "none"]
LateRule = Literal["none", "extra_charge", "fine", "doubling"]
Fund = Literal["loan_fund", "social_fund", "entrusted"]
BASIS_POINTS = 10_000
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Terms:
    """A loan as agreed, in minor units and basis points. `principal` and `opening_charge` stood open at the end of `opened_on`; for a loan
    granted in Dialbook that is the day of issue and the first period's charge. `fund`: whose money it is; it changes no figure."""

    original: int
    principal: int
    opening_charge: int
    method: Method
    rate_bp: int
    period: Period
    issued_on: date
    opened_on: date
    due_on: date
    late_rule: LateRule = "extra_charge"
    fund: Fund = "loan_fund"


@dataclass(frozen=True, slots=True)
class Payment:
    """What was paid on a day, in minor units, never negative; how it is split follows from the days before it."""

    on: date
    amount: int


@dataclass(frozen=True, slots=True)
class Rollover:
    """The group agreed at a meeting on `on` that the loan falls due on `due_on` instead."""

    on: date
    due_on: date


@dataclass(frozen=True, slots=True)
class Position:
    """What is owed at the end of a day, in minor units. `added`: all charge so far, the opening one included; `charged`: how many periods
    begun since `opened_on` were charged; `paid_charge` and `paid_principal`: what the payments settled; `next_period`: first day of the
    next one that will be charged, None when there is none or it waits for a loan meeting; `overpaid`: what was paid beyond the debt."""

    principal: int
    charge: int
    added: int
    charged: int
    paid_charge: int
    paid_principal: int
    next_period: date | None
    overpaid: int = 0

    @property
    def owed(self) -> int:
        """Principal and charge together."""
        return self.principal + self.charge


class MoreThanOwed(ValueError):
    """A payment above the debt; `owed` is the exact amount that would settle it."""

    def __init__(self, owed: int):
        super().__init__(f"{owed} is owed")
        self.owed = owed


def granted(
    principal: int, method: Method, rate_bp: int, period: Period, on: date, due_on: date,
    late_rule: LateRule = "extra_charge", fund: Fund = "loan_fund",
) -> Terms:  # fmt: skip
    """Terms of a loan given today: the first period starts at once.

    >>> granted(1_000_000, "declining", 100, "month", date(2026, 3, 24), date(2026, 9, 24)).opening_charge
    10000
    """
    first = 0 if method == "none" else charge_on(principal, rate_bp)
    return Terms(principal, principal, first, method, rate_bp, period, on, on, due_on, late_rule, fund)


def corrected(terms: Terms, principal: int) -> Terms:
    """The terms had another principal been given: the first charge follows, except where a paper said both.

    >>> corrected(granted(100_000, "flat", 1000, "month", date(2026, 1, 10), date(2026, 4, 10)), 10_000).opening_charge
    1000
    """
    ours = (terms.original, terms.issued_on) == (terms.principal, terms.opened_on)
    first = terms.opening_charge if not ours or terms.method == "none" else charge_on(principal, terms.rate_bp)
    return replace(terms, original=principal if ours else max(terms.original, principal), principal=principal, opening_charge=first)


def charge_on(base: int, rate_bp: int) -> int:
    """Rate x base, rounded half up to one minor unit.

    >>> charge_on(1_500_000, 100), charge_on(150, 100), charge_on(149, 100)
    (15000, 2, 1)
    """
    return (base * rate_bp * 2 + BASIS_POINTS) // (2 * BASIS_POINTS)


def position(terms: Terms, payments: Iterable[Payment], on: date, held: Held = NEVER, rollovers: Iterable[Rollover] = ()) -> Position:
    """What is owed at the end of `on`, or of the last payment's day if that is later: every payment is counted.

    `payments` in the order of their days (one dated before the one before it counts from the day of that one), `rollovers` likewise.

    >>> terms = granted(100_000, "declining", 1000, "month", date(2026, 1, 10), date(2026, 4, 10))
    >>> position(terms, [], date(2026, 2, 10)).owed
    110000
    >>> after = position(terms, [Payment(date(2026, 2, 10), 60_000)], date(2026, 2, 11))
    >>> after.principal, after.charge, after.paid_charge, after.next_period
    (50000, 5000, 10000, datetime.date(2026, 3, 11))
    """
    replay = _Replay(terms, held, rollovers)
    for payment in payments:
        replay.pay(payment)
        on = max(on, payment.on)
    return replay.at_end_of(on)


def splits(terms: Terms, payments: Iterable[Payment], held: Held = NEVER, rollovers: Iterable[Rollover] = ()) -> list[tuple[int, int]]:
    """(charge, principal) that each payment settled, in the order given; less than its amount where more was paid than owed.

    >>> terms = granted(100_000, "flat", 1000, "month", date(2026, 1, 10), date(2026, 4, 10))
    >>> splits(terms, [Payment(date(2026, 2, 10), 60_000), Payment(date(2026, 3, 10), 70_000)])
    [(10000, 50000), (10000, 50000)]
    """
    replay = _Replay(terms, held, rollovers)
    return [replay.pay(payment) for payment in payments]


def settle(now: Position, paid: int) -> tuple[int, int]:
    """Split a payment into (charge, principal): the charge due first. Raises MoreThanOwed.

    >>> settle(Position(1_500_000, 15_000, 15_000, 0, 0, 0, None), 520_000)
    (15000, 505000)
    """
    if paid > now.owed:
        raise MoreThanOwed(now.owed)
    charge = min(paid, now.charge)
    return charge, paid - charge


def due_on(terms: Terms, rollovers: Sequence[Rollover] = ()) -> date:
    """The day the loan falls due after all its rollovers.

    >>> terms = granted(2_000, "flat", 1000, "month", date(2026, 1, 10), date(2026, 2, 10))
    >>> due_on(terms), due_on(terms, [Rollover(date(2026, 2, 10), date(2026, 3, 10))])
    (datetime.date(2026, 2, 10), datetime.date(2026, 3, 10))
    """
    return rollovers[-1].due_on if rollovers else terms.due_on


def is_late(terms: Terms, now: Position, on: date, held: Held = NEVER, rollovers: Iterable[Rollover] = ()) -> bool:
    """Whether something is owed in `now` (the position at the end of `on`) and the due day, or its loan meeting, was before `on`.

    Rollovers agreed after `on` do not count.

    >>> terms = granted(2_000, "flat", 1000, "month", date(2026, 1, 10), date(2026, 2, 10))
    >>> [is_late(terms, position(terms, [], day), day) for day in (date(2026, 2, 10), date(2026, 2, 11))]
    [False, True]
    """
    due = due_on(terms, list(takewhile(lambda one: one.on <= on, rollovers)))
    return now.owed > 0 and late_after(due, held) < on


class _Replay:
    """A loan from the day it came into the book onwards. A day goes: the charges of what ended the day before, its payments, its rollovers.

    `base`: what the flat method charges on; `end`: last day of the running period; `doubling`: the day after which the charge is doubled;
    both date.max when unknown or never."""

    def __init__(self, terms: Terms, held: Held, rollovers: Iterable[Rollover]):
        self.terms, self.held = terms, held
        self.principal, self.charge, self.added = terms.principal, terms.opening_charge, terms.opening_charge
        self.charged = self.paid_charge = self.paid_principal = self.overpaid = 0
        self.base, self.due = terms.original, terms.due_on
        self.ends = (end for end in period_ends(terms.issued_on, terms.period, held) if end >= terms.opened_on)
        self.end = next(self.ends, date.max)
        self.to_double = terms.late_rule == "doubling" and late_after(terms.due_on, held) >= terms.opened_on
        self.doubling = late_after(terms.due_on, held) if self.to_double else date.max
        self.rollovers = iter(rollovers)
        self.agreed = next(self.rollovers, None)

    def pay(self, payment: Payment) -> tuple[int, int]:
        """Count one payment; gives (charge, principal) of it."""
        self._begin(payment.on)
        charge = min(payment.amount, self.charge)
        principal = min(payment.amount - charge, self.principal)
        self.charge -= charge
        self.principal -= principal
        self.paid_charge += charge
        self.paid_principal += principal
        self.overpaid += payment.amount - charge - principal
        return charge, principal

    def at_end_of(self, on: date) -> Position:
        """What is owed when `on` is over; days do not go back."""
        self._begin(on)
        while self.agreed is not None and self.agreed.on <= on:
            self._roll_over(self.agreed)
        following = self.end + ONE_DAY if self.end != date.max and self._goes_on() else None
        paid = (self.paid_charge, self.paid_principal)
        return Position(self.principal, self.charge, self.added, self.charged, *paid, following, self.overpaid)

    def _begin(self, day: date) -> None:
        """All that comes before the payments of `day`."""
        while self.agreed is not None and self.agreed.on < day:
            self._charge_until(self.agreed.on)
            self._roll_over(self.agreed)
        self._charge_until(day)

    def _charge_until(self, day: date) -> None:
        """The charges of what ended before `day`, each on the day after. Doubling comes first: what ends with it is not charged."""
        while self.end < day or self.doubling < day:
            if self.doubling <= self.end:
                self._double()
                continue
            if self._goes_on():
                more = charge_on(self._base(), self.terms.rate_bp)
                self.charge, self.added, self.charged = self.charge + more, self.added + more, self.charged + 1
            self.end = next(self.ends, date.max)

    def _goes_on(self) -> bool:
        """Whether the period that begins after `end` is charged."""
        return self.principal + self.charge > 0 and (self.end < self.due or self.terms.late_rule == "extra_charge")

    def _base(self) -> int:
        """What the next period's charge is reckoned on."""
        method = self.terms.method
        if method == "flat":
            return self.base
        if method == "none":
            return 0
        return self.principal if method == "declining" else self.principal + self.charge

    def _double(self) -> None:
        """All charge so far once more, if anything is owed; never again on this loan."""
        if self.principal + self.charge > 0:
            self.charge, self.added = self.charge + self.added, self.added * 2
        self.to_double, self.doubling = False, date.max

    def _roll_over(self, agreed: Rollover) -> None:
        """At the end of its day."""
        self.base, self.due = self.principal, agreed.due_on
        if self.to_double:
            self.doubling = late_after(agreed.due_on, self.held)
        self.agreed = next(self.rollovers, None)
