"""Leaving in mid-cycle: the worked figures both ways, each reason to go, and a fund that always adds up."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.leaving import Fund, Leaver, settle

EXAMPLES = {e["id"]: e for e in json.loads((Path(__file__).parents[1] / "data" / "vsla-examples.json").read_text())["examples"]}
GIVEN, WANTED = EXAMPLES["E29"]["inputs"], EXAMPLES["E29"]["expected"]
SHE = Leaver(
    GIVEN["member_shares"], GIVEN["member_shares"] * GIVEN["share_price"], GIVEN["member_loan_principal"], GIVEN["member_service_charge_due"]
)
FUND = Fund(GIVEN["loan_fund_cash"], GIVEN["loans_principal"], GIVEN["service_charges_due"], 0, GIVEN["debts"], GIVEN["total_shares"])
WHYS, RULES = ("leaves", "dies", "expelled", "absconds"), ("at_cost", "current_value", "wait")


def test_E29_at_the_price_paid():
    wanted, done = WANTED["V1_purchase_price"], settle(SHE, FUND, "leaves", "at_cost")
    assert (done.gross, done.payout, done.gain) == (wanted["gross"], wanted["net_cash"], 0)
    assert round(float(done.value_before), 4) == wanted["value_per_share_before"]
    assert round(float(done.value_after), 4) == wanted["value_per_share_after_for_the_others"]
    assert (done.payout, FUND.cash) == (WANTED["cash_test"]["needs"], WANTED["cash_test"]["available"])


def test_E29_at_current_value():
    wanted, done = WANTED["V2_current_value"], settle(SHE, FUND, "leaves", "current_value")
    assert (done.gross, done.payout, done.gain) == (wanted["gross"], wanted["net_cash"], WANTED["profit_forgone_under_V1"])
    assert (done.set_off_charge, done.set_off_principal, done.surviving) == (SHE.charge, SHE.principal, 0)
    assert 0 < done.value_after - done.value_before < Fraction(1, FUND.units - SHE.units)  # a fraction of a unit stays behind


def test_cash_is_paid_in_whole_units_and_the_rest_stays_with_the_others():
    for rule in ("at_cost", "current_value"):
        exact, coins = settle(SHE, FUND, "leaves", rule), settle(SHE, FUND, "leaves", rule, unit=50)
        assert coins.payout % 50 == 0
        assert coins.payout + coins.rounding == exact.payout
        assert (coins.gross, coins.set_off) == (exact.gross, exact.set_off)
        assert coins.value_after == exact.value_after + Fraction(coins.rounding, FUND.units - SHE.units)


DEEP = Leaver(units=10, paid=1_000, principal=900, charge=90, fines_due=50)
POOR = Fund(cash=5_000, principal=2_000, charge=200, fines_due=100, debts=300, units=50)  # 140 a share


@pytest.mark.parametrize(
    ("why", "rule", "shortfall", "applied", "gross", "set_offs", "payout", "forgiven", "surviving"),
    [
        ("leaves", "at_cost", "owed", "at_cost", 1_000, (90, 900, 10), 0, 0, 40),
        ("leaves", "current_value", "owed", "current_value", 1_400, (90, 900, 50), 360, 0, 0),
        ("leaves", "wait", "owed", "wait", 0, (0, 0, 0), 0, 0, 1_040),
        ("leaves", "at_cost", "forgive", "at_cost", 1_000, (90, 900, 10), 0, 0, 40),  # only a death is forgiven
        ("dies", "at_cost", "owed", "at_cost", 1_000, (90, 900, 10), 0, 0, 40),
        ("dies", "at_cost", "forgive", "at_cost", 1_000, (90, 900, 10), 0, 40, 0),
        ("dies", "current_value", "forgive", "current_value", 1_400, (90, 900, 50), 360, 0, 0),
        ("dies", "wait", "forgive", "wait", 0, (0, 0, 0), 0, 0, 1_040),  # forgiven when it is settled, not before
        ("expelled", "current_value", "owed", "at_cost", 1_000, (90, 860, 50), 0, 0, 40),
        ("expelled", "wait", "owed", "at_cost", 1_000, (90, 860, 50), 0, 0, 40),
        ("absconds", "current_value", "forgive", "at_cost", 1_000, (90, 900, 10), 0, 0, 40),
    ],
)
def test_each_way_to_go(why, rule, shortfall, applied, gross, set_offs, payout, forgiven, surviving):
    done = settle(DEEP, POOR, why, rule, shortfall)
    assert (done.rule, done.gross, done.payout) == (applied, gross, payout)
    assert (done.set_off_charge, done.set_off_principal, done.set_off_fines) == set_offs
    assert (done.forgiven, done.surviving) == (forgiven, surviving)
    assert done.value_before == 140


def test_what_the_others_gain_or_lose():
    after = {(why, rule): settle(DEEP, POOR, why, rule, "forgive").value_after for why, rule in product(WHYS, RULES)}
    assert after["leaves", "at_cost"] == 150  # her profit of 400 stays: 6,000 for 40 shares
    assert after["leaves", "current_value"] == after["leaves", "wait"] == 140
    assert after["dies", "at_cost"] == 149  # 40 forgiven
    assert after["absconds", "wait"] == 150  # what survives is still counted as good


def test_in_a_loss_current_value_is_below_the_price_and_never_below_nothing():
    robbed = replace(POOR, cash=0)  # 2,000 for 50 shares
    done = settle(DEEP, robbed, "leaves", "current_value")
    assert (done.gross, done.gain, done.set_off, done.surviving, done.value_after) == (400, -600, 400, 640, 40)
    assert settle(DEEP, robbed, "leaves", "at_cost").value_after == 25  # at cost the others bear her part of it
    ruined = replace(POOR, cash=0, debts=9_000)
    done = settle(DEEP, ruined, "leaves", "current_value")
    assert (done.gross, done.gain, done.payout, done.surviving) == (0, -1_000, 0, 1_040)
    assert done.value_before < 0


def test_the_last_member_and_the_one_without_shares():
    last = settle(Leaver(50, 5_000), POOR, "leaves", "current_value")
    assert (last.payout, last.value_after) == (7_000, None)  # more than the box holds: the caller's to see
    none = settle(Leaver(0, 0, principal=100), replace(POOR, units=0), "leaves", "at_cost")
    assert (none.payout, none.surviving, none.value_before, none.value_after) == (0, 100, 0, None)
    assert settle(Leaver(0, 0), replace(POOR, units=0), "leaves", "wait").value_after is None


@pytest.mark.parametrize("field", ["units", "principal", "charge", "fines_due"])
def test_nobody_holds_or_owes_more_than_the_whole_fund(field):
    for figure in (getattr(POOR, field) + 1, -1):
        with pytest.raises(ValueError, match="whole fund"):
            settle(replace(DEEP, **{field: figure}), POOR, "leaves", "at_cost")


@pytest.mark.parametrize(
    ("leaver", "fund", "unit"),
    [(DEEP, POOR, 0), (replace(DEEP, paid=-1), POOR, 1), (replace(DEEP, units=0), POOR, 1), (DEEP, replace(POOR, cash=-1), 1)],
)
def test_figures_no_book_can_have_are_a_bug(leaver, fund, unit):
    with pytest.raises(ValueError, match="not negative"):
        settle(leaver, fund, "leaves", "at_cost", unit=unit)


amounts = st.integers(0, 3) | st.integers(0, 10**7)
whys, rules, units_of_cash = st.sampled_from(WHYS), st.sampled_from(RULES), st.sampled_from([1, 3, 50, 1_000])
shortfalls = st.sampled_from(["forgive", "owed"])


@st.composite
def leavers(draw):
    """A member and a fund she is part of: rich, robbed or in debt."""
    units, price = draw(st.integers(0, 100)), draw(st.integers(1, 50_000))
    she = Leaver(units, units * price, draw(amounts), draw(amounts), draw(amounts))
    return she, Fund(
        cash=draw(amounts),
        principal=she.principal + draw(amounts),
        charge=she.charge + draw(amounts),
        fines_due=she.fines_due + draw(amounts),
        debts=draw(amounts),
        units=units + draw(st.integers(0, 500)),
    )


@settings(max_examples=2000, deadline=None)
@given(leavers(), whys, rules, shortfalls, units_of_cash)
def test_the_fund_adds_up_and_nobody_pays_to_go(made, why, rule, shortfall, unit):
    she, fund = made
    done = settle(she, fund, why, rule, shortfall, unit)
    assert min(done.gross, done.set_off_fines, done.set_off_charge, done.set_off_principal, done.payout, done.forgiven, done.surviving) >= 0
    assert done.gross == done.set_off + done.payout + done.rounding
    assert she.owed == done.set_off + done.forgiven + done.surviving
    assert 0 <= done.rounding < unit
    assert done.set_off <= she.owed
    assert done.payout % unit == 0
    assert done.payout == 0 or done.surviving == done.forgiven == 0
    assert done.forgiven == 0 or (why == "dies" and shortfall == "forgive")
    assert done.gain == (0 if done.rule == "wait" else done.gross - she.paid)
    # every account of the fund after she has gone, one by one
    cash, debts = fund.cash - done.payout, fund.debts
    owed = [fund.principal - done.set_off_principal, fund.charge - done.set_off_charge, fund.fines_due - done.set_off_fines]
    assert min(owed) >= 0
    units_left = fund.units if done.rule == "wait" else fund.units - she.units
    assert (done.value_after is None) == (units_left == 0)
    if units_left:
        assert cash + sum(owed) - done.forgiven - debts == done.value_after * units_left


@settings(max_examples=1000, deadline=None)
@given(leavers(), st.booleans())
def test_debts_are_paid_in_their_order(made, expelled):
    she, fund = made
    done = settle(she, fund, "expelled" if expelled else "leaves", "at_cost")
    steps = [(done.set_off_charge, she.charge), (done.set_off_principal, she.principal)]
    steps.insert(0 if expelled else 2, (done.set_off_fines, she.fines_due))
    left = she.paid
    for taken, owed in steps:
        assert taken == min(left, owed)
        left -= taken
    assert done.payout == left


@settings(max_examples=1000, deadline=None)
@given(leavers(), st.sampled_from(["leaves", "dies"]), units_of_cash)
def test_current_value_never_costs_the_others_anything(made, why, unit):
    she, fund = made
    done = settle(she, fund, why, "current_value", unit=unit)
    exact = max(Fraction(0), she.units * done.value_before)
    assert done.gross <= exact < done.gross + 1
    if done.value_before >= 0 and done.value_after is not None and fund.units:
        assert done.value_before <= done.value_after < done.value_before + Fraction(unit + 1, fund.units - she.units)
