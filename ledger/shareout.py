"""The share-out: what each member takes home when the cycle ends. Pure arithmetic, exact until one stated rounding.

The box is shared, not the paper: what can be paid is the counted cash of the loan fund less what outsiders are owed, the last expenses and
what the group votes to carry. A member's debt is paid out of her own shares first; the pool is that cash and all that is paid in this way.

Methods, each a base and a weight; a member's entitlement is base + weight x level, never below 0, and the level is one for all:

* standard: nothing and her shares; the level is the value of a share, above the price or below it;
* profit_by_shares: what she paid and her shares; the same as standard when every share cost the same;
* per_head: what she paid, and one equal part of the profit for each member with a share; a loss is always borne by shares;
* interest_to_payer: what she paid and the charge she paid; the rest of the profit (fines less expenses and losses) by shares.

A member without a share has no part, whatever she paid in charges. Time does not count: a share of the last week earns like the first.

Rounding, the rest being the remainder, which the group votes on:

* payout_floor: each payout down to whole `unit`s of cash; remainder < members x unit;
* value_floor: the level down to a multiple of `unit`, payouts as they fall; remainder < shares x unit (profit per head: < members x unit);
* largest_remainder: payouts in whole `unit`s, those left over to the largest fractions, then the lowest number; remainder < unit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

Method = Literal["standard", "profit_by_shares", "per_head", "interest_to_payer"]
Rounding = Literal["payout_floor", "value_floor", "largest_remainder"]


@dataclass(frozen=True, slots=True)
class Holder:
    """A member before the share-out, in minor units. `paid`: for the shares she still holds. `debt`: principal, charge and fines due to the
    loan fund. `charge_paid`: service charge she paid in this cycle (with `interest_to_payer` a charge that is only now set off comes back
    to her if the caller counts it here too)."""

    member: int
    units: int
    paid: int
    debt: int = 0
    charge_paid: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """A member after the share-out, in minor units. `gross`: what her shares bring, rounded down (largest_remainder: exactly set-off and
    payout). `set_off`: debt paid out of it. `payout`: cash. `surviving`: debt that her shares could not pay and nobody forgave."""

    member: int
    units: int
    paid: int
    debt: int
    gross: int
    set_off: int
    payout: int
    surviving: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """The share-out of a group; rows by member number. Always, to the unit:

    set-offs + payouts + remainder = pool, and payouts + remainder = cash_available. `value` is exact and per share, on average where
    shares cost different prices; None where no such figure exists (per_head, interest_to_payer).
    """

    rows: tuple[Row, ...]
    pool: int
    value: Fraction | None
    cash_available: int
    paid: int
    remainder: int
    method: Method
    rounding: Rounding
    unit: int


class NotPossible(ValueError):
    """There is nothing to share out; `reason` is `no_shares`, or `not_enough_cash` when debts, expenses and what is carried exceed it."""

    def __init__(self, reason: Literal["no_shares", "not_enough_cash"]):
        super().__init__(reason)
        self.reason = reason


def share_out(
    holders: Iterable[Holder],
    *,
    cash: int,
    outside_debts: int = 0,
    expenses: int = 0,
    carried: int = 0,
    method: Method = "standard",
    rounding: Rounding = "payout_floor",
    unit: int = 1,
) -> Sheet:
    """Who takes home what; amounts in minor units. Raises NotPossible; ValueError for figures no book can have.

    Three members hold 10 shares each and the box 20,000. Member 2 owes 4,000: her shares pay it. Member 3 is away owing 30,000: hers pay
    12,000 of it, for with her debt left out a share is worth (20,000 + 4,000) : 20 = 1,200.

    >>> sheet = share_out([Holder(1, 10, 10_000), Holder(2, 10, 10_000, 4_000), Holder(3, 10, 10_000, 30_000)], cash=20_000)
    >>> [(row.gross, row.set_off, row.payout, row.surviving) for row in sheet.rows]
    [(12000, 0, 12000, 0), (12000, 4000, 8000, 0), (12000, 12000, 0, 18000)]
    >>> sheet.value, sheet.pool, sheet.remainder
    (Fraction(1200, 1), 36000, 0)
    """
    members = sorted(holders, key=lambda holder: holder.member)
    _check(members, (cash, outside_debts, expenses, carried), unit)
    available = cash - outside_debts - expenses - carried
    if available < 0:
        raise NotPossible("not_enough_cash")
    if not any(holder.units for holder in members):
        raise NotPossible("no_shares")
    parts = _parts(members, method, available)
    level = _level(parts, available)
    if rounding == "value_floor":
        level = Fraction(level // unit * unit)
    rows = _rows(parts, [part.worth(level) for part in parts], rounding, unit, available)
    paid, set_off = sum(row.payout for row in rows), sum(row.set_off for row in rows)
    value = _value(parts, level) if method in ("standard", "profit_by_shares") else None
    return Sheet(rows, available + set_off, value, available, paid, available - paid, method, rounding, unit)


@dataclass(frozen=True, slots=True)
class _Part:
    """How a member's entitlement follows from the level; `level` may be negative where there is a base to lose from."""

    holder: Holder
    base: int
    weight: int

    def worth(self, level: Fraction) -> Fraction:
        """Her entitlement."""
        return max(Fraction(0), self.base + self.weight * level)

    def covers(self, level: Fraction) -> bool:
        """Whether her shares pay her debt. Not asked of `worth`: a member sunk below nothing must leave the reckoning, owing or not."""
        return self.base + self.weight * level >= self.holder.debt


