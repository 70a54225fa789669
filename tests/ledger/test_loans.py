"""Service charge by the calendar: three methods, two periods, what a group does when a loan is late, worked figures.

Meetings are in test_loan_meetings.py, every loan day by day in test_loan_days.py."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger import loans
from ledger.loans import MoreThanOwed, Payment, Rollover, due_on, granted, is_late, period_end, position, settle, splits, yearly_bp

EXAMPLES = {e["id"]: e for e in json.loads((Path(__file__).parents[1] / "data" / "vsla-examples.json").read_text())["examples"]}
METHODS = {"A": "flat", "B": "declining", "C": "rolled"}
START = date(2026, 1, 5)


def at_end_of(count: int, period: str = "four_weeks") -> date:
    return period_end(START, period, count)


def pay(terms, payments, on, amount):
    settle(position(terms, payments, on), amount)  # never more than is owed
    return [*payments, Payment(on, amount)]


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
    assert sum(p.amount for p in paid) == wanted["total_repaid"][letter]
    assert sum(charge for charge, _ in splits(terms, paid)) == wanted["total_charge"][letter]
    cleared = position(terms, paid, date(2030, 1, 1))
    assert (cleared.owed, cleared.added, cleared.next_period) == (0, wanted["total_charge"][letter], None)


@pytest.mark.parametrize(("letter", "next_debt"), [("A", 115_000), ("B", 115_000), ("C", 115_500)])
def test_E25_paying_less_than_the_charge_only_the_rolled_method_compounds(letter, next_debt):
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


def test_E18_flat_over_three_months_and_the_last_instalment_takes_what_does_not_divide():
    given, wanted = EXAMPLES["E18"]["inputs"], EXAMPLES["E18"]["expected"]
    cents = 100
    terms = granted(given["principal"] * cents, "flat", given["monthly_rate_pct"] * 100, "month", START, period_end(START, "month", given["months"]))
    instalment, paid = round(wanted["instalment"] * cents), []
    for number in (1, 2):
        paid = pay(terms, paid, at_end_of(number, "month"), instalment)
    last = position(terms, paid, at_end_of(3, "month"))
    assert last.added == wanted["interest"] * cents
    assert last.owed == instalment + round(wanted["residual"] * cents)
    paid = pay(terms, paid, at_end_of(3, "month"), last.owed)
    assert sum(p.amount for p in paid) == wanted["total"] * cents
    assert position(terms, paid, date(2030, 1, 1)).owed == 0


def test_E19_one_week_late_doubles_the_charge_once():
    given, wanted = EXAMPLES["E19"]["inputs"], EXAMPLES["E19"]["expected"]
    due = START + timedelta(days=31)
    terms = granted(given["loan"], "flat", int(wanted["rate_pct"] * 100), "month", START, due, "doubling")
    assert terms.opening_charge == position(terms, [], due).charge == given["interest"]
    for late in (1, 7, 300):
        assert position(terms, [], due + timedelta(days=late)).charge == wanted["interest_if_one_week_late"]


def test_E23_a_rate_as_a_rate_for_a_year():
    given, wanted = EXAMPLES["E23"]["inputs"]["rates"], EXAMPLES["E23"]["expected"]
    periods = {"month": "month", "4weeks": "four_weeks"}
    yearly = [yearly_bp(round(rate["pct"] * 100), periods[rate["per"]]) for rate in given]
    assert yearly == [round(percent * 100) for percent in wanted["annual_nominal_pct"]]
    assert [rate > 2000 for rate in yearly] == wanted["over_cap"]


LATE = {"extra_charge": 40_000, "none": 30_000, "fine": 30_000, "doubling": 60_000}


@pytest.mark.parametrize("late_rule", LATE)
def test_what_a_group_does_when_a_loan_is_late(late_rule):
    due = at_end_of(3, "month")
    terms = granted(100_000, "flat", 1000, "month", START, due, late_rule)
    on_time, late = position(terms, [], due), position(terms, [], due + timedelta(days=1))
    assert (on_time.charge, late.charge) == (30_000, LATE[late_rule])
    assert (on_time.next_period, late.next_period) == (
        (due + timedelta(days=1), at_end_of(4, "month") + timedelta(days=1)) if late_rule == "extra_charge" else (None, None)
    )
    assert (is_late(terms, on_time, due), is_late(terms, late, due + timedelta(days=1))) == (False, True)
    much_later = position(terms, [], at_end_of(6, "month"))
    assert much_later.charge == (60_000 if late_rule == "extra_charge" else LATE[late_rule])


def test_doubling_counts_what_was_paid_too_and_asks_nothing_of_who_owes_nothing():
    due = at_end_of(1, "month")
    terms = granted(100_000, "rolled", 1000, "month", START, due, "doubling")
    some = [Payment(due, 10_000)]
    assert position(terms, some, due + timedelta(days=1)).owed == 110_000
    assert position(terms, [Payment(due, 110_000)], due + timedelta(days=1)).owed == 0


@pytest.mark.parametrize("late_rule", LATE)
def test_a_rollover_agreed_in_time_prevents_it_all_and_charges_on_the_remainder(late_rule):
    due, later = at_end_of(1, "month"), at_end_of(2, "month")
    terms = granted(100_000, "flat", 1000, "month", START, due, late_rule)
    paid, agreed = [Payment(due, 50_000)], [Rollover(due, later)]
    now = position(terms, paid, due + timedelta(days=1), rollovers=agreed)
    assert (now.principal, now.charge) == (60_000, 6_000)
    assert not is_late(terms, now, later, rollovers=agreed)
    assert due_on(terms, agreed) == later
    assert due_on(terms) == due


def test_the_remainder_is_that_of_the_end_of_the_day_it_was_agreed():
    due = at_end_of(1, "month")
    terms = granted(100_000, "flat", 1000, "month", START, due)
    agreed = [Rollover(due, at_end_of(3, "month"))]
    next_day = due + timedelta(days=1)
    assert position(terms, [Payment(due, 60_000)], next_day, rollovers=agreed).charge == 5_000
    assert position(terms, [Payment(next_day, 60_000)], at_end_of(2, "month") + timedelta(days=1), rollovers=agreed).added == 30_000


def test_a_rollover_agreed_late_undoes_nothing_and_charges_again_up_to_the_new_day():
    due, agreed_on, again = at_end_of(1, "month"), at_end_of(2, "month") - timedelta(days=3), at_end_of(3, "month")
    terms = granted(100_000, "declining", 1000, "month", START, due, "doubling")
    agreed = [Rollover(agreed_on, again)]
    assert position(terms, [], agreed_on, rollovers=agreed).charge == 20_000
    assert position(terms, [], agreed_on, rollovers=agreed).next_period == at_end_of(2, "month") + timedelta(days=1)
    assert position(terms, [], agreed_on - timedelta(days=1), rollovers=agreed).next_period is None
    for day, late in ((agreed_on - timedelta(days=1), True), (agreed_on, False), (again, False), (again + timedelta(days=1), True)):
        assert is_late(terms, position(terms, [], day, rollovers=agreed), day, rollovers=agreed) is late
    assert position(terms, [], date(2030, 1, 1), rollovers=agreed).charge == 30_000  # doubled once in its life


def test_a_rollover_of_tomorrow_changes_nothing_today():
    due = at_end_of(1, "month")
    terms = granted(100_000, "flat", 1000, "month", START, due, "none")
    day = due + timedelta(days=2)
    agreed = [Rollover(day + timedelta(days=1), at_end_of(2, "month"))]
    assert is_late(terms, position(terms, [], day, rollovers=agreed), day, rollovers=agreed)
    assert position(terms, [], day, rollovers=agreed) == position(terms, [], day)


def test_asked_for_an_earlier_day_the_position_is_that_of_the_last_payment_and_what_was_agreed_that_day():
    due = at_end_of(1, "month")
    terms, paid, agreed = (
        granted(100_000, "flat", 1000, "month", START, due, "none"),
        [Payment(due, 5_000)],
        [Rollover(due, due + timedelta(days=60))],
    )
    assert position(terms, paid, START, rollovers=agreed) == position(terms, paid, due, rollovers=agreed)
    assert position(terms, paid, START, rollovers=agreed).next_period == due + timedelta(days=1)


def test_an_old_payment_corrected_upwards_changes_all_that_follows_and_what_is_too_much_is_kept_apart():
    terms = granted(100_000, "declining", 1000, "four_weeks", START, START + timedelta(days=90))
    first, second = at_end_of(1), at_end_of(2)
    assert splits(terms, [Payment(first, 60_000), Payment(second, 55_000)]) == [(10_000, 50_000), (5_000, 50_000)]
    corrected = [Payment(first, 90_000), Payment(second, 55_000)]
    assert splits(terms, corrected) == [(10_000, 80_000), (2_000, 20_000)]
    now = position(terms, corrected, date(2030, 1, 1))
    assert (now.owed, now.overpaid, now.added, now.paid_charge, now.paid_principal) == (0, 33_000, 12_000, 12_000, 100_000)


def test_a_new_payment_above_the_debt_is_refused_with_the_exact_amount():
    with pytest.raises(MoreThanOwed) as refused:
        settle(position(granted(100_000, "flat", 1000, "month", START, START), [], START), 110_001)
    assert refused.value.owed == 110_000


def test_a_loan_that_was_late_on_paper_is_not_doubled_again():
    terms = loans.Terms(2_000, 2_000, 400, "flat", 1000, "month", date(2026, 1, 5), date(2026, 3, 1), date(2026, 2, 5), "doubling")
    now = position(terms, [], date(2026, 12, 1))
    assert (now.charge, now.charged) == (400, 0)
    assert is_late(terms, now, date(2026, 12, 1))
    brought_when_due = replace(terms, opened_on=terms.due_on, opening_charge=200)
    assert [position(brought_when_due, [], day).charge for day in (terms.due_on, terms.due_on + timedelta(days=1))] == [200, 400]


def test_whose_money_it_is_changes_no_figure():
    ours, entrusted = (
        granted(100_000, "flat", 1000, "month", START, START + timedelta(days=60), "fine", fund) for fund in ("loan_fund", "entrusted")
    )
    assert (ours.fund, entrusted.fund, granted(1, "none", 0, "month", START, START).fund) == ("loan_fund", "entrusted", "loan_fund")
    assert position(ours, [], date(2027, 1, 1)) == position(entrusted, [], date(2027, 1, 1))


def test_a_loan_brought_from_paper_is_charged_from_its_next_period():
    terms = loans.Terms(1_500_000, 1_500_000, 15_000, "declining", 100, "month", date(2026, 3, 24), date(2026, 11, 21), date(2026, 9, 24))
    assert position(terms, [], date(2026, 11, 24)).owed == 1_515_000
    assert position(terms, [], date(2026, 11, 25)).owed == 1_530_000
    assert position(terms, [], date(2026, 11, 21)).next_period == date(2026, 11, 25)


def test_a_payment_confirmed_late_costs_no_further_period():
    terms = granted(100_000, "declining", 1000, "month", START, START + timedelta(days=90))
    cleared = [Payment(date(2026, 2, 5), 110_000)]
    assert position(terms, cleared, date(2026, 2, 6)).owed == 0


def test_a_payment_dated_before_the_one_before_it_counts_from_that_ones_day():
    terms = granted(100_000, "declining", 1000, "month", START, START + timedelta(days=90))
    one, other = Payment(date(2026, 3, 1), 15_000), Payment(date(2026, 2, 1), 40_000)
    assert splits(terms, [one, other]) == [(15_000, 0), (5_000, 35_000)]
    assert position(terms, [one, other], START).principal == 65_000


amounts = st.integers(1, 10**9)
periods = st.sampled_from(["month", "four_weeks"])
days = st.dates(date(2020, 1, 1), date(2030, 12, 31))


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
