"""What a text means. Accepts the harmless variants of OK and NO in every language; anything doubtful means nothing and gets a help text."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field

from ledger import checkcode
from menus import keywords, wanted
from menus.gsm7 import plain
from menus.keywords import meaning, phrases, together
from menus.wanted import Wanted

CODES_MAX = 6  # in one answer: what becomes of them is one text
CODE = re.compile(r"[0-9]{5}")
_ENTRY = re.compile(r"[0-9]{1,7}")
_TOKENS = re.compile(r"[a-z]+|[0-9]+")
_SPACED = re.compile(r"(?<![0-9])(?:[0-9][ ]?){4}[0-9](?![0-9])")  # five digits that were typed in groups
_APOSTROPHES = str.maketrans("", "", "'\u2018\u2019\u02bc`")
_APART = re.compile(r"[^0-9A-Za-z]+")
_PRINTED = re.compile(f"[{checkcode.LETTERS}]{{4}}-[{checkcode.LETTERS}]{{4}}")  # a check code as texts and pages show it


@dataclass(frozen=True, slots=True)
class Reply:
    """`meaning` is yes, no, contest, code, stop, start, language, request, other, or one of keywords.ASKED and SETTINGS.

    `yes` and `no` come with a code of five digits and perhaps `more` of them, `contest` (and a `no` with one code) with the `number` of a
    receipt or of the member, `code` with the check code of a book, `language` with the one that was chosen, if any, `help` and `rules` with
    the `number` of a page, `request` with what is `wanted`."""

    meaning: str
    code: str = ""
    number: int = 0
    more: tuple[str, ...] = field(default=(), repr=False)
    language: str = field(default="", repr=False)
    wanted: Wanted | None = field(default=None, repr=False)

    @property
    def codes(self) -> tuple[str, ...]:
        """All codes of an answer."""
        return (self.code, *self.more)


def understand(text: str) -> Reply:
    """The meaning of a text.

    The answer stands first, as a word and its codes in either order; what follows may be thanks or a signature, never a second answer. Of
    who says that an entry is wrong only the first number counts: she may go on to explain.

    >>> understand("OK 48213"), understand(" ok48213. "), understand("48213 Có!").meaning
    (Reply(meaning='yes', code='48213', number=0), Reply(meaning='yes', code='48213', number=0), 'yes')
    >>> understand("yes no 48213").meaning, understand("not yes 48213").meaning, understand("OK 48213?").meaning, understand("STOP").meaning
    ('other', 'other', 'other', 'stop')
    >>> [understand(words).number for words in ("NO 12", "Sai? Nhắn SAI 12", "si sahihi 12", "KOSA12", "Erreur ? NON 12", "wrong 12, not 3")]
    [12, 12, 12, 12, 12, 12]
    >>> understand("04hm-asw9").meaning, understand("Mã 04HM ASW9").code, understand("asanteni").meaning
    ('code', '04HMASW9', 'other')
    >>> [understand(words).meaning for words in ("3N4X-ASW9", "N34XASW9", "SA12-ASW9", "KOSA-1234")]
    ['code', 'code', 'code', 'contest']
    >>> understand("OK 48213 59322").codes, understand("48213, 59322 và 22345: có").codes, understand("Số dư").meaning, understand("LANG sw").language
    (('48213', '59322'), ('48213', '59322', '22345'), 'balance', 'sw')
    >>> understand("Rules 2").number, understand("REPAY520000").wanted, understand("repay").meaning
    (2, Wanted(kind='repay', typed='520000'), 'help_pay')
    """
    tokens = _tokens(text)
    for name in ("stop", "start"):
        if len(tokens) == 1 and tokens[0] in meaning(name):
            return Reply(name)
    found = _asked(text) or (None if _PRINTED.fullmatch(text.strip()) else _wanted(text))
    if found is not None:
        return found
    code = _check_code(text)
    if code.meaning == "code" and _begins_as_a_code(tokens, text):
        return code
    answer = Reply("other") if "?" in text else _answer(tokens)
    if answer.meaning == "other":
        answer = _contested(text)
    return answer if answer.meaning != "other" else code


def _asked(text: str) -> Reply | None:
    """A question, a setting or another language: a keyword and nothing else."""
    asked, page = keywords.asked(text), keywords.page_of(text)
    if asked is not None:
        return Reply(asked[0], language=asked[1])
    return Reply(page[0], number=page[1]) if page else None


def _wanted(text: str) -> Reply | None:
    """What the treasurer is to be asked; the word without its number wants to be explained."""
    found = wanted.read(text)
    if found is None:
        return None
    return Reply("request", wanted=found) if found.typed or found.kind == "call" else Reply("help_pay")


def _tokens(text: str) -> list[str]:
    tokens = _TOKENS.findall(_together(plain(text)).translate(_APOSTROPHES))
    return together(" ".join(tokens), phrases("yes", "no", "stop", "start")).split()


def _together(text: str) -> str:
    """`48 213` as `48213`; other digits are left as they stand."""
    return _SPACED.sub(lambda found: found[0].replace(" ", ""), text)


def _answer(tokens: list[str]) -> Reply:
    """One answer, and every code of the text beside it."""
    yes, no = meaning("yes"), meaning("no")
    said = {"yes" if token in yes else "no" for token in tokens if token in yes | no}
    if len(said) != 1 or meaning("doubt") & set(tokens):
        return Reply("other")
    run = list(itertools.takewhile(lambda token: token in yes | no | meaning("and") or CODE.fullmatch(token), tokens))
    codes = list(dict.fromkeys(token for token in run if CODE.fullmatch(token)))
    if not 0 < len(codes) <= CODES_MAX or set(codes) != {token for token in tokens if CODE.fullmatch(token)} or not _begins(run, len(codes)):
        return Reply("other")
    is_yes = "yes" in said
    return Reply("yes" if is_yes else "no", codes[0], 0 if is_yes or codes[1:] else int(codes[0]), tuple(codes[1:]))


def _begins(run: list[str], codes: int) -> bool:
    """Whether an answer begins with its word and a code, or with its codes and then the word."""
    words = [token in meaning("yes") | meaning("no") for token in run]
    if words[0]:
        return len(run) > 1 and bool(CODE.fullmatch(run[1]))
    return run[0] not in meaning("and") and (words[1] if codes == 1 and len(words) > 1 else any(words))


def _contested(text: str) -> Reply:
    """A word that says no or wrong, and the number of a receipt. A no with five digits is an officer's, and was looked at before."""
    tokens = together(" ".join(_tokens(text)), phrases("wrong", "beside")).split()
    place = next((place for place, token in enumerate(tokens) if token.isdigit()), None)
    if place is None or not _ENTRY.fullmatch(tokens[place]):
        return Reply("other")
    leading = tokens[:place] if place else tokens[1:2]
    wrong = meaning("wrong") & set(leading)
    no = meaning("no") & set(leading)
    if set(leading) - wrong - no - meaning("beside") or not (wrong or no) or (CODE.fullmatch(tokens[place]) and not wrong):
        return Reply("other")
    return Reply("contest", number=int(tokens[place]))


