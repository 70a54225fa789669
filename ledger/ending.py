"""The end of a cycle and the beginning of the next: the share-out from the book as it is, and the carry-over as purchases of their own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from ledger import meetings, posting, rules, rules_end, rules_group, shareout
from ledger.accounts import SUB, Kind, account
from ledger.beside import cycle_row, rules_row, share_out_row
from ledger.checks import Refused
from ledger.commands import ShareOut, StartCycle
from ledger.constitution import Constitution
from ledger.db import Conn
from ledger.entry import Entry, EntryKind, Line
from ledger.posting import Prepared
from ledger.shareout import Holder, NotPossible, Row, Sheet
from ledger.tally import Tally

# Service charge a member paid since the last share-out: what payments settled of it (41), and what a correction (44) says was charge instead of
# principal, or owed back to her; not what it says of an earlier cycle.
_CHARGE_PAID = """
with last as (select coalesce(max(entry_no), 0) as entry_no from share_out where group_id = %(group)s)
select l.member, sum(l.amount * case l.reason
         when 41 then (l.credit / 100000 in (21, 40))::int - (l.debit / 100000 in (21, 40))::int
         else (l.debit / 100000 in (20, 31))::int - (l.credit / 100000 in (20, 31))::int end)::bigint as paid
  from line l, last where l.group_id = %(group)s and l.reason in (41, 44) and l.loan_no <> 0 and l.entry_no > last.entry_no
   and not exists (select from correction c where c.group_id = l.group_id and c.entry_no = l.entry_no and c.corrects <= last.entry_no)
 group by l.member"""


@dataclass(frozen=True, slots=True)
class Preview:
    """A share-out before it is posted. `lines` moved so far (counts, expenses, charges added); `debts` to outsiders and former members."""

    tally: Tally
    sheet: Sheet
    lines: tuple[Line, ...]
    counted: int
    debts: int


def preview(conn: Conn, wish: ShareOut, on: date) -> Preview:
    """Who would take home what. Raises Refused: shared out already, a meeting open, money in the bank, a difference without a reason."""
    tally = Tally(conn, wish.group_id, on)
    _may_share_out(conn, tally)
    lines = _last_lines(tally, wish, on)
    rules_now = tally.constitution
    debts = -tally.balance(rules_group.OUTSIDE_LOAN) - _all(tally, Kind.PAYABLE) + wish.outside_interest
    try:
        sheet = shareout.share_out(
            holders(tally), cash=tally.cash(), outside_debts=debts, carried=wish.carried, method=rules_now.share_out_method,
            rounding=rules_now.share_out_rounding, unit=rules_now.cash_unit,
        )  # fmt: skip
    except NotPossible as no:
        raise Refused("no_shares" if no.reason == "no_shares" else "not_enough_cash", cash=tally.money(tally.cash())) from None
    return Preview(tally, sheet, lines, wish.counted, debts)


def _may_share_out(conn: Conn, tally: Tally) -> None:
    if tally.group.shared_out:
        raise Refused("between_cycles")
    if meetings.open_now(conn, tally.group_id) is not None:
        raise Refused("meeting_open")
    if bank := tally.balance(rules_group.LOAN_FUND_BANK):
        raise Refused("money_in_bank", amount=tally.money(bank))


def _last_lines(tally: Tally, wish: ShareOut, on: date) -> tuple[Line, ...]:
    """The count against the book, the last expenses, and with the rolled method the charges nobody has booked yet."""
    over = wish.counted - tally.cash()
    if over and not wish.why:
        raise Refused("reason_needed")
    lines = [*rules_group.count_differs(over, 0).lines]
    lines += rules_group.spend(wish.expenses).lines if wish.expenses else ()
    for loan in tally.running():
        lines += posting.accrue(tally, loan, on)
    tally.take(lines)
    if tally.cash() < 0:
        raise Refused("not_enough_cash", cash=tally.money(wish.counted))
    return tuple(lines)


def _all(tally: Tally, kind: Kind) -> int:
    return sum(balance for number, (balance, _) in tally.balances().items() if number // SUB == kind)


def holders(tally: Tally) -> list[Holder]:
    """Everybody with shares or debts to the loan fund, those who left and wait included."""
    paid = {row.member: row.paid for row in tally.conn.execute(_CHARGE_PAID, {"group": tally.group_id})}
    found = []
    for number in tally.members():
        units, price = tally.shares(number)
        debt = debts_of(tally, number)
        if units or debt:
            found.append(Holder(number, units, price, debt, max(0, paid.get(number, 0))))
    return found


def debts_of(tally: Tally, number: int) -> int:
    """What a member owes the loan fund: her loans with their charge, and fines due."""
    owed = sum(loan.now.owed for loan in tally.loans(number) if loan.terms.fund == "loan_fund")
    return owed + tally.balance(account(Kind.FINE_DUE, number))


def set_off(tally: Tally, number: int, amount: int, on: date, paid_from: int) -> tuple[list[Line], int]:
    """Lines that pay a member's loans, oldest first, out of an account of hers; and how much of the amount is left for fines."""
    lines: list[Line] = []
    for loan in tally.loans(number):
        part = min(amount, loan.now.owed) if loan.terms.fund == "loan_fund" else 0
        if part:
            lines += posting.settle_loan(tally, loan, part, on, paid_from)
            amount -= part
    return lines, amount


