"""Fitting a page to the phone: 160 GSM-7 septets (70 UCS-2 units), split at lines or words, never inside one."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from menus.gsm7 import fits, fold, unmarked

MORE = "9"
BACK = "0"
HOME = "00"
NUMBERS = "12345678"  # of a list's lines; 9 is More, 0 is Back


class PageTooLong(Exception):
    """A page with fixed choices does not fit: a defect of the words, found by the tests before any phone sees it."""


@dataclass(frozen=True, slots=True)
class Page:
    """What one hop is answered with. `taken` counts the lines or items it shows, `more` whether some are left."""

    text: str
    taken: int = 0
    more: bool = False


def numbered(key: str, words: str) -> str:
    """A choice as a line.

    >>> numbered("1", "My balance")
    '1. My balance'
    """
    return f"{key}. {words}"


def fixed(lines: Sequence[str], marked: bool = False) -> Page:
    """A page that is shown whole; without its marks where it does not fit with them. Raises PageTooLong."""
    if marked:
        with suppress(PageTooLong):
            return fixed_with_marks(lines)
        return fixed([unmarked(line) for line in lines])
    return _whole(_join(lines))


def fixed_with_marks(lines: Sequence[str]) -> Page:
    """A page that is shown whole, in 70 units if it has marks. Raises PageTooLong."""
    return _whole(_join(lines, marked=True))


def _whole(text: str) -> Page:
    if not fits(text):
        raise PageTooLong(text)
    return Page(text)


def first_that_fits(*heads: Sequence[str], tail: Sequence[str]) -> Page:
    """The first of the given heads that fits above `tail`: what was wrong is left out before a choice is, and a question before the answer
    to it. Raises PageTooLong when none does."""
    for head in heads:
        text = _join(head, tail)
        if head and fits(text):
            return Page(text)
    raise PageTooLong(_join(heads[0], tail))


def flowing(head: Sequence[str], body: Sequence[str], more: str, tail: Sequence[str], marked: bool = False) -> Page:
    """As many whole lines of `body` as fit between `head` and `tail`, with the line `more` when some are left. Raises PageTooLong."""
    whole = _join(head, body, (), tail, marked=marked)
    if fits(whole):
        return Page(whole, len(body))
    for count in range(len(body) - 1, 0, -1):
        text = _join(head, body[:count], (more,), tail, marked=marked)
        if fits(text):
            return Page(text, count, True)
    raise PageTooLong(whole)


def words_apart(line: str, width: int) -> list[str]:
    """A line cut at spaces so that each piece is at most `width` characters; a longer word stays whole.

    >>> words_apart("Loan 1.500.000d + charge 15.000d", 20)
    ['Loan 1.500.000d +', 'charge 15.000d']
    """
    pieces: list[str] = []
    for word in line.split(" "):
        if pieces and len(pieces[-1]) + 1 + len(word) <= width:
            pieces[-1] += f" {word}"
        else:
            pieces.append(word)
    return pieces


def _join(*groups: Sequence[str], marked: bool = False) -> str:
    return fold("\n".join(line for group in groups for line in group if line), keep_accents=marked)
