"""Where one call stands: plain values, small enough for Redis, never a PIN and never an amount that counts without being shown."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol
from uuid import UUID

from ledger.books import Book

Value = int | str
PinState = Literal["none", "set", "locked"]
_ENCODE = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode  # json.dumps with options makes an encoder each time


@dataclass(frozen=True, slots=True)
class Membership:
    """One book that a phone may open: the group and the member's number in it."""

    group_id: int
    group_name: str
    member: int
    language: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class State:
    """A call between two hops. `at` is where a long list or text continues, `shown` what the last page's numbers stood for."""

    language: str
    books: tuple[Membership, ...]
    screen: str = "home"
    stack: tuple[str, ...] = ()
    data: dict[str, Value] = field(default_factory=dict)
    at: int = 0
    shown: tuple[Value, ...] = ()
    command_id: str = ""
    over: bool = False

    @property
    def shared(self) -> bool:
        """Several members of the group in use answer this phone, and who is calling has not shown which of them she is."""
        groups = [book.group_id for book in self.books]
        chosen = self.data.get("book")
        here = groups[int(chosen)] if chosen is not None else groups[0] if len(set(groups)) == 1 else 0
        return groups.count(here) > 1 and self.data.get("known") != self.data.get("book", -1)

    @property
    def book(self) -> Membership | None:
        """The book in use: the only one, or the one chosen."""
        if len(self.books) == 1:
            return self.books[0]
        chosen = self.data.get("book")
        return self.books[int(chosen)] if chosen is not None else None

    def to_json(self) -> str:
        """Compact JSON for Redis."""
        books = [[b.group_id, b.group_name, b.member, b.language, list(b.roles)] for b in self.books]
        rest = [self.language, books, self.screen, self.stack, self.data, self.at, self.shown, self.command_id, self.over]
        return _ENCODE(rest)

    @classmethod
    def from_json(cls, stored: str | bytes) -> State:
        """The state of a stored call. Raises ValueError for anything else."""
        language, books, screen, stack, data, at, shown, command_id, over = json.loads(stored)
        memberships = tuple(Membership(g, name, m, lang, tuple(roles)) for g, name, m, lang, roles in books)
        return cls(language, memberships, screen, tuple(stack), data, at, tuple(shown), command_id, over)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a PIN that was typed: "ended" after the third wrong one of a call; "none" when there is nothing to
    compare with, "form" when that cannot be a PIN, which is no try."""

    word: Literal["right", "wrong", "ended", "locked", "none", "form"]
    left: int = 0  # tries before the call ends or the PIN is locked


class World(Protocol):
    """What a screen may ask of the outside: to read a book, a fresh command id that is the same for a repeat of this hop, and what must not
    be known in here: PINs go out to be compared or kept, and nothing of them comes back."""

    def book(self, group_id: int) -> Book:
        """Read access to a group's book."""

    def mint(self) -> UUID:
        """The id of the command that the page now shown would send."""

    def phone(self, written: str, country: str) -> str:
        """A phone number as everybody writes it; "" for what cannot be one."""

    def pin(self, who: Membership) -> PinState:
        """Whether she has a PIN, and may try it."""

    def check_pin(self, who: Membership, typed: str) -> Verdict:
        """Compare, and count the try before the answer is known."""

    def first_code(self, who: Membership) -> PinState:
        """Whether she has a first code that is valid, and may try it."""

    def try_first_code(self, who: Membership, typed: str) -> Verdict:
        """Compare, and count the try before the answer is known."""

    def sealed_pin(self, who: Membership, typed: str) -> str:
        """What may be kept of a new PIN until it is typed again. Raises checks.Refused for one that is easily guessed."""

    def new_pin(self, who: Membership, typed: str, sealed: str, tell: bool) -> None:
        """Keep a PIN that was typed twice; `tell` the officers of it. Raises checks.Refused when the two differ, or a
        first one is chosen on a shared phone without the first code."""


@dataclass(frozen=True, slots=True)
class Ctx:
    """What the functions of a screen see."""

    state: State
    world: World

    @property
    def me(self) -> Membership:
        """The caller in the book in use."""
        book = self.state.book
        assert book is not None, "a screen that reads a book is reached only with a book"
        return book

    @property
    def book(self) -> Book:
        """The book in use."""
        return self.world.book(self.me.group_id)

    @property
    def language(self) -> str:
        """The language of this call."""
        return self.state.language

    def number(self, name: str) -> int:
        """A number typed earlier in this call."""
        return int(self.state.data[name])

    @property
    def command_id(self) -> UUID:
        """The id minted when the confirm page was shown."""
        return UUID(self.state.command_id)


def with_data(state: State, name: str, value: Value) -> State:
    """The state with one more answer."""
    return replace(state, data=state.data | {name: value})
