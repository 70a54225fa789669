"""What each event does to the books: one short function per event, each with a worked example that is run by the tests.

This is the accountant's file; `docs/bookkeeping.md` is made from it. A rule takes figures and returns an entry: it never asks the
database, never rounds and never judges permission. Limits are judged in `ledger/checks.py` and sums owed in `ledger/loans.py`.
Amounts are minor units.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ledger.accounts import Kind, account
from ledger.entry import Entry, EntryKind, Line, Reason

LOAN_FUND_CASH = account(Kind.LOAN_FUND_CASH)
SOCIAL_FUND_CASH = account(Kind.SOCIAL_FUND_CASH)
SOCIAL_FUND = account(Kind.SOCIAL_FUND)
SERVICE_CHARGE = account(Kind.SERVICE_CHARGE)
SURPLUS_BROUGHT = account(Kind.SURPLUS_BROUGHT)


def buy_shares(member: int, units: int, share_price: int) -> Entry:
    """Share purchase: whole shares at the cycle's price, into the loan fund's box. Amount: units x share price.

    >>> print(buy_shares(12, units=3, share_price=20_000))
    Dr assets:loan fund:cash box                     60,000
       Cr equity:shares:12                                          60,000
    """
    line = Line(LOAN_FUND_CASH, account(Kind.SHARES, member), units * share_price, Reason.SHARE, member, units=units)
    return Entry(EntryKind.CONTRIBUTION, (line,))


def pay_social_fund(member: int, amount: int) -> Entry:
    """Social fund contribution: into the social fund's own box; it is the fund's, not the member's. Amount: what she pays in.

    >>> print(pay_social_fund(12, 5_000))
    Dr assets:social fund:cash box                    5,000
       Cr equity:social fund                                         5,000
    """
    return Entry(EntryKind.CONTRIBUTION, (Line(SOCIAL_FUND_CASH, SOCIAL_FUND, amount, Reason.SOCIAL_FUND, member),))


def pay_fine(member: int, amount: int, fines_to: str) -> Entry:
    """Fine paid: income of the fund that the constitution names. Amount: the fine.

    >>> print(pay_fine(12, 5_000, "loan_fund"))
    Dr assets:loan fund:cash box                      5,000
       Cr income:fines                                               5,000
    >>> print(pay_fine(12, 5_000, "social_fund"))
    Dr assets:social fund:cash box                    5,000
       Cr income:social fund fines                                   5,000
    """
    box, income = (LOAN_FUND_CASH, Kind.FINES) if fines_to == "loan_fund" else (SOCIAL_FUND_CASH, Kind.SOCIAL_FUND_FINES)
    return Entry(EntryKind.CONTRIBUTION, (Line(box, account(income), amount, Reason.FINE, member),))


def grant_loan(member: int, loan_no: int, principal: int, charge_added: int = 0) -> Entry:
    """Loan given: cash out of the loan fund's box; with the rolled method the first charge is added to the debt at once.

    Amount: the principal; charge added: principal x rate, rolled method only.

    >>> print(grant_loan(12, 4, principal=100_000))
    Dr assets:loan fund:loan:4                      100,000
       Cr assets:loan fund:cash box                                100,000
    >>> print(grant_loan(12, 4, principal=100_000, charge_added=10_000))
    Dr assets:loan fund:loan:4                      100,000
    Dr assets:loan fund:charge due:4                 10,000
       Cr assets:loan fund:cash box                                100,000
       Cr income:service charge                                     10,000
    """
    lines = [Line(account(Kind.LOAN, loan_no), LOAN_FUND_CASH, principal, Reason.LOAN, member, loan_no)]
    return Entry(EntryKind.LOAN, tuple(lines + _charge_added(member, loan_no, charge_added)))


def repay(member: int, loan_no: int, charge: int, principal: int, rolled: bool = False, charge_added: int = 0) -> Entry:
    """Repayment: the service charge due first, the rest lowers the loan.

    Flat and declining methods earn the charge when it is paid. The rolled method has added it to the debt before: charges of the
    periods started since the last entry (`charge_added`) are added now, and the payment settles the charge due.

    >>> print(repay(3, 1, charge=20_000, principal=500_000))
    Dr assets:loan fund:cash box                    520,000
       Cr income:service charge                                     20,000
       Cr assets:loan fund:loan:1                                  500,000
    >>> print(repay(3, 1, charge=15_000, principal=40_000, rolled=True, charge_added=5_000))
    Dr assets:loan fund:cash box                     55,000
       Cr assets:loan fund:charge due:1                             10,000
       Cr income:service charge                                      5,000
       Cr assets:loan fund:loan:1                                   40,000
    """
    lines = _charge_added(member, loan_no, charge_added)
    if charge:
        earned = account(Kind.CHARGE_DUE, loan_no) if rolled else SERVICE_CHARGE
        lines.append(Line(LOAN_FUND_CASH, earned, charge, Reason.SERVICE_CHARGE, member, loan_no))
    if principal:
        lines.append(Line(LOAN_FUND_CASH, account(Kind.LOAN, loan_no), principal, Reason.PRINCIPAL, member, loan_no))
    return Entry(EntryKind.CONTRIBUTION, tuple(lines))


@dataclass(frozen=True, slots=True)
class OpeningShare:
    """Shares a member brings, at the cycle's price."""

    member: int
    units: int


