"""The check code: forty bits of the chain's head, short enough for a text, so that forty phones hold a fingerprint of the book.

The closing SMS of a meeting carries the code of its entry. Whoever gives it back is told whether today's book still leads to it. Nothing that
is stored beside the lines is believed: the chain is reckoned again from the group's beginning, amount by amount. A book that was rewritten
and chained anew therefore no longer knows the code.
"""

from __future__ import annotations

import contextlib
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Literal, LiteralString

import psycopg

from ledger import chain
from ledger.chain import StoredEntry
from ledger.db import Conn
from ledger.verify_annex import BadAnnex
from ledger.verify_annex import read as annex_of
from ledger.verify_facts import Broken, facts_of, rows_of

BYTES = 5
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # no I, L, O, U
LENGTH = 8
TYPED_MAX = 40  # characters anybody could need to write a code
LINES_MAX = 20_000  # lines read while somebody waits on the phone; a longer book is answered by text
_MEANT = str.maketrans("OIL", "011")  # what people write for what they see
_DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2212._"

Verdict = Literal["unchanged", "changed", "unknown", "too_long"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What today's book says to a code.

    unchanged: the book leads to it, and nothing up to that meeting differs. changed: an entry still claims it, but what stands before it
    no longer leads there. unknown: no entry of this book has it; mistyped, of another group, or the book was rewritten. too_long: not read.
    `meeting_no` and `on`: the meeting that gave the code and its day; for an entry between meetings the last one before it (0: none) and
    the entry's own day. All None when unknown or too long.
    """

    verdict: Verdict
    entry_no: int | None = None
    meeting_no: int | None = None
    on: date | None = None

    @property
    def unchanged(self) -> bool:
        """The book still contains that meeting unchanged."""
        return self.verdict == "unchanged"


def code_of(head: bytes) -> str:
    """The code of an entry's hash.

    >>> code_of(bytes.fromhex("0123456789") + bytes(27))
    '04HM-ASW9'
    """
    bits = int.from_bytes(head[:BYTES], "big")
    letters = "".join(LETTERS[bits >> 5 * place & 31] for place in reversed(range(LENGTH)))
    return f"{letters[:4]}-{letters[4:]}"


def read(text: str) -> bytes | None:
    """The bytes a typed code stands for, or None when it is none. Small letters, spaces and dashes do not count; O is read as 0, I and L as 1.

    >>> read("04hm asw9") == read("O4HM-ASW9") == bytes.fromhex("0123456789")
    True
    >>> read("04HM-ASWU"), read("04HM-ASW"), read("")
    (None, None, None)
    """
    if len(text) > TYPED_MAX:
        return None
    plain = unicodedata.normalize("NFKC", text).upper().translate(_MEANT)
    letters = "".join(letter for letter in plain if not letter.isspace() and letter not in _DASHES)
    if len(letters) != LENGTH or not set(letters) <= set(LETTERS):
        return None
    bits = 0
    for letter in letters:
        bits = bits << 5 | LETTERS.index(letter)
    return bits.to_bytes(BYTES, "big")


def check(conn: Conn, group_id: int, code: str | bytes, lines_max: int | None = LINES_MAX) -> Answer:
    """Whether the book still contains the meeting that gave this code, unchanged. Reads at most `lines_max` lines (None: all).

    In the caller's transaction, or in one of its own. Raises LookupError when there is no such group.
    """
    wanted = code if isinstance(code, bytes) else read(code)
    with chain.one_view(conn):
        try:
            head = facts_of(conn, group_id).beginning
            return Answer("unknown") if wanted is None else _look(conn, group_id, wanted, head, lines_max)
        except (Broken, psycopg.DataError):  # no beginning to reckon from, or values that no program of ours wrote
            return Answer("unknown") if wanted is None else _claimed(conn, group_id, wanted)


def _look(conn: Conn, group_id: int, wanted: bytes, head: bytes, lines_max: int | None) -> Answer:
    """The first entry to which the book, reckoned again, leads by this code."""
    meeting_no = lines_read = 0
    with contextlib.closing(chain.entries(conn, group_id)) as stream:
        for entry, lines in stream:
            lines_read += max(len(lines), 1)
            if lines_max is not None and lines_read > lines_max:
                return Answer("too_long")
            whole = [line.line_no for line in lines] == list(range(entry.first_line, entry.first_line + entry.line_count))
            head = chain.chain_hash(head, chain.body_hash(group_id, entry, lines) if whole else b"", entry)
            meeting_no = _meeting_of(entry) or meeting_no
            if head[:BYTES] == wanted:
                return Answer("unchanged", entry.entry_no, meeting_no, entry.happened_on)
    return _claimed(conn, group_id, wanted)


_CLAIMED: LiteralString = """
select e.entry_no, case when isfinite(e.happened_on) then e.happened_on end as happened_on,
       (select max(c.meeting_no) from meeting_close c where c.group_id = e.group_id and c.entry_no <= e.entry_no) as meeting_no
  from entry e where e.group_id = %(group)s and substring(e.hash from 1 for 5) = %(code)s order by e.entry_no limit 1"""


def _claimed(conn: Conn, group_id: int, wanted: bytes) -> Answer:
    """Nothing leads to the code: does an entry still say that it has it?"""
    for row in rows_of(conn, _CLAIMED, group_id, code=wanted):
        return Answer("changed", row.entry_no, row.meeting_no or 0, row.happened_on)
    return Answer("unknown")


def _meeting_of(entry: StoredEntry) -> int | None:
    """The number of the meeting an entry closes."""
    try:
        meeting = annex_of(entry.kind, entry.annex).meeting
    except BadAnnex:
        return None
    return meeting.no if meeting else None
