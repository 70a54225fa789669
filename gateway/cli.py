"""`flask ...`: what an operator types. Each command reads or writes in one transaction and says in one line what went wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import psycopg
from flask import Flask
from flask.cli import AppGroup

from config import settings
from gateway import groupfile
from gateway.cli_book import book
from gateway.cli_common import Failed, address, as_document, as_table, known_group, reading, writing
from gateway.cli_group import COMMANDS, text_of
from gateway.cli_indicators import group_indicators
from gateway.cli_member import member
from gateway.cli_outbox import outbox
from gateway.cli_phone import phone
from gateway.phones import shortened
from ledger import helping, migrate
from ledger.books import Book
from ledger.db import Conn
from ledger.groups import GroupExists
from ledger.money import plain
from menus.places import is_marked, language_of

db = AppGroup("db", help="The database's tables.")
group = AppGroup("group", help="Groups and their files.")
MONEY_RULES = ("share_price", "social_fund_contribution", "cash_unit")
JSON = click.option("--json", "as_json", is_flag=True, help="One JSON document and nothing else.")


def register(app: Flask) -> None:
    """Add the commands to `flask`."""
    for decided in (*COMMANDS, group_indicators):
        group.add_command(decided)
    for commands in (db, group, book, member, outbox, phone):
        app.cli.add_command(commands)


@db.command("upgrade")
def db_upgrade() -> None:
    """Bring the tables to this release; nothing happens when they are there."""
    from sqlalchemy.exc import OperationalError  # here only: the web never needs it

    try:
        migrate.upgrade()
    except OperationalError:
        raise Failed(f"PostgreSQL does not answer at {address(settings().owner_dsn)}: start `make run`, or set DATABASE_URL") from None


# ---------------------------------------------------------------- groups


@group.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--demo", is_flag=True, help="Mark it as a group to play with; refused in production.")
@click.option("--if-empty", is_flag=True, help="Do nothing when any group exists.")
def group_load(file: Path, demo: bool, if_empty: bool) -> None:
    """Create a group from FILE; the same file again changes nothing."""
    if demo and settings().production:
        raise Failed("A demo group has no place in production (DIALBOOK_ENV)")
    try:
        understood = groupfile.read(text_of(file))
    except groupfile.GroupFileError as error:
        raise Failed(str(error)) from None
    for warning in understood.warnings:
        click.echo(f"note: {warning}", err=True)
    for last_try in (False, True):
        try:
            return _load(understood, demo, if_empty)
        except psycopg.errors.UniqueViolation:  # another load took the number between our look and our insert
            if last_try:
                raise Failed("Another load ran at the same moment; run this one again") from None


def _load(understood: groupfile.GroupFile, demo: bool, if_empty: bool) -> None:
    new = understood.new
    with writing() as conn:
        if if_empty and conn.execute("select 1 from savings_group limit 1").fetchone():
            return
        try:
            _, created = groupfile.load(conn, understood, demo)
        except GroupExists:
            raise Failed(f"{new.code}: this code is taken by a group whose file said something else; nothing was changed") from None
    click.echo(f"{new.code} {new.name}: " + (f"loaded, {len(new.members)} members" if created else "unchanged"))


@group.command("list")
@JSON
def group_list(as_json: bool) -> None:
    """All groups."""
    with reading() as conn:
        found = conn.execute(
            """select code, name, country, currency, language, demo, (select count(*) from member m where m.group_id = g.group_id) as members,
                      (select next_entry - 1 from book_head h where h.group_id = g.group_id) as entries
                 from savings_group g order by code"""
        ).fetchall()
    rows: list[dict[str, Any]] = [row._asdict() for row in found]
    if as_json:
        return as_document(rows)
    heading = ("code", "name", "country", "currency", "members", "entries")
    as_table(heading, [[row[key] for key in heading] for row in rows])


@group.command("show")
@click.argument("code")
@JSON
def group_show(code: str, as_json: bool) -> None:
    """A group, its rules, its cycle and its members (phones shortened)."""
    with reading() as conn:
        shown = _group_document(conn, known_group(conn, code))
    if as_json:
        return as_document(shown)
    for key in ("code", "name", "country", "currency", "timezone", "language"):
        click.echo(f"{key:<12} {shown[key]}")
    click.echo(f"{'cycle':<12} {shown['cycle']['number']}, {shown['cycle']['start']} to {shown['cycle']['end']}")
    click.echo(f"\nRules, amounts in {shown['currency']}:")
    for key, value in shown["constitution"].items():
        click.echo(f"  {key:<24} {_rule(key, value, shown['currency'])}")
    click.echo()
    rows = [[m["number"], m["name"], m["language"], " ".join(m["phones"]), m["helper"] or "", " ".join(m["roles"])] for m in shown["members"]]
    as_table(("no", "name", "language", "phones", "helper", "roles"), rows)


def _rule(key: str, value: Any, currency: str) -> str:
    """A rule as people write it; amounts are stored in minor units."""
    if key == "fines":
        return ", ".join(f"{name} {plain(fine, currency)}" for name, fine in value.items()) or "none"
    return plain(value, currency) if key in MONEY_RULES else str(value)


def _group_document(conn: Conn, group_id: int) -> dict[str, Any]:
    """What `group show` shows; money in minor units."""
    reader = Book(conn, group_id)
    g = reader.group
    phones: dict[int, list[str]] = {}
    for row in conn.execute("select member, phone from member_phone where group_id = %s order by member, phone", (group_id,)):
        phones.setdefault(row.member, []).append(shortened(row.phone))
    helpers = helping.named(conn, group_id)
    members = [
        {"number": m.number, "name": m.name, "language": language_of(m.language), "accents": is_marked(m.language), "roles": list(m.roles),
         "phones": phones.get(m.number, []), "helper": helpers.get(m.number)}
        for m in reader.members().values()
    ]  # fmt: skip
    about = {"code": g.code, "name": g.name, "country": g.country, "currency": g.currency, "timezone": g.timezone, "language": g.language}
    cycle = {"number": g.cycle_number, "start": g.cycle_start, "end": g.cycle_end}
    return about | {"cycle": cycle, "constitution": g.constitution.as_json(), "members": members}


@group.command("demo")
def group_demo() -> None:
    """Numbers to dial from in the newest demo group; nothing when there is none."""
    with reading() as conn:
        found = conn.execute(
            """select p.phone, m.number, m.name, m.roles from member_phone p join member m on m.group_id = p.group_id and m.number = p.member
                where p.group_id = (select max(group_id) from savings_group where demo) order by m.number"""
        ).fetchall()
    if not found:
        return
    click.echo(f"Dial {settings().dial_code} from one of these numbers:")
    wanted = (("a member", lambda row: not row.roles), ("the treasurer", _has("treasurer")), ("the record-keeper", _has("record_keeper")))
    for who, fits in wanted:
        for row in [row for row in found if fits(row)][:1]:
            click.echo(f"  {row.phone}  {row.name}, {who}")


def _has(role: str) -> Any:
    return lambda row: role in row.roles
