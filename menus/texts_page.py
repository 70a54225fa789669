"""What a member can text, for people: a table for each language, made from the words that are understood. Writes docs/texts.md."""

from __future__ import annotations

from ledger.checks import Figure
from ledger.money import Money
from menus.keywords import ASKED, PAGED, REQUESTS, SETTINGS, words
from menus.telling_texts import phrase
from menus.texts import LANGUAGES, label

_ABOUT = {
    "balance": "her shares, what she owes, what is due of fines and contributions",
    "loan": "each of her loans: principal and service charge today, when it is due, what another period adds",
    "last": "the last lines of her passbook",
    "meetings": "what she did at the last three meetings",
    "funds": "both boxes as counted at the last close, what was lent, the check code",
    "rules": "the constitution, part by part: the word with 2 gives the second",
    "waiting": "officers: how many requests wait for her word, whose and what; never their codes",
    "help": "what may be asked; with 2 what may be asked for",
    "help_pay": "the second page of help at once",
    "language": "with `en`, `vi`, `sw` or `fr` behind it: her texts and pages in that language",
    "accents": "her texts with their accents, where the language has two ways to write",
    "no_accents": "and without",
    "short": "after a meeting only what she did",
    "full": "and all figures again",
    "stop": "no more texts to this phone",
    "start": "texts again",
    "buy": "to buy so many shares",
    "social_fund": "to pay so much into the social fund",
    "repay": "to repay so much; who has several loans adds the word for loan and its number",
    "fine": "to pay so much of a fine",
    "borrow": "record-keeper and chair hear that she would like to borrow so much",
    "call": "the field agent is asked to call her",
}
_NUMBERS = {"buy": " 3", "social_fund": " 5000", "repay": " 520000", "fine": " 5000", "borrow": " 600000", "call": ""}
_EXAMPLE: dict[str, Figure] = {
    "group": "Doan Ket", "twin": "", "amount": Money(520_000, "VND"), "charge": Money(15_000, "VND"), "principal": Money(505_000, "VND"),
    "code": "48213",
}  # fmt: skip
_HEAD = """# What a member can text

Made from `menus/words.toml` and `menus/texts/` by `make docs`; do not edit. Words of every language are understood in every group, with and
without accents, in any case, with stray spaces and full stops. A text is such a word and nothing else: a sentence that contains one is none.

A phone that several members of a group share gets nothing private and sends no request. A phone with books of several groups puts the group's
code in front: `DK09 BAL`. Answers are one part each, two where she asked for
accents, and a few an hour.

A request is read back with a code, and only her answer with that code, within two hours and from the same phone, sends it to the treasurer or
whoever confirms in her group; from there on it is as if she had dialled. Amounts are written as the country writes them, `520.000` in dong,
`1,250.50` in Kenyan shillings, `520 000` in francs, or in digits alone; anything else is refused and never guessed.

Besides: `NO` and the number of a receipt that is wrong, `OK` or `NO` and the five digits of a question, a check code such as `04HM-ASW9`, and for
a record-keeper a piece of the meeting (`M L4,17`)."""


def draw() -> str:
    """docs/texts.md. Raises KeyError for a meaning that nobody has described."""
    return "\n".join([_HEAD, *(line for language in LANGUAGES for line in _of_language(language))]) + "\n"


def _of_language(language: str) -> list[str]:
    lines = ["", f"## {label(f'language_{language}', language)}", "", "| she texts | or | she gets |", "|---|---|---|"]
    lines += [_row(name, language, "") for name in (*ASKED, *SETTINGS, "language", "stop", "start")]
    lines += ["", "| she texts | or | she asks |", "|---|---|---|"]
    lines += [_row(name, language, _NUMBERS[name]) for name in REQUESTS]
    return [*lines, "", f"She is asked back, for example: *{phrase('read_repay', language, **_EXAMPLE)}*"]


def _row(name: str, language: str, number: str) -> str:
    first, *others = (f"`{word.upper()}{number}`" for word in words()[name][language])
    paged = f", `{words()[name][language][0].upper()} 2`" if name in PAGED else ""
    return f"| {first}{paged} | {', '.join(others)} | {_ABOUT[name]} |"
