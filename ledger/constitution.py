"""The group's own rules, as one frozen record. Amounts are minor units, rates basis points, terms days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from typing import Any, Literal

from ledger.leaving import ExitRule, Shortfall
from ledger.loans import LateRule, Method, Period
from ledger.shareout import Method as ShareOutMethod
from ledger.shareout import Rounding

Frequency = Literal["weekly", "two_weekly", "monthly", "twice_a_month"]
FIRST_FIELDS = 15  # those of the first release: always stored, for they are in the chain of every old book
FROZEN_IN_A_CYCLE = ("share_price", "share_out_method")  # what members have saved by since the cycle began


@dataclass(frozen=True, slots=True)
class Constitution:
    """One version, frozen for the cycle. Field meanings: the group file in docs/running.md.

    A field that a later release adds has a default that may never change, and is stored only where it says something else: the rules of
    an old book are hashed as they were. `shares_first_max` 0: as `shares_max`. `meeting_frequency` "" without `meeting_dates`: the group
    meets as it likes; with them: on those days (ISO 8601).
    """

    share_price: int
    shares_min: int
    shares_max: int
    social_fund_contribution: int
    charge_method: Method
    charge_rate_bp: int
    charge_period: Period
    loan_multiple: int
    loan_max_term_days: int
    one_loan_at_a_time: bool
    fines: Mapping[str, int] = field(default_factory=dict)
    fines_to: Literal["loan_fund", "social_fund"] = "loan_fund"
    confirmation: Literal["treasurer", "treasurer_and_officer"] = "treasurer"
    share_out_method: ShareOutMethod = "standard"
    cash_unit: int = 1
    # ---- since the second release
    shares_first_max: int = 0
    meeting_frequency: Literal["", Frequency] = ""
    meeting_dates: tuple[str, ...] = ()
    loan_meeting_every: int = 1
    social_fund_every: Literal["meeting", "month"] = "meeting"
    guarantors: int = 0
    pledge: bool = False
    late_loan: LateRule = "extra_charge"
    social_fund_loans: bool = False
    outside_loan: bool = False
    outside_loan_multiple: int = 5
    exit_rule: ExitRule = "at_cost"
    death_shortfall: Shortfall = "owed"
    late_joining: Literal["cycle_start", "catch_up"] = "cycle_start"
    share_out_rounding: Rounding = "payout_floor"
    remainder_to: Literal["social_fund", "carried"] = "social_fund"
    quorum_percent: int = 67
    # ---- since the third release
    funds_seen_by: Literal["members", "officers"] = "members"  # on the phone; receipts give them to everybody

    def as_json(self) -> dict[str, Any]:
        """What is stored and hashed; `from_json` gives the same record back."""
        said = asdict(self) | {"meeting_dates": list(self.meeting_dates)}
        for later in fields(self)[FIRST_FIELDS:]:
            if getattr(self, later.name) == later.default:
                del said[later.name]
        return said

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Constitution:
        """The record of a stored version, also of one that an older release wrote. Raises TypeError for a field that none ever wrote."""
        return cls(**{**stored, "meeting_dates": tuple(stored.get("meeting_dates", ()))})

    def shares_limit(self, first_meeting: bool) -> int:
        """The most shares one member may buy at a meeting; `first_meeting`: of the cycle."""
        return self.shares_first_max or self.shares_max if first_meeting else self.shares_max


def check_change(old: Constitution, new: Constitution, cycle_running: bool) -> list[str]:
    """Names of fields that differ and may not before the cycle ends; [] when the change may be made.

    What members have saved by stays for a cycle: what a share costs, and by what its profit is divided. Everything else may change from a
    given meeting on, by vote: a loan keeps the terms it was given with, and nothing that is booked is reckoned again.
    """
    return [name for name in FROZEN_IN_A_CYCLE if cycle_running and getattr(old, name) != getattr(new, name)]


def meetings_until(rules: Constitution, start: date, on: date) -> int | None:
    """How many meetings a cycle that began with one on `start` has planned up to the end of `on`; None when the rules do not say.

    >>> weekly = Constitution(20_000, 1, 5, 0, "none", 0, "month", 3, 84, True, meeting_frequency="weekly")
    >>> meetings_until(weekly, date(2026, 1, 7), date(2026, 12, 24))
    51
    """
    if rules.meeting_dates:
        return sum(day <= on.isoformat() for day in rules.meeting_dates)
    days, months = (on - start).days, (on.year - start.year) * 12 + on.month - start.month - (on.day < start.day)
    if days < 0:
        return 0 if rules.meeting_frequency else None
    planned = {"weekly": days // 7 + 1, "two_weekly": days // 14 + 1, "monthly": months + 1, "twice_a_month": 2 * (months + 1)}
    return planned.get(rules.meeting_frequency)
