"""What an OK to a text about the meeting brings about, in the transaction that marks the OK as handled; the words that say it was done."""

from __future__ import annotations

from uuid import UUID

from ledger import meetings, requests
from ledger.books import Book
from ledger.checks import Refused
from ledger.meetings import Meeting
from menus import notices, texted_meeting
from menus.compact import Item
from menus.say import fill
from menus.state import Membership
from menus.texted import mark, texted


def carry_out(book: Book, keeper: Membership, meeting: Meeting | None, text_id: UUID, items: tuple[Item, ...], hours: int, seen: str) -> str:
    """Open, note, take back or ask to close. `seen`: the mark of the notes that were read back. Raises Refused as the keypad would, and when the
    text comes to other notes by now."""
    conn, first = book.conn, items[0]
    if meeting is None or first.kind in ("open_savings", "open_loans"):
        meetings.open_meeting(conn, book, texted_meeting.opening(book, keeper, text_id, first)[0])
        return fill("texted_opened", "sms", keeper.language, {})
    match first.kind:
        case "undo":
            return _take_back(book, keeper, meeting, first)
        case "close":
            return _ask_to_close(book, keeper, meeting, text_id, first, hours)
    notes, _ = texted(book, keeper, meeting, text_id, items)
    if mark(notes) != seen:
        raise Refused("texted_moved")
    numbers = meetings.note_many(conn, book, notes)
    return fill("texted_noted", "sms", keeper.language, {"count": len(numbers), "number": numbers[-1]})


def _take_back(book: Book, keeper: Membership, meeting: Meeting, item: Item) -> str:
    wishes, _ = texted_meeting.undoing(book, keeper, meeting, item)
    for wish in wishes:
        meetings.undo(book.conn, book, wish)
    return fill("undone", "page", keeper.language, {})


def _ask_to_close(book: Book, keeper: Membership, meeting: Meeting, text_id: UUID, item: Item, hours: int) -> str:
    """The officers are asked just as after the keypad's Yes."""
    request, _, sent = texted_meeting.closing(book, keeper, meeting, text_id, item)
    requests.ask(book.conn, book, request, lambda _, approvers: notices.ask_officers(book, request, approvers), hours=hours)
    return sent
