"""What officers are told before they are asked to agree, where one text cannot hold it."""

from __future__ import annotations

from ledger import closing, deciding, meetings
from ledger.books import Book
from ledger.commands import CloseMeeting, Leave
from ledger.meetings import Count
from ledger.tally import Tally
from menus.say import short_day
from menus.telling_decisions import leaving_pieces
from menus.telling_texts import bare, pack, phrase, short_group, why_words


def differences(book: Book, request: CloseMeeting, language: str) -> list[str]:
    """Each box whose count is not what the book says, at the opening or at the close, with the reason."""
    meeting = meetings.open_now(book.conn, book.group_id)
    if meeting is None:
        return []
    count = closing.closing_count(meetings.so_far(book.conn, meeting), request)
    said: list[str] = []
    for one in (meeting.opening, count):
        boxes = (("value_loan_fund", one.loan_fund_expected, one.loan_fund), ("value_social_fund", one.social_fund_expected, one.social_fund))
        said += [_difference(book, (name, expected, counted), one, request, language) for name, expected, counted in boxes if expected != counted]
    return said


def _difference(book: Book, box: tuple[str, int, int], count: Count, request: CloseMeeting, language: str) -> str:
    name, expected, counted = box
    more = counted - expected
    return phrase(
        "close_differs", language, group=short_group(book), day=short_day(book.group.today), fund=phrase(name, language),
        counted=bare(book.money(counted)), cash=bare(book.money(expected)), amount=("+" if more > 0 else "") + bare(book.money(more)),
        reason=why_words(count.why or request.why, language),
    )  # fmt: skip


def leaving(book: Book, request: Leave, language: str) -> list[str]:
    """What she would get, and what a share of the others gains or loses."""
    tally = Tally(book.conn, book.group_id)
    done, leaver = deciding.settlement(tally, request)
    owed = done.payout if request.why == "absconds" else max(0, done.payout - tally.cash())
    head = phrase("decided_head", language, group=short_group(book), day=short_day(book.group.today))
    return pack(head, leaving_pieces(book, request, done, leaver.units, owed, language))
