"""What a member asks for by text: a word and a number, `REPAY 520000`, and nothing else. What the number says is read with her group's book
at hand (menus/amounts.py); a text that only contains such a word is no request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from menus.amounts import is_money
from menus.gsm7 import plain
from menus.keywords import REQUESTS, meaning, only_letters
from menus.typed import ANSWER_MAX

_PARTS = re.compile(r"([^0-9]*)(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One of keywords.REQUESTS and what stands from its first digit on, in lower case and without marks."""

    kind: str
    typed: str = ""


def read(text: str) -> Wanted | None:
    """The request a text begins with; without a number where it has none.

    >>> read("REPAY520000"), read("Trả nợ 520.000đ.")
    (Wanted(kind='repay', typed='520000'), Wanted(kind='repay', typed='520.000d.'))
    >>> read("Buy 3 shares").typed, read("Fine: KSh 500").typed, read("call me"), read("not repay 500"), read("repay tomorrow"), read("lipa 500")
    ('3 shares', 'ksh 500', Wanted(kind='call', typed=''), None, None, None)
    """
    said = _PARTS.fullmatch(plain(text).strip()) if len(text) <= ANSWER_MAX else None
    if said is None or any(sign.isalnum() and not sign.isascii() for sign in said[1]):
        return None
    kind = _requests().get(only_letters(said[1]))
    if kind:
        return Wanted(kind, said[2].strip())
    before, _, money = said[1].strip().rpartition(" ")
    kind = _requests().get(only_letters(before)) if said[2] and is_money(money) else None
    return Wanted(kind, f"{money} {said[2].strip()}") if kind else None


@cache
def _requests() -> Mapping[str, str]:
    return {word: name for name in REQUESTS for word in meaning(name)}
