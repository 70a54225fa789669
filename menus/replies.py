"""What a text means. Accepts the harmless variants of OK and NO in every language; anything doubtful means nothing and gets a help text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from menus.gsm7 import plain

Meaning = Literal["yes", "no", "stop", "start", "other"]

# Words as they are compared: lower case, no marks. `no` is English; Vietnamese refuses with `khong`.
WORDS: dict[str, Meaning] = {
    "ok": "yes", "okay": "yes", "yes": "yes", "y": "yes", "co": "yes", "dongy": "yes", "ndiyo": "yes", "ndio": "yes", "sawa": "yes", "oui": "yes",
    "no": "no", "n": "no", "khong": "no", "ko": "no", "hapana": "no", "non": "no",
    "stop": "stop", "unsubscribe": "stop",  # the carriers' own words only: "huy" or "acha" also mean "cancel this"
    "start": "start", "anza": "start", "batdau": "start",
}  # fmt: skip
# Words that turn a sentence round in one of our languages; with one of them a text is not an answer.
DOUBTS = frozenset({
    "not", "dont", "didnt", "doesnt", "cant", "cannot", "havent", "hasnt", "isnt", "wont", "never", "cancel", "wait", "wrong", "mistake", "later",
    "si", "sio", "usi", "bado", "sijapokea", "kosa",
    "pas", "ne", "jamais", "annuler", "attendez", "erreur",
    "chua", "dung", "huy", "sai",
})  # fmt: skip
CODE = re.compile(r"[0-9]{5}")
_TOKENS = re.compile(r"[a-z]+|[0-9]+")
_SPACED = re.compile(r"(?<![0-9])(?:[0-9][ ]?){4}[0-9](?![0-9])")  # five digits that were typed in groups
_APOSTROPHES = str.maketrans("", "", "'\u2018\u2019\u02bc`")


@dataclass(frozen=True, slots=True)
class Reply:
    """`yes` and `no` come with exactly one code."""

    meaning: Meaning
    code: str = ""


def understand(text: str) -> Reply:
    """The meaning of a text.

    The answer stands first, as word and code in either order; what follows may be thanks or a signature, never a second answer.

    >>> understand("OK 48213"), understand(" ok48213. "), understand("48213 Có!")
    (Reply(meaning='yes', code='48213'), Reply(meaning='yes', code='48213'), Reply(meaning='yes', code='48213'))
    >>> understand("yes no 48213").meaning, understand("not yes 48213").meaning, understand("OK 48213?").meaning, understand("STOP").meaning
    ('other', 'other', 'other', 'stop')
    """
    if "?" in text:
        return Reply("other")
    tokens = _TOKENS.findall(_together(plain(text)).translate(_APOSTROPHES).replace("dong y", "dongy").replace("bat dau", "batdau"))
    if len(tokens) == 1 and WORDS.get(tokens[0]) in ("stop", "start"):
        return Reply(WORDS[tokens[0]])
    return _answer(tokens)


def _together(text: str) -> str:
    """`48 213` as `48213`; other digits are left as they stand."""
    return _SPACED.sub(lambda found: found[0].replace(" ", ""), text)


def _answer(tokens: list[str]) -> Reply:
    said = {WORDS[token] for token in tokens if token in WORDS} & {"yes", "no"}
    codes = {token for token in tokens if CODE.fullmatch(token)}
    first = tokens[:2]
    clear = len(said) == 1 and len(codes) == 1 and len(first) == 2 and not DOUBTS & set(tokens)
    word, code = (first[0], first[1]) if clear and first[0] in WORDS else (first[1], first[0]) if clear else ("", "")
    if clear and WORDS.get(word) in said and code in codes:
        return Reply(said.pop(), code)
    return Reply("other")
