"""The whole book for other programs: an hledger journal, a table for spreadsheets, and JSON with all that is hashed.

Each function is a generator of text; run it inside `chain.one_view`, or outside a transaction, where it takes its own.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Generator, Iterator, Sequence
from datetime import UTC
from typing import Any

from psycopg.rows import namedtuple_row

from ledger import chain
from ledger.accounts import ROWS, SUB, Kind, name_of
from ledger.chain import StoredEntry, StoredLine, microseconds
from ledger.db import Conn
from ledger.entry import EntryKind, Reason
from ledger.groups import rules_of
from ledger.money import EXPONENTS, plain
from ledger.verify_facts import facts_of

_REASONS, _KINDS = frozenset(Reason), frozenset(EntryKind)
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
COLUMNS = (
    "group_id", "group", "entry", "entry_kind", "entry_kind_name", "happened_on", "posted_at", "posted_at_us", "command_id", "asked_by",
    "confirmed_by", "second_by", "first_line", "line_count", "line", "debit", "debit_name", "credit", "credit_name", "amount_minor", "amount",
    "currency", "reason", "reason_name", "member", "loan", "units", "debit_after", "credit_after", "body_hash", "hash", "annex",
)  # fmt: skip


def words(reason: int) -> str:
    """A reason in plain words; a number that nobody knows stays a number, because a damaged book must be readable too.

    >>> words(41), words(999)
    ('service charge', '999')
    """
    return Reason(reason).name.lower().replace("_", " ") if reason in _REASONS else str(reason)


def kind_words(kind: int) -> str:
    """An entry's kind in plain words.

    >>> kind_words(7), kind_words(99)
    ('share out', '99')
    """
    return EntryKind(kind).name.lower().replace("_", " ") if kind in _KINDS else str(kind)


def account_words(number: int) -> str:
    """An account's name.

    >>> account_words(3000012), account_words(9900000)
    ('equity:shares:12', 'unknown:9900000')
    """
    return name_of(number) if number // SUB in ROWS else f"unknown:{number}"


def _group(conn: Conn, group_id: int) -> Any:
    query = """select group_id, code, name, country, currency, timezone, genesis, file_hash, (select head from book_head h
      where h.group_id = g.group_id) as head from savings_group g where group_id = %s"""
    with conn.cursor(row_factory=namedtuple_row) as cursor:
        row = cursor.execute(query, (group_id,)).fetchone()
    if row is None:
        raise LookupError(f"no group {group_id}")
    return row


def _accounts(conn: Conn, group_id: int) -> list[Any]:
    with conn.cursor(row_factory=namedtuple_row) as cursor:
        return cursor.execute("select account, balance, units from account where group_id = %s order by account", (group_id,)).fetchall()


# ---------------------------------------------------------------- hledger


def hledger(conn: Conn, group_id: int) -> Iterator[str]:
    """A journal that passes `hledger check --strict` and whose balances are the book's. Raises LookupError."""
    with chain.one_view(conn):
        group = _group(conn, group_id)
        decimals = "0" * EXPONENTS[group.currency]
        yield f"; {group.code} {group.name}: the whole book, exported by Dialbook\n"
        yield f"commodity 1000.{decimals} {group.currency}\n"
        yield from (f"account {account_words(row.account)}\n" for row in _accounts(conn, group_id))
        for entry, lines in chain.entries(conn, group_id):
            yield _transaction(entry, lines, group.currency)


def _transaction(entry: StoredEntry, lines: list[StoredLine], currency: str) -> str:
    """One entry; one that moves no money (new rules, a member who waits) is a transaction without postings."""
    reasons = dict.fromkeys(words(line.reason) for line in lines)
    posted_at = entry.posted_at.astimezone(UTC).isoformat(timespec="microseconds")
    officers = f"asked-by:{entry.asked_by}, confirmed-by:{entry.confirmed_by}, second-by:{entry.second_by}"
    said = [
        f"\n{entry.happened_on} * ({entry.entry_no}) {', '.join(reasons) or kind_words(entry.kind)}",
        f"    ; command:{entry.command_id}, posted-at:{posted_at}, {officers}, kind:{kind_words(entry.kind)}",
        f"    ; hash:{entry.hash.hex()}",
    ]
    for line in lines:
        tags = _tags(line)
        said.append(f"    {account_words(line.debit)}  {plain(line.amount, currency)} {currency}{tags}")
        said.append(f"    {account_words(line.credit)}  {plain(-line.amount, currency)} {currency}{tags}")
    return "\n".join(said) + "\n"


def _tags(line: StoredLine) -> str:
    """Share units are a tag, never an amount: they are not money."""
    tags = {"line": line.line_no, "member": line.member, "loan": line.loan_no, "units": line.units}
    return "  ; " + ", ".join(f"{name}:{value}" for name, value in tags.items() if value)


