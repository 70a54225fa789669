"""Requests and what became of them. A request is written down once, never changed; officers' words and the outcome are rows of their own.

Every function here works in the caller's transaction, and those that write expect the group's lock (`db.lock_group`).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

import psycopg
from psycopg.types.json import Jsonb

from ledger import checks, deciding
from ledger.books import Book
from ledger.commands import ALONE, Request, restore
from ledger.db import Conn
from ledger.journal import CommandConflict, Receipt

CODE_DIGITS = "23456789"  # no 0 or 1, which people take for O and l
CODE_LENGTH = 5
CODE_DRAWS_MAX = 50
WAITING_SHOWN_MAX = 30
OPEN_MAX = 20  # requests of one person without an outcome
Outcome = Literal["posted", "done", "refused", "expired", "failed"]


@dataclass(frozen=True, slots=True)
class Approver:
    """An officer whose word a request needs, her short code, and her word so far."""

    officer: int
    code: str
    yes: bool | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as stored. `answer` is the page the asking hop was answered with, for a repeat of that hop."""

    request_no: int
    request: Request
    asked_on: date
    expires_at: datetime
    approvers: tuple[Approver, ...]
    outcome: Outcome | None
    entry_no: int | None
    answer: str | None = None

    @property
    def refused_by(self) -> int | None:
        """The officer who said no."""
        return next((a.officer for a in self.approvers if a.yes is False), None)

    @property
    def agreed(self) -> bool:
        """Every word that is needed has been given, and is yes."""
        return all(a.yes for a in self.approvers)


Notice = Callable[[int, Sequence[Approver]], Sequence[Receipt]]


def ask(
    conn: Conn, book: Book, request: Request, notice: Notice, *, hours: int, turn: bytes | None = None, answer: str | None = None
) -> tuple[int, bool]:
    """Write a request down with its approvers, their codes and the texts that tell them: (request number, True).

    The same command again gives (its number, False) and changes nothing. Raises checks.Refused by the group's rules,
    journal.CommandConflict when the id was used for something else (commit: the evidence is kept).
    """
    number = _asked_before(conn, request)
    if number is not None:
        return number, False
    if request.kind not in ALONE:
        raise checks.Refused("only_at_a_meeting")
    deciding.judge(conn, book, request, deciding.posting_day(book, request, book.group.today))  # refused now rather than later
    officers = checks.approvers(book, request)
    _not_too_many(conn, request)
    number = _next(conn, "request", "request_no", book.group_id)
    row = conn.execute(
        """insert into request (group_id, request_no, command_id, kind, member, asked_by, body, body_hash, turn, answer, asked_on, expires_at)
           values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, clock_timestamp() + make_interval(hours => %s)) returning expires_at""",
        (book.group_id, number, request.id, request.kind, request.member, request.asked_by, Jsonb(request.body()), request.body_hash(),
         turn, answer, book.group.today, hours),
    ).fetchone()  # fmt: skip
    assert row is not None
    conn.execute("insert into waiting values (%s, %s, %s)", (book.group_id, number, row.expires_at))
    chosen = [Approver(officer, _new_code(conn, book.group_id, officer)) for officer in officers]
    for a in chosen:
        conn.execute("insert into approver values (%s, %s, %s, %s)", (book.group_id, number, a.officer, a.code))
    write_texts(conn, book.group_id, notice(number, chosen), request_no=number)
    return number, True


def _not_too_many(conn: Conn, request: Request) -> None:
    """Each request costs a text to an officer."""
    row = conn.execute(
        """select count(*) as n from waiting w join request r on r.group_id = w.group_id and r.request_no = w.request_no
            where w.group_id = %s and r.asked_by = %s""",
        (request.group_id, request.asked_by),
    ).fetchone()
    if row is not None and row.n >= OPEN_MAX:
        raise checks.Refused("too_many_open", most=OPEN_MAX)


def _asked_before(conn: Conn, request: Request) -> int | None:
    row = conn.execute("select request_no, body_hash from request where group_id = %s and command_id = %s", (request.group_id, request.id)).fetchone()
    if row is None:
        return None
    if row.body_hash != request.body_hash():
        conn.execute(
            "insert into command_conflict (group_id, command_id, kept_hash, other_hash) values (%s, %s, %s, %s)",
            (request.group_id, request.id, row.body_hash, request.body_hash()),
        )
        raise CommandConflict(f"command {request.id} was asked with another body")
    number: int = row.request_no
    return number


def _new_code(conn: Conn, group_id: int, officer: int) -> str:
    """Five digits that no open request of any book on this officer's phones uses, and no text of hers that was read back lately: its code is
    the second word of what is noted beside it."""
    rows = conn.execute(
        """select a.code from member_phone mine join member_phone also on also.phone = mine.phone
             join approver a on a.group_id = also.group_id and a.officer = also.member
             join waiting w on w.group_id = a.group_id and w.request_no = a.request_no
            where mine.group_id = %(group)s and mine.member = %(officer)s
           union all
           select split_part(i.result, ' ', 2) from member_phone mine join inbound_sms i on i.sender = mine.phone
            where mine.group_id = %(group)s and mine.member = %(officer)s and i.received_at > clock_timestamp() - interval '48 hours'""",
        {"group": group_id, "officer": officer},
    ).fetchall()
    taken = {row.code for row in rows}
    for _ in range(CODE_DRAWS_MAX):
        code = "".join(secrets.choice(CODE_DIGITS) for _ in range(CODE_LENGTH))
        if code not in taken:
            return code
    raise RuntimeError(f"officer {officer} of group {group_id} has too many open requests")


