"""A piece of a meeting in one text, for places where calls fail: `M L4,17 SF-9,19 R12 520000`. Letters are the same in every language.

M             the text is about the meeting; then, in any order, with spaces between:
L4,17  A3  E5  P6    late, absent, excused, present after all
SF  SF-9,19          everybody here has paid for the social fund; all but 9 and 19
S5321042...          shares of everybody here, one digit each, in the order of their numbers
R12 520000           member 12 repays
F7 5000              member 7 pays a fine
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from menus.typed import clean

Kind = Literal["late", "absent", "excused", "present", "social_fund", "shares", "repay", "fine"]
LETTERS: dict[str, Kind] = {"L": "late", "A": "absent", "E": "excused", "P": "present", "SF": "social_fund", "S": "shares", "R": "repay", "F": "fine"}
_NUMBERS = r"[0-9]{1,4}(?:\s*,\s*[0-9]{1,4})*"
_ITEM = re.compile(
    rf"""(?P<roll>[LAEP])\s*(?P<who>{_NUMBERS})
       | SF(?:\s*-\s*(?P<but>{_NUMBERS}))?
       | S\s*(?P<row>[0-9]{{3,99}})
       | (?P<money>[RF])\s*(?P<member>[0-9]{{1,4}})[\s=:]+(?P<amount>[0-9]{{1,9}}(?:\.[0-9]{{1,2}})?)""",
    re.VERBOSE,
)
_SPACE = re.compile(r"[\s;.]*(?:\s|;|$)")
_BEGINS = re.compile(r"M[\s:]+(?=[LAEPSRF])")


@dataclass(frozen=True, slots=True)
class Item:
    """One thing of a text: the members it names (of `social_fund` those who did not pay), the row of shares or the amount as typed."""

    kind: Kind
    members: tuple[int, ...] = ()
    typed: str = ""


def read(text: str) -> tuple[Item, ...] | None:
    """Everything the text says, or None when it is no such text, or when any of it is not understood.

    >>> read("m l4,17 SF-9, 19")
    (Item(kind='late', members=(4, 17), typed=''), Item(kind='social_fund', members=(9, 19), typed=''))
    >>> [(item.kind, item.members, item.typed) for item in read("M S53210 R12 520000; F 7=5000 sf")]
    [('shares', (), '53210'), ('repay', (12,), '520000'), ('fine', (7,), '5000'), ('social_fund', (), '')]
    >>> read("M L4 and 17"), read("my loan"), read("M"), read("M R12"), read("M S5321 S1111")
    (None, None, None, None, None)
    """
    said = clean(text).upper()
    begins = _BEGINS.match(said)
    if begins is None:
        return None
    at, items = begins.end(), []
    while at < len(said):
        found = _ITEM.match(said, at)
        space = _SPACE.match(said, found.end()) if found else None
        if found is None or space is None:
            return None
        items.append(_item(found))
        at = space.end()
    once = [item.kind for item in items if item.kind in ("social_fund", "shares")]
    return tuple(items) if items and len(once) == len(set(once)) else None


def _item(found: re.Match[str]) -> Item:
    if found["roll"]:
        return Item(LETTERS[found["roll"]], _numbers(found["who"]))
    if found["row"]:
        return Item("shares", typed=found["row"])
    if found["money"]:
        return Item(LETTERS[found["money"]], (int(found["member"]),), found["amount"])
    return Item("social_fund", _numbers(found["but"] or ""))


def _numbers(listed: str) -> tuple[int, ...]:
    return tuple(dict.fromkeys(int(number) for number in re.findall(r"[0-9]+", listed)))
