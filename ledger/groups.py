"""Creating a group: its members, its constitution, its cycle and, for a group that already exists, the figures it brings."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid5

from psycopg.types.json import Jsonb

from ledger import loans
from ledger import rules as postings
from ledger.constitution import Constitution
from ledger.db import Conn, lock_group
from ledger.journal import post

OPENING = UUID("6b1f4d0e-6a1c-5f0e-9d5f-2f3d8a3c7b10")  # names the opening commands; never changes


@dataclass(frozen=True, slots=True)
class NewMember:
    """A member as the group file has her; `roles` are words of the field (chair, record_keeper, treasurer, ...)."""

    number: int
    name: str
    language: str
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NewLoan:
    """A loan that ran before: what is left of it, in minor units."""

    member: int
    original: int
    principal: int
    charge_due: int
    issued_on: date
    due_on: date


@dataclass(frozen=True, slots=True)
class NewGroup:
    """Everything that a group file says, validated; money in minor units."""

    code: str
    name: str
    country: str
    currency: str
    timezone: str
    language: str
    constitution: Constitution
    cycle_number: int
    cycle_start: date
    cycle_end: date
    members: tuple[NewMember, ...]
    opened_on: date | None = None  # None: the day it is loaded, where the group lives
    loan_fund_cash: int = 0
    social_fund_cash: int = 0
    shares: tuple[postings.OpeningShare, ...] = ()
    loans: tuple[NewLoan, ...] = ()


class GroupExists(Exception):
    """The code is taken by a group whose file said something else. Nothing was changed."""


def genesis(code: str, file_hash: bytes, rules_hash: bytes) -> bytes:
    """What the first entry is chained to: the group's name in the world, the file it was opened with, the rules it began with."""
    return hashlib.sha256(b"dialbook book " + code.encode() + b"\0" + file_hash + rules_hash).digest()


def rules(constitution: Constitution, number: int, start: date, end: date) -> dict[str, Any]:
    """The constitution and the cycle as they are hashed and exported."""
    return {"constitution": constitution.as_json(), "cycle": [number, start.isoformat(), end.isoformat()]}


def rules_hash(constitution: Constitution, number: int, start: date, end: date) -> bytes:
    """Of the rules in canonical JSON: sorted keys, no spaces, ASCII."""
    return hashlib.sha256(json.dumps(rules(constitution, number, start, end), sort_keys=True, separators=(",", ":")).encode()).digest()


def loan_annex(rows: Sequence[tuple[int, int, loans.Terms]]) -> str:
    """Terms of loans (number, member, terms) as they are hashed with the entry that gave them; "" for none."""
    said = [
        [
            number,
            member,
            t.original,
            t.principal,
            t.opening_charge,
            t.method,
            t.rate_bp,
            t.period,
            *map(date.isoformat, (t.issued_on, t.opened_on, t.due_on)),
        ]
        for number, member, t in rows
    ]
    return json.dumps(said, separators=(",", ":")) if said else ""


def create(conn: Conn, new: NewGroup, file_hash: bytes, demo: bool = False) -> tuple[int, bool]:
    """Create the group in the caller's transaction: (group id, True), or (group id, False) when this very file was loaded before.

    Raises GroupExists when the code is taken by another file.
    """
    row = conn.execute("select group_id, file_hash from savings_group where code = %s", (new.code,)).fetchone()
    if row is not None:
        if row.file_hash != file_hash:
            raise GroupExists(new.code)
        return row.group_id, False
    group_id = _insert_group(conn, new, file_hash, demo)
    lock_group(conn, group_id)
    _open(conn, group_id, new)
    return group_id, True


def _insert_group(conn: Conn, new: NewGroup, file_hash: bytes, demo: bool) -> int:
    start = genesis(new.code, file_hash, rules_hash(new.constitution, new.cycle_number, new.cycle_start, new.cycle_end))
    row = conn.execute(
        """insert into savings_group (group_id, code, name, country, currency, timezone, language, genesis, file_hash, demo)
           select coalesce(max(group_id), 0) + 1, %s, %s, %s, %s, %s, %s, %s, %s, %s from savings_group returning group_id""",
        (new.code, new.name, new.country, new.currency, new.timezone, new.language, start, file_hash, demo),
    ).fetchone()
    assert row is not None
    group_id: int = row.group_id
    conn.execute("insert into book_head (group_id, head) values (%s, %s)", (group_id, start))
    conn.execute("insert into constitution values (%s, 1, %s, %s)", (group_id, new.cycle_start, Jsonb(new.constitution.as_json())))
    conn.execute("insert into cycle values (%s, %s, %s, %s)", (group_id, new.cycle_number, new.cycle_start, new.cycle_end))
    with conn.cursor() as cursor:
        cursor.executemany(
            "insert into member (group_id, number, name, language, roles) values (%s, %s, %s, %s, %s)",
            [(group_id, m.number, m.name, m.language, list(m.roles)) for m in new.members],
        )
    return group_id


def _open(conn: Conn, group_id: int, new: NewGroup) -> None:
    """One balanced entry for all that the group brings, and the terms of its running loans."""
    terms = new.constitution
    opened_on = new.opened_on or local_today(conn, new.timezone)
    numbered = [postings.OpeningLoan(loan.member, number, loan.principal, loan.charge_due) for number, loan in enumerate(new.loans, 1)]
    rolled = terms.charge_method == "rolled"
    entry = postings.open_book(new.loan_fund_cash, new.social_fund_cash, new.shares, numbered, terms.share_price, rolled)
    if entry is None:
        return
    brought = [(number, loan.member, _terms(terms, loan, opened_on)) for number, loan in enumerate(new.loans, 1)]
    command = uuid5(OPENING, new.code)
    posted = post(conn, group_id, command, entry, opened_on, asked_by=0, confirmed_by=0, annex=loan_annex(brought))
    for number, member, agreed in brought:
        record_loan(conn, group_id, number, member, posted.entry_no, agreed)


def _terms(rules_now: Constitution, loan: NewLoan, opened_on: date) -> loans.Terms:
    return loans.Terms(
        loan.original, loan.principal, loan.charge_due, rules_now.charge_method, rules_now.charge_rate_bp, rules_now.charge_period,
        loan.issued_on, opened_on, loan.due_on,
    )  # fmt: skip


def record_loan(conn: Conn, group_id: int, loan_no: int, member: int, entry_no: int, terms: loans.Terms) -> None:
    """Keep a loan's terms beside the entry that gave it."""
    conn.execute(
        """insert into loan (group_id, loan_no, member, entry_no, original, principal, opening_charge, method, rate_bp, period,
                             issued_on, opened_on, due_on) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
        (group_id, loan_no, member, entry_no, terms.original, terms.principal, terms.opening_charge, terms.method, terms.rate_bp,
         terms.period, terms.issued_on, terms.opened_on, terms.due_on),
    )  # fmt: skip


def local_today(conn: Conn, timezone: str) -> date:
    """Today where the group lives, by the database's clock."""
    row = conn.execute("select (now() at time zone %s)::date as today", (timezone,)).fetchone()
    assert row is not None
    today: date = row.today
    return today
