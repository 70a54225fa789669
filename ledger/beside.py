"""Rows that stand beside an entry and repeat what its annex says, so that it can be asked for. The annex is what is hashed.

Each function gives what the annex holds (if it is not the caller's) and a writer of the rows, called once the entry has its number.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from psycopg.types.json import Jsonb

from ledger.commands import RollOver
from ledger.db import Conn
from ledger.loans import Position
from ledger.meetings import Meeting
from ledger.posting import Keep

_EVENT = """
insert into loan_event (group_id, loan_no, event_no, entry_no, kind, happened_on, due_before, due_on, principal, charge)
select %(group)s, %(loan)s, coalesce(max(event_no), 0) + 1, %(entry)s, %(kind)s, %(on)s, %(before)s, %(due)s, %(principal)s, %(charge)s
  from loan_event where group_id = %(group)s and loan_no = %(loan)s"""


def close_row(meeting: Meeting) -> Keep:
    """The meeting is closed by this entry."""

    def write(conn: Conn, group_id: int, entry_no: int, _first: int) -> None:
        conn.execute(
            "insert into meeting_close (group_id, meeting_no, entry_no, held_on, loan_meeting) values (%s, %s, %s, %s, %s)",
            (group_id, meeting.meeting_no, entry_no, meeting.held_on, meeting.loan_meeting),
        )

    return write


def event_rows(rows: Sequence[list[Any]]) -> Keep:
    """Rollovers and write-offs: [loan, kind, on, due before, due on, principal, charge] as the annex has them."""

    def write(conn: Conn, group_id: int, entry_no: int, _first: int) -> None:
        for loan_no, kind, on, before, due, principal, charge in rows:
            values = {"group": group_id, "loan": loan_no, "entry": entry_no, "kind": kind, "on": on, "before": before, "due": due}
            conn.execute(_EVENT, values | {"principal": principal, "charge": charge})

    return write


def rolled_rows(rolled: Sequence[tuple[RollOver, Position, date]], on: date) -> list[list[Any]]:
    """Rollovers agreed at a meeting on `on`: (request, position then, due day before), as the annex has them."""
    return [
        [request.loan_no, "rollover", on.isoformat(), before.isoformat(), request.due_on.isoformat(), now.principal, now.charge]
        for request, now, before in rolled
    ]


def left_row(member: int, why: str, waits: bool) -> Keep:
    """A member left by this entry."""

    def write(conn: Conn, group_id: int, entry_no: int, _first: int) -> None:
        conn.execute(
            "insert into member_left (group_id, member, entry_no, why, waits) values (%s, %s, %s, %s, %s)", (group_id, member, entry_no, why, waits)
        )

    return write


def share_out_row(cycle: int, sheet: dict[str, Any]) -> Keep:
    """The cycle was shared out by this entry."""

    def write(conn: Conn, group_id: int, entry_no: int, _first: int) -> None:
        conn.execute("insert into share_out (group_id, cycle, entry_no, sheet) values (%s, %s, %s, %s)", (group_id, cycle, entry_no, Jsonb(sheet)))

    return write


def rules_row(version: int, from_on: date, terms: dict[str, Any]) -> Keep:
    """A version of the constitution begins with this entry."""

    def write(conn: Conn, group_id: int, entry_no: int, _first: int) -> None:
        conn.execute(
            "insert into constitution (group_id, version, from_on, terms, entry_no) values (%s, %s, %s, %s, %s)",
            (group_id, version, from_on, Jsonb(terms), entry_no),
        )

    return write


def cycle_row(number: int, starts_on: date, ends_on: date) -> Keep:
    """A cycle begins with this entry."""

    def write(conn: Conn, group_id: int, entry_no: int, _first: int) -> None:
        conn.execute(
            "insert into cycle (group_id, number, starts_on, ends_on, entry_no) values (%s, %s, %s, %s, %s)",
            (group_id, number, starts_on, ends_on, entry_no),
        )

    return write


def correction_rows(corrects: int, on: date, rows: Sequence[tuple[int, int | None]]) -> Keep:
    """Which lines of this entry cancel which old lines: (place in the entry from 0, old line number or None for what stands in its place)."""

    def write(conn: Conn, group_id: int, entry_no: int, first: int) -> None:
        for place, cancels in rows:
            conn.execute(
                "insert into correction (group_id, line_no, entry_no, corrects, cancels, happened_on) values (%s, %s, %s, %s, %s, %s)",
                (group_id, first + place, entry_no, corrects, cancels, on),
            )

    return write
