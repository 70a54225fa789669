"""An entry before it is posted: two-account lines, so it cannot be out of balance, and a printed form an accountant reads."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from ledger.accounts import LIMIT, is_social, name_of


class Reason(IntEnum):
    """Why money moved; part of every hash, so numbers never change."""

    OPENING = 1
    SHARE = 10
    SOCIAL_FUND = 20
    FINE = 30
    LOAN = 40
    SERVICE_CHARGE = 41
    PRINCIPAL = 42
    CHARGE_ADDED = 43


class EntryKind(IntEnum):
    """What an entry is as a whole; part of every hash."""

    OPENING = 1
    CONTRIBUTION = 2
    LOAN = 3


@dataclass(frozen=True, slots=True)
class Line:
    """`amount` minor units from the `credit` account to the `debit` account; `units` counts shares on share lines (never money)."""

    debit: int
    credit: int
    amount: int
    reason: Reason
    member: int = 0
    loan_no: int = 0
    units: int = 0

    def __post_init__(self) -> None:
        if type(self.amount) is not int or not 0 < self.amount <= LIMIT:
            raise ValueError(f"a line moves a positive whole number of minor units, not {self.amount!r}")
        if self.debit == self.credit or is_social(self.debit) != is_social(self.credit):
            raise ValueError("a line joins two accounts of one fund")


@dataclass(frozen=True, slots=True)
class Entry:
    """Lines that are posted together or not at all."""

    kind: EntryKind
    lines: tuple[Line, ...]

    def __post_init__(self) -> None:
        if not self.lines:
            raise ValueError("an entry has at least one line")

    @property
    def total(self) -> int:
        """Sum of what the lines move, in minor units."""
        return sum(line.amount for line in self.lines)

    def __str__(self) -> str:
        """Debits first, credits indented: the form of the printed examples."""
        net: dict[int, int] = {}
        for line in self.lines:
            net[line.debit] = net.get(line.debit, 0) + line.amount
            net[line.credit] = net.get(line.credit, 0) - line.amount
        debits = [f"Dr {name_of(number):<40}{amount:>12,}" for number, amount in net.items() if amount > 0]
        credits = [f"   Cr {name_of(number):<37}{-amount:>24,}" for number, amount in net.items() if amount < 0]
        return "\n".join(debits + credits)
