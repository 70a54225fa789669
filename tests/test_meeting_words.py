"""The words of a meeting: every reason has its sentence with just the figures there are, and every page fits with what it says above."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from menus.gsm7 import fold, units
from menus.kinds import Confirm
from menus.longest import full_page, longest
from menus.screens import SCREENS
from menus.texts import LANGUAGES, catalogue, label


def reasons_of(folder):
    """(reason, names of its figures, where) of every Refused(...) in a folder."""
    for path in sorted((Path(__file__).parents[1] / folder).glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "Refused" and node.args:
                figures = {keyword.arg for keyword in node.keywords}
                for one in ast.walk(node.args[0]):
                    if isinstance(one, ast.Constant) and isinstance(one.value, str) and not _compared(node.args[0], one):
                        yield one.value, figures, f"{path.name}:{node.lineno}"


def _compared(tree, constant):
    return any(constant in ast.walk(node) for node in ast.walk(tree) if isinstance(node, ast.Compare))


@pytest.mark.parametrize("folder", ["ledger", "menus", "workers"])
def test_every_reason_has_its_sentence_and_all_its_figures(folder):
    words, missing = catalogue(), []
    for reason, figures, where in reasons_of(folder):
        if (reason, "page", "en") not in words:
            missing.append(f"{where}: no sentence for {reason}")
        elif not words[reason, "page", "en"].figures <= figures:
            missing.append(f"{where}: {reason} wants {sorted(words[reason, 'page', 'en'].figures - figures)}")
        about = words.get((f"{reason}_of", "page", "en"))
        if about and not about.figures <= figures:
            missing.append(f"{where}: {reason}_of wants {sorted(about.figures - figures)}")
    assert missing == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reason_fits_with_the_member_it_is_about_and_the_way_back(language):
    back = len(f"\n0. {label('back', language)}")
    for reason in {reason for reason, _, _ in reasons_of("ledger") if (reason, "page", language) in catalogue()}:
        words = longest("about_member", "page", language).replace(longest("more_than_owed", "page", language), longest(reason, "page", language))
        assert units(fold(words))[1] + back <= 160, words


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_done_fits_above_what_follows(language):
    pairs = {(screen.says, screen.then) for screen in SCREENS.values() if isinstance(screen, Confirm) and screen.says}
    pairs |= {(screen.no_says, screen.no_then) for screen in SCREENS.values() if isinstance(screen, Confirm) and screen.no_says}
    for says, then in {*pairs, ("call_resumed", "meeting_now"), ("noted", "meeting_now")}:
        page = f"{longest(says, 'page', language)}\n{full_page(SCREENS[then], language)}"
        assert units(fold(page))[1] <= 160, page


CONFIRMS = {
    "note_contribution_confirm": ("pay_social_fund",), "note_shares_confirm": ("buy_shares",), "note_fine_paid_confirm": ("pay_fine",),
    "note_fine_confirm": ("charge_fine",), "note_fine_waived_confirm": ("waive_fine",), "note_redeemed_confirm": ("redeem_shares",),
    "note_spent_confirm": ("spend",), "note_grant_confirm": ("grant",), "note_bank_confirm": ("to_bank", "from_bank"),
    "note_income_confirm": ("receive_other",), "note_catch_up_confirm": ("catch_up",), "note_borrowed_confirm": ("borrow_outside",),
    "note_outside_confirm": ("repay_outside",), "note_entrusted_confirm": ("entrust",), "note_entrusted_back_confirm": ("entrust_back",),
    "note_paid_out_confirm": ("pay_out",), "note_recovered_confirm": ("recover",),
    "meeting_undo": ("spend", "repay_outside", "entrust_back", "grant_loan", "recover", "catch_up"),
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", CONFIRMS)
def test_every_note_fits_on_the_page_that_reads_it_back(name, language):
    stand_in = longest("does_grant_loan", "sms", language)
    page = full_page(SCREENS[name], language)
    assert stand_in in page
    for noted in CONFIRMS[name]:
        who = "" if name != "meeting_undo" or noted in ("spend", "repay_outside", "entrust_back") else "No.9999 Nguyet Minh : "
        words = page.replace(stand_in, who + longest(f"noted_{noted}", "page", language))
        assert units(fold(words))[1] <= 160, words
