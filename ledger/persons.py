"""What officers ask for a member, about herself rather than her money: another PIN, another phone, a helper. It ends without an entry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from ledger.request import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetPin(Request):
    """Her PIN is forgotten, or locked: she chooses a new one."""

    kind: ClassVar[str] = "reset_pin"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePhone(Request):
    """She has another number, in place of all she had. The book only passes it on."""

    kind: ClassVar[str] = "change_phone"
    phone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NameHelper(Request):
    """She has no phone, and wants her texts to go to member `helper`; 0: to nobody any more."""

    kind: ClassVar[str] = "name_helper"
    helper: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveFirstCode:
    """An officer (0: the operator) wants a code for a member who has no PIN on a shared phone. No request: it moves and opens nothing by itself."""

    id: UUID
    group_id: int
    member: int
    officer: int
