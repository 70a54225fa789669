"""One step of a call: what was typed on which screen gives the next screen, its page, and perhaps a command. Decides nothing about money
and keeps nothing: the state goes in and a new one comes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ledger.checks import Figure, Refused
from ledger.commands import Command, SetLanguage
from menus import pages
from menus.guarding import GUARDED_ONCE, KEPT, guarded
from menus.kinds import PIN_ASKED, Ask, Confirm, End, Fork, Menu, Pick, Secret, Show
from menus.pages import BACK, HOME, MORE, NUMBERS
from menus.places import is_marked
from menus.say import fill, reason
from menus.screens import FIRST, SCREENS
from menus.showing import Step, in_the_middle, nav, page, read_before, visible
from menus.state import Ctx, Membership, State, Value, World, with_data
from menus.typed import clean

__all__ = ["Step", "at_confirmation", "end", "open_call", "resume", "step", "turned_away"]


def open_call(books: Sequence[Membership], language: str, world: World) -> Step:
    """The first page of a call. A stranger meets the same page as everybody; it is the next one that turns her away."""
    state = State(books[0].language if books else language, tuple(books))
    return _enter(state, "which_book", world) if len({book.group_id for book in books}) > 1 else _home(state, world)


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
    moved = _moved(state, typed, world)
    if moved is not None:
        return moved
    match screen:
        case Menu():
            return _chosen(state, screen, typed, world)
        case Ask():
            return _asked(state, screen, typed, world)
        case Pick():
            return _picked(state, screen, typed, world)
        case Confirm():
            return _confirmed(state, screen, typed, world)
        case Secret():
            return _typed_secret(state, screen, typed, world)
        case Show() | End():
            return _again(state, "choose", world)
        case Fork():
            raise AssertionError(f"nobody stands on the fork {screen.name}")


def _moved(state: State, typed: str, world: World) -> Step | None:
    """Back, home, or on to the next part of a page."""
    if typed == BACK and read_before(state):
        return page(replace(state, at=0), world)
    if typed == BACK and state.stack:
        return _back(state, world)
    if typed == HOME and len(state.stack) > 1:
        return _home(state, world)
    if typed == MORE and in_the_middle(state):
        return page(replace(state, at=int(state.shown[0])), world)
    return None


def at_confirmation(state: State) -> bool:
    """True on a page where one key would count, or where a PIN is typed: a direct dial stops here until it has been shown."""
    return isinstance(SCREENS.get(state.screen), Confirm | Secret)


def resume(books: Sequence[Membership], book: int, to: str, says: str, world: World) -> Step:
    """A call whose memory was lost after it had noted something: it goes on at the screen `to` of that book."""
    state = State(books[book].language, tuple(books), stack=(FIRST,), data={"book": book} if len(books) > 1 else {})
    if state.shared:
        return _home(state, world)
    return _enter(state, to, world, fill(says, "page", state.language, {}))


def go_on(state: State, world: World) -> Step:
    """The page of a call that was cut, once more, in another call. A confirm page keeps its command's id: what did count is not done twice. A PIN
    typed in the other call is asked again."""
    state = replace(state, data={key: value for key, value in state.data.items() if key != GUARDED_ONCE})
    again = _enter(state, state.screen, world)
    return replace(again, state=replace(again.state, command_id=state.command_id))


def end(state: State, problem: str, **figures: Figure) -> Step:
    """The last page of a call that cannot go on."""
    return turned_away(state, Refused(problem, **figures))


def turned_away(state: State, refused: Refused) -> Step:
    """The book said no when the command was written down: nothing was recorded, and the last page says why."""
    return Step(replace(state, over=True), pages.fixed([reason(refused, state.language)], is_marked(state.language)).text)


def _home(state: State, world: World) -> Step:
    """The menu, with a way back to the list of books where there are several; on a phone of several members first the question who is calling."""
    several = len({book.group_id for book in state.books}) > 1
    state = replace(state, data=_kept(state), stack=("which_book",) if several else ())
    return _enter(state, "whose_number" if state.shared else FIRST, world)


def _kept(state: State) -> dict[str, Value]:
    return {key: value for key, value in state.data.items() if key in KEPT}


def _back(state: State, world: World) -> Step:
    return _enter(replace(state, stack=state.stack[:-1]), state.stack[-1], world)


def _chosen(state: State, screen: Menu, typed: str, world: World) -> Step:
    for choice in visible(screen, state):
        if typed == choice.key:
            return end(state, "stranger") if not state.books else _go(state, choice.to, world)
    return _again(state, "choose", world)


def _asked(state: State, screen: Ask, typed: str, world: World) -> Step:
    try:
        value = screen.accepts(typed, Ctx(state, world))
    except Refused as refused:
        return page(state, world, reason(refused, state.language))
    return _go(_saved(state, screen.saves, value), screen.then, world)


def _saved(state: State, name: str, value: Value) -> State:
    """The answer kept; whoever's book it opens is spoken to in her language."""
    state = with_data(state, name, value)
    return replace(state, language=state.book.language) if name == "book" and state.book else state


