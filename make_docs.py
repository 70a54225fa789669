"""`make docs` writes the documents that are made from what runs; `--check` fails when one is stale."""

from __future__ import annotations

import itertools
import re
import sys
from collections.abc import Callable
from pathlib import Path

from config import Settings
from ledger import bookkeeping
from menus import map as screens
from menus import map_checks, texts_page
from menus.texts import LANGUAGES, drafts, label

DOCS = Path(__file__).parent / "docs"
WALKS = Path(__file__).parent / "tests" / "walks"
ROLES = {0: "agent", 1: "chair", 2: "record-keeper", 3: "treasurer"}  # of the group in tests/people.py
NOBODY = 90  # numbers from here on are phones that no member has


def settings_page() -> str:
    """docs/settings.md."""
    lines = [
        "# Settings", "", "Made from `config.py` by `make docs`; do not edit. All come from the environment.", "",
        "| name | default | meaning |", "|---|---|---|",
    ]  # fmt: skip
    for name, field in Settings.model_fields.items():
        if not field.description:
            raise SystemExit(f"config.py: {name} has no description")
        default = "none" if field.default is None else "`var/` beside this file" if name == "var_dir" else f"`{field.default}`"
        lines.append(f"| `{name.upper()}` | {default} | {field.description} |")
    return "\n".join(lines) + "\n"


def translations_page() -> str:
    """docs/translations.md."""
    lines = [
        "# Translations", "", "Made from `menus/texts/` and `menus/reviewed.toml` by `make docs`; do not edit. A number counts the sentences of a",
        "file that no native speaker of the language has read yet.", "",
        "| file | " + " | ".join(LANGUAGES) + " |", "|---|" + "---|" * len(LANGUAGES),
    ]  # fmt: skip
    found = drafts()
    for name, left in found.items():
        lines.append(f"| `{name}` | " + " | ".join(f"{left[language]} drafts" if language in left else "read" for language in LANGUAGES) + " |")
    sums = [sum(left.get(language, 0) for left in found.values()) for language in LANGUAGES]
    return "\n".join([*lines, "| all | " + " | ".join(f"{count} drafts" if count else "read" for count in sums) + " |"]) + "\n"


def stories_page() -> str:
    """docs/stories.md."""
    stories = [(path, path.read_text(encoding="utf-8").splitlines()) for path in sorted(WALKS.glob("*.txt"))]
    lines = ["# Stories", "", "Made from `tests/walks/` by `make docs`; do not edit. Each is a transcript that the tests play: who dials, what she"]
    lines += ["reads, what she presses, who is texted, word for word. How they are written down: the top of `tests/test_walks.py`.", ""]
    for language in LANGUAGES:
        told = [one for one in stories if _language(one[1]) == language]
        lines += [f"## {label(f'language_{language}', language)}: {len(told)}", ""]
        lines += [
            "| story | what happens | who takes part | hops | texts sent | texts read |",
            "|---|---|---|---|---|---|",
            *(_story(*one) for one in told),
            "",
        ]
    return "\n".join(lines[:-1]) + "\n"


def _language(story: list[str]) -> str:
    """The language a story is mostly told in: the group's."""
    return next((found[1] for line in story if (found := re.search(r"group\.language=([a-z]+)", line))), LANGUAGES[0])


def _story(path: Path, story: list[str]) -> str:
    """One row: its title and what happens, from its first lines; who takes part; the keys pressed and the texts both ways."""
    deeds = [
        (int(words[0]), words[1])
        for line in story
        if len(words := line.split()) > 1 and words[1] in ("dials", "texts", "gets") and words[0].isdigit()
    ]
    people = list(dict.fromkeys(ROLES.get(who) or (f"member {who}" if who < NOBODY else "a phone nobody knows") for who, _ in deeds))
    hops = sum(deed == "dials" for _, deed in deeds) + sum(line.startswith("> ") for line in story)
    sent, read = (sum(deed == kind for _, deed in deeds) for kind in ("texts", "gets"))
    about = list(itertools.takewhile(lambda line: line.startswith("# "), story))
    title, what = about[0][2:], " ".join(line[2:] for line in about[1:])
    return f"| [{title}](../tests/walks/{path.name}) | {what} | {', '.join(people)} | {hops} | {sent} | {read} |"


MADE: dict[str, Callable[[], str]] = {
    "screens.md": screens.draw, "bookkeeping.md": bookkeeping.draw, "settings.md": settings_page, "translations.md": translations_page,
    "texts.md": texts_page.draw, "stories.md": stories_page,
}  # fmt: skip


def main(check: bool) -> int:
    """0 when all is fresh, or written. A mistake on the map of screens ends it, with its names."""
    if wrong := map_checks.problems():
        raise SystemExit("the map of screens:\n  " + "\n  ".join(wrong))
    stale = []
    for name, make in MADE.items():
        path, text = DOCS / name, make()
        if check and (not path.exists() or path.read_text(encoding="utf-8") != text):
            stale.append(name)
        elif not check:
            path.write_text(text, encoding="utf-8")
    if stale:
        sys.stderr.write(f"stale: {', '.join('docs/' + name for name in stale)}; run `make docs`\n")
    return 1 if stale else 0


if __name__ == "__main__":
    raise SystemExit(main("--check" in sys.argv))
