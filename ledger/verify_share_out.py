"""The part of the proof that is about the share-out: the sheet that officers agreed to is what its entry paid, member by member."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ledger.accounts import Kind, account
from ledger.chain import StoredLine
from ledger.entry import Reason
from ledger.verify_annex import Step

_CLEARING, _CASH = account(Kind.SHARE_OUT), account(Kind.LOAN_FUND_CASH)
_SET_OFF = (Reason.SERVICE_CHARGE, Reason.PRINCIPAL, Reason.SET_OFF)


def sheet_faults(step: Step) -> Iterator[str]:
    """Shares given up, debts set off and cash paid, each member's line of the sheet against her lines of the entry. Raises ValueError or
    TypeError for a sheet that no program of ours wrote."""
    shared = step.said.share_out
    if shared is None:
        return
    rows = {row[0]: row for row in map(_row, shared.sheet.get("rows", ()))}
    told = {number: (row[1], row[2], row[5], row[6]) for number, row in rows.items() if any(row[1:3]) or any(row[5:7])}
    done = _by_member(step.lines)
    for number in sorted(told.keys() | done.keys()):
        if told.get(number) != done.get(number):
            yield f"shares out to member {number} (shares, paid, set off, cash) {done.get(number)}, the sheet says {told.get(number)}"
    if shared.sheet.get("paid") != sum(row[6] for row in rows.values()):
        yield "pays another sum than its sheet says"


def _row(row: Any) -> list[int]:
    """[member, shares, paid, debt, gross, set off, payout, debt that survives]."""
    if not isinstance(row, list) or len(row) != 8 or any(type(figure) is not int for figure in row):
        raise ValueError("a line of the sheet is none")
    return row


def _by_member(lines: list[StoredLine]) -> dict[int, tuple[int, int, int, int]]:
    """(shares, what was paid for them, debts set off, cash) of each member whom the entry touches in this way."""
    found: dict[int, tuple[int, int, int, int]] = {}
    for line in lines:
        shares = line.debit == account(Kind.SHARES, line.member) if line.member else False
        parts = (
            line.units if shares else 0,
            line.amount if shares else 0,
            line.amount if line.debit == _CLEARING and line.reason in _SET_OFF else 0,
            line.amount if line.debit == _CLEARING and line.credit == _CASH and line.reason == Reason.PAYOUT else 0,
        )
        if any(parts):
            units, paid, set_off, cash = found.get(line.member, (0, 0, 0, 0))
            found[line.member] = (units + parts[0], paid + parts[1], set_off + parts[2], cash + parts[3])
    return found
