"""Incoming texts, one at a time: what it means, what it does, and the one answer it gets, all in one transaction with the mark that it is done."""

from __future__ import annotations

from typing import Any

import psycopg
import structlog

from config import Settings
from gateway.directory import books_of, looked_after
from ledger import requests
from ledger.books import Book
from ledger.db import Conn, lock_group
from ledger.requests import Asked
from menus import notices
from menus.replies import understand
from menus.say import short_day
from menus.state import Membership
from menus.telling_texts import of_words, pack, phrase, short_group
from workers import asking, checking, contesting, noting_texts, read_back, requesting
from workers.heard import Heard, said_lately, say
from workers.settling import settle
from workers.whose import addressed

log = structlog.get_logger()
HELP_HOURS = 1

_NEXT = """
select provider, provider_id, sender, recipient, text, received_at from inbound_sms where handled_at is null and not_before <= clock_timestamp()
 order by not_before limit 1 for update skip locked"""
TRIES_MAX = 10
PAUSE_SECONDS = 30  # times the tries so far
BUSY_SECONDS = 3  # a group that somebody else holds; no try is counted

_LATER = "update inbound_sms set not_before = clock_timestamp() + make_interval(secs => %s) where provider = %s and provider_id = %s"

_FAILED = """
update inbound_sms set tries = tries + 1, not_before = clock_timestamp() + make_interval(secs => %s * (tries + 1)), result = %s,
       handled_at = case when tries + 1 >= %s then clock_timestamp() end
 where provider = %s and provider_id = %s and handled_at is null"""


def answer_next(conn: Conn, settings: Settings) -> str | None:
    """Handle the oldest text that nobody else is handling, in the caller's transaction; None when there is none.

    A text that breaks the handler stays, is tried again with growing pauses and never holds up the others; after TRIES_MAX it is left
    with its error for a person to see.
    """
    row = conn.execute(_NEXT).fetchone()
    if row is None:
        return None
    try:
        with conn.transaction():
            result = _handle(conn, row, settings)
    except (psycopg.errors.LockNotAvailable, psycopg.errors.QueryCanceled):
        conn.execute(_LATER, (BUSY_SECONDS, row.provider, row.provider_id))
        return "busy"
    except psycopg.OperationalError:
        raise  # the database's trouble, not the text's
    except Exception as error:
        log.exception("text failed", error=type(error).__name__)
        conn.execute(_FAILED, (PAUSE_SECONDS, f"failed: {type(error).__name__}", TRIES_MAX, row.provider, row.provider_id))
        return "failed"
    conn.execute(
        "update inbound_sms set handled_at = clock_timestamp(), result = %s where provider = %s and provider_id = %s",
        (result, row.provider, row.provider_id),
    )
    return result


def _handle(conn: Conn, row: Any, settings: Settings) -> str:
    if settings.sms_shortcode and row.recipient != settings.sms_shortcode:
        return "another number"
    books = (*books_of(conn, row.sender), *looked_after(conn, row.sender))
    if not books:
        return "stranger"
    books, said = addressed(conn, books, row.text)
    heard = Heard(row.provider, row.provider_id, row.sender, row.received_at, understand(said), books)
    noted = noting_texts.hear(conn, heard, said)
    if noted is not None:
        return noted
    match heard.reply.meaning:
        case "stop" | "start" as word:
            return _stop_or_start(conn, heard, word)
        case "yes" | "no":
            return _decide_several(conn, heard, settings) if heard.reply.more else _decide(conn, heard, settings)
        case "contest":
            return contesting.contest(conn, heard) or _help(conn, heard, settings)
        case "code":
            return checking.check(conn, heard)
        case "request":
            return requesting.hear(conn, heard, settings.dial_code)
        case "other":
            return _help(conn, heard, settings)
    return asking.answer(conn, heard, settings.dial_code)


def _stop_or_start(conn: Conn, heard: Heard, word: str) -> str:
    """Her STOP is the last she hears; that texts come again is said by one."""
    if word == "stop":
        conn.execute("insert into suppressed (phone, source) values (%s, 'text') on conflict do nothing", (heard.sender,))
        return "stopped"
    was_stopped = conn.execute("delete from suppressed where phone = %s returning phone", (heard.sender,)).fetchone()
    return say(conn, heard.books[0], "started", {}) if was_stopped else "started"


def _decide(conn: Conn, heard: Heard, settings: Settings) -> str:
    """A yes or no with one code. After too many wrong codes from a phone none is compared, and nothing is answered. A no that is no code of
    hers may be the number of a receipt: an open code wins."""
    wrong = _wrong_codes(conn, heard.sender, settings)
    if wrong >= settings.code_tries:
        return "locked"
    found = _request_of_code(conn, heard, heard.reply.code)
    if found is None:
        noted = noting_texts.decide(conn, heard, settings.code_hours) or requesting.decide(conn, heard, settings.code_hours)
        contested = contesting.contest(conn, heard) if heard.reply.number and noted is None else None
        return noted or contested or _wrong_code(conn, heard, wrong + 1, settings)
    book, asked = found
    result = _give_word(conn, heard, book, asked)
    if result in ("too_late", "already"):
        return say(conn, book, result, {"code": heard.reply.code}, asked.request_no)
    if result == "waiting":
        texts = notices.tell(Book(conn, book.group_id), asked.request, [book.member], "one_more")
        requests.write_texts(conn, book.group_id, texts, request_no=asked.request_no)
    return result


