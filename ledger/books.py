"""The only reader of one group's book: its rules, its members, balances from the cache, and what a borrower owes today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, LiteralString

from ledger import loans
from ledger.accounts import SUB, Kind, account
from ledger.constitution import Constitution
from ledger.db import Conn
from ledger.entry import Reason
from ledger.money import Money

LAST_LINES_SEEN = 5_000  # how far back "my last entries" looks: a bound on one page turn


@dataclass(frozen=True, slots=True)
class Group:
    """The group as its file named it; `today` is the date where it lives, by the database's clock."""

    group_id: int
    code: str
    name: str
    country: str
    currency: str
    timezone: str
    language: str
    today: date
    constitution: Constitution
    cycle_number: int
    cycle_start: date
    cycle_end: date


@dataclass(frozen=True, slots=True)
class Member:
    """A member: her number is her name in the book."""

    number: int
    name: str
    language: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LoanNow:
    """A running loan and what is owed on it today."""

    loan_no: int
    member: int
    terms: loans.Terms
    payments: tuple[loans.Payment, ...]
    now: loans.Position

    @property
    def late_from(self) -> date:
        """The day it was due."""
        return self.terms.due_on


@dataclass(frozen=True, slots=True)
class BookLine:
    """One line as a member's passbook shows it, in minor units."""

    line_no: int
    entry_no: int
    happened_on: date
    reason: Reason
    amount: int
    units: int


_GROUP = """
select g.group_id, g.code, g.name, g.country, g.currency, g.timezone, g.language, (now() at time zone g.timezone)::date as today,
       k.terms, c.number, c.starts_on, c.ends_on
  from savings_group g
  join lateral (select terms from constitution k where k.group_id = g.group_id order by version desc limit 1) k on true
  join lateral (select number, starts_on, ends_on from cycle c where c.group_id = g.group_id order by number desc limit 1) c on true
 where g.group_id = %s"""

_LOANS = """
select n.loan_no, n.member, n.original, n.principal, n.opening_charge, n.method, n.rate_bp, n.period, n.issued_on, n.opened_on, n.due_on,
       l.reason, l.amount, e.entry_no, e.happened_on
  from loan n
  left join line l on l.group_id = n.group_id and l.loan_no = n.loan_no and l.loan_no <> 0 and l.reason in (41, 42)
  left join entry e on e.group_id = l.group_id and e.entry_no = l.entry_no
 where n.group_id = %s and n.member = %s{only} order by n.loan_no, l.line_no"""
_ALL_LOANS = _LOANS.replace("{only}", "")
# Charge is settled before principal, so who owes no principal owes nothing; the lines of old loans, more each year, are left unread.
_STILL_OPEN = " and (select a.balance from account a where a.group_id = n.group_id and a.account = 2000000 + n.loan_no) > 0"  # Kind.LOAN
_RUNNING_LOANS = _LOANS.replace("{only}", _STILL_OPEN)

_LAST = """
select l.line_no, l.entry_no, e.happened_on, l.reason, l.amount, l.units
  from (select * from line where group_id = %(group)s and line_no >= (select next_line from book_head where group_id = %(group)s) - %(seen)s
         order by group_id, line_no desc) l
  join entry e on e.group_id = l.group_id and e.entry_no = l.entry_no
 where l.member = %(member)s and l.reason <> 43 order by l.line_no desc limit %(count)s"""


