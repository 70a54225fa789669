"""Which of the books of a phone a text is about: its only one, or the one whose group code stands in front, `DK09 BAL`. Where several members
of one group share a phone a text cannot show who wrote it, and gets nothing private."""

from __future__ import annotations

import re

from ledger.db import Conn
from menus import compact
from menus.keywords import is_word
from menus.replies import understand
from menus.state import Membership
from workers.heard import Heard, said_lately, say

CODES_NAMED = 3  # group codes in one answer
_ADDRESSED = re.compile(r"\s*([A-Za-z0-9]{2,12})[\s:,]+(\S.*)", re.DOTALL)
_CODES = "select group_id, code from savings_group where group_id = any(%s) order by group_id"


def addressed(conn: Conn, books: tuple[Membership, ...], text: str) -> tuple[tuple[Membership, ...], str]:
    """(the books it is about, what it says). A group's code counts only in front of something that is understood, and only where it
    does not begin a phrase of ours: a code like `OK` takes nobody her answer, and one like `TRA` does not make a NO of `TRA NO 5000`."""
    found = _ADDRESSED.fullmatch(text)
    if found is None or is_word(found[1]) or _is_a_phrase(text) or not _says_something(found[2]):
        return books, text
    codes = _codes(conn, books)
    meant = tuple(book for book in books if codes[book.group_id] == found[1].upper())
    return (meant, found[2]) if meant else (books, text)


def _is_a_phrase(text: str) -> bool:
    """Whether the text says in words of ours what it says; what looks like a check code (`DK09 LOAN`) may be a group's and a word."""
    return understand(text).meaning not in ("other", "code", "contest")


def _says_something(text: str) -> bool:
    return compact.read(text) is not None or understand(text).meaning != "other"


def the_book(heard: Heard) -> Membership | None:
    """The one book of her own that the text is about; of two people on one phone it is nobody's."""
    mine = [book for book in heard.books if book.member]
    return mine[0] if len(mine) == 1 else None


def turn_away(conn: Conn, heard: Heard, dial: str) -> str:
    """A phone with several books, or with none of its own, gets nothing private; it is told how to choose one where that helps, at most once an
    hour."""
    mine = [book for book in heard.books if book.member]
    groups = [book.group_id for book in mine]
    alone = [book for book in mine if groups.count(book.group_id) == 1]
    to = alone[0] if alone else heard.books[0]
    if said_lately(conn, to, ("asked_dial", "asked_which"), 1):
        return "not answered"
    if not alone:
        return say(conn, to, "asked_dial", {"dial": dial})
    codes = _codes(conn, tuple(alone[:CODES_NAMED]))
    return say(conn, to, "asked_which", {"codes": ", ".join(codes.values())})


def _codes(conn: Conn, books: tuple[Membership, ...]) -> dict[int, str]:
    return {row.group_id: row.code for row in conn.execute(_CODES, ([book.group_id for book in books],))}