_STORED = """
select r.request_no, r.command_id, r.kind, r.member, r.asked_by, r.body, r.asked_on, r.expires_at, r.answer, o.outcome, o.entry_no,
       (select array_agg(array[a.officer::text, a.code::text, p.yes::text] order by a.officer)
          from approver a left join approval p using (group_id, request_no, officer)
         where a.group_id = r.group_id and a.request_no = r.request_no) as words
  from request r left join outcome o on o.group_id = r.group_id and o.request_no = r.request_no
 where r.group_id = %s and """


def find(conn: Conn, group_id: int, request_no: int) -> Asked | None:
    """One request with everything said about it."""
    return _one(conn.execute(_STORED + "r.request_no = %s", (group_id, request_no)).fetchone(), group_id)


def find_turn(conn: Conn, group_id: int, turn: bytes) -> Asked | None:
    """The request that a USSD hop made, if it made one."""
    return _one(conn.execute(_STORED + "r.turn = %s and r.turn is not null", (group_id, turn)).fetchone(), group_id)


def waiting_for(conn: Conn, group_id: int, officer: int) -> list[Asked]:
    """Requests that wait for this officer's word, oldest first."""
    rows = conn.execute(
        _STORED
        + """r.request_no in (select w.request_no from waiting w
               join approver a on a.group_id = w.group_id and a.request_no = w.request_no and a.officer = %s
               left join approval p on p.group_id = w.group_id and p.request_no = w.request_no and p.officer = a.officer
              where w.group_id = r.group_id and p.officer is null and w.expires_at > clock_timestamp()
              order by w.request_no limit %s) order by r.request_no""",
        (group_id, officer, WAITING_SHOWN_MAX),
    ).fetchall()
    return [asked for row in rows if (asked := _one(row, group_id))]


def _one(row: Any, group_id: int) -> Asked | None:
    if row is None:
        return None
    said = {"true": True, "false": False, None: None}
    words = tuple(Approver(int(officer), code, said[yes]) for officer, code, yes in row.words or ())
    request = restore(row.kind, row.command_id, group_id, row.member, row.asked_by, row.body)
    return Asked(row.request_no, request, row.asked_on, row.expires_at, words, row.outcome, row.entry_no, row.answer)


def expired(conn: Conn, asked: Asked) -> bool:
    """Past its time by the database's clock."""
    row = conn.execute("select %s <= clock_timestamp() as late", (asked.expires_at,)).fetchone()
    return bool(row and row.late)


def give_word(conn: Conn, group_id: int, request_no: int, officer: int, yes: bool, via: str) -> bool:
    """An officer's word, once. False when she had spoken before, or her word is not asked for, or she no longer holds an office."""
    row = conn.execute(
        """insert into approval (group_id, request_no, officer, yes, via)
           select a.group_id, a.request_no, a.officer, %s, %s from approver a join member m on m.group_id = a.group_id and m.number = a.officer
            where a.group_id = %s and a.request_no = %s and a.officer = %s and m.roles && %s
           on conflict do nothing returning officer""",
        (yes, via, group_id, request_no, officer, list(checks.OFFICERS)),
    ).fetchone()
    return row is not None


def close(conn: Conn, group_id: int, request_no: int, outcome: Outcome, *, entry_no: int | None = None, officer: int = 0, reason: str = "") -> bool:
    """Write down what became of a request, once; False when that was settled before."""
    row = conn.execute(
        """insert into outcome (group_id, request_no, outcome, entry_no, officer, reason) values (%s, %s, %s, %s, %s, %s)
           on conflict do nothing returning request_no""",
        (group_id, request_no, outcome, entry_no, officer, reason),
    ).fetchone()
    conn.execute("delete from waiting where group_id = %s and request_no = %s", (group_id, request_no))
    return row is not None


def write_texts(conn: Conn, group_id: int, texts: Sequence[Receipt], *, request_no: int | None = None, entry_no: int | None = None) -> None:
    """Put texts into the outbox in the caller's transaction; a sender finds them once it is committed."""
    if not texts:
        return
    first = _next(conn, "outbox", "message_no", group_id)
    with conn.cursor() as cursor:
        cursor.executemany(
            """insert into outbox (group_id, message_no, member, purpose, text, encoding, parts, request_no, entry_no)
               values (%s, %s, %s, %s, %s, %s, %s, %s, %s)""",
            [(group_id, first + i, t.member, t.purpose, t.text, t.encoding, t.parts, request_no, entry_no) for i, t in enumerate(texts)],
        )


def _next(conn: Conn, table: str, column: str, group_id: int) -> int:
    """The next number of a group's own series; gapless because the group is locked."""
    query = psycopg.sql.SQL("select coalesce(max({c}), 0) + 1 as n from {t} where group_id = %s")
    row = conn.execute(query.format(c=psycopg.sql.Identifier(column), t=psycopg.sql.Identifier(table)), (group_id,)).fetchone()
    assert row is not None
    number: int = row.n
    return number
