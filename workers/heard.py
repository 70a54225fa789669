"""A text that came in, and the one way to answer it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ledger import requests
from ledger.books import Member
from ledger.checks import Figure
from ledger.db import Conn, lock_group
from menus import notices
from menus.replies import Reply
from menus.state import Membership


@dataclass(frozen=True, slots=True)
class Heard:
    """A text, who sent it and which books her phone may open; those a field agent looks after come last, under number 0."""

    provider: str
    provider_id: str
    sender: str
    received_at: datetime
    reply: Reply
    books: tuple[Membership, ...]


def say(conn: Conn, to: Membership, name: str, figures: Mapping[str, Figure], request_no: int | None = None, words: str = "") -> str:
    """Answer with a sentence (`words`, or that of the same name); its name is also what is noted beside the text. Takes the group's lock, if
    the caller has not."""
    lock_group(conn, to.group_id)
    member = Member(to.member, "", to.language, to.roles)
    requests.write_texts(conn, to.group_id, [notices.text_to(member, name, words or name, dict(figures))], request_no=request_no)
    return name


def say_seldom(conn: Conn, to: Membership, name: str, figures: Mapping[str, Figure], among: Sequence[str], most: int) -> str:
    """Answer, unless she was answered with `most` of these sentences within the hour."""
    return "not answered" if said_lately(conn, to, among, 1) >= most else say(conn, to, name, figures)


def said_lately(conn: Conn, to: Membership, names: Sequence[str], hours: int) -> int:
    """How often she was answered with one of these within some hours: what costs a text is bounded."""
    row = conn.execute(
        """select count(*) as n from outbox where group_id = %s and member = %s and purpose = any(%s)
              and created_at > clock_timestamp() - make_interval(hours => %s)""",
        (to.group_id, to.member, list(names), hours),
    ).fetchone()
    return row.n if row else 0
