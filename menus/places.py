"""Languages and countries as data: places.toml, read once."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any


def marked(language: str) -> str:
    """The writing of a language with its marks."""
    return f"{language}+"


_READ: dict[str, Any] = tomllib.loads((Path(__file__).parent / "places.toml").read_text(encoding="utf-8"))
LANGUAGES: tuple[str, ...] = tuple(_READ["languages"])
UNMARKED: frozenset[str] = frozenset(language for language, about in _READ["languages"].items() if about.get("unmarked"))
# A language that goes out without its marks has a second writing, with them, for those who ask for it: {"vi": "vi+"}. Wherever words are looked
# up a writing stands for its language.
MARKED: dict[str, str] = {language: marked(language) for language in LANGUAGES if language in UNMARKED}
WRITINGS: tuple[str, ...] = (*LANGUAGES, *MARKED.values())
LANGUAGE_BY_PREFIX: dict[str, str] = {prefix: language for language, about in _READ["languages"].items() for prefix in about["phones"]}
MONEY_STYLES: dict[str, tuple[str, str, str]] = {
    currency: (thousands, point, pattern) for currency, (thousands, point, pattern) in _READ["money"].items()
}
FAMILY_NAME_FIRST: frozenset[str] = frozenset(_READ["names"]["family_name_first"])


def is_marked(writing: str) -> bool:
    """Whether it is a writing that needs more than GSM-7."""
    return writing.endswith("+")


def language_of(writing: str) -> str:
    """The language of a writing.

    >>> language_of("vi+"), language_of("sw")
    ('vi', 'sw')
    """
    return writing.removesuffix("+")
