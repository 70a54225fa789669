"""A member asks the treasurer by text: to buy shares, pay in, repay, pay a fine; or wishes to borrow or to be called. Her text is read back with
a code, and only her OK with it sends the request, exactly as pressing 1 on the confirm page would."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import uuid5

from gateway import at_once
from ledger import requests
from ledger.books import Book
from ledger.checks import Refused
from ledger.commands import Request
from ledger.db import Conn, lock_group
from menus import notices, wanted, wanting
from menus.say import reason
from menus.state import Membership
from menus.telling_texts import of_words
from menus.wanted import Wanted
from menus.wanting import Asking
from workers.heard import Heard, said_lately, say, say_seldom
from workers.read_back import became, find, new_code, text_id, too_late
from workers.whose import addressed, the_book, turn_away

AN_HOUR_MAX = 8  # texts of one member that are read back or refused
ANSWERS = ("wanted_read", "wanted_no")
REFUSED_MAX = 12  # an hour: with those that are refused only at her OK
AFTER_MAX = 3  # an hour: answers to codes that count no longer
AFTER = ("wanted_again", "wanted_late")


def hear(conn: Conn, heard: Heard, dial: str) -> str:
    """Read a request back; what is noted beside the text, with all that her OK will be compared with."""
    who = the_book(heard)
    if who is None:
        return turn_away(conn, heard, dial)
    if said_lately(conn, who, ANSWERS, 1) >= AN_HOUR_MAX:
        return "not answered"
    lock_group(conn, who.group_id)
    book, code = Book(conn, who.group_id), new_code(conn, heard.sender)
    assert heard.reply.wanted is not None, "a request says what is wanted"
    try:
        asking = _asking(book, who, heard.reply.wanted, heard.provider, heard.provider_id)
        words = wanting.read_back(book, asking, code, who.language)
    except Refused as refused:
        return _no(conn, who, refused)
    requests.write_texts(conn, who.group_id, [of_words(who.member, who.language, "wanted_read", words)])
    return f"wanted {code} {who.group_id} {who.member} {wanting.mark(asking)}"


def decide(conn: Conn, heard: Heard, code_hours: int) -> str | None:
    """Her word on a request of hers; None when the code is of none."""
    code = heard.reply.code
    row = find(conn, heard.sender, "wanted", code)
    who = _still_hers(heard, row.result) if row else None
    if row is None or who is None:
        return None
    lock_group(conn, who.group_id)  # whoever is faster with the same word has written down what became of it
    if became(conn, heard.sender, row.received_at, f"wanted sent {code}"):
        return _after(conn, who, "wanted_again", code)
    dropped = became(conn, heard.sender, row.received_at, f"wanted dropped {code}")
    if dropped or too_late(row, heard.received_at):
        return _after(conn, who, "wanted_late", code)
    if heard.reply.meaning == "no":
        say(conn, who, "wanted_dropped", {})
        return f"wanted dropped {code}"
    return _send(conn, who, row, code, code_hours)


def decide_several(conn: Conn, heard: Heard, code_hours: int) -> str | None:
    """The same word on several requests of hers, each answered on its own. None when a code is of none, or of another book (a transaction is one
    group's), or when none is hers any more."""
    rows = [find(conn, heard.sender, "wanted", code) for code in heard.reply.codes]
    if not all(rows) or len({row.result.split(" ")[2] for row in rows}) > 1:
        return None
    words = [replace(heard, reply=replace(heard.reply, code=code, more=())) for code in heard.reply.codes]
    results = [decide(conn, word, code_hours) for word in words]
    return "several: " + ", ".join(result or "not hers" for result in results) if any(results) else None


def _send(conn: Conn, who: Membership, row: Any, code: str, code_hours: int) -> str:
    """Write it down as a call would have. The text is read again: were it another request now, her OK would not be for that."""
    book = Book(conn, who.group_id)
    try:
        _, said = addressed(conn, (who,), row.text)
        again = wanted.read(said)
        asking = _asking(book, who, again, row.provider, row.provider_id) if again else None
        if asking is None or wanting.mark(asking) != row.result.split(" ")[4]:
            return _after(conn, who, "wanted_late", code)
        with conn.transaction():  # what is refused leaves nothing half done
            _carry_out(conn, book, asking, code_hours)
    except Refused as refused:
        return _no(conn, who, refused)
    requests.write_texts(conn, who.group_id, [of_words(who.member, who.language, "wanted_sent", wanting.sent(book, asking, who.language))])
    return f"wanted sent {code}"


def _carry_out(conn: Conn, book: Book, asking: Asking, code_hours: int) -> None:
    if isinstance(asking, Request):
        requests.ask(conn, book, asking, lambda _, approvers: notices.ask_officers(book, asking, approvers), hours=code_hours)
    else:
        at_once.wish(conn, book, asking)


def _asking(book: Book, who: Membership, said: Wanted, provider: str, provider_id: str) -> Asking:
    """Its id follows from the text's own: however often it is confirmed, it is asked once."""
    return wanting.command(book, who, said, uuid5(text_id(provider, provider_id), "0"))


def _still_hers(heard: Heard, result: str) -> Membership | None:
    """The book it was read back for, if this phone still opens it and nobody else's in that group."""
    group, member = (int(part) for part in result.split(" ")[2:4])
    here = [book for book in heard.books if book.group_id == group and book.member]
    return here[0] if [book.member for book in here] == [member] else None


def _after(conn: Conn, who: Membership, name: str, code: str) -> str:
    return say_seldom(conn, who, name, {"code": code}, AFTER, AFTER_MAX)


def _no(conn: Conn, who: Membership, refused: Refused) -> str:
    """Why not. An OK that the rules refuse may be sent again when they allow it, and so any number of times."""
    if said_lately(conn, who, ANSWERS, 1) >= REFUSED_MAX:
        return "not answered"
    requests.write_texts(conn, who.group_id, [of_words(who.member, who.language, "wanted_no", reason(refused, who.language))])
    return "wanted_no"
