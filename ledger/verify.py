"""Proof that a book is what was posted: every entry re-read, every hash, balance, loan, meeting, correction and receipt reckoned again.

A chain is evidence, not prevention: who can rewrite the tables can also rewrite the whole chain. What he cannot rewrite is what somebody
else kept: a check code in a text, or an export. Both can be held against the book here, and are: the texts that closed the meetings too.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

import psycopg

from ledger import chain
from ledger.bookfile import BookFile
from ledger.db import Conn
from ledger.export import account_words
from ledger.verify_annex import BadAnnex
from ledger.verify_annex import read as annex_of
from ledger.verify_asked import outcome_faults, receipt_faults, word_faults
from ledger.verify_beside import Beside, cache_faults, end_faults, table_faults
from ledger.verify_codes import Claim, Found, claim_faults, found, said_in_texts
from ledger.verify_corrections import cancelled_by
from ledger.verify_facts import Broken, Facts, Problem, facts_of, rows_of
from ledger.verify_noted import note_faults
from ledger.verify_reading import Reading

__all__ = ["Claim", "Found", "Problem", "Report", "verify", "verify_file"]


_ALL = 1 << 31  # above every entry number


@dataclass(frozen=True, slots=True)
class Report:
    """How many entries and lines were proved, what is wrong first, and what became of the codes that were asked about."""

    entries: int
    lines: int
    problem: Problem | None
    codes: tuple[Found, ...] = ()


def verify(conn: Conn, group_id: int, claims: Collection[Claim] = (), kept: Mapping[int, bytes] | None = None) -> Report:
    """Prove the group's book, in one read-only view of the database. Raises LookupError when there is no such group.

    `claims`: check codes somebody kept; `kept`: hashes of entries in an older export (`BookFile.hashes`). Called inside a transaction it uses
    that one, which must then be repeatable read.
    """
    with chain.one_view(conn):
        try:
            facts = facts_of(conn, group_id)
            members = {row.number for row in rows_of(conn, "select number from member where group_id = %(group)s", group_id)}
            reading = Reading(facts, members, _cancelled(conn, group_id), [claim.code for claim in claims], kept)
        except Broken as broken:
            return Report(0, 0, broken.problem)
        except psycopg.DataError as error:  # a date or number that no program of ours wrote
            return Report(0, 0, Problem(None, f"the beginning of the book cannot be read: {error}"))
        return _report(reading, claims, _prove(conn, facts, reading))


def _cancelled(conn: Conn, group_id: int) -> frozenset[int]:
    """Lines that some entry cancels: the only ones the proof keeps in memory."""
    named: set[int] = set()
    for row in rows_of(conn, "select kind, annex from entry where group_id = %(group)s and kind = 5", group_id):
        with contextlib.suppress(BadAnnex):  # said when the entry is read
            named.update(cancelled_by(annex_of(row.kind, row.annex).corrects))
    return frozenset(named)


def _prove(conn: Conn, facts: Facts, reading: Reading) -> Problem | None:
    """The book by itself, then what stands beside it; of several things that are wrong, the one with the first entry."""
    beside, first = Beside(), None
    try:
        with contextlib.closing(chain.entries(conn, facts.group_id)) as stream:
            for entry, lines in stream:
                beside.take(reading.take(entry, lines))
        reading.finish()
    except Broken as broken:
        first = broken.problem
    except psycopg.DataError as error:
        first = Problem(None, f"entry {reading.next_entry} or a later one cannot be read: {error}")
    below = _ALL if first is None else first.entry_no or reading.next_entry
    try:
        return _first([*([first] if first else _at_the_end(conn, facts, reading)), *_around(conn, facts, reading, beside, below)])
    except psycopg.DataError as error:
        return first or Problem(None, f"what stands beside the book cannot be read: {error}")


def _at_the_end(conn: Conn, facts: Facts, reading: Reading) -> Iterator[Problem]:
    yield from islice(end_faults(conn, facts, reading), 1)  # one thing missing shows in all of them
    yield from cache_faults(conn, facts, reading)


def _around(conn: Conn, facts: Facts, reading: Reading, beside: Beside, below: int) -> Iterator[Problem]:
    """Of entries below `below`."""
    yield from table_faults(conn, facts.group_id, beside, below)
    yield from receipt_faults(conn, facts, below)
    yield from outcome_faults(conn, facts, reading, below)
    yield from word_faults(conn, facts, below)
    yield from note_faults(conn, facts, below)
    yield from (problem for problem in claim_faults(reading, said_in_texts(conn, reading), whole=False) if (problem.entry_no or 0) < below)


def _first(problems: Iterable[Problem]) -> Problem | None:
    """The one with the lowest entry; those that belong to no entry come last."""
    return min(problems, key=lambda problem: (problem.entry_no is None, problem.entry_no or 0), default=None)


def _report(reading: Reading, claims: Collection[Claim], problem: Problem | None) -> Report:
    codes = found(reading, claims)
    faults = claim_faults(reading, claims, whole=problem is None)
    return Report(reading.next_entry - 1, reading.next_line - 1, _first([*([problem] if problem else []), *faults]), codes)


# ---------------------------------------------------------------- an exported book


def verify_file(book: BookFile, claims: Collection[Claim] = (), kept: Mapping[int, bytes] | None = None) -> Report:
    """Prove an exported book by itself. Who its members are, and what was asked and texted, is not in an export and not proved."""
    try:
        reading = Reading(book.facts, None, _cancelled_in(book), [claim.code for claim in claims], kept)
    except Broken as broken:
        return Report(0, 0, broken.problem)
    problem = None
    try:
        for one in book.entries:
            reading.take(one.entry, one.lines)
            if one.odd:
                raise Broken(one.entry.entry_no, f"says one thing in numbers and another in words: {', '.join(one.odd[:3])}")
        reading.finish()
        _ends_alike(book, reading)
    except Broken as broken:
        problem = broken.problem
    return _report(reading, claims, problem)


def _cancelled_in(book: BookFile) -> frozenset[int]:
    named: set[int] = set()
    for one in book.entries:
        if one.entry.kind == 5:
            with contextlib.suppress(BadAnnex):
                named.update(cancelled_by(annex_of(one.entry.kind, one.entry.annex).corrects))
    return frozenset(named)


def _ends_alike(book: BookFile, reading: Reading) -> None:
    """The head and the balances that the file gives are those of its entries."""
    if book.head != reading.head:
        raise Broken(reading.next_entry - 1 or None, "the head of the chain is not its hash")
    sums = reading.accounts
    for number in sorted(book.balances.keys() | sums.balances.keys()):
        balance, shares, name = book.balances.get(number, (None, None, account_words(number)))
        if balance != sums.balances.get(number) or (shares is not None and shares != -sums.units[number]) or name != account_words(number):
            raise Broken(None, f"account {number}: the file says {balance}, its entries {sums.balances.get(number)}")
