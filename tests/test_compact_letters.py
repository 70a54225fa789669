"""The letters of a meeting by text: each notes what the keypad would, each is documented, and whatever is read back fits in one text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from test_compact_texts import texts
from test_fast_meeting import KEEPER
from test_meeting_by_phone import EVERYTHING, rich
from test_meeting_by_text import open_by_text

from ledger import meetings
from ledger.books import Book
from ledger.commands import NOTED
from menus import compact
from menus.compact_letters import LETTERS
from menus.facts_lending import PURPOSES
from menus.facts_meeting import REASONS
from menus.facts_noting import EXPENSES, HELP, INCOME
from menus.gsm7 import fold, units
from menus.longest import longest
from menus.texts import LANGUAGES, label

# What EVERYTHING of tests/test_meeting_by_phone.py keys in, in the same order, as texts.
IN_LETTERS = (
    "K-2000000", "KS+100000", "D3", "P3", "SF7 10000", "SF12 2500", "B7 3", "SC2 3", "SB7 2", "FK12 3", "FC12 700", "F12 2000", "FW7 5000", "R12 515000",
    "RT12 2", "XS 5000 (roof nails)", "X 6000 1", "G9 20000 1", "I 3000 1", "Y+200000", "Y-100000 1000", "V+500000", "V-100000 0", "PL8 30000",
    "RB9 1000", "N7 800000/1000000 3 5 4 +12 (goat)", "NS1 50000 2 5 5 +12 (pot)", "NE3 60000 2 6 2 +12,7 (field)",
)  # fmt: skip


def test_everything_that_the_keypad_notes_can_be_texted(village, db, monkeypatch):
    monkeypatch.setattr(Book, "last_share_out", lambda book: 1_000_000)  # as after a first cycle
    v = open_by_text(rich(village, db), "000", "1000000")
    for words, (_, kind, member, body) in zip(IN_LETTERS, EVERYTHING, strict=True):
        answer = texts(v, f"M {words}")
        assert "reply OK" in answer, (words, answer)
        texts(v, f"OK {v.code_of(KEEPER)}")
        with v.db.transaction() as conn:
            noted = meetings.open_now(conn, v.group_id).requests()[-1]
        assert (noted.kind, noted.member, noted.asked_by, {name: getattr(noted, name) for name in body}) == (kind, member, KEEPER, body)
    with v.db.transaction() as conn:
        assert {request.kind for request in meetings.open_now(conn, v.group_id).requests()} == set(NOTED)


def test_a_loan_is_read_back_with_all_that_was_agreed(village, db):
    v = open_by_text(rich(village, db), "000", "1000000")
    texts(v, "M V+500000")
    texts(v, f"OK {v.code_of(KEEPER)}")
    answer = texts(v, "M NE3 60000 2 3 2 +12,7 (field)")
    asked = r"Entrusted money: No\.3 Thu: loan 60\.000d until [0-9/]+, farming, 3 say yes, guarantors 7, 12 \(field\) TOO FEW: 5 needed\. "
    assert re.fullmatch(asked + r"To note it reply OK [0-9]+\.", answer), answer
    assert texts(v, "M N7 800000/700000 2 3 +12 (field)") == "Please type an amount up to 700.000d."


def test_one_thing_that_is_too_long_for_a_text_is_read_back_in_two(village, db):
    v = open_by_text(rich(village, db), "000", "1000000")
    before = len(v.texts(KEEPER))
    texts(v, "M NS1 900000/950000 2 3 2 +12,7,9,3,2 (" + "w" * 24 + ")")
    read = v.texts(KEEPER)[before:]
    assert len(read) == 2
    assert "".join(read).count("w" * 24) == 1
    assert read[1].count("To note it reply OK") == 1
    texts(v, f"OK {v.code_of(KEEPER)}")
    with v.db.transaction() as conn:
        assert [request.amount for request in meetings.open_now(conn, v.group_id).requests()] == [900_000]


# ---------------------------------------------------------------- read without doubt


@pytest.mark.parametrize("name", LETTERS)
def test_each_example_is_read_as_its_letter(name):
    letter = LETTERS[name]
    example = letter.example.replace("...", "")
    assert example.startswith(name if name != "T" else "T")
    items = compact.read(f"M {example}")
    assert isinstance(items, tuple), items
    assert [item.kind for item in items] in ([letter.kind], [letter.minus])


@pytest.mark.parametrize("name", [name for name, letter in LETTERS.items() if not letter.alone])
def test_two_letters_in_one_text_are_read_as_each_alone(name):
    for other in (other for other, letter in LETTERS.items() if not letter.alone):
        one, two = (LETTERS[each].example.replace("...", "") for each in (name, other))
        both = compact.read(f"M {one} {two}")
        if name == other and name in ("S", "SF"):
            assert isinstance(both, compact.Unread)
        else:
            assert both == (*compact.read(f"M {one}"), *compact.read(f"M {two}"))


# ---------------------------------------------------------------- one text


@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_is_read_back_fits_in_one_text(language):
    """Alone in a text, with the longest figures; more at once is refused as too long when it is."""
    ask, yes = longest("texted_read", "sms", language).replace("w" * 60, ""), "\n" + longest("texted_yes", "sms", language)
    who, twin = (
        longest("note_line", "page", language).replace(longest("does_grant_loan", "sms", language), ""),
        longest("noted_twin", "page", language),
    )
    for kind in {letter.kind for letter in LETTERS.values()} | {letter.minus for letter in LETTERS.values()}:
        name = f"noted_{ {'fine_of_table': 'charge_fine', 'pay_social_fund': 'pay_social_fund'}.get(kind, kind) }"
        if kind in NOTED or kind in ("catch_up", "to_bank", "from_bank", "entrust_back", "fine_of_table"):
            assert _length(twin + who + longest(name, "page", language) + " (9999.99999)" + ask) <= 160, name
    loan = longest("texted_loan", "sms", language) + longest("texted_guarantors", "sms", language).replace(longest_members(), "9998, 9999")
    assert _length(loan + longest("too_few_votes", "page", language) + ask) <= 160, loan
    for name in ("open_confirm", "close_confirm"):
        assert _length(longest(name, "page", language).replace(longest("opening_differed", "page", language), "") + yes) <= 160
    assert (
        _length(
            longest("meeting_undo", "page", language).replace(
                longest("does_grant_loan", "sms", language), "999 " + who + longest("noted_recover", "page", language)
            )
            + yes
        )
        <= 160
    )


def longest_members():
    return "12, 13, 14, 15, 16, 17, 18, 19"


def _length(words):
    alphabet, length = units(fold(words))
    assert alphabet == "GSM-7", words
    return length


# ---------------------------------------------------------------- written down


def test_the_letters_are_those_of_the_document():
    text = (Path(__file__).parents[1] / "docs" / "meeting-by-text.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([A-Z?]{1,2})` \|.*\| `M ([^`]+)` \|$", text, re.M)
    assert dict(rows) == {name: letter.example for name, letter in LETTERS.items()}
    assert len(rows) == len(LETTERS)


def test_the_lists_are_those_of_the_document():
    text = (Path(__file__).parents[1] / "docs" / "meeting-by-text.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([1-9]) \| (.*) \|$", text, re.M)
    columns = list(zip(*([cell.strip() for cell in cells.split("|")] for _, cells in rows), strict=True))
    lists = (REASONS, PURPOSES, EXPENSES, HELP, INCOME)
    for column, names in zip(columns, lists, strict=True):
        assert [cell.removeprefix("a ") for cell in column if cell] == [label(f"word_{name}", "en") for name in names]
