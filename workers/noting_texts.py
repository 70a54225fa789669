"""A meeting by text: each text is read back with a code, and counts when the keeper texts OK with it. What waits for her word is her own text,
which is kept with the code beside it; nothing comes of it when the meeting has moved on in between, and nothing comes of it twice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ledger import meetings, requests
from ledger.books import Book
from ledger.checks import Refused
from ledger.db import Conn, lock_group
from ledger.meetings import Meeting
from menus import compact, texted_meeting
from menus.compact import Item, Unread
from menus.say import fill, reason
from menus.state import Membership
from menus.telling_texts import of_words, one_text, pack
from menus.texted import mark, read_back, texted
from workers.heard import Heard, said_lately, say, say_seldom
from workers.noting_done import carry_out
from workers.read_back import became, find, new_code, text_id, too_late
from workers.whose import addressed

AN_HOUR_MAX = 40  # texts of one keeper that are answered
UNREAD_HOUR_MAX = 6  # of those, texts that were not understood
REFUSED_HOUR_MAX = 50  # with those that are refused only at her OK
NO_TEXTS_MAX = 3
AFTER_MAX = 3  # an hour: answers to codes that count no longer
ANSWERS = ("texted_read", "texted_no", "texted_told")
UNREAD = ("texted_unread", "texted_help")
AFTER = ("texted_late", "texted_before")


def hear(conn: Conn, heard: Heard, text: str) -> str | None:
    """Answer a text about the meeting. None when it is no such text, or not from the phone of who keeps a meeting or may open one."""
    items = compact.read(text)
    if items is None or (isinstance(items, Unread) and heard.reply.meaning not in ("other", "code")):
        return None
    keeper = _keeper(conn, heard)
    if keeper is None:
        return None
    if said_lately(conn, keeper, ANSWERS, 1) >= AN_HOUR_MAX:
        return "not answered"
    lock_group(conn, keeper.group_id)
    if len(text) > compact.TEXT_MAX:
        return _no(conn, keeper, Refused("texted_long"))
    if isinstance(items, Unread):
        return _unread(conn, keeper, items)
    if items[0].kind == "help":
        return _help(conn, keeper)
    try:
        return _read_back(conn, heard, keeper, items)
    except Refused as refused:
        return _no(conn, keeper, refused)


def _read_back(conn: Conn, heard: Heard, keeper: Membership, items: tuple[Item, ...]) -> str:
    """Ask for her OK, or tell what was asked."""
    book, meeting, hers = Book(conn, keeper.group_id), meetings.open_now(conn, keeper.group_id), text_id(heard.provider, heard.provider_id)
    code, first = new_code(conn, heard.sender), items[0]
    match first.kind:
        case "open_savings" | "open_loans":
            words = texted_meeting.opening(book, keeper, hers, first)[1]
        case _ if meeting is None:
            raise Refused("texted_not_open")
        case "totals":
            return _tell(conn, keeper, "texted_told", [texted_meeting.so_far(book, keeper, meeting, first)])
        case "undo":
            words = texted_meeting.undoing(book, keeper, meeting, first)[1]
        case "close":
            words = texted_meeting.closing(book, keeper, meeting, hers, first)[1]
        case _:
            notes, said = texted(book, keeper, meeting, hers, items)
            _tell(conn, keeper, "texted_read", read_back(said, code, keeper.language))
            return f"texted {code} {keeper.group_id} {_stand(meeting)} {mark(notes)}"
    _tell(conn, keeper, "texted_read", [texted_meeting.asked_for_a_yes(words, code, keeper.language)])
    return f"texted {code} {keeper.group_id} {_stand(meeting)}"


def _stand(meeting: Meeting | None) -> str:
    """Where the meeting stands: a text that was read back then counts only while it stands there."""
    return f"{meeting.meeting_no}.{meeting.draft}" if meeting else "none"


def decide(conn: Conn, heard: Heard, hours: int) -> str | None:
    """Her word on a text of hers; None when the code is of none. `hours`: how long officers may take to answer what comes of it."""
    code = heard.reply.code
    row = find(conn, heard.sender, "texted", code)
    keeper = _still_keeps(heard, int(row.result.split(" ")[2])) if row else None
    if row is None or keeper is None:
        return None
    lock_group(conn, keeper.group_id)
    done, dropped = (became(conn, heard.sender, row.received_at, f"texted {end} {code}") for end in ("done", "dropped"))
    is_no = heard.reply.meaning == "no"
    if done:
        return _after(conn, keeper, "texted_before") if is_no else "already"
    if dropped or too_late(row, heard.received_at):
        return "already" if is_no else _after(conn, keeper, "texted_late")
    if is_no:
        _tell(conn, keeper, "texted_told", [fill("not_noted", "page", keeper.language, {})])
        return f"texted dropped {code}"
    try:
        with conn.transaction():  # all of it or nothing
            _carry_out(conn, keeper, row, hours)
    except Refused as refused:
        return "not answered" if said_lately(conn, keeper, ANSWERS, 1) >= REFUSED_HOUR_MAX else _no(conn, keeper, refused)
    return f"texted done {code}"


def _carry_out(conn: Conn, keeper: Membership, row: Any, hours: int) -> None:
    """Do what was read back, if the meeting stands as it stood then and the text still comes to the same, and say so. Raises Refused."""
    book, meeting = Book(conn, keeper.group_id), meetings.open_now(conn, keeper.group_id)
    stood, seen = f"{row.result} ".split(" ")[3:5]
    if stood != _stand(meeting):
        raise Refused("texted_not_open" if meeting is None else "meeting_open" if stood == "none" else "texted_moved")
    _, said = addressed(conn, (keeper,), row.text)
    items = compact.read(said)
    assert isinstance(items, tuple), "it was read before"
    words = carry_out(book, keeper, meeting, text_id(row.provider, row.provider_id), items, hours, seen)
    _tell(conn, keeper, "texted_noted", [words])


def _keeper(conn: Conn, heard: Heard) -> Membership | None:
    """The one book of this phone whose meeting she keeps, or, where none is open, may open."""
    kept = _kept(heard)
    held = [book for book in kept if meetings.open_now(conn, book.group_id)] or kept
    return held[0] if len(held) == 1 else None


def _still_keeps(heard: Heard, group_id: int) -> Membership | None:
    return next((book for book in _kept(heard) if book.group_id == group_id), None)


def _kept(heard: Heard) -> list[Membership]:
    """Books whose meetings she may keep by text: on no phone that several members of a group share."""
    mine = [book for book in heard.books if book.member]
    groups = [book.group_id for book in mine]
    return [book for book in mine if set(meetings.KEEPERS) & set(book.roles) and groups.count(book.group_id) == 1]


def _unread(conn: Conn, keeper: Membership, unread: Unread) -> str:
    """What was not understood, and how it is written; a few times an hour."""
    if said_lately(conn, keeper, UNREAD, 1) >= UNREAD_HOUR_MAX:
        return "not understood"
    return say(conn, keeper, "texted_unread", {"piece": unread.piece, "example": unread.example})


def _help(conn: Conn, keeper: Membership) -> str:
    """All the letters, in two texts."""
    if said_lately(conn, keeper, UNREAD, 1) >= UNREAD_HOUR_MAX:
        return "not answered"
    return _tell(conn, keeper, "texted_help", [fill(f"texted_help_{part}", "sms", keeper.language, {}) for part in ("first", "more")])


def _after(conn: Conn, keeper: Membership, name: str) -> str:
    return say_seldom(conn, keeper, name, {}, AFTER, AFTER_MAX)


def _tell(conn: Conn, keeper: Membership, purpose: str, texts: Sequence[str]) -> str:
    requests.write_texts(conn, keeper.group_id, [of_words(keeper.member, keeper.language, purpose, words) for words in texts])
    return purpose


def _no(conn: Conn, keeper: Membership, refused: Refused) -> str:
    """Why not. A list to choose from may take more than one text."""
    words = reason(refused, keeper.language)
    return _tell(conn, keeper, "texted_no", [words] if one_text(words) else pack("M:", words.split(" "))[:NO_TEXTS_MAX])
