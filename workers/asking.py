"""A member asks by text: her balance, her loan, her last entries, what may be asked, another language. One short answer, a few an hour, and
nothing private to a phone that several people share."""

from __future__ import annotations

from ledger import requests
from ledger.books import Book, Member
from ledger.db import Conn, lock_group
from menus import telling_keywords as telling
from menus.state import Membership
from menus.telling_texts import of_words
from workers.heard import Heard, said_lately, say

AN_HOUR_MAX = 6  # answers to one phone
ANSWERS = ("asked_balance", "asked_loan", "asked_last", "asked_help", "asked_language")


def answer(conn: Conn, heard: Heard, dial: str) -> str:
    """Answer a keyword; what is noted beside the text."""
    mine = [book for book in heard.books if book.member]
    if heard.reply.meaning != "help" and len(mine) != 1:
        return _dial(conn, heard.books[0], dial)
    to = mine[0] if mine else heard.books[0]
    if said_lately(conn, to, ANSWERS, 1) >= AN_HOUR_MAX:
        return "not answered"
    match heard.reply.meaning:
        case "help":
            return say(conn, to, "asked_help", {"dial": dial}, words="help_words" if to.member else "help")
        case "language":
            return _language(conn, to, heard.reply.language)
        case asked:
            return _private(conn, to, asked)


def _dial(conn: Conn, to: Membership, dial: str) -> str:
    """A phone with several books, or with none of its own, gets nothing private; it is told so at most once an hour."""
    if said_lately(conn, to, ("asked_dial",), 1):
        return "not answered"
    return say(conn, to, "asked_dial", {"dial": dial})


def _private(conn: Conn, to: Membership, asked: str) -> str:
    lock_group(conn, to.group_id)
    member = Member(to.member, "", to.language, to.roles)
    words = telling.answer(Book(conn, to.group_id), member, asked)
    requests.write_texts(conn, to.group_id, [of_words(to.member, f"asked_{asked}", words)])
    return f"asked_{asked}"


def _language(conn: Conn, to: Membership, chosen: str) -> str:
    """Her texts and pages are in another language from now on; without one she is told how to choose."""
    if not chosen:
        return say(conn, to, "asked_language", {}, words="which_language")
    lock_group(conn, to.group_id)
    conn.execute("update member set language = %s, accents = false where group_id = %s and number = %s", (chosen, to.group_id, to.member))
    words = telling.language_set(Book(conn, to.group_id), chosen)
    requests.write_texts(conn, to.group_id, [of_words(to.member, "asked_language", words)])
    return "asked_language"
