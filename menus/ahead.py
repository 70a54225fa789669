"""Keys typed ahead. Who keeps the book may answer the next pages in one row of digits: on a list one key is one choice, a member's number is
as long as the longest number of the group, and the last question takes what is left. `512520000` on the meeting's menu is the repayment (5)
of member 12, 520000. A row ends at the first page that has to be read: it is never an answer to a Yes or No, nor to a PIN."""

from __future__ import annotations

from dataclasses import replace

from ledger.meetings import KEEPERS
from menus import engine
from menus.engine import Step
from menus.kinds import Ask, Menu, Pick
from menus.pages import HOME
from menus.screens import SCREENS
from menus.screens_meeting import MEETING_ROWS
from menus.state import Ctx, State, World
from menus.typed import clean

SEPARATORS = " #,"
_QUESTIONS = (Menu, Pick, Ask)
PASSED = frozenset({"home", "group_menu"}) | {row.name for row in MEETING_ROWS if isinstance(row, _QUESTIONS)}


def step(state: State, answer: str, world: World) -> Step:
    """What follows `answer`: one step, or as many as were typed ahead."""
    first, rest = _cut(state, clean(answer), world)
    done = engine.step(_read(state) if rest else state, first, world)
    while rest and done.command is None and _goes_on(state, done.state):
        state = done.state
        first, rest = _cut(state, rest, world)
        done = engine.step(_read(state), first, world)
    return done


def _read(state: State) -> State:
    """Who types ahead answers the whole page, not the part of it that would be shown: 9 is no More."""
    return replace(state, shown=()) if isinstance(SCREENS.get(state.screen), Menu | Ask) else state


def _cut(state: State, typed: str, world: World) -> tuple[str, str]:
    """(the answer to the page of this state, what was typed ahead of the next ones)."""
    screen = SCREENS.get(state.screen)
    size = len(typed)
    if state.screen in PASSED and not state.over and state.book and set(KEEPERS) & set(state.book.roles):
        if isinstance(screen, Menu | Pick) and typed.isascii() and typed.isdigit():
            size = len(HOME) if typed.startswith(HOME) else 1
        elif isinstance(screen, Ask) and screen.first:
            size = screen.first(typed, Ctx(state, world))
    return typed[:size], typed[size:].lstrip(SEPARATORS)


def _goes_on(before: State, after: State) -> bool:
    """Whether the next page may be answered by the same row: another question of a meeting, and the one before was answered."""
    moved = (before.screen, before.stack, before.at) != (after.screen, after.stack, after.at)
    return moved and after.screen in PASSED and not after.over
