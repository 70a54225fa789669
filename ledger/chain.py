"""A book re-read from its first entry, and the arithmetic of the chain that holds its entries together.

Memory does not grow with the book: entries and lines come through two server-side cursors that walk the primary keys side by side.
"""

from __future__ import annotations

import contextlib
import hashlib
import struct
from collections.abc import Generator, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import NamedTuple
from uuid import UUID

import psycopg
from psycopg.rows import args_row

from ledger.db import Conn

AT_ONCE = 2_000  # rows a fetch brings
READ_SECONDS = 120
HOW = (
    "genesis = sha256('dialbook book ' + code + 0x00 + file_hash + rules_hash); rules_hash = sha256 of `rules` as JSON with sorted keys and no "
    "spaces. body_hash = sha256(int4 group_id, uuid command_id, int2 kind, int4 happened_on as days since 2000-01-01, int2 asked_by, "
    "int2 confirmed_by, int2 second_by, then for each line int4 debit, int4 credit, int8 amount, int2 reason, int2 member, int4 loan, "
    "int4 units, then the annex as UTF-8). hash = sha256(hash of the entry before (genesis for the first), body_hash, int4 entry, "
    "int4 first_line, int4 number of lines, int8 posted_at in microseconds since 2000-01-01 UTC). All integers big-endian and signed. "
    "The check code of an entry: the first 5 bytes of its hash, in base 32 with the letters 0123456789ABCDEFGHJKMNPQRSTVWXYZ."
)
_ZERO_DAY = date(2000, 1, 1)
_ZERO_TIME = datetime(2000, 1, 1, tzinfo=UTC)
_HEAD = struct.Struct(">i16shihhh")
_LINE = struct.Struct(">iiqhhii")
_LINK = struct.Struct(">iiiq")


class StoredEntry(NamedTuple):
    """An entry's row. Officers are member numbers, 0 for nobody; both hashes are 32 bytes."""

    entry_no: int
    first_line: int
    line_count: int
    kind: int
    asked_by: int
    confirmed_by: int
    second_by: int
    happened_on: date
    posted_at: datetime
    command_id: UUID
    body_hash: bytes
    hash: bytes
    annex: str


class StoredLine(NamedTuple):
    """A line's row, in minor units; `debit_after` and `credit_after` are the two balances when it had been posted."""

    line_no: int
    entry_no: int
    debit: int
    credit: int
    amount: int
    debit_after: int
    credit_after: int
    units: int
    loan_no: int
    reason: int
    member: int


def body_hash(group_id: int, entry: StoredEntry, lines: Sequence[StoredLine]) -> bytes:
    """What the entry says, as the database hashed it when it was posted."""
    who = (entry.asked_by, entry.confirmed_by, entry.second_by)
    head = _HEAD.pack(group_id, entry.command_id.bytes, entry.kind, (entry.happened_on - _ZERO_DAY).days, *who)
    body = (_LINE.pack(x.debit, x.credit, x.amount, x.reason, x.member, x.loan_no, x.units) for x in lines)
    return hashlib.sha256(head + b"".join(body) + entry.annex.encode()).digest()


def chain_hash(before: bytes, body: bytes, entry: StoredEntry) -> bytes:
    """The entry's link to the one before it."""
    link = _LINK.pack(entry.entry_no, entry.first_line, entry.line_count, microseconds(entry.posted_at))
    return hashlib.sha256(before + body + link).digest()


def microseconds(at: datetime) -> int:
    """Whole microseconds since 2000-01-01 UTC.

    >>> microseconds(datetime(2000, 1, 2, tzinfo=UTC))
    86400000000
    """
    return (at - _ZERO_TIME) // timedelta(microseconds=1)


@contextlib.contextmanager
def one_view(conn: Conn) -> Iterator[None]:
    """Everything read inside is the book at one moment. A transaction that the caller has begun (repeatable read) is used as it is."""
    if conn.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
        yield
        return
    with conn.transaction():
        conn.execute("set transaction isolation level repeatable read read only")
        conn.execute(f"set local statement_timeout = '{READ_SECONDS}s'")
        conn.execute("set local idle_in_transaction_session_timeout = 0")  # whoever reads the output may read slowly
        yield


_ENTRIES = psycopg.sql.SQL("select {} from entry where group_id = %s order by group_id, entry_no").format(
    psycopg.sql.SQL(", ").join(map(psycopg.sql.Identifier, StoredEntry._fields))
)
_LINES = psycopg.sql.SQL("select {} from line where group_id = %s order by group_id, line_no").format(
    psycopg.sql.SQL(", ").join(map(psycopg.sql.Identifier, StoredLine._fields))
)


def entries(conn: Conn, group_id: int) -> Generator[tuple[StoredEntry, list[StoredLine]], None, None]:
    """Each entry with the next lines of the book, as many as it announces; use inside `one_view`.

    Nothing is checked here: in a damaged book the lines may not be the entry's.
    """
    with (
        conn.cursor("dialbook_entries", row_factory=args_row(StoredEntry)) as found,
        conn.cursor("dialbook_lines", row_factory=args_row(StoredLine)) as lines,
    ):
        found.itersize = lines.itersize = AT_ONCE
        found.execute(_ENTRIES, (group_id,))
        lines.execute(_LINES, (group_id,))
        stream = iter(lines)
        for entry in found:
            yield entry, list(islice(stream, max(entry.line_count, 0)))
