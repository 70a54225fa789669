"""The paper a group signs when it joins: every figure it brought, member by member, to be compared with her passbook and marked by her.

Plain text of at most 80 columns, from the opening entry itself and the terms of the loans that came with it: what was posted later
changes nothing here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from ledger.accounts import SUB, Kind
from ledger.books import Book
from ledger.db import Conn
from ledger.entry import EntryKind
from ledger.money import plain

_OPENED = "select entry_no, happened_on from entry where group_id = %s and kind = %s order by entry_no limit 1"
_LINES = "select debit, credit, amount, units, member from line where group_id = %s and entry_no = %s order by line_no"
_CHARGES = "select member, opening_charge from loan where group_id = %s and entry_no = %s"
_MARK = "." * 15
_OFFICES = ("Chair", "Record-keeper", "Treasurer")
_LOANS = (Kind.LOAN, Kind.SOCIAL_FUND_LOAN)
_FINES = (Kind.FINE_DUE, Kind.SOCIAL_FUND_FINE_DUE)
_GROUP = {
    Kind.LOAN_FUND_CASH: "Loan fund, cash in the box",
    Kind.LOAN_FUND_BANK: "Loan fund, in the bank",
    Kind.OUTSIDE_LOAN: "Outside loan the group owes",
    Kind.SOCIAL_FUND_CASH: "Social fund, cash in the box",
    Kind.SOCIAL_FUND_BANK: "Social fund, in the bank",
}


@dataclass(frozen=True, slots=True)
class _Brought:
    """The opening: (member, kind) -> minor units that she has or owes, members' shares, and each account kind's balance, debits less credits."""

    on: date
    hers: Counter[tuple[int, Kind]] = field(default_factory=Counter)
    units: Counter[int] = field(default_factory=Counter)
    balances: Counter[Kind] = field(default_factory=Counter)

    def row(self, members: list[int]) -> tuple[int, ...]:
        """(shares, paid for them, loans left, charge due, fines due, social fund due) of these members together."""
        kinds = ((Kind.SHARES,), _LOANS, (Kind.CHARGE_DUE,), _FINES, (Kind.SOCIAL_FUND_DUE,))
        return (sum(self.units[m] for m in members), *(sum(self.hers[m, kind] for m in members for kind in some) for some in kinds))


def sheet(book: Book) -> str:
    """The paper of the group's opening. Raises LookupError when it brought nothing."""
    brought = _brought(book.conn, book.group_id)
    if brought is None:
        raise LookupError(f"{book.group.code} brought no figures: there is nothing to sign")
    parts = (_heading(book, brought.on), _members(book, brought), _boxes(book, brought), _signatures())
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def _brought(conn: Conn, group_id: int) -> _Brought | None:
    opened = conn.execute(_OPENED, (group_id, int(EntryKind.OPENING))).fetchone()
    if opened is None:
        return None
    brought = _Brought(opened.happened_on)
    for row in conn.execute(_LINES, (group_id, opened.entry_no)):
        debit, credit = Kind(row.debit // SUB), Kind(row.credit // SUB)
        brought.balances[debit] += row.amount
        brought.balances[credit] -= row.amount
        brought.units[row.member] += row.units
        if debit != Kind.CHARGE_DUE:  # told below, whatever the method
            brought.hers[row.member, Kind.SHARES if row.units else debit] += row.amount
    for row in conn.execute(_CHARGES, (group_id, opened.entry_no)):
        brought.hers[row.member, Kind.CHARGE_DUE] += row.opening_charge
    return brought


def _heading(book: Book, on: date) -> Iterator[str]:
    g = book.group
    yield f"{g.name} ({g.code})"
    yield f"What the group brought into its book on {on}. Amounts in {g.currency}."
    yield ""
    yield "Each member compares her lines with her passbook and makes her mark."
    yield "A figure that is wrong is not signed: tell the record-keeper today."


def _members(book: Book, brought: _Brought) -> Iterator[str]:
    """Two lines a member: what she has, and what she owes."""
    members, currency = book.members(), book.group.currency
    yield f"{'no':>4} {'name':<30} {'shares':>9} {'paid for them':>18} mark"
    yield f"{'loan left':>22} {'charge due':>17} {'fines due':>17} {'social fund due':>20}"
    yield "-" * 79
    for number, member in members.items():
        yield from _two_lines(f"{number:>4} {member.name:<30}", brought.row([number]), currency, _MARK)
    yield "-" * 79
    yield from _two_lines(f"{'':>4} {f'{len(members)} members':<30}", brought.row([*members]), currency, "")


def _two_lines(who: str, row: tuple[int, ...], currency: str, mark: str) -> Iterator[str]:
    units, paid, *owed = row
    loan, charge, fines, social = (_amount(one, currency) for one in owed)
    yield f"{who} {units:>9,} {_amount(paid, currency):>18} {mark}".rstrip()
    yield f"{loan:>22} {charge:>17} {fines:>17} {social:>20}"


def _boxes(book: Book, brought: _Brought) -> Iterator[str]:
    currency, surplus = book.group.currency, -brought.balances[Kind.SURPLUS_BROUGHT]
    for kind, words in _GROUP.items():
        yield _figure(words, abs(brought.balances[kind]), currency)
    words = "Loan fund, lost before it joined" if surplus < 0 else "Loan fund, earned and not shared out before it joined"
    yield _figure(words, abs(surplus), currency)
    yield _figure("Social fund, all that belongs to it", -brought.balances[Kind.SOCIAL_FUND], currency)


def _signatures() -> Iterator[str]:
    for office in _OFFICES:
        yield f"{office + ':':<15} {'.' * 36} Date: {'.' * 20}"
        yield ""


def _figure(words: str, minor: int, currency: str) -> str:
    return f"{words:<56} {_amount(minor, currency):>20}"


def _amount(minor: int, currency: str) -> str:
    """Digits in groups of three, not negative.

    >>> _amount(1_500_000, "VND"), _amount(123_456, "KES")
    ('1,500,000', '1,234.56')
    """
    whole, point, part = plain(minor, currency).partition(".")
    return f"{int(whole):,}{point}{part}"