# ---------------------------------------------------------------- a table


def as_csv(conn: Conn, group_id: int) -> Iterator[str]:
    """One row a line, with a heading; an entry without lines has one row, empty where a line would stand. Text that a spreadsheet would take
    for a formula gets a ' in front. Raises LookupError."""
    with chain.one_view(conn):
        group = _group(conn, group_id)
        yield _csv_row(COLUMNS)
        for entry, lines in chain.entries(conn, group_id):
            rows: Sequence[StoredLine | None] = lines or (None,)
            yield from (_csv_row(_cells(group, entry, line)) for line in rows)


def _cells(group: Any, entry: StoredEntry, line: StoredLine | None) -> tuple[object, ...]:
    posted_at = entry.posted_at.astimezone(UTC).isoformat(timespec="microseconds")
    return (
        group.group_id, group.code, entry.entry_no, entry.kind, kind_words(entry.kind), entry.happened_on, posted_at, microseconds(entry.posted_at),
        entry.command_id, entry.asked_by, entry.confirmed_by, entry.second_by, entry.first_line, entry.line_count, *_line_cells(line, group.currency),
        entry.body_hash.hex(), entry.hash.hex(), entry.annex,
    )  # fmt: skip


def _line_cells(line: StoredLine | None, currency: str) -> tuple[object, ...]:
    if line is None:
        return ("",) * (COLUMNS.index("body_hash") - COLUMNS.index("line"))
    return (
        line.line_no, line.debit, account_words(line.debit), line.credit, account_words(line.credit), line.amount,
        plain(line.amount, currency), currency, line.reason, words(line.reason), line.member, line.loan_no, line.units, line.debit_after,
        line.credit_after,
    )  # fmt: skip


def _csv_row(cells: tuple[object, ...]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(map(_cell, cells))
    return out.getvalue()


def _cell(value: object) -> object:
    """Numbers stay numbers, negative ones too; only text can be a formula.

    >>> _cell("=1+1"), _cell("-5"), _cell(-5)
    ("'=1+1", "'-5", -5)
    """
    return value if isinstance(value, int) or not str(value).startswith(FORMULA_STARTS) else f"'{value}"


# ---------------------------------------------------------------- JSON


def as_json(conn: Conn, group_id: int) -> Iterator[str]:
    """One document with all that is hashed and how, so that anybody can reckon the chain again: `ledger/bookfile.py` reads it back. Later
    rules, cycles and the terms of loans are in the annexes of their entries. Raises LookupError."""
    with chain.one_view(conn):
        group = _group(conn, group_id)
        facts = facts_of(conn, group_id)
        head = {name: getattr(group, name) for name in ("group_id", "code", "name", "country", "currency", "timezone")}
        seals = {name: getattr(group, name).hex() for name in ("genesis", "file_hash", "head")}
        beginning = {"group": head, **seals, "rules": rules_of(facts.terms, *facts.cycle), "how": chain.HOW}
        yield json.dumps(beginning, ensure_ascii=False)[:-1] + ', "entries": ['
        yield from _separated(entry_document(*found) for found in chain.entries(conn, group_id))
        yield f'\n], "balances": {json.dumps([_balance(row) for row in _accounts(conn, group_id)])}}}\n'


def _separated(documents: Iterator[dict[str, Any]]) -> Generator[str, None, None]:
    separator = "\n"
    for document in documents:
        yield separator + json.dumps(document, ensure_ascii=False)
        separator = ",\n"


def entry_document(entry: StoredEntry, lines: list[StoredLine]) -> dict[str, Any]:
    """An entry as JSON has it. Names and times in words are for reading: what is hashed are the numbers, the ids and the annex."""
    said = entry._asdict() | {
        "kind_name": kind_words(entry.kind),
        "happened_on": entry.happened_on.isoformat(),
        "posted_at": entry.posted_at.astimezone(UTC).isoformat(timespec="microseconds"),
        "posted_at_us": microseconds(entry.posted_at),
        "command_id": str(entry.command_id),
        "body_hash": entry.body_hash.hex(),
        "hash": entry.hash.hex(),
    }
    return said | {"lines": [_line(line) for line in lines]}


def _line(line: StoredLine) -> dict[str, Any]:
    names = {"debit_name": account_words(line.debit), "credit_name": account_words(line.credit), "reason_name": words(line.reason)}
    return line._asdict() | names


def _balance(row: Any) -> dict[str, Any]:
    """Debits minus credits in minor units; `shares` counts a member's shares."""
    said = {"account": row.account, "name": account_words(row.account), "balance": row.balance}
    return said | ({"shares": -row.units} if row.account // SUB == Kind.SHARES else {})


FORMATS = {"hledger": hledger, "csv": as_csv, "json": as_json}
