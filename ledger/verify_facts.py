"""What a book's chain hangs on, read from the database or from an export, and the two ways a proof can end badly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Any, LiteralString

from psycopg.rows import namedtuple_row

from ledger.db import Conn
from ledger.groups import genesis, rules_hash_of

AT_ONCE = 2_000  # rows a fetch brings
_NUMBERS = count(1)  # of cursors


@dataclass(frozen=True, slots=True)
class Problem:
    """The first thing that is wrong; `entry_no` None when it belongs to no single entry."""

    entry_no: int | None
    what: str

    def __str__(self) -> str:
        return self.what if self.entry_no is None else f"entry {self.entry_no}: {self.what}"


class Broken(Exception):
    """The book is not what was posted."""

    def __init__(self, entry_no: int | None, what: str):
        super().__init__(what)
        self.problem = Problem(entry_no, what)


@dataclass(frozen=True, slots=True)
class Facts:
    """A group's beginning. `terms`: its first constitution as stored; `cycle`: number, start and end of the first; `genesis`: as stored."""

    group_id: int
    code: str
    file_hash: bytes
    genesis: bytes
    terms: Mapping[str, Any]
    cycle: tuple[int, date, date]

    @property
    def beginning(self) -> bytes:
        """What the first entry must be chained to."""
        return genesis(self.code, self.file_hash, rules_hash_of(self.terms, *self.cycle))


def rows_of(conn: Conn, query: LiteralString, group_id: int, **values: Any) -> Iterator[Any]:
    """Rows as named tuples, whatever the connection's own way; `%(group)s` in the query is the group."""
    with conn.cursor(row_factory=namedtuple_row) as cursor:
        yield from cursor.execute(query, {"group": group_id} | values)


def stream_of(conn: Conn, query: LiteralString, group_id: int, **values: Any) -> Iterator[Any]:
    """The same through a cursor of the server, for what grows with the book; inside a transaction, and read to its end or closed."""
    with conn.cursor(f"dialbook_{next(_NUMBERS)}", row_factory=namedtuple_row) as cursor:
        cursor.itersize = AT_ONCE
        yield from cursor.execute(query, {"group": group_id} | values)


_FACTS = """
select g.group_id, g.code, g.file_hash, g.genesis, k.version, k.terms, k.from_on, c.number, c.starts_on, c.ends_on
  from savings_group g
  left join constitution k on k.group_id = g.group_id and k.entry_no = 0
  left join cycle c on c.group_id = g.group_id and c.entry_no = 0
 where g.group_id = %(group)s"""


def facts_of(conn: Conn, group_id: int) -> Facts:
    """The group's beginning. Raises LookupError when there is no such group, Broken when it did not begin with one constitution and one cycle."""
    found = list(rows_of(conn, _FACTS, group_id))
    if not found:
        raise LookupError(f"no group {group_id}")
    row = found[0]
    if row.terms is None or row.number is None:
        raise Broken(None, "the group has no constitution, or no cycle")
    if len(found) > 1 or (row.version, row.from_on) != (1, row.starts_on):
        raise Broken(None, "the rules were changed, and no entry says so")
    return Facts(group_id, row.code, bytes(row.file_hash), bytes(row.genesis), row.terms, (row.number, row.starts_on, row.ends_on))
