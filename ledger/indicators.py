"""What programmes ask of a group's figures: every ratio, and the groups that late loans fall into. Pure arithmetic, exact fractions.

Several publishers' formulas stand side by side, each named beside its formula, for two programmes may print different figures of one group:

* MIS: the visit form of VSL Associates, reckoned as the published reports of DanChurchAid do; its profit is read off the balance sheet,
  never summed from charges, so that a write-off which nobody booked shows;
* app: the printed glossary of a savings app;
* MFI: Circular 14/2024/TT-NHNN on the loans of microfinance institutions in Viet Nam. It binds no savings group;
* programmes: what their bulletins print; common practice: what trainers reckon; ours: where the published one misleads.

Loans are principal only; charge is kept apart. Many groups together are a ratio of sums, never the mean of their ratios. A return in
mid-cycle grows with time: groups of different age are not to be compared by it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

Unit = Literal["percent", "sum", "average", "number"]
Part = int | Fraction | None
WEEKS_IN_A_YEAR = 52
GROUP_STARTS = (10, 30, 90, 180)  # days overdue at which loan groups 2, 3, 4 and 5 begin
BAD_FROM = 3  # the first loan group that counts as bad


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """The raw fields of one group on one day (or of `groups` of them), money in minor units. None: not known, nor is what follows from it.

    `loans`, `loans_value`: loans outstanding, their number and principal; `late_balance`: principal of late ones; `late_30_balance`: of those
    late by 30 days or more; `bad_balance`: of loan groups 3 to 5. `borrowers`: persons who owe; `members_borrowing`: those still registered.
    `dropouts`, `write_offs`: in this cycle. `loans_ever`, `lent_ever`, `written_off_ever`: since the book began. `weeks`: whole weeks since
    saving began in this cycle. `debts`: what the group owes. `attending`: registered members in the room at the last meeting; `lately_...`: names
    called, in the room and represented, at the last four meetings together.
    """

    members: int
    savings: int
    loans: int = 0
    loans_value: int = 0
    loan_fund_cash: int = 0
    other_funds: int = 0
    property_at_start: int = 0
    property_now: int = 0
    debts: int = 0
    late_balance: int = 0
    late_30_balance: int | None = None
    bad_balance: int | None = None
    write_offs: int = 0
    members_at_start: int | None = None
    dropouts: int | None = None
    attending: int | None = None
    lately_called: int | None = None
    lately_in_person: int | None = None
    lately_represented: int | None = None
    men: int | None = None
    women: int | None = None
    borrowers: int | None = None
    members_borrowing: int | None = None
    loans_ever: int | None = None
    lent_ever: int | None = None
    written_off_ever: int | None = None
    weeks: int | None = None
    groups: int = 1

    @property
    def joined(self) -> int | None:
        """Who came in this cycle, those who have gone again too."""
        if self.members_at_start is None or self.dropouts is None:
            return None
        return self.members - self.members_at_start + self.dropouts

    @property
    def assets(self) -> int:
        """MIS: loan fund cash + loans + other funds + property now."""
        return self.loan_fund_cash + self.loans_value + self.other_funds + self.property_now

    @property
    def profit(self) -> int:
        """MIS: loan fund cash + loans + property now - savings - property at start - debts; negative is a loss."""
        return self.loan_fund_cash + self.loans_value + self.property_now - self.savings - self.property_at_start - self.debts

    @property
    def retained(self) -> int:
        """MIS: profit + property at start."""
        return self.profit + self.property_at_start

    @property
    def equity(self) -> int:
        """MIS: other funds + savings + retained earnings; with the debts always the assets."""
        return self.other_funds + self.savings + self.retained


@dataclass(frozen=True, slots=True)
class Indicator:
    """`part` : `whole` of one group; `formula` says both, the denominator last, and who publishes it so. A sum has the whole 1."""

    name: str
    unit: Unit
    part: Callable[[Fields], Part]
    whole: Callable[[Fields], int | None]
    formula: str
    source: str


def _one(_: Fields) -> int:
    return 1


def _members(f: Fields) -> int:
    return f.members


def _stayed(f: Fields) -> int | None:
    return None if f.dropouts is None else f.members - f.dropouts


def _ever_belonged(f: Fields) -> int | None:
    return None if f.dropouts is None else f.members + f.dropouts


def _grown(f: Fields) -> int | None:
    return None if f.members_at_start is None else f.members - f.members_at_start


def _yearly_profit(f: Fields) -> Fraction | None:
    return Fraction(f.profit * WEEKS_IN_A_YEAR, f.weeks) if f.weeks else None


INDICATORS = (
    Indicator("attendance", "percent", lambda f: f.attending, _members, "attending / registered now", "MIS"),
    Indicator("attendance_lately", "percent", lambda f: f.lately_in_person, lambda f: f.lately_called,
              "in the room / called, last 4 meetings together", "app"),
    Indicator("represented_lately", "percent", lambda f: f.lately_represented, lambda f: f.lately_called,
              "represented / called, last 4 meetings together", "app"),
    Indicator("dropout", "percent", lambda f: f.dropouts, _members, "dropouts / registered now", "MIS"),
    Indicator("retention", "percent", _stayed, _members, "(registered now - dropouts) / registered now", "MIS"),
    Indicator("retention_of_all", "percent", _members, _ever_belonged, "registered now / (registered now + dropouts)", "ours"),
    Indicator("membership_growth", "percent", _grown, lambda f: f.members_at_start, "(registered now - at start) / at start", "MIS"),
    Indicator("women", "percent", lambda f: f.women, _members, "women / registered now", "MIS"),
    Indicator("members_per_group", "number", _members, lambda f: f.groups, "registered now / groups", "programmes"),
    Indicator("savings_per_member", "average", lambda f: f.savings, _members, "savings this cycle / registered now", "MIS"),
    Indicator("savings_per_group", "average", lambda f: f.savings, lambda f: f.groups, "savings this cycle / groups", "programmes"),
    Indicator("assets", "sum", lambda f: f.assets, _one, "loan fund cash + loans + other funds + property now", "MIS"),
    Indicator("debts_and_equity", "sum", lambda f: f.debts + f.equity, _one, "debts + equity; always the assets", "MIS"),
    Indicator("profit", "sum", lambda f: f.profit, _one,
              "loan fund cash + loans + property now - savings - property at start - debts", "MIS"),
    Indicator("retained_earnings", "sum", lambda f: f.retained, _one, "profit + property at start", "MIS"),
    Indicator("equity", "sum", lambda f: f.equity, _one, "other funds + savings + retained earnings", "MIS"),
    Indicator("equity_per_member", "average", lambda f: f.equity, _members, "equity / registered now", "MIS"),
    Indicator("return_on_savings", "percent", lambda f: f.profit, lambda f: f.savings, "profit / savings this cycle", "common practice"),
    Indicator("return_on_assets", "percent", lambda f: f.profit, lambda f: f.assets, "profit / assets", "common practice"),
    Indicator("yearly_return_on_assets", "percent", _yearly_profit, lambda f: f.assets,
              "profit x 52 / whole weeks of saving / assets", "common practice"),
    Indicator("utilisation", "percent", lambda f: f.loans_value, lambda f: f.loans_value + f.loan_fund_cash,
              "loans / (loans + loan fund cash)", "MIS"),
    Indicator("members_with_loans", "percent", lambda f: f.loans, _members, "number of loans / registered now", "MIS"),
    Indicator("members_borrowing", "percent", lambda f: f.members_borrowing, _members, "registered members who owe / registered now", "ours"),
    Indicator("average_outstanding_loan", "average", lambda f: f.loans_value, lambda f: f.loans, "loans / number of loans", "MIS"),
    Indicator("average_per_borrower", "average", lambda f: f.loans_value, lambda f: f.borrowers, "loans / persons who owe", "programmes"),
    Indicator("average_loan_given", "average", lambda f: f.lent_ever, lambda f: f.loans_ever,
              "principal ever lent / number of loans ever given", "app"),
    Indicator("loans_of_assets", "percent", lambda f: f.loans_value, lambda f: f.assets, "loans / assets", "MIS"),
    Indicator("at_risk", "percent", lambda f: f.late_balance, lambda f: f.loans_value, "loans late by a day or more / loans", "MIS"),
    Indicator("at_risk_30", "percent", lambda f: f.late_30_balance, lambda f: f.loans_value,
              "loans late by 30 days or more / loans", "common practice"),
    Indicator("bad_loans", "percent", lambda f: f.bad_balance, lambda f: f.loans_value, "loans of groups 3 to 5 / loans", "MFI"),
    Indicator("write_offs_per_group", "average", lambda f: f.write_offs, lambda f: f.groups, "written off this cycle / groups", "MIS"),
    Indicator("loans_written_off", "percent", lambda f: f.written_off_ever, lambda f: f.loans_ever,
              "number written off / number of loans ever given", "app"),
)  # fmt: skip
BY_NAME = {one.name: one for one in INDICATORS}


def value(name: str, groups: Sequence[Fields]) -> Fraction | None:
    """An indicator of one group, or of many as a ratio of sums: percent as a part of 1, money in minor units. A group that does not know
    part or whole is in neither sum; None when none knows, or the wholes are nothing.

    >>> few, many = Fields(members=10, savings=0, attending=10), Fields(members=90, savings=0, attending=45)
    >>> value("attendance", [few]), value("attendance", [few, many]), value("women", [few])
    (Fraction(1, 1), Fraction(11, 20), None)
    """
    one = BY_NAME[name]
    pairs = [(one.part(group), one.whole(group)) for group in groups]
    known = [(part, whole) for part, whole in pairs if part is not None and whole is not None]
    if one.unit == "sum":
        return Fraction(sum(part for part, _ in known)) if known else None
    return ratio(sum((part for part, _ in known), Fraction(0)), sum(whole for _, whole in known))


def ratio(part: int | Fraction, whole: int | Fraction) -> Fraction | None:
    """Exact; None of nothing. What there is of each: debt of a customer, savings of a group.

    >>> ratio(21, 24), ratio(21, 0)
    (Fraction(7, 8), None)
    """
    return Fraction(part) * Fraction(1, whole) if whole else None


def growth(now: int, before: int) -> Fraction | None:
    """What was added, as a part of what there was: (now - before) / before. Both dates belong beside it: a period is not always a year.

    >>> growth(120, 100), growth(80, 100)
    (Fraction(1, 5), Fraction(-1, 5))
    """
    return ratio(now - before, before)


def rounded(exact: Fraction | int | None, places: int = 2) -> str:
    """Decimals, the last one half up by size (a loss is rounded like a gain); "" for what is not known.

    >>> rounded(Fraction(1, 8)), rounded(Fraction(-1, 8)), rounded(Fraction(1, 3), 0), rounded(7), rounded(None)
    ('0.13', '-0.13', '0', '7.00', '')
    """
    if exact is None:
        return ""
    shifted = int(abs(Fraction(exact)) * 10**places + Fraction(1, 2))
    digits = str(shifted).rjust(places + 1, "0")
    cut = len(digits) - places
    return "-" * (exact < 0 and shifted > 0) + (f"{digits[:cut]}.{digits[cut:]}" if places else digits)


def percent(exact: Fraction | None, places: int = 2) -> str:
    """A part of 1 as a percentage, half up; "" for what is not known.

    >>> percent(Fraction(7, 8)), percent(Fraction(1, 3), 1), percent(None)
    ('87.50', '33.3', '')
    """
    return rounded(None if exact is None else exact * 100, places)


# ---------------------------------------------------------------- late loans


@dataclass(frozen=True, slots=True)
class Standing:
    """A running loan: the principal left, in minor units; the days since it fell due, 0 while it is in term; how often it was given more time."""

    principal: int
    days_overdue: int
    rescheduled: int = 0


def loan_group(days_overdue: int, rescheduled: int = 0) -> int:
    """Loan group 1 to 5 by MFI. By days: 2 from 10, 3 from 30, 4 from 90, 5 from 180. A loan given more time once is in 2 while it is in term
    again, in 3 when late, 4 from 30 days, 5 from 90; twice: 4, and 5 when late; after that 5. Its whole principal belongs to the group.

    >>> [loan_group(days) for days in (0, 9, 10, 30, 90, 180)], [loan_group(days, 1) for days in (0, 1, 30, 90)], loan_group(0, 2)
    ([1, 1, 2, 3, 4, 5], [2, 3, 4, 5], 4)
    """
    by_days = 1 + sum(days_overdue >= start for start in GROUP_STARTS)
    if not rescheduled:
        return by_days
    if rescheduled == 1:
        return 2 + (days_overdue > 0) + (days_overdue >= 30) + (days_overdue >= 90)
    return 5 if days_overdue > 0 or rescheduled > 2 else 4


def by_group(loans: Iterable[Standing]) -> dict[int, tuple[int, int]]:
    """{loan group: (number of loans, their principal)}, all five.

    >>> by_group([Standing(4_000, 0), Standing(1_000, 30)])
    {1: (1, 4000), 2: (0, 0), 3: (1, 1000), 4: (0, 0), 5: (0, 0)}
    """
    found = dict.fromkeys(range(1, len(GROUP_STARTS) + 2), (0, 0))
    for loan in loans:
        group = loan_group(loan.days_overdue, loan.rescheduled)
        count, principal = found[group]
        found[group] = (count + 1, principal + loan.principal)
    return found


def overdue(loans: Iterable[Standing], days: int = 1) -> int:
    """Principal of the loans late by that many days or more, in minor units."""
    return sum(loan.principal for loan in loans if loan.days_overdue >= days)


def bad(loans: Iterable[Standing]) -> int:
    """Principal of loan groups 3 to 5, in minor units.

    >>> bad([Standing(4_000, 29), Standing(1_000, 30), Standing(500, 400)])
    1500
    """
    return sum(loan.principal for loan in loans if loan_group(loan.days_overdue, loan.rescheduled) >= BAD_FROM)
