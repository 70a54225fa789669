"""Every page and every text, filled with the longest figures, names and dates the limits allow, in every writing, and counted."""

from __future__ import annotations

import pytest

from menus.gsm7 import fold, segments, units
from menus.kinds import Fork, Pick, Show
from menus.longest import longest, pages_of, sentences
from menus.places import WRITINGS, is_marked
from menus.screens import SCREENS
from menus.telling_texts import of_words

WAY_BACK = len("0. Retour\n00. Accueil\n9. Suite\n")
LIMIT = {"GSM-7": 160, "UCS-2": 70}
# With the longest figures no part holds the head of these lists, or a row of sixty letters; then they go without their marks.
TOO_LONG_FOR_MARKS = {"note_contribution_amount", "note_row_again", "note_row_part", "note_loan_granted", "note_loan_secured", "check_answer"}


@pytest.mark.parametrize("writing", WRITINGS)
def test_every_page_and_text(writing, record_property):
    """What is read on goes on under More: each of its pages is counted."""
    lengths: dict[str, dict[str, str]] = {"pages": {}, "lists": {}, "pages of what is read on": {}, "sentences of pages": {}, "texts": {}}
    for name, screen in SCREENS.items():
        if not isinstance(screen, Fork):
            kind = "pages of what is read on" if isinstance(screen, Show) else "lists" if isinstance(screen, Pick) else "pages"
            lengths[kind] |= {f"{name} {at}" if at else name: text for at, text in enumerate(pages_of(screen, writing))}
    for name in sentences("page"):
        if name not in SCREENS:
            lengths["sentences of pages"][name] = longest(name, "page", writing)
    for name in sentences("sms"):
        if not name.startswith("does_"):
            lengths["texts"][name] = of_words(1, writing, name, longest(name, "sms", writing)).text
    for kind, found in lengths.items():
        room = {"sentences of pages": WAY_BACK}.get(kind, 0)
        counted = {name: _length(text, writing) for name, text in found.items()}
        if kind != "sentences of pages" or not is_marked(writing):  # there a sentence too long goes without its marks: see below
            assert {name: found[name] for name, (alphabet, length) in counted.items() if length > _limit(kind, alphabet, writing) - room} == {}
        for alphabet in LIMIT:
            some = {name: length for name, (one, length) in counted.items() if one == alphabet}
            if some:
                name = max(some, key=lambda one: some[one])
                said = f"{writing}: {len(some)} {kind} in {alphabet}, the longest {name} with {some[name]}"
                record_property(f"{writing} {kind} {alphabet}", said)
                print(said)


def _limit(kind: str, alphabet: str, writing: str) -> int:
    """One part, or of a text that was asked for with its marks two."""
    return 134 if kind == "texts" and alphabet == "UCS-2" and is_marked(writing) else LIMIT[alphabet]


def _length(words, writing):
    alphabet, length = units(fold(words, keep_accents=is_marked(writing)))
    assert alphabet == "GSM-7" or is_marked(writing), words
    return alphabet, length


@pytest.mark.parametrize("writing", [writing for writing in WRITINGS if is_marked(writing)])
def test_hardly_a_page_goes_without_the_marks_that_were_asked_for(writing):
    """Marks are what she asked for; the pages that cannot have them with the longest figures are named."""
    marked = {name: pages_of(screen, writing) for name, screen in SCREENS.items() if not isinstance(screen, Fork)}
    assert {name for name, pages in marked.items() if all(page.isascii() for page in pages)} <= TOO_LONG_FOR_MARKS
    texts = [of_words(1, writing, name, longest(name, "sms", writing)) for name in sentences("sms")]
    assert all(segments(text.text) <= (2 if text.encoding == "UCS-2" else 1) for text in texts if not text.purpose.startswith("does_"))
    assert sum(text.encoding == "UCS-2" for text in texts) > 0.9 * len(texts)
