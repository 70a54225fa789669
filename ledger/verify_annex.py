"""An entry's annex read back: what it says beyond its lines. It is hashed with the entry, so here anything odd is somebody's forgery."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, NamedTuple, get_args

from ledger import loans
from ledger.chain import StoredEntry, StoredLine
from ledger.entry import EntryKind
from ledger.meetings import Count


class BadAnnex(ValueError):
    """No program of ours wrote this annex."""


class Given(NamedTuple):
    """A loan that comes with the entry."""

    loan_no: int
    member: int
    terms: loans.Terms


class Held(NamedTuple):
    """A meeting as it was closed. `roll`: member numbers by how they were there."""

    no: int
    loan_meeting: bool
    held_on: date
    opened_by: int
    opening: Count
    closing: Count
    roll: Mapping[str, list[int]]


class Event(NamedTuple):
    """What became of a loan. `principal` and `charge`: as they stood; set right: the principal it should have had; reinstated: all that came back."""

    loan_no: int
    kind: str
    on: date
    due_before: date
    due_on: date
    principal: int
    charge: int


class Corrects(NamedTuple):
    """An item of an old entry was wrong. `lines`: place in this entry -> the old line it cancels, None for what stands in its place."""

    entry_no: int
    member: int
    item: str
    loan_no: int
    was: int
    right: int
    on: date
    lines: Mapping[int, int | None]


class NewRules(NamedTuple):
    """A version of the constitution, as stored."""

    version: int
    from_on: date
    terms: Mapping[str, Any]


class NewCycle(NamedTuple):
    """A cycle."""

    number: int
    starts_on: date
    ends_on: date


class Left(NamedTuple):
    """A member left."""

    member: int
    why: str
    waits: bool


class Shared(NamedTuple):
    """The cycle was shared out by this sheet."""

    cycle: int
    sheet: Mapping[str, Any]


class Said(NamedTuple):
    """All that an annex can say."""

    loans: tuple[Given, ...] = ()
    meeting: Held | None = None
    events: tuple[Event, ...] = ()
    corrects: Corrects | None = None
    rules: NewRules | None = None
    cycle: NewCycle | None = None
    left: Left | None = None
    share_out: Shared | None = None


class Step(NamedTuple):
    """One entry with its lines and what its annex says."""

    entry: StoredEntry
    lines: list[StoredLine]
    said: Said


# What the annex of each kind of entry must say, and what it may say beside that.
MUST: dict[int, frozenset[str]] = {
    EntryKind.LOAN: frozenset({"loans"}),
    EntryKind.MEETING: frozenset({"meeting"}),
    EntryKind.REVERSAL: frozenset({"corrects"}),
    EntryKind.RULES: frozenset({"rules"}),
    EntryKind.SHARE_OUT: frozenset({"share_out"}),
    EntryKind.LEAVING: frozenset({"left"}),
    EntryKind.WRITE_OFF: frozenset({"events"}),
    EntryKind.CYCLE: frozenset({"rules", "cycle"}),
}
MAY: dict[int, frozenset[str]] = {
    EntryKind.OPENING: frozenset({"loans"}),
    EntryKind.MEETING: frozenset({"loans", "events"}),
    EntryKind.REVERSAL: frozenset({"events"}),
    EntryKind.LEAVING: frozenset({"events"}),
}
_NOTHING: frozenset[str] = frozenset()


def read(kind: int, annex: str) -> Said:
    """What an entry's annex says. Raises BadAnnex: not canonical, of another shape, or not what a kind of entry can say."""
    told = _document(annex)
    must = MUST.get(kind, _NOTHING)
    if not must <= told.keys() <= must | MAY.get(kind, _NOTHING):
        raise BadAnnex(f"its annex speaks of {', '.join(told) or 'nothing'}, which is not what such an entry says")
    try:
        return Said(**{key: _READERS[key](value) for key, value in told.items()})
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise BadAnnex(f"its annex has another shape than our programs write ({error})") from None


def _document(annex: str) -> dict[str, Any]:
    """Canonical JSON: a list is one of loans, as the first release wrote them."""
    if not annex:
        return {}
    try:
        told = json.loads(annex)
        canonical = json.dumps(told, sort_keys=True, separators=(",", ":"))
    except (ValueError, RecursionError):
        raise BadAnnex("its annex is no JSON") from None
    if canonical != annex or not isinstance(told, list | dict):
        raise BadAnnex("its annex is not written as our programs write it")
    return {"loans": told} if isinstance(told, list) else told


def _whole(value: Any) -> int:
    if type(value) is not int or abs(value) >= 1 << 63:
        raise ValueError(f"a whole number, not {str(value)[:40]!r}")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"words, not {str(value)[:40]!r}")
    return value


