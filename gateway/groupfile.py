"""The group file: read it with every mistake named by its line, and load it once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from gateway.careful_yaml import NotCareful, Parsed, Path, parse
from gateway.groupfile_fields import FilePart
from ledger import groups
from ledger.checks import AMOUNT_MINOR_MAX, OFFICERS
from ledger.constitution import Constitution
from ledger.db import Conn
from ledger.money import CURRENCIES_BY_COUNTRY, EXPONENTS
from ledger.rules import OpeningShare

PERIODS_A_YEAR = {"month": 12, "four_weeks": 13}
VN_CEILING_BP = 2000  # Viet Nam's Civil Code, article 468: agreed interest above 20 % a year has no effect
USUAL_SIZE = range(10, 26)
USUAL_SHARES_MAX = 5


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

    def __init__(self, problems: list[Problem]):
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class GroupFile:
    """A file as understood. `phones`: E.164 by member number, None without one. `file_hash`: 32 bytes, the same for every way of
    writing the same content. `warnings`: unusual, but the group's own choice."""

    new: groups.NewGroup
    phones: dict[int, str | None]
    file_hash: bytes
    warnings: tuple[str, ...]


def read(text: str, today: date | None = None) -> GroupFile:
    """Understand a group file. `today` (default: now, where the group lives) bounds the dates of what it brings.

    Raises GroupFileError.
    """
    try:
        parsed = parse(text)
        file = FilePart.model_validate(parsed.data, context=_context(parsed))
    except NotCareful as error:
        raise GroupFileError([Problem(error.line, "the file", error.expected)]) from None
    except ValidationError as error:
        raise GroupFileError(sorted((_problem(parsed, e) for e in error.errors(include_url=False)), key=lambda p: p.line)) from None
    today = today or datetime.now(ZoneInfo(file.group.timezone)).date()
    problems = [Problem(parsed.line(path), _where(path), expected) for path, expected in _contradictions(file, today)]
    if problems:
        raise GroupFileError(sorted(problems, key=lambda p: p.line))
    _spell_out(file)
    return GroupFile(_new_group(file), {m.number: m.phone for m in file.members}, _file_hash(file), tuple(_warnings(file)))


def load(conn: Conn, file: GroupFile, demo: bool = False) -> tuple[int, bool]:
    """Create the group and its phones in the caller's transaction: (group id, True), or (group id, False) when it was there.

    Raises ledger.groups.GroupExists when another file took the code.
    """
    group_id, created = groups.create(conn, file.new, file.file_hash, demo)
    if created:
        with conn.cursor() as cursor:
            cursor.executemany(
                "insert into member_phone (phone, group_id, member) values (%s, %s, %s)",
                [(phone, group_id, number) for number, phone in file.phones.items() if phone],
            )
    return group_id, created


# ---------------------------------------------------------------- mistakes in one value


def _context(parsed: Parsed) -> dict[str, str | None]:
    """What amounts and phones are read with: None where the file's own word for it is a mistake."""
    group = parsed.data.get("group")
    said = group if isinstance(group, dict) else {}
    currency, country = said.get("currency"), said.get("country")
    return {
        "currency": currency if isinstance(currency, str) and currency in EXPONENTS else None,
        "country": country if isinstance(country, str) and country in CURRENCIES_BY_COUNTRY else None,
    }


def _problem(parsed: Parsed, error: ErrorDetails) -> Problem:
    path: Path = tuple(part for part in error["loc"] if part != "[key]")
    return Problem(parsed.line(path), _where(path), _expected(error))


def _expected(error: ErrorDetails) -> str:
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
            return f"only the keys {', '.join(_keys_beside(error['loc']))}"
        case "list_type":
            return "a list, such as [first, second]"
        case "too_long" | "too_short":
            return f"at most {about['max_length']} of them" if "max_length" in about else "at least one"
        case _:
            return "keys with values, such as {key: value}"


def _keys_beside(path: Path) -> list[str]:
    """The keys that the mapping around `path` knows."""
    part: type[BaseModel] = FilePart
    for key in path[:-1]:
        if isinstance(key, str):
            kind = part.model_fields[key].annotation
            part = next(c for c in (kind, *getattr(kind, "__args__", ())) if isinstance(c, type) and issubclass(c, BaseModel))
    return list(part.model_fields)


def _where(path: Path) -> str:
    """`members[3].phone`; positions count from 1."""
    words = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in path)
    return words.lstrip(".") or "the file"


# ---------------------------------------------------------------- mistakes between values


def _contradictions(file: FilePart, today: date) -> Iterator[tuple[Path, str]]:
    """(where, what was expected) for what no single value shows."""
    yield from _twice([m.number for m in file.members], ("members",), "number", "a member number of her own")
    yield from _officers(file)
    as_of = file.opening.as_of or today
    if as_of > today:
        yield ("opening", "as_of"), f"a day not after today, {today}"
    yield from _brought(file, as_of)


def _twice(numbers: list[int], path: Path, key: str, expected: str) -> Iterator[tuple[Path, str]]:
    first: dict[int, int] = {}
    for position, number in enumerate(numbers):
        if first.setdefault(number, position) != position:
            yield (*path, position, key), f"{expected}; {number} is taken above"


