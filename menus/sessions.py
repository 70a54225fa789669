"""Calls in Redis: where each one stands, and what each hop was answered, so that a repeated request gets the stored answer byte for byte.

Two round trips a hop: one reads, one writes only if nobody wrote between. All of it may be lost at any moment. What was typed is not kept: the
carrier repeats it in every hop, PINs too, so a call remembers only how long the text was and a keyed hash of it.
"""

from __future__ import annotations

import hashlib
import hmac
import threading
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import redis


@dataclass(frozen=True)
class Turn:
    """Identity of one hop: provider, service, session and the whole text so far; the phone is what it is bound to. `pepper` keys every hash of
    the text, for four digits are soon guessed from a plain one."""

    provider: str
    service: str
    session_id: str
    phone: str
    text: str
    pepper: bytes

    @cached_property
    def key(self) -> str:
        """The call's key in Redis. The phone is not part of it: it is stored, and must be the same at every hop."""
        return "call:" + hashlib.sha256("\0".join((self.provider, self.service, self.session_id)).encode()).hexdigest()[:40]

    @cached_property
    def digest(self) -> bytes:
        """Names this very hop for ever."""
        return self._keyed("\0".join((self.provider, self.service, self.session_id, self.phone, self.text)))

    @cached_property
    def field(self) -> str:
        """Where this hop's answer is kept inside the call."""
        return "a" + self._keyed(self.text).hex()[:24]

    @property
    def heard(self) -> str:
        """What is kept of the text: its length, and a keyed hash."""
        return self._seal(self.text)

    def typed_since(self, heard: str) -> str | None:
        """What was typed since a hop that left `heard`: exactly one more answer, else None.

        >>> def turn(text): return Turn("at", "*384#", "s", "+254", text, b"pepper")
        >>> turn("1*3*500").typed_since(turn("1*3").heard), turn("1").typed_since(turn("").heard), turn("1*1").typed_since(turn("1").heard)
        ('500', '1', '1')
        >>> turn("1*3*500").typed_since(turn("1").heard), turn("1").typed_since(turn("1*3").heard), turn("").typed_since(turn("").heard)
        (None, None, None)
        """
        length = int(heard.partition(":")[0])
        before, rest = self.text[:length], self.text[length:]
        if self._seal(before) != heard or not rest or (before and not rest.startswith("*")):
            return None
        rest = rest[1:] if before else rest
        return None if "*" in rest else rest

    def _seal(self, text: str) -> str:
        return f"{len(text)}:{self._keyed(text).hex()[:32]}"

    def _keyed(self, text: str) -> bytes:
        return hmac.digest(self.pepper, text.encode(), hashlib.sha256)


@dataclass(frozen=True, slots=True)
class Call:
    """A call as stored: how far it went (`hops`, what is kept of the text then), its `state`, and the answer to this very hop if it was given."""

    phone: str
    heard: str
    hops: int
    state: str
    answer: str | None


_SAVE = """
local hops = redis.call('HGET', KEYS[1], 'hops') or '0'
if hops ~= ARGV[1] then return redis.call('HGET', KEYS[1], ARGV[2]) or '' end
redis.call('HSET', KEYS[1], 'hops', ARGV[1] + 1, ARGV[2], ARGV[3], 'phone', ARGV[4], 'heard', ARGV[5], 'state', ARGV[6])
redis.call('EXPIRE', KEYS[1], ARGV[7])
return false
"""


_SAVE_NAME = hashlib.sha1(_SAVE.encode(), usedforsecurity=False).hexdigest()  # what Redis calls the script


class Sessions:
    """Reads and writes calls. Raises redis.RedisError when Redis is away; a call then goes on without memory."""

    def __init__(self, client: redis.Redis, seconds: int):
        self._seconds = seconds
        self._lines = _Lines(client)

    def load(self, turn: Turn) -> Call | None:
        """The call this hop belongs to, or None for one never seen (or forgotten)."""
        phone, heard, hops, state, answer = self._lines.ask("HMGET", turn.key, "phone", "heard", "hops", "state", turn.field)
        if phone is None or heard is None or hops is None or state is None:
            return None
        return Call(_text(phone), _text(heard), int(hops), _text(state), None if answer is None else _text(answer))

    def save(self, turn: Turn, before: Call | None, state: str, answer: str) -> str | None:
        """Keep the call after this hop. None when kept; otherwise somebody was faster, and this is what the hop was answered by them
        ("" when they answered another hop)."""
        hops = before.hops if before else 0
        values = ("1", turn.key, str(hops), turn.field, answer, turn.phone, turn.heard, state, str(self._seconds))
        try:
            lost = self._lines.ask("EVALSHA", _SAVE_NAME, *values)
        except redis.exceptions.NoScriptError:
            lost = self._lines.ask("EVAL", _SAVE, *values)
        return None if lost is None else _text(lost)


class _Lines(threading.local):
    """The library's connection without its pool, one for each thread: two short commands a hop need no more around them."""

    def __init__(self, client: redis.Redis):
        self._line: Any = client.connection_pool.make_connection()

    def ask(self, *words: str) -> Any:
        """The answer to one command. A connection that was found dead is opened again, once; a slow server is not asked twice."""
        try:
            return self._exchange(words)
        except redis.ConnectionError:
            return self._exchange(words)

    def _exchange(self, words: tuple[str, ...]) -> Any:
        try:
            self._line.send_command(*words)
            return self._line.read_response()
        except redis.ResponseError:
            raise  # an answer, whole
        except BaseException:
            self._line.disconnect()  # half an answer may be under way
            raise


def _text(stored: bytes | str) -> str:
    return stored.decode() if isinstance(stored, bytes) else stored
