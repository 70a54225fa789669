"""The part of the proof that only the database can be asked: tables that repeat what the annexes say, cached balances, the end of the book."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, LiteralString

from ledger.accounts import CHART, ROWS, SUB, Kind, name_of
from ledger.db import Conn
from ledger.verify_annex import Step
from ledger.verify_facts import Facts, Problem, rows_of, stream_of
from ledger.verify_reading import Reading

Key = tuple[str, int, int]  # what is kept, and the two numbers that name it

# Everything that stands beside the entries and repeats them: what it is called, and a query for two numbers that name a row, its entry, and
# what it says as words.
_TABLES: dict[str, LiteralString] = {
    "the terms of loan": """
        select loan_no as a, 0 as b, entry_no, array[member, original, principal, opening_charge, rate_bp]::text[]
               || array[method, period, issued_on::text, opened_on::text, due_on::text, late_rule, fund] as says from loan where""",
    "what became of loan": """
        select loan_no as a, event_no as b, entry_no,
               array[kind, happened_on::text, due_before::text, due_on::text, principal::text, charge::text] as says from loan_event where""",
    "the correction by line": """
        select line_no as a, 0 as b, entry_no, array[corrects::text, coalesce(cancels::text, ''), happened_on::text] as says from correction where""",
    "the close of meeting": "select meeting_no as a, 0 as b, entry_no, array[held_on::text, loan_meeting::text] as says from meeting_close where",
    "the leaving of member": "select member as a, 0 as b, entry_no, array[why, waits::text] as says from member_left where",
    "the sheet of cycle": "select cycle as a, 0 as b, entry_no, array[sheet::text] as says from share_out where",
    "version of the rules": """
        select version as a, 0 as b, entry_no, array[from_on::text, terms::text] as says from constitution where entry_no <> 0 and""",
    "the dates of cycle": "select number as a, 0 as b, entry_no, array[starts_on::text, ends_on::text] as says from cycle where entry_no <> 0 and",
}
_JSON = ("the sheet of cycle", "version of the rules")  # the last thing they say is a document: compared as such, however it is written


class Beside:
    """What the tables must say, gathered while the entries are read."""

    def __init__(self) -> None:
        self.rows: dict[Key, tuple[int, list[Any]]] = {}
        self._events: dict[int, int] = {}

    def take(self, step: Step) -> None:
        """Add what an entry brings."""
        entry, said = step.entry, step.said
        for number, member, t in said.loans:
            figures = map(str, (member, t.original, t.principal, t.opening_charge, t.rate_bp))
            words = (t.method, t.period, *map(str, (t.issued_on, t.opened_on, t.due_on)), t.late_rule, t.fund)
            self._add("the terms of loan", number, 0, entry.entry_no, *figures, *words)
        for event in said.events:
            self._events[event.loan_no] = self._events.get(event.loan_no, 0) + 1
            says = (event.kind, *map(str, (event.on, event.due_before, event.due_on, event.principal, event.charge)))
            self._add("what became of loan", event.loan_no, self._events[event.loan_no], entry.entry_no, *says)
        if said.corrects is not None:
            for place, cancels in said.corrects.lines.items():
                says = (str(said.corrects.entry_no), "" if cancels is None else str(cancels), str(said.corrects.on))
                self._add("the correction by line", entry.first_line + place, 0, entry.entry_no, *says)
        self._add_decided(step)

    def _add_decided(self, step: Step) -> None:
        number, said = step.entry.entry_no, step.said
        if said.meeting is not None:
            self._add("the close of meeting", said.meeting.no, 0, number, str(said.meeting.held_on), _bool(said.meeting.loan_meeting))
        if said.left is not None:
            self._add("the leaving of member", said.left.member, 0, number, said.left.why, _bool(said.left.waits))
        if said.share_out is not None:
            self._add("the sheet of cycle", said.share_out.cycle, 0, number, said.share_out.sheet)
        if said.rules is not None:
            self._add("version of the rules", said.rules.version, 0, number, str(said.rules.from_on), said.rules.terms)
        if said.cycle is not None:
            self._add("the dates of cycle", said.cycle.number, 0, number, str(said.cycle.starts_on), str(said.cycle.ends_on))

    def _add(self, what: str, one: int, two: int, entry_no: int, *says: Any) -> None:
        self.rows[what, one, two] = (entry_no, list(says))


def _bool(value: bool) -> str:
    return "true" if value else "false"


def table_faults(conn: Conn, group_id: int, beside: Beside, below: int) -> Iterator[Problem]:
    """Rows that no entry brought, and rows that entries brought and are not there, or say something else; of entries below `below` only."""
    missing = {key: kept for key, kept in beside.rows.items() if kept[0] < below}
    for what, query in _TABLES.items():
        for row in stream_of(conn, query + " group_id = %(group)s", group_id):
            key, says = (what, row.a, row.b), list(row.says)
            if what in _JSON:
                says[-1] = json.loads(says[-1])
            entry_no, wanted = missing.pop(key, (row.entry_no, None))
            if min(entry_no, row.entry_no) < below and (row.entry_no, says) != (entry_no, wanted):
                yield Problem(min(entry_no, row.entry_no), f"{what} {row.a}: " + ("no entry brought it" if wanted is None else "not what was posted"))
    for (what, one, _), (entry_no, _) in missing.items():
        yield Problem(entry_no, f"{what} {one}: missing")


# ---------------------------------------------------------------- caches, and the end


def end_faults(conn: Conn, facts: Facts, reading: Reading) -> Iterator[Problem]:
    """Nothing is missing from the end, and nothing lies beyond it."""
    query: LiteralString = """
    select head, next_entry, next_line, coalesce(closed_on::text, '') as closed_on,
           (select max(line_no) from line l where l.group_id = h.group_id) as last_line
      from book_head h where group_id = %(group)s"""
    head = next(rows_of(conn, query, facts.group_id), None)
    entries, lines, closed_on = reading.next_entry - 1, reading.next_line - 1, reading.meetings.closed_on
    if head is None:
        yield Problem(None, "the head of the book is missing")
        return
    if head.next_entry != reading.next_entry:
        yield Problem(min(head.next_entry, reading.next_entry), f"the head says {head.next_entry - 1} entries, there are {entries}")
    if head.next_line != reading.next_line or (head.last_line or 0) != lines:
        yield Problem(None, f"the head says {head.next_line - 1} lines, entries announce {lines}, the last is {head.last_line}")
    if bytes(head.head) != reading.head:
        yield Problem(entries or None, "the head of the chain is not its hash")
    if head.closed_on != (str(closed_on) if reading.meetings.last_no else "-infinity"):
        yield Problem(None, f"the head says that a meeting was closed on {head.closed_on}, the book says on {closed_on}")


def cache_faults(conn: Conn, facts: Facts, reading: Reading) -> Iterator[Problem]:
    """Cached balances and units are the sums, within the bounds of the chart."""
    accounts = reading.accounts
    chart = {(int(row.kind), row.name, row.lowest, row.highest) for row in CHART}
    if chart != {tuple(row) for row in rows_of(conn, "select kind, name, lowest, highest from account_kind", facts.group_id)}:
        yield Problem(None, "the chart of accounts in the database is not the program's")
    missing = set(accounts.balances)
    query: LiteralString = "select account, balance, units, lowest, highest from account where group_id = %(group)s order by account"
    for row in stream_of(conn, query, facts.group_id):
        if row.account not in missing:
            yield Problem(None, f"account {row.account} has a balance but no line")
            continue
        missing.discard(row.account)
        name, bounds = name_of(row.account), ROWS[Kind(row.account // SUB)]
        sums = accounts.balances[row.account], accounts.units[row.account]
        if (row.balance, row.units) != sums:
            yield Problem(None, f"{name}: the cache says {row.balance} and {row.units} units, the lines {sums[0]} and {sums[1]} units")
        if (row.lowest, row.highest) != (bounds.lowest, bounds.highest):
            yield Problem(None, f"{name}: its bounds are not the chart's")
    for number in sorted(missing):
        yield Problem(None, f"{name_of(number)}: the cache has no such account")
