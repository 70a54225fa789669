"""What officers ask for a member, about herself rather than her money: another PIN, another phone, a helper. It ends without an entry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

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
