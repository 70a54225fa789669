"""A meeting: noted as it happens, in any order, and posted as one entry when it closes. Until then nothing of it is in the book.

Every function works in the caller's transaction; those that write expect the group's lock (`db.lock_group`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from ledger.accounts import Kind, account
from ledger.books import Book
from ledger.checks import Refused, check_cycle
from ledger.commands import NOTED, Note, NoteMany, OpenMeeting, Request, Undo, restore
from ledger.db import Conn
from ledger.journal import CommandConflict
from ledger.reckoning import Reckoned, reckon
from ledger.tally import Tally

KEEPERS = ("record_keeper", "chair")  # who may open a meeting and note what happens
NOTES_MAX = 1_500
OPEN_HOURS = 24  # a meeting open for longer is reported


@dataclass(frozen=True, slots=True)
class Count:
    """The cash of both boxes, as the book has it and as it was counted, in minor units, and why they differ."""

    loan_fund_expected: int
    loan_fund: int
    social_fund_expected: int
    social_fund: int
    why: str = ""

    @property
    def over(self) -> tuple[int, int]:
        """Counted less expected, loan fund and social fund; negative when money is short."""
        return self.loan_fund - self.loan_fund_expected, self.social_fund - self.social_fund_expected

    @property
    def agrees(self) -> bool:
        """Both boxes hold what the book says."""
        return self.over == (0, 0)


@dataclass(frozen=True, slots=True)
class Noted:
    """Something that was noted at the meeting and not undone."""

    note_no: int
    request: Request


@dataclass(frozen=True, slots=True)
class Meeting:
    """The open meeting of a group."""

    group_id: int
    meeting_no: int
    loan_meeting: bool
    held_on: date
    opened_by: int
    opened_at: datetime
    opening: Count
    notes: tuple[Noted, ...]

    @property
    def draft(self) -> str:
        """Hash of what was noted, in any order: officers agree to just that."""
        said = sorted(noted.request.id.bytes + noted.request.body_hash() for noted in self.notes)
        return hashlib.sha256(b"".join(said)).hexdigest()

    def requests(self) -> list[Request]:
        """What was noted, oldest first."""
        return [noted.request for noted in self.notes]


_OPEN = """
select m.* from meeting m where m.group_id = %s
   and not exists (select from meeting_close c where c.group_id = m.group_id and c.meeting_no = m.meeting_no)"""
_NOTES = """
select n.note_no, n.command_id, n.kind, n.member, n.noted_by, n.body from meeting_note n
 where n.group_id = %s and n.meeting_no = %s
   and not exists (select from meeting_undo u where u.group_id = n.group_id and u.meeting_no = n.meeting_no and u.note_no = n.note_no)
 order by n.note_no"""


def open_now(conn: Conn, group_id: int) -> Meeting | None:
    """The group's open meeting with its notes, or None."""
    row = conn.execute(_OPEN, (group_id,)).fetchone()
    if row is None:
        return None
    notes = tuple(
        Noted(n.note_no, restore(n.kind, n.command_id, group_id, n.member, n.noted_by, n.body))
        for n in conn.execute(_NOTES, (group_id, row.meeting_no))
    )
    count = Count(row.loan_fund_expected, row.loan_fund_counted, row.social_fund_expected, row.social_fund_counted, row.why)
    return Meeting(group_id, row.meeting_no, row.loan_meeting, row.held_on, row.opened_by, row.opened_at, count, notes)