def _officers(file: FilePart) -> Iterator[tuple[Path, str]]:
    """Somebody must be left to confirm what an officer pays herself."""
    officers = [m for m in file.members if not set(m.roles).isdisjoint(OFFICERS)]
    needed = 3 if file.constitution.confirmation == "treasurer_and_officer" else 2
    if not any("treasurer" in m.roles for m in officers):
        yield ("members",), "a member with the role treasurer"
    elif len(officers) < needed:
        others = ", ".join(role for role in OFFICERS if role != "treasurer")
        yield ("members",), f"{needed} officers (treasurer and {others}): nobody could confirm what the treasurer pays herself"


def _brought(file: FilePart, as_of: date) -> Iterator[tuple[Path, str]]:
    """Shares and loans belong to members, in amounts a book can hold, on days that have been."""
    opening, numbers = file.opening, {m.number for m in file.members}
    yield from _twice([s.member for s in opening.shares], ("opening", "shares"), "member", "one line of shares a member")
    for i, share in enumerate(opening.shares):
        if share.member not in numbers:
            yield ("opening", "shares", i, "member"), f"a member of this file; there is no {share.member}"
        if share.units * file.constitution.share_price > AMOUNT_MINOR_MAX:
            yield ("opening", "shares", i, "units"), f"at most {AMOUNT_MINOR_MAX // file.constitution.share_price} shares at this price"
    for i, loan in enumerate(opening.loans):
        if loan.member not in numbers:
            yield ("opening", "loans", i, "member"), f"a member of this file; there is no {loan.member}"
        if loan.issued > as_of:
            yield ("opening", "loans", i, "issued"), f"a day not after {as_of}, the day of these figures"


# ---------------------------------------------------------------- the file as understood


def _spell_out(file: FilePart) -> None:
    """Put defaults that depend on other values into the file, and order what has no order, so that equal files are equal."""
    file.members.sort(key=lambda m: m.number)
    file.opening.shares.sort(key=lambda s: s.member)
    for member in file.members:
        member.language = member.language or file.group.language
    for loan in file.opening.loans:
        loan.original = loan.original or loan.principal
    if not file.constitution.share_out.cash_unit:
        file.constitution.share_out.cash_unit = 10 ** EXPONENTS[file.group.currency]


def _file_hash(file: FilePart) -> bytes:
    """sha256 of the content without what is at its default: a key that a later release adds leaves old files as they were."""
    said = file.model_dump(exclude_defaults=True)
    return hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":"), default=date.isoformat).encode()).digest()


def _new_group(file: FilePart) -> groups.NewGroup:
    g, cycle, opening = file.group, file.cycle, file.opening
    members = tuple(groups.NewMember(m.number, m.name, m.language, tuple(m.roles)) for m in file.members)
    loans = tuple(groups.NewLoan(n.member, n.original, n.principal, n.charge_due, n.issued, n.due) for n in opening.loans)
    shares = tuple(OpeningShare(s.member, s.units) for s in opening.shares)
    return groups.NewGroup(
        g.code, g.name, g.country, g.currency, g.timezone, g.language, _constitution(file), cycle.number, cycle.start, cycle.end,
        members, opening.as_of, opening.loan_fund_cash, opening.social_fund_cash, shares, loans,
    )  # fmt: skip


def _constitution(file: FilePart) -> Constitution:
    c = file.constitution
    least, most = c.shares_per_meeting
    fines: Mapping[str, int] = dict(sorted(c.fines.items()))
    return Constitution(
        c.share_price, least, most, c.social_fund_contribution, c.service_charge.method, c.service_charge.rate_bp, c.service_charge.period,
        c.loan.multiple, c.loan.max_term_days, c.loan.one_at_a_time, fines, c.fines_to, c.confirmation, c.share_out.method,
        c.share_out.cash_unit,
    )  # fmt: skip


def _warnings(file: FilePart) -> Iterator[str]:
    """What the field's practice or the law of the country advises against, and the group may want all the same."""
    c, charge = file.constitution, file.constitution.service_charge
    if len(file.members) not in USUAL_SIZE:
        yield f"{len(file.members)} members; groups of {USUAL_SIZE[0]} to {USUAL_SIZE[-1]} work best"
    if c.shares_per_meeting[1] > USUAL_SHARES_MAX:
        yield f"up to {c.shares_per_meeting[1]} shares a meeting; {USUAL_SHARES_MAX} is usual and keeps members equal"
    phones = {member.phone for member in file.members if member.phone and set(member.roles) & set(OFFICERS)}
    if len(phones) < 2:
        yield "fewer than two officers have phones of their own; an officer's own payments could not be confirmed"
    yearly = charge.rate_bp * PERIODS_A_YEAR[charge.period]
    if file.group.country == "VN" and yearly > VN_CEILING_BP:
        yield f"a service charge of {yearly / 100:g} % a year; the law of Viet Nam gives no effect to more than 20 %"
    borrowers = [loan.member for loan in file.opening.loans]
    if c.loan.one_at_a_time:
        for number in sorted({n for n in borrowers if borrowers.count(n) > 1}):
            yield f"member {number} brings several loans, though the rules allow one at a time"
