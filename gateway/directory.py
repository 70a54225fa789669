"""Whose phone this is: the books it may open, and the groups it looks after."""

from __future__ import annotations

from ledger.db import Conn
from menus.places import LANGUAGE_BY_PREFIX, LANGUAGES
from menus.state import Membership

BOOKS_MAX = 40


def books_of(conn: Conn, phone: str) -> tuple[Membership, ...]:
    """The memberships of a phone, in a stable order; empty for a stranger."""
    rows = conn.execute(
        """select p.group_id, g.name, m.number, m.language || case when m.accents then '+' else '' end as writing, m.roles from member_phone p
             join savings_group g on g.group_id = p.group_id
             join member m on m.group_id = p.group_id and m.number = p.member
            where p.phone = %s order by p.group_id, m.number limit %s""",
        (phone, BOOKS_MAX),
    )
    return tuple(Membership(row.group_id, row.name, row.number, row.writing, tuple(row.roles)) for row in rows)


def looked_after(conn: Conn, phone: str) -> tuple[Membership, ...]:
    """The groups whose field agent has this phone: she is number 0 of their outbox. She opens no book by dialling."""
    rows = conn.execute(
        """select a.group_id, g.name, a.language from agent a join savings_group g on g.group_id = a.group_id
            where a.phone = %s order by a.group_id limit %s""",
        (phone, BOOKS_MAX),
    )
    return tuple(Membership(row.group_id, row.name, 0, row.language, ()) for row in rows)


def language_for(phone: str) -> str:
    """The language of a first page for a phone nobody registered."""
    return next((language for prefix, language in LANGUAGE_BY_PREFIX.items() if phone.startswith(prefix)), LANGUAGES[0])
