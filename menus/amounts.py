"""Numbers as people write them in a text: `520.000d` in Vietnam, `KSh 1,250.50` in Kenya, `520 000 F` in Senegal. What could be read in two
ways is not read: a point before two digits is no thousand, and where there are no cents it is nothing at all."""

from __future__ import annotations

import re
from functools import cache

from ledger.money import DIGITS_MAX, EXPONENTS, minor_units
from menus.gsm7 import plain
from menus.keywords import meaning, only_letters, words
from menus.places import MONEY_STYLES

_WRITTEN = re.compile(r"(?P<before>[a-z]*) ?(?P<number>[0-9][0-9 .,]*?) ?(?:/[-=])? ?(?P<behind>[a-z]*)")
_UNITS = re.compile(r"(?P<number>[0-9]{1,4}) ?(?P<behind>[a-z ]*)")
_ENDS = " .!\r\n"  # what may follow a number and says nothing


def amount(typed: str, currency: str) -> int:
    """An amount in minor units, as Wanted.typed has it. Raises ValueError for anything that is not plain.

    >>> amount("520.000d.", "VND"), amount("1,250.50", "KES"), amount("520 000 f", "XOF"), amount("ksh 500/=", "KES")
    (520000, 125050, 520000, 50000)
    >>> amount("12.50", "VND")
    Traceback (most recent call last):
    ValueError: not plain
    """
    thousands, point, _ = _style(currency)
    said = _WRITTEN.fullmatch(" ".join(typed.strip(_ENDS).split()))
    if said is None or not {said["before"], said["behind"]} <= {"", *_names(currency)}:
        raise ValueError("not plain")
    in_threes = "|".join(rf"[1-9][0-9]{{0,2}}(?:{re.escape(sign)}[0-9]{{3}})+" for sign in {thousands, " "})
    number = re.fullmatch(rf"(?P<whole>{in_threes}|[1-9][0-9]*)(?:{re.escape(point)}(?P<part>[0-9]{{1,2}}))?", said["number"])
    whole = re.sub(r"[^0-9]", "", number["whole"]) if number else ""
    if number is None or len(whole) > DIGITS_MAX or (number["part"] and not EXPONENTS[currency]):
        raise ValueError("not plain")
    return minor_units(whole + (f".{number['part']}" if number["part"] else ""), currency)


def _style(currency: str) -> tuple[str, str, str]:
    return MONEY_STYLES.get(currency, (",", ".", f"{currency} #"))


@cache
def _names(currency: str) -> frozenset[str]:
    """What may stand beside an amount of this currency."""
    return meaning("money") | {currency.lower(), only_letters(plain(_style(currency)[2]))}


def is_money(said: str) -> bool:
    """Whether a word names money, of whatever country.

    >>> is_money("ksh"), is_money("dong"), is_money("at")
    (True, True, False)
    """
    return any(said in _names(currency) for currency in EXPONENTS)


def units(typed: str) -> int:
    """A number of shares. Raises ValueError.

    >>> units("3"), units("3 co phan."), units("12shares")
    (3, 3, 12)
    """
    said = _UNITS.fullmatch(" ".join(typed.strip(_ENDS).split()))
    if said is None or only_letters(said["behind"]) not in {"", *meaning("units")}:
        raise ValueError("not plain")
    return int(said["number"])


def loan_number(typed: str) -> tuple[str, int]:
    """(the amount, the loan it is for, 0 where none is named).

    >>> loan_number("520000 loan 2"), loan_number("520.000d khoan vay 12."), loan_number("520000")
    (('520000', 2), ('520.000d', 12), ('520000', 0))
    """
    named = sorted((word for some in words()["which_loan"].values() for word in some), key=len, reverse=True)
    said = re.fullmatch(rf"(?P<amount>.*?) ?(?:{'|'.join(named)}) ?(?P<loan>[1-9][0-9]{{0,3}})", " ".join(typed.strip(_ENDS).split()))
    return (said["amount"], int(said["loan"])) if said else (typed, 0)
