"""An entry before it is posted: two-account lines, so it cannot be out of balance, and a printed form an accountant reads."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from ledger.accounts import LIMIT, fund_of, name_of


class Reason(IntEnum):
    """Why money moved; part of every hash, so numbers never change."""

    OPENING = 1
    SHARE = 10
    REDEMPTION = 11
    CATCH_UP = 12
    SOCIAL_FUND = 20
    SOCIAL_FUND_DUE = 21
    GRANT = 22
    FINE = 30
    FINE_CHARGED = 31
    FINE_WAIVED = 32
    LOAN = 40
    SERVICE_CHARGE = 41
    PRINCIPAL = 42
    CHARGE_ADDED = 43
    SPLIT_AGAIN = 44
    WRITTEN_OFF = 45
    RECOVERED = 46
    EXPENSE = 50
    OTHER_INCOME = 51
    TO_BANK = 52
    FROM_BANK = 53
    OUTSIDE_LOAN = 54
    OUTSIDE_REPAID = 55
    OUTSIDE_INTEREST = 56
    OVER_SHORT = 57
    ENTRUSTED = 58
    SET_OFF = 60
    PAYOUT = 61
    PAYABLE = 62
    LEFT = 63
    CYCLE_END = 70
    REMAINDER = 71


class EntryKind(IntEnum):
    """What an entry is as a whole; part of every hash."""

    OPENING = 1
    CONTRIBUTION = 2
    LOAN = 3
    MEETING = 4
    REVERSAL = 5
    RULES = 6
    SHARE_OUT = 7
    LEAVING = 8
    WRITE_OFF = 9
    CYCLE = 10


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
        if self.debit == self.credit or fund_of(self.debit) != fund_of(self.credit):
            raise ValueError("a line joins two accounts of one fund")


@dataclass(frozen=True, slots=True)
class Entry:
    """Lines that are posted together or not at all; none in an entry that changes rules only."""

    kind: EntryKind
    lines: tuple[Line, ...]

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
