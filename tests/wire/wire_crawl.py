"""Every screen in every language, found by walking the table of screens from the first page on."""

from __future__ import annotations

from collections.abc import Iterator

from people import Village, new_session
from wire_site import Answer, Site

from menus.gsm7 import fold
from menus.kinds import Ask, Confirm, End, Menu, Pick, Show
from menus.places import WRITINGS, is_marked, language_of
from menus.screens import FIRST, SCREENS
from menus.screens_group import GROUP_ROWS
from menus.screens_meeting import MEETING_ROWS
from menus.screens_person import PERSON_ROWS
from menus.texts import label

TYPED = {"shares": "3", "social_fund": "5000", "repay_amount": "1000", "fine": "5000", "loan_member": "7", "loan_amount": "20000", "loan_term": "1"}
WRONG = ("77", "x", "999999999")  # the page comes again, under a line that says what was wrong
THU, LAN = 3, 1
MORE_MAX = 12
STRANGERS = {"+254733000111": "en", "+84999000111": "vi", "+221770000111": "fr", "+255755000111": "sw"}
# Screens that want a meeting, a dispute or a share-out first: tests/test_meeting_by_phone.py and tests/test_group_by_phone.py
# walk those; tests/test_pins.py and tests/test_shared_phone.py those about PINs.
# A word on one of several requests leads back to the rest: tests/test_what_waits.py.
ELSEWHERE = {row.name for row in (*MEETING_ROWS, *GROUP_ROWS, *PERSON_ROWS)} - {"group_menu"} | {"after_decision", "decide_next", "decided"}
Walk = tuple[str, ...]
Found = list[tuple[str, str, Answer]]  # (language, screen, page)


def crawl(site: Site) -> Found:
    """Everything that can be shown. Fails when a page is not that of the screen the table says, or a screen was not reached."""
    found: Found = []
    for language in WRITINGS:
        v = busy_village(site, language)
        for walk, screen in walks("which_book"):
            found += [(language, screen, page) for page in pages_of(site, v, language, walk, screen)]
        for key in ("4", "6", "8"):  # nothing owed, no entries, nothing waits
            found.append((language, "stop", _Call(site, v.phones[LAN]).press(key)))
        for phone, theirs in STRANGERS.items():
            found += [(theirs, "stranger", (call := _Call(site, phone)).page), (theirs, "stranger", call.press("1"))]
    assert [page.text for language, _, page in found if language == "vi" and not page.text.isascii()] == []
    assert {screen for _, screen, _ in found} >= set(SCREENS) - ELSEWHERE
    return found


def busy_village(site: Site, language: str) -> Village:
    """Thu holds two offices, two loans and two books, and six requests wait for her."""
    offices = [(1, "Lan", ["chair"]), (3, "Thu", ["treasurer", "record_keeper"]), (7, "Ngọc Nga", []), (12, "Đặng Hoà", [])]
    loan = {"member": THU, "principal": 1500000, "charge_due": 15000, "issued": "2026-03-24", "due": "2026-09-24"}
    opening = {"shares": [{"member": THU, "units": 50}, {"member": 7, "units": 40}], "loans": [loan, loan | {"principal": 20000}]}
    v = site.found(members=offices, opening=opening, constitution={"loan": {"one_at_a_time": False}})
    twin = site.found(group={"name": "Đoàn Kết"})
    site.owner.execute("insert into member_phone values (%s, %s, %s)", (v.phones[THU], twin.group_id, 12))
    written = (language_of(language), is_marked(language), v.group_id, twin.group_id)
    site.owner.execute("update member set language = %s, accents = %s where group_id in (%s, %s)", written)
    for amount in range(1, 7):
        v.dial(12, "3", str(amount * 1000), "1")
    return v


def walks(screen: str, typed: Walk = ()) -> Iterator[tuple[Walk, str]]:
    """(what leads to it, screen) for every way through the table; a choice that leads back to the first page is not taken."""
    yield typed, screen
    match row := SCREENS[screen]:
        case Menu():
            for choice in (one for one in row.choices if one.to not in ELSEWHERE):
                yield from walks(choice.to, (*typed, choice.key))
        case Ask():
            yield from walks(row.then, (*typed, TYPED[screen]))
        case Pick() if row.then != FIRST or not typed:
            yield from walks(row.then, (*typed, "1"))
        case Confirm() if row.then not in ELSEWHERE:
            yield from walks(row.then, (*typed, "1"))
            yield from walks(row.no_then, (*typed, "2"))


def pages_of(site: Site, v: Village, language: str, walk: Walk, screen: str) -> list[Answer]:
    """The page at the end of a walk, all that `9. More` leads to, and what wrong answers bring."""
    kind = SCREENS[screen]
    call = _Call(site, v.phones[THU])
    for answer in walk:
        while is_marked(language) and has_more(call.page, language) and (answer == "9" or f"\n{answer}. " not in call.page.text):
            call.press("9")  # a page with its marks comes in parts
        call.press(answer)
    pages = [call.page]
    assert pages[0].text.startswith("END " if isinstance(kind, End) else "CON "), (language, walk, screen, pages[0].text)
    if isinstance(kind, End):
        return pages
    if isinstance(kind, Pick | Show) or is_marked(language):
        while has_more(pages[-1], language) and len(pages) < MORE_MAX:
            pages.append(call.press("9"))
        assert len(pages) < MORE_MAX, "no last page"
    if isinstance(kind, Confirm):
        assert any(line(f"1. {label('yes', one)}\n2. ") in pages[-1].text for one in (language, language_of(language)))
        assert not any("\n1. " in page.text for page in pages[:-1]), "asked before all of it was read"
    return pages + [call.press(wrong) for wrong in WRONG]


def has_more(page: Answer, language: str) -> bool:
    """Whether the page goes on; one that did not fit with its marks says so without them."""
    return any(line(f"9. {label('more', one)}") in page.text for one in (language, language_of(language)))


def line(words: str) -> str:
    return fold(f"\n{words}", keep_accents=True)


class _Call:
    """A call that keeps whole answers, status and all."""

    def __init__(self, site: Site, phone: str):
        self._site, self._phone, self._session, self._text = site, phone, new_session(), ""
        self.page = self._hop()

    def press(self, answer: str) -> Answer:
        self._text = f"{self._text}*{answer}" if self._text else answer
        self.page = self._hop()
        return self.page

    def _hop(self) -> Answer:
        form = {"sessionId": self._session, "phoneNumber": self._phone, "text": self._text}
        return self._site.client.post(f"/hooks/{self._site.secret}/africastalking/ussd", form)
