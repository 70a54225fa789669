"""`flask book ...`: balances, exports, and the proof of a book, beside its database or from an export alone."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup

from gateway.cli_common import Failed, amount, as_document, known_group, reading
from ledger import bookfile, export
from ledger.accounts import SUB, Kind, name_of
from ledger.bookfile import BookFile, BookFileError
from ledger.books import Book
from ledger.checkcode import code_of, read
from ledger.verify import Claim, Found, Report, verify, verify_file

book = AppGroup("book", help="Books: balances, exports, proof.")
JSON = click.option("--json", "as_json", is_flag=True, help="One JSON document and nothing else.")


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


# ---------------------------------------------------------------- proof


@book.command("verify")
@click.argument("what", metavar="[CODE|FILE.json|-]", required=False)
@click.option("--code", "codes", multiple=True, metavar="XXXX-XXXX", help="A check code somebody kept; 7:XXXX-XXXX when meeting 7 gave it.")
@click.option("--kept", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="An older export: name the first entry that is another.")
@JSON
def book_verify(what: str | None, codes: Sequence[str], kept: Path | None, as_json: bool) -> None:
    """Re-read every entry of one group, of all, or of an exported book without the database; exit status 1 when one is not what was posted."""
    if what is None and (codes or kept):
        raise Failed("Say whose book it is that the code or the export is of")
    claims, hashes = [_claim(code) for code in codes], None if kept is None else _book(kept).hashes
    file = what is not None and ("." in what or "/" in what or what == "-")
    reports = _of_file(str(what), claims, hashes) if file else _of_groups(what, claims, hashes)
    if as_json:
        documents = [_document(code, report) for code, report in reports.items()]
        as_document(documents if what is None else documents[0])
    else:
        for code, report in reports.items():
            _say(code, report)
    if any(report.problem is not None for report in reports.values()):
        raise SystemExit(1)


def _claim(typed: str) -> Claim:
    meeting, _, code = typed.rpartition(":")
    found = read(code)
    if found is None or not (meeting == "" or (meeting.isascii() and meeting.isdigit() and len(meeting) < 6)):
        raise Failed(f"{typed[:40]} is no check code: eight letters and digits, such as 04HM-ASW9 or, with its meeting, 7:04HM-ASW9")
    return Claim(found, int(meeting) if meeting else None)


def _book(path: Path) -> BookFile:
    try:
        return bookfile.load(path) if str(path) != "-" else bookfile.read(sys.stdin.buffer.read(bookfile.SIZE_MAX + 1))
    except BookFileError as error:
        raise Failed(f"{path}: {error}") from None


def _of_file(path: str, claims: Sequence[Claim], kept: Mapping[int, bytes] | None) -> dict[str, Report]:
    exported = _book(Path(path))
    return {exported.facts.code: verify_file(exported, claims, kept)}


def _of_groups(code: str | None, claims: Sequence[Claim], kept: Mapping[int, bytes] | None) -> dict[str, Report]:
    with reading() as conn:
        chosen = known_group(conn, code) if code else None
        groups = conn.execute("select group_id, code from savings_group order by code").fetchall()
        return {row.code: verify(conn, row.group_id, claims, kept) for row in groups if chosen in (None, row.group_id)}


def _say(code: str, report: Report) -> None:
    if report.problem is None:
        click.echo(f"{code}: {report.entries} entries, {report.lines} lines, unbroken")
    for found in report.codes:
        click.echo(f"{code}: {_words(found)}")
    if report.problem is not None:
        click.echo(f"{code}: {report.problem}", err=True)


def _words(found: Found) -> str:
    said, place = f"code {code_of(found.claim.code)}", found.place
    if place is None:
        return f"{said}: the book does not lead to it"
    meeting = f"meeting {place.meeting_no}" if place.closes else "an entry between meetings"
    return f"{said}: {meeting}, {place.on}, entry {place.entry_no}: the book still contains it unchanged"


def _document(code: str, report: Report) -> dict[str, Any]:
    problem = report.problem and {"entry": report.problem.entry_no, "what": report.problem.what}
    codes = [
        {"code": code_of(one.claim.code), "unchanged": one.place is not None}
        | ({} if one.place is None else {"entry": one.place.entry_no, "meeting": one.place.meeting_no, "on": one.place.on})
        for one in report.codes
    ]
    return {"group": code, "entries": report.entries, "lines": report.lines, "unbroken": report.problem is None, "problem": problem, "codes": codes}
