"""The group's own rules, as one frozen record. Amounts are minor units, rates basis points, terms days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from ledger.loans import Method, Period


@dataclass(frozen=True, slots=True)
class Constitution:
    """One version, frozen for the cycle. Field meanings: the group file in README and docs/running.md."""

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
    share_out_method: Literal["standard"] = "standard"
    cash_unit: int = 1

    def as_json(self) -> dict[str, Any]:
        """What is stored; `from_json` gives the same record back."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Constitution:
        """The record of a stored version."""
        return cls(**stored)
