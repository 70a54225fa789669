"""A check code came by text: the book is read again from its beginning, and whoever sent the code is told whether it still leads there."""

from __future__ import annotations

from ledger import checkcode, requests
from ledger.books import Book
from ledger.checkcode import Answer
from ledger.db import Conn, lock_group
from menus import notices
from menus.say import day
from menus.state import Membership
from menus.telling_texts import agent_of, short_group
from workers.heard import Heard, said_lately, say

AN_HOUR_MAX = 5  # codes that are looked for, from one phone
BOOKS_MAX = 5  # that are read for one text
ANSWERS = ("code_unchanged", "code_changed", "code_unknown")


def check(conn: Conn, heard: Heard) -> str:
    """Answer a check code from the first of the phone's books that knows it."""
    groups: dict[int, Membership] = {}
    for book in heard.books:
        groups.setdefault(book.group_id, book)
    claiming = _claiming(conn, list(groups), checkcode.read(heard.reply.code) or b"")
    books = sorted(groups.values(), key=lambda book: book.group_id not in claiming)[:BOOKS_MAX]
    if sum(said_lately(conn, book, ANSWERS, 1) for book in books) >= AN_HOUR_MAX:
        return "not answered"
    found = ((book, checkcode.check(conn, book.group_id, heard.reply.code, lines_max=None)) for book in books)
    book, answer = next((one for one in found if one[1].verdict != "unknown"), (books[0], Answer("unknown")))
    if answer.verdict == "changed":
        _warn_agent(conn, book, answer)
    shown = f"{heard.reply.code[:4]}-{heard.reply.code[4:]}"
    on = day(answer.on) if answer.on else ""
    return say(conn, book, f"code_{answer.verdict}", {"group": short_group(Book(conn, book.group_id)), "check": shown, "day": on})


def _claiming(conn: Conn, groups: list[int], code: bytes) -> set[int]:
    """Groups with an entry that says it has this code: they are read first, for an agent looks after many."""
    rows = conn.execute(
        "select distinct group_id from entry where group_id = any(%s) and substring(hash from 1 for %s) = %s", (groups, checkcode.BYTES, code)
    )
    return {row.group_id for row in rows}


def _warn_agent(conn: Conn, to: Membership, answer: Answer) -> None:
    """A book that is no longer what a member's code says is the agent's business at once."""
    book = Book(conn, to.group_id)
    agent = agent_of(book)
    if agent is not None and to.member and answer.on:
        lock_group(conn, to.group_id)
        warning = notices.text_to(
            agent, "code_warns_agent", "code_warns_agent", {"group": short_group(book), "number": to.member, "day": day(answer.on)}
        )
        requests.write_texts(conn, to.group_id, [warning])
