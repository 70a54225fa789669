"""The kinds of screen, and the fork between them. A screen is a row of data; what it must look up or check is a named function."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from ledger.checks import Figure
from ledger.commands import Command
from menus.state import Ctx, Value

Facts = Callable[[Ctx], Mapping[str, Figure]]


def no_facts(ctx: Ctx) -> Mapping[str, Figure]:
    """For a page that is the same for everybody."""
    return {}


@dataclass(frozen=True, slots=True)
class Choice:
    """`key. label` on a menu; with `roles`, only for those who hold one of them, with `marks` only where her language is written in two ways.
    The label is that of the screen `to`."""

    key: str
    to: str
    roles: tuple[str, ...] = ()
    marks: bool = False


@dataclass(frozen=True, slots=True)
class Menu:
    """A page of fixed choices."""

    name: str
    choices: tuple[Choice, ...]
    facts: Facts = no_facts


@dataclass(frozen=True, slots=True)
class Ask:
    """A question; `accepts` turns what was typed into a value or raises checks.Refused, and the question is asked again."""

    name: str
    accepts: Callable[[str, Ctx], Value]
    saves: str
    then: str
    facts: Facts = no_facts
    first: Callable[[str, Ctx], int] | None = None  # of a row of keys typed ahead: how many are its answer; without it all of them


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a Pick: what is read and what it stands for."""

    text: str
    value: Value


@dataclass(frozen=True, slots=True)
class Pick:
    """A list to choose from, a page at a time; a number always means what stood there on the page that was sent."""

    name: str
    items: Callable[[Ctx], list[Item]]
    saves: str
    then: str
    sends: Callable[[Ctx], Command] | None = None
    facts: Facts = no_facts
    skips_one: bool = False  # a list of one is not asked about


@dataclass(frozen=True, slots=True)
class Confirm:
    """Yes or No before anything counts. Showing it mints the command's id; no direct dial walks past it.

    What follows is a last page, or a page without figures that the command changes: then the questions before it are behind the caller,
    back leads to the menu they came from, and `says` (or `no_says`) is the line above."""

    name: str
    sends: Callable[[Ctx], Command]
    then: str
    facts: Facts = no_facts
    no_sends: Callable[[Ctx], Command] | None = None
    no_then: str = "not_sent"
    says: str = ""
    no_says: str = ""


PIN_ASKED = "pin_asked"  # the screen between a confirm page and what it sends, for who has a PIN


@dataclass(frozen=True, slots=True)
class Secret:
    """A PIN is typed. It is handed on at once: no call keeps it, no direct dial is read for it. `check` compares it with hers, `choose` takes
    a new one, `repeat` the same once more and keeps it. Without `then` the call goes on with what the confirm page before it sends."""

    name: str
    does: Literal["check", "choose", "repeat"]
    then: str = ""
    opens: bool = False  # who was right here is known on a shared phone
    facts: Facts = no_facts


@dataclass(frozen=True, slots=True)
class Show:
    """Something to read; long text goes on under `9. More`."""

    name: str
    facts: Facts = no_facts


@dataclass(frozen=True, slots=True)
class End:
    """The last page of a call."""

    name: str
    facts: Facts = no_facts


@dataclass(frozen=True, slots=True)
class Fork:
    """No page: leads on to one of `ways`, whichever `way` names. Nobody stands here, so nothing leads back here."""

    name: str
    way: Callable[[Ctx], str]
    ways: tuple[str, ...]


Screen = Menu | Ask | Pick | Confirm | Secret | Show | End | Fork


def targets(screen: Screen) -> tuple[str, ...]:
    """Names of the screens that can follow."""
    match screen:
        case Menu():
            return tuple(choice.to for choice in screen.choices)
        case Ask() | Pick():
            return (screen.then,)
        case Confirm():
            return (screen.then, screen.no_then, PIN_ASKED)
        case Secret():
            return (screen.then,) if screen.then else ()
        case Fork():
            return screen.ways
        case _:
            return ()
