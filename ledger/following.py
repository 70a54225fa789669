"""What follows from a correction: how later payments would have divided, reckoned again from the first, and the lines that put it right."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from ledger.accounts import Kind, account, fund_of
from ledger.books import LoanNow
from ledger.checks import Refused
from ledger.commands import Correct
from ledger.constitution import Constitution
from ledger.entry import Line, Reason
from ledger.rules import SOCIAL_FUND, SOCIAL_FUND_CASH, moves
from ledger.rules_loans import EARNED, loan_account
from ledger.tally import Tally

# A member's lines that count, on the entry they count for; every meeting, and whether she was called at it; the rules as they followed each other.
_LINES = """
select coalesce(c.corrects, l.entry_no) as entry_no, l.line_no, l.debit, l.credit, l.amount, l.reason
  from line l left join correction c on c.group_id = l.group_id and c.line_no = l.line_no
 where l.group_id = %(group)s and l.member = %(member)s and l.reason <> 44 and c.cancels is null
   and not exists (select from correction x where x.group_id = l.group_id and x.cancels = l.line_no) order by l.line_no"""
_MEETINGS = """
select m.entry_no, m.held_on,
       exists (select from jsonb_each((e.annex::jsonb)->'meeting'->'roll') r where r.value @> to_jsonb(%(member)s::int)) as called
  from meeting_close m join entry e on e.group_id = m.group_id and e.entry_no = m.entry_no where m.group_id = %(group)s"""
_RULES = "select version, from_on, entry_no, terms from constitution where group_id = %(group)s order by version"
_CONTRIBUTIONS = (Reason.SOCIAL_FUND, Reason.SOCIAL_FUND_DUE)
_FINES = (Reason.FINE_CHARGED, Reason.FINE, Reason.FINE_WAIVED)


class Counts(NamedTuple):
    """A line that counts."""

    debit: int
    credit: int
    amount: int
    reason: int


@dataclass(slots=True)
class Happened:
    """What an entry did to one member. `held_on`: of a meeting; `called`: whether she was called at it."""

    entry_no: int
    lines: list[Counts] = field(default_factory=list)
    held_on: date | None = None
    called: bool = False


def _history(tally: Tally, member: int, entry_no: int = 0, wrong: Iterable[Any] = (), right: Iterable[Line] = ()) -> list[Happened]:
    """All that happened to a member, oldest first, with `right` in the entry in the place of the rows `wrong`."""
    here, gone = {"group": tally.group_id, "member": member}, {row.line_no for row in wrong}
    found = {m.entry_no: Happened(m.entry_no, [], m.held_on, m.called) for m in tally.conn.execute(_MEETINGS, here)}
    for row in tally.conn.execute(_LINES, here):
        if row.line_no not in gone:
            found.setdefault(row.entry_no, Happened(row.entry_no)).lines.append(Counts(row.debit, row.credit, row.amount, row.reason))
    for line in right:
        found.setdefault(entry_no, Happened(entry_no)).lines.append(Counts(line.debit, line.credit, line.amount, line.reason))
    return [found[number] for number in sorted(found)]


def contribution_line(member: int, amount: int) -> Line:
    """A contribution as it is booked before it is known what of it settles missed ones."""
    return Line(SOCIAL_FUND_CASH, SOCIAL_FUND, amount, Reason.SOCIAL_FUND, member)


def contributions(tally: Tally, wish: Correct, old: list[Any], right: list[Line]) -> list[Line]:
    """The line that brings what is due of contributions to where it would be, had the `right` lines been there and not the `old` ones."""
    due, _ = _contributed(tally, wish.member, _history(tally, wish.member, wish.entry_no, old, right))
    return _towards(tally, account(Kind.SOCIAL_FUND_DUE, wish.member), due, SOCIAL_FUND, wish.member)


def contributed_since_close(tally: Tally, member: int) -> int:
    """What the member paid into the social fund by phone since the last meeting, arrears apart, reckoned from the first day."""
    return _contributed(tally, member, _history(tally, member))[1]


def _contributed(tally: Tally, member: int, history: list[Happened]) -> tuple[int, int]:
    """(what is due, what was paid since the last meeting beyond it). At a meeting today's is paid first, by phone what was missed before."""
    versions = list(tally.conn.execute(_RULES, {"group": tally.group_id}))
    owed, due, since, last = account(Kind.SOCIAL_FUND_DUE, member), 0, 0, date.min
    for entry in history:
        paid = sum(line.amount for line in entry.lines if line.reason == Reason.SOCIAL_FUND and line.debit == SOCIAL_FUND_CASH)
        due += _moved(entry, owed, _CONTRIBUTIONS)
        if entry.held_on is None:
            due, since = due - min(due, paid), since + paid - min(due, paid)
            continue
        today = max(0, _asked(versions, entry, last) - since) if entry.called else 0
        due = due - min(due, paid - today) if paid >= today else due + today - paid
        since, last = 0, entry.held_on
    return due, since


