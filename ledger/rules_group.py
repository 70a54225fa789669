"""What the group as a whole does to its books: spends, moves money to the bank, borrows from outside, counts. See `ledger/rules.py`."""

from __future__ import annotations

from ledger.accounts import Kind, account
from ledger.entry import Entry, Line, Reason
from ledger.rules import LOAN_FUND_CASH, SOCIAL_FUND, SOCIAL_FUND_CASH, contribution, moves

LOAN_FUND_BANK = account(Kind.LOAN_FUND_BANK)
SOCIAL_FUND_BANK = account(Kind.SOCIAL_FUND_BANK)
OUTSIDE_LOAN = account(Kind.OUTSIDE_LOAN)


def spend(amount: int, fund: str = "loan_fund") -> Entry:
    """Expense: passbooks, ink, the agent's fee; after a vote, it lowers what every share is worth. Amount: what was paid.

    Source: VSL meeting procedure, step 5: expenses proposed and paid from the loan fund.

    >>> print(spend(30_000))
    Dr expenses:group                                30,000
       Cr assets:loan fund:cash box                                 30,000
    >>> print(spend(30_000, "social_fund"))
    Dr equity:social fund                            30,000
       Cr assets:social fund:cash box                               30,000
    """
    what, box = (account(Kind.EXPENSES), LOAN_FUND_CASH) if fund == "loan_fund" else (SOCIAL_FUND, SOCIAL_FUND_CASH)
    return contribution(Line(what, box, amount, Reason.EXPENSE))


def receive_other(amount: int) -> Entry:
    """Other income: bank interest, a gift that may be shared out. Amount: what came in.

    Source: ordinary bookkeeping.

    >>> print(receive_other(2_500))
    Dr assets:loan fund:cash box                      2,500
       Cr income:other                                               2,500
    """
    return contribution(Line(LOAN_FUND_CASH, account(Kind.OTHER_INCOME), amount, Reason.OTHER_INCOME))


def move(amount: int, to_bank: bool, fund: str = "loan_fund") -> Entry:
    """Bank or wallet: money of one fund moves between its box and its account outside; the fund has as much as before. Amount: what moved.

    Source: groups with an account or a wallet; cash in bank is shown beside cash in the box.

    >>> print(move(300_000, to_bank=True))
    Dr assets:loan fund:bank                        300,000
       Cr assets:loan fund:cash box                                300,000
    >>> print(move(40_000, to_bank=False, fund="social_fund"))
    Dr assets:social fund:cash box                   40,000
       Cr assets:social fund:bank                                   40,000
    """
    box, bank = (LOAN_FUND_CASH, LOAN_FUND_BANK) if fund == "loan_fund" else (SOCIAL_FUND_CASH, SOCIAL_FUND_BANK)
    line = Line(bank, box, amount, Reason.TO_BANK) if to_bank else Line(box, bank, amount, Reason.FROM_BANK)
    return contribution(line)


def borrow_outside(amount: int) -> Entry:
    """Outside loan: the group borrows to lend on; a debt of the group that comes off the pool at share-out. Amount: what came in.

    Source: constitutions in use: the group borrows, not its members, and their savings are no security.

    >>> print(borrow_outside(500_000))
    Dr assets:loan fund:cash box                    500,000
       Cr liabilities:outside loan                                 500,000
    """
    return contribution(Line(LOAN_FUND_CASH, OUTSIDE_LOAN, amount, Reason.OUTSIDE_LOAN))


def repay_outside(amount: int, interest: int) -> Entry:
    """Outside loan repaid: principal lowers the debt, interest is an expense. Amounts: as the lender's receipt says.

    Source: constitutions in use: repaid before share-out or taken off the pool.

    >>> print(repay_outside(100_000, interest=5_000))
    Dr liabilities:outside loan                     100,000
    Dr expenses:outside interest                      5,000
       Cr assets:loan fund:cash box                                105,000
    """
    return contribution(
        moves(OUTSIDE_LOAN, LOAN_FUND_CASH, amount, Reason.OUTSIDE_REPAID),
        moves(account(Kind.OUTSIDE_INTEREST), LOAN_FUND_CASH, interest, Reason.OUTSIDE_INTEREST),
    )


def count_differs(loan_fund: int, social_fund: int) -> Entry:
    """Cash over or short: what was counted less what the book says, each box apart; recorded with a reason, never adjusted away.

    Amounts: positive when there is more than the book says.

    Source: box identity of the central notebook; a difference is recorded, never adjusted away.

    >>> print(count_differs(-5_000, 0))
    Dr expenses:over and short                        5,000
       Cr assets:loan fund:cash box                                  5,000
    >>> print(count_differs(0, 1_000))
    Dr assets:social fund:cash box                    1,000
       Cr expenses:social fund over and short                        1,000
    """
    boxes = (
        (LOAN_FUND_CASH, account(Kind.OVER_SHORT), loan_fund),
        (SOCIAL_FUND_CASH, account(Kind.SOCIAL_FUND_OVER_SHORT), social_fund),
    )
    return contribution(*(moves(*((box, why) if more > 0 else (why, box)), abs(more), Reason.OVER_SHORT) for box, why, more in boxes))


def entrust(amount: int, back: bool = False, charge: int = 0) -> Entry:
    """Entrusted capital: the bank's money, in books of its own beside the group's; it never enters the loan fund.

    Amounts: capital received or handed back, and charge handed on with it.

    Source: entrusted lending of banks and unions: their money, in books of its own.

    >>> print(entrust(5_000_000))
    Dr assets:entrusted:cash                      5,000,000
       Cr liabilities:entrusted:capital                          5,000,000
    >>> print(entrust(1_000_000, back=True, charge=20_000))
    Dr liabilities:entrusted:capital              1,000,000
    Dr liabilities:entrusted:charge                  20,000
       Cr assets:entrusted:cash                                  1,020,000
    """
    cash, capital = account(Kind.ENTRUSTED_CASH), account(Kind.ENTRUSTED_CAPITAL)
    if not back:
        return contribution(Line(cash, capital, amount, Reason.ENTRUSTED))
    return contribution(
        moves(capital, cash, amount, Reason.ENTRUSTED),
        moves(account(Kind.ENTRUSTED_CHARGE), cash, charge, Reason.ENTRUSTED),
    )


RULES = (spend, receive_other, move, borrow_outside, repay_outside, count_differs, entrust)
