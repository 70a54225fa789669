"""Service charge: three methods, two periods, worked figures, and properties that hold for every loan."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger import loans
from ledger.loans import Payment, granted, period_end, position, settle

EXAMPLES = {e["id"]: e for e in json.loads((Path(__file__).parents[1] / "data" / "vsla-examples.json").read_text())["examples"]}
METHODS = {"A": "flat", "B": "declining", "C": "rolled"}
START = date(2026, 1, 5)


def at_end_of(count: int, period: str = "four_weeks") -> date:
    return period_end(START, period, count)


def pay(terms, payments, on, amount):
    return [*payments, Payment(on, *settle(position(terms, payments, on), amount))]


@pytest.mark.parametrize("letter", METHODS)
@pytest.mark.parametrize("period", ["month", "four_weeks"])
def test_E24_the_same_loan_under_three_methods(letter, period):
    wanted = EXAMPLES["E24"]["expected"]
    terms = granted(100_000, METHODS[letter], 1000, period, START, START + timedelta(days=90))
    first, second = at_end_of(1, period), at_end_of(2, period)
    assert position(terms, [], first).owed == wanted["owed_at_period_1_before_payment"][letter]
    paid = pay(terms, [], first, 60_000)
    assert position(terms, paid, first).owed == wanted["owed_after_60000"][letter]
    owed = position(terms, paid, second).owed
    assert owed == wanted["owed_at_period_2"][letter]
    paid = pay(terms, paid, second, owed)
    assert sum(p.charge + p.principal for p in paid) == wanted["total_repaid"][letter]
    assert sum(p.charge for p in paid) == wanted["total_charge"][letter]
    assert position(terms, paid, date(2030, 1, 1)).owed == 0


@pytest.mark.parametrize(("letter", "next_debt"), [("A", 115_000), ("B", 115_000), ("C", 115_500)])
def test_paying_less_than_the_charge_only_the_rolled_method_compounds(letter, next_debt):
    terms = granted(100_000, METHODS[letter], 1000, "four_weeks", START, START + timedelta(days=90))
    paid = pay(terms, [], at_end_of(1), 5_000)
    assert position(terms, paid, at_end_of(2)).owed == next_debt


@pytest.mark.parametrize("letter", METHODS)
def test_E34_two_part_payments_in_one_period_make_one_charge(letter):
    given, wanted = EXAMPLES["E34"]["inputs"], EXAMPLES["E34"]["expected"]
    terms = granted(given["principal"], METHODS[letter], 1000, "four_weeks", START, START + timedelta(days=90))
    assert position(terms, [], START).owed == wanted["balance_at_issue"]
    paid = []
    for day, amount in zip((10, 20), given["payments_in_same_period"], strict=True):
        paid = pay(terms, paid, START + timedelta(days=day), amount)
    assert position(terms, paid, at_end_of(1)).owed == wanted["per_period_correct"]["after_both_payments"]
    next_meeting = wanted["per_period_correct"]["owed_next_loan_meeting"]
    assert position(terms, paid, at_end_of(2)).owed == (60_000 if letter == "A" else next_meeting)


def test_E11_hua_na_seven_million_for_six_months():
    given, wanted = EXAMPLES["E11"]["inputs"], EXAMPLES["E11"]["expected"]["computed_by_us"]
    terms = granted(given["loan"], "flat", 150, "month", date(2026, 1, 7), date(2026, 7, 7))
    assert terms.opening_charge == wanted["charge_per_month_on_full_principal"]
    assert position(terms, [], date(2026, 7, 7)).charge == wanted["bullet_6_months_simple_total_charge"]
    assert position(terms, [], date(2026, 7, 7)).owed == wanted["bullet_total"]


def test_E19_one_period_of_ten_percent():
    given, wanted = EXAMPLES["E19"]["inputs"], EXAMPLES["E19"]["expected"]
    terms = granted(given["loan"], "flat", int(wanted["rate_pct"] * 100), "month", START, START + timedelta(days=31))
    assert terms.opening_charge == given["interest"]


def test_a_loan_brought_from_paper_is_charged_from_its_next_period():
    terms = loans.Terms(1_500_000, 1_500_000, 15_000, "declining", 100, "month", date(2026, 3, 24), date(2026, 11, 21), date(2026, 9, 24))
    assert position(terms, [], date(2026, 11, 24)).owed == 1_515_000
    assert position(terms, [], date(2026, 11, 25)).owed == 1_530_000
    assert position(terms, [], date(2026, 11, 21)).next_period == date(2026, 11, 25)


def test_a_payment_confirmed_late_costs_no_further_period():
    terms = granted(100_000, "declining", 1000, "month", START, START + timedelta(days=90))
    cleared = [Payment(date(2026, 2, 5), 10_000, 100_000)]
    assert position(terms, cleared, date(2026, 2, 6)).owed == 0


amounts = st.integers(1, 10**9)
methods = st.sampled_from(["flat", "declining", "rolled", "none"])
periods = st.sampled_from(["month", "four_weeks"])
days = st.dates(date(2020, 1, 1), date(2030, 12, 31))


@st.composite
def histories(draw):
    """A loan and payments a member could have made: never more than owed, in any order of days, as they were posted."""
    start = draw(days)
    terms = granted(draw(amounts), draw(methods), draw(st.integers(0, 3000)), draw(periods), start, start + timedelta(days=180))
    paid: list[Payment] = []
    for offset in draw(st.lists(st.integers(0, 700), max_size=8)):
        on = start + timedelta(days=offset)
        owed = position(terms, paid, on).owed
        if owed:
            paid = pay(terms, paid, on, draw(st.integers(1, owed)))
    return terms, paid


def naive_owed(terms, paid, on):
    """A second way to count, day by day: at the start of a day the period that begins is charged, at its end the payments are taken."""
    principal, charge, last = terms.principal, terms.opening_charge, terms.opened_on
    queue, count = list(paid), 1
    while period_end(terms.issued_on, terms.period, count) < terms.opened_on:
        count += 1
    day = terms.opened_on
    while day <= on or queue:
        if day == period_end(terms.issued_on, terms.period, count) + timedelta(days=1):
            count += 1
            base = {"flat": terms.original, "declining": principal, "rolled": principal + charge, "none": 0}[terms.method]
            if principal + charge > 0:
                numerator = base * terms.rate_bp
                charge += numerator // 10_000 + (1 if (numerator % 10_000) * 2 >= 10_000 else 0)
        while queue and max(queue[0].on, last) <= day:
            last = max(queue[0].on, last)
            one = queue.pop(0)
            principal, charge = principal - one.principal, charge - one.charge
        day += timedelta(days=1)
    return principal + charge


@settings(max_examples=200, deadline=None)
@given(histories(), st.integers(0, 400))
def test_the_same_as_counting_day_by_day(history, offset):
    terms, paid = history
    on = max([terms.opened_on, *(p.on for p in paid)]) + timedelta(days=offset)
    assert position(terms, paid, on).owed == naive_owed(terms, paid, on)


@settings(max_examples=200, deadline=None)
@given(histories(), st.integers(0, 1500))
def test_what_was_lent_and_charged_is_paid_or_owed(history, offset):
    terms, paid = history
    now = position(terms, paid, terms.opened_on + timedelta(days=offset))
    assert now.principal >= 0
    assert now.charge >= 0
    assert now.owed + sum(p.charge + p.principal for p in paid) == terms.principal + now.added


@settings(max_examples=200, deadline=None)
@given(amounts, st.integers(0, 3000), periods, days, st.integers(1, 20))
def test_declining_and_rolled_agree_when_every_charge_is_paid_in_full(principal, rate, period, start, count):
    debts = []
    for method in ("declining", "rolled"):
        terms, paid = granted(principal, method, rate, period, start, start + timedelta(days=3650)), []
        for number in range(1, count + 1):
            on = period_end(start, period, number)
            charge = position(terms, paid, on).charge
            paid = pay(terms, paid, on, charge) if charge else paid
        debts.append(position(terms, paid, period_end(start, period, count + 1)).owed)
    assert debts[0] == debts[1]


@given(st.integers(0, 10**12), st.integers(0, 10_000))
def test_a_charge_is_rounded_once_half_up(base, rate):
    exact_twice = base * rate * 2
    assert abs(loans.charge_on(base, rate) * 2 * 10_000 - exact_twice) <= 10_000
    assert loans.charge_on(5_000, 1) == 1
