"""The accountant's page, made from the rules: each event, what it debits and credits, its worked example. Writes docs/bookkeeping.md."""

from __future__ import annotations

import doctest
import inspect
from collections.abc import Callable
from types import ModuleType

from ledger import correcting, leaving, loans, rules, rules_end, rules_group, rules_loans, rules_opening, shareout
from ledger.accounts import CHART

_HEAD = """# How Dialbook keeps a group's book

Made from `ledger/accounts.py`, the `ledger/rules*.py` files, `ledger/loans.py`, `ledger/leaving.py` and `ledger/shareout.py`
by `make docs`; do not edit. Every example below is run by the tests.

Double entry, one book for each group, one currency, whole minor units. The loan fund and the social fund are two boxes with books of their
own, and capital entrusted by others has a third: no line joins two of them. The service charge of the flat and declining methods is earned
when it is paid; the rolled method adds it to the debt when a period starts, and the book has it at the next payment or loan meeting.
A meeting is one entry, posted when it closes. Nothing is ever edited: a correction is a new entry.

## Chart of accounts

| number | account | what it holds | balance may be |
|---|---|---|---|
"""


PARTS = (
    ("Members", rules), ("Loans", rules_loans), ("The group", rules_group), ("A group that brings its book", rules_opening),
    ("Leaving and share-out", rules_end),
)  # fmt: skip
ARITHMETIC = (
    ("Service charge", loans), ("What a leaver gets", leaving), ("What each member takes home", shareout), ("Corrections", correcting),
)  # fmt: skip


def draw() -> str:
    """docs/bookkeeping.md."""
    chart = "".join(f"| {int(row.kind)} | {row.name}{_per(row.per)} | {row.means} | {_range(row.lowest, row.highest)} |\n" for row in CHART)
    parts = [f"## {title}\n\n" + "\n".join(_event(rule) for rule in module.RULES) for title, module in PARTS]
    parts += [f"## {title}\n\n{_words(module)}" for title, module in ARITHMETIC]
    return f"{_HEAD}{chart}\n" + "\n".join(parts)


def _per(per: str) -> str:
    return "" if per == "group" else f":*{per}*"


def _range(lowest: int, highest: int) -> str:
    if lowest == 0:
        return "a debit, never below zero"
    return "a credit, never above zero" if highest == 0 else "either"


def _event(rule: Callable[..., object]) -> str:
    """One rule as a section: its words, then its examples as the journal prints them."""
    text = inspect.getdoc(rule) or ""
    words = text.split(">>>")[0].strip()
    title, _, rest = words.partition(":")
    shown = "\n\n".join(f"`{_call(one)}`\n\n```\n{one.want.rstrip()}\n```" for one in doctest.DocTestParser().get_examples(text))
    return f"### {title}\n\n{_sentence(rest.strip())}\n\n{shown}\n"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _call(example: doctest.Example) -> str:
    return example.source.strip().removeprefix("print(").removesuffix(")")


def _words(module: ModuleType) -> str:
    """The words of a module, which are the rule: all but its first sentence's paragraph."""
    return (inspect.getdoc(module) or "").split("\n\n", 1)[1].strip() + "\n"
