"""A member says that an entry is wrong. The entry is marked, not changed; the chair answers with a correction or in words, and meanwhile the
group goes on.

Every function works in the caller's transaction; those that write expect the group's lock (`db.lock_group`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from ledger.books import Book
from ledger.checks import Refused
from ledger.commands import Contest, Explain
from ledger.db import Conn

OPEN_MAX = 5  # of one member at a time
SHOWN_MAX = 50
WORDS_MAX = 100
ANSWERS = ("chair", "record_keeper", "treasurer", "money_counter")  # offices that may answer; the chair is told first


@dataclass(frozen=True, slots=True)
class Dispute:
    """An entry that a member contests; `how` "" while nobody has answered."""

    dispute_no: int
    entry_no: int
    member: int
    happened_on: date
    opened_at: datetime
    how: str
    words: str
    answer_entry: int | None


_SELECT = """
select d.dispute_no, d.entry_no, d.member, e.happened_on, d.opened_at, coalesce(a.how, '') as how, coalesce(a.words, '') as words,
       a.entry_no as answer_entry
  from dispute d join entry e on e.group_id = d.group_id and e.entry_no = d.entry_no
  left join dispute_answer a on a.group_id = d.group_id and a.dispute_no = d.dispute_no
 where d.group_id = %s """


def contested(conn: Conn, group_id: int, *, open_only: bool = True) -> list[Dispute]:
    """Disputes of a group, newest first."""
    query = _SELECT + ("and a.how is null " if open_only else "") + "order by d.dispute_no desc limit %s"
    return [Dispute(*row) for row in conn.execute(query, (group_id, SHOWN_MAX))]


def entry_meant(conn: Conn, group_id: int, member: int, number: int) -> int | None:
    """The entry a member means by a number: one that concerns her, or, when the number is her own in the group, the last that names her."""
    if _concerns(conn, group_id, member, number):
        return number
    if number != member:
        return None
    row = conn.execute("select max(entry_no) as last from line where group_id = %s and member = %s", (group_id, member)).fetchone()
    return None if row is None or row.last is None else int(row.last)


def contest(conn: Conn, book: Book, wish: Contest, via: str) -> tuple[int, bool]:
    """Mark an entry as contested: (dispute number, True), or (its number, False) when this member contests it already.

    Raises Refused: the entry does not concern her, or she has too many open.
    """
    row = conn.execute(
        """select d.dispute_no from dispute d left join dispute_answer a using (group_id, dispute_no)
            where d.group_id = %s and (d.command_id = %s or (d.entry_no = %s and d.member = %s and a.how is null))""",
        (book.group_id, wish.id, wish.entry_no, wish.member),
    ).fetchone()
    if row is not None:
        return int(row.dispute_no), False
    if not _concerns(conn, book.group_id, wish.member, wish.entry_no):
        raise Refused("not_your_entry", number=wish.entry_no)
    _not_too_many(conn, book.group_id, wish.member)
    row = conn.execute(
        """insert into dispute (group_id, dispute_no, entry_no, member, command_id, via)
           select %s, coalesce(max(dispute_no), 0) + 1, %s, %s, %s, %s from dispute where group_id = %s returning dispute_no""",
        (book.group_id, wish.entry_no, wish.member, wish.id, via, book.group_id),
    ).fetchone()
    assert row is not None
    return int(row.dispute_no), True


def _concerns(conn: Conn, group_id: int, member: int, entry_no: int) -> bool:
    """An entry concerns whom one of its lines names, and a meeting's everybody who was called at it: a line may be missing."""
    row = conn.execute(
        """select 1 from entry e where e.group_id = %(group)s and e.entry_no = %(entry)s
              and (e.kind in (4, 7, 10)
                   or exists (select from line l where l.group_id = e.group_id and l.entry_no = e.entry_no and l.member = %(member)s))""",
        {"group": group_id, "member": member, "entry": entry_no},
    ).fetchone()
    return row is not None


def _not_too_many(conn: Conn, group_id: int, member: int) -> None:
    row = conn.execute(
        """select count(*) as n from dispute d left join dispute_answer a using (group_id, dispute_no)
            where d.group_id = %s and d.member = %s and a.how is null""",
        (group_id, member),
    ).fetchone()
    if row is not None and row.n >= OPEN_MAX:
        raise Refused("too_many_open", most=OPEN_MAX)


def explain(conn: Conn, book: Book, wish: Explain) -> Dispute:
    """Answer in words. Raises Refused: no office, not open, or the answering officer's own dispute."""
    dispute = next((one for one in contested(conn, book.group_id) if one.dispute_no == wish.dispute_no), None)
    member = book.member(wish.officer)
    if member is None or not set(ANSWERS) & set(member.roles):
        raise Refused("not_your_office")
    if dispute is None:
        raise Refused("nothing_waits")
    if dispute.member == wish.officer:
        raise Refused("your_own_dispute")
    _answer(conn, book.group_id, dispute.dispute_no, "explained", wish.officer, wish.words[:WORDS_MAX], None)
    return dispute


def corrected(conn: Conn, group_id: int, entry_no: int, member: int, officer: int, by_entry: int) -> list[int]:
    """Open disputes about an item that has now been corrected are answered by that entry: their numbers."""
    rows = conn.execute(
        """select d.dispute_no from dispute d left join dispute_answer a using (group_id, dispute_no)
            where d.group_id = %s and d.entry_no = %s and d.member = %s and a.how is null""",
        (group_id, entry_no, member),
    ).fetchall()
    for row in rows:
        _answer(conn, group_id, row.dispute_no, "corrected", officer, "", by_entry)
    return [row.dispute_no for row in rows]


def _answer(conn: Conn, group_id: int, dispute_no: int, how: str, officer: int, words: str, entry_no: int | None) -> None:
    values: tuple[Any, ...] = (group_id, dispute_no, how, officer, words, entry_no)
    conn.execute("insert into dispute_answer (group_id, dispute_no, how, officer, words, entry_no) values (%s, %s, %s, %s, %s, %s)", values)


def command_of(text_id: UUID, member: int) -> UUID:
    """The id of a contest that came by text: the same text twice is one contest."""
    return UUID(int=text_id.int ^ member)
