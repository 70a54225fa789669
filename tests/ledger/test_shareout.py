"""The share-out: published and worked figures, odd groups by hand, and properties checked against a count that tries everything."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.shareout import Holder, NotPossible, share_out

EXAMPLES = {e["id"]: e for e in json.loads((Path(__file__).parents[1] / "data" / "vsla-examples.json").read_text())["examples"]}
METHODS = ("standard", "profit_by_shares", "per_head", "interest_to_payer")
ROUNDINGS = ("payout_floor", "value_floor", "largest_remainder")


def group(units, price=1):
    return [Holder(number, one, one * price) for number, one in enumerate(units, 1)]


def payouts(sheet):
    return [row.payout for row in sheet.rows]


def by_member(sheet):
    return {row.member: row for row in sheet.rows}


# ---- published and worked figures


def test_E03_a_share_of_500_becomes_603():
    given, wanted = EXAMPLES["E03"]["inputs"], EXAMPLES["E03"]["expected"]
    savings, pool = wanted["reading_A_accumulated_is_savings"], wanted["reading_B_accumulated_is_pool"]
    sheet = share_out(group([savings["shares"] - 400, 400], given["share_price"]), cash=savings["pool"])
    assert (sheet.value, sheet.remainder) == (given["share_value_at_share_out"], 0)
    assert sheet.paid - sum(row.paid for row in sheet.rows) == savings["profit"]
    sheet = share_out(group([pool["shares"] - 400, 400], given["share_price"]), cash=given["accumulated"], rounding="value_floor")
    assert (sheet.value, sheet.paid, sheet.remainder) == (given["share_value_at_share_out"], pool["distributed"], pool["remainder"])


def test_E04_E06_a_part_of_the_shares_is_that_part_of_the_pool():
    tenth, wanted = EXAMPLES["E04"]["inputs"], EXAMPLES["E04"]["expected"]
    sheet = share_out(group([tenth["member_shares"], tenth["total_shares"] - tenth["member_shares"]]), cash=tenth["pool"])
    assert (sheet.rows[0].payout, sheet.value) == (wanted["payout"], wanted["value_per_share"])
    ama, wanted = EXAMPLES["E06"]["inputs"], EXAMPLES["E06"]["expected"]
    holders = group([ama["member_shares"], ama["total_shares"] - ama["member_shares"]], ama["share_price"])
    for method in ("standard", "profit_by_shares"):
        sheet = share_out(holders, cash=sum(holder.paid for holder in holders) + ama["group_profit"], method=method)
        assert (sheet.pool, sheet.value) == (wanted["identity"]["pool"], wanted["identity"]["value_per_share"])
        assert (sheet.rows[0].payout, sheet.rows[0].paid) == (wanted["payout"], wanted["savings_refund"])


def test_E07_E08_E09_E10_savings_and_profit_leave_the_box_to_the_last_coin():
    boxes = EXAMPLES["E07"]["inputs"]["groups"].values()  # each by itself; all three divide by ten shares
    assert sum(share_out(group([2, 3, 5], 10), cash=cash).paid for cash in boxes) == EXAMPLES["E07"]["expected"]["total"]
    hers, savings = EXAMPLES["E08"]["inputs"], EXAMPLES["E08"]["expected"]["savings"]
    row = share_out([Holder(1, 530, savings), Holder(2, 1060, 2 * savings)], cash=3 * hers["payout"], method="profit_by_shares").rows[0]
    assert (row.payout, row.payout - row.paid) == (hers["payout"], hers["of_which_interest"])
    box = EXAMPLES["E09"]["inputs"]["savings"] + EXAMPLES["E09"]["inputs"]["profit"]
    for method in ("standard", "profit_by_shares", "per_head"):
        sheet = share_out(group([1000, 1095, 1000], 10), cash=box, method=method, rounding="largest_remainder")
        assert (sheet.pool, sheet.paid) == (EXAMPLES["E09"]["expected"]["pool"], EXAMPLES["E09"]["inputs"]["pool_stated"])
    equal = EXAMPLES["E10"]["inputs"]
    sheet = share_out(group([60] * equal["members"], 3_571), cash=EXAMPLES["E10"]["expected"]["total_paid"])
    assert payouts(sheet) == [equal["paid_each"]] * equal["members"]


E27 = EXAMPLES["E27"]


@pytest.mark.parametrize(
    ("name", "rounding", "unit"),
    [
        ("R1_value_floored_to_1", "value_floor", 1),
        ("R1_value_floored_to_100", "value_floor", 100),
        ("R2_each_payout_floored_to_500", "payout_floor", 500),
        ("R2_each_payout_floored_to_1000", "payout_floor", 1000),
        ("R3_largest_remainder_unit_1", "largest_remainder", 1),
    ],
)
def test_E27_twenty_members_five_roundings(name, rounding, unit):
    given, wanted = E27["inputs"], E27["expected"][name]
    sheet = share_out(group(given["shares"], given["share_price"]), cash=given["pool"], rounding=rounding, unit=unit)
    assert (sheet.paid, sheet.remainder) == (wanted["paid"], wanted["remainder"])
    if rounding == "value_floor":
        assert sheet.value == wanted["value"]
        assert payouts(sheet) == [units * wanted["value"] for units in given["shares"]]
    else:
        assert sheet.value == Fraction(E27["expected"]["value_per_share_exact"])
        assert payouts(sheet) == wanted["payouts"]


E28, E28_WANTED = EXAMPLES["E28"]["inputs"], EXAMPLES["E28"]["expected"]
A, B = 1, 2


def e28(debt_of_b, rounding="payout_floor"):
    a, b, price = E28["member_A"], E28["member_B_absconded"], E28["share_price"]
    others = E28["total_shares"] - a["shares"] - b["shares"]
    units = {A: a["shares"], B: b["shares"], 3: others // 2, 4: others - others // 2}
    debts = {A: a["loan_principal"] + a["service_charge"], B: debt_of_b}
    holders = [Holder(member, one, one * price, debts.get(member, 0)) for member, one in units.items()]
    owed_outside, fee = E28["bank_loan_and_interest_due"], E28["village_agent_fee"]
    return share_out(holders, cash=E28["loan_fund_cash_counted"], outside_debts=owed_outside, expenses=fee, rounding=rounding)


def test_E28_variant_1_written_off_she_keeps_her_shares():
    sheet, wanted = e28(debt_of_b=0), E28_WANTED["variant_1_B_written_off_but_keeps_shares"]
    a, b = sheet.rows[:2]
    assert (sheet.pool, sheet.value, sheet.cash_available) == (wanted["pool"], wanted["value"], wanted["cash_available"])
    assert (a.gross, a.payout, b.payout, sheet.paid) == (wanted["A_gross"], wanted["A_cash"], wanted["B_entitlement"], wanted["cash_paid_out"])
    assert float(sheet.value) != E28_WANTED["wrong_cash_only"]["value"]


def test_E28_variant_2_her_shares_are_set_off_first():
    wanted, lent = E28_WANTED["variant_2_B_shares_set_off_first"], E28["member_B_absconded"]["loan"]
    sheet = e28(debt_of_b=lent)
    b = sheet.rows[1]
    assert round(float(sheet.value), 4) == wanted["value"]
    assert round(float(sheet.value * b.units), 2) == wanted["B_set_off"]
    assert (b.set_off, b.payout, b.surviving) == (int(wanted["B_set_off"]), 0, lent - int(wanted["B_set_off"]))
    assert b.surviving - 1 < wanted["net_loss_on_B"] <= b.surviving
    assert sheet.value == Fraction(sheet.cash_available + sheet.rows[0].debt, wanted["shares_counted"])
    floored = e28(debt_of_b=lent, rounding="value_floor")
    assert (floored.value, floored.rows[0].payout) == (wanted["value_floor"], wanted["A_cash_at_floor_value"])
    assert (floored.paid, floored.remainder) == (wanted["paid_cash_at_floor_value"], wanted["remainder"])


def test_E32_a_payout_and_then_a_purchase():
    given, wanted = EXAMPLES["E32"]["inputs"], EXAMPLES["E32"]["expected"]
    sheet = share_out(group(E27["inputs"]["shares"], E27["inputs"]["share_price"]), cash=E27["inputs"]["pool"], rounding="value_floor")
    row, starting = by_member(sheet)[16], given["starting_shares_each"] * given["new_share_price"]
    assert (sheet.value, row.units, row.payout) == (given["share_value_paid"], given["member_16_shares"], wanted["member_16_payout"])
    assert (starting, row.payout - starting) == (wanted["member_16_reinvests"], wanted["member_16_cash"])
    assert all(row.payout >= starting for row in sheet.rows)
    assert starting * len(sheet.rows) == wanted["opening_loan_fund_next_cycle"]


# ---- by hand

THREE = [Holder(1, 10, 10_000), Holder(2, 20, 20_000, charge_paid=3_000), Holder(3, 30, 30_000, charge_paid=1_500)]


@pytest.mark.parametrize(
    ("method", "cash", "wanted"),
    [
        ("standard", 64_800, [10_800, 21_600, 32_400]),  # 4,500 of charge and 300 of fines: 80 a share
        ("profit_by_shares", 64_800, [10_800, 21_600, 32_400]),
        ("per_head", 64_800, [11_600, 21_600, 31_600]),  # 1,600 each
        ("interest_to_payer", 64_800, [10_050, 23_100, 31_650]),  # her charge, and 5 a share of the fines
        ("standard", 57_000, [9_500, 19_000, 28_500]),  # 3,000 stolen: below the price
        ("profit_by_shares", 57_000, [9_500, 19_000, 28_500]),
        ("per_head", 57_000, [9_500, 19_000, 28_500]),  # a loss is by shares, not 1,000 each
        ("interest_to_payer", 57_000, [8_750, 20_500, 27_750]),  # 7,500 lost of what was saved and charged: 125 a share
        ("interest_to_payer", 0, [0, 0, 0]),
    ],
)
def test_four_methods_on_one_group(method, cash, wanted):
    assert payouts(share_out(THREE, cash=cash, method=method)) == wanted


def test_shares_of_two_prices_profit_by_shares_gives_each_her_own_money_back():
    holders = [Holder(1, 10, 10_000), Holder(2, 10, 20_000)]
    sheet = share_out(holders, cash=32_000, method="profit_by_shares")
    assert (payouts(sheet), sheet.value) == ([11_000, 21_000], 1_600)
    assert payouts(share_out(holders, cash=32_000)) == [16_000, 16_000]
    deep = share_out(holders, cash=8_000, method="profit_by_shares")  # 11,000 lost by each: member 1 has only 10,000 to lose
    assert (payouts(deep), deep.value) == ([0, 8_000], 400)


def test_one_debtor_too_many_draws_the_next_one_in():
    """At first a share looks worth 1,000 and member 2 pays her debt of 9,500; without member 3 it is worth 900 and she does not."""
    holders = [Holder(1, 10, 0), Holder(2, 10, 0, 9_500), Holder(3, 10, 0, 12_000)]
    sheet = share_out(holders, cash=8_500)
    assert sheet.value == 850
    assert [(row.payout, row.surviving) for row in sheet.rows] == [(8_500, 0), (0, 1_000), (0, 3_500)]


def test_a_debt_of_exactly_her_shares_is_paid_and_nothing_survives():
    sheet = share_out([Holder(1, 10, 0), Holder(2, 10, 0, 1_000)], cash=1_000)
    assert [(row.set_off, row.payout, row.surviving) for row in sheet.rows] == [(0, 1_000, 0), (1_000, 0, 0)]


def test_a_floored_value_may_leave_the_last_of_a_debt():
    """101 a share would pay her 1,010; at the announced 100 her shares pay 1,000 and 10 survive: it is not the others' gift."""
    sheet = share_out([Holder(1, 10, 0), Holder(2, 10, 0, 1_010)], cash=1_010, rounding="value_floor", unit=100)
    assert [(row.gross, row.set_off, row.payout, row.surviving) for row in sheet.rows] == [(1000, 0, 1000, 0), (1000, 1000, 0, 10)]
    assert (sheet.value, sheet.remainder) == (100, 10)