def _give_word(conn: Conn, heard: Heard, book: Membership, found: Asked, quiet: int | None = None) -> str:
    """What became of a request by this word. Takes the group's lock."""
    lock_group(conn, book.group_id)
    asked = requests.find(conn, book.group_id, found.request_no) or found
    # In time is when it reached us: a worker that comes late must not undo what the officer did in time.
    if asked.outcome == "expired" or (asked.outcome is None and asked.expires_at <= heard.received_at):
        return "too_late"
    yes = heard.reply.meaning == "yes"
    if asked.outcome is not None or not requests.give_word(conn, book.group_id, asked.request_no, book.member, yes, "sms"):
        return "already"
    return settle(conn, book.group_id, asked.request_no, quiet)


def _decide_several(conn: Conn, heard: Heard, settings: Settings) -> str:
    """The same answer to several codes: each is settled on its own, and one text says what became of each. A transaction is one group's, so
    codes of another group wait for a text of their own."""
    of_hers = requesting.decide_several(conn, heard, settings.code_hours)
    if of_hers or not any(book.roles for book in heard.books):
        return of_hers or _help(conn, heard, settings)
    known = {code: found for code in heard.reply.codes if (found := _request_of_code(conn, heard, code))}
    to = next((book for book, _ in known.values()), heard.books[0])
    became: dict[str, list[str]] = {}
    for code in heard.reply.codes:
        result = _one_of_several(conn, heard, code, known.get(code), to, settings)
        became.setdefault(result, []).append(code)
    if set(became) == {"locked"}:
        return "locked"
    head = phrase("decided_head", to.language, group=short_group(Book(conn, to.group_id)), day=short_day(Book(conn, to.group_id).group.today))
    pieces = [f"{phrase(f'several_{result}', to.language, codes=', '.join(codes))}." for result, codes in became.items()]
    lock_group(conn, to.group_id)
    requests.write_texts(conn, to.group_id, [of_words(to.member, to.language, "several", words) for words in pack(head, pieces)])
    return "several: " + ", ".join(f"{len(codes)} {result}" for result, codes in became.items())


def _one_of_several(conn: Conn, heard: Heard, code: str, found: tuple[Membership, Asked] | None, to: Membership, settings: Settings) -> str:
    """What became of one code among several; a wrong one counts as a guess."""
    if _wrong_codes(conn, heard.sender, settings) >= settings.code_tries:
        return "locked"
    if found is None and read_back.known(conn, heard.sender, code):
        return "alone"
    if found is None:
        conn.execute("insert into wrong_code (phone, provider_id) values (%s, %s)", (heard.sender, heard.provider_id))
        return "wrong"
    book, asked = found
    if book.group_id != to.group_id:
        return "apart"
    result = _give_word(conn, heard, book, asked, quiet=book.member)
    return {"expired": "too_late", "settled before": "already"}.get(result, result)


def _request_of_code(conn: Conn, heard: Heard, code: str) -> tuple[Membership, Asked] | None:
    """The request that gave this code to one of the sender's books, if she still holds an office there: an open one rather than an old one."""
    found: list[tuple[bool, int, Membership]] = []
    for book in (book for book in heard.books if book.roles):
        rows = conn.execute(
            """select a.request_no, w.request_no is not null as open from approver a
                 left join waiting w on w.group_id = a.group_id and w.request_no = a.request_no
                where a.group_id = %s and a.officer = %s and a.code = %s""",
            (book.group_id, book.member, code),
        )
        found += [(row.open, row.request_no, book) for row in rows]
    if not found:
        return None
    _, request_no, book = max(found, key=lambda one: one[:2])
    asked = requests.find(conn, book.group_id, request_no)
    return (book, asked) if asked else None


def _wrong_codes(conn: Conn, sender: str, settings: Settings) -> int:
    """Wrong codes from this phone since its last right one, within the time they count. A code that was read back is as good as one of a
    request: who has it reads the texts of this phone."""
    row = conn.execute(
        """select count(*) as n from wrong_code where phone = %(phone)s
              and tried_at > clock_timestamp() - make_interval(hours => %(hours)s)
              and tried_at > coalesce(greatest(
                (select max(a.decided_at) from member_phone p
                   join approval a on a.group_id = p.group_id and a.officer = p.member and a.via = 'sms' where p.phone = %(phone)s),
                (select max(i.handled_at) from inbound_sms i where i.sender = %(phone)s and i.result ~ '(texted done|wanted sent) '
                    and i.received_at > clock_timestamp() - make_interval(hours => %(hours)s))), '-infinity')""",
        {"phone": sender, "hours": settings.code_lock_hours},
    ).fetchone()
    return row.n if row else 0


def _wrong_code(conn: Conn, heard: Heard, tries: int, settings: Settings) -> str:
    """Only officers can guess; for anybody else five digits are just a text that is not understood."""
    if not any(book.roles for book in heard.books):
        return _help(conn, heard, settings)
    conn.execute("insert into wrong_code (phone, provider_id) values (%s, %s)", (heard.sender, heard.provider_id))
    name = "codes_locked" if tries >= settings.code_tries else "wrong_code"
    return say(conn, heard.books[0], name, {"dial": settings.dial_code})


def _help(conn: Conn, heard: Heard, settings: Settings) -> str:
    """One short help text, at most one an hour for a phone: an officer is told how to answer, anybody else what she may ask."""
    book = heard.books[0]
    if said_lately(conn, book, ("help",), HELP_HOURS):
        return "not understood"
    return say(conn, book, "help", {"dial": settings.dial_code}, words="help" if book.roles or not book.member else "help_words")
