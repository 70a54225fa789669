"""Every page and every text, filled with the longest figures, names and dates the limits allow, in every language, and counted."""

from __future__ import annotations

import pytest

from menus.gsm7 import fold, segments, units
from menus.kinds import Fork, Pick, Show
from menus.map import full_page, longest, sentences
from menus.pages import BACK, HOME, MORE, flowing, numbered, words_apart
from menus.screens import SCREENS
from menus.showing import LINE_WIDTH
from menus.texts import LANGUAGES, label

WAY_BACK = len("0. Retour\n00. Accueil\n9. Suite\n")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_and_text(language, record_property):
    """What is read on goes on under More line by line: each of its pages is counted."""
    lengths: dict[str, dict[str, int]] = {"pages": {}, "lists": {}, "pages of what is read on": {}, "sentences of pages": {}, "texts": {}}
    for name, screen in SCREENS.items():
        if not isinstance(screen, Fork):
            kind = "pages of what is read on" if isinstance(screen, Show) else "lists" if isinstance(screen, Pick) else "pages"
            lengths[kind] |= {f"{name} {at}" if at else name: _length(text) for at, text in enumerate(_pages(screen, language))}
    for name in sentences("page"):
        if name not in SCREENS:
            lengths["sentences of pages"][name] = _length(longest(name, "page", language))
    for name in sentences("sms"):
        text = fold(longest(name, "sms", language))
        assert segments(text) == 1 or name.startswith("does_"), text
        lengths["texts"][name] = _length(text)
    limits = {"pages": 160, "lists": 160, "pages of what is read on": 160, "sentences of pages": 160 - WAY_BACK, "texts": 160}
    for kind, found in lengths.items():
        assert {name: length for name, length in found.items() if length > limits[kind] and not name.startswith("does_")} == {}
        name = max(found, key=lambda one: found[one])
        said = f"{language}: {len(found)} {kind}, the longest {name} with {found[name]}"
        record_property(f"{language} {kind}", said)
        print(said)


def _pages(screen, language):
    """A screen's page; what is read on, page by page as the engine cuts it."""
    if not isinstance(screen, Show):
        return [full_page(screen, language)]
    ways = [numbered(BACK, label("back", language)), numbered(HOME, label("start", language))]
    lines = [piece for line in longest(screen.name, "page", language).split("\n") for piece in words_apart(line, LINE_WIDTH)]
    found, at = [], 0
    while at < len(lines):
        page = flowing([], lines[at:], numbered(MORE, label("more", language)), ways)
        at += page.taken
        found.append(page.text)
    return found


def _length(words: str) -> int:
    alphabet, length = units(fold(words))
    assert alphabet == "GSM-7", words
    return length