@pytest.mark.parametrize("method", METHODS)
def test_an_empty_box_pays_nobody_and_sets_off_what_nobody_else_has_to_pay_for(method):
    sheet = share_out([Holder(1, 10, 1_000), Holder(2, 10, 1_000, 500)], cash=0, method=method)
    assert [(row.payout, row.set_off) for row in sheet.rows] == [(0, 0), (0, 0)]
    debtors = [Holder(1, 10, 1_000, 1_200), Holder(2, 20, 2_000, 2_900)]  # the first is just square: a profit of 20 a share, 200 a head
    hers = share_out(debtors, cash=0, method=method).rows[1]
    assert (hers.set_off, hers.surviving) == ((2_200, 700) if method == "per_head" else (2_400, 500))


@pytest.mark.parametrize("method", METHODS)
def test_without_shares_no_part_and_the_debt_stays(method):
    sheet = share_out([Holder(1, 10, 1_000), Holder(2, 0, 0, debt=300, charge_paid=700)], cash=2_000, method=method)
    assert [(row.gross, row.payout, row.surviving) for row in sheet.rows] == [(2_000, 2_000, 0), (0, 0, 300)]


def test_what_is_carried_stays_in_the_box():
    sheet = share_out(group([10, 10], 100), cash=2_601, carried=500, unit=100)
    assert (payouts(sheet), sheet.cash_available, sheet.remainder) == ([1_000, 1_000], 2_101, 101)


