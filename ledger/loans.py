"""What a borrower owes on a day: principal, and service charge by the three methods that groups really use. Pure arithmetic.

A loan runs in periods (a month, or four weeks) counted from the day it was given. Every started period is charged, once, however
many payments fall into it. A payment on the last day of a period still belongs to that period; the next charge starts the day after.

* flat: each started period charges rate x the original principal while anything is unpaid;
* declining: each started period charges rate x the principal outstanding; unpaid charge waits and bears none itself;
* rolled: the charge is added to the debt when the period starts, and bears charge from then on.

Rounding: a period's charge is rate x base, an exact fraction rounded half up to one minor unit, once, when the period starts.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

Method = Literal["flat", "declining", "rolled", "none"]
Period = Literal["month", "four_weeks"]
PERIODS_MAX = 600  # fifty years of months: a bound, not a wish
BASIS_POINTS = 10_000


@dataclass(frozen=True, slots=True)
class Terms:
    """A loan as agreed. `principal` and `opening_charge` stood open at the end of `opened_on`; for a loan granted in Dialbook that is
    the day of issue and the first period's charge."""

    original: int
    principal: int
    opening_charge: int
    method: Method
    rate_bp: int
    period: Period
    issued_on: date
    opened_on: date
    due_on: date


@dataclass(frozen=True, slots=True)
class Payment:
    """What one repayment settled, in minor units."""

    on: date
    charge: int
    principal: int


@dataclass(frozen=True, slots=True)
class Position:
    """What is owed at the end of a day. `added` is all charge so far, the opening one included; `charged` counts the periods begun
    since `opened_on`; `next_period` is the first day of the next one."""

    principal: int
    charge: int
    added: int
    charged: int
    next_period: date

    @property
    def owed(self) -> int:
        """Principal and charge together."""
        return self.principal + self.charge


class MoreThanOwed(ValueError):
    """A payment above the debt; `owed` is the exact amount that would settle it."""

    def __init__(self, owed: int):
        super().__init__(f"{owed} is owed")
        self.owed = owed


def granted(principal: int, method: Method, rate_bp: int, period: Period, on: date, due_on: date) -> Terms:
    """Terms of a loan given today: the first period starts at once.

    >>> granted(1_000_000, "declining", 100, "month", date(2026, 3, 24), date(2026, 9, 24)).opening_charge
    10000
    """
    first = 0 if method == "none" else charge_on(principal, rate_bp)
    return Terms(principal, principal, first, method, rate_bp, period, on, on, due_on)


def charge_on(base: int, rate_bp: int) -> int:
    """Rate x base, rounded half up to one minor unit.

    >>> charge_on(1_500_000, 100), charge_on(150, 100), charge_on(149, 100)
    (15000, 2, 1)
    """
    return (base * rate_bp * 2 + BASIS_POINTS) // (2 * BASIS_POINTS)


def period_end(issued_on: date, period: Period, count: int) -> date:
    """Last day of the `count`-th period: the same day of the month (or its last), or every 28th day.

    >>> period_end(date(2026, 1, 31), "month", 1), period_end(date(2026, 1, 31), "month", 2)
    (datetime.date(2026, 2, 28), datetime.date(2026, 3, 31))
    >>> period_end(date(2026, 1, 31), "four_weeks", 2)
    datetime.date(2026, 3, 28)
    """
    if period == "four_weeks":
        return issued_on + timedelta(days=28 * count)
    years, month = divmod(issued_on.month - 1 + count, 12)
    year = issued_on.year + years
    return date(year, month + 1, min(issued_on.day, calendar.monthrange(year, month + 1)[1]))


def position(terms: Terms, payments: Iterable[Payment], on: date) -> Position:
    """What is owed at the end of `on`, after `payments` in the order they were posted (a payment posted late counts from the day of the
    one before it: nothing already settled is reckoned again).

    >>> terms = granted(100_000, "declining", 1000, "month", date(2026, 1, 10), date(2026, 4, 10))
    >>> position(terms, [], date(2026, 2, 10)).owed
    110000
    >>> after = position(terms, [Payment(date(2026, 2, 10), 10_000, 50_000)], date(2026, 2, 11))
    >>> after.principal, after.charge
    (50000, 5000)
    """
    now = Position(terms.principal, terms.opening_charge, terms.opening_charge, 0, date.max)
    ends = _period_ends(terms)
    end = next(ends)
    for payment in payments:
        while end < payment.on:
            now, end = _start_period(terms, now), next(ends)
        now = replace(now, principal=now.principal - payment.principal, charge=now.charge - payment.charge)
    while end < on:
        now, end = _start_period(terms, now), next(ends)
    return replace(now, next_period=end + timedelta(days=1))


def settle(now: Position, paid: int) -> tuple[int, int]:
    """Split a payment into (charge, principal): the charge due first.

    >>> settle(Position(1_500_000, 15_000, 15_000, 0, date.max), 520_000)
    (15000, 505000)
    """
    if paid > now.owed:
        raise MoreThanOwed(now.owed)
    charge = min(paid, now.charge)
    return charge, paid - charge


def _period_ends(terms: Terms) -> Iterator[date]:
    """Ends of the periods that run on or after the day the loan came into the book."""
    for count in range(1, PERIODS_MAX):
        end = period_end(terms.issued_on, terms.period, count)
        if end >= terms.opened_on:
            yield end
    yield date.max


def _start_period(terms: Terms, now: Position) -> Position:
    """One more period begins, unless everything is paid."""
    if now.owed <= 0:
        return now
    base = {"flat": terms.original, "declining": now.principal, "rolled": now.owed, "none": 0}[terms.method]
    more = charge_on(base, terms.rate_bp)
    return replace(now, charge=now.charge + more, added=now.added + more, charged=now.charged + 1)
