"""Whether the same was asked a short while ago: people press twice, and a page should say so before they pay twice."""

from __future__ import annotations

from psycopg.types.json import Jsonb

from ledger.commands import Request
from ledger.db import Conn

TWIN_MINUTES = 15
REQUESTS_SEEN = 200


def asked_lately(conn: Conn, request: Request) -> bool:
    """True when this person asked the same for the same member within TWIN_MINUTES, under another id, and it was not refused."""
    row = conn.execute(
        """select exists (
             select from (select * from request where group_id = %(group)s order by group_id desc, request_no desc limit %(seen)s) r
               left join outcome o on o.group_id = r.group_id and o.request_no = r.request_no
              where r.kind = %(kind)s and r.member = %(member)s and r.asked_by = %(by)s and r.body = %(body)s and r.command_id <> %(id)s
                and r.asked_at > clock_timestamp() - make_interval(mins => %(minutes)s)
                and coalesce(o.outcome, 'posted') = 'posted') as again""",
        {"group": request.group_id, "seen": REQUESTS_SEEN, "kind": request.kind, "member": request.member, "by": request.asked_by,
         "body": Jsonb(request.body()), "id": request.id, "minutes": TWIN_MINUTES},
    ).fetchone()  # fmt: skip
    return bool(row and row.again)
