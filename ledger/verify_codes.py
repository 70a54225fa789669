"""The part of the proof that rests on what others keep: check codes in the texts of closed meetings, held against the book."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import LiteralString

from ledger.checkcode import BYTES, code_of, read
from ledger.db import Conn
from ledger.verify_facts import Problem, stream_of
from ledger.verify_reading import Place, Reading

_CODE = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}\b")


@dataclass(frozen=True, slots=True)
class Claim:
    """A check code that somebody kept (5 bytes), and what gave it, where that is known: a meeting, or the texts of an entry."""

    code: bytes
    meeting_no: int | None = None
    entry_no: int | None = None

    @property
    def whose(self) -> str:
        """What gave it, in words."""
        return f"the texts of entry {self.entry_no}" if self.meeting_no is None else f"meeting {self.meeting_no}"


@dataclass(frozen=True, slots=True)
class Found:
    """A code that was asked about; `place` None when nothing that was proved of the book leads to it."""

    claim: Claim
    place: Place | None


def found(reading: Reading, claims: Collection[Claim]) -> tuple[Found, ...]:
    """What the book says to each code."""
    return tuple(Found(claim, reading.places.get(claim.code)) for claim in claims)


def claim_faults(reading: Reading, claims: Collection[Claim], whole: bool) -> Iterator[Problem]:
    """Codes to which the book does not lead. What gave a code tells where: after the last one that holds, up to that entry.

    `whole`: the book was read to its end; otherwise only what was reached can be told about.
    """
    at = [(claim, claim.entry_no or reading.closed.get(claim.meeting_no or 0)) for claim in claims]
    holding = [entry_no for claim, entry_no in at if entry_no in reading.told and reading.told[entry_no][:BYTES] == claim.code]
    for claim, entry_no in at:
        if entry_no is not None and entry_no in reading.told:
            if entry_no not in holding:
                yield _rewritten(claim, entry_no, max((one for one in holding if one < entry_no), default=0) + 1, reading.told[entry_no])
        elif whole and claim.meeting_no is not None:
            yield Problem(None, f"the code {code_of(claim.code)} is of meeting {claim.meeting_no}, which is not in the book")
        elif whole and claim.code not in reading.places:
            yield Problem(None, f"nothing leads to the code {code_of(claim.code)}: it was mistyped, or the book was rewritten since it was given")


def _rewritten(claim: Claim, entry_no: int, first: int, head: bytes) -> Problem:
    which = f"this or a later one up to entry {entry_no}" if first < entry_no else "it"
    return Problem(first, f"{which} was rewritten: {claim.whose} gave the code {code_of(claim.code)}, the book now leads to {code_of(head)}")


def said_in_texts(conn: Conn, reading: Reading) -> list[Claim]:
    """The codes that the texts of meetings and share-outs gave to members, as far as they are still in the outbox."""
    query: LiteralString = """select o.entry_no, array_agg(o.text) as texts from outbox o
      where o.group_id = %(group)s and o.entry_no is not null and o.text ~ '[0-9A-Z]{4}-[0-9A-Z]{4}' group by 1 order by 1"""
    claims = []
    for row in stream_of(conn, query, reading.facts.group_id):
        if row.entry_no in reading.told:
            right, given = code_of(reading.told[row.entry_no]), {code for text in row.texts for code in _CODE.findall(text)}
            code = right if right in given else min(given, default="")
            claims += [Claim(read(code) or b"", entry_no=row.entry_no)] if code else []
    return claims
