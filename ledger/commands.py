"""What people ask for: small frozen facts whose id is minted before they are shown. Menus return them; only workers post them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, ClassVar
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Asked by `asked_by` for `member` (member numbers of one group). Amounts are minor units."""

    kind: ClassVar[str]
    id: UUID
    group_id: int
    member: int
    asked_by: int

    def body(self) -> dict[str, Any]:
        """What this kind of request says beyond who and when; JSON."""
        common = {"id", "group_id", "member", "asked_by"}
        return {key: value.isoformat() if isinstance(value, date) else value for key, value in asdict(self).items() if key not in common}

    def body_hash(self) -> bytes:
        """The same id with another hash is an error that is kept, never a replay."""
        canonical = json.dumps([self.kind, self.group_id, self.member, self.asked_by, self.body()], sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyShares(Request):
    """Whole shares at the cycle's price."""

    kind: ClassVar[str] = "buy_shares"
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
    """A loan the record-keeper enters for `member`."""

    kind: ClassVar[str] = "grant_loan"
    amount: int
    due_on: date


KINDS: dict[str, type[Request]] = {cls.kind: cls for cls in (BuyShares, PaySocialFund, PayFine, Repay, GrantLoan)}


def restore(kind: str, command_id: UUID, group_id: int, member: int, asked_by: int, body: dict[str, Any]) -> Request:
    """The request that a stored row was made from."""
    if "due_on" in body:
        body = body | {"due_on": date.fromisoformat(body["due_on"])}
    return KINDS[kind](id=command_id, group_id=group_id, member=member, asked_by=asked_by, **body)


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


Command = Request | Decide | SetLanguage