def test_not_possible_says_why():
    outside = {"cash": 100, "outside_debts": 60, "expenses": 30, "carried": 11}
    for holders, figures, reason in (
        ([], {"cash": 1}, "no_shares"),
        ([Holder(1, 0, 0)], {"cash": 1}, "no_shares"),
        (group([1]), outside, "not_enough_cash"),
    ):
        with pytest.raises(NotPossible) as refused:
            share_out(holders, **figures)
        assert refused.value.reason == reason
    assert share_out(group([1]), **{**outside, "carried": 10}).paid == 0


TWICE, LESS, NO_SHARE = group([1]) * 2, [Holder(1, -1, 0)], [Holder(1, 0, 5), Holder(2, 1, 5)]


@pytest.mark.parametrize(("holders", "figures"), [(TWICE, {}), (LESS, {}), (NO_SHARE, {}), (group([1]), {"expenses": -1}), (group([1]), {"unit": 0})])
def test_figures_no_book_can_have_are_a_bug(holders, figures):
    with pytest.raises(ValueError, match=r"twice|negative|nobody"):
        share_out(holders, **{"cash": 100, **figures})


# ---- properties


PRICE = st.integers(1, 50_000)
MEMBER = st.tuples(st.integers(0, 60), PRICE, st.integers(0, 320), st.integers(0, 130))  # units, own price, debt and charge in percent


