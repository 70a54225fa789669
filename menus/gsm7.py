"""The alphabet of text messages: what fits, how many parts it takes, and how to fold a text into it.

A message of only GSM-7 characters takes 160 septets; one other character makes the whole message UCS-2, 70 units. So every
outgoing text is folded, and only its characters outside the alphabet: French é è à ù are in it and stay.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Literal

# ESC, the 128th code, only announces the extension table and is no character of its own
BASIC = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
EXTENDED = "\f^{}\\[~]|€"  # two septets each: ESC and a code

SINGLE, PART = 160, 153  # septets
UCS2_SINGLE, UCS2_PART = 70, 67  # UTF-16 units

_BASIC = re.compile(f"[{re.escape(BASIC)}]*")
_GSM = re.compile(f"[{re.escape(BASIC + EXTENDED)}]*")
_EXTENDED = re.compile(f"[{re.escape(EXTENDED)}]")

_TYPOGRAPHIC = {
    **dict.fromkeys("\t\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000", " "),
    **dict.fromkeys("\u0085\u2028\u2029", "\n"),
    **dict.fromkeys("‘’‚‛′‹›ʼʻ`´", "'"),
    **dict.fromkeys("“”„‟″«»", '"'),
    **dict.fromkeys("‐‑‒–—―−", "-"),
    **dict.fromkeys("\0\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff", ""),  # invisible
}
_LETTERS = {
    **{"đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "ɖ": "d", "Ɖ": "D", "ɗ": "d", "Ɗ": "D"},
    **{"ŋ": "ng'", "Ŋ": "Ng'", "œ": "oe", "Œ": "OE", "ẞ": "SS", "þ": "th", "Þ": "Th", "ﬁ": "fi", "ﬂ": "fl"},
    **{"ɓ": "b", "Ɓ": "B", "ƙ": "k", "Ƙ": "K", "ƴ": "y", "Ƴ": "Y", "ɛ": "e", "Ɛ": "E", "ɔ": "o", "Ɔ": "O", "ƒ": "f", "Ƒ": "F"},
    **{"ɣ": "g", "Ɣ": "G", "ʋ": "v", "Ʋ": "V", "ł": "l", "Ł": "L", "ħ": "h", "Ħ": "H", "ı": "i", "ə": "e", "Ə": "E", "ɩ": "i", "Ɩ": "I"},
}
_SIGNS = {
    **{"…": "...", "•": "-", "·": ".", "×": "x", "÷": "/", "±": "+/-", "°": "o", "№": "No.", "©": "(c)", "®": "(R)", "™": "TM"},
    **{"₫": "d", "₹": "Rs", "₨": "Rs", "₦": "N", "₵": "GHS", "₣": "F", "¢": "c"},
}
_OUTSIDE = _TYPOGRAPHIC | _LETTERS | _SIGNS


def units(text: str) -> tuple[Literal["GSM-7", "UCS-2"], int]:
    """The encoding a text needs and its length there: septets, or UTF-16 units.

    >>> units("Ksh 500 {ok}"), units("đ")
    (('GSM-7', 14), ('UCS-2', 1))
    """
    if _BASIC.fullmatch(text):
        return "GSM-7", len(text)
    if _GSM.fullmatch(text):
        return "GSM-7", len(text) + len(_EXTENDED.findall(text))
    return "UCS-2", len(text.encode("utf-16-be", "surrogatepass")) // 2


def segments(text: str) -> int:
    """How many parts are sent and paid for; an empty message is one part too."""
    encoding, length = units(text)
    single, part = (SINGLE, PART) if encoding == "GSM-7" else (UCS2_SINGLE, UCS2_PART)
    if length <= single:
        return 1
    if length == len(text):
        return -(-length // part)
    double = EXTENDED if encoding == "GSM-7" else None
    return _parts((1 + ((char in double) if double else char > "\uffff") for char in text), part)


def _parts(costs: Iterable[int], size: int) -> int:
    """Fill parts in turn; a character of two units that does not fit goes whole into the next one."""
    parts, used = 1, 0
    for cost in costs:
        if used + cost > size:
            parts, used = parts + 1, 0
        used += cost
    return parts


def fits(text: str) -> bool:
    """Whether one message, or one USSD screen on any network, holds the text."""
    encoding, length = units(text)
    return length <= (SINGLE if encoding == "GSM-7" else UCS2_SINGLE)


def fold(text: str, keep_accents: bool = False) -> str:
    """The last step of every outgoing text: the same words in GSM-7, "?" for what has no counterpart.

    With `keep_accents` only typographic spaces, quotes and dashes are folded, for people who asked for UCS-2.

    >>> fold("Nguyễn đã gửi 500.000₫ – déjà reçu…")
    'Nguyen da gui 500.000d - déjà recu...'
    """
    if _GSM.fullmatch(text):
        return text
    composed = unicodedata.normalize("NFC", text)
    if keep_accents:
        return unicodedata.normalize("NFC", composed.translate(_KEPT))
    return composed.translate(_FOLDED)


class _Folded(dict[int, str]):
    """A translation table that works out a character when it first occurs."""

    def __missing__(self, code: int) -> str:
        folded = _fold_character(chr(code))
        if len(self) < 8192:  # texts come from outside: bounded
            self[code] = folded
        return folded


def _fold_character(char: str) -> str:
    """One composed character: its own letters if it is in the alphabet, else the table, else without its marks."""
    if _GSM.fullmatch(char):
        return char
    if char in _OUTSIDE:
        return _OUTSIDE[char]
    if "\uff01" <= char <= "\uff5e":  # full width: 0xFEE0 above ASCII
        char = chr(ord(char) - 0xFEE0)
    bare = "".join(_OUTSIDE.get(base, base) for base in unicodedata.normalize("NFD", char) if not _dropped(base))
    return "".join(base if _GSM.fullmatch(base) else "?" for base in bare)


def _dropped(char: str) -> bool:
    """Marks, control and format characters vanish; everything else that cannot be shown leaves a "?"."""
    return unicodedata.category(char) in ("Mn", "Me", "Cc", "Cf")


_FOLDED = _Folded()
_KEPT = str.maketrans(_TYPOGRAPHIC)


def plain(text: str) -> str:
    """A typed word for comparison: full-width and composed forms, case, marks and đ make no difference.

    >>> plain("Đồng Ý") == plain("dong y")
    True
    """
    folded = unicodedata.normalize("NFKC", text).casefold().replace("đ", "d")
    return unicodedata.normalize("NFC", "".join(char for char in unicodedata.normalize("NFD", folded) if unicodedata.category(char) != "Mn"))


def unmarked(text: str) -> str:
    """Every mark taken off, case kept: how Vietnamese is written on phones that cannot show it.

    >>> unmarked("Số dư, Đồng Ý, lãi")
    'So du, Dong Y, lai'
    """
    decomposed = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return unicodedata.normalize("NFC", "".join(char for char in decomposed if unicodedata.category(char) != "Mn"))
