"""The catalogue: every sentence in every language, loaded once; start-up refuses a gap or figures that differ between languages."""

from __future__ import annotations

import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from menus.gsm7 import unmarked
from menus.places import LANGUAGES, UNMARKED, marked

__all__ = ["LANGUAGES", "CatalogueError", "Sentence", "catalogue", "drafts", "label", "sentence"]

FOLDER = Path(__file__).parent / "texts"
REVIEWED = Path(__file__).parent / "reviewed.toml"
FORMS = ("page", "label", "sms")


class CatalogueError(Exception):
    """A sentence is missing in a language, or names other figures there. Nothing starts until it is put right."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of one language, cut at its {figures}: words and figure names in turn. `{units:share|shares}` is the word that goes with the
    figure, the first for one."""

    parts: tuple[tuple[str, str | None], ...]

    def fill(self, figures: Mapping[str, str]) -> str:
        """The sentence with its figures. What people typed is only ever a figure, never a pattern."""
        return "".join(words + (_said(name, figures) if name else "") for words, name in self.parts)

    @property
    def figures(self) -> frozenset[str]:
        """Names of the figures it wants."""
        return frozenset(name.partition(":")[0] for _, name in self.parts if name)


def _said(figure: str, figures: Mapping[str, str]) -> str:
    name, _, forms = figure.partition(":")
    one, _, many = forms.partition("|")
    return figures[name] if not forms else one if figures[name] == "1" else many


def _as_sent(text: str, language: str) -> str:
    """Vietnamese, say, goes out without its marks: one marked letter would halve the page, and a few of them alone read worse than none."""
    return unmarked(text) if language in UNMARKED else text


def _cut(text: str) -> Sentence:
    return Sentence(tuple((words, f"{name}:{forms}" if forms else name) for words, name, forms, _ in string.Formatter().parse(text)))


@cache
def catalogue() -> dict[tuple[str, str, str], Sentence]:
    """{(sentence name, form, writing): sentence}. Raises CatalogueError."""
    found: dict[tuple[str, str, str], Sentence] = {}
    problems: list[str] = []
    for file in sorted(FOLDER.glob("*.toml")):
        for name, forms in tomllib.loads(file.read_text(encoding="utf-8")).items():
            for form, by_language in forms.items():
                problems += _problems(file.name, name, form, by_language, found)
                found |= {(name, form, language): _cut(_as_sent(text, language)) for language, text in by_language.items()}
                # Of every language: a wish for marks that was left over in one with a single writing must cost nobody her book.
                found |= {(name, form, marked(language)): _cut(text) for language, text in by_language.items()}
    if problems:
        raise CatalogueError("; ".join(problems))
    return found


def _problems(file: str, name: str, form: str, by_language: Mapping[str, str], found: Mapping[tuple[str, str, str], Sentence]) -> list[str]:
    where = f"{file} [{name}] {form}"
    problems = [f"{where}: no {language}" for language in LANGUAGES if not by_language.get(language)]
    problems += [f"{where}: unknown language {language}" for language in by_language if language not in LANGUAGES]
    if form not in FORMS:
        problems.append(f"{where}: the forms are {', '.join(FORMS)}")
    if (name, form, "en") in found:
        problems.append(f"{where}: said twice")
    if any(name and ":" in name and name.count("|") != 1 for text in by_language.values() for _, name in _cut(text).parts):
        problems.append(f"{where}: a word that goes with a figure is written {{units:share|shares}}")
    if len({_cut(text).figures for text in by_language.values()}) > 1:
        problems.append(f"{where}: the languages name different figures")
    return problems


def drafts() -> dict[str, dict[str, int]]:
    """{file: {language that no native speaker has read in it: its sentences}}. Raises CatalogueError for a file or language that is none."""
    read = tomllib.loads(REVIEWED.read_text(encoding="utf-8"))
    files = {file.name: tomllib.loads(file.read_text(encoding="utf-8")) for file in sorted(FOLDER.glob("*.toml"))}
    unknown = [name for name, some in read.items() if (name != "*" and name not in files) or set(some) - set(LANGUAGES)]
    if unknown:
        raise CatalogueError(f"{REVIEWED.name}: {', '.join(unknown)}")
    found: dict[str, dict[str, int]] = {}
    for name, said in files.items():
        count = sum(len(forms) for forms in said.values())
        found[name] = {language: count for language in LANGUAGES if language not in read.get(name, read.get("*", []))}
    return found


def sentence(name: str, form: str, language: str) -> Sentence:
    """A sentence of the catalogue. Raises KeyError with its name."""
    return catalogue()[name, form, language]


@cache
def label(name: str, language: str) -> str:
    """What stands beside a choice's number."""
    return sentence(name, "label", language).fill({})
