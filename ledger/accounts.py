"""The chart of accounts of a group: two boxes, and entrusted capital, each with balanced books of its own.

An account is one number: kind * 100,000 + the member's or the loan's number (0 where there is only one of the kind).
Kinds below 50 belong to the loan fund, 50 to 79 to the social fund, 80 and above to capital entrusted by others; no line joins two funds.
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
    LOAN_FUND_BANK = 11
    LOAN = 20
    CHARGE_DUE = 21
    FINE_DUE = 22
    SHARES = 30
    PAYABLE = 31
    OUTSIDE_LOAN = 35
    SHARE_OUT = 36
    LEAVERS = 39
    SERVICE_CHARGE = 40
    FINES = 41
    OTHER_INCOME = 42
    RECOVERED = 43
    EXPENSES = 44
    OUTSIDE_INTEREST = 45
    WRITTEN_OFF = 46
    OVER_SHORT = 47
    EARLIER_CYCLES = 48
    SURPLUS_BROUGHT = 49
    SOCIAL_FUND_CASH = 60
    SOCIAL_FUND_BANK = 61
    SOCIAL_FUND_LOAN = 62
    SOCIAL_FUND_DUE = 63
    SOCIAL_FUND_FINE_DUE = 64
    SOCIAL_FUND = 70
    SOCIAL_FUND_FINES = 71
    SOCIAL_FUND_OVER_SHORT = 72
    ENTRUSTED_CASH = 80
    ENTRUSTED_LOAN = 81
    ENTRUSTED_CAPITAL = 90
    ENTRUSTED_CHARGE = 91


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
    Row(Kind.LOAN_FUND_BANK, "assets:loan fund:bank", "group", 0, LIMIT, "the loan fund's money in a bank account or wallet"),
    Row(Kind.LOAN, "assets:loan fund:loan", "loan", 0, LIMIT, "principal a borrower still owes"),
    Row(Kind.CHARGE_DUE, "assets:loan fund:charge due", "loan", 0, LIMIT, "service charge added to the debt (rolled method only)"),
    Row(Kind.FINE_DUE, "assets:loan fund:fine due", "member", 0, LIMIT, "fines charged to a member and not paid yet"),
    Row(Kind.SHARES, "equity:shares", "member", -LIMIT, 0, "a member's shares at the price she paid"),
    Row(Kind.PAYABLE, "liabilities:payable", "member", -LIMIT, 0, "what the loan fund owes a member who left, until there is cash"),
    Row(Kind.OUTSIDE_LOAN, "liabilities:outside loan", "group", -LIMIT, 0, "what the group has borrowed from outside"),
    Row(Kind.SHARE_OUT, "equity:share-out", "group", -LIMIT, LIMIT, "clearing of a share-out; empty before and after it"),
    Row(Kind.LEAVERS, "expenses:leavers", "group", -LIMIT, LIMIT, "paid to leavers above the price of their shares"),
    Row(Kind.SERVICE_CHARGE, "income:service charge", "group", -LIMIT, LIMIT, "service charge earned"),
    Row(Kind.FINES, "income:fines", "group", -LIMIT, LIMIT, "fines for the loan fund"),
    Row(Kind.OTHER_INCOME, "income:other", "group", -LIMIT, LIMIT, "bank interest, gifts and the like"),
    Row(Kind.RECOVERED, "income:recovered", "group", -LIMIT, LIMIT, "paid on debts that had been written off"),
    Row(Kind.EXPENSES, "expenses:group", "group", -LIMIT, LIMIT, "what the group spent from the loan fund"),
    Row(Kind.OUTSIDE_INTEREST, "expenses:outside interest", "group", -LIMIT, LIMIT, "interest paid on the outside loan"),
    Row(Kind.WRITTEN_OFF, "expenses:written off", "group", -LIMIT, LIMIT, "debts the group has given up by decision"),
    Row(Kind.OVER_SHORT, "expenses:over and short", "group", -LIMIT, LIMIT, "differences between the loan fund's count and its book"),
    Row(Kind.EARLIER_CYCLES, "income:earlier cycles", "group", -LIMIT, LIMIT, "corrections of cycles that have been shared out"),
    Row(Kind.SURPLUS_BROUGHT, "equity:surplus brought", "group", -LIMIT, LIMIT, "gained or lost before this book or this cycle, and not shared out"),
    Row(Kind.SOCIAL_FUND_CASH, "assets:social fund:cash box", "group", 0, LIMIT, "cash of the social fund in the box"),
    Row(Kind.SOCIAL_FUND_BANK, "assets:social fund:bank", "group", 0, LIMIT, "the social fund's money in a bank account or wallet"),
    Row(Kind.SOCIAL_FUND_LOAN, "assets:social fund:loan", "loan", 0, LIMIT, "what is still owed on a loan from the social fund, free of charge"),
    Row(Kind.SOCIAL_FUND_DUE, "assets:social fund:contribution due", "member", 0, LIMIT, "contributions a member has missed"),
    Row(Kind.SOCIAL_FUND_FINE_DUE, "assets:social fund:fine due", "member", 0, LIMIT, "fines for the social fund charged and not paid yet"),
    Row(Kind.SOCIAL_FUND, "equity:social fund", "group", -LIMIT, LIMIT, "the social fund; never shared out"),
    Row(Kind.SOCIAL_FUND_FINES, "income:social fund fines", "group", -LIMIT, LIMIT, "fines for the social fund"),
    Row(
        Kind.SOCIAL_FUND_OVER_SHORT,
        "expenses:social fund over and short",
        "group",
        -LIMIT,
        LIMIT,
        "differences between the social fund's count and book",
    ),
    Row(Kind.ENTRUSTED_CASH, "assets:entrusted:cash", "group", 0, LIMIT, "entrusted money that is neither lent nor handed back"),
    Row(Kind.ENTRUSTED_LOAN, "assets:entrusted:loan", "loan", 0, LIMIT, "entrusted money lent to a household"),
    Row(Kind.ENTRUSTED_CAPITAL, "liabilities:entrusted:capital", "group", -LIMIT, 0, "capital of the bank or programme that entrusted it"),
    Row(Kind.ENTRUSTED_CHARGE, "liabilities:entrusted:charge", "group", -LIMIT, 0, "charge collected for the bank or programme"),
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


def fund_of(number: int) -> Literal["loan_fund", "social_fund", "entrusted"]:
    """The fund an account belongs to.

    >>> fund_of(account(Kind.SHARES, 12)), fund_of(account(Kind.SOCIAL_FUND))
    ('loan_fund', 'social_fund')
    """
    return "loan_fund" if number < 50 * SUB else "social_fund" if number < 80 * SUB else "entrusted"