def open_meeting(conn: Conn, book: Book, wish: OpenMeeting) -> int:
    """Open a meeting today, its counts compared with the book: its number. The same command again changes nothing.

    Raises Refused: no record-keeper, a meeting is open, or a difference without a reason.
    """
    again = conn.execute("select meeting_no from meeting where group_id = %s and command_id = %s", (book.group_id, wish.id)).fetchone()
    if again is not None:
        return int(again.meeting_no)
    may_keep(book, wish.member)
    check_cycle(book)
    if open_now(conn, book.group_id) is not None:
        raise Refused("meeting_open")
    count = opening_count(book, wish.loan_fund_counted, wish.social_fund_counted, wish.why)
    if not count.agrees and not wish.why:
        raise Refused("reason_needed")
    row = conn.execute(
        """insert into meeting (group_id, meeting_no, loan_meeting, held_on, opened_by, command_id, why, loan_fund_expected, loan_fund_counted,
                                social_fund_expected, social_fund_counted)
           select %s, coalesce(max(meeting_no), 0) + 1, %s, %s, %s, %s, %s, %s, %s, %s, %s from meeting where group_id = %s returning meeting_no""",
        (book.group_id, wish.loan_meeting, book.group.today, wish.member, wish.id, wish.why, count.loan_fund_expected, count.loan_fund,
         count.social_fund_expected, count.social_fund, book.group_id),
    ).fetchone()  # fmt: skip
    assert row is not None
    return int(row.meeting_no)


def opening_count(book: Book, loan_fund: int, social_fund: int, why: str = "") -> Count:
    """What was counted beside what the book says: the closing of the last meeting, and what came in by phone since."""
    boxes = (account(Kind.LOAN_FUND_CASH), account(Kind.SOCIAL_FUND_CASH))
    return Count(book.balance(boxes[0]), loan_fund, book.balance(boxes[1]), social_fund, why)


def may_keep(book: Book, number: int) -> None:
    """The record-keeper's work; the chair's when she is away."""
    member = book.member(number)
    if member is None or not set(KEEPERS) & set(member.roles):
        raise Refused("not_your_office")


def note(conn: Conn, book: Book, wish: Note) -> int:
    """Note an event at the open meeting: its number. The same command again changes nothing. Totals are enforced at the close only.

    Raises Refused by the group's rules, CommandConflict when the id was used for something else.
    """
    return note_many(conn, book, NoteMany((wish.request,)))[0]


def note_many(conn: Conn, book: Book, wish: NoteMany) -> list[int]:
    """Note several events, all or none; otherwise like `note`."""
    numbers = _noted_before(conn, book.group_id, wish.requests)
    fresh = [request for request in wish.requests if request.id not in numbers]
    if fresh:
        meeting = check_notes(conn, book, fresh)
        numbers |= {request.id: _write(conn, meeting, request) for request in fresh}
    return [numbers[request.id] for request in wish.requests]


def check_notes(conn: Conn, book: Book, requests: Sequence[Request]) -> Meeting:
    """The open meeting as it stands before them. Raises Refused when it would not take these notes."""
    for number in {request.asked_by for request in requests}:
        may_keep(book, number)
    meeting = _open_for_notes(conn, book)
    if any(request.kind not in NOTED for request in requests):
        raise Refused("not_at_a_meeting")
    if len(meeting.notes) + len(requests) > NOTES_MAX:
        raise Refused("too_many_notes", most=NOTES_MAX)
    _reckon(conn, meeting, [*meeting.requests(), *requests], lenient=True)
    return meeting


def _noted_before(conn: Conn, group_id: int, requests: Sequence[Request]) -> dict[UUID, int]:
    said = {request.id: request.body_hash() for request in requests}
    rows = conn.execute(
        "select note_no, command_id, body_hash from meeting_note where group_id = %s and command_id = any(%s)", (group_id, list(said))
    ).fetchall()
    for row in rows:
        if row.body_hash != said[row.command_id]:
            raise CommandConflict(f"note {row.command_id} came with another body")
    return {row.command_id: row.note_no for row in rows}


def done_before(conn: Conn, group_ids: Sequence[int], commands: Sequence[UUID]) -> dict[UUID, tuple[int, int]]:
    """{command: (group, who gave it)} of those commands that have opened a meeting or noted something at one, undone or not."""
    rows = conn.execute(
        """select command_id, group_id, opened_by as by from meeting where group_id = any(%(groups)s) and command_id = any(%(ids)s)
           union all
           select command_id, group_id, noted_by from meeting_note where group_id = any(%(groups)s) and command_id = any(%(ids)s)""",
        {"groups": list(group_ids), "ids": list(commands)},
    )
    return {row.command_id: (row.group_id, row.by) for row in rows}


