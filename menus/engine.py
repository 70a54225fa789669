"""One step of a call: what was typed on which screen gives the next screen, its page, and perhaps a command. Decides nothing about money
and keeps nothing: the state goes in and a new one comes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ledger.checks import Figure, Refused
from ledger.commands import Command, SetLanguage
from menus import pages
from menus.kinds import Ask, Choice, Confirm, End, Fork, Item, Menu, Pick, Show
from menus.pages import BACK, HOME, MORE, NUMBERS, Page, numbered
from menus.say import fill, reason
from menus.screens import FIRST, SCREENS
from menus.state import Ctx, Membership, State, World, with_data
from menus.texts import label
from menus.typed import clean

LINE_WIDTH = 60  # lines longer than this may be continued on the next page at a word


@dataclass(frozen=True, slots=True)
class Step:
    """The state after a hop, the page that answers it, and the command it sends, if any."""

    state: State
    page: str
    command: Command | None = None


def open_call(books: Sequence[Membership], language: str, world: World) -> Step:
    """The first page of a call. A stranger meets the same page as everybody; it is the next one that turns her away."""
    state = State(books[0].language if books else language, tuple(books))
    return _enter(state, "which_book" if len(books) > 1 else FIRST, world)


def step(state: State, answer: str, world: World) -> Step:
    """What follows `answer` on the screen of `state`."""
    if state.over:
        return end(state, "over")
    typed = clean(answer)
    if state.screen == "stop":
        return _home(state, world) if typed == HOME or not state.stack else _back(state, world)
    try:
        return _follow(state, typed, world)
    except Refused as refused:  # the book has moved since the page was shown
        return _stop(state, refused)


def _follow(state: State, typed: str, world: World) -> Step:
    screen = SCREENS[state.screen]
    if typed == BACK and state.stack:
        return _back(state, world)
    if typed == HOME and len(state.stack) > 1:
        return _home(state, world)
    match screen:
        case Menu():
            return _chosen(state, screen, typed, world)
        case Ask():
            return _asked(state, screen, typed, world)
        case Pick():
            return _picked(state, screen, typed, world)
        case Confirm():
            return _confirmed(state, screen, typed, world)
        case Show() | End():
            return _read_on(state, screen, typed, world)
        case Fork():
            raise AssertionError(f"nobody stands on the fork {screen.name}")


def at_confirmation(state: State) -> bool:
    """True on a page where one key would count: a direct dial stops here until it has been shown."""
    return isinstance(SCREENS.get(state.screen), Confirm)


def resume(books: Sequence[Membership], book: int, to: str, says: str, world: World) -> Step:
    """A call whose memory was lost after it had noted something: it goes on at the screen `to` of that book."""
    state = State(books[book].language, tuple(books), stack=(FIRST,), data={"book": book} if len(books) > 1 else {})
    return _enter(state, to, world, fill(says, "page", state.language, {}))


def end(state: State, problem: str, **figures: Figure) -> Step:
    """The last page of a call that cannot go on."""
    return turned_away(state, Refused(problem, **figures))


def turned_away(state: State, refused: Refused) -> Step:
    """The book said no when the command was written down: nothing was recorded, and the last page says why."""
    page = pages.fixed([reason(refused, state.language)])
    return Step(replace(state, over=True), page.text)


def _home(state: State, world: World) -> Step:
    keep = {key: value for key, value in state.data.items() if key == "book"}
    return _enter(replace(state, stack=(), data=keep), FIRST, world)


def _back(state: State, world: World) -> Step:
    return _enter(replace(state, stack=state.stack[:-1]), state.stack[-1], world)


def _chosen(state: State, screen: Menu, typed: str, world: World) -> Step:
    for choice in _visible(screen, state):
        if typed == choice.key:
            return end(state, "stranger") if not state.books else _go(state, choice.to, world)
    return _again(state, "choose", world)


def _asked(state: State, screen: Ask, typed: str, world: World) -> Step:
    try:
        value = screen.accepts(typed, Ctx(state, world))
    except Refused as refused:
        return _page(state, world, reason(refused, state.language))
    return _go(with_data(state, screen.saves, value), screen.then, world)


def _picked(state: State, screen: Pick, typed: str, world: World) -> Step:
    if typed == MORE and state.shown:
        return _page(replace(state, at=_next_item(state, screen, world)), world)
    if len(typed) == 1 and typed in NUMBERS[: len(state.shown)]:
        return _take(state, screen, state.shown[NUMBERS.index(typed)], world)
    return _again(state, "choose", world)


def _next_item(state: State, screen: Pick, world: World) -> int:
    """Where the list goes on after the last page: behind what was shown and is still there, else where it stood; from the start at its end."""
    items = screen.items(Ctx(state, world))
    seen = [index for index, item in enumerate(items) if item.value in state.shown]
    following = seen[-1] + 1 if seen else state.at
    return following if following < len(items) else 0


def _take(state: State, screen: Pick, value: int | str, world: World) -> Step:
    state = with_data(state, screen.saves, value)
    command = screen.sends(Ctx(state, world)) if screen.sends else None
    if isinstance(command, SetLanguage):
        state = replace(state, language=command.language)
    elif screen.saves == "book":
        assert state.book is not None
        state = replace(state, language=state.book.language)
    done = _home(state, world) if screen.then == FIRST else _go(state, screen.then, world)
    return replace(done, command=command)


def _confirmed(state: State, screen: Confirm, typed: str, world: World) -> Step:
    if typed not in ("1", "2"):
        return _again(state, "choose", world)
    yes = typed == "1"
    sends, then, says = (screen.sends, screen.then, screen.says) if yes else (screen.no_sends, screen.no_then, screen.no_says)
    command = sends(Ctx(state, world)) if sends else None
    if isinstance(SCREENS[then], End):
        return replace(_go(state, then, world), command=command)
    said = fill(says, "page", state.language, {}) if says else ""
    return replace(_enter(_questions_behind(state, then), then, world, said), command=command)


def _questions_behind(state: State, then: str) -> State:
    """Back leads to the last menu, or to what came before `then` when it was met on the way; what was typed is forgotten."""
    menus = [at for at, name in enumerate(state.stack) if isinstance(SCREENS[name], Menu) and name != then]
    stack = state.stack[: menus[-1] + 1 if menus else 0]
    stack = stack[: stack.index(then)] if then in stack else stack
    return replace(state, stack=stack, data={key: value for key, value in state.data.items() if key == "book"})


def _read_on(state: State, screen: Show | End, typed: str, world: World) -> Step:
    if typed == MORE and isinstance(screen, Show) and state.shown:
        return _page(replace(state, at=int(state.shown[0])), world)
    return _again(state, "choose", world)


def _go(state: State, to: str, world: World) -> Step:
    return _enter(replace(state, stack=(*state.stack, state.screen)), to, world)


def _enter(state: State, to: str, world: World, said: str = "") -> Step:
    """Show a screen afresh, under a line that says what was done. What cannot be shown says why, and offers the way back."""
    screen = SCREENS[to]
    if isinstance(screen, Fork):
        try:
            to = screen.way(Ctx(state, world))
        except Refused as refused:
            return _stop(state, refused)
        return _enter(state, to, world, said)
    state = replace(state, screen=to, at=0, shown=(), over=isinstance(screen, End))
    if isinstance(screen, Confirm):
        state = replace(state, command_id=str(world.mint()))
    try:
        if isinstance(screen, Pick) and screen.skips_one:
            items = screen.items(Ctx(state, world))
            if len(items) == 1:
                skipped = replace(state, screen=state.stack[-1], stack=state.stack[:-1])
                return _go(with_data(skipped, screen.saves, items[0].value), screen.then, world)
        return _page(state, world, said)
    except Refused as refused:
        return _stop(state, refused)


def _stop(state: State, refused: Refused) -> Step:
    """A page that cannot be shown says why, and offers the way back."""
    page = pages.fixed([reason(refused, state.language), _nav(BACK, state)])
    return Step(replace(state, screen="stop", over=False), page.text)


def _again(state: State, problem: str, world: World) -> Step:
    return _page(state, world, fill(problem, "page", state.language, {}))


def _page(state: State, world: World, line: str = "") -> Step:
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
        case Ask() | End():
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


def _visible(screen: Menu, state: State) -> list[Choice]:
    roles = set(state.book.roles) if state.book else set()
    return [choice for choice in screen.choices if not choice.roles or roles & set(choice.roles)]


def _choices(screen: Menu, state: State) -> list[str]:
    return [numbered(choice.key, label(choice.to, state.language)) for choice in _visible(screen, state)]


def _ways(state: State) -> list[str]:
    """Back and home, as lines, where they work: nowhere on a last page, home only where it is not the same as back."""
    if state.over:
        return []
    return [_nav(BACK, state)] * (len(state.stack) > 0) + [_nav(HOME, state)] * (len(state.stack) > 1)


def _nav(key: str, state: State) -> str:
    return numbered(key, label("back" if key == BACK else "start", state.language))