def _picked(state: State, screen: Pick, typed: str, world: World) -> Step:
    if typed == MORE and state.shown:
        return page(replace(state, at=_next_item(state, screen, world)), world)
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
    state = _saved(state, screen.saves, value)
    command = screen.sends(Ctx(state, world)) if screen.sends else None
    if isinstance(command, SetLanguage):
        state = replace(state, language=command.language)
    done = _home(state, world) if screen.then == FIRST else _go(state, screen.then, world)
    return replace(done, command=command)


def _confirmed(state: State, screen: Confirm, typed: str, world: World) -> Step:
    """What the page sends; for who has a PIN it is asked first, directly before it counts."""
    if typed not in ("1", "2") or in_the_middle(state):
        return _again(state, "choose", world)
    command = _command(state, screen, typed, world)
    if guarded(state, command):
        assert state.book is not None
        stands = world.pin(state.book)
        if stands != "none":
            return end(state, "pin_locked") if stands == "locked" else _go(with_data(state, "pin_for", typed), PIN_ASKED, world)
    return _counted(state, screen, typed, command, world)


def _command(state: State, screen: Confirm, typed: str, world: World) -> Command | None:
    sends = screen.sends if typed == "1" else screen.no_sends
    return sends(Ctx(state, world)) if sends else None


def _counted(state: State, screen: Confirm, typed: str, command: Command | None, world: World) -> Step:
    then, says = (screen.then, screen.says) if typed == "1" else (screen.no_then, screen.no_says)
    if isinstance(fork := SCREENS[then], Fork):
        then = fork.way(Ctx(state, world))
    if isinstance(SCREENS[then], End):
        return replace(_go(state, then, world), command=command)
    said = fill(says, "page", state.language, {}) if says else ""
    return replace(_enter(_questions_behind(state, then), then, world, said), command=command)


def _typed_secret(state: State, screen: Secret, typed: str, world: World) -> Step:
    """A PIN goes out to the world and is forgotten; the call goes on by what the world says of it."""
    who = state.book
    assert who is not None, "a PIN is somebody's"
    if screen.does == "check":
        verdict = world.check_pin(who, typed)
        match verdict.word:
            case "right":
                return _known(with_data(state, GUARDED_ONCE, 1), screen, world)
            case "wrong":
                return page(state, world, fill("pin_wrong", "page", state.language, {"left": verdict.left}))
            case "form":
                return _again(state, "pin_form", world)
            case word:
                return end(state, f"pin_{word}")
    try:
        if screen.does == "choose":
            return _go(with_data(state, "pin_once", world.sealed_pin(who, typed)), screen.then, world)
        world.new_pin(who, typed, str(state.data["pin_once"]), tell=screen.opens)
    except Refused as refused:  # too easy: asked again; not the same twice: chosen again
        back = state if screen.does == "choose" else replace(state, screen=state.stack[-1], stack=state.stack[:-1])
        return _enter(back, back.screen, world, reason(refused, state.language))
    return _known(state, screen, world)


def _known(state: State, screen: Secret, world: World) -> Step:
    """The PIN was right, or is a new one: to the menu of a shared phone, on to the next question, or to what was confirmed before it."""
    if screen.opens:
        return _home(replace(state, data=state.data | {"known": state.data["book"], GUARDED_ONCE: 1}), world)
    if screen.then:
        return _go(state, screen.then, world)
    typed = str(state.data["pin_for"])
    before = replace(state, screen=state.stack[-1], stack=state.stack[:-1])
    confirm = SCREENS[before.screen]
    assert isinstance(confirm, Confirm), "the PIN is asked after a confirm page"
    return _counted(before, confirm, typed, _command(before, confirm, typed, world), world)


def _questions_behind(state: State, then: str) -> State:
    """Back leads to the last menu, or to what came before `then` when it was met on the way; what was typed is forgotten."""
    menus = [at for at, name in enumerate(state.stack) if isinstance(SCREENS[name], Menu) and name != then]
    stack = state.stack[: menus[-1] + 1 if menus else 0]
    stack = stack[: stack.index(then)] if then in stack else stack
    return replace(state, stack=stack, data=_kept(state))


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
        return page(state, world, said)
    except Refused as refused:
        return _stop(state, refused)


def _stop(state: State, refused: Refused) -> Step:
    """A page that cannot be shown says why, and offers the way back."""
    said = pages.fixed([reason(refused, state.language), nav(BACK, state)], is_marked(state.language))
    return Step(replace(state, screen="stop", over=False), said.text)


def _again(state: State, problem: str, world: World) -> Step:
    return page(state, world, fill(problem, "page", state.language, {}))
