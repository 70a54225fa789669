"""What a text means. Accepts the harmless variants of OK and NO in every language; anything doubtful means nothing and gets a help text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from ledger import checkcode
from menus.gsm7 import plain

Meaning = Literal["yes", "no", "contest", "code", "stop", "start", "other"]

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
# Words that say an entry is wrong, beside a plain no; and words that may stand before its number.
WRONG = frozenset({
    "wrong", "mistake", "error", "incorrect", "false", "dispute", "contest", "sai", "kosa", "makosa", "erreur", "faux", "fausse", "inexact",
})  # fmt: skip
_SAID_WRONG = {
    "not right": "wrong", "not correct": "wrong", "si sahihi": "kosa", "sio sahihi": "kosa", "si kweli": "kosa", "khong dung": "sai",
    "khong phai": "sai", "pas juste": "faux", "pas correct": "faux", "bien nhan": "receipt",
}  # fmt: skip
_BESIDE = frozenset({
    "text", "send", "receipt", "entry", "number", "nr", "it", "is", "my", "the", "nhan", "bao", "so", "tuma", "jibu", "risiti", "namba", "na", "ya",
    "recu", "numero", "repondez", "envoyez", "le", "est",
})  # fmt: skip
_BEFORE_A_CODE = frozenset({"code", "check", "ma", "namba", "msimbo"})
CODE = re.compile(r"[0-9]{5}")
_ENTRY = re.compile(r"[0-9]{1,7}")
_TOKENS = re.compile(r"[a-z]+|[0-9]+")
_SPACED = re.compile(r"(?<![0-9])(?:[0-9][ ]?){4}[0-9](?![0-9])")  # five digits that were typed in groups
_APOSTROPHES = str.maketrans("", "", "'\u2018\u2019\u02bc`")
_APART = re.compile(r"[^0-9A-Za-z]+")


@dataclass(frozen=True, slots=True)
class Reply:
    """`yes` and `no` come with exactly one code of five digits, `contest` (and such a `no`) with the `number` of a receipt or of the member,
    `code` with the check code of a book."""

    meaning: Meaning
    code: str = ""
    number: int = 0


def understand(text: str) -> Reply:
    """The meaning of a text.

    The answer stands first, as word and code in either order; what follows may be thanks or a signature, never a second answer. Of who
    says that an entry is wrong only the first number counts: she may go on to explain.

    >>> understand("OK 48213"), understand(" ok48213. "), understand("48213 Có!").meaning
    (Reply(meaning='yes', code='48213', number=0), Reply(meaning='yes', code='48213', number=0), 'yes')
    >>> understand("yes no 48213").meaning, understand("not yes 48213").meaning, understand("OK 48213?").meaning, understand("STOP").meaning
    ('other', 'other', 'other', 'stop')
    >>> [understand(words).number for words in ("NO 12", "Sai? Nhắn SAI 12", "si sahihi 12", "KOSA12", "Erreur ? NON 12", "wrong 12, not 3")]
    [12, 12, 12, 12, 12, 12]
    >>> understand("04hm-asw9").meaning, understand("Mã 04HM ASW9").code, understand("asanteni").meaning
    ('code', '04HMASW9', 'other')
    """
    tokens = _tokens(text)
    if len(tokens) == 1 and WORDS.get(tokens[0]) in ("stop", "start"):
        return Reply(WORDS[tokens[0]])
    answer = Reply("other") if "?" in text else _answer(tokens)
    if answer.meaning == "other":
        answer = _contested(text)
    return answer if answer.meaning != "other" else _check_code(text)


def _tokens(text: str) -> list[str]:
    return _TOKENS.findall(_together(plain(text)).translate(_APOSTROPHES).replace("dong y", "dongy").replace("bat dau", "batdau"))


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
        meaning = said.pop()
        return Reply(meaning, code, int(code) if meaning == "no" else 0)
    return Reply("other")


def _contested(text: str) -> Reply:
    """A word that says no or wrong, and the number of a receipt. A no with five digits is an officer's, and was looked at before."""
    words = " ".join(_tokens(text))
    for phrase, word in _SAID_WRONG.items():
        words = words.replace(phrase, word)
    tokens = words.split()
    place = next((place for place, token in enumerate(tokens) if token.isdigit()), None)
    if place is None or not _ENTRY.fullmatch(tokens[place]):
        return Reply("other")
    leading = tokens[:place] if place else tokens[1:2]
    wrong = WRONG & set(leading)
    no = {token for token in leading if WORDS.get(token) == "no"}
    if set(leading) - WRONG - no - _BESIDE or not (wrong or no) or (CODE.fullmatch(tokens[place]) and not wrong):
        return Reply("other")
    return Reply("contest", number=int(tokens[place]))


def _check_code(text: str) -> Reply:
    """Eight letters and digits, with or without a word before them. Words of eight letters are none: there is a digit, or the dash."""
    first, _, rest = text.strip().partition(" ")
    announced = plain(first.strip(":. ")) in _BEFORE_A_CODE and bool(rest)
    given = rest if announced else text.strip()
    code = checkcode.read(given)
    if code is None or not (announced or _looks_like_a_code(given)):
        return Reply("other")
    return Reply("code", checkcode.code_of(code).replace("-", ""))


def _looks_like_a_code(given: str) -> bool:
    """In one piece or two halves with a digit or the dash; in other pieces only when none of them is a word."""
    pieces = [piece for piece in _APART.split(given) if piece]
    digits = sum(letter.isdigit() for letter in given)
    if any(plain(piece) in WORDS for piece in pieces) and len(pieces) > 1:
        return False
    if [len(piece) for piece in pieces] in ([8], [4, 4]):
        return digits > 0 or "-" in given
    return digits > 1 and not any(len(piece) > 2 and piece.isalpha() for piece in pieces)