def prepare_share_out(conn: Conn, wish: ShareOut, on: date) -> Prepared:
    """The entry of a share-out: shares and gains in, set-offs and payouts out, the rest carried or given to the social fund."""
    done = preview(conn, wish, on)
    tally, lines = done.tally, list(done.lines)

    def take(more: list[Line] | tuple[Line, ...]) -> None:
        lines.extend(more)
        tally.take(more)

    for row in done.sheet.rows:
        off, fines = set_off(tally, row.member, row.set_off, on, rules_end.SHARE_OUT)
        take(off)
        take(rules_end.share_out_member(row.member, row.units, row.paid, fines, row.payout).lines)
    take(rules_end.owe_outside(wish.outside_interest).lines)
    if wish.remainder_to == "social_fund":
        take(rules_end.give_remainder(done.sheet.remainder).lines)
    take(rules_end.end_cycle({number: balance for number, (balance, _) in tally.balances().items()}).lines)
    take(rules_end.carry(tally.balance(rules_end.SHARE_OUT)).lines)
    said = sheet_json(done, wish)
    cycle = tally.group.cycle_number
    return Prepared(Entry(EntryKind.SHARE_OUT, tuple(lines)), said={"share_out": {"cycle": cycle, "sheet": said}}, keep=(share_out_row(cycle, said),))


def sheet_json(done: Preview, wish: ShareOut) -> dict[str, Any]:
    """The sheet as it is hashed, stored and printed; rows as [member, shares, paid, debt, gross, set-off, payout, debt that survives]."""
    sheet = done.sheet
    return {
        "method": sheet.method, "rounding": sheet.rounding, "unit": sheet.unit, "counted": wish.counted,
        "expenses": wish.expenses, "debts": done.debts,
        "carried": wish.carried, "pool": sheet.pool, "value": str(sheet.value) if sheet.value is not None else "", "available": sheet.cash_available,
        "paid": sheet.paid, "remainder": sheet.remainder, "remainder_to": wish.remainder_to, "rows": [row_json(row) for row in sheet.rows],
    }  # fmt: skip


def row_json(row: Row) -> list[int]:
    """One member's line of the sheet."""
    return [row.member, row.units, row.paid, row.debt, row.gross, row.set_off, row.payout, row.surviving]


def prepare_start(conn: Conn, wish: StartCycle, on: date) -> Prepared:
    """The next cycle: its rules and dates, and the shares members start with, each a purchase of its own beside the payout before."""
    tally = Tally(conn, wish.group_id, on)
    group = tally.group
    if not group.shared_out:
        raise Refused("cycle_runs")
    if wish.number != group.cycle_number + 1 or not group.cycle_start < wish.starts_on < wish.ends_on:
        raise Refused("cycle_dates")
    terms = Constitution.from_json(wish.terms)
    lines: list[Line] = []
    for member, units in wish.starting:
        who = tally.member(member)
        if who is None or who.left:
            raise Refused("no_such_member", number=member)
        lines += rules.buy_shares(member, units, terms.share_price, catch_up=True).lines if units else ()
    version = next_version(conn, wish.group_id)
    rules_said = {"version": version, "from_on": on.isoformat(), "terms": wish.terms}
    cycle = [wish.number, wish.starts_on.isoformat(), wish.ends_on.isoformat()]
    keep = (rules_row(version, on, wish.terms), cycle_row(wish.number, wish.starts_on, wish.ends_on))
    return Prepared(Entry(EntryKind.CYCLE, tuple(lines)), said={"rules": rules_said, "cycle": cycle}, keep=keep)


def next_version(conn: Conn, group_id: int) -> int:
    """The number the next version of the constitution gets."""
    row = conn.execute("select max(version) + 1 as n from constitution where group_id = %s", (group_id,)).fetchone()
    assert row is not None
    return int(row.n)
