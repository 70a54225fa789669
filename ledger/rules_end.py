"""How a member leaves and how a cycle ends. See `ledger/rules.py` for what a rule is; who gets how much is reckoned in `leaving.py` and
`shareout.py`.

The SHARE_OUT account clears the share-out: what members hold and what was gained comes in, set-offs and payouts go out, and what the group
carries goes to the surplus brought. It is empty before and after, and PostgreSQL insists.
"""

from __future__ import annotations

from collections.abc import Mapping

from ledger.accounts import Kind, account
from ledger.entry import Entry, Reason
from ledger.rules import LOAN_FUND_CASH, SOCIAL_FUND, SOCIAL_FUND_CASH, SURPLUS_BROUGHT, contribution, moves

SHARE_OUT = account(Kind.SHARE_OUT)
LEAVERS = account(Kind.LEAVERS)
ENDS_WITH_THE_CYCLE = (
    Kind.LEAVERS, Kind.SERVICE_CHARGE, Kind.FINES, Kind.OTHER_INCOME, Kind.RECOVERED, Kind.EXPENSES, Kind.OUTSIDE_INTEREST, Kind.WRITTEN_OFF,
    Kind.OVER_SHORT, Kind.EARLIER_CYCLES, Kind.SURPLUS_BROUGHT,
)  # fmt: skip


def claim_of_leaver(member: int, units: int, paid: int, gain: int) -> Entry:
    """Member leaves: her shares become what the group owes her; above or below their price by the constitution's rule.

    Amounts: what she paid for her shares; gain: what they bring beyond that, negative when less.

    Source: the constitution's choice: at the price paid, at today's value, or at the share-out.

    >>> print(claim_of_leaver(12, units=80, paid=8_000, gain=1_043))
    Dr equity:shares:12                               8,000
    Dr expenses:leavers                               1,043
       Cr liabilities:payable:12                                     9,043
    """
    owed = account(Kind.PAYABLE, member)
    return contribution(
        moves(account(Kind.SHARES, member), owed, paid, Reason.LEFT, member, units=units),
        moves(*((LEAVERS, owed) if gain > 0 else (owed, LEAVERS)), abs(gain), Reason.LEFT, member),
    )


def pay_leaver(member: int, fines: int, rounding: int, payout: int) -> Entry:
    """Leaver paid: after her loans are set off (see "Repayment", out of what she is owed) her fines are, and the rest is paid in cash.

    Amounts: fines due that her shares pay; what is too small for a coin, which stays with the group; the cash. What the box cannot pay
    stays owed to her.

    Source: the same; debts are taken first.

    >>> print(pay_leaver(12, fines=500, rounding=43, payout=4_700))
    Dr liabilities:payable:12                         5,243
       Cr assets:loan fund:fine due:12                                 500
       Cr expenses:leavers                                              43
       Cr assets:loan fund:cash box                                  4,700
    """
    owed = account(Kind.PAYABLE, member)
    return contribution(
        moves(owed, account(Kind.FINE_DUE, member), fines, Reason.SET_OFF, member),
        moves(owed, LEAVERS, rounding, Reason.LEFT, member),
        moves(owed, LOAN_FUND_CASH, payout, Reason.PAYABLE, member),
    )


def forgive_fines(member: int, amount: int) -> Entry:
    """Fines forgiven: what a member who died still owed in fines, where the constitution forgives it. Amount: fines due.

    Source: the constitution should say what happens to a debt when a member dies.

    >>> print(forgive_fines(12, 500))
    Dr expenses:written off                             500
       Cr assets:loan fund:fine due:12                                 500
    """
    return contribution(moves(account(Kind.WRITTEN_OFF), account(Kind.FINE_DUE, member), amount, Reason.WRITTEN_OFF, member))


def end_cycle(balances: Mapping[int, int]) -> Entry:
    """Cycle closed: what was earned, spent, lost or brought goes into the share-out. Amounts: the balances of those accounts.

    Source: action audit: a cycle ends with everything shared.

    >>> print(end_cycle({account(Kind.SERVICE_CHARGE): -30_000, account(Kind.EXPENSES): 10_000}))
    Dr income:service charge                         30,000
       Cr equity:share-out                                          20,000
       Cr expenses:group                                            10,000
    """
    lines = []
    for kind in ENDS_WITH_THE_CYCLE:
        number, balance = account(kind), balances.get(account(kind), 0)
        lines.append(moves(*((number, SHARE_OUT) if balance < 0 else (SHARE_OUT, number)), abs(balance), Reason.CYCLE_END))
    return contribution(*lines)


def share_out_member(member: int, units: int, paid: int, fines: int, payout: int) -> Entry:
    """Share-out of a member: her shares go into the share-out, her payout comes out; her loans are set off first (see "Repayment", out of
    the share-out), then her fines.

    Amounts: what she paid for her shares; fines due that they pay; the cash she takes home.

    Source: share-out: shares times value less her own debt.

    >>> print(share_out_member(12, units=34, paid=680_000, fines=5_000, payout=718_000))
    Dr equity:shares:12                             680,000
    Dr equity:share-out                              43,000
       Cr assets:loan fund:fine due:12                               5,000
       Cr assets:loan fund:cash box                                718,000
    """
    return contribution(
        moves(account(Kind.SHARES, member), SHARE_OUT, paid, Reason.PAYOUT, member, units=units),
        moves(SHARE_OUT, account(Kind.FINE_DUE, member), fines, Reason.SET_OFF, member),
        moves(SHARE_OUT, LOAN_FUND_CASH, payout, Reason.PAYOUT, member),
    )


def owe_outside(interest: int) -> Entry:
    """Outside interest at share-out: what the lender will still ask stays with the group's debt. Amount: interest due.

    Source: the pool is what is left after outsiders.

    >>> print(owe_outside(25_000))
    Dr equity:share-out                              25,000
       Cr liabilities:outside loan                                  25,000
    """
    return contribution(moves(SHARE_OUT, account(Kind.OUTSIDE_LOAN), interest, Reason.OUTSIDE_INTEREST))


def give_remainder(amount: int) -> Entry:
    """Remainder to the social fund: what rounding left over moves from box to box, by vote. Amount: the remainder.

    Source: rounding is decided by vote and booked; the remainder is smaller than members x coin.

    >>> print(give_remainder(6_500))
    Dr equity:share-out                               6,500
    Dr assets:social fund:cash box                    6,500
       Cr assets:loan fund:cash box                                  6,500
       Cr equity:social fund                                         6,500
    """
    return contribution(
        moves(SHARE_OUT, LOAN_FUND_CASH, amount, Reason.REMAINDER),
        moves(SOCIAL_FUND_CASH, SOCIAL_FUND, amount, Reason.REMAINDER),
    )


def carry(balance: int) -> Entry:
    """Carried: cash the group keeps and debts that outlive the share-out belong to the next cycle. Amount: what is left in the share-out.

    Source: nothing is carried silently.

    >>> print(carry(-150_000))
    Dr equity:share-out                             150,000
       Cr equity:surplus brought                                   150,000
    """
    pair = (SHARE_OUT, SURPLUS_BROUGHT) if balance < 0 else (SURPLUS_BROUGHT, SHARE_OUT)
    return contribution(moves(*pair, abs(balance), Reason.CYCLE_END))


RULES = (claim_of_leaver, pay_leaver, forgive_fines, end_cycle, share_out_member, owe_outside, give_remainder, carry)
