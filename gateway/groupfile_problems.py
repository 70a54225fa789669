"""What is wrong with a group file, named by its line and by what would have been right."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from gateway.careful_yaml import NotCareful, Parsed, Path, parse
from gateway.groupfile_fields import Part
from ledger.money import CURRENCIES_BY_COUNTRY, EXPONENTS

Contradiction = tuple[Path, str]  # where, and what was expected
PartT = TypeVar("PartT", bound=Part)


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake: `where` is the key, such as `constitution.share_price`, and `expected` says what would be right."""

    line: int
    where: str
    expected: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.where}: {self.expected}"


class GroupFileError(Exception):
    """The file is refused whole. str() lists every mistake, one a line, in the order of the file."""

    def __init__(self, problems: Iterable[Problem]):
        self.problems = sorted(problems, key=lambda problem: problem.line)
        super().__init__("\n".join(map(str, self.problems)))


def parsed_from(text: str) -> Parsed:
    """The keys and values of a file. Raises GroupFileError."""
    try:
        return parse(text)
    except NotCareful as error:
        raise GroupFileError([Problem(error.line, "the file", error.expected)]) from None


def understood(parsed: Parsed, kind: type[PartT], currency: object, country: object) -> PartT:
    """The file as `kind`. Amounts and national phone numbers are read by the currency and the country; a word that is none is a mistake
    of its own, and reads them as nothing. Raises GroupFileError."""
    context = {
        "currency": currency if isinstance(currency, str) and currency in EXPONENTS else None,
        "country": country if isinstance(country, str) and country in CURRENCIES_BY_COUNTRY else None,
    }
    try:
        return kind.model_validate(parsed.data, context=context)
    except ValidationError as error:
        raise GroupFileError(_problem(parsed, kind, one) for one in error.errors(include_url=False)) from None


def refuse(parsed: Parsed, contradictions: Iterable[Contradiction]) -> None:
    """Raises GroupFileError when there is any."""
    problems = [Problem(parsed.line(path), _where(path), expected) for path, expected in contradictions]
    if problems:
        raise GroupFileError(problems)


def _problem(parsed: Parsed, kind: type[Part], error: ErrorDetails) -> Problem:
    path: Path = tuple(part for part in error["loc"] if part != "[key]")
    return Problem(parsed.line(path), _where(path), _expected(kind, error))


def _expected(kind: type[Part], error: ErrorDetails) -> str:
    """What would have been right, in plain words."""
    about = error.get("ctx", {})
    match error["type"]:
        case "value_error":
            return str(about["error"])
        case "literal_error":
            return "one of " + str(about["expected"]).replace("'", "")
        case "missing":
            return "a value; this key is missing"
        case "extra_forbidden":
            return f"only the keys {', '.join(_keys_beside(kind, error['loc']))}"
        case "list_type":
            return "a list, such as [first, second]"
        case "too_long" | "too_short":
            return f"at most {about['max_length']} of them" if "max_length" in about else "at least one"
        case _:
            return "keys with values, such as {key: value}"


def _keys_beside(kind: type[BaseModel], path: Path) -> list[str]:
    """The keys that the mapping around `path` knows."""
    for key in path[:-1]:
        if isinstance(key, str):
            held = kind.model_fields[key].annotation
            kind = next(c for c in (held, *getattr(held, "__args__", ())) if isinstance(c, type) and issubclass(c, BaseModel))
    return list(kind.model_fields)


def _where(path: Path) -> str:
    """`members[3].phone`; positions count from 1."""
    words = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in path)
    return words.lstrip(".") or "the file"
