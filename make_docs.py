"""`make docs` writes the documents that are made from what runs; `--check` fails when one is stale."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from config import Settings
from ledger import bookkeeping
from menus import map as screens
from menus import map_checks, texts_page
from menus.texts import LANGUAGES, drafts

DOCS = Path(__file__).parent / "docs"


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


MADE: dict[str, Callable[[], str]] = {
    "screens.md": screens.draw, "bookkeeping.md": bookkeeping.draw, "settings.md": settings_page, "translations.md": translations_page,
    "texts.md": texts_page.draw,
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
