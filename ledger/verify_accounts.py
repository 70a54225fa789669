"""The part of the proof that is about accounts: every line within one fund, every balance a sum within its bounds, share money in whole shares."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ledger.accounts import LIMIT, ROWS, SUB, Kind, account, fund_of, name_of
from ledger.chain import StoredLine
from ledger.entry import EntryKind, Reason
from ledger.rules_end import ENDS_WITH_THE_CYCLE
from ledger.verify_annex import Step

CARRIED = Kind.SURPLUS_BROUGHT  # the one account that may keep a balance of what ended with a cycle


@dataclass(slots=True)
class Accounts:
    """The book's balances as far as it has been read, debits minus credits, by account number; units likewise."""

    balances: dict[int, int] = field(default_factory=dict)
    units: dict[int, int] = field(default_factory=dict)

    def balance(self, number: int) -> int:
        """0 for an account that was never used."""
        return self.balances.get(number, 0)

    def of_kind(self, kind: Kind) -> Iterator[int]:
        """Accounts of a kind that hold money or shares."""
        return (number for number, balance in self.balances.items() if number // SUB == kind and (balance or self.units[number]))

    def take(self, step: Step, price: int) -> Iterator[str]:
        """Moves the balances; says what is wrong with a line or with a balance after the entry. `price`: of a share, in minor units."""
        for line in step.lines:
            for what in self._take_line(line, step.entry.kind, price):
                yield f"line {line.line_no} {what}"
        for number in sorted({number for line in step.lines for number in (line.debit, line.credit)}):
            row = ROWS[Kind(number // SUB)]
            if not row.lowest <= self.balances[number] <= row.highest:
                yield f"{name_of(number)} goes to {self.balances[number]}, which it may not"
        if self.balance(account(Kind.SHARE_OUT)):
            yield "leaves money in the clearing account of the share-out"
        if step.entry.kind == EntryKind.SHARE_OUT:
            yield from self._after_share_out()

    def _take_line(self, line: StoredLine, entry_kind: int, price: int) -> Iterator[str]:
        known = True
        for number in (line.debit, line.credit):
            if not _is_account(number):
                yield "names an account that the chart does not have"
                known = False
        if not known:
            return
        if fund_of(line.debit) != fund_of(line.credit):
            yield "joins two funds"
        if line.debit == line.credit or not 0 < line.amount <= LIMIT:
            yield f"moves {line.amount} from account {line.credit} to {line.debit}"
        if line.reason not in Reason.__members__.values():
            yield "has a reason that no program of ours knows"
        for number, amount, units in ((line.debit, line.amount, line.units), (line.credit, -line.amount, -line.units)):
            self.balances[number] = self.balances.get(number, 0) + amount
            self.units[number] = self.units.get(number, 0) + units
        if (line.debit_after, line.credit_after) != (self.balances[line.debit], self.balances[line.credit]):
            yield "gives balances that are not the sums"
        yield from _share_faults(line, entry_kind, price)

    def _after_share_out(self) -> Iterator[str]:
        """Nobody holds shares any more, and what was earned, spent or lost has been shared out with them."""
        for kind in (Kind.SHARES, *(kind for kind in ENDS_WITH_THE_CYCLE if kind != CARRIED)):
            for number in self.of_kind(kind):
                if kind == Kind.SHARES or self.balances[number]:
                    yield f"leaves {self.balances[number]} on {name_of(number)}, which ends with the cycle"


def _is_account(number: int) -> bool:
    """Whether the chart has it: a kind of its own, with a member's or a loan's number where it is one of several."""
    kind, sub = divmod(number, SUB)
    return kind in ROWS and (sub == 0) == (ROWS[Kind(kind)].per == "group")


def _share_faults(line: StoredLine, entry_kind: int, price: int) -> Iterator[str]:
    """Share money is units x the share price, line by line, and so for every member; other lines count no shares. Where a correction
    finds them shared out already there is no holder any more, and units are those of the line that is cancelled."""
    holders = [number % SUB for number in (line.debit, line.credit) if number // SUB == Kind.SHARES]
    if not holders and line.units and entry_kind != EntryKind.REVERSAL:
        yield "counts shares where there are none"
    if holders and line.amount != line.units * price:
        yield f"moves {line.amount} for {line.units} shares at {price}"
    if holders and holders != [line.member]:
        yield "touches another member's shares"
