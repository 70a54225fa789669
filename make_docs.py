"""`make docs` writes the documents that are made from what runs; `--check` fails when one is stale."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from config import Settings
from ledger import bookkeeping
from menus import map as screens

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


MADE: dict[str, Callable[[], str]] = {"screens.md": screens.draw, "bookkeeping.md": bookkeeping.draw, "settings.md": settings_page}


def main(check: bool) -> int:
    """0 when all is fresh, or written."""
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
