"""Corrections: an old item is cancelled line by line, what it should have been stands in its place, and what followed from it follows.

Nothing is edited. The new entry mirrors the wrong lines, books the right ones as of the old day, and then moves what later payments
had settled to where they would have gone: charge and principal of a loan, what is due of fines and contributions. So the balances
are those of a book in which the item had been entered right. An item of a cycle that has been shared out is corrected in the new one:
shares, income and expenses that ended with the old cycle are replaced by the account EARLIER_CYCLES.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from ledger import following, loans
from ledger.accounts import SUB, Kind, account
from ledger.beside import correction_rows, event_rows
from ledger.books import LoanNow
from ledger.checks import Refused, check_amount
from ledger.commands import Correct
from ledger.db import Conn
from ledger.entry import Entry, EntryKind, Line, Reason
from ledger.posting import Prepared
from ledger.rules_end import ENDS_WITH_THE_CYCLE, SHARE_OUT
from ledger.tally import Tally

# What people call an item, and the reasons of its lines. The first reason is the one a right figure is booked under.
ITEMS: dict[str, tuple[Reason, ...]] = {
    "shares": (Reason.SHARE, Reason.CATCH_UP),
    "redemption": (Reason.REDEMPTION,),
    "social_fund": (Reason.SOCIAL_FUND, Reason.SOCIAL_FUND_DUE),
    "grant": (Reason.GRANT,),
    "fine": (Reason.FINE,),
    "fine_charged": (Reason.FINE_CHARGED,),
    "fine_waived": (Reason.FINE_WAIVED,),
    "repayment": (Reason.PRINCIPAL, Reason.SERVICE_CHARGE),
    "loan": (Reason.LOAN,),
    "expense": (Reason.EXPENSE,),
    "other_income": (Reason.OTHER_INCOME,),
    "to_bank": (Reason.TO_BANK,),
    "from_bank": (Reason.FROM_BANK,),
    "outside_loan": (Reason.OUTSIDE_LOAN,),
    "outside_repaid": (Reason.OUTSIDE_REPAID,),
    "outside_interest": (Reason.OUTSIDE_INTEREST,),
    "payable": (Reason.PAYABLE,),
    "recovered": (Reason.RECOVERED,),
    "entrusted": (Reason.ENTRUSTED,),
    "over_short": (Reason.OVER_SHORT,),
    "write_off": (Reason.WRITTEN_OFF,),
    "payout": (Reason.PAYOUT,),
}
ITEM_OF = {reason: item for item, reasons in ITEMS.items() for reason in reasons}
BROUGHT = {
    Kind.SHARES: "shares", Kind.LOAN: "loan", Kind.SOCIAL_FUND_LOAN: "loan", Kind.FINE_DUE: "fine_charged", Kind.SOCIAL_FUND_FINE_DUE: "fine_charged",
    Kind.SOCIAL_FUND_DUE: "contribution_due", Kind.LOAN_FUND_CASH: "loan_fund_cash", Kind.SOCIAL_FUND_CASH: "social_fund_cash",
    Kind.LOAN_FUND_BANK: "loan_fund_bank", Kind.SOCIAL_FUND_BANK: "social_fund_bank", Kind.OUTSIDE_LOAN: "outside_loan",
}  # fmt: skip
_CLOSED = frozenset(ENDS_WITH_THE_CYCLE) | {Kind.SHARES, Kind.SHARE_OUT}

_LINES = """
select l.line_no, l.debit, l.credit, l.amount, l.reason, l.member, l.loan_no, l.units, e.kind, coalesce(c.happened_on, e.happened_on) as happened_on,
       coalesce(c.corrects, e.entry_no) as root,
       coalesce(c.corrects, e.entry_no) <= coalesce((select max(entry_no) from share_out s where s.group_id = e.group_id), 0) as shared_out
  from entry e
  join line l on l.group_id = e.group_id and l.line_no >= e.first_line and l.line_no < e.first_line + e.line_count
  left join correction c on c.group_id = l.group_id and c.line_no = l.line_no
 where e.group_id = %s and e.entry_no = %s and c.cancels is null
   and not exists (select from correction x where x.group_id = l.group_id and x.cancels = l.line_no)
 order by l.line_no"""


def open_lines(conn: Conn, group_id: int, entry_no: int) -> list[Any]:
    """Lines of an entry that may be corrected: not cancelled before, and not cancelling others."""
    return [row for row in conn.execute(_LINES, (group_id, entry_no)) if item_of(row)]


def item_of(row: Any) -> str:
    """What people call the item a line belongs to; "" for lines that only follow from others."""
    if row.reason == Reason.OPENING:
        kinds = [Kind(number // SUB) for number in (row.debit, row.credit)]
        return next((BROUGHT[kind] for kind in kinds if kind in BROUGHT), "")
    item = ITEM_OF.get(Reason(row.reason), "")
    set_off = row.debit == SHARE_OUT and item != "payout"  # debts that a share-out paid follow from its sheet
    return "" if set_off or (item == "payout" and row.units) else item


def figure_of(row: Any) -> int:
    """Shares of a share line, else minor units; a missed contribution counts nothing, for nothing was paid."""
    return abs(row.units) or (0 if row.reason == Reason.SOCIAL_FUND_DUE else int(row.amount))


def items(conn: Conn, group_id: int, entry_no: int, member: int | None = None) -> list[tuple[int, str, int, int]]:
    """What can be corrected in an entry: (member, item, loan number, figure: units of shares, else minor units), for one member or all."""
    found: dict[tuple[int, str, int], int] = {}
    for row in open_lines(conn, group_id, entry_no):
        if member is None or row.member == member:
            key = (row.member, item_of(row), row.loan_no)
            found[key] = found.get(key, 0) + figure_of(row)
    return [(*key, figure) for key, figure in found.items()]


def prepare(conn: Conn, wish: Correct, on: date) -> Prepared:
    """The correcting entry. Raises Refused: no such item, nothing changes, or the right figure cannot be booked."""
    tally = Tally(conn, wish.group_id, on)
    if not wish.why:
        raise Refused("no_such_item")
    check_amount(tally, wish.right, least=0)
    old = [row for row in open_lines(conn, wish.group_id, wish.entry_no) if _is_it(row, wish)]
    was = sum(figure_of(row) for row in old)
    if not old:
        raise Refused("no_such_item")
    if was == wish.right:
        raise Refused("nothing_changes")
    day, wish = old[0].happened_on, replace(wish, entry_no=old[0].root)  # what was corrected before counts where it first stood
    cancelling = [_cancelled(row) for row in old]
    right = _right_lines(tally, old, wish)
    tally.move([*cancelling, *right])
    more, events = _what_follows(tally, old, right, wish, day)
    lines = [*cancelling, *right, *more]
    rows: list[tuple[int, int | None]] = [(place, row.line_no) for place, row in enumerate(old)]
    rows += [(len(old) + place, None) for place in range(len(right))]
    said: dict[str, Any] = {
        "corrects": {
            "entry": wish.entry_no, "member": wish.member, "item": wish.item, "loan_no": wish.loan_no, "was": was, "right": wish.right,
            "why": wish.why, "on": day.isoformat(), "lines": [list(row) for row in rows],
        }
    } | ({"events": events} if events else {})  # fmt: skip
    keep = (correction_rows(wish.entry_no, day, rows), event_rows(events))
    return Prepared(Entry(EntryKind.REVERSAL, tuple(lines)), said=said, keep=keep)


def _is_it(row: Any, wish: Correct) -> bool:
    same_loan = wish.item not in ("repayment", "loan", "recovered", "write_off") or row.loan_no == wish.loan_no
    return item_of(row) == wish.item and row.member == wish.member and same_loan


def _cancelled(row: Any) -> Line:
    """The line the other way round. What was paper on both sides of a cycle that has ended moves nothing any more."""
    debit, credit = _now(row.credit, row), _now(row.debit, row)
    if debit == credit:
        raise Refused("nothing_changes")
    units = row.units if (debit, credit) == (row.credit, row.debit) else 0
    return Line(debit, credit, row.amount, Reason(row.reason), row.member, row.loan_no, units)


def _now(number: int, row: Any) -> int:
    """The account a line of an old entry is cancelled on: after a share-out what ended with the cycle is EARLIER_CYCLES."""
    return account(Kind.EARLIER_CYCLES) if row.shared_out and Kind(number // SUB) in _CLOSED else number


def _right_lines(tally: Tally, old: list[Any], wish: Correct) -> list[Line]:
    """What should have been booked, on the accounts of the wrong lines; how it divides is put right by what follows."""
    if not wish.right:
        return []
    if wish.item == "social_fund":
        return [following.contribution_line(wish.member, wish.right)]
    if (len({(row.debit, row.credit) for row in old}) > 1 and wish.item not in ("fine", "repayment")) or wish.item == "write_off":
        raise Refused("several_items")
    one = next((row for row in old if row.reason == Reason.PRINCIPAL), old[0])
    if not one.units:
        return [Line(_now(one.debit, one), _now(one.credit, one), wish.right, Reason(one.reason), one.member, one.loan_no)]
    amount = wish.right * (one.amount // abs(one.units))
    return [Line(_now(one.debit, one), _now(one.credit, one), amount, Reason(one.reason), one.member, units=wish.right)]


def _what_follows(tally: Tally, old: list[Any], right: list[Line], wish: Correct, day: date) -> tuple[list[Line], list[list[Any]]]:
    """Lines that put right what later entries settled, and the event that changes a loan's terms."""
    if wish.item in ("social_fund", "contribution_due"):
        return following.contributions(tally, wish, old, right), []
    if wish.item in ("fine", "fine_charged", "fine_waived"):
        return following.fines(tally, wish, old, right), []
    if wish.item == "write_off":
        return [], [[wish.loan_no, "reinstated", day.isoformat(), day.isoformat(), day.isoformat(), sum(row.amount for row in old), 0]]
    if wish.item not in ("repayment", "loan"):
        return [], []
    loan = following.loan_before(tally, wish.member, wish.loan_no)
    after, events = _corrected(loan, old, wish, day, tally)
    earnings = account(Kind.EARLIER_CYCLES) if old[0].shared_out else 0
    return following.loan(tally, loan, after, earnings), events


def _corrected(loan: LoanNow, old: list[Any], wish: Correct, day: date, tally: Tally) -> tuple[LoanNow, list[list[Any]]]:
    """The loan with the item as it should have been."""
    today = tally.group.today
    if wish.item == "loan":
        terms = loans.corrected(loan.agreed or loan.terms, wish.right)
        now = loans.position(terms, loan.payments, today, loan.held, loan.rollovers)
        due = loan.due_on.isoformat()
        return replace(loan, terms=terms, now=now), [[loan.loan_no, "corrected", today.isoformat(), due, due, wish.right, 0]]
    was = sum(row.amount for row in old)
    payments = list(loan.payments)
    place = payments.index(loans.Payment(day, was))
    payments[place : place + 1] = [loans.Payment(day, wish.right)] if wish.right else []
    now = loans.position(loan.terms, payments, today, loan.held, loan.rollovers)
    return replace(loan, payments=tuple(payments), now=now), []
