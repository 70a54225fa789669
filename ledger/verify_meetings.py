"""The part of the proof that is about meetings: without a gap, in the order of their days, and the counted cash is the book's cash."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from ledger import loans
from ledger.accounts import Kind, account
from ledger.chain import StoredLine
from ledger.entry import Reason
from ledger.verify_accounts import Accounts
from ledger.verify_annex import Held, Step

BOXES = (account(Kind.LOAN_FUND_CASH), account(Kind.SOCIAL_FUND_CASH))


@dataclass(slots=True)
class Meetings:
    """The closed meetings as far as the book has been read. `boxes`: what both held after the last one and after every entry since."""

    last_no: int = 0
    closed_on: date = date.min
    held: loans.Held = loans.NEVER
    boxes: set[tuple[int, int]] = field(default_factory=lambda: {(0, 0)})

    def take(self, step: Step, accounts: Accounts) -> Iterator[str]:
        """Looks at the entry after its lines; says what is wrong with its day, or with the meeting it closes."""
        if step.entry.happened_on < self.closed_on:
            yield f"happened on {step.entry.happened_on}, before the meeting of {self.closed_on} that was closed"
        now = accounts.balance(BOXES[0]), accounts.balance(BOXES[1])
        meeting = step.said.meeting
        if meeting is None:
            self.boxes.add(now)
            return
        yield from self._faults(step, meeting, now)
        self.last_no, self.closed_on, self.boxes = meeting.no, meeting.held_on, {now}

    def close(self, step: Step) -> None:
        """The meeting counts for loans from now on: what was paid at it was reckoned without it."""
        meeting = step.said.meeting
        if meeting is not None:
            more = (meeting.held_on,) if meeting.loan_meeting else ()
            first = meeting.held_on if self.held.first is None else self.held.first
            self.held = loans.Held(first, (*self.held.loan_meetings, *more))

    def _faults(self, step: Step, meeting: Held, now: tuple[int, int]) -> Iterator[str]:
        opening, closing = meeting.opening, meeting.closing
        if meeting.no != self.last_no + 1:
            yield f"closes meeting {meeting.no} after meeting {self.last_no}"
        if meeting.held_on != step.entry.happened_on:
            yield f"closes the meeting of {meeting.held_on} on another day"
        if (opening.loan_fund_expected, opening.social_fund_expected) not in self.boxes:
            yield "was opened with boxes that the book never had"
        if (closing.loan_fund, closing.social_fund) != now:
            yield f"counts {closing.loan_fund} and {closing.social_fund} in the boxes, the book has {now[0]} and {now[1]}"
        over = tuple(first + last for first, last in zip(opening.over, closing.over, strict=True))
        if over != _booked(step.lines):
            yield "books another difference of the boxes than it counts"
        if not (opening.agrees or opening.why) or not (closing.agrees or closing.why):
            yield "has a difference of the boxes and no reason for it"
        called = [number for numbers in meeting.roll.values() for number in numbers]
        if len(called) != len(set(called)):
            yield "calls a member twice"


def _booked(lines: list[StoredLine]) -> tuple[int, ...]:
    """What the entry books as over (positive) or short in each box."""
    some = [line for line in lines if line.reason == Reason.OVER_SHORT]
    return tuple(sum(((line.debit == box) - (line.credit == box)) * line.amount for line in some) for box in BOXES)
