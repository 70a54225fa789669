"""What each event does to the books: one short function per event, each with a worked example that is run by the tests.

This is the accountant's file, with `rules_loans.py`, `rules_group.py`, `rules_opening.py` and `rules_end.py` beside it; `docs/bookkeeping.md`
is made from them. A rule takes figures and returns an entry: it never asks the database, never rounds and never judges permission. Limits are
judged in `ledger/checks.py`, sums owed in `ledger/loans.py`, shares of a pool in `ledger/shareout.py`. Amounts are minor units.

This file: what members bring and take. A `due` is what she already owes of that kind; what she pays settles it first.
"""

from __future__ import annotations

from ledger.accounts import Kind, account
from ledger.entry import Entry, EntryKind, Line, Reason

LOAN_FUND_CASH = account(Kind.LOAN_FUND_CASH)
SOCIAL_FUND_CASH = account(Kind.SOCIAL_FUND_CASH)
SOCIAL_FUND = account(Kind.SOCIAL_FUND)
SERVICE_CHARGE = account(Kind.SERVICE_CHARGE)
SURPLUS_BROUGHT = account(Kind.SURPLUS_BROUGHT)


def contribution(*lines: Line | None) -> Entry:
    """An entry of one event; lines that would move nothing are left out."""
    return Entry(EntryKind.CONTRIBUTION, tuple(line for line in lines if line is not None))


def moves(debit: int, credit: int, amount: int, reason: Reason, member: int = 0, loan_no: int = 0, units: int = 0) -> Line | None:
    """A line, or None for an amount of 0."""
    return Line(debit, credit, amount, reason, member, loan_no, units) if amount else None


def buy_shares(member: int, units: int, share_price: int, catch_up: bool = False) -> Entry:
    """Share purchase: whole shares at the cycle's price, into the loan fund's box. Amount: units x share price.

    Source: VSL method: whole shares, stamped in the passbook; a remainder is change, never part of a share.

    >>> print(buy_shares(12, units=3, share_price=20_000))
    Dr assets:loan fund:cash box                     60,000
       Cr equity:shares:12                                          60,000
    """
    why = Reason.CATCH_UP if catch_up else Reason.SHARE
    return contribution(Line(LOAN_FUND_CASH, account(Kind.SHARES, member), units * share_price, why, member, units=units))


def redeem_shares(member: int, units: int, share_price: int) -> Entry:
    """Share redemption: shares are sold back at the price paid, without profit. Amount: units x share price.

    Source: practice of passbook groups: stamps are crossed out and the price paid is handed back.

    >>> print(redeem_shares(12, units=3, share_price=200))
    Dr equity:shares:12                                 600
       Cr assets:loan fund:cash box                                    600
    """
    return contribution(Line(account(Kind.SHARES, member), LOAN_FUND_CASH, units * share_price, Reason.REDEMPTION, member, units=units))


def pay_social_fund(member: int, amount: int, due: int = 0) -> Entry:
    """Social fund contribution: into the social fund's own box, missed ones first; it is the fund's, not the member's. Amount: what she pays in.

    Source: VSL method: a separate bag, equal contributions, owned by the group.

    >>> print(pay_social_fund(12, 5_000))
    Dr assets:social fund:cash box                    5,000
       Cr equity:social fund                                         5,000
    >>> print(pay_social_fund(12, 15_000, due=10_000))
    Dr assets:social fund:cash box                   15,000
       Cr assets:social fund:contribution due:12                    10,000
       Cr equity:social fund                                         5,000
    """
    old = min(amount, due)
    return contribution(
        moves(SOCIAL_FUND_CASH, account(Kind.SOCIAL_FUND_DUE, member), old, Reason.SOCIAL_FUND, member),
        moves(SOCIAL_FUND_CASH, SOCIAL_FUND, amount - old, Reason.SOCIAL_FUND, member),
    )