def _parts(members: Sequence[Holder], method: Method, available: int) -> list[_Part]:
    """Base and weight of each. Per head, there is a profit when the cash reaches for everyone's own money back."""
    gain = sum(max(0, holder.paid - holder.debt) for holder in members if holder.units) <= available
    return [_part(holder, method, gain) for holder in members]


def _part(holder: Holder, method: Method, gain: bool) -> _Part:
    if not holder.units:
        return _Part(holder, 0, 0)
    base = {"standard": 0, "interest_to_payer": holder.paid + holder.charge_paid}.get(method, holder.paid)
    return _Part(holder, base, 1 if method == "per_head" and gain else holder.units)


def _level(parts: Sequence[_Part], available: int) -> Fraction:
    """The level at which all cash payouts, entitlement less debt where that is more than nothing, add up to the cash.

    Circular, for what a debtor's shares can pay depends on the level and the level on what they pay. Begin with everyone counted, debts
    as if paid in full; whoever does not cover her debt is left out, shares and debt; again, until nobody more falls out. That is right:

    * who is left out has a shortfall, so without her the level is lower: nobody once left out would cover her debt at a later level, and
      at the last one exactly those outside fall short;
    * somebody is always left: if all counted fell short, their payouts, which add up to the cash, would add up to less than nothing.

    >>> _level([_Part(Holder(1, 2960, 0, 165_000), 0, 2960), _Part(Holder(2, 40, 0, 200_000), 0, 40)], 6_150_000)
    Fraction(157875, 74)
    """
    counted = [part for part in parts if part.weight]
    while True:  # at most once for each member
        owed_to_all = sum(part.base - part.holder.debt for part in counted)
        level = Fraction(available - owed_to_all, sum(part.weight for part in counted))
        staying = [part for part in counted if part.covers(level)]
        if len(staying) == len(counted):
            return level
        counted = staying


def _rows(parts: Sequence[_Part], worths: Sequence[Fraction], rounding: Rounding, unit: int, available: int) -> tuple[Row, ...]:
    """Debts set off in whole minor units, then cash: no debt is forgiven, and a fraction of a set-off is not taken from her either."""
    set_offs = [min(part.holder.debt, worth // 1) for part, worth in zip(parts, worths, strict=True)]
    cash = [max(Fraction(0), worth - part.holder.debt) for part, worth in zip(parts, worths, strict=True)]
    if rounding == "largest_remainder":
        payouts = _largest_remainder(cash, unit, available)
        gross = [set_off + payout for set_off, payout in zip(set_offs, payouts, strict=True)]
    else:
        payouts = [one // unit * unit if rounding == "payout_floor" else one // 1 for one in cash]
        gross = [worth // 1 for worth in worths]
    return tuple(_row(part.holder, *figures) for part, *figures in zip(parts, gross, set_offs, payouts, strict=True))


def _row(holder: Holder, gross: int, set_off: int, payout: int) -> Row:
    return Row(holder.member, holder.units, holder.paid, holder.debt, gross, set_off, payout, holder.debt - set_off)


def _largest_remainder(cash: Sequence[Fraction], unit: int, available: int) -> list[int]:
    """Exact cash, in order of member number, to whole units that add up to all the whole units there are.

    >>> _largest_remainder([Fraction(10, 3), Fraction(10, 3), Fraction(10, 3)], 1, 10)
    [4, 3, 3]
    """
    payouts = [one // unit * unit for one in cash]
    left_over = (available - sum(payouts)) // unit  # fewer than there are fractions: nobody gets one who has none
    by_fraction = sorted(range(len(cash)), key=lambda place: (payouts[place] - cash[place], place))
    for place in by_fraction[:left_over]:
        payouts[place] += unit
    return payouts


def _value(parts: Sequence[_Part], level: Fraction) -> Fraction:
    """What all shares are worth, by their number."""
    return Fraction(sum(part.worth(level) for part in parts), sum(part.holder.units for part in parts))


def _check(members: Sequence[Holder], amounts: Sequence[int], unit: int) -> None:
    """Raises ValueError for what no book can say: a bug of the caller, not a state of the group."""
    if len({holder.member for holder in members}) != len(members):
        raise ValueError("a member is named twice")
    if unit < 1 or min(amounts) < 0 or any(min(h.units, h.paid, h.debt, h.charge_paid) < 0 for h in members):
        raise ValueError("amounts and shares are not negative, and a unit of cash is at least 1")
    if any(holder.paid and not holder.units for holder in members):
        raise ValueError("money was paid for shares that nobody holds")
