"""What no single value of a group file shows: values that contradict each other.

Only what a file can say since the second release is refused on its account. What an old file could say is still read, at most with a
warning (`groupfile_warnings`): a group that was founded with it must find it "the same file".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise

from gateway.groupfile_fields import ConstitutionPart, FilePart, OpeningPart
from gateway.groupfile_problems import Contradiction
from ledger import helping
from ledger.checks import AMOUNT_MINOR_MAX, OFFICERS
from ledger.money import EXPONENTS

CYCLE_DAYS_MAX = 800
SHORTEST_PERIOD_DAYS = 28
RULES = "constitution"
# With which n every n-th meeting comes at least once in each charge period, and periods end at loan meetings.
LOAN_MEETINGS = {"weekly": (1, 2, 4), "two_weekly": (1, 2), "twice_a_month": (1, 2), "monthly": (1,)}


def in_file(file: FilePart, as_of: date, today: date) -> Iterator[Contradiction]:
    """Of a whole file; `as_of` is the day of the figures it brings."""
    c, cycle = file.constitution, file.cycle
    yield from _twice([m.number for m in file.members], ("members",), "number", "a member number of her own")
    yield from _helpers(file)
    yield from _officers(file)
    yield from in_rules(c, file.group.currency, cycle.start, cycle.end, len(file.members))
    if c.meetings.planned and (cycle.end - cycle.start).days > CYCLE_DAYS_MAX:
        yield ("cycle", "end"), f"a day at most {CYCLE_DAYS_MAX} days after the start, where meetings are planned"
    if as_of > today:
        yield ("opening", "as_of"), f"a day not after today, {today}"
    yield from _brought(file.opening, c.share_price, {m.number for m in file.members}, as_of)


def in_rules(c: ConstitutionPart, currency: str, start: date, end: date, members: int | None) -> Iterator[Contradiction]:
    """Of a constitution, in a cycle and for a number of members (None: not known here)."""
    yield from _shares(c)
    yield from _meetings(c, start, end)
    yield from _loans(c, members)
    yield from _share_out(c, currency)


def _shares(c: ConstitutionPart) -> Iterator[Contradiction]:
    most = c.shares_per_meeting[1]
    if 0 < c.shares_at_first_meeting < most:
        yield (RULES, "shares_at_first_meeting"), f"at least {most}, as at any meeting"
    if c.social_fund_every == "month" and not c.social_fund_contribution:
        yield (RULES, "social_fund_every"), "a social_fund_contribution above 0 to be paid every month"


def _meetings(c: ConstitutionPart, start: date, end: date) -> Iterator[Contradiction]:
    where, every = (RULES, "meetings"), c.meetings.loan_meeting_every
    for i, day in enumerate(c.meetings.dates):
        if not start <= day <= end:
            yield (*where, "dates", i), f"a day of the cycle, {start} to {end}"
    for i, (before, day) in enumerate(pairwise(c.meetings.dates), 1):
        if day <= before:
            yield (*where, "dates", i), f"a day after {before}, the one before: each once, in their order"
    if c.meetings.dates and every > len(c.meetings.dates):
        yield (*where, "loan_meeting_every"), f"at most {len(c.meetings.dates)}, the number of meetings"
    frequency, charge = c.meetings.frequency, c.service_charge
    if frequency and charge.method != "none" and every not in LOAN_MEETINGS[frequency]:
        fitting = " or ".join(map(str, LOAN_MEETINGS[frequency]))
        yield (*where, "loan_meeting_every"), f"{fitting} with {frequency} meetings and a charge every {charge.period.replace('_', ' ')}"


def _loans(c: ConstitutionPart, members: int | None) -> Iterator[Contradiction]:
    loan, charge = c.loan, c.service_charge
    if loan.late == "fine" and "late_loan" not in c.fines:
        yield (RULES, "loan", "late"), "with fine, an amount for late_loan among the fines"
    if loan.late == "doubling" and not charge.rate_bp:
        yield (RULES, "loan", "late"), "with doubling, a service charge that can be doubled"
    if members is not None and loan.guarantors >= members:
        yield (RULES, "loan", "guarantors"), f"at most {members - 1}, the members beside the borrower"
    if c.meetings.planned and loan.max_term_days < SHORTEST_PERIOD_DAYS:
        yield (RULES, "loan", "max_term_days"), f"at least {SHORTEST_PERIOD_DAYS}, one charge period"
    if c.outside_loan.allowed and c.outside_loan.multiple < loan.multiple:
        yield (RULES, "outside_loan", "multiple"), f"at least {loan.multiple}, the multiple without an outside loan"


def _share_out(c: ConstitutionPart, currency: str) -> Iterator[Contradiction]:
    rules = c.share_out
    if rules.rounding == "value_floor" and cash_unit(c, currency) > c.share_price:
        yield (RULES, "share_out", "cash_unit"), "with value_floor, at most the share price: the value of a share would become 0"
    if rules.method == "interest_to_payer" and c.service_charge.method == "none":
        yield (RULES, "share_out", "method"), "with interest_to_payer, a service charge that can be given back"


def cash_unit(c: ConstitutionPart, currency: str) -> int:
    """The smallest note or coin in minor units; one whole unit of the currency where the file says nothing."""
    return c.share_out.cash_unit or 10 ** EXPONENTS[currency]


def _twice(numbers: Sequence[int], path: tuple[str, ...], key: str, expected: str) -> Iterator[Contradiction]:
    first: dict[int, int] = {}
    for position, number in enumerate(numbers):
        if first.setdefault(number, position) != position:
            yield (*path, position, key), f"{expected}; {number} is taken above"


def _helpers(file: FilePart) -> Iterator[Contradiction]:
    """Whoever gets a member's texts has a phone, and she herself has none."""
    numbers, with_phones = {m.number for m in file.members}, {m.number for m in file.members if m.phone}
    for i, member in enumerate(file.members):
        helper = member.helper or 0
        expected = {
            "no_such_member": f"a member of this file; there is no {helper}",
            "helper_herself": "another member: nobody is her own helper",
            "helper_no_phone": f"a member with a phone; {helper} has none",
            "helper_not_needed": f"nobody, for member {member.number} has a phone of her own",
        }
        why = helping.fault(member.number, helper, numbers, with_phones)
        if why:
            yield ("members", i, "helper"), expected[why]


