"""What a member is told when she asks by text about meetings, the group's funds, its rules, and what waits for her word: one part each, the
most important first; what does not fit is left out, or comes under the next number."""

from __future__ import annotations

from collections.abc import Callable

from ledger import requests
from ledger.books import Book, Member
from ledger.checks import Refused
from ledger.requests import WAITING_SHOWN_MAX
from menus.facts_mine import MEETINGS_SHOWN, funds, last_meetings
from menus.notices import waiting_on_page
from menus.say import fill, short_day
from menus.telling_meeting import did
from menus.telling_texts import listed, pack, phrase, short_group
from menus.telling_words import rule_lines


def answer(book: Book, member: Member, asked: str, page: int) -> str:
    """The words for `meetings`, `funds`, `rules` (`page` of them, 0 is the first) or `waiting`. Raises Refused when there is nothing to tell."""
    questions: dict[str, Callable[[Book, Member], str]] = {"meetings": meetings, "funds": group_funds, "waiting": waiting}
    return rules(book, member.language, page) if asked == "rules" else questions[asked](book, member)


def meetings(book: Book, member: Member) -> str:
    """What she did at the last meetings."""
    pieces: list[str] = []
    for meeting in last_meetings(book, MEETINGS_SHOWN):
        first, *rest = listed(did(meeting, member.number, member.language))
        pieces += [f"{short_day(meeting.on)} {first}", *rest]
    return pack(phrase("meetings_head", member.language, group=short_group(book), number=member.number), pieces)[0]


def group_funds(book: Book, member: Member) -> str:
    """Both boxes as of the last close, as her page says them."""
    day, *figures = fill("group_funds", "page", member.language, funds(book, member.roles)).split("\n")
    return pack(f"{short_group(book)}: {day}:", listed(figures))[0]


def rules(book: Book, language: str, page: int) -> str:
    """One part of the rules; after the last comes the last."""
    lines = [f"{line}." for line in rule_lines(book.constitution, book.group.currency, language)]
    parts = pack(phrase("rules_part", language, group=short_group(book), number=99, count=99), lines)
    number = min(max(page, 1), len(parts))
    head, longest = (phrase("rules_part", language, group=short_group(book), number=at, count=of) for at, of in ((number, len(parts)), (99, 99)))
    return head + parts[number - 1].removeprefix(longest)


def waiting(book: Book, member: Member) -> str:
    """How many requests wait for her word, and whose and what, without their codes: who sends a code must have read its text."""
    found = requests.waiting_for(book.conn, book.group_id, member.number)
    if not found:
        raise Refused("nothing_waits")
    said = [fill("waiting_one", "page", member.language, waiting_on_page(book, one.request, member.language)) for one in found]
    count = f"{len(found)}+" if len(found) == WAITING_SHOWN_MAX else str(len(found))
    return pack(phrase("waiting_head", member.language, group=short_group(book), count=count), [f"{words}." for words in said])[0]
