"""A call that was cut in the middle of a meeting: the next one from the same phone offers to go on at the page where it stopped. What had been
typed on that page is lost, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ledger.meetings import KEEPERS
from menus import ahead, engine, pages
from menus.engine import Step
from menus.guarding import KEPT
from menus.kinds import End, Fork, Secret
from menus.pages import numbered
from menus.places import is_marked
from menus.say import fill
from menus.screens import SCREENS
from menus.screens_meeting import MEETING_ROWS, OPENING
from menus.state import Membership, State, World
from menus.texts import label
from menus.typed import clean

OFFER = "cut_call"  # the name of the page that offers it; like `stop` it is no row of the table, for nothing leads here
QUESTIONS = frozenset(row.name for row in MEETING_ROWS if not isinstance(row, Fork | End))
_BEFORE = frozenset(row.name for row in OPENING)


def unfinished(state: State) -> bool | None:
    """Whether the next call may go on here: who keeps the book, in the middle of a meeting. None on pages that come between, such as that for
    a PIN: it would go on at the question before them; and None for who keeps no book, whose calls are never gone on with."""
    if not anybody_keeps(state.books):
        return None
    if not state.over and (state.screen not in SCREENS or isinstance(SCREENS[state.screen], Secret)):
        return None
    return state.book is not None and not state.over and _keeps(state.book) and state.screen in QUESTIONS


def anybody_keeps(books: Sequence[Membership]) -> bool:
    """Whether a call from a phone with these books may be gone on with."""
    return any(_keeps(book) for book in books)


def _keeps(book: Membership) -> bool:
    return not set(KEEPERS).isdisjoint(book.roles)


def may_be_offered(book: Membership, first: str) -> bool:
    """Whether this first answer of a call could be one to the offer."""
    return _keeps(book) and first in ("1", "2")


def still(was: State, meeting_open: bool) -> bool:
    """Whether the question still makes sense. Never on a phone of several members of one group: who calls now may be another."""
    groups = [book.group_id for book in was.books]
    return was.screen in QUESTIONS and (was.screen in _BEFORE) is not meeting_open and len(set(groups)) == len(groups)


def offer(was: State, problem: str = "") -> Step:
    """1 goes on, 2 begins anew."""
    language = was.language
    choices = [numbered("1", label("call_goes_on", language)), numbered("2", label("call_anew", language))]
    said = [fill(problem, "page", language, {})] if problem else []
    page = pages.fixed([*said, fill(OFFER, "page", language, {}), *choices], is_marked(language))
    return Step(replace(was, screen=OFFER, stack=(), data={"was": was.to_json()}, at=0, shown=()), page.text)


def step(state: State, answer: str, world: World) -> Step:
    """What follows `answer`, in a call that may have begun with the offer."""
    if state.screen != OFFER:
        return ahead.step(state, answer, world)
    was = State.from_json(str(state.data["was"]))
    match clean(answer):
        case "1":
            return engine.go_on(_unproved(was), world)
        case "2":
            return engine.open_call(was.books, was.language, world)
    return offer(was, "choose")


def _unproved(was: State) -> State:
    """Without what was only shown in that call: a PIN that was typed then opens nothing now."""
    return replace(was, data={name: value for name, value in was.data.items() if name == "book" or name not in KEPT})
