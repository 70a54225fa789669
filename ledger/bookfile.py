"""An exported book (`flask book export --format json`) read back, so that anybody can prove it without our database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from ledger import export
from ledger.chain import StoredEntry, StoredLine
from ledger.verify_facts import Facts

SIZE_MAX = 64 * 2**20  # bytes; some hundred years of one group's meetings
_ZERO_TIME = datetime(2000, 1, 1, tzinfo=UTC)
_SMALL = frozenset({"line_count", "kind", "asked_by", "confirmed_by", "second_by", "reason", "member"})
_LARGE = frozenset({"amount", "debit_after", "credit_after"})
_WHOLE = ("entry_no", "first_line", "line_count", "kind", "asked_by", "confirmed_by", "second_by")


class BookFileError(Exception):
    """The file is no exported book; says where and what was expected."""


@dataclass(frozen=True, slots=True)
class BookEntry:
    """One entry as the file has it. `odd`: fields for reading that do not say what the hashed ones say."""

    entry: StoredEntry
    lines: list[StoredLine]
    odd: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BookFile:
    """A whole exported book. `balances`: (debits minus credits, shares or None, the account's name) by account number."""

    facts: Facts
    head: bytes
    entries: list[BookEntry]
    balances: dict[int, tuple[int, int | None, str]]

    @property
    def hashes(self) -> dict[int, bytes]:
        """Each entry's hash, as the file has it."""
        return {one.entry.entry_no: one.entry.hash for one in self.entries}


def load(path: Path) -> BookFile:
    """The book in a file. Raises BookFileError."""
    try:
        with path.open("rb") as opened:
            content = opened.read(SIZE_MAX + 1)
    except OSError as error:
        raise BookFileError(f"cannot be read: {error.strerror}") from None
    return read(content)


def read(content: bytes) -> BookFile:
    """The book in the bytes of a file. Raises BookFileError."""
    if len(content) > SIZE_MAX:
        raise BookFileError(f"is larger than {SIZE_MAX >> 20} MiB; prove this book where its database is")
    try:
        document = json.loads(content.decode("utf-8-sig"), parse_float=_refuse, parse_constant=_refuse, object_pairs_hook=_once)
    except UnicodeDecodeError:
        raise BookFileError("is no text in UTF-8") from None
    except RecursionError:
        raise BookFileError("is no exported book: it is nested too deeply") from None
    except ValueError as error:  # what json finds, and what the two hooks refuse
        raise BookFileError(f"is no JSON of ours: {error}") from None
    return _book(_Part("", document))


def _refuse(text: str) -> Any:
    raise ValueError(f"{text[:40]} is no whole number")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError(f"a name stands twice among {', '.join(sorted(found))[:80]}")
    return found


# ---------------------------------------------------------------- shapes


class _Part:
    """A part of the document, with the way that leads there for the message."""

    __slots__ = ("value", "way")

    def __init__(self, way: str, value: Any):
        self.way, self.value = way, value

    def wrong(self, expected: str) -> BookFileError:
        return BookFileError(f"{self.way or 'the file'}: expected {expected}, found {json.dumps(self.value)[:60]}")

    def __getitem__(self, name: str) -> _Part:
        if not isinstance(self.value, dict):
            raise self.wrong("an object")
        if name not in self.value:
            raise BookFileError(f"{self.way or 'the file'}: {name} is missing")
        return _Part(f"{self.way}.{name}".lstrip("."), self.value[name])

    def each(self) -> Iterator[_Part]:
        if not isinstance(self.value, list):
            raise self.wrong("a list")
        return (_Part(f"{self.way}[{place}]", value) for place, value in enumerate(self.value))

    def whole(self, bits: int) -> int:
        if type(self.value) is not int or not -(1 << bits - 1) <= self.value < 1 << bits - 1:
            raise self.wrong(f"a whole number of {bits} bits")
        return self.value

    def text(self) -> str:
        if not isinstance(self.value, str) or not _is_text(self.value):
            raise self.wrong("words")
        return self.value

    def hash(self) -> bytes:
        try:
            found = bytes.fromhex(self.text())
        except ValueError:
            found = b""
        if len(found) != 32:
            raise self.wrong("a hash of 64 hexadecimal digits")
        return found

    def day(self) -> date:
        try:
            return date.fromisoformat(self.text())
        except ValueError:
            raise self.wrong("a day such as 2026-11-21") from None

    def uuid(self) -> UUID:
        try:
            return UUID(self.text())
        except ValueError:
            raise self.wrong("an id such as 6b1f4d0e-6a1c-5f0e-9d5f-2f3d8a3c7b10") from None

    def moment(self) -> datetime:
        try:
            return _ZERO_TIME + timedelta(microseconds=self.whole(64))
        except OverflowError:
            raise self.wrong("microseconds since 2000-01-01") from None


def _is_text(value: str) -> bool:
    """Whether it can be written in UTF-8: JSON lets half a character through."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _book(document: _Part) -> BookFile:
    cycle = list(document["rules"]["cycle"].each())
    if len(cycle) != 3:
        raise document["rules"]["cycle"].wrong("a number and two days")
    terms = document["rules"]["constitution"]
    if not isinstance(terms.value, dict):
        raise terms.wrong("an object")
    facts = Facts(
        document["group"]["group_id"].whole(32), document["group"]["code"].text(), document["file_hash"].hash(), document["genesis"].hash(),
        terms.value, (cycle[0].whole(16), cycle[1].day(), cycle[2].day()),
    )  # fmt: skip
    entries = [_entry(part) for part in document["entries"].each()]
    return BookFile(facts, document["head"].hash(), entries, dict(_balance(part) for part in document["balances"].each()))


def _entry(part: _Part) -> BookEntry:
    said: dict[str, Any] = {name: part[name].whole(_bits(name)) for name in _WHOLE}
    said |= {"happened_on": part["happened_on"].day(), "posted_at": part["posted_at_us"].moment(), "command_id": part["command_id"].uuid()}
    entry = StoredEntry(**said, body_hash=part["body_hash"].hash(), hash=part["hash"].hash(), annex=part["annex"].text())
    lines = [StoredLine(**{name: one[name].whole(_bits(name)) for name in StoredLine._fields}) for one in part["lines"].each()]
    return BookEntry(entry, lines, tuple(_odd(part.value, export.entry_document(entry, lines))))


def _bits(name: str) -> int:
    """How wide a number is where it is hashed."""
    return 16 if name in _SMALL else 64 if name in _LARGE else 32


def _odd(found: dict[str, Any], ours: dict[str, Any]) -> Iterator[str]:
    """Names of fields that are for reading only and say something else than those that are hashed."""
    yield from (name for name, value in ours.items() if name != "lines" and found.get(name, value) != value)
    for theirs, line in zip(found["lines"], ours["lines"], strict=True):
        yield from (f"{name} of line {line['line_no']}" for name, value in line.items() if theirs.get(name, value) != value)


def _balance(part: _Part) -> tuple[int, tuple[int, int | None, str]]:
    number = part["account"].whole(32)
    shares = part["shares"].whole(32) if "shares" in part.value else None
    return number, (part["balance"].whole(64), shares, part["name"].text())
