"""What two officers agreed on for a member: her PIN is taken away, another phone is hers, somebody gets her texts.
Whoever could be wronged by it is told."""

from __future__ import annotations

from gateway import pins
from ledger import helping, requests
from ledger.books import Book
from ledger.commands import ChangePhone, NameHelper, ResetPin
from ledger.db import Conn
from ledger.journal import Receipt
from ledger.requests import Asked
from menus import telling_person

_FOR_A_NUMBER = """
insert into outbox (group_id, message_no, member, purpose, text, encoding, parts, request_no, to_phone)
select %s, coalesce(max(message_no), 0) + 1, %s, %s, %s, %s, %s, %s, %s from outbox where group_id = %s"""


def carry_out(conn: Conn, book: Book, asked: Asked, quiet: int | None) -> None:
    """Do it, with its texts; the group is locked, everybody has agreed. `quiet` hears of it in another text."""
    request = asked.request
    member = book.member(request.member)
    assert member is not None, "judged before"
    others = [number for number in (*(a.officer for a in asked.approvers), request.asked_by) if number not in (member.number, quiet)]
    texts = telling_person.done(book, request, others)
    match request:
        case ResetPin():
            pins.forget(conn, book.group_id, member.number, asked.request_no)
            texts.append(telling_person.reset(book, member))
        case ChangePhone():
            for phone in _phones(conn, book.group_id, member.number):
                if phone != request.phone:
                    _tell_number(conn, book.group_id, phone, telling_person.moved_from(book, member), asked.request_no)
            conn.execute("select change_phone(%s, %s)", (book.group_id, asked.request_no))
            texts.append(telling_person.moved_to(book, member))
        case NameHelper():
            before = helping.named(conn, book.group_id).get(member.number, 0)
            conn.execute("select name_helper(%s, %s)", (book.group_id, asked.request_no))
            texts += telling_person.helps(book, request, before)
    requests.write_texts(conn, book.group_id, texts, request_no=asked.request_no)


def _phones(conn: Conn, group_id: int, member: int) -> list[str]:
    rows = conn.execute("select phone from member_phone where group_id = %s and member = %s order by phone", (group_id, member))
    return [row.phone for row in rows]


def _tell_number(conn: Conn, group_id: int, phone: str, text: Receipt, request_no: int) -> None:
    """A text for the number itself, whoever has it by the time it is sent."""
    values = (group_id, text.member, text.purpose, text.text, text.encoding, text.parts, request_no, phone, group_id)
    conn.execute(_FOR_A_NUMBER, values)
