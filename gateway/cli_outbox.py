"""`flask outbox ...`: texts and their fate, without their words and without anybody's number."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import click
from flask.cli import AppGroup

from config import settings
from gateway.cli_common import Failed, as_document, as_table, known_group, reading, writing
from ledger.db import Conn, lock_group

outbox = AppGroup("outbox", help="Texts and their fate.")
STATES = ("pending", "claimed", "sending", "accepted", "delivered", "retry", "held", "unknown", "failed_permanent", "failed", "suppressed")
OPEN_TO_OPERATORS = ("unknown", "held", "failed", "failed_permanent")  # nobody is working on these
LIST_MAX = 1_000
_COST = re.compile(r"([A-Z]{3}) ([0-9]+(?:[.][0-9]+)?)")
COLUMNS = (
    "group", "message", "member", "purpose", "state", "encoding", "parts", "attempts", "provider_id", "expected_cost", "cost", "why", "created",
)  # fmt: skip

_LIST = """
select g.code as "group", o.message_no as message, o.member, o.purpose, o.state, o.encoding, o.parts, o.attempts, o.provider_id,
       o.expected_cost, o.cost, o.why, o.created_at as created
  from outbox o join savings_group g using (group_id)
 where %(state)s::text is null or o.state::text = %(state)s order by o.created_at desc, o.group_id, o.message_no desc limit %(limit)s"""

_AGAIN = """update outbox set state = 'pending', attempts = 0, provider_id = null, cost = null, not_before = clock_timestamp(),
       lease_until = null, why = 'sent again by hand', updated_at = clock_timestamp() where group_id = %s and message_no = %s"""

_SETTLE = """update outbox set state = %s, lease_until = null, why = 'settled by hand', updated_at = clock_timestamp()
 where group_id = %s and message_no = %s"""


@outbox.command("list")
@click.option("--state", type=click.Choice(STATES))
@click.option("--limit", type=click.IntRange(1, 100_000), default=LIST_MAX, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON document and nothing else.")
@click.option("--totals", is_flag=True, help="Only what the listed messages come to.")
def outbox_list(state: str | None, limit: int, as_json: bool, totals: bool) -> None:
    """The newest messages, newest first, and what they come to. A message that waits costs what SMS_PART_PRICE says, if it says anything."""
    with reading() as conn:
        found = conn.execute(_LIST, {"state": state, "limit": limit}).fetchall()
    rows: list[dict[str, Any]] = [dict(zip(COLUMNS, row, strict=True)) | {"created": row[-1].isoformat(timespec="seconds")} for row in found]
    for row in rows:
        row["expected_cost"] = row["expected_cost"] or expected(row["parts"], settings().sms_part_price)
    if as_json:
        return as_document(total(rows) if totals else rows)
    if not totals:
        as_table(COLUMNS, [["" if row[key] is None else row[key] for key in COLUMNS] for row in rows])
    sums = total(rows)
    said = [f"{name.replace('_', ' ')} {', '.join(sums[name])}" for name in ("expected_cost", "cost") if sums[name]]
    click.echo(", ".join([f"{sums['messages']} messages, {sums['parts']} parts", *said]))


def expected(parts: int, part_price: str) -> str | None:
    """What some parts cost.

    >>> expected(2, "KES 0.80"), expected(1, "")
    ('KES 1.60', None)
    """
    currency, _, price = part_price.partition(" ")
    return f"{currency} {parts * Decimal(price)}" if price else None


def total(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """How many messages and parts, and both costs by currency; what a carrier wrote in another form is not summed.

    >>> total([{"parts": 1, "expected_cost": "KES 0.80", "cost": None}, {"parts": 2, "expected_cost": "KES 1.60", "cost": "KES 1.6"}])
    {'messages': 2, 'parts': 3, 'expected_cost': ['KES 2.40'], 'cost': ['KES 1.6']}
    """
    return {"messages": len(rows), "parts": sum(row["parts"] for row in rows)} | {name: _sums(rows, name) for name in ("expected_cost", "cost")}


def _sums(rows: list[dict[str, Any]], name: str) -> list[str]:
    sums: dict[str, Decimal] = {}
    for row in rows:
        found = _COST.fullmatch(row[name] or "")
        if found:
            sums[found[1]] = sums.get(found[1], Decimal(0)) + Decimal(found[2])
    return [f"{currency} {amount}" for currency, amount in sorted(sums.items())]


@outbox.command("resend")
@click.argument("group")
@click.argument("message", type=int)
def outbox_resend(group: str, message: int) -> None:
    """Send a message again whose fate is unknown or bad. The person may get it twice."""
    with writing() as conn:
        group_id = _take(conn, group, message)
        conn.execute(_AGAIN, (group_id, message))
    click.echo(f"{group.upper()} {message}: pending")


@outbox.command("settle")
@click.argument("group")
@click.argument("message", type=int)
@click.option("--as", "state", type=click.Choice(("delivered", "failed")), required=True)
def outbox_settle(group: str, message: int, state: str) -> None:
    """Write down what an operator found out about a message."""
    with writing() as conn:
        group_id = _take(conn, group, message)
        conn.execute(_SETTLE, (state, group_id, message))
    click.echo(f"{group.upper()} {message}: {state}")


def _take(conn: Conn, code: str, message: int) -> int:
    """Lock the group's outbox and make sure that no sender is at work on this message."""
    group_id = known_group(conn, code)
    lock_group(conn, group_id)
    row = conn.execute("select state from outbox where group_id = %s and message_no = %s", (group_id, message)).fetchone()
    if row is None:
        raise Failed(f"{code.upper()} has no message {message}")
    if row.state not in OPEN_TO_OPERATORS:
        raise Failed(f"{code.upper()} {message} is {row.state}; only {', '.join(OPEN_TO_OPERATORS)} can be changed by hand")
    return group_id
