"""The letters of a meeting by text, and what follows each: a row each. docs/meeting-by-text.md is made from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_NUMBERS = r"[0-9]{1,4}(?:\s*,\s*[0-9]{1,4})*"
_MONEY = r"[0-9]{1,9}(?:\.[0-9]{1,2})?"
_WHO = r"\s*(?P<who>[0-9]{1,4})"
_LOAN = r"(?:[./](?P<loan>[0-9]{1,5}))?"
_AND = r"[\s=:]+"
_AMOUNT = rf"(?P<amount>{_MONEY})"
_SECOND = rf"(?P<second>{_MONEY})"
_WORDS = r"\(\s*(?P<words>[^()\s][^()]{0,59})\)"

# What follows a letter. Two figures are always apart; a list has commas.
FORMS: Mapping[str, str] = {
    "members": rf"\s*(?P<who>{_NUMBERS})",
    "social": rf"(?:{_WHO}{_AND}{_AMOUNT}|\s*-\s*(?P<but>{_NUMBERS}))?",
    "row": r"\s*(?P<row>[0-9]{3,99})",
    "money": rf"{_WHO}{_AND}{_AMOUNT}",
    "units": rf"{_WHO}{_AND}(?P<n>[0-9]{{1,4}})",
    "debt": rf"{_WHO}{_LOAN}{_AND}{_AMOUNT}",
    "term": rf"{_WHO}{_LOAN}{_AND}(?P<n>[0-9]{{1,2}})",
    "loan": rf"{_WHO}{_AND}{_AMOUNT}(?:/{_SECOND})?{_AND}(?P<n>[0-9]{{1,2}}){_AND}(?P<m>[0-9]{{1,4}})(?:{_AND}(?P<k>[0-9]))?"
    rf"(?:\s*\+\s*(?P<more>{_NUMBERS}))?(?:\s*{_WORDS})?",
    "help": rf"{_WHO}{_AND}{_AMOUNT}{_AND}(?P<n>[0-9])",
    "what": rf"\s*{_AMOUNT}(?:{_AND}(?P<n>[0-9])|\s*{_WORDS})",
    "income": rf"\s*{_AMOUNT}{_AND}(?P<n>[0-9])",
    "bank": rf"\s*(?P<sign>[+-])\s*{_AMOUNT}",
    "outside": rf"\s*(?:\+\s*{_AMOUNT}|(?P<sign>-)\s*(?P<back>{_MONEY}){_AND}{_SECOND})",
    "counts": rf"\s*{_AMOUNT}{_AND}{_SECOND}(?:{_AND}(?P<n>[0-9]))?",
    "notes": rf"(?:\s*(?P<who>{_NUMBERS}))?",
    "member": rf"(?:{_WHO})?",
}


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter: what it is about, what follows it, an example; `minus` is what it is about when the figure has a minus before it."""

    kind: str
    form: str
    example: str
    fund: str = "loan_fund"
    minus: str = ""
    alone: bool = False


LETTERS: Mapping[str, Letter] = {
    # the meeting as a whole: alone in a text
    "OS": Letter("open_savings", "counts", "OS 5000000 100000", alone=True),
    "OL": Letter("open_loans", "counts", "OL 5000000 100000", alone=True),
    "C": Letter("close", "counts", "C 4766000 190000", alone=True),
    "U": Letter("undo", "notes", "U17", alone=True),
    "?": Letter("totals", "member", "?12", alone=True),
    "T": Letter("totals", "member", "T12", alone=True),
    # roll call
    "L": Letter("late", "members", "L4,17"),
    "A": Letter("absent", "members", "A3"),
    "E": Letter("excused", "members", "E5"),
    "D": Letter("represented", "members", "D8"),
    "P": Letter("present", "members", "P6"),
    # social fund and shares
    "SF": Letter("social_fund", "social", "SF-9,19"),
    "S": Letter("shares", "row", "S53210..."),
    "B": Letter("buy_shares", "units", "B12 3"),
    "SB": Letter("redeem_shares", "units", "SB12 2"),
    "SC": Letter("catch_up", "units", "SC12 6"),
    # fines
    "F": Letter("pay_fine", "money", "F7 5000"),
    "FK": Letter("fine_of_table", "units", "FK7 1"),
    "FC": Letter("charge_fine", "money", "FC7 5000"),
    "FW": Letter("waive_fine", "money", "FW7 5000"),
    # loans
    "R": Letter("repay", "debt", "R12 520000"),
    "N": Letter("grant_loan", "loan", "N7 2000000 3 18 1"),
    "NS": Letter("grant_loan", "loan", "NS7 200000 3 18 5", fund="social_fund"),
    "NE": Letter("grant_loan", "loan", "NE7 2000000 3 18 1", fund="entrusted"),
    "RT": Letter("roll_over", "term", "RT12 3"),
    "RB": Letter("recover", "debt", "RB12 50000"),
    "PL": Letter("pay_out", "money", "PL9 50000"),
    # the group's own
    "X": Letter("spend", "what", "X 30000 4"),
    "XS": Letter("spend", "what", "XS 30000 (soap)", fund="social_fund"),
    "G": Letter("grant", "help", "G12 50000 1"),
    "I": Letter("receive_other", "income", "I 20000 2"),
    "K": Letter("to_bank", "bank", "K+500000", minus="from_bank"),
    "KS": Letter("to_bank", "bank", "KS-50000", fund="social_fund", minus="from_bank"),
    "Y": Letter("borrow_outside", "outside", "Y-1000000 50000", minus="repay_outside"),
    "V": Letter("entrust", "outside", "V-500000 20000", minus="entrust_back"),
}
