"""A screen as the page that is sent: its words with their figures, its choices, its ways back, never more than a phone shows."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from ledger.commands import Command
from menus import in_parts, pages
from menus.gsm7 import unmarked
from menus.kinds import Ask, Choice, Confirm, End, Fork, Item, Menu, Pick, Screen, Secret, Show
from menus.pages import BACK, HOME, MORE, NUMBERS, Page, PageTooLong, numbered
from menus.places import MARKED, is_marked, language_of
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
    """The page of the state's screen, under a line that says what was done, or what was wrong with the last answer. With its marks where she
    asked for them, in parts; a page that no parts can hold goes without."""
    if not is_marked(state.language):
        return _whole(state, world, line)
    try:
        return _with_marks(state, world, line)
    except PageTooLong:
        done = _whole(replace(state, language=language_of(state.language), at=_item_at(state)), world, unmarked(line))
        return replace(done, state=replace(done.state, language=state.language))


def _whole(state: State, world: World, line: str) -> Step:
    screen, ctx = SCREENS[state.screen], Ctx(state, world)
    assert not isinstance(screen, Fork), "nobody stands on a fork"
    said = [line] if line else []
    text = fill(screen.name, "page", state.language, screen.facts(ctx))
    ways = _ways(state)
    match screen:
        case Menu():
            return Step(state, pages.first_that_fits([*said, text, *_choices(screen, state)], [text, *_choices(screen, state)], tail=ways).text)
        case Confirm():
            return Step(state, pages.first_that_fits([*said, text, *_yes_no(state)], [text, *_yes_no(state)], tail=ways).text)
        case Pick():
            return _list(state, [*said, text], screen.items(ctx))
        case Show():
            return _flow(state, said, text)
        case Ask() | Secret() | End():
            return Step(state, pages.first_that_fits([*said, text], said, tail=ways).text)


def _with_marks(state: State, world: World, line: str) -> Step:
    """A part of the page; `at` counts the pieces that were read before. Raises PageTooLong."""
    screen, ctx = SCREENS[state.screen], Ctx(state, world)
    assert not isinstance(screen, Fork), "nobody stands on a fork"
    text = fill(screen.name, "page", state.language, screen.facts(ctx))
    match screen:
        case Pick():
            return _list(state, [line, text], screen.items(ctx))
        case End():
            return Step(state, pages.fixed([line, text], marked=True).text)
    left = in_parts.pieces(text, _choices(screen, state) if isinstance(screen, Menu) else ())[state.at :]
    last = _yes_no(state) if isinstance(screen, Confirm) else []
    part = _under(line, left, numbered(MORE, label("more", state.language)), last, _ways(state), screen)
    return Step(replace(state, shown=(state.at + part.taken,) if part.more else ()), part.text)


def _under(line: str, left: Sequence[str], more: str, last: Sequence[str], ways: Sequence[str], screen: Screen) -> Page:
    """The part under the line that says what was done or wrong, if the line leaves the cut where it was. Else a menu is cut anew, what was wrong
    with an answer stands alone, and anything to read or to agree to is said again without it."""
    part = in_parts.part("", left, more, last, ways)
    if not line:
        return part
    with suppress(PageTooLong):
        under = in_parts.part(line, left, more, last, ways)
        if under.taken == part.taken or isinstance(screen, Menu):
            return under
    return pages.fixed_with_marks([line, *ways]) if isinstance(screen, Ask | Secret) else part


def in_the_middle(state: State) -> bool:
    """Whether the page shown was a part with more behind it: a menu's choices, a Yes or No come later."""
    return bool(state.shown) and not isinstance(SCREENS[state.screen], Pick)


def _item_at(state: State) -> int:
    """Where a list stands; any other page that goes without its marks is read from its beginning."""
    return state.at if isinstance(SCREENS[state.screen], Pick) else 0


def _list(state: State, head: Sequence[str], items: Sequence[Item]) -> Step:
    left, marked = items[state.at :], is_marked(state.language)
    lines = [numbered(key, item.text) for key, item in zip(NUMBERS, left, strict=False)]
    more = numbered(MORE, label("more", state.language))
    page = pages.flowing(head, lines, more, _ways(state), marked)
    if len(left) > len(lines) and not page.more:
        page = pages.flowing(head, lines, more, (more, *_ways(state)), marked)
    return Step(replace(state, shown=tuple(item.value for item in left[: page.taken])), page.text)


def _flow(state: State, said: Sequence[str], text: str) -> Step:
    lines = [piece for line in text.split("\n") for piece in pages.words_apart(line, LINE_WIDTH)]
    page: Page = pages.flowing(said, lines[state.at :], numbered(MORE, label("more", state.language)), _ways(state))
    return Step(replace(state, shown=(state.at + page.taken,) if page.more else ()), page.text)


def visible(screen: Menu, state: State) -> list[Choice]:
    """The choices that the caller's offices, and the writings of her language, give her."""
    roles, marks = set(state.book.roles) if state.book else set(), language_of(state.language) in MARKED
    return [choice for choice in screen.choices if (not choice.roles or roles & set(choice.roles)) and (marks or not choice.marks)]


def _yes_no(state: State) -> list[str]:
    return [numbered("1", label("yes", state.language)), numbered("2", label("no", state.language))]


def _choices(screen: Menu, state: State) -> list[str]:
    return [numbered(choice.key, label(choice.to, state.language)) for choice in visible(screen, state)]


def _ways(state: State) -> list[str]:
    """Back and home, as lines, where they work: nowhere on a last page, home only where it is not the same as back."""
    if state.over:
        return []
    return [nav(BACK, state)] * (len(state.stack) > 0 or read_before(state)) + [nav(HOME, state)] * (len(state.stack) > 1)


def read_before(state: State) -> bool:
    """Whether a part of this page came before the one shown: back leads to its beginning."""
    return state.at > 0 and is_marked(state.language) and not isinstance(SCREENS.get(state.screen), Pick | Show)


def nav(key: str, state: State) -> str:
    """The line of back or home."""
    return numbered(key, label("back" if key == BACK else "start", state.language))
