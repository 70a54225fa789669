"""Phone numbers: one identity for every way a number is written, and a short form for logs."""

from __future__ import annotations

import re
from functools import lru_cache

import phonenumbers

_WRITTEN = re.compile(r"\+?[0-9]{7,15}")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


def e164(raw: str, region: str | None = None) -> str:
    """The number in E.164, or "" when it cannot be read.

    An international number counts with and without `+` (a `+` that was not encoded in a form arrives as a space). A
    national number, beginning with 0, needs the region.

    >>> e164(" 254712345678"), e164("0912 000 012", "VN"), e164("0912000012"), e164("MTN")
    ('+254712345678', '+84912000012', '', '')
    """
    written = raw.replace(" ", "")
    # phonenumbers also reads "tel:", extensions, line breaks and other scripts' digits: two spellings too many for an identity
    return _read(written, region) if _WRITTEN.fullmatch(written) else ""


@lru_cache(maxsize=4096)
def _read(written: str, region: str | None) -> str:
    """Ask the numbering plans; remembered, because each phone comes back at every hop."""
    national = written.startswith("0")
    if national and not region:
        return ""
    try:
        number = phonenumbers.parse(written if national else "+" + written.removeprefix("+"), region if national else None)
    except phonenumbers.NumberParseException:
        return ""
    # With a + the writer says it is international, and an operator may hand out ranges before our tables know them: the length must do.
    sure = phonenumbers.is_possible_number if written.startswith("+") else phonenumbers.is_valid_number
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if sure(number) else ""


def is_e164(number: str) -> bool:
    """Whether the number has the form that providers take."""
    return _E164.fullmatch(number) is not None


def shortened(phone: str) -> str:
    """Enough of a number to follow it through a log, too little to call it.

    >>> shortened("+84912000012"), shortened("MTN"), shortened("")
    ('+849..012', '?', '')
    """
    if not phone:
        return ""
    return f"{phone[:4]}..{phone[-3:]}" if is_e164(phone) else "?"
