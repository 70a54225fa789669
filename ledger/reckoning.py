"""A meeting reckoned: from what was noted, in whatever order, to the lines of one entry. The order is made here, so it can change nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from ledger import following, loans, posting, rules, rules_group
from ledger.accounts import Kind, account
from ledger.checks import Refused, judge, loan_of
from ledger.commands import Attend, ChargeFine, Entrust, GrantLoan, Move, PaySocialFund, Request, RollOver, Status
from ledger.entry import Line
from ledger.posting import Given
from ledger.tally import Tally

# What brings money in stands before what takes it out; the order people speak in does not count.
ORDER = (
    "attend", "receive_other", "borrow_outside", "from_bank", "pay_social_fund", "buy_shares", "charge_fine", "pay_fine", "waive_fine", "recover",
    "repay", "entrust", "redeem_shares", "spend", "grant", "pay_out", "repay_outside", "roll_over", "grant_loan", "entrust_back", "to_bank",
)  # fmt: skip
FINED = ("late", "absent")  # by the constitution's table, without anybody saying so
LATE_LOAN = "late_loan"
OF_THE_GROUP = ("receive_other", "borrow_outside", "repay_outside", "spend", "move", "entrust")  # about no member in particular
_NOBODY = UUID(int=0)


@dataclass(slots=True)
class Reckoned:
    """What a meeting comes to. `missed`: social fund contributions by member; `fined`: (member, why, amount) charged by the roll call;
    `presence`: how each member was there."""

    tally: Tally
    lines: list[Line] = field(default_factory=list)
    given: list[Given] = field(default_factory=list)
    rolled: list[tuple[RollOver, loans.Position, date]] = field(default_factory=list)
    presence: dict[int, Status] = field(default_factory=dict)
    missed: dict[int, int] = field(default_factory=dict)
    fined: list[tuple[int, str, int]] = field(default_factory=list)

    @property
    def present(self) -> int:
        """Members in the room."""
        return sum(status in ("present", "late") for status in self.presence.values())

    @property
    def boxes(self) -> tuple[int, int]:
        """(loan fund, social fund) cash as it should be counted."""
        return self.tally.cash(), self.tally.balance(account(Kind.SOCIAL_FUND_CASH))

    def take(self, lines: Iterable[Line], given: Given | None = None) -> None:
        """Add lines to the entry and to the balances."""
        some = tuple(lines)
        self.lines += some
        self.given += [given] if given else []
        self.tally.take(some, given)


def reckon(tally: Tally, requests: Sequence[Request], held_on: date, loan_meeting: bool, over_at_opening: tuple[int, int] = (0, 0)) -> Reckoned:
    """All that a meeting does, in the order of ORDER. Raises Refused when the rules or the boxes do not allow it."""
    done = Reckoned(tally)
    done.take(rules_group.count_differs(*over_at_opening).lines)
    done.presence = _presence(tally, requests)
    _social_fund(done, requests, held_on)
    for request in sorted([*requests, *_table_fines(tally, done, requests, loan_meeting)], key=_place):
        try:
            _take(done, request, held_on)
        except Refused as refused:
            raise _about(request, refused) from None
    if loan_meeting:
        for loan in tally.running():
            done.take(posting.accrue(tally, loan, held_on))
    return done


def _about(request: Request, refused: Refused) -> Refused:
    """The refusal with the member it is about, where it is about one."""
    if request.kind in OF_THE_GROUP:
        return refused
    return Refused(refused.reason, **({"of": request.member} | refused.figures))


def _judge(tally: Tally, request: Request) -> None:
    try:
        judge(tally, request)
    except Refused as refused:
        raise _about(request, refused) from None


def _place(request: Request) -> tuple[int, int, str]:
    kind = request.kind
    match request:
        case Move(to_bank=to_bank):
            kind = "to_bank" if to_bank else "from_bank"
        case Entrust(back=True):
            kind = "entrust_back"
    return ORDER.index(kind), request.member, json.dumps(request.body(), sort_keys=True)


def _presence(tally: Tally, requests: Sequence[Request]) -> dict[int, Status]:
    """Everybody is present of whom nothing else was said; the last word counts."""
    said: dict[int, Status] = {member.number: "present" for member in tally.active()}
    return said | {request.member: request.status for request in requests if isinstance(request, Attend) and request.member in said}


def _table_fines(tally: Tally, done: Reckoned, requests: Sequence[Request], loan_meeting: bool) -> list[Request]:
    """The table's fine for who is late or absent, and at a loan meeting for a late loan where that is the rule, unless the record-keeper has
    charged it already: one for each reason at a meeting."""
    charges = [(request.member, request.why) for request in requests if isinstance(request, ChargeFine)]
    charged = set(charges)
    if len(charged) < len(charges):
        raise Refused("fined_already", of=next(member for member, why in charges if charges.count((member, why)) > 1))
    found: list[Request] = []
    reasons: list[tuple[int, str]] = [(number, status) for number, status in done.presence.items() if status in FINED]
    reasons += _late_borrowers(tally) if loan_meeting else []
    for number, why in reasons:
        amount = tally.constitution.fines.get(why, 0)
        if amount and (number, why) not in charged:
            done.fined.append((number, why, amount))
            found.append(ChargeFine(id=_NOBODY, group_id=tally.group_id, member=number, asked_by=0, why=why, amount=amount))
    return found


def _late_borrowers(tally: Tally) -> list[tuple[int, str]]:
    """Members, still in the group, with a late loan whose rule is a fine."""
    late = {loan.member for loan in tally.running() if loan.late and loan.terms.late_rule == "fine"}
    return [(member.number, LATE_LOAN) for member in tally.active() if member.number in late]


def _take(done: Reckoned, request: Request, held_on: date) -> None:
    """One event. Loans need their votes; a rollover moves a date and no money."""
    if isinstance(request, PaySocialFund):
        return  # reckoned before, for each member as a whole
    if isinstance(request, GrantLoan) and not done.tally.lenient:
        _carried(done, request)
    effect = posting.effect(done.tally, request, held_on)
    if isinstance(request, RollOver):
        _roll(done, request, held_on)
    done.take(effect.lines, effect.given)


def _carried(done: Reckoned, request: GrantLoan) -> None:
    """The quorum of those in the room, rounded up, has voted for the loan."""
    needed = -(-done.present * done.tally.constitution.quorum_percent // 100)
    if request.votes < needed:
        raise Refused("votes_needed", count=needed)


def _roll(done: Reckoned, request: RollOver, held_on: date) -> None:
    loan = loan_of(done.tally, request)
    done.take(posting.accrue(done.tally, loan, held_on))
    done.rolled.append((request, loan.at(held_on), loan.due_on))
    done.tally.roll(request.loan_no, loans.Rollover(held_on, request.due_on))


def contribution_due(tally: Tally, number: int, held_on: date) -> int:
    """What the constitution asks of a member at this meeting, less what she paid in by phone since the last one."""
    rules_now, last = tally.constitution, tally.group.closed_on
    asked = rules_now.social_fund_contribution
    if tally.group.shared_out or (rules_now.social_fund_every == "month" and (last.year, last.month) == (held_on.year, held_on.month)):
        asked = 0
    again = number in tally.contribution_corrected
    return max(0, asked - (following.contributed_since_close(tally, number) if again else tally.contributed_since_close(number)))


def _social_fund(done: Reckoned, requests: Sequence[Request], held_on: date) -> None:
    """Contributions member by member: today's first, the rest settles what was missed before; what is lacking is owed from now on."""
    tally = done.tally
    paid: dict[int, int] = {}
    for request in requests:
        if isinstance(request, PaySocialFund):
            _judge(tally, request)
            paid[request.member] = paid.get(request.member, 0) + request.amount
    for member in tally.active():
        number, amount = member.number, paid.get(member.number, 0)
        today, before = contribution_due(tally, number, held_on), tally.balance(account(Kind.SOCIAL_FUND_DUE, number))
        if amount:
            done.take(rules.pay_social_fund(number, amount, due=min(before, max(amount - today, 0))).lines)
        if amount < today:
            done.missed[number] = today - amount
            done.take(rules.miss_social_fund(number, today - amount).lines)


def said(requests: Sequence[Request]) -> list[list[Any]]:
    """What was said at the meeting and no line can hold, for the annex: purposes, votes, reasons, new dates."""
    worth = ("spend", "grant", "grant_loan", "roll_over", "receive_other", "waive_fine", "charge_fine")
    return [[request.kind, request.member, request.body()] for request in sorted(requests, key=_place) if request.kind in worth]
