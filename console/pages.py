"""The programme console: read-only pages for officers. Reads the books; posts nothing, edits nothing."""

from __future__ import annotations

import hmac
from typing import Any

from flask import Blueprint, Response, abort, current_app, render_template, request

from config import Settings
from ledger import disputes
from ledger.accounts import ROWS, SUB, Kind
from ledger.books import Book, group_id_of
from ledger.db import Database
from ledger.money import plain

console = Blueprint("console", __name__, url_prefix="/console", template_folder="templates")
ROWS_PER_PAGE = 100

_GROUPS = """
select g.code, g.name, g.country, g.currency, (select count(*) from member m where m.group_id = g.group_id) as members,
       (select count(*) from waiting w where w.group_id = g.group_id) as waiting, h.next_entry - 1 as entries,
       (select count(*) from dispute d where d.group_id = g.group_id
           and not exists (select from dispute_answer a where a.group_id = d.group_id and a.dispute_no = d.dispute_no)) as contested,
       (select m.held_on from meeting m where m.group_id = g.group_id
           and not exists (select from meeting_close c where c.group_id = m.group_id and c.meeting_no = m.meeting_no)) as open_since
  from savings_group g join book_head h on h.group_id = g.group_id where g.code > %s order by g.code limit %s"""
_OPEN_MEETINGS = """
select m.meeting_no, m.held_on, m.opened_at, m.opened_by,
       (select count(*) from meeting_note n left join meeting_undo u using (group_id, meeting_no, note_no)
         where n.group_id = m.group_id and n.meeting_no = m.meeting_no and u.note_no is null) as notes,
       exists (select from meeting_late l where l.group_id = m.group_id and l.meeting_no = m.meeting_no) as reported
  from meeting m where m.group_id = %s
   and not exists (select from meeting_close c where c.group_id = m.group_id and c.meeting_no = m.meeting_no)"""
_TEXTS = """select message_no, member, purpose, state, attempts, why, created_at from outbox where group_id = %s
             order by message_no desc limit %s"""
_REQUESTS = """
select r.request_no, r.kind, r.member, r.asked_at, coalesce(o.outcome, 'waiting') as outcome, coalesce(o.reason, '') as reason
  from request r left join outcome o on o.group_id = r.group_id and o.request_no = r.request_no
 where r.group_id = %s order by r.request_no desc limit %s"""


@console.before_request
def ask_for_password() -> Response | None:
    """Open in development; in production a password, or nothing is here."""
    settings: Settings = current_app.config["SETTINGS"]
    if not settings.production and settings.console_password is None:
        return None
    if settings.console_password is None:
        abort(404)
    given = request.authorization.password if request.authorization and request.authorization.password else ""
    if hmac.compare_digest(given.encode(), settings.console_password.get_secret_value().encode()):
        return None
    return Response("password required", 401, {"WWW-Authenticate": 'Basic realm="Dialbook console"'})


@console.after_request
def no_scripts(response: Response) -> Response:
    """Nothing on these pages runs, and nobody may frame or cache them."""
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
    response.headers["Cache-Control"] = "no-store"
    return response


def _db() -> Database:
    db: Database = current_app.extensions["db"]
    return db


@console.get("", strict_slashes=False)
def groups() -> str:
    """All groups, a page at a time."""
    after = request.args.get("after", "")[:12]
    with _db().transaction() as conn:
        rows = conn.execute(_GROUPS, (after, ROWS_PER_PAGE + 1)).fetchall()
    return render_template("groups.html", rows=rows[:ROWS_PER_PAGE], more=len(rows) > ROWS_PER_PAGE)


@console.get("/groups/<code>")
def group(code: str) -> str:
    """One group: what is contested and left open, balances, the newest requests and texts (never their words)."""
    with _db().transaction() as conn:
        try:
            book = Book(conn, group_id_of(conn, code))
        except LookupError:
            abort(404)
        accounts = [_account(book, number, *both) for number, both in book.balances().items()]
        requests = conn.execute(_REQUESTS, (book.group_id, ROWS_PER_PAGE)).fetchall()
        texts = conn.execute(_TEXTS, (book.group_id, ROWS_PER_PAGE)).fetchall()
        contested = disputes.contested(conn, book.group_id)
        meetings = conn.execute(_OPEN_MEETINGS, (book.group_id,)).fetchall()
        return render_template(
            "group.html", group=book.group, accounts=accounts, requests=requests, texts=texts, contested=contested, meetings=meetings
        )


def _account(book: Book, number: int, balance: int, units: int) -> dict[str, Any]:
    row = ROWS[Kind(number // SUB)]
    return {
        "name": row.name,
        "number": "" if row.per == "group" else number % SUB,
        "balance": plain(balance, book.group.currency),
        "units": -units if row.kind == Kind.SHARES else "",
    }
