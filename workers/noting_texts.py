"""A piece of a meeting by text: read back with a code, and noted when the keeper texts OK with it. What waits for her word is her own text,
which is kept with the code beside it; nothing is noted from it when the meeting has moved on in between."""

from __future__ import annotations

from typing import Any
from uuid import uuid5

from ledger import meetings, requests
from ledger.books import Book
from ledger.checks import Refused
from ledger.commands import NoteMany
from ledger.db import Conn, lock_group
from menus import compact
from menus.gsm7 import fold, segments
from menus.say import reason
from menus.state import Membership
from menus.telling_texts import of_words
from menus.texted import read_back, texted
from workers.heard import Heard, said_lately, say
from workers.read_back import became, find, new_code, text_id

AN_HOUR_MAX = 40  # texts read back to one keeper
ANSWERS = ("texted_read", "texted_no")


def hear(conn: Conn, heard: Heard, text: str) -> str | None:
    """Read the text back with a code. None when it is no such text, or not from the phone of who keeps an open meeting."""
    items = compact.read(text)
    keeper = _keeper(conn, heard) if items else None
    if items is None or keeper is None:
        return None
    if said_lately(conn, keeper, ANSWERS, 1) >= AN_HOUR_MAX:
        return "not answered"
    lock_group(conn, keeper.group_id)
    book, meeting = Book(conn, keeper.group_id), meetings.open_now(conn, keeper.group_id)
    assert meeting is not None, "the group is locked and was asked before"
    code = new_code(conn, heard.sender)
    try:
        _, said = texted(book, keeper, meeting, text_id(heard.provider, heard.provider_id), items)
    except Refused as refused:
        return _no(conn, keeper, refused)
    words = read_back(said, code, keeper.language)
    if segments(fold(words)) > 1:
        return _no(conn, keeper, Refused("texted_long"))
    requests.write_texts(conn, keeper.group_id, [of_words(keeper.member, "texted_read", words)])
    return f"texted {code} {meeting.draft}"


def decide(conn: Conn, heard: Heard) -> str | None:
    """Her word on a text of hers; None when the code is of none."""
    code = heard.reply.code
    row = find(conn, heard.sender, "texted", code)
    keeper = _keeper(conn, heard) if row else None
    if row is None or keeper is None or became(conn, heard.sender, row.received_at, f"texted dropped {code}"):
        return None
    if heard.reply.meaning == "no":
        return f"texted dropped {code}"
    lock_group(conn, keeper.group_id)
    try:
        done = _note(conn, keeper, row)
    except Refused as refused:
        return _no(conn, keeper, refused)
    return say(conn, keeper, "texted_noted", {"count": len(done.requests)}) if done else "already"


def _note(conn: Conn, keeper: Membership, row: Any) -> NoteMany | None:
    """Note what was read back, if the meeting stands as it stood then. None when that was done before."""
    book, meeting = Book(conn, keeper.group_id), meetings.open_now(conn, keeper.group_id)
    hers = text_id(row.provider, row.provider_id)
    if meetings.done_before(conn, [keeper.group_id], [uuid5(hers, "0")]):
        return None
    if meeting is None:
        raise Refused("no_meeting")
    if row.result.rpartition(" ")[2] != meeting.draft:
        raise Refused("texted_moved")
    wish, _ = texted(book, keeper, meeting, hers, compact.read(row.text) or ())
    meetings.note_many(conn, book, wish)
    return wish


def _keeper(conn: Conn, heard: Heard) -> Membership | None:
    """The one book of this phone whose meeting she keeps; no phone that several members of a group share."""
    groups = [book.group_id for book in heard.books]
    kept = [book for book in heard.books if book.member and set(meetings.KEEPERS) & set(book.roles) and groups.count(book.group_id) == 1]
    held = [book for book in kept if meetings.open_now(conn, book.group_id)]
    return held[0] if len(held) == 1 else None


def _no(conn: Conn, keeper: Membership, refused: Refused) -> str:
    requests.write_texts(conn, keeper.group_id, [of_words(keeper.member, "texted_no", reason(refused, keeper.language))])
    return "texted_no"
