"""The text of a call, answer by answer, and the id that a command gets from the hop that showed its page."""

from __future__ import annotations

import hashlib
from uuid import UUID

from menus.sessions import Turn

HOPS_MAX = 60  # a session lasts three minutes; more hops than this are no person's


def minted(turn: Turn) -> UUID:
    """The id of the command behind the page that this hop showed."""
    return UUID(bytes=hashlib.sha256(b"command" + turn.digest).digest()[:16], version=5)


def beginnings(text: str) -> list[str]:
    """The whole text of a call at each of its answers, oldest first; no more than a call has.

    >>> beginnings("1*3*500"), beginnings("")
    (['1', '1*3', '1*3*500'], [])
    """
    answers = text.split("*")[:HOPS_MAX] if text else []
    return ["*".join(answers[: count + 1]) for count in range(len(answers))]
