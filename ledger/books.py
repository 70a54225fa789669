"""The only reader of one group's book: its rules, its members, balances from the cache, and what a borrower owes today."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any, LiteralString

from ledger import loans, queries
from ledger.accounts import Kind, account
from ledger.constitution import Constitution
from ledger.db import Conn
from ledger.entry import Reason
from ledger.loans import Held
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
    version: int
    cycle_number: int
    cycle_start: date
    cycle_end: date
    closed_on: date  # of the last closed meeting; date.min before the first
    shared_out: bool  # the cycle has ended and the next has not begun
    first_meeting: bool  # none has been closed in this cycle


@dataclass(frozen=True, slots=True)
class Member:
    """A member: her number is her name in the book."""

    number: int
    name: str
    language: str
    roles: tuple[str, ...]
    left: str = ""  # how she left, if she did


@dataclass(frozen=True, slots=True)
class LoanNow:
    """A running loan and what is owed on it today."""

    loan_no: int
    member: int
    terms: loans.Terms
    payments: tuple[loans.Payment, ...]
    rollovers: tuple[loans.Rollover, ...]
    held: loans.Held
    now: loans.Position
    late: bool
    written_off: bool = False
    agreed: loans.Terms | None = None  # before any correction of the principal

    def at(self, on: date, *more: loans.Payment) -> loans.Position:
        """The position at the end of another day, with further payments."""
        return loans.position(self.terms, [*self.payments, *more], on, self.held, self.rollovers)

    @property
    def due_on(self) -> date:
        """The day it falls due, rollovers counted."""
        return loans.due_on(self.terms, self.rollovers)


@dataclass(frozen=True, slots=True)
class BookLine:
    """One line as a member's passbook shows it, in minor units."""

    line_no: int
    entry_no: int
    happened_on: date
    reason: Reason
    amount: int
    units: int
    corrected: bool  # by an entry that sets an older one right
    taken_back: bool  # and it cancels a line of the older one


class Book:
    """Reads one group's book over the caller's connection. Nothing is kept between calls: a Book lives as long as one question."""

    lenient = False  # True while a meeting is noted: boxes are enforced when it closes

    def __init__(self, conn: Conn, group_id: int, today: date | None = None):
        """`today`: another day than the database's, to look back or to play a year through."""
        self.conn = conn
        self.group_id = group_id
        self._today = today

    @cached_property
    def group(self) -> Group:
        """The group and its rules in force. Raises LookupError."""
        row = self.conn.execute(queries.GROUP, {"group": self.group_id, "today": self._today}).fetchone()
        if row is None:
            raise LookupError(f"no group {self.group_id}")
        head = (row.group_id, row.code, row.name, row.country, row.currency, row.timezone, row.language, row.today)
        cycle = (row.number, row.starts_on, row.ends_on, row.closed_on or date.min, row.shared_out, row.first_meeting)
        return Group(*head, Constitution.from_json(row.terms), row.version, *cycle)

    @property
    def constitution(self) -> Constitution:
        """The rules in force."""
        return self.group.constitution

    def money(self, minor: int) -> Money:
        """An amount in the group's currency."""
        return Money(minor, self.group.currency)

    def members(self) -> dict[int, Member]:
        """All members by number, those who left too."""
        return {row.number: _member(row) for row in self.conn.execute(queries.MEMBERS + " order by m.number", (self.group_id,))}

    def member(self, number: int) -> Member | None:
        """One member, or None."""
        row = self.conn.execute(queries.MEMBERS + " and m.number = %s", (self.group_id, number)).fetchone()
        return _member(row) if row else None

    def hands(self) -> dict[int, set[str]]:
        """{member: what she answers with}: members who share a phone share a hand, who has none is not in it."""
        return self._hands("select member, hand from hand where group_id = %s")

    def hearing(self) -> set[int]:
        """Members who can be asked by text: those with a phone that has not said STOP."""
        return set(self._hands("select member, hand from hand where group_id = %s and hears"))

    def reached(self) -> set[int]:
        """Members whom a text reaches: at a phone of their own, or through the helper they named."""
        query = "select distinct member from text_reaches where group_id = %s and member <> 0"
        return {row.member for row in self.conn.execute(query, (self.group_id,))}

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
        return [loan for loan in self._loans(queries.RUNNING_LOANS, member) if loan.now.owed > 0]

    def all_loans(self, member: int) -> list[LoanNow]:
        """Every loan the member ever had in this book, with its position today."""
        return self._loans(queries.ALL_LOANS, member)

    def _loans(self, query: LiteralString, member: int = 0) -> list[LoanNow]:
        by_loan: dict[int, list[Any]] = {}
        for row in self.conn.execute(query, {"group": self.group_id, "member": member}):
            by_loan.setdefault(row.loan_no, []).append(row)
        return [loan_of_rows(rows, self.group.today) for rows in by_loan.values()]

    @cached_property
    def held(self) -> Held:
        """The group's closed meetings, as periods of loans are counted by."""
        row = self.conn.execute(
            """select min(held_on) as first, array_agg(held_on order by held_on) filter (where loan_meeting) as loan_meetings
                 from meeting_close where group_id = %s""",
            (self.group_id,),
        ).fetchone()
        return loans.Held(row.first, tuple(row.loan_meetings or ())) if row else loans.NEVER

    def bought_since_close(self, member: int) -> int:
        """Shares the member bought since the last meeting; 0 in a group that has held none here."""
        if self.group.closed_on == date.min:
            return 0
        row = self.conn.execute(
            """select coalesce(sum(l.units), 0)::int as n
                 from line l left join correction c on c.group_id = l.group_id and c.line_no = l.line_no
                where l.group_id = %(group)s and l.member = %(member)s and l.reason = 10 and c.cancels is null
                  and not exists (select from correction x where x.group_id = l.group_id and x.cancels = l.line_no)
                  and coalesce(c.corrects, l.entry_no) > (select max(entry_no) from meeting_close where group_id = %(group)s)
                  and l.line_no >= (select e.first_line from meeting_close c join entry e on e.group_id = c.group_id and e.entry_no = c.entry_no
                                     where c.group_id = %(group)s order by c.meeting_no desc limit 1)""",
            {"group": self.group_id, "member": member},
        ).fetchone()
        return row.n if row else 0

    def last_day(self) -> date:
        """The latest day an entry carries since the last meeting; date.min in an empty book."""
        row = self.conn.execute(
            """select max(happened_on) as day from entry where group_id = %(group)s
                  and entry_no >= (select coalesce(max(entry_no), 0) from meeting_close where group_id = %(group)s)""",
            {"group": self.group_id},
        ).fetchone()
        return (row.day if row else None) or date.min

    def next_loan_no(self) -> int:
        """The number the next loan gets; ask under the group's lock."""
        row = self.conn.execute("select coalesce(max(loan_no), 0) + 1 as n from loan where group_id = %s", (self.group_id,)).fetchone()
        return row.n if row else 1

    def written_off(self, member: int) -> dict[int, int]:
        """{loan number: minor units} a member still owes off the book: debts the group has given up and nobody has paid since."""
        rows = self.conn.execute(queries.WRITTEN_OFF, {"group": self.group_id, "member": member})
        return {row.loan_no: row.owed for row in rows if row.owed > 0}

    def last_share_out(self) -> int | None:
        """What the last share-out paid in cash; None before the first."""
        row = self.conn.execute(
            "select (sheet->>'paid')::bigint as paid from share_out where group_id = %s order by cycle desc limit 1", (self.group_id,)
        ).fetchone()
        return row.paid if row else None

    def last_lines(self, member: int, count: int) -> list[BookLine]:
        """The member's newest lines, newest first."""
        rows = self.conn.execute(queries.LAST, {"group": self.group_id, "member": member, "count": count, "seen": LAST_LINES_SEEN})
        return [BookLine(r.line_no, r.entry_no, r.happened_on, Reason(r.reason), r.amount, r.units, r.corrected, r.taken_back) for r in rows]

    def balances(self, as_of: date | None = None) -> dict[int, tuple[int, int]]:
        """{account: (balance, units)}: from the cache, or summed over entries that happened up to `as_of`."""
        if as_of is None:
            rows = self.conn.execute("select account, balance, units from account where group_id = %s order by account", (self.group_id,))
        else:
            rows = self.conn.execute(queries.AS_OF, {"group": self.group_id, "day": as_of})
        return {row.account: (row.balance, row.units) for row in rows}


