"""A member goes before the cycle ends: what her shares bring, which debts they pay, and what that does to the others. Pure arithmetic.

A share is worth (cash + principal + charge due + fines due - debts) : shares, every loan counted as good. By the group's rule her shares
bring

* at_cost: what she paid for them. The profit on them stays with the others, and so does a loss: nobody's price is cut in mid-cycle;
* current_value: their part of the value, down to a minor unit and never below 0;
* wait: nothing before the share-out. Shares and debts stay as they are.

Who is expelled or absconds is settled at cost, whatever the rule. Her shares pay charge, then principal, then fines; of a member expelled
the fines first. Cash is paid in whole units and what is too small to pay stays with the group. What her shares cannot pay stays a debt,
except after a death where the constitution forgives it.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

Why = Literal["leaves", "dies", "expelled", "absconds"]
ExitRule = Literal["at_cost", "current_value", "wait"]
Shortfall = Literal["forgive", "owed"]


@dataclass(frozen=True, slots=True)
class Leaver:
    """Her shares, what she paid for them, and what she owes the loan fund today, in minor units."""

    units: int
    paid: int
    principal: int = 0
    charge: int = 0
    fines_due: int = 0

    @property
    def owed(self) -> int:
        """All of her debt."""
        return self.principal + self.charge + self.fines_due


@dataclass(frozen=True, slots=True)
class Fund:
    """The loan fund before she goes, hers included, in minor units. `debts`: what the group owes, outside loans and payables."""

    cash: int
    principal: int
    charge: int
    fines_due: int
    debts: int
    units: int

    @property
    def worth(self) -> int:
        """Assets less debts; negative when the group owes more than it has."""
        return self.cash + self.principal + self.charge + self.fines_due - self.debts


@dataclass(frozen=True, slots=True)
class Settlement:
    """What happens to her shares and debts, in minor units. Always: gross = set-offs + payout + rounding, and her debt = set-offs +
    forgiven + surviving.

    `rule`: the one applied. `gain`: gross less what she paid, a loss negative. `payout`: to her or her heirs; it may be more than the box
    holds, or she may not be there to take it: then the group owes it. `value_after`: of a share of the others, None when no share is left.
    """

    rule: ExitRule
    gross: int
    gain: int
    set_off_fines: int
    set_off_charge: int
    set_off_principal: int
    payout: int
    forgiven: int
    surviving: int
    value_before: Fraction
    value_after: Fraction | None

    @property
    def set_off(self) -> int:
        """Debt paid out of her shares."""
        return self.set_off_fines + self.set_off_charge + self.set_off_principal

    @property
    def rounding(self) -> int:
        """What was too small to pay in cash and stays with the group."""
        return self.gross - self.set_off - self.payout


def settle(leaver: Leaver, fund: Fund, why: Why, rule: ExitRule, death_shortfall: Shortfall = "owed", unit: int = 1) -> Settlement:
    """The settlement of today. Whether it may happen (a debt survives, the cash is not there) is the caller's question.

    `unit`: the smallest cash that is paid, in minor units. Raises ValueError when she holds or owes more than the whole fund.

    >>> fund = Fund(cash=18_500, principal=96_000, charge=4_200, fines_due=0, debts=0, units=1_050)
    >>> leaver = Leaver(units=80, paid=8_000, principal=3_000, charge=300)
    >>> cost, value = (settle(leaver, fund, "leaves", rule) for rule in ("at_cost", "current_value"))
    >>> (cost.gross, cost.payout), (value.gross, value.payout)
    ((8000, 4700), (9043, 5743))
    >>> cost.value_before, cost.value_after
    (Fraction(2374, 21), Fraction(11070, 97))
    """
    _check(leaver, fund, unit)
    before = Fraction(fund.worth, fund.units) if fund.units else Fraction(0)
    applied: ExitRule = "at_cost" if why in ("expelled", "absconds") else rule
    if applied == "wait":
        return Settlement("wait", 0, 0, 0, 0, 0, 0, 0, leaver.owed, before, before if fund.units else None)
    gross = leaver.paid if applied == "at_cost" else max(0, leaver.units * before // 1)
    fines, charge, principal = _set_offs(leaver, gross, fines_first=why == "expelled")
    set_off = fines + charge + principal
    payout = (gross - set_off) // unit * unit
    short = leaver.owed - set_off
    forgiven = short if why == "dies" and death_shortfall == "forgive" else 0
    units_left = fund.units - leaver.units
    after = Fraction(fund.worth - set_off - payout - forgiven, units_left) if units_left else None
    return Settlement(applied, gross, gross - leaver.paid, fines, charge, principal, payout, forgiven, short - forgiven, before, after)


def _set_offs(leaver: Leaver, gross: int, fines_first: bool) -> tuple[int, int, int]:
    """(fines, charge, principal) that her shares pay.

    >>> _set_offs(Leaver(10, 1_000, principal=900, charge=90, fines_due=50), 1_000, fines_first=False)
    (10, 90, 900)
    >>> _set_offs(Leaver(10, 1_000, principal=900, charge=90, fines_due=50), 1_000, fines_first=True)
    (50, 90, 860)
    """
    first = min(gross, leaver.fines_due) if fines_first else 0
    charge = min(gross - first, leaver.charge)
    principal = min(gross - first - charge, leaver.principal)
    return min(gross - charge - principal, leaver.fines_due), charge, principal


def _check(leaver: Leaver, fund: Fund, unit: int) -> None:
    """Raises ValueError for what no book can say."""
    hers = (leaver.units, leaver.principal, leaver.charge, leaver.fines_due)
    whole = (fund.units, fund.principal, fund.charge, fund.fines_due)
    if any(not 0 <= part <= all_of_it for part, all_of_it in zip(hers, whole, strict=True)):
        raise ValueError("she holds or owes more than the whole fund, or less than nothing")
    if unit < 1 or min(leaver.paid, fund.cash, fund.debts) < 0 or (leaver.paid and not leaver.units):
        raise ValueError("amounts are not negative, what was paid belongs to a share, and a unit of cash is at least 1")
