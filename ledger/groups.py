"""Creating a group: its members, its constitution, its cycle and, for a group that already exists, the figures it brings."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal
from uuid import UUID, uuid5

from psycopg.types.json import Jsonb

from ledger import loans
from ledger.constitution import Constitution
from ledger.db import Conn, lock_group
from ledger.journal import post
from ledger.rules_opening import Opening, OpeningDue, OpeningLoan, OpeningShare, open_book

OPENING = UUID("6b1f4d0e-6a1c-5f0e-9d5f-2f3d8a3c7b10")  # names the opening commands; never changes


@dataclass(frozen=True, slots=True)
class NewMember:
    """A member as the group file has her; `roles` are words of the field (chair, record_keeper, treasurer, ...). `helper` gets her texts
    while she has no phone; 0: nobody."""

    number: int
    name: str
    language: str
    roles: tuple[str, ...] = ()
    helper: int = 0


@dataclass(frozen=True, slots=True)
class NewLoan:
    """A loan that ran before: what is left of it, in minor units. One of the social fund bears no charge."""

    member: int
    original: int
    principal: int
    charge_due: int
    issued_on: date
    due_on: date
    fund: Literal["loan_fund", "social_fund"] = "loan_fund"


@dataclass(frozen=True, slots=True)
class NewAgent:
    """The field agent who looks after the group; not a member. `phone` in E.164."""

    name: str
    language: str
    phone: str


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
    shares: tuple[OpeningShare, ...] = ()
    loans: tuple[NewLoan, ...] = ()
    loan_fund_bank: int = 0
    social_fund_bank: int = 0
    fines: tuple[OpeningDue, ...] = ()
    social_fund_due: tuple[OpeningDue, ...] = ()
    outside_loan: int = 0
    agent: NewAgent | None = None


class GroupExists(Exception):
    """The code is taken by a group whose file said something else. Nothing was changed."""


def genesis(code: str, file_hash: bytes, rules_hash: bytes) -> bytes:
    """What the first entry is chained to: the group's name in the world, the file it was opened with, the rules it began with."""
    return hashlib.sha256(b"dialbook book " + code.encode() + b"\0" + file_hash + rules_hash).digest()


def rules_of(terms: Mapping[str, Any], number: int, start: date, end: date) -> dict[str, Any]:
    """A constitution as stored and a cycle, as they are hashed and exported: what a later release adds to the record changes nothing here."""
    return {"constitution": dict(terms), "cycle": [number, start.isoformat(), end.isoformat()]}


