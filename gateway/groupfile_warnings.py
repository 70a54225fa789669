"""What the field's practice or the law of a country advises against, and a group may want all the same: said, never refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from gateway.groupfile_contradictions import cash_unit
from gateway.groupfile_fields import ConstitutionPart, FilePart
from ledger.checks import OFFICERS
from ledger.constitution import Constitution, meetings_until
from ledger.loans import period_end, yearly_bp
from ledger.money import plain

USUAL_SIZE = range(10, 26)
USUAL_SHARES_MAX = 5
USUAL_CYCLE_MONTHS = (8, 13)
LONGEST_PERIOD_DAYS = {"month": 31, "four_weeks": 28}


class Cap(NamedTuple):
    """The highest service charge, basis points a year, simple (charge a period x periods), and who says so."""

    yearly_bp: int
    words: str


CAPS = {"VN": Cap(2000, "the law of Viet Nam gives no effect to more than 20 %")}  # Civil Code, article 468


def of_file(file: FilePart, rules: Constitution, as_of: date) -> Iterator[str]:
    """About a whole file; `rules` are its constitution as understood."""
    c, cycle = file.constitution, file.cycle
    if len(file.members) not in USUAL_SIZE:
        yield f"{len(file.members)} members; groups of {USUAL_SIZE[0]} to {USUAL_SIZE[-1]} work best"
    yield from _people(file)
    yield from of_rules(c, file.group.country, file.group.currency, cycle.number)
    yield from _length(cycle.start, cycle.end)
    yield from _brought(file, rules, as_of)


def of_rules(c: ConstitutionPart, country: str, currency: str, cycle_number: int) -> Iterator[str]:
    """About a constitution, in the cycle of that number."""
    most = c.shares_per_meeting[1]
    if most > USUAL_SHARES_MAX:
        yield f"up to {most} shares a meeting; {USUAL_SHARES_MAX} is usual and keeps members equal"
    yield from _charge(c, country)
    if c.loan.max_term_days < LONGEST_PERIOD_DAYS[c.service_charge.period]:
        yield f"loans of at most {c.loan.max_term_days} days: less than a charge period, {c.service_charge.period.replace('_', ' ')}, can last"
    if c.outside_loan.allowed and cycle_number == 1:
        yield "an outside loan in the first cycle; groups do better to save and share out once before they borrow"
    unit = cash_unit(c, currency)
    if unit > c.share_price:
        yield f"a cash unit of {plain(unit, currency)}, more than a share costs: who holds one share may be paid nothing for it"
    if c.quorum_percent < 50:
        yield f"decisions with {c.quorum_percent} % of the members; two thirds are usual"


def _charge(c: ConstitutionPart, country: str) -> Iterator[str]:
    charge, cap = c.service_charge, CAPS.get(country)
    yearly = yearly_bp(charge.rate_bp, charge.period)
    if cap is not None and yearly > cap.yearly_bp:
        yield f"a service charge of {_percent(yearly)} % a year; {cap.words}"
    if charge.method != "none" and charge.period == "four_weeks" and c.meetings.frequency in ("monthly", "twice_a_month"):
        yield f"a charge every four weeks beside {c.meetings.frequency} meetings: thirteen charges a year, twelve months to pay them in"


def _percent(bp: int) -> str:
    """Basis points as people write a rate: 2040 is 20.4."""
    return f"{bp // 100}.{bp % 100:02}".rstrip("0").rstrip(".")


def _people(file: FilePart) -> Iterator[str]:
    phones = {member.phone for member in file.members if member.phone and set(member.roles) & set(OFFICERS)}
    if len(phones) < 2:
        yield "fewer than two officers have phones of their own; an officer's own payments could not be confirmed"
    for member in file.members:
        if file.agent is not None and member.phone == file.agent.phone:
            yield f"the agent has the phone of member {member.number}; an agent looks after a group from outside"


def _length(start: date, end: date) -> Iterator[str]:
    """Of the cycle, with a week's grace: groups end on a day of meeting."""
    least, most = (period_end(start, "month", months) for months in USUAL_CYCLE_MONTHS)
    if not least - timedelta(days=7) <= end <= most + timedelta(days=7):
        yield f"a cycle of {(end - start).days // 7} weeks; {USUAL_CYCLE_MONTHS[0]} to {USUAL_CYCLE_MONTHS[1]} months are usual"


def _brought(file: FilePart, rules: Constitution, as_of: date) -> Iterator[str]:
    opening, c = file.opening, file.constitution
    borrowers = [loan.member for loan in opening.loans]
    if c.loan.one_at_a_time:
        for number in sorted({n for n in borrowers if borrowers.count(n) > 1}):
            yield f"member {number} brings several loans, though the rules allow one at a time"
    if opening.social_fund_loans and not c.loan.from_social_fund:
        yield "loans from the social fund are brought, though the rules allow none"
    if opening.outside_loan and not c.outside_loan.allowed:
        yield "an outside loan is brought, though the rules allow none"
    meetings = meetings_until(rules, file.cycle.start, as_of)
    if meetings:
        most = rules.shares_max * max(0, meetings - 1) + rules.shares_limit(first_meeting=True)
        for share in opening.shares:
            if share.units > most:
                yield f"member {share.member} brings {share.units} shares; the rules allow {most} in {meetings} meetings"
