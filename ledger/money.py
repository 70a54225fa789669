"""Money: whole minor units of one currency. There is no division; what must be split is split in `loans` with a stated rounding."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_READ: dict[str, dict[str, Any]] = tomllib.loads(Path(__file__).with_name("money.toml").read_text(encoding="utf-8"))
EXPONENTS: dict[str, int] = _READ["exponents"]
CURRENCIES_BY_COUNTRY: dict[str, str] = _READ["countries"]
DIGITS_MAX = 9
_AMOUNT = re.compile(r"(?P<whole>[0-9]{1,12})(?:\.(?P<part>[0-9]{1,2}))?")


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """`minor` units of `currency`; adding two currencies is refused.

    >>> Money(52_000, "VND") + Money(8_000, "VND")
    Money(minor=60000, currency='VND')
    >>> Money(100, "KES") + Money(1, "UGX")
    Traceback (most recent call last):
    ValueError: KES and UGX do not add up
    """

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int or self.currency not in EXPONENTS:
            raise TypeError(f"money is a whole number of minor units of a known currency, not {self.minor!r} {self.currency}")

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + other._of(self).minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - other._of(self).minor, self.currency)

    def times(self, count: int) -> Money:
        """The same amount `count` times."""
        return Money(self.minor * count, self.currency)

    def _of(self, other: Money) -> Money:
        if self.currency != other.currency:
            raise ValueError(f"{other.currency} and {self.currency} do not add up")
        return self


def minor_units(text: str, currency: str) -> int:
    """An amount as people write it, in minor units. ASCII digits, at most as many decimals as the currency has.

    >>> minor_units("12.50", "KES"), minor_units("20000", "VND")
    (1250, 20000)
    >>> minor_units("12.50", "VND")
    Traceback (most recent call last):
    ValueError: a whole amount of VND, such as 20000
    """
    exponent = EXPONENTS[currency]
    match = _AMOUNT.fullmatch(text)
    part = (match["part"] or "") if match else ""
    if not match or len(part) > exponent:
        raise ValueError(f"an amount of {currency}, such as 12.50" if exponent else f"a whole amount of {currency}, such as 20000")
    return int(match["whole"] + part.ljust(exponent, "0"))


def plain(minor: int, currency: str) -> str:
    """Digits with a decimal point and nothing else, for exports.

    >>> plain(1250, "KES"), plain(-20000, "VND")
    ('12.50', '-20000')
    """
    exponent = EXPONENTS[currency]
    sign, digits = "-" * (minor < 0), str(abs(minor)).rjust(exponent + 1, "0")
    return sign + (f"{digits[:-exponent]}.{digits[-exponent:]}" if exponent else digits)
