"""A screen as the page that is sent: its words with their figures, its choices, its ways back, never more than a phone shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ledger.commands import Command
from menus import pages
from menus.kinds import Ask, Choice, Confirm, End, Fork, Item, Menu, Pick, Secret, Show
from menus.pages import BACK, HOME, MORE, NUMBERS, Page, numbered
from menus.say import fill
from menus.screens import SCREENS
from menus.state import Ctx, State, World
from menus.texts import label

LINE_WIDTH = 60  # lines longer than this may be continued on the next page at a word


@dataclass(frozen=True, slots=True)
class Step:
    """The state after a hop, the page that answers it, and the command it sends, if any."""

    state: State
    page: str
    command: Command | None = None


def page(state: State, world: World, line: str = "") -> Step:
    """The page of the state's screen, under a line that says what was done, or what was wrong with the last answer."""
    screen, ctx = SCREENS[state.screen], Ctx(state, world)
    assert not isinstance(screen, Fork), "nobody stands on a fork"
    said = [line] if line else []
    text = fill(screen.name, "page", state.language, screen.facts(ctx))
    ways = _ways(state)
    match screen:
        case Menu():
            return Step(state, pages.first_that_fits([*said, text, *_choices(screen, state)], [text, *_choices(screen, state)], tail=ways).text)
        case Confirm():
            yes_no = [numbered("1", label("yes", state.language)), numbered("2", label("no", state.language))]
            return Step(state, pages.first_that_fits([*said, text, *yes_no], [text, *yes_no], tail=ways).text)
        case Pick():
            return _list(state, [*said, text], screen.items(ctx))
        case Show():
            return _flow(state, said, text)
        case Ask() | Secret() | End():
            return Step(state, pages.first_that_fits([*said, text], said, tail=ways).text)


def _list(state: State, head: Sequence[str], items: Sequence[Item]) -> Step:
    left = items[state.at :]
    lines = [numbered(key, item.text) for key, item in zip(NUMBERS, left, strict=False)]
    more = numbered(MORE, label("more", state.language))
    page = pages.flowing(head, lines, more, _ways(state))
    if len(left) > len(lines) and not page.more:
        page = pages.flowing(head, lines, more, (more, *_ways(state)))
    return Step(replace(state, shown=tuple(item.value for item in left[: page.taken])), page.text)


def _flow(state: State, said: Sequence[str], text: str) -> Step:
    lines = [piece for line in text.split("\n") for piece in pages.words_apart(line, LINE_WIDTH)]
    page: Page = pages.flowing(said, lines[state.at :], numbered(MORE, label("more", state.language)), _ways(state))
    return Step(replace(state, shown=(state.at + page.taken,) if page.more else ()), page.text)


def visible(screen: Menu, state: State) -> list[Choice]:
    """The choices that the caller's offices give her."""
    roles = set(state.book.roles) if state.book else set()
    return [choice for choice in screen.choices if not choice.roles or roles & set(choice.roles)]


def _choices(screen: Menu, state: State) -> list[str]:
    return [numbered(choice.key, label(choice.to, state.language)) for choice in visible(screen, state)]


def _ways(state: State) -> list[str]:
    """Back and home, as lines, where they work: nowhere on a last page, home only where it is not the same as back."""
    if state.over:
        return []
    return [nav(BACK, state)] * (len(state.stack) > 0) + [nav(HOME, state)] * (len(state.stack) > 1)


def nav(key: str, state: State) -> str:
    """The line of back or home."""
    return numbered(key, label("back" if key == BACK else "start", state.language))
