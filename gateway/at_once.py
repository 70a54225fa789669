"""What is carried out while the caller waits, in her hop's transaction: a meeting opened, things noted and taken back, entries contested and
explained, a first code given. Each may come any number of times and is done once."""

from __future__ import annotations

from gateway.first_codes import FirstCodes
from ledger import disputes, meetings, requests, wishes
from ledger.books import Book
from ledger.commands import Contest, Explain, GiveFirstCode, Note, NoteMany, OpenMeeting, SetLanguage, SetShortReceipts, Undo, Wish
from ledger.db import Conn
from menus import telling, telling_wishes
from menus.places import is_marked, language_of

AtOnce = OpenMeeting | Note | NoteMany | Undo | Contest | Explain | Wish | GiveFirstCode


def group_of(command: AtOnce) -> int:
    """The group whose book it concerns."""
    match command:
        case Note(request=request):
            return request.group_id
        case NoteMany(requests=many):
            return many[0].group_id
    return command.group_id


def carry_out(conn: Conn, book: Book, command: AtOnce, codes: FirstCodes) -> None:
    """Do it, with the texts that tell of it; the group is locked. Raises checks.Refused, journal.CommandConflict."""
    match command:
        case OpenMeeting():
            meetings.open_meeting(conn, book, command)
        case Note():
            meetings.note(conn, book, command)
        case NoteMany():
            meetings.note_many(conn, book, command)
        case Undo():
            meetings.undo(conn, book, command)
        case Contest():
            dispute_no, new = disputes.contest(conn, book, command, "ussd")
            if new:
                requests.write_texts(conn, book.group_id, telling.contested(conn, book, dispute_no))
        case Wish():
            wish(conn, book, command)
        case GiveFirstCode():
            codes.give(conn, book, command)
        case Explain():
            _explain(conn, book, command)


def choose(conn: Conn, chosen: SetLanguage | SetShortReceipts) -> None:
    """Keep how a member wants to be written to; nothing of the book."""
    of = (chosen.group_id, chosen.member)
    match chosen:
        case SetLanguage(language=said):
            both = (language_of(said), is_marked(said))
            conn.execute("update member set language = %s, accents = %s where group_id = %s and number = %s", (*both, *of))
        case SetShortReceipts(short=short):
            conn.execute("update member set short_receipts = %s where group_id = %s and number = %s", (short, *of))


def wish(conn: Conn, book: Book, wanted: Wish) -> None:
    """Keep it and tell those who can do something about it; the group is locked. Raises checks.Refused."""
    if wishes.wish(conn, wanted):
        requests.write_texts(conn, book.group_id, telling_wishes.wished(book, wanted))


def _explain(conn: Conn, book: Book, words: Explain) -> None:
    if not _explained_before(conn, words):
        requests.write_texts(conn, book.group_id, telling.explained(conn, book, disputes.explain(conn, book, words)))


def _explained_before(conn: Conn, wish: Explain) -> bool:
    """Whether this officer has answered just so."""
    row = conn.execute(
        "select 1 from dispute_answer where group_id = %s and dispute_no = %s and how = 'explained' and officer = %s and words = %s",
        (wish.group_id, wish.dispute_no, wish.officer, wish.words[: disputes.WORDS_MAX]),
    ).fetchone()
    return row is not None
