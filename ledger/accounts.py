"""The chart of accounts of a group: two boxes, each with its own balanced books.

An account is one number: kind * 100,000 + the member's or the loan's number (0 where there is only one of the kind).
Kinds below 50 belong to the loan fund, the others to the social fund; no line may join the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

SUB = 100_000
LIMIT = 9_007_199_254_740_991  # 2**53 - 1: exact in every program that will ever read an export


class Kind(IntEnum):
    """What an account is; the number is part of every account's number and of every hash, so it never changes."""

    LOAN_FUND_CASH = 10
    LOAN = 20
    CHARGE_DUE = 21
    SHARES = 30
    SERVICE_CHARGE = 40
    FINES = 41
    SURPLUS_BROUGHT = 49
    SOCIAL_FUND_CASH = 60
    SOCIAL_FUND = 70
    SOCIAL_FUND_FINES = 71


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the chart. `lowest` and `highest` bound the balance (debits minus credits), whoever posts."""

    kind: Kind
    name: str
    per: Literal["group", "member", "loan"]
    lowest: int
    highest: int
    means: str


CHART = (
    Row(Kind.LOAN_FUND_CASH, "assets:loan fund:cash box", "group", 0, LIMIT, "cash of the loan fund in the box"),
    Row(Kind.LOAN, "assets:loan fund:loan", "loan", 0, LIMIT, "principal a borrower still owes"),
    Row(Kind.CHARGE_DUE, "assets:loan fund:charge due", "loan", 0, LIMIT, "service charge added to the debt (rolled method only)"),
    Row(Kind.SHARES, "equity:shares", "member", -LIMIT, 0, "a member's shares at the price she paid"),
    Row(Kind.SERVICE_CHARGE, "income:service charge", "group", -LIMIT, LIMIT, "service charge earned"),
    Row(Kind.FINES, "income:fines", "group", -LIMIT, LIMIT, "fines paid into the loan fund"),
    Row(Kind.SURPLUS_BROUGHT, "equity:surplus brought", "group", -LIMIT, LIMIT, "what an older group had gained or lost when it joined"),
    Row(Kind.SOCIAL_FUND_CASH, "assets:social fund:cash box", "group", 0, LIMIT, "cash of the social fund in the box"),
    Row(Kind.SOCIAL_FUND, "equity:social fund", "group", -LIMIT, 0, "the social fund; never shared out"),
    Row(Kind.SOCIAL_FUND_FINES, "income:social fund fines", "group", -LIMIT, LIMIT, "fines paid into the social fund"),
)
ROWS = {row.kind: row for row in CHART}


def account(kind: Kind, number: int = 0) -> int:
    """Number of an account.

    >>> account(Kind.SHARES, 12)
    3000012
    """
    if not 0 <= number < SUB or (ROWS[kind].per == "group") != (number == 0):
        raise ValueError(f"no account {kind.name} number {number}")
    return kind * SUB + number


def kind_of(number: int) -> Kind:
    """The kind an account number belongs to."""
    return Kind(number // SUB)


def name_of(number: int) -> str:
    """The account's name in exports, e.g. `equity:shares:12`.

    >>> name_of(account(Kind.LOAN_FUND_CASH)), name_of(account(Kind.SHARES, 12))
    ('assets:loan fund:cash box', 'equity:shares:12')
    """
    row = ROWS[kind_of(number)]
    return row.name if row.per == "group" else f"{row.name}:{number % SUB}"


def is_social(number: int) -> bool:
    """True for accounts of the social fund."""
    return number >= 50 * SUB
