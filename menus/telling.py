"""Who hears of an entry, and when it can be said: receipts that need only the figures, and those that need the entry itself (its check code)."""

from __future__ import annotations

from datetime import date

from ledger.books import Book
from ledger.commands import DECIDED, ChangeRules, CloseMeeting, Correct, Leave, Request, ShareOut, StartCycle, WriteOff
from ledger.db import Conn
from ledger.disputes import Dispute
from ledger.journal import Receipt
from ledger.posting import Prepared
from menus import notices, telling_corrections, telling_decisions, telling_disputes, telling_end, telling_meeting
from menus.telling_decisions import Later


def before(book: Book, request: Request, prepared: Prepared, receipt_no: int, on: date) -> list[Receipt]:
    """Texts that are written with the entry: `book` is read before it is posted. Of a decision everybody hears after it."""
    if request.kind in DECIDED:
        return []
    return notices.receipts(book, request, prepared.entry, receipt_no, on)


def after(book: Book, request: Request) -> Later:
    """Texts that need the posted entry: reads the book as it is before, gives what writes them once the entry has its number."""
    match request:
        case CloseMeeting():
            return lambda entry_no: telling_meeting.closed(Book(book.conn, book.group_id), request, entry_no)
        case Correct():
            return telling_corrections.corrected(book, request)
        case ChangeRules():
            return telling_decisions.rules_changed(book, request)
        case Leave():
            return telling_decisions.left(book, request)
        case WriteOff():
            return telling_decisions.given_up(book, request)
        case ShareOut():
            return telling_end.shared_out(book, request)
        case StartCycle():
            return telling_end.started(book, request)
    return lambda _: []


def contested(_conn: Conn, book: Book, dispute_no: int) -> list[Receipt]:
    """Texts about an entry that was just contested."""
    return telling_disputes.contested(book, dispute_no)


def explained(_conn: Conn, book: Book, dispute: Dispute) -> list[Receipt]:
    """Texts about a dispute that was just answered in words."""
    return telling_disputes.explained(book, dispute.dispute_no)


left_open = telling_meeting.left_open