def _moved(entry: Happened, owed: int, but: tuple[Reason, ...]) -> int:
    """What other events moved on an account of what is due: an opening, a set-off, something forgiven."""
    return sum(((line.debit == owed) - (line.credit == owed)) * line.amount for line in entry.lines if line.reason not in but)


def _asked(versions: list[Any], entry: Happened, last: date) -> int:
    """The contribution of a meeting, by the version in force when it was closed."""
    held_on = entry.held_on or date.min
    known = [row for row in versions if row.version == 1 or (row.entry_no < entry.entry_no and row.from_on <= held_on)]
    rules = Constitution.from_json(known[-1].terms)
    again = rules.social_fund_every == "month" and (last.year, last.month) == (held_on.year, held_on.month)
    return 0 if again else rules.social_fund_contribution


def fines(tally: Tally, wish: Correct, old: list[Any], right: list[Line]) -> list[Line]:
    """The lines that bring what is due of fines to where it would be, had the `right` lines been there and not the `old` ones.

    At each entry what was charged counts first, then what was paid, then what was waived. What was set off for fines that never were is hers.
    """
    social = fund_of(old[0].debit) == "social_fund"
    kinds = (Kind.SOCIAL_FUND_FINE_DUE, Kind.SOCIAL_FUND_FINES) if social else (Kind.FINE_DUE, Kind.FINES)
    owed, income = account(kinds[0], wish.member), account(kinds[1])
    if old[0].shared_out and not social:
        income = account(Kind.EARLIER_CYCLES)
    due = 0
    for entry in _history(tally, wish.member, wish.entry_no, old, right):
        here = [line for line in entry.lines if (fund_of(line.debit) == "social_fund") == social]
        charged, paid, waived = (sum(line.amount for line in here if line.reason == reason) for reason in _FINES)
        due += _moved(entry, owed, _FINES) + charged
        due -= min(max(due, 0), paid)
        due -= min(max(due, 0), waived)
    back = moves(owed, account(Kind.PAYABLE, wish.member), -min(due, 0), Reason.SPLIT_AGAIN, wish.member) if not social else None
    tally.move([back] if back else [])
    return ([back] if back else []) + _towards(tally, owed, max(due, 0), income, wish.member)


def _towards(tally: Tally, owed: int, target: int, against: int, member: int) -> list[Line]:
    """The line, if any, that brings an account to where it should stand."""
    more = target - tally.balance(owed)
    line = moves(*((owed, against) if more > 0 else (against, owed)), abs(more), Reason.SPLIT_AGAIN, member)
    return [line] if line else []


def loan_before(tally: Tally, member: int, loan_no: int) -> LoanNow:
    """The loan as the book has it, settled or not. Raises Refused when it was written off or is not hers."""
    loan = next((one for one in tally.all_loans(member) if one.loan_no == loan_no), None)
    if loan is None:
        raise Refused("no_such_item")
    if loan.written_off:
        raise Refused("written_off")
    return loan


def loan(tally: Tally, before: LoanNow, after: LoanNow, earnings: int = 0) -> list[Line]:
    """Lines that bring a loan's accounts to what a replay with the right figures gives. What was then paid too much is owed to the member.

    `tally` has the cancelling and the right lines in it; `earnings` replaces the income account when that has been shared out.
    """
    fund, number = after.terms.fund, after.loan_no
    owed, earned = loan_account(number, fund), earnings or account(EARNED[fund])
    lines: list[Line | None] = []
    over = after.now.overpaid - before.now.overpaid
    if over:
        if fund != "loan_fund":
            raise Refused("more_than_owed", owed=tally.money(after.now.owed))
        back = account(Kind.PAYABLE, after.member)
        lines.append(moves(*((owed, back) if over > 0 else (back, owed)), abs(over), Reason.SPLIT_AGAIN, after.member, number))
    pairs = [(owed, after.now.principal - tally.balance(owed) - over)]
    if after.terms.method == "rolled":
        due = account(Kind.CHARGE_DUE, number)
        pairs.append((due, after.now.charge - tally.balance(due)))
    for where, more in pairs:
        lines.append(moves(*((where, earned) if more > 0 else (earned, where)), abs(more), Reason.SPLIT_AGAIN, after.member, number))
    return [line for line in lines if line]
