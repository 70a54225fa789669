"""Everything a person can bring about, in one place: requests by kind, and the commands that are carried out at once. Menus return them;
only workers post them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from ledger.decisions import ChangeRules, CloseMeeting, Correct, Leave, ShareOut, StartCycle, WriteOff
from ledger.events import (
    STATUSES,
    Attend,
    BorrowOutside,
    BuyShares,
    ChargeFine,
    Entrust,
    Grant,
    GrantLoan,
    Move,
    PayFine,
    PayOut,
    PaySocialFund,
    ReceiveOther,
    Recover,
    RedeemShares,
    Repay,
    RepayOutside,
    RollOver,
    Spend,
    Status,
    WaiveFine,
)
from ledger.persons import ChangePhone, GiveFirstCode, NameHelper, ResetPin
from ledger.request import Request

__all__ = [
    "ABOUT_PEOPLE", "ALONE", "DECIDED", "KINDS", "NOTED", "STATUSES", "Attend", "BorrowOutside", "BuyShares", "ChangePhone", "ChangeRules",
    "ChargeFine", "CloseMeeting", "Command", "Contest", "Correct", "Decide", "Entrust", "Explain", "GiveFirstCode", "Grant", "GrantLoan", "Leave",
    "Move", "NameHelper", "Note", "NoteMany", "OpenMeeting", "PayFine", "PayOut", "PaySocialFund", "ReceiveOther", "Recover", "RedeemShares", "Repay",
    "RepayOutside", "Request", "ResetPin", "RollOver", "SetLanguage", "SetShortReceipts", "ShareOut", "Spend", "StartCycle", "Status", "Undo",
    "WaiveFine", "Wish", "WriteOff", "restore",
]  # fmt: skip

NOTED: dict[str, type[Request]] = {
    cls.kind: cls
    for cls in (
        Attend, PaySocialFund, BuyShares, RedeemShares, ChargeFine, PayFine, WaiveFine, Spend, Grant, Repay, GrantLoan, RollOver, Move,
        ReceiveOther, BorrowOutside, RepayOutside, PayOut, Recover, Entrust,
    )
}  # fmt: skip
DECIDED: dict[str, type[Request]] = {cls.kind: cls for cls in (CloseMeeting, Correct, ChangeRules, Leave, WriteOff, ShareOut, StartCycle)}
ABOUT_PEOPLE: dict[str, type[Request]] = {cls.kind: cls for cls in (ResetPin, ChangePhone, NameHelper)}
KINDS: dict[str, type[Request]] = NOTED | DECIDED | ABOUT_PEOPLE
ALONE = frozenset({"buy_shares", "pay_social_fund", "pay_fine", "repay", "grant_loan", "pay_out", "recover"} | DECIDED.keys() | ABOUT_PEOPLE.keys())
_DATES = frozenset({"due_on", "from_on", "starts_on", "ends_on"})


def restore(kind: str, command_id: UUID, group_id: int, member: int, asked_by: int, body: dict[str, Any]) -> Request:
    """The request that a stored row was made from."""
    said = {key: date.fromisoformat(value) if key in _DATES else _frozen(value) for key, value in body.items()}
    return KINDS[kind](id=command_id, group_id=group_id, member=member, asked_by=asked_by, **said)


def _frozen(value: Any) -> Any:
    return tuple(_frozen(one) for one in value) if isinstance(value, list) else value


# ---------------------------------------------------------------- what is done at once


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenMeeting:
    """The record-keeper opens the meeting with the counted cash of both boxes; a difference from the last close needs a reason."""

    id: UUID
    group_id: int
    member: int
    loan_meeting: bool
    loan_fund_counted: int
    social_fund_counted: int
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something happened at the open meeting; `request.asked_by` notes it."""

    request: Request


@dataclass(frozen=True, slots=True)
class NoteMany:
    """Several things at once, noted all or none, e.g. that everybody present has paid her contribution."""

    requests: tuple[Request, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo:
    """The note was wrong; before the close nothing has been posted yet."""

    group_id: int
    member: int
    note_no: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """A member says that an entry is wrong."""

    id: UUID
    group_id: int
    member: int
    entry_no: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Explain:
    """The chair answers a contested entry in words."""

    group_id: int
    officer: int
    dispute_no: int
    words: str


@dataclass(frozen=True, slots=True)
class Decide:
    """An officer's word on a request, given while dialling."""

    group_id: int
    request_no: int
    officer: int
    yes: bool


@dataclass(frozen=True, slots=True)
class SetLanguage:
    """A member chooses her language; nothing of the book changes."""

    group_id: int
    member: int
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A member wants to be called, or to borrow; those who can do something about it are told. Nothing is booked."""

    id: UUID
    group_id: int
    member: int
    what: str
    amount: int = 0


@dataclass(frozen=True, slots=True)
class SetShortReceipts:
    """A member chooses one short text after a meeting, or all figures again; nothing of the book changes."""

    group_id: int
    member: int
    short: bool


Command = Request | Decide | SetLanguage | OpenMeeting | Note | NoteMany | Undo | Contest | Explain | Wish | SetShortReceipts | GiveFirstCode