@dataclass(frozen=True, slots=True)
class OpeningLoan:
    """A loan that ran before the group joined; `charge_due` is booked for the rolled method only, the others earn it when paid."""

    member: int
    loan_no: int
    principal: int
    charge_due: int


def open_book(
    loan_fund_cash: int, social_fund_cash: int, shares: Sequence[OpeningShare], loans: Sequence[OpeningLoan], share_price: int, rolled: bool
) -> Entry | None:
    """Opening of a group that already exists, from its paper: everything against the surplus brought, which takes the difference.

    Surplus brought = loan fund cash + loans (+ charges due, rolled method) - shares x price; negative if the group has lost money.
    None when there is nothing to bring.

    >>> print(open_book(500_000, 40_000, [OpeningShare(12, 10)], [OpeningLoan(12, 1, 1_500_000, 15_000)], 20_000, rolled=False))
    Dr assets:loan fund:cash box                    500,000
    Dr assets:loan fund:loan:1                    1,500,000
    Dr assets:social fund:cash box                   40,000
       Cr equity:surplus brought                                 1,800,000
       Cr equity:shares:12                                         200,000
       Cr equity:social fund                                        40,000
    """
    lines = [Line(LOAN_FUND_CASH, SURPLUS_BROUGHT, loan_fund_cash, Reason.OPENING)] if loan_fund_cash else []
    for loan in loans:
        owed = account(Kind.LOAN, loan.loan_no)
        lines.append(Line(owed, SURPLUS_BROUGHT, loan.principal, Reason.OPENING, loan.member, loan.loan_no))
        if rolled and loan.charge_due:
            due = account(Kind.CHARGE_DUE, loan.loan_no)
            lines.append(Line(due, SURPLUS_BROUGHT, loan.charge_due, Reason.OPENING, loan.member, loan.loan_no))
    for share in shares:
        held = account(Kind.SHARES, share.member)
        lines.append(Line(SURPLUS_BROUGHT, held, share.units * share_price, Reason.OPENING, share.member, units=share.units))
    if social_fund_cash:
        lines.append(Line(SOCIAL_FUND_CASH, SOCIAL_FUND, social_fund_cash, Reason.OPENING))
    return Entry(EntryKind.OPENING, tuple(lines)) if lines else None


def _charge_added(member: int, loan_no: int, amount: int) -> list[Line]:
    if not amount:
        return []
    return [Line(account(Kind.CHARGE_DUE, loan_no), SERVICE_CHARGE, amount, Reason.CHARGE_ADDED, member, loan_no)]


RULES = (buy_shares, pay_social_fund, pay_fine, grant_loan, repay, open_book)
