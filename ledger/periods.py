"""When a loan's periods end and when a loan is late: by the calendar until the group holds meetings in this book, then by its loan meetings.

The rules in words are in `ledger/loans.py`. A period's last day still belongs to it; what follows from its end follows from the day after.
"""

from __future__ import annotations

import calendar
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Period = Literal["month", "four_weeks"]
PERIODS_MAX = 600  # fifty years of months: a bound, not a wish
EARLY = timedelta(days=7)  # a loan meeting this much before the day that was expected still stands for it
A_YEAR: dict[Period, int] = {"month": 12, "four_weeks": 13}


@dataclass(frozen=True, slots=True)
class Held:
    """The closed meetings of a group: the first of any kind (None: none in this book yet), and its loan meetings, oldest first."""

    first: date | None
    loan_meetings: tuple[date, ...]


NEVER = Held(None, ())


def period_end(issued_on: date, period: Period, count: int) -> date:
    """Last day of the `count`-th period: the same day of the month (or its last), or every 28th day. Raises ValueError after year 9999.

    >>> period_end(date(2026, 1, 31), "month", 1), period_end(date(2026, 1, 31), "month", 2)
    (datetime.date(2026, 2, 28), datetime.date(2026, 3, 31))
    >>> period_end(date(2026, 1, 31), "four_weeks", 2)
    datetime.date(2026, 3, 28)
    """
    if period == "four_weeks":
        return issued_on + timedelta(days=28 * count)
    years, month = divmod(issued_on.month - 1 + count, 12)
    year, day = issued_on.year + years, issued_on.day
    return date(year, month + 1, day if day <= 28 else min(day, calendar.monthrange(year, month + 1)[1]))


def period_ends(issued_on: date, period: Period, held: Held) -> Iterator[date]:
    """Last days of the periods of a loan given on `issued_on`, oldest first, as far as they are known.

    Meetings on the 7th and the 24th, kept in this book since the 24th of February: the month that ended before is counted by the calendar.

    >>> held = Held(date(2026, 2, 24), (date(2026, 2, 24), date(2026, 3, 7), date(2026, 3, 24), date(2026, 4, 7)))
    >>> [str(end) for end in period_ends(date(2026, 1, 7), "month", held)]
    ['2026-02-07', '2026-03-07', '2026-04-07']
    """
    for count in range(1, PERIODS_MAX):
        end = period_end(issued_on, period, count)
        if held.first is not None and end >= held.first:
            yield from _ends_at_meetings(issued_on, period, count, held.loan_meetings)
            return
        yield end


def _ends_at_meetings(issued_on: date, period: Period, count: int, meetings: Sequence[date]) -> Iterator[date]:
    """From the calendar's `count`-th end on: the first loan meeting from a week before the day expected, one period after the last end, and
    so on; but none before the calendar, too, is a week before its next end: so that meeting more often never charges more often."""
    by_calendar = expected = period_end(issued_on, period, count)
    at = 0
    while (at := bisect_left(meetings, expected - EARLY, at)) < len(meetings):
        yield meetings[at]
        while by_calendar - EARLY <= meetings[at]:
            count += 1
            by_calendar = period_end(issued_on, period, count)
        expected = max(period_end(meetings[at], period, 1), by_calendar)


def late_after(due_on: date, held: Held) -> date:
    """The day at whose end an unpaid loan is late: the due day, or the first loan meeting on or after it; date.max: not held yet.

    >>> late_after(date(2026, 4, 10), NEVER)
    datetime.date(2026, 4, 10)
    >>> late_after(date(2026, 4, 10), Held(date(2026, 3, 7), (date(2026, 4, 7), date(2026, 4, 14))))
    datetime.date(2026, 4, 14)
    """
    if held.first is None or due_on < held.first:
        return due_on
    at = bisect_left(held.loan_meetings, due_on)
    return held.loan_meetings[at] if at < len(held.loan_meetings) else date.max


def yearly_bp(rate_bp: int, period: Period) -> int:
    """A rate for each period as a rate for a year, in basis points, simply counted: twelve months or thirteen times four weeks.

    >>> yearly_bp(150, "month"), yearly_bp(150, "four_weeks")
    (1800, 1950)
    """
    return rate_bp * A_YEAR[period]
