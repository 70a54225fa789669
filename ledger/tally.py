"""A group's book held in memory with what would be added to it: how a meeting is reckoned before any of it is posted."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cached_property

from ledger import loans
from ledger.accounts import SUB, Kind, account
from ledger.books import Book, LoanNow, Member, loan_now
from ledger.db import Conn
from ledger.entry import Line, Reason
from ledger.loans import Rollover, Terms
from ledger.queries import RUNNING_LOANS_OF_ALL

# What was said by phone since an entry and counts: right figures in the place of those that were corrected.
_SINCE = """
select l.member, l.reason, l.credit, sum(l.amount)::bigint as amount, sum(l.units)::int as units
  from line l
  left join correction c on c.group_id = l.group_id and c.line_no = l.line_no
  join entry e on e.group_id = l.group_id and e.entry_no = coalesce(c.corrects, l.entry_no)
 where l.group_id = %(group)s and e.kind = 2 and e.entry_no > %(after)s and l.reason in (10, 20) and c.cancels is null
   and l.line_no >= (select first_line from entry where group_id = %(group)s and entry_no = greatest(%(after)s, 1))
   and not exists (select from correction x where x.group_id = l.group_id and x.cancels = l.line_no) group by 1, 2, 3"""
_CORRECTED = """
select distinct l.member from correction c join line l on l.group_id = c.group_id and l.line_no = c.line_no
 where c.group_id = %(group)s and (l.reason in (20, 21) or 63 in (l.debit / 100000, l.credit / 100000))"""


class Tally(Book):
    """Reads the whole book once (five questions, whatever the size of the group); `take` adds lines that are not posted yet."""

    def __init__(self, conn: Conn, group_id: int, today: date | None = None):
        super().__init__(conn, group_id, today)
        self._new_loans = 0
        self._recovered: dict[int, int] = {}

    @cached_property
    def _accounts(self) -> dict[int, list[int]]:
        return {number: [balance, units] for number, (balance, units) in super().balances().items()}

    @cached_property
    def _running(self) -> dict[int, LoanNow]:
        return {loan.loan_no: loan for loan in self._loans(RUNNING_LOANS_OF_ALL)}

    @cached_property
    def _members(self) -> dict[int, Member]:
        return super().members()

    @cached_property
    def _next_loan(self) -> int:
        return super().next_loan_no()

    @cached_property
    def _since_close(self) -> dict[tuple[int, int, int], tuple[int, int]]:
        row = self.conn.execute("select coalesce(max(entry_no), 0) as n from meeting_close where group_id = %s", (self.group_id,)).fetchone()
        rows = self.conn.execute(_SINCE, {"group": self.group_id, "after": row.n if row else 0})
        return {(r.member, r.reason, r.credit): (r.amount, r.units) for r in rows}

    def members(self) -> dict[int, Member]:
        """All members by number."""
        return self._members

    def member(self, number: int) -> Member | None:
        """One member, or None."""
        return self._members.get(number)

    def active(self) -> list[Member]:
        """Members who have not left, by number."""
        return [member for member in self._members.values() if not member.left]

    def balance(self, number: int) -> int:
        """Debits minus credits, what was taken in included."""
        return self._accounts.get(number, [0, 0])[0]

    def shares(self, member: int) -> tuple[int, int]:
        """(units, minor units paid for them)."""
        balance, units = self._accounts.get(account(Kind.SHARES, member), [0, 0])
        return -units, -balance

    def balances(self, as_of: date | None = None) -> dict[int, tuple[int, int]]:
        """{account: (balance, units)} with what was taken in."""
        return {number: (balance, units) for number, (balance, units) in self._accounts.items()}

    def units(self) -> int:
        """Shares of all members together."""
        return -sum(units for number, (_, units) in self._accounts.items() if number // SUB == Kind.SHARES)

    def loans(self, member: int) -> list[LoanNow]:
        """The member's running loans, those of this tally too."""
        return [loan for loan in self._running.values() if loan.member == member and loan.now.owed > 0]

    def running(self) -> list[LoanNow]:
        """Everybody's running loans, by number."""
        return [loan for _, loan in sorted(self._running.items()) if loan.now.owed > 0]

    def written_off(self, member: int) -> dict[int, int]:
        """{loan number: what she still owes off the book}, less what came in on it meanwhile."""
        left = {loan_no: owed - self._recovered.get(loan_no, 0) for loan_no, owed in super().written_off(member).items()}
        return {loan_no: owed for loan_no, owed in left.items() if owed > 0}

    def next_loan_no(self) -> int:
        """The number the next loan gets."""
        return self._next_loan + self._new_loans

    def bought_since_close(self, member: int) -> int:
        """Shares the member bought by phone since the last meeting."""
        return sum(units for (who, reason, _), (_, units) in self._since_close.items() if (who, reason) == (member, Reason.SHARE))

    def contributed_since_close(self, member: int) -> int:
        """What the member paid into the social fund by phone since the last meeting, arrears apart; see `contribution_corrected`."""
        return self._since_close.get((member, Reason.SOCIAL_FUND, account(Kind.SOCIAL_FUND)), (0, 0))[0]

    @cached_property
    def contribution_corrected(self) -> frozenset[int]:
        """Members of whom a contribution was ever corrected: what of their later ones was arrears is not what the lines say."""
        return frozenset(row.member for row in self.conn.execute(_CORRECTED, {"group": self.group_id}))

    def move(self, lines: Iterable[Line]) -> None:
        """Add lines to the balances, and to nothing else."""
        for line in lines:
            for number, sign in ((line.debit, 1), (line.credit, -1)):
                held = self._accounts.setdefault(number, [0, 0])
                held[0] += sign * line.amount
                held[1] += sign * line.units

    def take(self, lines: Iterable[Line], given: tuple[int, int, Terms] | None = None) -> None:
        """Add lines of today to the balances and to what was bought and paid; `given` (number, member, terms) when they hand out a loan."""
        some, paid = tuple(lines), dict[int, int]()
        self.move(some)
        for line in some:
            if line.reason is Reason.SHARE:
                key = (line.member, int(line.reason), line.credit)
                amount, units = self._since_close.get(key, (0, 0))
                self._since_close[key] = (amount + line.amount, units + line.units)
            if line.reason is Reason.RECOVERED:
                self._recovered[line.loan_no] = self._recovered.get(line.loan_no, 0) + line.amount
            if line.reason in (Reason.SERVICE_CHARGE, Reason.PRINCIPAL):
                paid[line.loan_no] = paid.get(line.loan_no, 0) + line.amount
        for loan_no, amount in paid.items():
            old = self._running[loan_no]
            more = (*old.payments, loans.Payment(self.group.today, amount))
            self._running[loan_no] = loan_now(loan_no, old.member, old.terms, more, old.rollovers, old.held, self.group.today)
        if given is not None:
            number, member, terms = given
            self._running[number] = loan_now(number, member, terms, (), (), self.held, self.group.today)
            self._new_loans += 1

    def roll(self, loan_no: int, rollover: Rollover) -> None:
        """A loan runs on."""
        old = self._running[loan_no]
        rolled = (*old.rollovers, rollover)
        self._running[loan_no] = loan_now(loan_no, old.member, old.terms, old.payments, rolled, old.held, self.group.today)

    def drop(self, loan_no: int) -> None:
        """A loan is off the book."""
        self._running.pop(loan_no, None)