class Book:
    """Reads one group's book over the caller's connection. Nothing is kept between calls: a Book lives as long as one question."""

    def __init__(self, conn: Conn, group_id: int):
        self.conn = conn
        self.group_id = group_id

    @cached_property
    def group(self) -> Group:
        """The group and its rules in force. Raises LookupError."""
        row = self.conn.execute(_GROUP, (self.group_id,)).fetchone()
        if row is None:
            raise LookupError(f"no group {self.group_id}")
        head = (row.group_id, row.code, row.name, row.country, row.currency, row.timezone, row.language, row.today)
        return Group(*head, Constitution.from_json(row.terms), row.number, row.starts_on, row.ends_on)

    @property
    def constitution(self) -> Constitution:
        """The rules in force."""
        return self.group.constitution

    def money(self, minor: int) -> Money:
        """An amount in the group's currency."""
        return Money(minor, self.group.currency)

    def members(self) -> dict[int, Member]:
        """All members by number."""
        rows = self.conn.execute("select number, name, language, roles from member where group_id = %s order by number", (self.group_id,))
        return {row.number: Member(row.number, row.name, row.language, tuple(row.roles)) for row in rows}

    def member(self, number: int) -> Member | None:
        """One member, or None."""
        row = self.conn.execute(
            "select number, name, language, roles from member where group_id = %s and number = %s", (self.group_id, number)
        ).fetchone()
        return Member(row.number, row.name, row.language, tuple(row.roles)) if row else None

    def hands(self) -> dict[int, set[str]]:
        """{member: what she answers with}: members who share a phone share a hand, who has none is not in it."""
        return self._hands("select member, hand from hand where group_id = %s")

    def hearing(self) -> set[int]:
        """Members who can be asked by text: those with a phone that has not said STOP."""
        return set(self._hands("select member, hand from hand where group_id = %s and hears"))

    def _hands(self, query: LiteralString) -> dict[int, set[str]]:
        found: dict[int, set[str]] = {}
        for row in self.conn.execute(query, (self.group_id,)):
            found.setdefault(row.member, set()).add(row.hand)
        return found

    def balance(self, number: int) -> int:
        """Cached balance of an account, debits minus credits; 0 for one never used."""
        row = self.conn.execute("select balance from account where group_id = %s and account = %s", (self.group_id, number)).fetchone()
        return row.balance if row else 0

    def cash(self) -> int:
        """Loan fund cash in the box."""
        return self.balance(account(Kind.LOAN_FUND_CASH))

    def shares(self, member: int) -> tuple[int, int]:
        """(units, minor units paid for them) of a member's net shares."""
        row = self.conn.execute(
            "select units, balance from account where group_id = %s and account = %s", (self.group_id, account(Kind.SHARES, member))
        ).fetchone()
        return (-row.units, -row.balance) if row else (0, 0)

    def loans(self, member: int) -> list[LoanNow]:
        """The member's loans on which something is owed today, oldest first."""
        return [loan for loan in self._loans(_RUNNING_LOANS, member) if loan.now.owed > 0]

    def all_loans(self, member: int) -> list[LoanNow]:
        """Every loan the member ever had in this book, with its position today."""
        return self._loans(_ALL_LOANS, member)

    def _loans(self, query: LiteralString, member: int) -> list[LoanNow]:
        by_loan: dict[int, list[Any]] = {}
        for row in self.conn.execute(query, (self.group_id, member)):
            by_loan.setdefault(row.loan_no, []).append(row)
        return [self._loan(rows) for rows in by_loan.values()]

    def _loan(self, rows: list[Any]) -> LoanNow:
        one = rows[0]
        terms = loans.Terms(
            one.original, one.principal, one.opening_charge, one.method, one.rate_bp, one.period, one.issued_on, one.opened_on, one.due_on
        )
        paid: dict[int, loans.Payment] = {}
        for row in rows:
            if row.entry_no is None:
                continue
            so_far = paid.get(row.entry_no, loans.Payment(row.happened_on, 0, 0))
            charge, principal = (row.amount, 0) if row.reason == Reason.SERVICE_CHARGE else (0, row.amount)
            paid[row.entry_no] = loans.Payment(row.happened_on, so_far.charge + charge, so_far.principal + principal)
        payments = tuple(paid.values())
        return LoanNow(one.loan_no, one.member, terms, payments, loans.position(terms, payments, self.group.today))

    def next_loan_no(self) -> int:
        """The number the next loan gets; ask under the group's lock."""
        row = self.conn.execute("select coalesce(max(loan_no), 0) + 1 as n from loan where group_id = %s", (self.group_id,)).fetchone()
        return row.n if row else 1

    def last_lines(self, member: int, count: int) -> list[BookLine]:
        """The member's newest lines, newest first."""
        rows = self.conn.execute(_LAST, {"group": self.group_id, "member": member, "count": count, "seen": LAST_LINES_SEEN})
        return [BookLine(r.line_no, r.entry_no, r.happened_on, Reason(r.reason), r.amount, r.units) for r in rows]

    def balances(self, as_of: date | None = None) -> dict[int, tuple[int, int]]:
        """{account: (balance, units)}: from the cache, or summed over entries that happened up to `as_of`."""
        if as_of is None:
            rows = self.conn.execute("select account, balance, units from account where group_id = %s order by account", (self.group_id,))
        else:
            rows = self.conn.execute(_AS_OF, {"group": self.group_id, "day": as_of})
        return {row.account: (row.balance, row.units) for row in rows}


_AS_OF = """
select account, sum(amount)::bigint as balance, sum(units)::int as units from (
  select l.debit as account, l.amount, l.units from line l join entry e using (group_id, entry_no)
   where group_id = %(group)s and e.happened_on <= %(day)s
  union all
  select l.credit, -l.amount, -l.units from line l join entry e using (group_id, entry_no)
   where group_id = %(group)s and e.happened_on <= %(day)s) legs
 group by account order by account"""


def group_id_of(conn: Conn, code: str) -> int:
    """The group's id by its code. Raises LookupError."""
    row = conn.execute("select group_id from savings_group where code = %s", (code.strip().upper(),)).fetchone()
    if row is None:
        raise LookupError(f"no group with the code {code}")
    found: int = row.group_id
    return found


def member_of_account(number: int) -> int:
    """Member or loan number inside an account number."""
    return number % SUB
