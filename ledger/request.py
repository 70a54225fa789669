"""What people ask for: small frozen facts whose id is minted before they are shown. Menus return them; only workers post them.

A request may be asked alone, and then waits for officers; or be noted at a meeting, and then the meeting's close is what officers agree to.
"""

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
    added_later: ClassVar[dict[str, Any]] = {}  # fields that old requests of the kind do not have: left out of the hash at this value
    id: UUID
    group_id: int
    member: int
    asked_by: int

    def body(self) -> dict[str, Any]:
        """What this kind of request says beyond who and when; JSON."""
        common = {"id", "group_id", "member", "asked_by"}
        said = {key: value.isoformat() if isinstance(value, date) else value for key, value in asdict(self).items() if key not in common}
        return {key: value for key, value in said.items() if key not in self.added_later or value != self.added_later[key]}

    def body_hash(self) -> bytes:
        """The same id with another hash is an error that is kept, never a replay."""
        canonical = json.dumps([self.kind, self.group_id, self.member, self.asked_by, self.body()], sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).digest()