def group_id_of(conn: Conn, code: str) -> int:
    """The group's id by its code. Raises LookupError."""
    row = conn.execute("select group_id from savings_group where code = %s", (code.strip().upper(),)).fetchone()
    if row is None:
        raise LookupError(f"no group with the code {code}")
    found: int = row.group_id
    return found


def _member(row: Any) -> Member:
    return Member(row.number, row.name, row.language, () if row.why else tuple(row.roles), row.why or "")


def loan_of_rows(rows: list[Any], today: date) -> LoanNow:
    """A loan from the rows of a loans query, all of one loan: its terms, what was paid on which day, its position today."""
    one = rows[0]
    terms = loans.Terms(
        one.original, one.principal, one.opening_charge, one.method, one.rate_bp, one.period, one.issued_on, one.opened_on, one.due_on,
        one.late_rule, one.fund,
    )  # fmt: skip
    agreed = terms
    if one.corrected_to is not None:
        terms = loans.corrected(agreed, one.corrected_to)
    paid: dict[tuple[int, date], int] = {}  # in the order they were posted; what stands in the place of an old line counts where that stood
    for row in rows:
        if row.entry_no is not None:
            key = (row.entry_no, row.happened_on)
            paid[key] = paid.get(key, 0) + row.amount
    payments = tuple(loans.Payment(on, paid[entry_no, on]) for entry_no, on in sorted(paid))
    rollovers = tuple(loans.Rollover(on, to) for on, to in zip(one.rolled_on or (), one.rolled_to or (), strict=True))
    held = loans.Held(one.first_meeting, tuple(one.loan_meetings or ()))
    return replace(loan_now(one.loan_no, one.member, terms, payments, rollovers, held, today), written_off=bool(one.gone), agreed=agreed)


def loan_now(
    loan_no: int,
    member: int,
    terms: loans.Terms,
    payments: tuple[loans.Payment, ...],
    rollovers: tuple[loans.Rollover, ...],
    held: loans.Held,
    on: date,
) -> LoanNow:  # fmt: skip
    """A loan with its position at the end of a day."""
    now = loans.position(terms, payments, on, held, rollovers)
    return LoanNow(loan_no, member, terms, payments, rollovers, held, now, loans.is_late(terms, now, on, held, rollovers))
