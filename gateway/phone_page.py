"""The phone page of development: two feature phones that use the same webhooks as a real carrier, and speak as any number.

The browser posts the carrier's forms itself. This file only says who has a phone, which texts reached it, and takes orders for trouble.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, get_args

import psycopg
import redis
from flask import Blueprint, Response, abort, current_app, jsonify, render_template, request, url_for

from config import Settings
from gateway.phones import is_e164
from gateway.providers.phone import NAME, Trouble, order_trouble, ordered_trouble
from ledger.db import Database

phone_page = Blueprint(
    "phone_page", __name__, url_prefix="/phone", template_folder="templates", static_folder="static_phone", static_url_path="/static"
)
PEOPLE_MAX = 200
GROUPS_MAX = 20
TEXTS_MAX = 50
SHORT_CODE = "20880"  # where texts go when no short code is set
KINDS: tuple[Trouble, ...] = get_args(Trouble)
LATE = timedelta(seconds=10)  # a commit may come this long after the time it wrote down; the page knows what it has seen

_PEOPLE = """
select p.phone, g.code as group_code, g.name as group_name, m.number, m.name, m.roles, m.language
  from (select * from savings_group order by demo desc, created_at desc, group_id desc limit %s) g
  join member m on m.group_id = g.group_id
  join member_phone p on p.group_id = m.group_id and p.member = m.number
 order by g.demo desc, g.created_at desc, g.group_id desc, m.number, p.phone limit %s"""

_TEXTS = """
select o.group_id || '-' || o.message_no as id, o.text, o.encoding, o.parts, o.state, o.created_at, o.updated_at,
       coalesce(o.provider_id, '') as provider_id
  from (select distinct group_id, member from member_phone where phone = %(phone)s) p
  join outbox o on o.group_id = p.group_id and o.member = p.member
 where o.phone = %(phone)s and o.provider = %(provider)s and o.state in ('accepted', 'delivered', 'unknown')
   and (%(after)s::timestamptz is null or o.updated_at > %(after)s)
 order by o.created_at desc, o.group_id desc, o.message_no desc limit %(limit)s"""


@phone_page.before_request
def development_only() -> None:
    """This page can speak as any number: in production there is nothing here."""
    if _settings().production:
        abort(404)


@phone_page.after_request
def own_things_only(response: Response) -> Response:
    """Nothing from elsewhere, nothing written into the page, no frame around it, nothing kept."""
    response.headers["Content-Security-Policy"] = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@phone_page.get("", strict_slashes=False)
def page() -> str:
    """The two phones."""
    here = _settings()
    hop = url_for("hooks.ussd", secret=here.hook_secrets[0], name=NAME)
    return render_template(
        "phone.html",
        hooks=hop.removesuffix("/ussd"),
        dial_code=here.dial_code,
        short_code=here.sms_shortcode or SHORT_CODE,
        carrier=here.sms_provider,
        simulated=here.sms_provider == NAME,
    )


@phone_page.get("/people")
def people() -> Response:
    """Members with phones, the newest group first (a demo group before all others), and who holds the two phones at the start."""
    with _db().transaction() as conn:
        rows = conn.execute(_PEOPLE, (GROUPS_MAX, PEOPLE_MAX)).fetchall()
    left, right = first_two(rows)
    return jsonify(people=[row._asdict() for row in rows], left=left, right=right)


def first_two(rows: Sequence[Any]) -> tuple[str, str]:
    """An ordinary member of the first group and her treasurer; anybody else where there is no such person, "" where there is nobody."""
    first = [row for row in rows if row.group_code == rows[0].group_code]
    treasurer = next((row.phone for row in first if "treasurer" in row.roles), "")
    others = [row for row in first if row.phone != treasurer]
    member = next((row.phone for row in others if not row.roles), others[0].phone if others else "")
    return member, treasurer or next((row.phone for row in others if row.phone != member), "")


@phone_page.get("/inbox")
def inbox() -> Response:
    """The texts that reached a phone, newest last; with `after` only those that changed since that answer's `now`, and some more."""
    phone, after = request.args.get("phone", "").replace(" ", "+"), _moment(request.args.get("after", ""))
    if not is_e164(phone):
        return _mistake("phone: an international number such as +254700000006")
    with _db().transaction() as conn:
        values = {"phone": phone, "provider": NAME, "after": after, "limit": TEXTS_MAX}
        rows = conn.execute(_TEXTS, values).fetchall()
        clock = conn.execute("select clock_timestamp() as now").fetchone()
    now = clock.now - LATE if clock else None
    return jsonify(texts=[_text(row) for row in reversed(rows)], now=now and now.isoformat(), next_send=_standing_order())


def _text(row: Any) -> dict[str, Any]:
    text: dict[str, Any] = row._asdict()
    return text | {"created_at": row.created_at.isoformat(), "updated_at": row.updated_at.isoformat()}


def _moment(written: str) -> datetime | None:
    """A time as this page gave it; a `+` that was not encoded arrives as a space."""
    with contextlib.suppress(ValueError):
        moment = datetime.fromisoformat(written.replace(" ", "+"))
        return moment if moment.tzinfo else None
    return None


def _standing_order() -> Trouble:
    try:
        return ordered_trouble(_redis())
    except redis.RedisError:
        return "ok"


@phone_page.post("/trouble")
def trouble() -> Response:
    """Say what happens to the next text. JSON only: another site's form cannot order trouble."""
    wish = request.get_json(silent=True)
    wanted = wish.get("next_send") if isinstance(wish, dict) else None
    kind = next((kind for kind in KINDS if kind == wanted), None)
    if kind is None:
        return _mistake(f"next_send: one of {', '.join(KINDS)}")
    try:
        order_trouble(_redis(), kind)
    except redis.RedisError:
        return _mistake("Redis does not answer: every text goes through", 503)
    return jsonify(next_send=kind)


@phone_page.errorhandler(psycopg.Error)
def no_database(_: psycopg.Error) -> Response:
    """The page goes on asking."""
    return _mistake("the database does not answer", 503)


def _mistake(what: str, status: int = 400) -> Response:
    response = jsonify(error=what)
    response.status_code = status
    return response


def _settings() -> Settings:
    here: Settings = current_app.config["SETTINGS"]
    return here


def _db() -> Database:
    db: Database = current_app.extensions["db"]
    return db


def _redis() -> redis.Redis:
    client: redis.Redis = current_app.extensions["redis"]
    return client
