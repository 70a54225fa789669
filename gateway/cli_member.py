"""`flask member ...`: a passbook page, and the one thing an operator may change about a member: her phone."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from config import settings
from gateway.cli_common import Failed, known_group, plainly, reading
from gateway.phones import e164, shortened
from ledger.books import Book
from ledger.db import connect
from ledger.statement import statement

member = AppGroup("member", help="Members of a group.")


@member.command("statement")
@click.argument("code")
@click.argument("number", type=int)
def member_statement(code: str, number: int) -> None:
    """A member's passbook page."""
    with reading() as conn:
        reader = Book(conn, known_group(conn, code))
        if reader.member(number) is None:
            raise Failed(f"{reader.group.code} has no member {number}")
        click.echo(statement(reader, number), nl=False)


@member.command("phone")
@click.argument("code")
@click.argument("number", type=int)
@click.argument("phone")
def member_phone(code: str, number: int, phone: str) -> None:
    """Give a member another PHONE (`none` takes hers away). Needs the login that owns the tables."""
    read = "" if phone == "none" else e164(phone)
    if phone != "none" and not read:
        raise Failed(f"{phone} cannot be read as a phone number; write it with its country, such as +254700000006")
    dsn = settings().owner_dsn
    with plainly(dsn), connect(dsn, "dialbook-cli", give_up_ownership=False) as conn, conn.transaction():
        group_id = known_group(conn, code)
        if Book(conn, group_id).member(number) is None:
            raise Failed(f"{code.upper()} has no member {number}")
        conn.execute("delete from member_phone where group_id = %s and member = %s", (group_id, number))
        if read:
            conn.execute("insert into member_phone (phone, group_id, member) values (%s, %s, %s)", (read, group_id, number))
    click.echo(f"{code.upper()} {number}: {shortened(read) or 'no phone'}")