def _check_code(text: str) -> Reply:
    """Eight letters and digits, with or without a word before them. Words of eight letters are none: there is a digit, or the dash."""
    first, _, rest = text.strip().partition(" ")
    announced = plain(first.strip(":. ")) in meaning("before_code") and bool(rest)
    given = rest if announced else text.strip()
    code = checkcode.read(given)
    if code is None or not (announced or _looks_like_a_code(given)):
        return Reply("other")
    return Reply("code", checkcode.code_of(code).replace("-", ""))


def _begins_as_a_code(tokens: list[str], text: str) -> bool:
    """A code may begin as a no does: with `3n`, `n3`, or with `sai2-`; with the dash where it belongs it is a code all the same."""
    return tokens[0].isdigit() or tokens[0] == "n" or (text.strip()[4:5] == "-" and plain(text.strip()[:4]) not in meaning("wrong"))


def _looks_like_a_code(given: str) -> bool:
    """In one piece or two halves with a digit, the dash or letters that only codes have; in other pieces only when none of them is a word."""
    pieces = [piece for piece in _APART.split(given) if piece]
    digits = sum(letter.isdigit() for letter in given)
    if any(plain(piece) in meaning("yes") | meaning("no") | meaning("stop") | meaning("start") for piece in pieces) and len(pieces) > 1:
        return False
    if [len(piece) for piece in pieces] in ([8], [4, 4]):
        strict = not set(given.upper()) & set("ILOU")  # one code in twenty has no digit; most pairs of words have one of these letters
        return digits > 0 or "-" in given or strict
    return digits > 1 and not any(len(piece) > 2 and piece.isalpha() for piece in pieces)
