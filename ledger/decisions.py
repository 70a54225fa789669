"""What a group decides: each a request that several officers agree to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Literal

from ledger.request import Request

# ---------------------------------------------------------------- decisions of the group


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseMeeting(Request):
    """Close the open meeting with the counted cash of both boxes; `draft` is the hash of what was noted, so that officers agree to just that."""

    kind: ClassVar[str] = "close_meeting"
    meeting_no: int
    loan_fund_counted: int
    social_fund_counted: int
    draft: str
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correct(Request):
    """An item of an old entry was wrong: `right` is what it should have been, units for shares, else an amount; 0 when it never happened.

    `member` is whose item it is (0 in the entry for the group's own). `item`: see ledger/correcting.py.
    """

    kind: ClassVar[str] = "correct"
    entry_no: int
    item: str
    right: int
    why: str
    loan_no: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRules(Request):
    """A new version of the constitution, in force for meetings from `from_on`; `terms` as stored."""

    kind: ClassVar[str] = "change_rules"
    from_on: date
    terms: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave(Request):
    """A member leaves, is expelled, dies or absconds; settled by the constitution's rule."""

    kind: ClassVar[str] = "leave"
    why: Literal["leaves", "dies", "expelled", "absconds"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteOff(Request):
    """The group gives a loan up. The debt stays visible, off the book."""

    kind: ClassVar[str] = "write_off"
    loan_no: int
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareOut(Request):
    """The cycle ends: counted cash, last expenses, what outsiders are still owed beyond the book, what is carried by vote."""

    kind: ClassVar[str] = "share_out"
    counted: int
    expenses: int = 0
    outside_interest: int = 0
    carried: int = 0
    remainder_to: Literal["social_fund", "carried"] = "social_fund"
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StartCycle(Request):
    """The next cycle: dates, rules (as stored), and the shares each member starts with, bought from her payout."""

    kind: ClassVar[str] = "start_cycle"
    number: int
    starts_on: date
    ends_on: date
    terms: dict[str, Any]
    starting: tuple[tuple[int, int], ...] = ()  # (member, units)
