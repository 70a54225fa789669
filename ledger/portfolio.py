"""The raw fields of one group, read from its book: nothing here is typed for a report, all of it follows from entries and dated records.

This cycle is all that came after the share-out before it; until the next cycle begins the one that was shared out is shown. Figures are
those of today: a loan's position counts every payment, so there is no looking back.

The book does not know who is a man or a woman, nor what the group owns beside money: None, and 0. Nobody's joining is dated, so who was
a member at the start is who was called at the cycle's first meeting in this book, and who had left in the cycle before it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, LiteralString

from ledger.accounts import SUB, Kind
from ledger.books import LoanNow
from ledger.entry import EntryKind
from ledger.indicators import Fields, Standing, bad, overdue
from ledger.tally import Tally

MEETINGS_LATELY = 4
IN_THE_ROOM = ("present", "late")
RECEIVABLE = (Kind.CHARGE_DUE, Kind.FINE_DUE, Kind.SOCIAL_FUND_LOAN, Kind.SOCIAL_FUND_DUE, Kind.SOCIAL_FUND_FINE_DUE)

_SINCE = "select coalesce(max(entry_no), 0) as n from share_out where group_id = %s and cycle < %s"
_LEFT = "select member, why, entry_no from member_left where group_id = %s and entry_no > %s order by entry_no"
_ROLLS = """select entry_no, happened_on, (annex::jsonb)->'meeting'->'roll' as roll from entry
 where group_id = %s and kind = %s and entry_no > %s and annex <> '' order by entry_no"""
# The first share that still counts; one brought by an opening was saved before this book began.
_FIRST_SAVING = """
select coalesce(c.happened_on, e.happened_on) as happened_on, e.kind from line l
  join entry e on e.group_id = l.group_id and e.entry_no = l.entry_no
  left join correction c on c.group_id = l.group_id and c.line_no = l.line_no
 where l.group_id = %(group)s and l.entry_no > %(since)s and l.credit / %(sub)s = %(shares)s and c.cancels is null
   and not exists (select from correction x where x.group_id = l.group_id and x.cancels = l.line_no)
 order by 1, l.line_no limit 1"""
# Loans of the loan fund that were ever given, what they came to when a correction said so, and whether they are given up.
_EVER = """
select count(*) as loans, coalesce(sum(lent), 0)::bigint as lent, count(*) filter (where gone) as gone,
       count(*) filter (where gone and gone_by > %(since)s) as gone_now,
       coalesce(sum(lost) filter (where gone and gone_by > %(since)s), 0)::bigint as lost,
       coalesce(sum(lost_charge) filter (where gone and gone_by > %(since)s), 0)::bigint as lost_charge
  from (select coalesce(case when n.original = n.principal and n.issued_on = n.opened_on then v.right_principal
                             else greatest(n.original, v.right_principal) end, n.original) as lent,
               g.kind = 'written_off' as gone, g.entry_no as gone_by, g.principal as lost, g.charge as lost_charge
          from loan n
          left join lateral (select principal as right_principal from loan_event e where e.group_id = n.group_id and e.loan_no = n.loan_no
                                and e.kind = 'corrected' order by e.event_no desc limit 1) v on true
          left join lateral (select kind, entry_no, principal, charge from loan_event e where e.group_id = n.group_id and e.loan_no = n.loan_no
                                and e.kind in ('written_off', 'reinstated') order by e.event_no desc limit 1) g on true
         where n.group_id = %(group)s and n.fund = 'loan_fund') one where lent > 0"""
_GIVEN = """
select n.loan_no, e.kind, e.annex, r.body->>'purpose' as purpose from loan n
  join entry e on e.group_id = n.group_id and e.entry_no = n.entry_no
  left join request r on r.group_id = e.group_id and r.command_id = e.command_id
 where n.group_id = %s and n.loan_no = any(%s)"""


@dataclass(frozen=True, slots=True)
class Outstanding:
    """A running loan of the loan fund today, in minor units. `days_overdue`: since its due day, once it is late by the group's own rule;
    0 before. `past_due`: the due day is over and the loan meeting that decides has not been held. `purpose`: as stated, "" when nobody did."""

    loan_no: int
    member: int
    principal: int
    charge: int
    due_on: date
    days_overdue: int
    past_due: bool
    rescheduled: int
    purpose: str

    @property
    def standing(self) -> Standing:
        """As loan groups are reckoned."""
        return Standing(self.principal, self.days_overdue, self.rescheduled)


@dataclass(frozen=True, slots=True)
class Beside:
    """What the book holds beside the form, in minor units. `receivable`: assets by the chart that the form has no line for, all funds but the
    entrusted one; with them the form's assets are the book's. `charge_owed`: on running loans today, booked or not. `brought`: gained
    before this book or cycle and part of the profit that the form shows. `bank`: of the loan fund cash. `entrusted`: others' money, lent or
    not, in none of the figures."""

    receivable: Mapping[Kind, int]
    charge_owed: int
    charge_written_off: int
    brought: int
    bank: int
    outside_loan: int
    payables: int
    entrusted: int


@dataclass(frozen=True, slots=True)
class Portfolio:
    """One group today. `left`: leavers of this cycle by how they left; `met_on`: the last meeting of the cycle; `written_off`: loans given
    up in it, their number."""

    on: date
    cycle: int
    fields: Fields
    beside: Beside
    loans: tuple[Outstanding, ...]
    left: Mapping[str, int]
    met_on: date | None
    saving_since: date | None
    written_off: int


def read(tally: Tally) -> Portfolio:
    """The portfolio of the tally's group today; a question for each kind of record, whatever the size of the group."""
    since = _number(tally, _SINCE, (tally.group_id, tally.group.cycle_number))
    sums = _sums(tally)
    loans = _outstanding(tally)
    ever = tally.conn.execute(_EVER, {"group": tally.group_id, "since": since}).fetchone()
    assert ever is not None
    left = tally.conn.execute(_LEFT, (tally.group_id, since)).fetchall()
    rolls = tally.conn.execute(_ROLLS, (tally.group_id, int(EntryKind.MEETING), since)).fetchall()
    saving_since = _saving_since(tally, since)
    by_why: dict[str, int] = {}
    for row in left:
        by_why[row.why] = by_why.get(row.why, 0) + 1
    found = Fields(
        **_money(sums), **_of_loans(tally, loans), **_of_people(tally, left, rolls), write_offs=ever.lost,
        loans_ever=ever.loans, lent_ever=ever.lent, written_off_ever=ever.gone,
        weeks=None if saving_since is None else (tally.group.today - saving_since).days // 7,
    )  # fmt: skip
    beside = _beside(sums, loans, ever.lost_charge)
    met_on = rolls[-1].happened_on if rolls else None
    return Portfolio(tally.group.today, tally.group.cycle_number, found, beside, loans, by_why, met_on, saving_since, ever.gone_now)


