"""The phone page in a real browser: two people, two phones, one contribution; trouble that changes nothing; the keyboard alone; a small screen."""

from __future__ import annotations

import re
import shutil

import psycopg
import pytest
from people import new_group_file

CHROMIUM = shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here (Debian: apt-get install chromium); the phone page is tested without a browser"),
]


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as running:
        opened = running.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture
def village(served):
    """A fresh group; its phones by member number."""
    _, phones, text = new_group_file()
    served.load(text)
    return phones


@pytest.fixture
def page(browser, served, village):
    """The page with Nga (7) on the left and the treasurer on the right; nothing may be complained of."""
    opened, complaints = browser.new_page(viewport={"width": 1200, "height": 1050}), []
    opened.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.goto(f"{served.url}/phone")
    for side, number in (("left", 7), ("right", 3)):
        opened.locator(f"#{side} [data-x=who]").select_option(village[number])
    yield opened
    opened.close()
    assert complaints == []


class Phone:
    """One of the two phones on the page."""

    def __init__(self, page, side):
        self.page, self.side = page, side

    def part(self, name):
        return self.page.locator(f"#{self.side} [data-x={name}]")

    def key(self, do):
        self.page.locator(f"#{self.side} [data-do={do}]").first.click()

    def answers(self, digits):
        for digit in digits:
            self.page.locator(f'#{self.side} [data-key="{digit}"]').click()
        self.key("left")

    def shows(self, words):
        self.part("show").filter(has_text=words).wait_for(timeout=15_000)
        return self.part("show").inner_text()

    def opens_newest_text(self, words):
        self.shows("new message")
        self.key("left")
        self.shows(words)
        self.key("left")
        return self.shows(words)


def test_one_contribution_from_phone_to_phone(page):
    member, treasurer = Phone(page, "left"), Phone(page, "right")
    member.key("call")
    member.shows("2. Buy shares")
    member.answers("2")
    member.shows("How many?")
    member.answers("3")
    member.shows("Buy shares: 3 = 60.000d?")
    member.answers("1")
    member.shows("Sent to the treasurer")
    member.key("left")

    text = treasurer.opens_newest_text("No.7 Nga buys shares: 3")
    code = re.search(r"OK ([2-9]{5})", text)[1]
    treasurer.key("left")
    treasurer.part("words").fill(f"Ok {code}")
    assert "8/160" in treasurer.part("count").inner_text()
    treasurer.key("left")

    assert "shares bought 3 = 60.000d. Now 43 = 860.000d" in member.opens_newest_text("receipt")
    member.key("end")
    member.key("call")
    member.shows("1. My balance")
    member.answers("1")
    member.shows("Shares: 43 = 860.000d")


def test_trouble_changes_nothing(page, served, village):
    member = Phone(page, "left")
    member.key("call")
    member.shows("2. Buy shares")
    for answer, words in (("2", "How many?"), ("1", "20.000d?"), ("1", "Sent to")):
        member.answers(answer)
        member.shows(words)
    page.locator("#left [data-do=repeat]").click()
    member.part("verdict").filter(has_text=re.compile("identical|same", re.I)).wait_for(timeout=10_000)
    page.locator("#left [data-x=old]").select_option(index=1)
    page.locator("#left [data-do=replay]").click()
    page.wait_for_timeout(500)
    outbox = served.flask("outbox", "list", "--json").stdout
    assert outbox.count('"ask_officer"') >= 1
    with psycopg.connect(served.owner_dsn) as conn:
        asked = conn.execute(
            "select count(*) from request r join member_phone p on p.group_id = r.group_id and p.member = r.member where p.phone = %s", (village[7],)
        ).fetchone()[0]
    assert asked == 1


def test_the_keyboard_alone(page):
    member = Phone(page, "left")
    member.part("line").focus()
    page.keyboard.press("Enter")
    member.shows("1. My balance")
    page.keyboard.type("1")
    page.keyboard.press("Enter")
    member.shows("Shares: 40 = 800.000d")
    page.keyboard.press("Escape")
    member.shows("Call ended.")


def test_a_text_outside_the_small_alphabet_is_counted_so(page):
    treasurer = Phone(page, "right")
    treasurer.key("left")
    treasurer.shows("Write a text")
    treasurer.key("left")
    treasurer.part("words").fill("Đồng ý")
    assert "6/70 UCS-2" in treasurer.part("count").inner_text()


def test_a_small_screen_does_not_scroll_sideways(page):
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    Phone(page, "left").key("call")
    Phone(page, "left").shows("7. Language")