def rules_hash_of(terms: Mapping[str, Any], number: int, start: date, end: date) -> bytes:
    """Of the rules in canonical JSON: sorted keys, no spaces, ASCII. `terms`: the stored constitution."""
    said = json.dumps(rules_of(terms, number, start, end), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(said.encode()).digest()


def rules(constitution: Constitution, number: int, start: date, end: date) -> dict[str, Any]:
    """The constitution and the cycle as they are hashed and exported."""
    return rules_of(constitution.as_json(), number, start, end)


def rules_hash(constitution: Constitution, number: int, start: date, end: date) -> bytes:
    """The hash of rules that are about to be stored."""
    return rules_hash_of(constitution.as_json(), number, start, end)


def loan_annex(rows: Sequence[tuple[int, int, loans.Terms]]) -> str:
    """Terms of loans (number, member, terms) as they are hashed with the entry that gave them; "" for none."""
    return json.dumps([_said(*row) for row in rows], separators=(",", ":")) if rows else ""


def _said(number: int, member: int, t: loans.Terms) -> list[int | str]:
    """One loan; what the second release added only where it says something, so that the hashes of old loans stay."""
    days = map(date.isoformat, (t.issued_on, t.opened_on, t.due_on))
    later = [] if (t.late_rule, t.fund) == ("extra_charge", "loan_fund") else [t.late_rule, t.fund]
    return [number, member, t.original, t.principal, t.opening_charge, t.method, t.rate_bp, t.period, *days, *later]


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
    conn.execute(
        "insert into constitution (group_id, version, from_on, terms) values (%s, 1, %s, %s)",
        (group_id, new.cycle_start, Jsonb(new.constitution.as_json())),
    )
    conn.execute(
        "insert into cycle (group_id, number, starts_on, ends_on) values (%s, %s, %s, %s)",
        (group_id, new.cycle_number, new.cycle_start, new.cycle_end),
    )
    with conn.cursor() as cursor:
        cursor.executemany(
            "insert into member (group_id, number, name, language, roles, helper) values (%s, %s, %s, %s, %s, %s)",
            [(group_id, m.number, m.name, m.language, list(m.roles), m.helper) for m in new.members],
        )
    _insert_agent(conn, group_id, new.agent)
    return group_id


def _insert_agent(conn: Conn, group_id: int, agent: NewAgent | None) -> None:
    if agent is not None:
        conn.execute(
            "insert into agent (group_id, name, language, phone) values (%s, %s, %s, %s)", (group_id, agent.name, agent.language, agent.phone)
        )


def _open(conn: Conn, group_id: int, new: NewGroup) -> None:
    """One balanced entry for all that the group brings, and the terms of its running loans."""
    terms = new.constitution
    opened_on = new.opened_on or local_today(conn, new.timezone)
    entry = open_book(_brought(new), terms.share_price, terms.charge_method == "rolled", terms.fines_to)
    if entry is None:
        return
    brought = [(number, loan.member, _terms(terms, loan, opened_on)) for number, loan in enumerate(new.loans, 1)]
    command = uuid5(OPENING, new.code)
    posted = post(conn, group_id, command, entry, opened_on, asked_by=0, confirmed_by=0, annex=loan_annex(brought))
    for number, member, agreed in brought:
        record_loan(conn, group_id, number, member, posted.entry_no, agreed)


def _brought(new: NewGroup) -> Opening:
    """The figures of the opening; loans are numbered in the order of the file."""
    numbered = [OpeningLoan(loan.member, number, loan.principal, loan.charge_due, loan.fund) for number, loan in enumerate(new.loans, 1)]
    return Opening(
        new.loan_fund_cash, new.social_fund_cash, new.shares, numbered, new.loan_fund_bank, new.social_fund_bank, new.fines,
        new.social_fund_due, new.outside_loan,
    )  # fmt: skip


def _terms(rules_now: Constitution, loan: NewLoan, opened_on: date) -> loans.Terms:
    """A running loan goes on by the constitution; one of the social fund bears no charge, late or not."""
    days = (loan.issued_on, opened_on, loan.due_on)
    if loan.fund == "social_fund":
        return loans.Terms(loan.original, loan.principal, 0, "none", 0, rules_now.charge_period, *days, "none", "social_fund")
    return loans.Terms(
        loan.original, loan.principal, loan.charge_due, rules_now.charge_method, rules_now.charge_rate_bp, rules_now.charge_period,
        *days, rules_now.late_loan,
    )  # fmt: skip


def record_loan(conn: Conn, group_id: int, loan_no: int, member: int, entry_no: int, terms: loans.Terms) -> None:
    """Keep a loan's terms beside the entry that gave it."""
    conn.execute(
        """insert into loan (group_id, loan_no, member, entry_no, original, principal, opening_charge, method, rate_bp, period,
                             issued_on, opened_on, due_on, late_rule, fund)
           values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
        (group_id, loan_no, member, entry_no, terms.original, terms.principal, terms.opening_charge, terms.method, terms.rate_bp,
         terms.period, terms.issued_on, terms.opened_on, terms.due_on, terms.late_rule, terms.fund),
    )  # fmt: skip


def local_today(conn: Conn, timezone: str) -> date:
    """Today where the group lives, by the database's clock."""
    row = conn.execute("select (now() at time zone %s)::date as today", (timezone,)).fetchone()
    assert row is not None
    today: date = row.today
    return today
