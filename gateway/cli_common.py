"""What every command shares: one view of the database, one way to fail, one way to print."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Sequence
from typing import Any

import click
import psycopg
from psycopg.conninfo import conninfo_to_dict

from config import settings
from ledger import chain
from ledger.books import group_id_of
from ledger.db import Conn, Database
from ledger.money import plain


class Failed(click.ClickException):
    """One line on standard error and exit status 1."""

    def show(self, file: Any = None) -> None:
        """The sentence and nothing around it."""
        click.echo(self.message, err=True, file=file)


def address(dsn: str) -> str:
    """Where a database is, without its password.

    >>> address("postgresql://me:secret@db.example:5433/dialbook")
    'db.example:5433/dialbook'
    """
    parts: dict[str, Any] = conninfo_to_dict(dsn)
    host = parts.get("host") or parts.get("hostaddr") or "the local socket"
    return f"{host}{':' + str(parts['port']) if parts.get('port') else ''}/{parts.get('dbname', '')}"


@contextlib.contextmanager
def plainly(dsn: str) -> Iterator[None]:
    """Database trouble as one sentence instead of a traceback."""
    try:
        yield
    except psycopg.OperationalError as error:
        if error.sqlstate is not None:
            raise Failed(f"PostgreSQL gave up: {error.diag.message_primary}") from None
        raise Failed(f"PostgreSQL does not answer at {address(dsn)}: start `make run`, or set DATABASE_URL{_fatal(error)}") from None
    except psycopg.errors.UndefinedTable:
        raise Failed("The tables are not there yet: run `flask db upgrade`") from None
    except psycopg.ProgrammingError as error:
        if error.sqlstate is not None:
            raise
        raise Failed("DATABASE_URL is no address of a PostgreSQL, such as postgresql://user:password@host/dialbook") from None


def _fatal(error: Exception) -> str:
    """The server's own word, when it did answer: a wrong password is not a server that is down."""
    _, found, said = str(error).strip().partition("FATAL:")
    return f" ({said.strip()})" if found else ""


@contextlib.contextmanager
def writing() -> Iterator[Conn]:
    """A transaction that commits at the end."""
    dsn = settings().database_dsn
    database = Database(dsn, "dialbook-cli")
    with plainly(dsn), contextlib.closing(database), database.transaction() as conn:
        yield conn


@contextlib.contextmanager
def reading() -> Iterator[Conn]:
    """One read-only view of the database."""
    dsn = settings().database_dsn
    database = Database(dsn, "dialbook-cli")
    with plainly(dsn), contextlib.closing(database):
        conn = database.connection()
        with chain.one_view(conn):
            yield conn


def known_group(conn: Conn, code: str) -> int:
    """The group's id, or the sentence that there is none."""
    try:
        return group_id_of(conn, code)
    except LookupError as error:
        raise Failed(f"{error}; `flask group list` shows all") from None


def as_document(value: Any) -> None:
    """Exactly one JSON document; dates as they are written everywhere."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def as_table(heading: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Columns as wide as their widest cell; numbers to the right."""
    cells = [[str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(heading, *cells, strict=True)]
    numeric = [bool(rows) and all(isinstance(row[i], int) for row in rows) for i in range(len(heading))]
    for row in (heading, *cells):
        line = (cell.rjust(width) if right else cell.ljust(width) for cell, width, right in zip(row, widths, numeric, strict=True))
        click.echo("  ".join(line).rstrip())


def amount(minor: int, currency: str) -> str:
    """Right-aligned in a column of amounts."""
    return f"{plain(minor, currency):>18} {currency}"
