"""The words people text, from words.toml: what a word means in any of the languages, with and without marks, in any case and spacing."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from menus.gsm7 import plain
from menus.texts import LANGUAGES, CatalogueError

FILE = Path(__file__).parent / "words.toml"
ASKED = ("balance", "loan", "last", "meetings", "funds", "rules", "waiting", "help", "help_pay")
SETTINGS = ("accents", "no_accents", "short", "full")
REQUESTS = ("buy", "social_fund", "repay", "fine", "borrow", "call")
ALONE = ("yes", "no", "stop", "start", *ASKED, *SETTINGS, *REQUESTS, "language")  # a word of one of these is none of another
MEANINGS = (*ALONE, "name", "and", "doubt", "wrong", "beside", "before_code", "units", "which_loan", "money")
PAGED = ("help", "rules")  # answers that go on under the same word and a number
_NO_LETTERS = re.compile(r"[^a-z]+")
_PAGE = re.compile(r"([^0-9]+)([1-9][0-9]?)[\s.!]*")


@cache
def words() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """{meaning: {language: words}}. Raises CatalogueError when a meaning has no words in a language, or a word that asks two things."""
    found = {
        meaning: {language: tuple(some) for language, some in by_language.items()}
        for meaning, by_language in tomllib.loads(FILE.read_text(encoding="utf-8")).items()
    }
    gaps = [f"{meaning}.{language}" for meaning in MEANINGS for language in LANGUAGES if not found.get(meaning, {}).get(language)]
    unknown = [f"[{meaning}]" for meaning in found if meaning not in MEANINGS]
    asked: dict[str, str] = {}
    twice = [word for meaning in ALONE for word in _joined(found.get(meaning, {})) if asked.setdefault(word, meaning) != meaning]
    if gaps or unknown or twice:
        raise CatalogueError(f"{FILE.name}: nothing for {gaps}, not known {unknown}, said for two things {twice}")
    return found


def meaning(name: str) -> frozenset[str]:
    """The words of one meaning in all languages, each in one piece."""
    return frozenset(_joined(words()[name]))


def phrases(*names: str) -> list[str]:
    """Those that are several words, the longest first, as they are typed."""
    return sorted((word for name in names for some in words()[name].values() for word in some if " " in word), key=len, reverse=True)


def together(text: str, said: Iterable[str]) -> str:
    """The text with each of these phrases in one piece.

    >>> together("toi dong y 48213", ["dong y"])
    'toi dongy 48213'
    """
    padded = f" {text} "
    for phrase in said:
        padded = padded.replace(f" {phrase} ", f" {phrase.replace(' ', '')} ")
    return padded[1:-1]


def asked(text: str) -> tuple[str, str] | None:
    """(what is asked or set, the language chosen if one was), when the text is a keyword and nothing else.

    >>> asked("Số dư."), asked(" b a l "), asked("LANG vi"), asked("Langue : français"), asked("my loan is wrong")
    (('balance', ''), ('balance', ''), ('language', 'vi'), ('language', 'fr'), None)
    """
    letters = plain(text)
    if any(sign.isdigit() for sign in letters):
        return None
    said = only_letters(letters)
    found = _keywords().get(said)
    return (found, "") if found else _language(said)


def page_of(text: str) -> tuple[str, int] | None:
    """(what is asked, which page of the answer).

    >>> page_of("Help 2"), page_of("QUY CHE3."), page_of("bal 2"), page_of("help 2 me")
    (('help', 2), ('rules', 3), None, None)
    """
    found = _PAGE.fullmatch(plain(text).strip())
    what = _keywords().get(only_letters(found[1])) if found else None
    return (what, int(found[2])) if found and what in PAGED else None


def only_letters(said: str) -> str:
    """A plain text in one piece, without signs.

    >>> only_letters("b. a l!")
    'bal'
    """
    return _NO_LETTERS.sub("", said)


def is_word(said: str) -> bool:
    """Whether it is a word that means something by itself, and so cannot be the name of something."""
    return any(plain(said) in meaning(name) for name in ALONE)


def _language(said: str) -> tuple[str, str] | None:
    """`lang` alone, or with a language behind it."""
    for word in sorted(meaning("language"), key=len, reverse=True):
        if said.startswith(word):
            chosen = _names().get(said.removeprefix(word), "" if said == word else None)
            if chosen is not None:
                return "language", chosen
    return None


@cache
def _keywords() -> Mapping[str, str]:
    return {word: name for name in (*ASKED, *SETTINGS) for word in meaning(name)}


@cache
def _names() -> Mapping[str, str]:
    return {word: language for language, some in words()["name"].items() for word in _joined({language: some})}


def _joined(by_language: Mapping[str, Iterable[str]]) -> list[str]:
    return [word.replace(" ", "") for some in by_language.values() for word in some]
