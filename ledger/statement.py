"""A passbook page as plain text: what a member has put in, what she owes, and every line that led there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from psycopg.rows import namedtuple_row

from ledger import chain
from ledger.accounts import SUB, Kind
from ledger.books import Book, LoanNow, Member
from ledger.db import Conn
from ledger.entry import Reason
from ledger.export import words
from ledger.money import plain

WHAT = {
    Reason.SHARE: "shares bought",
    Reason.CATCH_UP: "shares bought",
    Reason.REDEMPTION: "shares sold back",
    Reason.SOCIAL_FUND: "social fund",
    Reason.SOCIAL_FUND_DUE: "social fund missed",
    Reason.GRANT: "social fund grant",
    Reason.FINE: "fine paid",
    Reason.FINE_CHARGED: "fine charged",
    Reason.FINE_WAIVED: "fine waived",
    Reason.LOAN: "loan given",
    Reason.SERVICE_CHARGE: "service charge paid",
    Reason.PRINCIPAL: "loan repaid",
    Reason.CHARGE_ADDED: "service charge added",
    Reason.SPLIT_AGAIN: "payments split again",
    Reason.WRITTEN_OFF: "written off",
    Reason.RECOVERED: "written-off debt paid",
    Reason.SET_OFF: "fine set off",
    Reason.PAYOUT: "shared out",
    Reason.PAYABLE: "paid out",
    Reason.LEFT: "left the group",
}
BROUGHT = {Kind.SHARES: "shares brought", Kind.FINE_DUE: "fine due brought", Kind.SOCIAL_FUND_FINE_DUE: "fine due brought",
           Kind.SOCIAL_FUND_DUE: "social fund due brought"}  # fmt: skip
_LINES = """select e.happened_on, l.entry_no, l.reason, l.amount, l.units, l.loan_no, l.debit, l.credit,
       c.cancels is not null as cancels, c.line_no is not null and c.cancels is null as instead
  from line l join entry e using (group_id, entry_no) left join correction c on c.group_id = l.group_id and c.line_no = l.line_no
 where l.group_id = %s and l.member = %s order by l.line_no"""


def statement(book: Book, member: int) -> str:
    """The page of one member, newest line last. Raises LookupError when the group has no such member."""
    who = book.member(member)
    if who is None:
        raise LookupError(f"{book.group.code} has no member {member}")
    return "\n".join([*_heading(book, who), "", *_lines(book, member), "", *_loans(book, member), "", *_totals(book, member)]) + "\n"


def _heading(book: Book, who: Member) -> Iterator[str]:
    group = book.group
    yield f"{group.name} ({group.code})"
    yield f"Member {who.number}, {who.name}" + (f" ({', '.join(role.replace('_', ' ') for role in who.roles)})" if who.roles else "")
    yield f"Cycle {group.cycle_number}, {group.cycle_start} to {group.cycle_end}"
    yield f"On {group.today}, amounts in {group.currency}, a share costs {plain(group.constitution.share_price, group.currency)}"


def _lines(book: Book, member: int) -> Iterator[str]:
    yield f"{'date':<10} {'entry':>6}  {'what':<28} {'amount':>16} {'shares':>8}"
    shares = 0
    for row in _stored(book.conn, book.group_id, member):
        shares += row.units if row.credit // SUB == Kind.SHARES else -row.units
        amount = plain(row.amount, book.group.currency)
        yield f"{row.happened_on!s:<10} {row.entry_no:>6}  {_what(row):<28} {amount:>16} {shares:>8}"


def _stored(conn: Conn, group_id: int, member: int) -> Iterator[Any]:
    with chain.one_view(conn), conn.cursor(row_factory=namedtuple_row) as cursor:
        yield from cursor.execute(_LINES, (group_id, member))


def _what(row: Any) -> str:
    brought = next((BROUGHT[Kind(number // SUB)] for number in (row.debit, row.credit) if number // SUB in BROUGHT), "loan brought")
    if row.reason == Reason.PAYOUT and row.units:
        return "shares handed in"
    said = brought if row.reason == Reason.OPENING else WHAT.get(Reason(row.reason), words(row.reason))
    said = f"wrong: {said}" if row.cancels else f"right: {said}" if row.instead else said
    return f"{said} (loan {row.loan_no})" if row.loan_no else said


def _loans(book: Book, member: int) -> Iterator[str]:
    """Principal and charge apart; a loan that is settled says so."""
    loans = book.all_loans(member)
    if not loans:
        yield "No loans."
        return
    yield f"{'loan':<6} {'given on':<10}  {'due on':<10} {'principal left':>16} {'charge due':>16}"
    for loan in loans:
        yield _loan(book, loan, book.group.today)


def _loan(book: Book, loan: LoanNow, today: date) -> str:
    principal, charge = (plain(amount, book.group.currency) for amount in (loan.now.principal, loan.now.charge))
    note = "  settled" if loan.now.owed == 0 else "  late" if loan.late else ""
    return f"{loan.loan_no:<6} {loan.terms.issued_on!s:<10}  {loan.due_on!s:<10} {principal:>16} {charge:>16}{note}"


def _totals(book: Book, member: int) -> Iterator[str]:
    units, paid = book.shares(member)
    currency, owed = book.group.currency, sum(loan.now.owed for loan in book.loans(member))
    yield f"Shares: {units}, worth {plain(paid, currency)} {currency} as paid"
    yield f"Owed today: {plain(owed, currency)} {currency}"
