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

UNFINISHED_SECONDS = 600  # so long the next call may go on where the last one was cut


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
    def caller(self) -> str:
        """Where the last unfinished call of this phone to this service is kept."""
        return "cut:" + self._keyed("\0".join((self.provider, self.service, self.phone))).hex()[:40]

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
if ARGV[8] == 'keep' then redis.call('SET', KEYS[2], ARGV[6], 'EX', ARGV[9]) end
if ARGV[8] == 'drop' then redis.call('DEL', KEYS[2]) end
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

    def unfinished(self, turn: Turn) -> str | None:
        """The state of the last call of this phone, if it stopped in the middle of something a short while ago."""
        state = self._lines.ask("GET", turn.caller)
        return None if state is None else _text(state)

    def save(self, turn: Turn, before: Call | None, state: str, answer: str, unfinished: bool | None = False) -> str | None:
        """Keep the call after this hop. None when kept; otherwise somebody was faster, and this is what the hop was answered by them
        ("" when they answered another hop). `unfinished`: whether the next call may go on here; None leaves that as it was."""
        hops = before.hops if before else 0
        going_on = "" if unfinished is None else "keep" if unfinished else "drop"
        values = ("2", turn.key, turn.caller, str(hops), turn.field, answer, turn.phone, turn.heard, state, str(self._seconds), going_on,
                  str(UNFINISHED_SECONDS))  # fmt: skip
        try:
            lost = self._lines.ask("EVALSHA", _SAVE_NAME, *values)
        except redis.exceptions.NoScriptError:
            lost = self._lines.ask("EVAL", _SAVE, *values)
        return None if lost is None else _text(lost)


class _Lines(threading.local):
    """The library's connection without its pool, one for each thread: two short commands a hop need no more around them."""

    def __init__(self, client: redis.Redis):
        pool = client.connection_pool
        self._line: Any = pool.connection_class(**pool.connection_kwargs)  # not counted: threads that come and go would use the pool up

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
