"""What happens between members and their group, noted at a meeting or asked alone by phone: each a request of its own kind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Literal

from ledger.loans import Fund
from ledger.request import Request

Status = Literal["present", "late", "absent", "excused", "represented"]
STATUSES: tuple[Status, ...] = ("present", "late", "absent", "excused", "represented")

# ---------------------------------------------------------------- what a member does


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyShares(Request):
    """Whole shares at the cycle's price; `catch_up` for those a late joiner buys to stand beside the others."""

    kind: ClassVar[str] = "buy_shares"
    added_later: ClassVar[dict[str, Any]] = {"catch_up": False}
    units: int
    catch_up: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RedeemShares(Request):
    """Shares sold back at the price paid; at a meeting only."""

    kind: ClassVar[str] = "redeem_shares"
    units: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PaySocialFund(Request):
    """A contribution to the social fund."""

    kind: ClassVar[str] = "pay_social_fund"
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PayFine(Request):
    """A fine."""

    kind: ClassVar[str] = "pay_fine"
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Repay(Request):
    """A repayment; charge due first, then principal."""

    kind: ClassVar[str] = "repay"
    loan_no: int
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantLoan(Request):
    """A loan the record-keeper enters for `member`. `requested` is what she had asked for, 0 when it was just this; `votes` are those for it."""

    kind: ClassVar[str] = "grant_loan"
    added_later: ClassVar[dict[str, Any]] = {"requested": 0, "purpose": "", "guarantors": (), "pledge": "", "votes": 0, "fund": "loan_fund"}
    amount: int
    due_on: date
    requested: int = 0
    purpose: str = ""
    guarantors: tuple[int, ...] = ()
    pledge: str = ""
    votes: int = 0
    fund: Fund = "loan_fund"


# ---------------------------------------------------------------- what else happens at a meeting


@dataclass(frozen=True, slots=True, kw_only=True)
class Attend(Request):
    """The roll call: how a member is there; the last word counts."""

    kind: ClassVar[str] = "attend"
    status: Status


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeFine(Request):
    """A fine is charged, by a name of the constitution's table; it is paid or waived by other words."""

    kind: ClassVar[str] = "charge_fine"
    why: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiveFine(Request):
    """A fine that was charged, today or before, is let go; recorded, because leniency is a fact."""

    kind: ClassVar[str] = "waive_fine"
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Spend(Request):
    """The group spends: `what` in a word or two. `member` is who spoke for it."""

    kind: ClassVar[str] = "spend"
    amount: int
    what: str
    fund: Literal["loan_fund", "social_fund"] = "loan_fund"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant(Request):
    """A grant of the social fund to a member in need."""

    kind: ClassVar[str] = "grant"
    amount: int
    what: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RollOver(Request):
    """The group lets a loan run on to a new due date; the charge on what is left follows from the method."""

    kind: ClassVar[str] = "roll_over"
    loan_no: int
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Move(Request):
    """Money moves between the box and the bank account or wallet of one fund."""

    kind: ClassVar[str] = "move"
    amount: int
    to_bank: bool
    fund: Literal["loan_fund", "social_fund"] = "loan_fund"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveOther(Request):
    """Other income of the loan fund: bank interest, a gift."""

    kind: ClassVar[str] = "receive_other"
    amount: int
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BorrowOutside(Request):
    """The group borrows: a debt of the group, never of a member."""

    kind: ClassVar[str] = "borrow_outside"
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RepayOutside(Request):
    """The group pays its outside loan: principal and interest."""

    kind: ClassVar[str] = "repay_outside"
    amount: int
    interest: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PayOut(Request):
    """What the loan fund still owes a member who left is paid."""

    kind: ClassVar[str] = "pay_out"
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Recover(Request):
    """Money comes in on a debt that had been written off."""

    kind: ClassVar[str] = "recover"
    loan_no: int
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrust(Request):
    """Capital that a bank or programme entrusts to the group's care, or takes back (`back`), with the charge collected for it."""

    kind: ClassVar[str] = "entrust"
    amount: int
    back: bool = False
    charge: int = 0
