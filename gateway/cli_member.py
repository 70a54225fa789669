"""`flask member ...`: a passbook page, and what an operator may change about people: phones, offices, somebody new."""

from __future__ import annotations

import unicodedata
from uuid import uuid4

import click
from flask.cli import AppGroup

from config import settings
from gateway.cli_common import Failed, known_group, plainly, reading, writing
from gateway.first_codes import VALID_DAYS, FirstCodes
from gateway.phones import e164, shortened
from ledger import helping
from ledger.books import Book
from ledger.checks import OFFICERS, Refused
from ledger.commands import GiveFirstCode
from ledger.db import connect, lock_group
from ledger.deciding import fund_now
from ledger.money import plain
from ledger.statement import statement
from ledger.tally import Tally
from menus.say import fill
from menus.texts import LANGUAGES

NAME_MAX = 30
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


@member.command("helper")
@click.argument("code")
@click.argument("number", type=int)
@click.argument("helper", type=int)
def member_helper(code: str, number: int, helper: int) -> None:
    """Who gets the texts of member NUMBER while she has no phone: member HELPER, whom she named; 0 nobody. Needs the login that owns the tables."""
    dsn = settings().owner_dsn
    with plainly(dsn), connect(dsn, "dialbook-cli", give_up_ownership=False) as conn, conn.transaction():
        group_id = known_group(conn, code)
        reader = Book(conn, group_id)
        if reader.member(number) is None:
            raise Failed(f"{code.upper()} has no member {number}")
        try:
            helping.check(reader, number, helper)
        except Refused as refused:
            raise Failed(fill(refused.reason, "page", "en", refused.figures)) from None
        conn.execute("update member set helper = %s where group_id = %s and number = %s", (helper, group_id, number))
    click.echo(f"{code.upper()} {number}: texts to {f'member {helper} while she has no phone' if helper else 'nobody else'}")


@member.command("first-code")
@click.argument("code")
@click.argument("number", type=int)
def member_first_code(code: str, number: int) -> None:
    """Print a code for the first PIN of member NUMBER, who shares a phone: for groups where no officer has a phone to ask for it."""
    codes = FirstCodes(settings().pepper)
    with writing() as conn:
        group_id = known_group(conn, code)
        lock_group(conn, group_id)
        wish = GiveFirstCode(id=uuid4(), group_id=group_id, member=number, officer=0)
        try:
            codes.give(conn, Book(conn, group_id), wish)
        except Refused as refused:
            raise Failed(fill(refused.reason, "page", "en", refused.figures)) from None
    click.echo(f"{code.upper()} {number}: {codes.code(group_id, wish.id)}, once, for {VALID_DAYS} days. Tell it to her face to face.")


@member.command("add")
@click.argument("code")
@click.argument("number", type=click.IntRange(1, 9999))
@click.argument("name")
@click.option("--phone", default="", help="Her phone, with its country; she may have none.")
@click.option("--language", default="", help="By default the group's.")
def member_add(code: str, number: int, name: str, phone: str, language: str) -> None:
    """A member who joins. In a running cycle only where the rules let late joiners buy catch-up shares. Needs the login that owns the tables."""
    read = e164(phone) if phone else ""
    name = unicodedata.normalize("NFC", name).strip()
    if phone and not read:
        raise Failed(f"{phone} cannot be read as a phone number; write it with its country, such as +254700000006")
    if not 1 <= len(name) <= NAME_MAX or not name.isprintable():
        raise Failed(f"a name of 1 to {NAME_MAX} printable characters")
    dsn = settings().owner_dsn
    with plainly(dsn), connect(dsn, "dialbook-cli", give_up_ownership=False) as conn, conn.transaction():
        group_id = known_group(conn, code)
        lock_group(conn, group_id)
        tally = Tally(conn, group_id)
        _may_join(tally, number, language)
        values = (group_id, number, name, language or tally.group.language)
        conn.execute("insert into member (group_id, number, name, language) values (%s, %s, %s, %s)", values)
        if read:
            conn.execute("insert into member_phone (phone, group_id, member) values (%s, %s, %s)", (read, group_id, number))
        note = _dilution(tally)
    click.echo(f"{code.upper()} {number} {name}: added{note}")


def _may_join(tally: Tally, number: int, language: str) -> None:
    group, rules = tally.group, tally.constitution
    if tally.member(number) is not None:
        raise Failed(f"{group.code} has a member {number} already")
    if language and language not in LANGUAGES:
        raise Failed(f"a language: {', '.join(LANGUAGES)}")
    if not group.shared_out and not group.first_meeting and rules.late_joining == "cycle_start":
        raise Failed(f"the rules of {group.code} take new members at the start of a cycle only (late_joining)")


def _dilution(tally: Tally) -> str:
    """What catch-up shares at the nominal price would cost the others, said before she buys any."""
    fund = fund_now(tally)
    if not fund.units or fund.worth <= fund.units * tally.constitution.share_price:
        return ""
    worth, price = fund.worth // fund.units, tally.constitution.share_price
    currency = tally.group.currency
    return f". A share is worth {plain(worth, currency)} {currency} and costs {plain(price, currency)}: each lowers what the others' are worth"


@member.command("roles")
@click.argument("code")
@click.argument("number", type=int)
@click.argument("roles", nargs=-1, type=click.Choice([*OFFICERS, "key_holder"]))
def member_roles(code: str, number: int, roles: tuple[str, ...]) -> None:
    """Elections: the offices a member holds from now on (none when none is named). Needs the login that owns the tables."""
    dsn = settings().owner_dsn
    with plainly(dsn), connect(dsn, "dialbook-cli", give_up_ownership=False) as conn, conn.transaction():
        group_id = known_group(conn, code)
        if Book(conn, group_id).member(number) is None:
            raise Failed(f"{code.upper()} has no member {number}")
        conn.execute("update member set roles = %s where group_id = %s and number = %s", (sorted(set(roles)), group_id, number))
    click.echo(f"{code.upper()} {number}: {', '.join(sorted(set(roles))) or 'no office'}")
