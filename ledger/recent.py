"""What happened a short while ago and matters now: the same asked twice (people press twice, and a page should say so before they pay twice), and
texts that did not arrive."""

from __future__ import annotations

from psycopg.types.json import Jsonb

from ledger.commands import Request
from ledger.db import Conn

TWIN_MINUTES = 15
REQUESTS_SEEN = 200
LOST_IN_A_ROW = 2


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


_LOST = """
select member from (select member, state, row_number() over (partition by member order by message_no desc) as n from outbox
                     where group_id = %s and member <> 0 and created_at > clock_timestamp() - interval '90 days'
                       and state in ('delivered', 'failed', 'failed_permanent')) s
 where n <= %s group by member having count(*) = %s and bool_and(state <> 'delivered')"""


def not_arriving(conn: Conn, group_id: int) -> set[int]:
    """Members whose last texts did not arrive: a number that changed hands, was typed wrong, or has been off for weeks."""
    return {row.member for row in conn.execute(_LOST, (group_id, LOST_IN_A_ROW, LOST_IN_A_ROW))}