def made_of(price, members, cash):
    """Members and a box as they may be after a good or a terrible year; debts from none to far above what the shares can pay."""
    holders = []
    for number, (units, own_price, debt, charge) in enumerate(members, 1):
        paid = units * (price or own_price)
        owed, charged = max(0, debt - 100) * paid // 100 + max(0, debt - 310), max(0, charge - 30) * paid // 100
        holders.append(Holder(number * 3, units, paid, owed, charged))
    if not any(holder.units for holder in holders):
        holders[0] = replace(holders[0], units=1, paid=price)
    whole = sum(holder.paid for holder in holders)
    return holders, max(0, cash - 10) * whole // 100 if cash > 13 else cash


def groups(prices, least=1, most=6):
    return st.builds(made_of, prices, st.lists(MEMBER, min_size=least, max_size=most), st.integers(0, 210))


ANY_PRICE = PRICE | st.just(0)  # 0: each member at her own
any_group, one_price = groups(ANY_PRICE), groups(PRICE)
methods, roundings = st.sampled_from(METHODS), st.sampled_from(ROUNDINGS)
units_of_cash = st.sampled_from([1, 2, 7, 50, 100, 500, 1_000])


def naive_worths(holders, cash, method):
    """Every possible set of members who cannot pay is tried; exactly one reckoning holds together. Entitlements by the plain definition:
    what comes back, and the pool's profit or loss by heads or shares; where a loss would sink her below nothing she is in the set too."""
    inside = [h for h in holders if h.units]
    found = set()
    for short in product([False, True], repeat=len(inside)):
        out = [h for h, is_short in zip(inside, short, strict=True) if not is_short]
        if not out:
            continue
        back = {h.member: {"standard": 0, "interest_to_payer": h.paid + h.charge_paid}.get(method, h.paid) for h in inside}
        pool = cash + sum(h.debt for h in out)  # what those outside the set share among them
        rest = pool - sum(back[h.member] for h in out)
        heads = method == "per_head" and rest >= 0
        part = Fraction(rest, sum(1 if heads else h.units for h in out))
        exact = {h.member: back[h.member] + part * (1 if heads else h.units) for h in inside}
        if all((exact[h.member] < h.debt) == is_short for h, is_short in zip(inside, short, strict=True)):
            found.add(tuple(max(Fraction(0), exact.get(h.member, Fraction(0))) for h in holders))
    assert found
    assert cash == 0 or len(found) == 1  # an empty box leaves room: whatever the debtors hold, nobody is paid
    return max(found)


