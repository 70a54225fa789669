"""A member texts that an entry is wrong: it is marked, the chair and the agent are told, and she gets an answer. Bounded, so that nobody can
make the group pay for texts without end."""

from __future__ import annotations

from uuid import NAMESPACE_URL, uuid5

from ledger import disputes, requests
from ledger.books import Book
from ledger.checks import Figure, Refused
from ledger.commands import Contest
from ledger.db import Conn, lock_group
from menus import telling
from menus.say import short_day
from menus.state import Membership
from workers.heard import Heard, say_seldom

DAY_HOURS = 24
A_DAY_MAX = 10  # contests of one member; each costs the chair and the agent a text
ANSWERS_MAX = 3  # an hour: to what contests nothing
ANSWERS = ("dispute_again", "dispute_unknown", "dispute_too_many", "dispute_which")

_NEWEST = """
select max(o.created_at) as at from outbox o where o.group_id = %s and o.member = %s and o.entry_no = %s"""
_LATELY = """
select count(*) as n from dispute where group_id = %s and member = %s and opened_at > clock_timestamp() - make_interval(hours => %s)"""


def contest(conn: Conn, heard: Heard) -> str | None:
    """Mark the entry she means; what is noted beside the text, or None when the text means something else: nobody's receipt has five digits
    by chance, so such a number without an entry is not answered here."""
    mine = [book for book in heard.books if book.member]
    meant = [(book, entry) for book in mine if (entry := disputes.entry_meant(conn, book.group_id, book.member, heard.reply.number))]
    if not meant:
        unknown = bool(mine) and len(str(heard.reply.number)) < 5
        return _answer(conn, mine[0], "dispute_unknown", receipt=heard.reply.number) if unknown else None
    book, entry_no = max(meant, key=lambda one: _told_at(conn, *one))
    if len({one.group_id for one, _ in meant}) > 1 and not _told_at(conn, book, entry_no):
        return _answer(conn, book, "dispute_which")
    lock_group(conn, book.group_id)
    return _mark(conn, heard, book, entry_no)


def _told_at(conn: Conn, book: Membership, entry_no: int) -> float:
    """When this book last texted her about this entry: of several entries by the same number she means the one she read."""
    row = conn.execute(_NEWEST, (book.group_id, book.member, entry_no)).fetchone()
    return row.at.timestamp() if row and row.at else 0.0


def _mark(conn: Conn, heard: Heard, to: Membership, entry_no: int) -> str:
    """In the group's lock. The same text twice is one contest."""
    book = Book(conn, to.group_id)
    row = conn.execute(_LATELY, (to.group_id, to.member, DAY_HOURS)).fetchone()
    if row is not None and row.n >= A_DAY_MAX:
        return _answer(conn, to, "dispute_too_many", most=A_DAY_MAX)
    command = disputes.command_of(uuid5(NAMESPACE_URL, f"{heard.provider}/{heard.provider_id}"), to.member)
    wish = Contest(id=command, group_id=to.group_id, member=to.member, entry_no=entry_no)
    try:
        dispute_no, new = disputes.contest(conn, book, wish, "sms")
    except Refused as refused:
        return _answer(conn, to, "dispute_too_many", **{"most": disputes.OPEN_MAX} | refused.figures)
    if not new:
        row = conn.execute("select happened_on from entry where group_id = %s and entry_no = %s", (to.group_id, entry_no)).fetchone()
        return _answer(conn, to, "dispute_again", receipt=entry_no, day=short_day(row.happened_on) if row else "")
    requests.write_texts(conn, to.group_id, telling.contested(conn, book, dispute_no), entry_no=entry_no)
    return "contested"


def _answer(conn: Conn, to: Membership, name: str, **figures: Figure) -> str:
    """A short answer, a few an hour."""
    return say_seldom(conn, to, name, figures, ANSWERS, ANSWERS_MAX)
