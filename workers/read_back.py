"""Texts that are read back with a code and count only when their sender answers OK with it. The text itself is kept as it came in; beside it
stand a word, the code and what was read back, and beside the answer what became of it."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from ledger.db import Conn
from ledger.requests import CODE_DIGITS, CODE_DRAWS_MAX, CODE_LENGTH

HOURS = 2  # so long a text waits for its OK
SEEN_HOURS = 48  # so long its code is known as one that is too old, and given to nothing else
WORDS = ("wanted", "texted")  # what a member asks for, a piece of a meeting
_TAKEN = """
select exists (select from member_phone p join approver a on a.group_id = p.group_id and a.officer = p.member
                where p.phone = %(sender)s and a.code = %(code)s)
    or exists (select from inbound_sms where sender = %(sender)s and split_part(result, ' ', 2) = %(code)s
                and received_at > clock_timestamp() - make_interval(hours => %(hours)s)) as taken"""
_READ_BACK = """
select provider, provider_id, text, result, received_at, handled_at from inbound_sms
 where sender = %(sender)s and result like %(word)s || ' ' || %(code)s || ' %%'
   and received_at > clock_timestamp() - make_interval(hours => %(hours)s)
 order by received_at desc limit 1"""
_BECAME = """
select exists (select from inbound_sms where sender = %(sender)s and received_at >= %(since)s and position(%(said)s in result) > 0) as so"""


def new_code(conn: Conn, sender: str) -> str:
    """A code that is none of the requests this phone may decide, and of no other text from it that was read back lately."""
    for _ in range(CODE_DRAWS_MAX):
        code = "".join(secrets.choice(CODE_DIGITS) for _ in range(CODE_LENGTH))
        row = conn.execute(_TAKEN, {"sender": sender, "code": code, "hours": SEEN_HOURS}).fetchone()
        if row is not None and not row.taken:
            return code
    raise RuntimeError("too many codes are in use on one phone")


def text_id(provider: str, provider_id: str) -> UUID:
    """What the ids of everything that a text brings about follow from."""
    return uuid5(NAMESPACE_OID, f"{provider}\0{provider_id}")


def find(conn: Conn, sender: str, word: str, code: str) -> Any:
    """The text of this phone, of the last SEEN_HOURS, that was read back under this word with this code (provider, provider_id, text, result,
    received_at, handled_at), or None."""
    return conn.execute(_READ_BACK, {"sender": sender, "word": word, "code": code, "hours": SEEN_HOURS}).fetchone()


def too_late(row: Any, answered_at: datetime) -> bool:
    """Whether an answer reached us too long after the text (a row of `find`) was read back; a worker that comes late takes nothing from her."""
    return bool(answered_at - row.handled_at > timedelta(hours=HOURS))


def known(conn: Conn, sender: str, code: str) -> bool:
    """Whether something was read back to this phone with this code: then it is no guess."""
    return any(find(conn, sender, word, code) for word in WORDS)


def became(conn: Conn, sender: str, since: Any, said: str) -> bool:
    """Whether this was noted beside an answer from this phone since then, perhaps among answers to other codes."""
    row = conn.execute(_BECAME, {"sender": sender, "since": since, "said": said}).fetchone()
    return bool(row and row.so)