def _yes_or_no(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"true or false, not {str(value)[:40]!r}")
    return value


def _one_of(value: Any, names: Any) -> Any:
    if value not in get_args(names):
        raise ValueError(f"{str(value)[:40]!r}")
    return value


def _loans(told: list[Any]) -> tuple[Given, ...]:
    return tuple(_given(*row) for row in told)


def _given(
    no: Any, member: Any, original: Any, principal: Any, charge: Any, method: Any, rate: Any, period: Any, issued: Any, opened: Any, due: Any,
    late_rule: Any = "extra_charge", fund: Any = "loan_fund",
) -> Given:  # fmt: skip
    terms = loans.Terms(
        _whole(original), _whole(principal), _whole(charge), _one_of(method, loans.Method), _whole(rate), _one_of(period, loans.Period),
        date.fromisoformat(issued), date.fromisoformat(opened), date.fromisoformat(due), _one_of(late_rule, loans.LateRule),
        _one_of(fund, loans.Fund),
    )  # fmt: skip
    if not 0 < terms.principal <= terms.original or terms.opening_charge < 0 or not 0 <= terms.rate_bp <= loans.BASIS_POINTS:
        raise ValueError(f"loan {no} of {terms.principal} at {terms.rate_bp}")
    return Given(_whole(no), _whole(member), terms)


def _meeting(told: dict[str, Any]) -> Held:
    if told.keys() != {"no", "loan_meeting", "held_on", "opened_by", "opening", "closing", "roll", "said"} or not isinstance(told["said"], list):
        raise ValueError("a meeting")
    roll = {_text(how): [_whole(number) for number in numbers] for how, numbers in told["roll"].items()}
    days = (_whole(told["no"]), _yes_or_no(told["loan_meeting"]), date.fromisoformat(told["held_on"]), _whole(told["opened_by"]))
    return Held(*days, _count(*told["opening"]), _count(*told["closing"]), roll)


def _count(*told: Any) -> Count:
    *figures, why = told
    lf_expected, lf_counted, sf_expected, sf_counted = map(_whole, figures)
    return Count(lf_expected, lf_counted, sf_expected, sf_counted, _text(why))


def _events(told: list[Any]) -> tuple[Event, ...]:
    return tuple(_event(*row) for row in told)


def _event(loan_no: Any, kind: Any, on: Any, before: Any, due: Any, principal: Any, charge: Any) -> Event:
    if kind not in ("rollover", "written_off", "reinstated", "corrected"):
        raise ValueError(f"{str(kind)[:40]!r}")
    days = [date.fromisoformat(day) for day in (on, before, due)]
    return Event(_whole(loan_no), kind, days[0], days[1], days[2], _whole(principal), _whole(charge))


def _corrects(told: dict[str, Any]) -> Corrects:
    if told.keys() != {"entry", "member", "item", "loan_no", "was", "right", "why", "on", "lines"}:
        raise ValueError("a correction")
    _text(told["why"])
    lines = {_whole(place): None if cancels is None else _whole(cancels) for place, cancels in told["lines"]}
    if len(lines) != len(told["lines"]):
        raise ValueError("a line named twice")
    figures = (_whole(told["loan_no"]), _whole(told["was"]), _whole(told["right"]))
    return Corrects(_whole(told["entry"]), _whole(told["member"]), _text(told["item"]), *figures, date.fromisoformat(told["on"]), lines)


def _rules(told: dict[str, Any]) -> NewRules:
    if told.keys() != {"version", "from_on", "terms"} or not isinstance(told["terms"], dict):
        raise ValueError("rules")
    return NewRules(_whole(told["version"]), date.fromisoformat(told["from_on"]), told["terms"])


def _cycle(told: list[Any]) -> NewCycle:
    number, starts_on, ends_on = told
    return NewCycle(_whole(number), date.fromisoformat(starts_on), date.fromisoformat(ends_on))


def _left(told: list[Any]) -> Left:
    member, why, waits = told
    return Left(_whole(member), _text(why), _yes_or_no(waits))


def _share_out(told: dict[str, Any]) -> Shared:
    if told.keys() != {"cycle", "sheet"} or not isinstance(told["sheet"], dict):
        raise ValueError("a share-out")
    return Shared(_whole(told["cycle"]), told["sheet"])


_READERS: dict[str, Callable[[Any], Any]] = {
    "loans": _loans, "meeting": _meeting, "events": _events, "corrects": _corrects, "rules": _rules, "cycle": _cycle, "left": _left,
    "share_out": _share_out,
}  # fmt: skip
