"""What loans do to the books: given, repaid, rolled, written off, recovered. See `ledger/rules.py` for what a rule is.

A loan belongs to one fund, and so do its lines: the loan fund, the social fund (free of charge), or entrusted capital, whose charge is
collected for the bank or programme.
"""

from __future__ import annotations

from ledger.accounts import Kind, account
from ledger.entry import Entry, EntryKind, Line, Reason
from ledger.loans import Fund
from ledger.rules import SERVICE_CHARGE, contribution, moves

_BOX = {"loan_fund": Kind.LOAN_FUND_CASH, "social_fund": Kind.SOCIAL_FUND_CASH, "entrusted": Kind.ENTRUSTED_CASH}
_LOAN = {"loan_fund": Kind.LOAN, "social_fund": Kind.SOCIAL_FUND_LOAN, "entrusted": Kind.ENTRUSTED_LOAN}
EARNED = {"loan_fund": Kind.SERVICE_CHARGE, "social_fund": Kind.SOCIAL_FUND, "entrusted": Kind.ENTRUSTED_CHARGE}


def loan_account(loan_no: int, fund: Fund = "loan_fund") -> int:
    """The account that holds the principal of a loan."""
    return account(_LOAN[fund], loan_no)


def box_of(fund: Fund) -> int:
    """The cash account of a fund."""
    return account(_BOX[fund])


def grant_loan(member: int, loan_no: int, principal: int, charge_added: int = 0, fund: Fund = "loan_fund") -> Entry:
    """Loan given: cash out of the fund's box; with the rolled method the first charge is added to the debt at once.

    Amount: the principal; charge added: principal x rate, rolled method only.

    Source: VSL method; the rolled charge at disbursement as field software books it.

    >>> print(grant_loan(12, 4, principal=100_000))
    Dr assets:loan fund:loan:4                      100,000
       Cr assets:loan fund:cash box                                100,000
    >>> print(grant_loan(12, 4, principal=100_000, charge_added=10_000))
    Dr assets:loan fund:loan:4                      100,000
    Dr assets:loan fund:charge due:4                 10,000
       Cr assets:loan fund:cash box                                100,000
       Cr income:service charge                                     10,000
    >>> print(grant_loan(12, 5, principal=50_000, fund="social_fund"))
    Dr assets:social fund:loan:5                     50,000
       Cr assets:social fund:cash box                               50,000
    """
    given = Line(loan_account(loan_no, fund), box_of(fund), principal, Reason.LOAN, member, loan_no)
    return Entry(EntryKind.LOAN, (given, *add_charge(member, loan_no, charge_added).lines))


def add_charge(member: int, loan_no: int, amount: int) -> Entry:
    """Service charge added: rolled method only; what the periods begun since the last entry cost. Amount: see "Service charge".

    Source: rolled method as field software and passbooks keep it: the charge becomes part of the balance.

    >>> print(add_charge(12, 4, 5_000))
    Dr assets:loan fund:charge due:4                  5,000
       Cr income:service charge                                      5,000
    """
    return contribution(moves(account(Kind.CHARGE_DUE, loan_no), SERVICE_CHARGE, amount, Reason.CHARGE_ADDED, member, loan_no))


def repay(
    member: int, loan_no: int, charge: int, principal: int, rolled: bool = False, charge_added: int = 0, fund: Fund = "loan_fund", paid_from: int = 0
) -> Entry:
    """Repayment: the service charge due first, the rest lowers the loan.

    Flat and declining methods earn the charge when it is paid. The rolled method has added it to the debt before: charges of the
    periods started since the last entry (`charge_added`) are added now, and the payment settles the charge due.

    Source: order of payment in VSL groups: service charge, then loan.

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
    source = paid_from or box_of(fund)
    earned = account(Kind.CHARGE_DUE, loan_no) if rolled else account(EARNED[fund])
    return contribution(
        *add_charge(member, loan_no, charge_added).lines,
        moves(source, earned, charge, Reason.SERVICE_CHARGE, member, loan_no),
        moves(source, loan_account(loan_no, fund), principal, Reason.PRINCIPAL, member, loan_no),
    )


def split_again(member: int, loan_no: int, to_principal: int, to_charge: int = 0, rolled: bool = False, fund: Fund = "loan_fund") -> Entry:
    """Payments split again: an old payment was corrected, so later ones divide otherwise between charge and principal.

    Amount: what more of them is charge (`to_principal` then goes up: that much less was principal), negative the other way round;
    `to_charge`, rolled method only: what more (or less) charge was added.

    Source: a correction must leave the book as if the item had been entered right.

    >>> print(split_again(12, 4, to_principal=500))
    Dr assets:loan fund:loan:4                          500
       Cr income:service charge                                        500
    >>> print(split_again(12, 4, to_principal=-500))
    Dr income:service charge                            500
       Cr assets:loan fund:loan:4                                      500
    """
    pairs = ((loan_account(loan_no, fund), to_principal), (account(Kind.CHARGE_DUE, loan_no) if rolled else 0, to_charge))
    earned = account(EARNED[fund])
    lines = [moves(*((owed, earned) if more > 0 else (earned, owed)), abs(more), Reason.SPLIT_AGAIN, member, loan_no) for owed, more in pairs if owed]
    return contribution(*lines)


def write_off(member: int, loan_no: int, principal: int, charge_booked: int = 0, fund: Fund = "loan_fund") -> Entry:
    """Loan written off: the group gives the debt up by decision; it lowers what every share is worth and stays visible off the book.

    Amount: the principal left, and with the rolled method the charge that was added and not paid.

    Source: group decision, borne by all shares; the debt is remembered.

    >>> print(write_off(12, 4, principal=200_000))
    Dr expenses:written off                         200,000
       Cr assets:loan fund:loan:4                                  200,000
    """
    lost = account(Kind.WRITTEN_OFF if fund == "loan_fund" else Kind.SOCIAL_FUND)
    return contribution(
        moves(lost, loan_account(loan_no, fund), principal, Reason.WRITTEN_OFF, member, loan_no),
        moves(lost, account(Kind.CHARGE_DUE, loan_no), charge_booked, Reason.WRITTEN_OFF, member, loan_no),
    )


def recover(member: int, loan_no: int, amount: int, fund: Fund = "loan_fund") -> Entry:
    """Written-off debt paid: gained by the fund whose money it was, because the loss was taken before. Amount: what comes in.

    >>> print(recover(12, 4, 50_000))
    Dr assets:loan fund:cash box                     50,000
       Cr income:recovered                                          50,000
    >>> print(recover(12, 5, 20_000, fund="social_fund"))
    Dr assets:social fund:cash box                   20,000
       Cr equity:social fund                                        20,000
    """
    gained = account(Kind.RECOVERED if fund == "loan_fund" else Kind.SOCIAL_FUND)
    return contribution(Line(box_of(fund), gained, amount, Reason.RECOVERED, member, loan_no))


RULES = (grant_loan, add_charge, repay, split_again, write_off, recover)