def _officers(file: FilePart) -> Iterator[Contradiction]:
    """Somebody must be left to confirm what an officer pays herself."""
    for expected in officers_missing([m.roles for m in file.members], file.constitution):
        yield ("members",), expected


def officers_missing(roles: Sequence[Sequence[str]], c: ConstitutionPart) -> Iterator[str]:
    """What the members, given by their roles, lack to confirm by these rules."""
    officers = [hers for hers in roles if not set(hers).isdisjoint(OFFICERS)]
    needed = 3 if c.confirmation == "treasurer_and_officer" else 2
    if not any("treasurer" in hers for hers in officers):
        yield "a member with the role treasurer"
    elif len(officers) < needed:
        others = ", ".join(role for role in OFFICERS if role != "treasurer")
        yield f"{needed} officers (treasurer and {others}): nobody could confirm what the treasurer pays herself"


def _brought(opening: OpeningPart, share_price: int, numbers: set[int], as_of: date) -> Iterator[Contradiction]:
    """Shares, loans and dues belong to members, in amounts a book can hold, on days that have been."""
    for i, share in enumerate(opening.shares):
        if share.units * share_price > AMOUNT_MINOR_MAX:
            yield ("opening", "shares", i, "units"), f"at most {AMOUNT_MINOR_MAX // share_price} shares at this price"
    for key in ("shares", "loans", "fines", "social_fund_due", "social_fund_loans"):
        for i, one in enumerate(getattr(opening, key)):
            if one.member not in numbers:
                yield ("opening", key, i, "member"), f"a member of this file; there is no {one.member}"
    for key, what in (("shares", "shares"), ("fines", "fines"), ("social_fund_due", "contributions due")):
        yield from _twice([one.member for one in getattr(opening, key)], ("opening", key), "member", f"one line of {what} a member")
    for key in ("loans", "social_fund_loans"):
        for i, loan in enumerate(getattr(opening, key)):
            if loan.issued > as_of:
                yield ("opening", key, i, "issued"), f"a day not after {as_of}, the day of these figures"
