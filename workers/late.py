"""Meetings that were left open for more than a day: record-keeper, chair and field agent are told, once."""

from __future__ import annotations

import structlog

from ledger import meetings, requests
from ledger.books import Book
from ledger.db import Conn, Database, lock_group
from menus import telling

log = structlog.get_logger()
AT_ONCE = 50
_ONCE = "insert into meeting_late (group_id, meeting_no) values (%s, %s) on conflict do nothing returning meeting_no"


def report_late(db: Database) -> int:
    """Report what nobody has reported, each group in a transaction of its own; how many."""
    with db.transaction() as conn:
        late = meetings.left_open(conn, AT_ONCE)
    reported = 0
    for row in late:
        with db.transaction() as conn:
            reported += _report(conn, row.group_id, row.meeting_no)
    if reported:
        log.info("meetings left open reported", count=reported)
    return reported


def _report(conn: Conn, group_id: int, meeting_no: int) -> bool:
    lock_group(conn, group_id)
    meeting = meetings.open_now(conn, group_id)
    if meeting is None or meeting.meeting_no != meeting_no or conn.execute(_ONCE, (group_id, meeting_no)).fetchone() is None:
        return False
    requests.write_texts(conn, group_id, telling.left_open(Book(conn, group_id), meeting.held_on))
    return True
