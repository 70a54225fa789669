"""A table of screens with a mistake does not pass `make check`."""

from __future__ import annotations

from dataclasses import replace

import pytest

import make_docs
from menus import facts, map_checks, screens
from menus.kinds import Choice, End, Menu, Show
from menus.map_checks import problems, ways
from menus.screens import SCREENS
from menus.texts import LANGUAGES, Sentence, catalogue


def page(name, *figures):
    return {
        (name, form, language): Sentence((("words ", None), *(("", figure) for figure in figures)))
        for form in ("page", "label")
        for language in LANGUAGES
    }


def test_the_table_is_right():
    assert problems() == []
    assert set(ways()) == set(SCREENS)


def test_a_screen_that_nothing_leads_to():
    assert problems(SCREENS | {"island": End("island")}, catalogue() | page("island")) == ["island: no way leads there"]


def test_a_dead_end():
    menu = SCREENS["group_menu"]
    more = replace(menu, choices=(*menu.choices, Choice("8", "pit")))
    again = Menu("pit", (Choice("1", "pit"),))
    assert problems(SCREENS | {"group_menu": more, "pit": again}, catalogue() | page("pit")) == ["pit: a dead end"]


def test_a_way_to_nowhere():
    menu = SCREENS["my_menu"]
    assert problems(SCREENS | {"my_menu": replace(menu, choices=(*menu.choices, Choice("8", "nowhere")))}) == [
        "my_menu: leads to nowhere, which is no screen"
    ]


def test_a_figure_that_nothing_gives():
    words = catalogue() | page("balance", "moon")
    assert problems(SCREENS, words) == ["balance: nothing gives the figure moon"]
    shown = SCREENS | {"contest_sent": End("contest_sent")}
    assert [problem for problem in problems(shown) if "figure" in problem] == ["contest_sent: nothing gives the figure receipt"]


def test_a_label_or_a_page_that_is_missing():
    words = {key: one for key, one in catalogue().items() if key not in (("repay", "label", "sw"), ("balance", "page", "vi"))}
    assert problems(SCREENS, words) == ["home: the label of repay is missing in sw", "balance: no page in vi"]


@pytest.mark.parametrize("check", [True, False])
def test_make_check_fails_with_the_names(monkeypatch, check):
    monkeypatch.setitem(screens.SCREENS, "island", Show("island", facts.balance))
    with pytest.raises(SystemExit, match="island: no way leads there"):
        make_docs.main(check)


def test_the_ways_say_who_presses_what():
    found = map_checks.ways()
    assert (found["my_loan"].keys, found["my_loan"].roles) == (("9", "9", "8", "1"), frozenset())
    assert (found["loan_amount"].keys, found["loan_amount"].roles) == (("9", "6", "answer"), frozenset({"record_keeper"}))
    assert found["home"].keys == ()
