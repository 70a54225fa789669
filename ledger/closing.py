"""The close of a meeting: one entry of all that was noted, with the counted cash of both boxes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from ledger import meetings, rules_group
from ledger.beside import close_row, event_rows, rolled_rows
from ledger.checks import Refused, check_amount
from ledger.commands import CloseMeeting
from ledger.db import Conn
from ledger.entry import Entry, EntryKind
from ledger.meetings import Count, Meeting
from ledger.posting import Prepared
from ledger.reckoning import Reckoned, said


def meeting_to_close(conn: Conn, request: CloseMeeting, on: date) -> Meeting:
    """The open meeting as the request knows it, on the day it ends. Raises Refused when it has moved on since it was counted."""
    meeting = meetings.open_now(conn, request.group_id)
    if meeting is None or meeting.meeting_no != request.meeting_no:
        raise Refused("no_meeting")
    if meeting.draft != request.draft:
        raise Refused("meeting_moved")
    return replace(meeting, held_on=on)


def closing_count(done: Reckoned, request: CloseMeeting) -> Count:
    """What was counted at the end beside what the meeting comes to."""
    loan_fund, social_fund = done.boxes
    return Count(loan_fund, request.loan_fund_counted, social_fund, request.social_fund_counted, request.why)


def prepare(conn: Conn, request: CloseMeeting, on: date) -> Prepared:
    """The meeting's entry. Raises Refused when rules or boxes do not allow it, or when a difference has no reason."""
    meeting = meeting_to_close(conn, request, on)
    done = meetings.reckoned(conn, meeting)
    for counted in (request.loan_fund_counted, request.social_fund_counted):
        check_amount(done.tally, counted, least=0)
    count = closing_count(done, request)
    if not (count.agrees and meeting.opening.agrees) and not request.why:
        raise Refused("reason_needed")
    done.take(rules_group.count_differs(*count.over).lines)
    rows = rolled_rows(done.rolled, meeting.held_on)
    annex: dict[str, Any] = {"meeting": _annex(meeting, count, done)} | ({"events": rows} if rows else {})
    entry = Entry(EntryKind.MEETING, tuple(done.lines))
    return Prepared(entry, tuple(done.given), annex, (close_row(meeting), event_rows(rows)))


def _annex(meeting: Meeting, count: Count, done: Reckoned) -> dict[str, Any]:
    """What the meeting was, beside its lines: number, counts, roll call, words."""
    roll: dict[str, list[int]] = {}
    for number, status in sorted(done.presence.items()):
        roll.setdefault(status, []).append(number)
    return {
        "no": meeting.meeting_no,
        "loan_meeting": meeting.loan_meeting,
        "held_on": meeting.held_on.isoformat(),
        "opened_by": meeting.opened_by,
        "opening": _count(meeting.opening),
        "closing": _count(count),
        "roll": roll,
        "said": said(meeting.requests()),
    }


def _count(count: Count) -> list[int | str]:
    return [count.loan_fund_expected, count.loan_fund, count.social_fund_expected, count.social_fund, count.why]
