"""Proof that a book is what was posted: every entry re-read, every hash, balance, loan and receipt reckoned again.

A chain is evidence, not prevention: who can rewrite the tables can also rewrite the whole chain. What he cannot rewrite is a head
that was printed or exported before.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import psycopg
from psycopg.rows import namedtuple_row

from ledger import chain
from ledger.accounts import CHART, ROWS, SUB, Kind, is_social, name_of
from ledger.chain import StoredEntry, StoredLine
from ledger.commands import restore
from ledger.constitution import Constitution
from ledger.db import Conn
from ledger.entry import EntryKind, Reason
from ledger.groups import genesis, rules_hash
from ledger.verify_loans import LoanBroken, prove_loans


@dataclass(frozen=True, slots=True)
class Problem:
    """The first thing that is wrong; `entry_no` None when it belongs to no single entry."""

    entry_no: int | None
    what: str

    def __str__(self) -> str:
        return self.what if self.entry_no is None else f"entry {self.entry_no}: {self.what}"


@dataclass(frozen=True, slots=True)
class Report:
    """How many entries and lines were proved, and what stopped the proof."""

    entries: int
    lines: int
    problem: Problem | None


class _Broken(Exception):
    def __init__(self, entry_no: int | None, what: str):
        super().__init__(what)
        self.problem = Problem(entry_no, what)


@dataclass(slots=True)
class _Running:
    """The book as far as it has been read; balances are debits minus credits, by account number."""

    group_id: int
    head: bytes
    members: set[int]  # with 0, which stands for nobody
    prices: list[tuple[date, int]] = field(default_factory=list)
    next_entry: int = 1
    next_line: int = 1
    balances: dict[int, int] = field(default_factory=dict)
    units: dict[int, int] = field(default_factory=dict)
    loan_nos: set[int] = field(default_factory=set)

    def price(self, on: date) -> int:
        """Minor units a share cost on a day; figures brought from before the first constitution are at its price."""
        return next((price for since, price in reversed(self.prices) if since <= on), self.prices[0][1])


def verify(conn: Conn, group_id: int) -> Report:
    """Prove the group's book, in one read-only view of the database. Raises LookupError when there is no such group.

    Called inside a transaction it uses that one, which must then be repeatable read.
    """
    with chain.one_view(conn):
        run = _begin(conn, group_id)
        try:
            _beginning_is_right(conn, run)
            with contextlib.closing(chain.entries(conn, group_id)) as stream:
                for entry, lines in stream:
                    _entry_is_right(run, entry, lines)
            _end_is_right(conn, run)
            _caches_are_right(conn, run)
            prove_loans(conn, group_id, run.balances, run.loan_nos)
            _receipts_are_there(conn, run)
            _outcomes_are_right(conn, run)
            _words_are_there(conn, run)
        except _Broken as broken:
            return Report(run.next_entry - 1, run.next_line - 1, broken.problem)
        except LoanBroken as broken:
            return Report(run.next_entry - 1, run.next_line - 1, Problem(broken.entry_no, broken.what))
        except psycopg.DataError as error:  # a date or number that no program of ours wrote
            return Report(run.next_entry - 1, run.next_line - 1, Problem(None, f"entry {run.next_entry} or a later one cannot be read: {error}"))
    return Report(run.next_entry - 1, run.next_line - 1, None)


def _rows(conn: Conn, query: str, group_id: int) -> Iterator[Any]:
    with conn.cursor(row_factory=namedtuple_row) as cursor:
        yield from cursor.execute(query, {"group": group_id})


def _begin(conn: Conn, group_id: int) -> _Running:
    group = next(_rows(conn, "select genesis from savings_group where group_id = %(group)s", group_id), None)
    if group is None:
        raise LookupError(f"no group {group_id}")
    members = {row.number for row in _rows(conn, "select number from member where group_id = %(group)s", group_id)}
    return _Running(group_id, group.genesis, members | {0})


def _beginning_is_right(conn: Conn, run: _Running) -> None:
    """The chain hangs on the file the group was opened with and on its rules, which nobody has changed since."""
    query = """select g.genesis, g.code, g.file_hash, k.terms, k.from_on, c.number, c.starts_on, c.ends_on, count(*) over () as versions
      from savings_group g left join constitution k using (group_id) left join cycle c using (group_id) where g.group_id = %(group)s"""
    for row in _rows(conn, query, run.group_id):
        if row.terms is None or row.number is None:
            raise _Broken(None, "the group has no constitution, or no cycle")
        if row.versions != 1:
            raise _Broken(None, "the rules were changed, and no entry says so")
        try:
            rules = Constitution.from_json(row.terms)
        except TypeError:
            raise _Broken(None, "the constitution has fields that no program of ours wrote") from None
        if row.genesis != genesis(row.code, row.file_hash, rules_hash(rules, row.number, row.starts_on, row.ends_on)):
            raise _Broken(None, "the beginning of the chain does not follow from the group's code, file and rules")
        run.prices = [(row.from_on, rules.share_price)]


# ---------------------------------------------------------------- one entry after the other


def _entry_is_right(run: _Running, entry: StoredEntry, lines: list[StoredLine]) -> None:
    def need(holds: bool, what: str) -> None:
        if not holds:
            raise _Broken(min(entry.entry_no, run.next_entry), what)

    need(entry.entry_no == run.next_entry, f"is missing; entry {entry.entry_no} comes instead")
    need(entry.first_line == run.next_line, f"begins with line {entry.first_line}, not {run.next_line}")
    numbers = list(range(run.next_line, run.next_line + entry.line_count))
    need([line.line_no for line in lines] == numbers, f"lines {numbers[0]} to {numbers[-1]} are not all there")
    need(all(line.entry_no == entry.entry_no for line in lines), "has lines of another entry")
    body = chain.body_hash(run.group_id, entry, lines)
    need(body == entry.body_hash, "its lines are not what was posted")
    linked = chain.chain_hash(run.head, body, entry)
    need(linked == entry.hash, "the chain is broken")
    people = {entry.asked_by, entry.confirmed_by, entry.second_by, *(line.member for line in lines)}
    need(people <= run.members, f"names {', '.join(map(str, sorted(people - run.members)))}, who is no member")
    for line in lines:
        for what in _faults(run, entry, line):
            need(False, f"line {line.line_no} {what}")
    touched = {number for line in lines for number in (line.debit, line.credit)}
    for number in sorted(touched):
        row = ROWS[Kind(number // SUB)]
        need(row.lowest <= run.balances[number] <= row.highest, f"{name_of(number)} goes to {run.balances[number]}, which it may not")
    run.head, run.next_entry, run.next_line = linked, run.next_entry + 1, run.next_line + entry.line_count


def _faults(run: _Running, entry: StoredEntry, line: StoredLine) -> Iterator[str]:
    """What is wrong with a line; moves the running balances."""
    kinds = {number // SUB for number in (line.debit, line.credit)}
    if not kinds <= ROWS.keys():
        yield "names an account that the chart does not have"
    if is_social(line.debit) != is_social(line.credit):
        yield "joins the two funds"
    for number, amount, units in ((line.debit, line.amount, line.units), (line.credit, -line.amount, -line.units)):
        run.balances[number] = run.balances.get(number, 0) + amount
        run.units[number] = run.units.get(number, 0) + units
    if (line.debit_after, line.credit_after) != (run.balances[line.debit], run.balances[line.credit]):
        yield "gives balances that are not the sums"
    yield from _share_faults(run, entry, line)
    yield from _loan_faults(run, line)


def _share_faults(run: _Running, entry: StoredEntry, line: StoredLine) -> Iterator[str]:
    """Share money is units x the share price, line by line, and so for every member; other lines count no shares."""
    holders = [number % SUB for number in (line.debit, line.credit) if number // SUB == Kind.SHARES]
    if not holders and line.units:
        yield "counts shares where there are none"
    if holders and line.amount != line.units * run.price(entry.happened_on):
        yield f"moves {line.amount} for {line.units} shares at {run.price(entry.happened_on)}"
    if holders and holders != [line.member]:
        yield "touches another member's shares"


def _loan_faults(run: _Running, line: StoredLine) -> Iterator[str]:
    """A line on a loan's account names that loan."""
    loans = {number % SUB for number in (line.debit, line.credit) if number // SUB in (Kind.LOAN, Kind.CHARGE_DUE)}
    if loans and loans != {line.loan_no}:
        yield "touches another loan"
    if line.loan_no:
        run.loan_nos.add(line.loan_no)
    elif line.reason in (Reason.LOAN, Reason.PRINCIPAL, Reason.SERVICE_CHARGE, Reason.CHARGE_ADDED):
        yield "names no loan"


# ---------------------------------------------------------------- what stands beside the entries


def _end_is_right(conn: Conn, run: _Running) -> None:
    """Nothing is missing from the end, and nothing lies beyond it."""
    query = """select head, next_entry, next_line, (select max(line_no) from line l where l.group_id = h.group_id) as last_line
      from book_head h where group_id = %(group)s"""
    head = next(_rows(conn, query, run.group_id), None)
    if head is None:
        raise _Broken(None, "the head of the book is missing")
    if head.next_entry != run.next_entry:
        raise _Broken(min(head.next_entry, run.next_entry), f"the head says {head.next_entry - 1} entries, there are {run.next_entry - 1}")
    if head.next_line != run.next_line or (head.last_line or 0) != run.next_line - 1:
        raise _Broken(None, f"the head says {head.next_line - 1} lines, entries announce {run.next_line - 1}, the last is {head.last_line}")
    if head.head != run.head:
        raise _Broken(run.next_entry - 1 or None, "the head of the chain is not its hash")


def _caches_are_right(conn: Conn, run: _Running) -> None:
    """Cached balances and units are the sums, within the bounds of the chart."""
    chart = {(int(row.kind), row.name, row.lowest, row.highest) for row in CHART}
    if chart != {tuple(row) for row in _rows(conn, "select kind, name, lowest, highest from account_kind", run.group_id)}:
        raise _Broken(None, "the chart of accounts in the database is not the program's")
    missing = set(run.balances)
    query = "select account, balance, units, lowest, highest from account where group_id = %(group)s order by account"
    for row in _rows(conn, query, run.group_id):
        if row.account not in missing:
            raise _Broken(None, f"account {row.account} has a balance but no line")
        missing.discard(row.account)
        name, bounds = name_of(row.account), ROWS[Kind(row.account // SUB)]
        if (row.balance, row.units) != (run.balances[row.account], run.units[row.account]):
            sums = f"{run.balances[row.account]} and {run.units[row.account]} units"
            raise _Broken(None, f"{name}: the cache says {row.balance} and {row.units} units, the lines {sums}")
        if (row.lowest, row.highest) != (bounds.lowest, bounds.highest):
            raise _Broken(None, f"{name}: its bounds are not the chart's")
    for number in sorted(missing):
        raise _Broken(None, f"{name_of(number)}: the cache has no such account")


def _receipts_are_there(conn: Conn, run: _Running) -> None:
    """Every payment and every loan was texted to somebody; the text was written with the entry."""
    query = """select min(e.entry_no) as entry_no from entry e
      where e.group_id = %(group)s and e.kind in ({}, {})
        and not exists (select from outbox o where o.group_id = e.group_id and o.entry_no = e.entry_no)"""
    for row in _rows(conn, query.format(int(EntryKind.CONTRIBUTION), int(EntryKind.LOAN)), run.group_id):
        if row.entry_no is not None:
            raise _Broken(row.entry_no, "no receipt was written with it")


def _outcomes_are_right(conn: Conn, run: _Running) -> None:
    """A request that counts as posted is the very command of its entry, word for word as it was asked."""
    query = """select o.entry_no, r.request_no, r.command_id, r.kind, r.member, r.asked_by, r.body, r.body_hash, e.command_id as posted
      from outcome o left join request r using (group_id, request_no) left join entry e on e.group_id = o.group_id and e.entry_no = o.entry_no
     where o.group_id = %(group)s and o.outcome = 'posted' order by o.entry_no"""
    for row in _rows(conn, query, run.group_id):
        if row.posted is None or row.command_id != row.posted:
            raise _Broken(row.entry_no, f"was not posted for request {row.request_no}, which says so")
        try:
            asked = restore(row.kind, row.command_id, run.group_id, row.member, row.asked_by, row.body).body_hash()
        except (KeyError, TypeError, ValueError):
            asked = b""
        if asked != row.body_hash:
            raise _Broken(row.entry_no, f"request {row.request_no} is not what was asked")


def _words_are_there(conn: Conn, run: _Running) -> None:
    """Every entry but the opening was asked for, and everybody whose word it needed, one at least and none of them with money in it, said yes."""
    query = """select min(e.entry_no) as entry_no from entry e where e.group_id = %(group)s and e.kind <> {} and not exists (
        select from outcome o join request r using (group_id, request_no)
         where o.group_id = e.group_id and o.entry_no = e.entry_no and r.command_id = e.command_id and r.asked_by = e.asked_by
           and exists (select from approver a where a.group_id = r.group_id and a.request_no = r.request_no)
           and not exists (select from approver a left join approval p using (group_id, request_no, officer)
                            where a.group_id = r.group_id and a.request_no = r.request_no
                              and (p.yes is not true or a.officer in (r.member, r.asked_by) or a.officer not in (e.confirmed_by, e.second_by))))"""
    for row in _rows(conn, query.format(int(EntryKind.OPENING)), run.group_id):
        if row.entry_no is not None:
            raise _Broken(row.entry_no, "was not asked for, or not agreed to by those whose word it needed")
