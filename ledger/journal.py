"""The only writer of the book: `post`. One round trip; every law is kept by the function it calls, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import psycopg

from ledger.db import Conn
from ledger.entry import Entry


@dataclass(frozen=True, slots=True)
class Receipt:
    """A text that is written down with an entry or a request: to whom (member number), why, and the words."""

    member: int
    purpose: str
    text: str
    encoding: str
    parts: int


@dataclass(frozen=True, slots=True)
class Posted:
    """The entry's number; `repeated` when this very command had been posted before."""

    entry_no: int
    repeated: bool


class CommandConflict(Exception):
    """The id of a command came again with another body. Nothing was posted; both hashes are kept in `command_conflict`."""


class NotEnoughCash(Exception):
    """The cash box, a loan or the social fund would fall below zero."""


_POST = """select verdict, entry_no from post_entry(%s, %s, %s::smallint, %s, %s::smallint, %s::smallint, %s::smallint,
  %s::int[], %s::int[], %s::bigint[], %s::smallint[], %s::smallint[], %s::int[], %s::int[], %s,
  %s::smallint[], %s::text[], %s::text[], %s::text[], %s::smallint[], %s::int)"""


def post(
    conn: Conn,
    group_id: int,
    command_id: UUID,
    entry: Entry,
    happened_on: date,
    *,
    asked_by: int,
    confirmed_by: int,
    second_by: int = 0,
    receipts: Sequence[Receipt] = (),
    request_no: int | None = None,
    annex: str = "",
) -> Posted:
    """Post `entry` once for ever under `command_id`, with its receipts, in the caller's transaction.

    Officers are member numbers, 0 for nobody; `annex` holds terms that are hashed with the entry. Raises CommandConflict (commit, so that
    the evidence stays) and NotEnoughCash (the transaction is lost: roll back).
    """
    lines = entry.lines
    values = (
        group_id, command_id, int(entry.kind), happened_on, asked_by, confirmed_by, second_by,
        _numbers([line.debit for line in lines]), _numbers([line.credit for line in lines]), _numbers([line.amount for line in lines]),
        _numbers([line.reason for line in lines]), _numbers([line.member for line in lines]), _numbers([line.loan_no for line in lines]),
        _numbers([line.units for line in lines]), annex,
        _numbers([r.member for r in receipts]), _words([r.purpose for r in receipts]), _words([r.text for r in receipts]),
        _words([r.encoding for r in receipts]), _numbers([r.parts for r in receipts]), request_no,
    )  # fmt: skip
    try:
        row = conn.execute(_POST, values).fetchone()
    except psycopg.errors.CheckViolation as error:
        if error.diag.constraint_name == "never_below_zero":
            raise NotEnoughCash(str(entry.kind)) from None
        raise
    if row is None or row.verdict == "conflict":
        raise CommandConflict(f"command {command_id} was posted with another body")
    return Posted(row.entry_no, row.verdict == "repeated")


def _numbers(values: Sequence[int]) -> str:
    """An array as PostgreSQL reads it; a list would take psycopg several times as long.

    >>> _numbers([3, 12]), _numbers([])
    ('{3,12}', '{}')
    """
    return "{" + ",".join([str(int(value)) for value in values]) + "}"


def _words(values: Sequence[str]) -> str:
    r"""The same for text.

    >>> print(_words(['say "OK"', r'a\b']))
    {"say \"OK\"","a\\b"}
    """
    return "{" + ",".join(['"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' for value in values]) + "}"
