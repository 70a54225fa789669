"""The map of screens for people: every screen in four languages with its length, and how it is reached. Writes docs/screens.md."""

from __future__ import annotations

from menus.gsm7 import units
from menus.kinds import Ask, Confirm, End, Fork, Menu, Pick, Screen, Secret, Show, targets
from menus.longest import pages_of
from menus.map_checks import Way, ways
from menus.places import MARKED
from menus.screens import SCREENS
from menus.texts import LANGUAGES, label, sentence


def reached_from() -> dict[str, list[str]]:
    """{screen: the screens that lead to it}."""
    found: dict[str, list[str]] = {name: [] for name in SCREENS}
    for screen in SCREENS.values():
        for to in targets(screen):
            found[to].append(screen.name)
    return found


def draw() -> str:
    """docs/screens.md."""
    lines = [
        "# Every screen",
        "",
        "Made from `menus/screens.py` and `menus/texts/` by `make docs`; do not edit. Lengths are septets of the page with the longest figures",
        "that realistic data gives, its choices and ways back; what is to be read goes on under `9. More`, and has a length for each of its pages.",
        "The limit is 160; with marks (`vi+`, for who asks for them) 70 units. After the way to a screen come the keys, with `answer` for what is",
        "typed and `line` for a line of a list; the shortest, and one for everybody if there is one.",
    ]
    came_from, how = reached_from(), ways()
    for screen in SCREENS.values():
        lines += ["", f"## {screen.name}", "", f"{_kind(screen)}. {_from(came_from[screen.name])} {_way(how[screen.name])}".rstrip(), ""]
        if isinstance(screen, Fork):
            lines.pop()
            continue
        lines += ["| | page | length |", "|---|---|---|"]
        for language in LANGUAGES:
            words = " / ".join("".join(w + (f"{{{n}}}" if n else "") for w, n in sentence(screen.name, "page", language).parts).split("\n")).replace(
                "|", "\\|"
            )
            lines.append(f"| {language} | {words} | {_lengths(screen, language)} |")
        lines += [f"| {writing} | {_with_marks(screen, writing)} | {_lengths(screen, writing)} |" for writing in MARKED.values()]
        lines += _choice_lines(screen)
    return "\n".join(lines) + "\n"


def _lengths(screen: Screen, writing: str) -> str:
    """How long each of its pages is."""
    return " + ".join(str(units(page)[1]) for page in pages_of(screen, writing))


def _with_marks(screen: Screen, writing: str) -> str:
    found = pages_of(screen, writing)
    if all(units(page)[0] == "GSM-7" for page in found):
        return "without marks, which would be too long"
    return "with marks" + (f", in {len(found)} parts" if len(found) > 1 else "")


def _kind(screen: Screen) -> str:
    match screen:
        case Menu():
            return "A menu"
        case Ask():
            return f"Asks; the answer is checked by `{screen.accepts.__name__}`, then `{screen.then}`"
        case Pick():
            return f"A list to choose from, then `{screen.then}`"
        case Confirm():
            return f"Yes or No; Yes leads to `{screen.then}`, No to `{screen.no_then}`"
        case Secret():
            return "A PIN is typed, handed on and forgotten, then " + (f"`{screen.then}`" if screen.then else "what was confirmed before it")
        case Show():
            return "To read"
        case End():
            return "The last page of a call"
        case Fork():
            return f"No page: `{screen.way.__name__}` leads on to {', '.join(f'`{way}`' for way in screen.ways)}"


def _from(names: list[str]) -> str:
    return f"Reached from {', '.join(f'`{name}`' for name in names)}." if names else "Where a call begins."


def _way(way: Way) -> str:
    """Who reaches it and how."""
    if not way.keys:
        return ""
    who = "Everybody" if not way.roles else " or ".join(sorted(role.replace("_", "-") for role in way.roles)).capitalize()
    return f"{who}, from `{way.begins}`: {' '.join(way.keys)}."


def _choice_lines(screen: Screen) -> list[str]:
    if not isinstance(screen, Menu):
        return []
    lines = ["", "| key | for | " + " | ".join(LANGUAGES) + " |", "|---|---|" + "---|" * len(LANGUAGES)]
    for choice in screen.choices:
        words = " | ".join(label(choice.to, language) for language in LANGUAGES)
        lines.append(f"| {choice.key} | {', '.join(choice.roles) or 'everybody'} | {words} |")
    return lines
