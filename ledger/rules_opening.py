"""What a group that already exists brings into its book: one entry, from its paper. See `ledger/rules.py` for what a rule is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from ledger.accounts import Kind, account
from ledger.entry import Entry, EntryKind, Line, Reason
from ledger.rules import LOAN_FUND_CASH, SOCIAL_FUND, SOCIAL_FUND_CASH, SURPLUS_BROUGHT, moves

LOAN_FUND_BANK = account(Kind.LOAN_FUND_BANK)
SOCIAL_FUND_BANK = account(Kind.SOCIAL_FUND_BANK)
OUTSIDE_LOAN = account(Kind.OUTSIDE_LOAN)


@dataclass(frozen=True, slots=True)
class OpeningShare:
    """Shares a member brings, at the cycle's price."""

    member: int
    units: int


@dataclass(frozen=True, slots=True)
class OpeningLoan:
    """A loan that ran before the group joined; `charge_due` is booked for the rolled method only, the others earn it when paid. A loan of
    the social fund has none."""

    member: int
    loan_no: int
    principal: int
    charge_due: int = 0
    fund: Literal["loan_fund", "social_fund"] = "loan_fund"


@dataclass(frozen=True, slots=True)
class OpeningDue:
    """What a member owes beside her loans: fines that were charged, or contributions to the social fund that she missed."""

    member: int
    amount: int


@dataclass(frozen=True, slots=True)
class Opening:
    """All that a group brings, in minor units. `outside_loan`: what it still owes outside; the sums in the bank are each fund's own."""

    loan_fund_cash: int = 0
    social_fund_cash: int = 0
    shares: Sequence[OpeningShare] = ()
    loans: Sequence[OpeningLoan] = ()
    loan_fund_bank: int = 0
    social_fund_bank: int = 0
    fines: Sequence[OpeningDue] = ()
    social_fund_due: Sequence[OpeningDue] = ()
    outside_loan: int = 0


def open_book(brought: Opening, share_price: int, rolled: bool, fines_to: str = "loan_fund") -> Entry | None:
    """Opening of a group that already exists, from its paper: each fund's difference goes to what the group had before it joined.

    Surplus brought = loan fund cash + bank + loans (+ charges due, rolled method) + fines due - outside loan - shares x price; negative if
    the group has lost money. Social fund = its cash + bank + its loans + contributions due. Fines due belong to the fund that fines go to.
    None when there is nothing to bring.

    Source: the group's own passbooks and notebook, signed on the sheet.

    >>> print(open_book(Opening(500_000, 40_000, [OpeningShare(12, 10)], [OpeningLoan(12, 1, 1_500_000, 15_000)]), 20_000, rolled=False))
    Dr assets:loan fund:cash box                    500,000
    Dr assets:loan fund:loan:1                    1,500,000
    Dr assets:social fund:cash box                   40,000
       Cr equity:surplus brought                                 1,800,000
       Cr equity:shares:12                                         200,000
       Cr equity:social fund                                        40,000
    >>> lent, missed = [OpeningLoan(7, 1, 50_000, fund="social_fund")], [OpeningDue(12, 5_000)]
    >>> print(open_book(Opening(loans=lent, loan_fund_bank=900_000, fines=missed, social_fund_due=missed, outside_loan=1_000_000), 20_000, True))
    Dr assets:loan fund:bank                        900,000
    Dr equity:surplus brought                        95,000
    Dr assets:loan fund:fine due:12                   5,000
    Dr assets:social fund:loan:1                     50,000
    Dr assets:social fund:contribution due:12         5,000
       Cr liabilities:outside loan                               1,000,000
       Cr equity:social fund                                        55,000
    """
    lines = (*_loan_fund(brought, share_price, rolled), *_fines(brought.fines, fines_to), *_social_fund(brought))
    told = tuple(line for line in lines if line is not None)
    return Entry(EntryKind.OPENING, told) if told else None


def _loan_fund(brought: Opening, share_price: int, rolled: bool) -> Iterator[Line | None]:
    yield moves(LOAN_FUND_CASH, SURPLUS_BROUGHT, brought.loan_fund_cash, Reason.OPENING)
    yield moves(LOAN_FUND_BANK, SURPLUS_BROUGHT, brought.loan_fund_bank, Reason.OPENING)
    for loan in brought.loans:
        if loan.fund == "loan_fund":
            yield moves(account(Kind.LOAN, loan.loan_no), SURPLUS_BROUGHT, loan.principal, Reason.OPENING, loan.member, loan.loan_no)
            charge = loan.charge_due if rolled else 0
            yield moves(account(Kind.CHARGE_DUE, loan.loan_no), SURPLUS_BROUGHT, charge, Reason.OPENING, loan.member, loan.loan_no)
    for share in brought.shares:
        paid = share.units * share_price
        yield moves(SURPLUS_BROUGHT, account(Kind.SHARES, share.member), paid, Reason.OPENING, share.member, units=share.units)
    yield moves(SURPLUS_BROUGHT, OUTSIDE_LOAN, brought.outside_loan, Reason.OPENING)


def _fines(fines: Sequence[OpeningDue], fines_to: str) -> Iterator[Line | None]:
    kind, brought = (Kind.FINE_DUE, SURPLUS_BROUGHT) if fines_to == "loan_fund" else (Kind.SOCIAL_FUND_FINE_DUE, SOCIAL_FUND)
    for fine in fines:
        yield moves(account(kind, fine.member), brought, fine.amount, Reason.OPENING, fine.member)


def _social_fund(brought: Opening) -> Iterator[Line | None]:
    yield moves(SOCIAL_FUND_CASH, SOCIAL_FUND, brought.social_fund_cash, Reason.OPENING)
    yield moves(SOCIAL_FUND_BANK, SOCIAL_FUND, brought.social_fund_bank, Reason.OPENING)
    for loan in brought.loans:
        if loan.fund == "social_fund":
            yield moves(account(Kind.SOCIAL_FUND_LOAN, loan.loan_no), SOCIAL_FUND, loan.principal, Reason.OPENING, loan.member, loan.loan_no)
    for due in brought.social_fund_due:
        yield moves(account(Kind.SOCIAL_FUND_DUE, due.member), SOCIAL_FUND, due.amount, Reason.OPENING, due.member)


RULES = (open_book,)