def naive_payouts(owed, cash, unit):
    """Largest remainder, one unit at a time: the next goes to whoever is furthest behind, the lower number first."""
    given = [int(one / unit) * unit for one in owed]
    while cash - sum(given) >= unit:
        place = max(range(len(owed)), key=lambda at: (owed[at] - given[at], -at))
        given[place] += unit
    return given


@settings(max_examples=2000, deadline=None)
@given(any_group, methods, units_of_cash)
def test_the_same_as_trying_everything(made, method, unit):
    holders, cash = made
    worths = naive_worths(holders, cash, method)
    owed = [max(Fraction(0), worth - h.debt) for worth, h in zip(worths, holders, strict=True)]
    assert sum(owed) == cash
    sheet = share_out(holders, cash=cash, method=method, unit=unit)
    assert [row.gross for row in sheet.rows] == [int(worth) for worth in worths]
    assert [row.set_off for row in sheet.rows] == [min(h.debt, int(worth)) for worth, h in zip(worths, holders, strict=True)]
    assert payouts(sheet) == [int(one / unit) * unit for one in owed]
    largest = share_out(holders, cash=cash, method=method, unit=unit, rounding="largest_remainder")
    assert payouts(largest) == naive_payouts(owed, cash, unit)
    assert [row.set_off for row in largest.rows] == [row.set_off for row in sheet.rows]


@settings(max_examples=2000, deadline=None)
@given(groups(ANY_PRICE, 1, 25), methods, roundings, units_of_cash)
def test_nothing_is_lost_and_nothing_is_made(made, method, rounding, unit):
    holders, cash = made
    sheet = share_out(holders, cash=cash, method=method, rounding=rounding, unit=unit)
    assert sum(row.set_off + row.payout for row in sheet.rows) + sheet.remainder == sheet.pool
    assert sum(row.payout for row in sheet.rows) == sheet.paid
    assert sheet.paid + sheet.remainder == sheet.cash_available == cash
    bound = {"payout_floor": len(holders) * unit, "value_floor": sum(h.units for h in holders) * unit, "largest_remainder": unit}
    assert 0 <= sheet.remainder < bound[rounding]
    for row in sheet.rows:
        assert min(row.gross, row.set_off, row.payout, row.surviving) >= 0
        assert row.set_off + row.surviving == row.debt
        assert row.payout == 0 or row.surviving == 0
        assert row.gross >= row.set_off + row.payout
        assert rounding == "value_floor" or row.payout % unit == 0
        assert row.units or (row.gross, row.payout) == (0, 0)