def miss_social_fund(member: int, amount: int) -> Entry:
    """Social fund contribution missed: owed from the close of the meeting on. Amount: the agreed contribution less what she paid in today.

    Source: VSL meeting procedure, step 2: who has not paid is noted as owing.

    >>> print(miss_social_fund(12, 5_000))
    Dr assets:social fund:contribution due:12         5,000
       Cr equity:social fund                                         5,000
    """
    return contribution(Line(account(Kind.SOCIAL_FUND_DUE, member), SOCIAL_FUND, amount, Reason.SOCIAL_FUND_DUE, member))


def give_grant(member: int, amount: int) -> Entry:
    """Social fund grant: to a member in need, after a vote. Amount: what was voted.

    Source: VSL method: grants for emergencies and funerals after a vote.

    >>> print(give_grant(7, 200_000))
    Dr equity:social fund                           200,000
       Cr assets:social fund:cash box                              200,000
    """
    return contribution(Line(SOCIAL_FUND, SOCIAL_FUND_CASH, amount, Reason.GRANT, member))


def _fine_accounts(member: int, fines_to: str) -> tuple[int, int, int]:
    """(box, what she owes, income) of the fund that fines go to."""
    if fines_to == "loan_fund":
        return LOAN_FUND_CASH, account(Kind.FINE_DUE, member), account(Kind.FINES)
    return SOCIAL_FUND_CASH, account(Kind.SOCIAL_FUND_FINE_DUE, member), account(Kind.SOCIAL_FUND_FINES)


def charge_fine(member: int, amount: int, fines_to: str) -> Entry:
    """Fine charged: income of the fund that the constitution names, owed by the member until it is paid. Amount: the fine.

    Source: meeting procedure: a fine charged and a fine paid are two events.

    >>> print(charge_fine(12, 10_000, "loan_fund"))
    Dr assets:loan fund:fine due:12                  10,000
       Cr income:fines                                              10,000
    """
    _, owed, income = _fine_accounts(member, fines_to)
    return contribution(Line(owed, income, amount, Reason.FINE_CHARGED, member))


def pay_fine(member: int, amount: int, fines_to: str, due: int = 0) -> Entry:
    """Fine paid: what was charged before is settled first; the rest is charged and paid at once. Amount: what she pays.

    Source: meeting procedure; field reports agree that fines are income of the loan fund unless the constitution says otherwise.

    >>> print(pay_fine(12, 5_000, "loan_fund"))
    Dr assets:loan fund:cash box                      5,000
       Cr income:fines                                               5,000
    >>> print(pay_fine(12, 5_000, "social_fund", due=5_000))
    Dr assets:social fund:cash box                    5,000
       Cr assets:social fund:fine due:12                             5,000
    """
    box, owed, income = _fine_accounts(member, fines_to)
    old = min(amount, due)
    return contribution(
        moves(box, owed, old, Reason.FINE, member),
        moves(box, income, amount - old, Reason.FINE, member),
    )


def waive_fine(member: int, amount: int, fines_to: str) -> Entry:
    """Fine waived: the group lets go of a fine it had charged; the charge and the waiver both stay in the book. Amount: what is let go.

    Source: field experience: leniency that is not written down undoes the rule.

    >>> print(waive_fine(12, 10_000, "loan_fund"))
    Dr income:fines                                  10,000
       Cr assets:loan fund:fine due:12                              10,000
    """
    _, owed, income = _fine_accounts(member, fines_to)
    return contribution(Line(income, owed, amount, Reason.FINE_WAIVED, member))


def pay_out(member: int, amount: int) -> Entry:
    """Payable paid: what the loan fund owed a member who left, or whose old payment was corrected. Amount: what she gets.

    Source: leaving without cash in the box: owed, and paid first at the next meeting.

    >>> print(pay_out(12, 4_700))
    Dr liabilities:payable:12                         4,700
       Cr assets:loan fund:cash box                                  4,700
    """
    return contribution(Line(account(Kind.PAYABLE, member), LOAN_FUND_CASH, amount, Reason.PAYABLE, member))


RULES = (buy_shares, redeem_shares, pay_social_fund, miss_social_fund, give_grant, charge_fine, pay_fine, waive_fine, pay_out)
