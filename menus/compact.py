"""A meeting in texts, for places where calls fail: `M L4,17 SF-9,19 R12 520000`. Letters are the same in every language.

A text begins with M; then come things to note, in any order, with spaces between. `LETTERS` has them all, each with an example; what opens,
closes, asks or takes back stands alone in its text. No letter is an O where digits could stand, and no number stands for itself, so that
nothing can be read in two ways; whatever is read is read back before it counts.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from menus.compact_letters import FORMS, LETTERS, Letter
from menus.gsm7 import plain
from menus.keywords import meaning

TEXT_MAX = 160  # characters of a text that is looked at; a longer one is refused whole, never cut
PIECE_SHOWN = 20  # characters of what was not understood
BESIDE = "L4,17"  # shown to who wrote a letter that is none

_BEGINS = re.compile(r"M(?=[\s:.;?]|$)[\s:.;]*", re.IGNORECASE)
_SPACE = re.compile(r"[\s;.]*(?:\s|;|$)")
_LETTERS = re.compile(r"(0[SL]|[A-Z]{1,2}|\?)(?![A-Z])", re.IGNORECASE)
_NO_WORD = re.compile(r"[\s.!?]+")
_DIGITS = re.compile(r"[0-9]+")


@dataclass(frozen=True, slots=True)
class Item:
    """One thing of a text. `members`: whom it names (of `social_fund` those who did not pay; of `undo` the notes); `loan`: a loan of hers by
    number; `amounts`: money as typed; `numbers`: shares, months and votes, or the place on a list; `more`: guarantors."""

    kind: str
    members: tuple[int, ...] = ()
    amounts: tuple[str, ...] = ()
    numbers: tuple[int, ...] = ()
    loan: int = 0
    row: str = ""
    words: str = ""
    fund: str = "loan_fund"
    more: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Unread:
    """What of a text was not understood, and how such a thing is written."""

    piece: str
    example: str


def read(text: str) -> tuple[Item, ...] | Unread | None:
    """Everything the text says; None when it is no such text, Unread when any of it is not understood.

    >>> read("m l04,17 SF-9, 19") == (Item("late", (4, 17)), Item("social_fund", (9, 19)))
    True
    >>> [(item.kind, item.members, item.amounts, item.row) for item in read("M S53210 R12 520000; F 7=5000 sf")]
    [('shares', (), (), '53210'), ('repay', (12,), ('520000',), ''), ('pay_fine', (7,), ('5000',), ''), ('social_fund', (), (), '')]
    >>> read("M n7 2000000 3 18 1 +3,5")
    (Item(kind='grant_loan', members=(7,), amounts=('2000000',), numbers=(3, 18, 1), loan=0, row='', words='', fund='loan_fund', more=(3, 5)),)
    >>> read("M L4 and 17"), read("M X9"), read("M R12.3"), read("M late 4")
    (Unread(piece='and 17', example='L4,17'), Unread(piece='X9', example='X 30000 4'),
     Unread(piece='R12.3', example='R12 520000'), Unread(piece='late 4', example='L4,17'))
    >>> read("M S5321 S1111"), read("M C 500 0 L4"), read("my loan")
    (Unread(piece='S1111', example='S53210...'), Unread(piece='L4', example='C 4766000 190000'), None)
    >>> [item.kind for item in (*read("M"), *read("M giup"), *read("M?"), *read("m t"), *read("M 0L 500 0"))]
    ['help', 'help', 'totals', 'totals', 'open_loans']
    """
    said = _clean(text)
    start = _BEGINS.match(said)
    if start is None:
        return None
    rest = said[start.end() :]
    if not rest or _NO_WORD.sub("", plain(rest)) in meaning("help"):
        return (Item("help"),)
    return _items(rest)


def _clean(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def _items(said: str) -> tuple[Item, ...] | Unread:
    at, found, before = 0, list[Item](), BESIDE
    while at < len(said):
        letter, begun = _letter(said, at)
        matched = _form(letter.form).match(said, begun) if letter else None
        space = _SPACE.match(said, matched.end()) if matched else None
        example = letter.example if letter else before
        if letter is None or matched is None or space is None:
            return Unread(_piece(said, at), example)
        item = _item(letter, matched)
        if found and not _beside(item, found):
            return Unread(_piece(said, at, space.start()), LETTERS_OF[found[0].kind].example if LETTERS_OF[found[0].kind].alone else example)
        found.append(item)
        at, before = space.end(), example
    return tuple(found)


def _letter(said: str, at: int) -> tuple[Letter | None, int]:
    """The letter that stands there, and where what belongs to it begins. Who types 0L for OL is understood: no thing begins with a digit."""
    found = _LETTERS.match(said, at)
    typed = found[1].upper() if found else ""
    name = f"O{typed[1]}" if len(typed) == 2 and typed[0] == "0" else typed
    return LETTERS.get(name), found.end() if found else at


def _beside(item: Item, others: list[Item]) -> bool:
    """Whether both may stand in one text: some things stand alone, two are said once."""
    kinds = [other.kind for other in others]
    alone = any(LETTERS_OF[kind].alone for kind in (item.kind, *kinds))
    return not alone and not (item.kind in ("shares", "social_fund") and item.kind in kinds)


def _piece(said: str, at: int, end: int | None = None) -> str:
    """What was not understood, as far as it is shown: whole words."""
    rest = said[at:end].strip()
    return rest if len(rest) <= PIECE_SHOWN else rest[: PIECE_SHOWN + 1].rpartition(" ")[0] or rest[:PIECE_SHOWN]


@cache
def _form(name: str) -> re.Pattern[str]:
    return re.compile(FORMS[name], re.VERBOSE)


def _item(letter: Letter, found: re.Match[str]) -> Item:
    said = {name: value for name, value in found.groupdict().items() if value is not None}
    kind = letter.kind
    if said.get("sign") == "-":
        kind = letter.minus
    elif letter.kind == "social_fund" and "amount" in said:
        kind = "pay_social_fund"
    return Item(
        kind=kind,
        members=_numbers(said.get("who", "") or said.get("but", "")),
        amounts=_present(said, "amount", "back", "second"),
        numbers=tuple(int(number) for number in _present(said, "n", "m", "k")),
        loan=int(said.get("loan", 0)),
        row=said.get("row", ""),
        words=said.get("words", "").strip(),
        fund=letter.fund,
        more=_numbers(said.get("more", "")),
    )


def _present(said: Mapping[str, str], *names: str) -> tuple[str, ...]:
    return tuple(said[name] for name in names if name in said)


def _numbers(listed: str) -> tuple[int, ...]:
    return tuple(dict.fromkeys(int(number) for number in _DIGITS.findall(listed)))


LETTERS_OF: Mapping[str, Letter] = {kind: letter for letter in LETTERS.values() for kind in (letter.kind, letter.minus) if kind} | {
    "pay_social_fund": LETTERS["SF"]
}
