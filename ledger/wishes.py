"""What members wish: to be called, to borrow. Kept so that nobody can make others be told without end; nothing of it is in the book."""

from __future__ import annotations

from ledger.checks import Refused
from ledger.commands import Wish
from ledger.db import Conn

A_DAY_MAX = {"call": 1, "loan": 2}


def wish(conn: Conn, asked: Wish) -> bool:
    """Keep it: True, or False when this very wish was kept before. In the group's lock. Raises Refused: enough for a day."""
    row = conn.execute("select 1 from wish where group_id = %s and command_id = %s", (asked.group_id, asked.id)).fetchone()
    if row is not None:
        return False
    check(conn, asked.group_id, asked.member, asked.what)
    conn.execute(
        "insert into wish (group_id, command_id, member, what, amount) values (%s, %s, %s, %s, %s)",
        (asked.group_id, asked.id, asked.member, asked.what, asked.amount),
    )
    return True


def check(conn: Conn, group_id: int, member: int, what: str) -> None:
    """Raises Refused when she has wished it often enough for a day."""
    row = conn.execute(
        """select count(*) as n from wish where group_id = %s and member = %s and what = %s
              and wished_at > clock_timestamp() - interval '1 day'""",
        (group_id, member, what),
    ).fetchone()
    if row is not None and row.n >= A_DAY_MAX[what]:
        raise Refused("wished_today")
