"""Pages with their marks. 70 units hold less than half of what 160 septets hold, so a page is read in parts: cut at words, each part but the
last ends in `9. More`, and only the last asks. Where even that does not fit, the page goes without its marks (menus/showing.py)."""

from __future__ import annotations

from collections.abc import Sequence

from menus.gsm7 import fits, fold
from menus.pages import Page, PageTooLong

_ENDS = (".", ":", "?", "!", ",")


def pieces(text: str, choices: Sequence[str] = ()) -> list[str]:
    """A page's words, each with the space or the new line before it; a choice is one piece.

    >>> pieces("Nộp 5.000đ?", ["1. Có", "2. Không"])
    ['\\nNộp', ' 5.000đ?', '\\n1. Có', '\\n2. Không']
    """
    words = [f"{' ' if at else chr(10)}{word}" for line in text.split("\n") for at, word in enumerate(line.split(" "))]
    return words + [f"\n{choice}" for choice in choices]


def part(said: str, left: Sequence[str], more: str, last: Sequence[str], ways: Sequence[str]) -> Page:
    """The next part of a page: what was said before it, as many pieces as fit, and either `more` or the lines `last`; then the ways back.

    `taken` counts the pieces. Raises PageTooLong where not one of them fits.
    """
    whole = _page([said], left, [*last, *ways])
    if fits(whole):
        return Page(whole, len(left))
    for count in range(len(left) - 1, 0, -1):
        if fits(_page([said], left[:count], [more, *ways])):
            count = _well_cut(left, count)
            return Page(_page([said], left[:count], [more, *ways]), count, True)
    raise PageTooLong(whole)


def _well_cut(left: Sequence[str], most: int) -> int:
    """Rather after a sentence, a line or a comma, if that leaves more than half a page."""
    for count in range(most, most // 2, -1):
        if left[count - 1].endswith(_ENDS) or (count < len(left) and left[count].startswith("\n")):
            return count
    return most


def _page(before: Sequence[str], words: Sequence[str], after: Sequence[str]) -> str:
    lines = [*before, "".join(words).strip(), *after]
    return fold("\n".join(line for line in lines if line), keep_accents=True)
