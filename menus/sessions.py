"""Calls in Redis: where each one stands, and what each hop was answered, so that a repeated request gets the stored answer byte for byte.

Two round trips a hop: one reads, one writes only if nobody wrote between. All of it may be lost at any moment.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import redis


@dataclass(frozen=True, slots=True)
class Turn:
    """Identity of one hop: provider, service, session and the whole text so far; the phone is what it is bound to."""

    provider: str
    service: str
    session_id: str
    phone: str
    text: str

    @property
    def key(self) -> str:
        """The call's key in Redis. The phone is not part of it: it is stored, and must be the same at every hop."""
        return "call:" + hashlib.sha256("\0".join((self.provider, self.service, self.session_id)).encode()).hexdigest()[:40]

    @property
    def digest(self) -> bytes:
        """Names this very hop for ever."""
        return hashlib.sha256("\0".join((self.provider, self.service, self.session_id, self.phone, self.text)).encode()).digest()

    @property
    def field(self) -> str:
        """Where this hop's answer is kept inside the call."""
        return "a" + hashlib.sha256(self.text.encode()).hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class Call:
    """A call as stored: how far it went (`hops`, the whole `text` then), its `state`, and the answer to this very hop if it was given."""

    phone: str
    text: str
    hops: int
    state: str
    answer: str | None


_SAVE = """
local hops = redis.call('HGET', KEYS[1], 'hops') or '0'
if hops ~= ARGV[1] then return redis.call('HGET', KEYS[1], ARGV[2]) or '' end
redis.call('HSET', KEYS[1], 'hops', ARGV[1] + 1, ARGV[2], ARGV[3], 'phone', ARGV[4], 'text', ARGV[5], 'state', ARGV[6])
redis.call('EXPIRE', KEYS[1], ARGV[7])
return false
"""


class Sessions:
    """Reads and writes calls. Raises redis.RedisError when Redis is away; a call then goes on without memory."""

    def __init__(self, client: redis.Redis, seconds: int):
        self._client = client
        self._seconds = seconds
        self._save = client.register_script(_SAVE)

    def load(self, turn: Turn) -> Call | None:
        """The call this hop belongs to, or None for one never seen (or forgotten)."""
        phone, text, hops, state, answer = self._client.hmget(turn.key, "phone", "text", "hops", "state", turn.field)
        if phone is None or text is None or hops is None or state is None:
            return None
        return Call(_text(phone), _text(text), int(hops), _text(state), None if answer is None else _text(answer))

    def save(self, turn: Turn, before: Call | None, state: str, answer: str) -> str | None:
        """Keep the call after this hop. None when kept; otherwise somebody was faster, and this is what the hop was answered by them
        ("" when they answered another hop)."""
        hops = before.hops if before else 0
        values: list[str | int] = [hops, turn.field, answer, turn.phone, turn.text, state, self._seconds]
        lost = self._save(keys=[turn.key], args=values)
        return None if lost is None else _text(lost)


def _text(stored: bytes | str) -> str:
    return stored.decode() if isinstance(stored, bytes) else stored
