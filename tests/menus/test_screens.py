"""The table of screens: no dead ends, no missing figure, every page and text fits, in four languages."""

from __future__ import annotations

import itertools

import pytest

from ledger.checks import OFFICERS
from menus.engine import open_call, step
from menus.gsm7 import fold, segments, units
from menus.kinds import PIN_ASKED, Confirm, End, Pick, Show, targets
from menus.longest import full_page, longest, sentences
from menus.map import reached_from
from menus.screens import FIRST, SCREENS
from menus.state import Membership
from menus.texts import LANGUAGES, catalogue

BEGINNINGS = {FIRST, "which_book", "whose_number"}


def test_every_screen_is_reached_and_every_way_leads_somewhere():
    assert {to for screen in SCREENS.values() for to in targets(screen)} <= set(SCREENS)
    assert {name for name, came_from in reached_from().items() if not came_from} <= BEGINNINGS
    assert len(SCREENS) == len({screen.name for screen in SCREENS.values()})


def test_every_way_ends():
    """From each screen a last page or the home page can be reached."""
    ends = {name for name, screen in SCREENS.items() if isinstance(screen, End | Show)} | BEGINNINGS | {PIN_ASKED}
    for _ in SCREENS:
        ends |= {name for name, screen in SCREENS.items() if set(targets(screen)) & ends}
    assert ends == set(SCREENS)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", SCREENS)
def test_every_page_fits_with_the_longest_figures(name, language):
    screen = SCREENS[name]
    alphabet, length = units(fold(full_page(screen, language)))
    assert alphabet == "GSM-7"
    if not isinstance(screen, Show | Pick):  # those go on under More
        assert length <= 160, (length, full_page(screen, language))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", [n for n in sentences("page") if n not in SCREENS])
def test_every_problem_fits_with_the_way_back(name, language):
    assert units(fold(longest(name, "page", language)))[1] <= 160 - len("0. Retour\n")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", [n for n in sentences("sms") if not n.startswith("does_")])
def test_every_text_is_one_part(name, language):
    text = fold(longest(name, "sms", language))
    assert segments(text) == 1, (units(text), text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_home_page_fits_for_every_mix_of_offices(language):
    """Also with the way back to the list of books, for who belongs to two groups."""
    roles = (*OFFICERS, "key_holder")
    for count in range(len(roles) + 1):
        for mix in itertools.combinations(roles, count):
            page = open_call([Membership(1, "Doan Ket", 1, language, mix)], language, world=None).page
            assert units(page)[1] <= 160
            twice = open_call([Membership(group, "Doan Ket", 1, language, mix) for group in (1, 2)], language, world=None)
            assert units(step(twice.state, "1", world=None).page)[1] <= 160


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_choice_looks_like_the_operators_own(language):
    for screen in SCREENS.values():
        keys = [line.split(". ")[0] for line in full_page(screen, language).split("\n") if ". " in line[:4]]
        assert "98" not in keys
        assert len(keys) == len(set(keys))


def test_no_sentence_names_a_figure_that_its_screen_does_not_give():
    """Confirm pages must say what they send: the amount or the shares."""
    for name, screen in SCREENS.items():
        if isinstance(screen, Confirm):
            assert catalogue()[name, "page", "en"].figures & {"amount", "units", "what"}


def test_vietnamese_goes_out_without_marks():
    for (name, form, language), one in catalogue().items():
        if language == "vi":
            words = "".join(part for part, _ in one.parts)
            assert words.isascii(), (name, form, words)