def _open_for_notes(conn: Conn, book: Book) -> Meeting:
    meeting = open_now(conn, book.group_id)
    if meeting is None:
        raise Refused("no_meeting")
    if closing_waits(conn, meeting):
        raise Refused("closing_waits")
    return meeting


def closing_waits(conn: Conn, meeting: Meeting) -> bool:
    """Whether officers have been asked to close it; what they agree to must not move under them."""
    row = conn.execute(
        """select 1 from waiting w join request r on r.group_id = w.group_id and r.request_no = w.request_no
            where w.group_id = %s and r.kind = 'close_meeting'""",
        (meeting.group_id,),
    ).fetchone()
    return row is not None


def _write(conn: Conn, meeting: Meeting, request: Request) -> int:
    row = conn.execute(
        """insert into meeting_note (group_id, meeting_no, note_no, command_id, kind, member, noted_by, body, body_hash)
           select %s, %s, coalesce(max(note_no), 0) + 1, %s, %s, %s, %s, %s, %s from meeting_note where group_id = %s and meeting_no = %s
           returning note_no""",
        (meeting.group_id, meeting.meeting_no, request.id, request.kind, request.member, request.asked_by, Jsonb(request.body()),
         request.body_hash(), meeting.group_id, meeting.meeting_no),
    ).fetchone()  # fmt: skip
    assert row is not None
    return int(row.note_no)


def undo(conn: Conn, book: Book, wish: Undo) -> None:
    """Take a note back. Raises Refused when there is none by that number. Undone twice is undone once."""
    may_keep(book, wish.member)
    meeting = _open_for_notes(conn, book)
    done = conn.execute(
        """insert into meeting_undo (group_id, meeting_no, note_no, undone_by)
           select n.group_id, n.meeting_no, n.note_no, %s from meeting_note n where n.group_id = %s and n.meeting_no = %s and n.note_no = %s
           on conflict do nothing returning note_no""",
        (wish.member, meeting.group_id, meeting.meeting_no, wish.note_no),
    ).fetchone()
    if done is None and wish.note_no not in {noted.note_no for noted in meeting.notes} and not _undone(conn, meeting, wish.note_no):
        raise Refused("no_such_note")


def _undone(conn: Conn, meeting: Meeting, note_no: int) -> bool:
    row = conn.execute(
        "select 1 from meeting_undo where group_id = %s and meeting_no = %s and note_no = %s", (meeting.group_id, meeting.meeting_no, note_no)
    ).fetchone()
    return row is not None


def so_far(conn: Conn, meeting: Meeting) -> Reckoned:
    """The meeting as noted so far: boxes, members' figures, what is missing."""
    return _reckon(conn, meeting, meeting.requests(), lenient=True)


def reckoned(conn: Conn, meeting: Meeting) -> Reckoned:
    """The meeting as it would be posted. Raises Refused when the rules or the boxes do not allow it."""
    return _reckon(conn, meeting, meeting.requests(), lenient=False)


def _reckon(conn: Conn, meeting: Meeting, requests: Sequence[Request], lenient: bool) -> Reckoned:
    tally = Tally(conn, meeting.group_id, meeting.held_on)
    tally.lenient = lenient
    return reckon(tally, requests, meeting.held_on, meeting.loan_meeting, meeting.opening.over)


def left_open(conn: Conn, limit: int) -> list[Any]:
    """(group_id, meeting_no, held_on, opened_by) of meetings that have been open for more than a day and were not reported."""
    return conn.execute(
        """select m.group_id, m.meeting_no, m.held_on, m.opened_by from meeting m
            where m.opened_at between clock_timestamp() - interval '60 days' and clock_timestamp() - make_interval(hours => %s)
              and not exists (select from meeting_close c where c.group_id = m.group_id and c.meeting_no = m.meeting_no)
              and not exists (select from meeting_late l where l.group_id = m.group_id and l.meeting_no = m.meeting_no)
            order by m.opened_at limit %s""",
        (OPEN_HOURS, limit),
    ).fetchall()
