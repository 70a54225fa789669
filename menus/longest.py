"""Every page and text filled with the longest figures that realistic data gives: what the tests count and the map of screens shows."""

from __future__ import annotations

from collections.abc import Mapping

from menus.in_parts import part, pieces
from menus.kinds import Confirm, End, Fork, Menu, Pick, Screen, Show
from menus.pages import BACK, HOME, MORE, PageTooLong, fixed, flowing, numbered, words_apart
from menus.places import MARKED, is_marked, language_of
from menus.screens import FIRST
from menus.showing import LINE_WIDTH
from menus.texts import catalogue, label, sentence

# The longest that realistic data gets, by name of the figure; money unless said otherwise.
MONEY = "USh 999,999,999"
LONGEST: Mapping[str, str] = {
    "group": "Nhom Doan Ket Ba", "name": "Nguyet Minh", "number": "9999", "units": "99999", "all_units": "99999", "most": "99", "receipt": "99999",
    "day": "24/12", "due": "24/12/2027", "latest": "24/12/2027", "end": "24/12/2027", "code": "98765", "officer": "9999", "dial": "*384*77#",
    "late": "", "twin": "", "member": "No.9999 Nguyet Minh", "members": "12, 13, 14, 15, 16, 17, 18, 19", "count": "999", "present": "999",
    "row": "9999:9 " * 6, "needed": "999", "votes": "999", "of": "9999", "person": "No.9999 Nguyet Minh", "answer": "w" * 60,
    "codes": "48213, 59322, 48214, 59323, 48215, 59324", "pledged": "a word or two of letters", "loans": "", "lines": "", "what": "", "why": "",
    "who": "", "list": "", "fines": "", "unit": "", "check": "04HM-ASW9", "helper": "No.9999 Nguyet Minh", "first_code": "482913",
    "piece": "w" * 20, "example": "OL 5000000 100000",
}  # fmt: skip
_COMPOSED = {
    "twin": ("twin", "page"), "who": ("treasurer", "page"), "unit": ("four_weeks", "page"), "what": ("does_grant_loan", "sms"),
    "loans": ("balance_loan", "page"), "lines": ("line_principal", "page"), "late": ("late", "page"), "why": ("more_than_owed", "page"),
    "reason": ("count_differs", "page"), "word": ("word_money_missing", "label"), "officers": ("two_are_asked", "page"),
    "fine": ("roll_fine", "page"), "already": ("noted_twin", "page"), "difference": ("box_over", "page"), "fund": ("fund_loan_fund", "label"),
    "change": ("give_back", "page"), "purpose": ("word_farming", "label"), "few": ("too_few_votes", "page"), "pledge": ("is_pledged", "page"),
    "kind": ("meeting_loans", "label"), "line": ("share_out_mine", "page"),
    "question": ("money_in", "page"), "fines": ("fines_are", "page"), "list": ("fine_absent", "page"),
}  # fmt: skip


def longest(name: str, form: str, language: str) -> str:
    """A sentence filled with the longest figures that realistic data gives."""
    wanted = sentence(name, form, language)
    return wanted.fill({figure: _figure(figure, language) for figure in wanted.figures})


def _figure(name: str, language: str) -> str:
    if name in _COMPOSED:
        return longest(*_COMPOSED[name], language)
    return LONGEST.get(name, MONEY)


def full_page(screen: Screen, language: str) -> str:
    """The screen with its longest figures, its choices and its ways back; nothing for a fork, which is no page."""
    if isinstance(screen, Fork):
        return ""
    lines = [longest(screen.name, "page", language)]
    match screen:
        case Menu():
            lines += _choices(screen, language)
        case Confirm():
            lines += _yes_no(language)
        case Pick() | Show():
            lines.append(numbered(MORE, label("more", language)))
    return "\n".join([*lines, *_ways(screen, language)])


def _choices(screen: Menu, language: str) -> list[str]:
    return [numbered(choice.key, label(choice.to, language)) for choice in screen.choices if language_of(language) in MARKED or not choice.marks]


def _yes_no(language: str) -> list[str]:
    return [numbered("1", label("yes", language)), numbered("2", label("no", language))]


def _ways(screen: Screen, language: str) -> list[str]:
    if isinstance(screen, End):
        return []
    home = [] if screen.name == FIRST else [numbered(HOME, label("start", language))]
    return [numbered(BACK, label("back", language)), *home]  # the first page leads back to the list of books where there are several


def pages_of(screen: Screen, writing: str) -> list[str]:
    """The screen with its longest figures, page by page as the phone gets it: what is to be read goes on under More, with marks any page does."""
    if isinstance(screen, Fork):
        return []
    if is_marked(writing):
        try:
            return _parts_of(screen, writing)
        except PageTooLong:
            return pages_of(screen, language_of(writing))
    if not isinstance(screen, Show):
        return [full_page(screen, writing)]
    lines = [piece for line in longest(screen.name, "page", writing).split("\n") for piece in words_apart(line, LINE_WIDTH)]
    found, at = [], 0
    while at < len(lines):
        page = flowing([], lines[at:], numbered(MORE, label("more", writing)), _ways(screen, writing))
        at += page.taken
        found.append(page.text)
    return found


def _parts_of(screen: Screen, writing: str) -> list[str]:
    """Raises PageTooLong."""
    text, more, ways = longest(screen.name, "page", writing), numbered(MORE, label("more", writing)), _ways(screen, writing)
    if isinstance(screen, Pick | End):
        return [fixed([text, *([] if isinstance(screen, End) else [more]), *ways], marked=True).text]
    last = _yes_no(writing) if isinstance(screen, Confirm) else []
    words = pieces(text, _choices(screen, writing) if isinstance(screen, Menu) else [])
    found, at = [], 0
    while at < len(words):
        page = part("", words[at:], more, last, ways)
        at += page.taken
        found.append(page.text)
    return found


def sentences(form: str) -> list[str]:
    """Names of all sentences of a form."""
    return sorted({name for name, kind, _ in catalogue() if kind == form})