@settings(max_examples=500, deadline=None)
@given(groups(ANY_PRICE, 5, 25), st.sampled_from(["payout_floor", "largest_remainder"]))
def test_the_value_found_is_consistent(made, rounding):
    """Exactly those fall short who are left out of the reckoning, and everybody else's shares and debts give the value."""
    holders, cash = made
    value = share_out(holders, cash=cash, rounding=rounding).value
    out = [h for h in holders if h.units * value >= h.debt]
    assert value * sum(h.units for h in out) == cash + sum(h.debt for h in out)


@settings(max_examples=500, deadline=None)
@given(any_group, units_of_cash)
def test_a_floored_value_is_the_highest_that_the_cash_can_pay(made, unit):
    holders, cash = made
    value = share_out(holders, cash=cash, rounding="value_floor", unit=unit).value
    assert value % unit == 0
    assert sum(max(0, h.units * value - h.debt) for h in holders) <= cash < sum(max(0, h.units * (value + unit) - h.debt) for h in holders)


@settings(max_examples=500, deadline=None)
@given(any_group, methods, roundings, units_of_cash, st.integers(1, 100), st.data())
def test_the_order_of_members_is_irrelevant_and_equal_members_are_equal(made, method, rounding, unit, number, data):
    holders, cash = made
    twin = replace(data.draw(st.sampled_from(holders)), member=number * 3 + 1)
    figures = {"cash": cash, "method": method, "rounding": rounding, "unit": unit}
    sheet = share_out([*holders, twin], **figures)
    assert share_out(iter(data.draw(st.permutations([*holders, twin]))), **figures) == sheet
    rows = by_member(sheet)
    same = [rows[h.member].payout for h in holders if replace(h, member=twin.member) == twin]
    assert all(abs(one - rows[twin.member].payout) <= (unit if rounding == "largest_remainder" else 0) for one in same)


@settings(max_examples=500, deadline=None)
@given(any_group, roundings, units_of_cash)
def test_more_shares_never_bring_less(made, rounding, unit):
    holders, cash = made
    rows = share_out(holders, cash=cash, rounding=rounding, unit=unit).rows
    for fewer, more in product(rows, rows):
        if fewer.units < more.units:
            assert fewer.debt != more.debt or fewer.payout <= more.payout
            assert fewer.set_off <= more.set_off or fewer.debt > more.debt


@settings(max_examples=500, deadline=None)
@given(one_price, st.sampled_from(["payout_floor", "largest_remainder"]), units_of_cash)
def test_shares_of_one_price_two_methods_are_one_and_the_value_may_fall_below_it(made, rounding, unit):
    holders, cash = made
    standard, by_shares = (share_out(holders, cash=cash, method=m, rounding=rounding, unit=unit) for m in METHODS[:2])
    assert (standard.rows, standard.value, standard.remainder) == (by_shares.rows, by_shares.value, by_shares.remainder)
    saved, units = sum(h.paid for h in holders), sum(h.units for h in holders)
    value = share_out([replace(h, debt=0) for h in holders], cash=cash).value
    assert (value, value * units < saved) == (Fraction(cash, units), cash < saved)


@settings(max_examples=500, deadline=None)
@given(any_group, st.integers(0, 10**6), methods)
def test_more_in_the_box_is_never_less_for_anybody(made, more, method):
    holders, cash = made
    poor, rich = (share_out(holders, cash=amount, method=method) for amount in (cash, cash + more))
    assert all(a.payout <= b.payout and a.surviving >= b.surviving for a, b in zip(poor.rows, rich.rows, strict=True))
