"""What must be right on the map of screens: every screen is reached, every way leads on or back, every figure and sentence is there."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import CodeType, FunctionType, ModuleType
from typing import Any

from menus.kinds import PIN_ASKED, Ask, Choice, Confirm, End, Fork, Menu, Pick, Screen, Secret, Show, no_facts, targets
from menus.screens import FIRST, SCREENS
from menus.texts import LANGUAGES, Sentence, catalogue

BEGINNINGS = (FIRST, "which_book", "whose_number", PIN_ASKED)  # where the engine itself leads
Words = Mapping[tuple[str, str, str], Sentence]


@dataclass(frozen=True, slots=True)
class Way:
    """The shortest way to a screen from where a call begins: what is pressed, and the offices that see every choice of it (none: everybody)."""

    begins: str
    keys: tuple[str, ...]
    roles: frozenset[str]


def problems(screens: Mapping[str, Screen] = SCREENS, words: Words | None = None) -> list[str]:
    """Every mistake of the table, by the name of its screen."""
    said = catalogue() if words is None else words
    leads = [(screen.name, to) for screen in screens.values() for to in targets(screen) if to]
    found = [f"{name}: leads to {to}, which is no screen" for name, to in leads if to not in screens]
    if found:
        return found
    reached = ways(screens)
    found += [f"{name}: no way leads there" for name in screens if name not in reached]
    found += [f"{name}: a dead end" for name in _dead_ends(screens)]
    for screen in screens.values():
        pages = LANGUAGES if _is_page(screen) else ()
        found += [f"{screen.name}: no page in {language}" for language in pages if (screen.name, "page", language) not in said]
        found += [f"{screen.name}: the label of {to} is missing in {language}" for to in _choices(screen) for language in LANGUAGES
                  if (to, "label", language) not in said]  # fmt: skip
        found += [f"{screen.name}: nothing gives the figure {figure}" for figure in missing_figures(screen, said)]
    return found


def ways(screens: Mapping[str, Screen] = SCREENS) -> dict[str, Way]:
    """{screen: the shortest way to it}; a way that is open to everybody rather than a shorter one that is not."""
    found: dict[str, Way] = {}
    for everybody in (True, False):
        begin = [Way(name, (), frozenset()) for name in BEGINNINGS if name in screens]
        waiting: deque[tuple[str, Way]] = deque((way.begins, way) for way in begin)
        seen: set[str] = set()
        while waiting:
            name, way = waiting.popleft()
            if name in seen:
                continue
            seen.add(name)
            found.setdefault(name, way)
            for key, to, roles in _steps(screens[name]):
                if to in screens and not (everybody and roles):
                    limited = way.roles & roles if way.roles and roles else way.roles | roles
                    waiting.append((to, Way(way.begins, (*way.keys, key) if key else way.keys, limited)))
    return found


def _steps(screen: Screen) -> Iterator[tuple[str, str, frozenset[str]]]:
    """(what is pressed, where it leads, for whom)."""
    match screen:
        case Menu():
            yield from ((choice.key, choice.to, frozenset(choice.roles)) for choice in screen.choices)
        case Confirm():
            yield "1", screen.then, frozenset()
            yield "2", screen.no_then, frozenset()
        case Fork():
            yield from (("", way, frozenset()) for way in screen.ways)
        case _:
            pressed = {Ask: "answer", Pick: "line", Secret: "PIN"}.get(type(screen), "")
            yield from ((pressed, to, frozenset()) for to in targets(screen))


def _dead_ends(screens: Mapping[str, Screen]) -> list[str]:
    """Screens from which no last page, nothing to read and no beginning can be reached, and menus without a choice for everybody or anybody."""
    ends = {name for name, screen in screens.items() if isinstance(screen, End | Show)} | {name for name in BEGINNINGS if name in screens}
    grown = True
    while grown:
        more = {name for name, screen in screens.items() if name not in ends and set(targets(screen)) & ends}
        ends, grown = ends | more, bool(more)
    return [name for name, screen in screens.items() if name not in ends or (isinstance(screen, Menu) and not screen.choices)]


def _is_page(screen: Screen) -> bool:
    return not isinstance(screen, Fork)


def _choices(screen: Screen) -> list[str]:
    choices: tuple[Choice, ...] = screen.choices if isinstance(screen, Menu) else ()
    return [choice.to for choice in choices]


def missing_figures(screen: Screen, words: Words) -> list[str]:
    """Figures that the page names and its `facts` cannot give: no word of the function, nor of those it calls, is the figure's name."""
    page = words.get((screen.name, "page", "en"))
    facts: Any = getattr(screen, "facts", no_facts)
    if page is None or not page.figures:
        return []
    given = set() if facts is no_facts else _words_of(facts, set())
    return sorted(page.figures - given)


def _words_of(function: Any, seen: set[Any]) -> set[str]:
    """Every text that stands in a function of menus or ledger, and in those it calls."""
    if not isinstance(function, FunctionType) or function in seen or not function.__module__.startswith(("menus", "ledger", "tests")):
        return set()
    seen.add(function)
    found, names = _constants(function.__code__)
    for name in names:
        called = function.__globals__.get(name)
        if isinstance(called, ModuleType):
            for inner in names:
                found |= _words_of(getattr(called, inner, None), seen)
        found |= _words_of(called, seen)
    return found


def _constants(code: CodeType) -> tuple[set[str], set[str]]:
    """(texts, names) of a piece of code and what is inside it."""
    found, names = set(), set(code.co_names)
    waiting = list(code.co_consts)
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            found.add(one)
        elif isinstance(one, tuple | frozenset):
            waiting += one
        elif isinstance(one, CodeType):
            names |= set(one.co_names)
            waiting += one.co_consts
    return found, names
