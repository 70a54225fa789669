"""`flask ...`: what an operator types. Each command reads or writes in one transaction and says in one line what went wrong."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import click
import psycopg
from flask import Flask
from flask.cli import AppGroup

from config import settings
from gateway import groupfile
from gateway.careful_yaml import SIZE_MAX
from gateway.cli_common import Failed, address, amount, as_document, as_table, known_group, reading, writing
from gateway.cli_member import member
from gateway.cli_outbox import outbox
from gateway.phones import shortened
from ledger import export, migrate
from ledger.accounts import SUB, Kind, name_of
from ledger.books import Book
from ledger.db import Conn
from ledger.groups import GroupExists
from ledger.money import plain
from ledger.verify import verify

db = AppGroup("db", help="The database's tables.")
group = AppGroup("group", help="Groups and their files.")
book = AppGroup("book", help="Books: balances, exports, proof.")
MONEY_RULES = ("share_price", "social_fund_contribution", "cash_unit")
JSON = click.option("--json", "as_json", is_flag=True, help="One JSON document and nothing else.")


def register(app: Flask) -> None:
    """Add the commands to `flask`."""
    for commands in (db, group, book, member, outbox):
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
        understood = groupfile.read(_text(file))
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


def _text(file: Path) -> str:
    with file.open("rb") as opened:
        content = opened.read(SIZE_MAX + 1)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Failed(f"line {line}: the file: text in UTF-8") from None


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
    rows = [[m["number"], m["name"], m["language"], " ".join(m["phones"]), " ".join(m["roles"])] for m in shown["members"]]
    as_table(("no", "name", "language", "phones", "roles"), rows)


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
    members = [
        {"number": m.number, "name": m.name, "language": m.language, "roles": list(m.roles), "phones": phones.get(m.number, [])}
        for m in reader.members().values()
    ]
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


# ---------------------------------------------------------------- books


@book.command("balances")
@click.argument("code")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Count only what had happened by the end of this day.")
@JSON
def book_balances(code: str, as_of: datetime | None, as_json: bool) -> None:
    """Every account of the group: debits minus credits, so what members have put in is negative."""
    day = as_of.date() if as_of else None
    with reading() as conn:
        reader = Book(conn, known_group(conn, code))
        g, found = reader.group, reader.balances(day)
    if as_json:
        accounts = [_account(number, *figures) for number, figures in found.items()]
        return as_document({"group": g.code, "currency": g.currency, "as_of": day, "accounts": accounts})
    for number, (balance, units) in found.items():
        click.echo(f"{name_of(number):<40}{amount(balance, g.currency)}" + (f"  {-units} shares" if number // SUB == Kind.SHARES else ""))
    return None


def _account(number: int, balance: int, units: int) -> dict[str, Any]:
    said = {"account": number, "name": name_of(number), "balance": balance}
    return said | ({"shares": -units} if number // SUB == Kind.SHARES else {})


@book.command("export")
@click.argument("code")
@click.option("--format", "form", type=click.Choice(list(export.FORMATS)), required=True)
def book_export(code: str, form: str) -> None:
    """The whole book on standard output."""
    with reading() as conn:
        for text in export.FORMATS[form](conn, known_group(conn, code)):
            click.echo(text, nl=False)


@book.command("verify")
@click.argument("code", required=False)
def book_verify(code: str | None) -> None:
    """Re-read every entry of one group, or of all; exit status 1 when one is not what was posted."""
    with reading() as conn:
        chosen = known_group(conn, code) if code else None
        groups = conn.execute("select group_id, code from savings_group order by code").fetchall()
        unbroken = [_verify(conn, row.group_id, row.code) for row in groups if chosen in (None, row.group_id)]
    if not all(unbroken):
        raise SystemExit(1)


def _verify(conn: Conn, group_id: int, code: str) -> bool:
    report = verify(conn, group_id)
    if report.problem is not None:
        click.echo(f"{code}: {report.problem}", err=True)
        return False
    click.echo(f"{code}: {report.entries} entries, {report.lines} lines, unbroken")
    return True
