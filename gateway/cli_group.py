"""`flask group ...` for what a group decides: the sheet to sign, the share-out before it is posted, new rules, the next cycle.

The operator only brings a paper: officers of the group agree by text, as to everything else.
"""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from config import settings
from gateway import groupfile
from gateway.careful_yaml import SIZE_MAX
from gateway.cli_common import Failed, as_document, known_group, reading, writing
from ledger import ending, meetings, requests, share_sheet
from ledger.books import Book
from ledger.checks import Refused
from ledger.commands import ChangeRules, Request, ShareOut, StartCycle
from ledger.constitution import Constitution
from ledger.db import Conn, lock_group
from ledger.money import minor_units
from ledger.sheet import sheet
from menus import notices
from menus.say import fill

DAY = click.DateTime(["%Y-%m-%d"])
JSON = click.option("--json", "as_json", is_flag=True, help="One JSON document and nothing else.")


def text_of(file: Path) -> str:
    """A file's text. Raises Failed with the line that is not UTF-8."""
    with file.open("rb") as opened:
        content = opened.read(SIZE_MAX + 1)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Failed(f"line {line}: the file: text in UTF-8") from None


@click.command("sheet")
@click.argument("code")
def group_sheet(code: str) -> None:
    """The paper to sign of a group that brought figures."""
    with reading() as conn:
        try:
            click.echo(sheet(Book(conn, known_group(conn, code))), nl=False)
        except LookupError as error:
            raise Failed(str(error)) from None


# ---------------------------------------------------------------- share-out


@click.command("share-out")
@click.argument("code")
@click.option("--preview", is_flag=True, help="Show it; the share-out itself is asked for and confirmed by phone.")
@click.option("--counted", help="Loan fund cash as counted; by default what the book says.")
@click.option("--expenses", default="0", help="Last expenses still to be paid.")
@click.option("--outside-interest", default="0", help="Interest the outside lender will still ask.")
@click.option("--carry", default="0", help="What the group votes to keep for the next cycle.")
@JSON
def group_share_out(code: str, preview: bool, counted: str | None, expenses: str, outside_interest: str, carry: str, as_json: bool) -> None:
    """Every member's shares, value, set-off and payout, and the proof that they are the pool. After the share-out: the sheet as posted."""
    with reading() as conn:
        book = Book(conn, known_group(conn, code))
        posted = None if preview else share_sheet.last(conn, book.group_id)
        if not preview and posted is None:
            raise Failed(f"{book.group.code} has not shared out yet; --preview shows what it would be")
        said = posted or _preview(book, counted, expenses, outside_interest, carry)
        document = share_sheet.document(book, said, preview)
    if as_json:
        return as_document(document)
    click.echo(share_sheet.drawn(document), nl=False)
    return None


def _preview(book: Book, counted: str | None, expenses: str, outside_interest: str, carry: str) -> dict[str, Any]:
    def minor(text: str) -> int:
        try:
            return minor_units(text, book.group.currency)
        except ValueError as error:
            raise Failed(f"{text}: {error}") from None

    found = book.cash() if counted is None else minor(counted)
    wish = ShareOut(
        id=UUID(int=0), group_id=book.group_id, member=0, asked_by=0, counted=found, expenses=minor(expenses), why="preview",
        outside_interest=minor(outside_interest), carried=minor(carry), remainder_to=book.constitution.remainder_to,
    )  # fmt: skip
    try:
        return ending.sheet_json(ending.preview(book.conn, wish, max(book.group.today, book.group.closed_on)), wish)
    except Refused as refused:
        raise Failed(_why(refused)) from None


def _why(refused: Refused) -> str:
    return fill(refused.reason, "page", "en", refused.figures)


# ---------------------------------------------------------------- rules and cycles


@click.command("change")
@click.argument("code")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--from", "from_on", type=DAY, help="The day of the first meeting under the new rules; by default tomorrow.")
def group_change(code: str, file: Path, from_on: datetime | None) -> None:
    """Ask the officers for new rules: FILE holds the section `constitution`. Two of them agree by text; every member is told."""
    with writing() as conn:
        book = _locked(conn, code)
        change = _understood(book, file)
        start = from_on.date() if from_on else date.fromordinal(book.group.today.toordinal() + 1)
        wish = ChangeRules(**_by_operator(book, "rules", file, str(start)), from_on=start, terms=change.constitution.as_json())
        _ask(conn, book, wish)


def _understood(book: Book, file: Path, cycle: tuple[int, date, date] | None = None) -> groupfile.Change:
    try:
        change = groupfile.read_change(text_of(file), book.group, book.members(), cycle)
    except groupfile.GroupFileError as error:
        raise Failed(str(error)) from None
    for warning in change.warnings:
        click.echo(f"note: {warning}", err=True)
    return change


@click.command("next-cycle")
@click.argument("code")
@click.option("--start", type=DAY, required=True)
@click.option("--end", type=DAY, required=True)
@click.option("--rules", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A file with the section `constitution`; else as before.")
@click.option("--starting-shares", type=click.IntRange(0, 1000), default=0, help="Shares each member starts with, bought from her payout.")
def group_next_cycle(code: str, start: datetime, end: datetime, rules: Path | None, starting_shares: int) -> None:
    """Ask the officers to begin the next cycle after a share-out. Two of them agree by text; every member is told."""
    with writing() as conn:
        book = _locked(conn, code)
        cycle = (book.group.cycle_number + 1, start.date(), end.date())
        terms: Constitution = _understood(book, rules, cycle).constitution if rules else book.constitution
        starting = tuple((m.number, starting_shares) for m in book.members().values() if starting_shares and not m.left)
        name = _by_operator(book, "cycle", rules, f"{cycle}{starting_shares}")
        wish = StartCycle(**name, number=cycle[0], starts_on=cycle[1], ends_on=cycle[2], terms=terms.as_json(), starting=starting)
        _ask(conn, book, wish)


def _locked(conn: Conn, code: str) -> Book:
    group_id = known_group(conn, code)
    lock_group(conn, group_id)
    return Book(conn, group_id)


def _by_operator(book: Book, what: str, file: Path | None, more: str) -> dict[str, Any]:
    """The id follows from what is asked: the same command twice asks once."""
    said = f"{book.group.code} {book.group.version} {what} {more} {text_of(file) if file else ''}"
    command = UUID(bytes=hashlib.sha256(said.encode()).digest()[:16], version=5)
    return {"id": command, "group_id": book.group_id, "member": 0, "asked_by": 0}


def _ask(conn: Conn, book: Book, wish: Request) -> None:
    if meetings.open_now(conn, book.group_id) is not None:
        raise Failed("A meeting is open; ask again after its close")
    try:
        _, new = requests.ask(conn, book, wish, lambda _, chosen: notices.ask_officers(book, wish, chosen), hours=settings().code_hours)
    except Refused as refused:
        raise Failed(_why(refused)) from None
    click.echo(f"{book.group.code}: " + ("the officers have been asked by text" if new else "asked before; nothing was changed"))


COMMANDS = (group_sheet, group_share_out, group_change, group_next_cycle)