def _number(tally: Tally, query: LiteralString, values: tuple[int, int]) -> int:
    row = tally.conn.execute(query, values).fetchone()
    assert row is not None
    return int(row.n)


# ---------------------------------------------------------------- money


def _sums(tally: Tally) -> dict[Kind, int]:
    """{kind of account: balance of all accounts of the kind}, debits less credits."""
    found = dict.fromkeys(Kind, 0)
    for number, (balance, _) in tally.balances().items():
        found[Kind(number // SUB)] += balance
    return found


def _money(sums: Mapping[Kind, int]) -> dict[str, int]:
    """The fields that are balances. Savings are net shares of this cycle at the price paid; of leavers who wait for the share-out too."""
    return {
        "savings": -sums[Kind.SHARES],
        "loan_fund_cash": sums[Kind.LOAN_FUND_CASH] + sums[Kind.LOAN_FUND_BANK],
        "other_funds": sums[Kind.SOCIAL_FUND_CASH] + sums[Kind.SOCIAL_FUND_BANK],
        "debts": -sums[Kind.OUTSIDE_LOAN] - sums[Kind.PAYABLE],
    }


def _beside(sums: Mapping[Kind, int], loans: Sequence[Outstanding], charge_written_off: int) -> Beside:
    return Beside(
        receivable={kind: sums[kind] for kind in RECEIVABLE},
        charge_owed=sum(loan.charge for loan in loans),
        charge_written_off=charge_written_off,
        brought=-sums[Kind.SURPLUS_BROUGHT],
        bank=sums[Kind.LOAN_FUND_BANK],
        outside_loan=-sums[Kind.OUTSIDE_LOAN],
        payables=-sums[Kind.PAYABLE],
        entrusted=sums[Kind.ENTRUSTED_CASH] + sums[Kind.ENTRUSTED_LOAN],
    )


def _saving_since(tally: Tally, since: int) -> date | None:
    """The day of the cycle's first savings entry; of savings brought on paper, the first day of the cycle as the group's file has it."""
    values = {"group": tally.group_id, "since": since, "sub": SUB, "shares": int(Kind.SHARES)}
    row = tally.conn.execute(_FIRST_SAVING, values).fetchone()
    if row is None:
        return None
    first: date = row.happened_on
    return min(first, tally.group.cycle_start) if row.kind == EntryKind.OPENING else first


# ---------------------------------------------------------------- loans


def _outstanding(tally: Tally) -> tuple[Outstanding, ...]:
    """Running loans of the loan fund; those of the social fund and of entrusted capital stand beside the form."""
    running = [loan for loan in tally.running() if loan.terms.fund == "loan_fund"]
    purposes = _purposes(tally, [loan.loan_no for loan in running])
    return tuple(_one(loan, tally.group.today, purposes.get(loan.loan_no, "")) for loan in running)


def _one(loan: LoanNow, today: date, purpose: str) -> Outstanding:
    days = (today - loan.due_on).days
    return Outstanding(
        loan.loan_no, loan.member, loan.now.principal, loan.now.charge, loan.due_on, days if loan.late else 0, days > 0 and not loan.late,
        len(loan.rollovers), purpose,
    )  # fmt: skip


def _purposes(tally: Tally, numbers: list[int]) -> dict[int, str]:
    """{loan number: what it was said to be for}: in the request of a loan that was asked for alone, in the annex of a meeting's entry, where
    loans and what was said of them stand in the same order. Loans brought on paper have none."""
    found: dict[int, str] = {}
    for row in tally.conn.execute(_GIVEN, (tally.group_id, numbers)):
        found[row.loan_no] = _said_of(json.loads(row.annex), row.loan_no) if row.kind == EntryKind.MEETING else row.purpose or ""
    return found


def _said_of(annex: dict[str, Any], loan_no: int) -> str:
    """A loan's purpose as its meeting's annex has it.

    >>> said = [["grant_loan", 5, {"purpose": "a pig"}], ["spend", 1, {}], ["grant_loan", 9, {}]]
    >>> annex = {"meeting": {"said": said}, "loans": [[3, 5], [4, 9]]}
    >>> _said_of(annex, 3), _said_of(annex, 4)
    ('a pig', '')
    """
    given = [body for kind, _, body in annex["meeting"]["said"] if kind == "grant_loan"]
    purposes = {row[0]: str(body.get("purpose", "")) for row, body in zip(annex["loans"], given, strict=True)}
    return purposes[loan_no]


def _of_loans(tally: Tally, loans: Sequence[Outstanding]) -> dict[str, int]:
    standing = [loan.standing for loan in loans]
    owing = {loan.member for loan in loans}
    return {
        "loans": len(loans),
        "loans_value": sum(loan.principal for loan in loans),
        "late_balance": overdue(standing),
        "late_30_balance": overdue(standing, 30),
        "bad_balance": bad(standing),
        "borrowers": len(owing),
        "members_borrowing": len(owing & {member.number for member in tally.active()}),
    }


# ---------------------------------------------------------------- people


def _of_people(tally: Tally, left: Sequence[Any], rolls: Sequence[Any]) -> dict[str, int]:
    """Members and their meetings. At the last meeting those count who are still registered, so that nobody attends who does not belong."""
    registered = {member.number for member in tally.active()}
    found = {"members": len(registered), "dropouts": len(left)}
    if not rolls:
        return found
    first, last, lately = rolls[0], rolls[-1].roll, [row.roll for row in rolls[-MEETINGS_LATELY:]]
    at_start = {*_named(first.roll), *(row.member for row in left if row.entry_no < first.entry_no)}
    return found | {
        "members_at_start": len(at_start),
        "attending": len(registered & set(_named(last, *IN_THE_ROOM))),
        "lately_called": sum(len(_named(roll)) for roll in lately),
        "lately_in_person": sum(len(_named(roll, *IN_THE_ROOM)) for roll in lately),
        "lately_represented": sum(len(_named(roll, "represented")) for roll in lately),
    }


def _named(roll: Mapping[str, list[int]], *how: str) -> list[int]:
    """Member numbers of a roll call, of all or of who was there in one of these ways.

    >>> _named({"present": [1, 2], "absent": [3]}), _named({"present": [1, 2], "absent": [3]}, "present", "late")
    ([1, 2, 3], [1, 2])
    """
    return [number for status, numbers in roll.items() if not how or status in how for number in numbers]
