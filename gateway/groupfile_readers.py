"""How single values of a group file are read, and the words that say what was expected to whoever mistyped one.

Values arrive as text (`careful_yaml`). Amounts become minor units; the currency and the country, which other values depend on,
come in the validation context.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Annotated, Any
from zoneinfo import available_timezones

from pydantic import PlainValidator, ValidationInfo

from gateway.phones import e164
from ledger.checks import AMOUNT_MINOR_MAX
from ledger.money import CURRENCIES_BY_COUNTRY, EXPONENTS, minor_units, plain
from menus.places import LANGUAGES

_CODE = re.compile(r"[A-Z0-9]{2,12}")
_DAY = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}")
_DIGITS = re.compile(r"[0-9]{1,9}")
_FINE = re.compile(r"[a-z][a-z0-9_]{0,19}")


def amount(value: object, info: ValidationInfo) -> int:
    """Minor units of the group's currency; 0 while the currency itself is a mistake."""
    currency = (info.context or {}).get("currency")
    if currency is None:
        return 0
    minor = minor_units(value if isinstance(value, str) else "", currency)
    if minor > AMOUNT_MINOR_MAX:
        raise ValueError(f"an amount of at most {plain(AMOUNT_MINOR_MAX, currency)} {currency}")
    return minor


def more_than_nothing(value: object, info: ValidationInfo) -> int:
    """An amount that is not zero."""
    minor = amount(value, info)
    if minor == 0 and (info.context or {}).get("currency"):
        raise ValueError("an amount above 0")
    return minor


def whole(least: int, most: int) -> Callable[[object], int]:
    """A reader of whole numbers from `least` to `most`."""

    def read(value: object) -> int:
        if not isinstance(value, str) or not _DIGITS.fullmatch(value) or not least <= int(value) <= most:
            raise ValueError(f"a whole number from {least} to {most}")
        return int(value)

    return read


def text(most: int) -> Callable[[object], str]:
    """A reader of names: one line of printable characters, in the composed form, so that two spellings of ế are one."""

    def read(value: object) -> str:
        name = unicodedata.normalize("NFC", value).strip() if isinstance(value, str) else ""
        if not 1 <= len(name) <= most or not name.isprintable():
            raise ValueError(f"a name of 1 to {most} printable characters")
        return name

    return read


def known(of: Callable[[], Any], words: str) -> Callable[[object], str]:
    """A reader of words that are in a list."""

    def read(value: object) -> str:
        if not isinstance(value, str) or value not in of():
            raise ValueError(words)
        return value

    return read


def day(value: object) -> date:
    """A date of this century, written 2026-01-07."""
    try:
        if isinstance(value, str) and _DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise ValueError("a date such as 2026-01-07")


def truth(value: object) -> bool:
    """`true` or `false`, not the many other words YAML has for them."""
    if value not in ("true", "false"):
        raise ValueError("true or false")
    return value == "true"


def code(value: object) -> str:
    """A group's code."""
    if not isinstance(value, str) or not _CODE.fullmatch(value):
        raise ValueError("2 to 12 capital letters and digits, such as DK09")
    return value


def phone(value: object, info: ValidationInfo) -> str:
    """E.164; a national number is read as one of the group's country."""
    number = e164(value, (info.context or {}).get("country")) if isinstance(value, str) else ""
    if not number:
        raise ValueError("a phone number that exists, with its country code, such as +84912000001")
    return number


def fine_name(name: str) -> str:
    """What a fine is for."""
    if not _FINE.fullmatch(name):
        raise ValueError("a name of a fine in small letters, such as late or no_card")
    return name


def bounds(value: object) -> tuple[int, int]:
    """[least, most] shares a member may buy at a meeting."""
    try:
        least, most = (whole(0, 1000)(number) for number in value) if isinstance(value, list) else (1, 0)
    except ValueError:
        least, most = 1, 0
    if least > most or most < 1:
        raise ValueError("the least and the most shares, up to 1000, such as [1, 5]")
    return least, most


def each_once(roles: list[str]) -> list[str]:
    """Roles in a fixed order, none twice."""
    if len(set(roles)) < len(roles):
        raise ValueError("each role once")
    return sorted(roles)


@cache
def _timezones() -> frozenset[str]:
    return frozenset(name for name in available_timezones() if "/" in name or name == "UTC")


Amount = Annotated[int, PlainValidator(amount)]
Positive = Annotated[int, PlainValidator(more_than_nothing)]
Day = Annotated[date, PlainValidator(day)]
MemberNumber = Annotated[int, PlainValidator(whole(1, 9999))]
Name = Annotated[str, PlainValidator(text(30))]
Code = Annotated[str, PlainValidator(code)]
Phone = Annotated[str, PlainValidator(phone)]
Language = Annotated[str, PlainValidator(known(lambda: LANGUAGES, f"a language: {', '.join(LANGUAGES)}"))]
Truth = Annotated[bool, PlainValidator(truth)]
Country = Annotated[str, PlainValidator(known(lambda: CURRENCIES_BY_COUNTRY, f"a country: {', '.join(sorted(CURRENCIES_BY_COUNTRY))}"))]
Currency = Annotated[str, PlainValidator(known(lambda: EXPONENTS, f"a currency: {', '.join(sorted(EXPONENTS))}"))]
Timezone = Annotated[str, PlainValidator(known(lambda: _timezones(), "a time zone such as Asia/Ho_Chi_Minh"))]
