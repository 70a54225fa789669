"""Periods that end at loan meetings: what slips, what is extra, what is missing; and being late there. For every loan: test_loan_days.py."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from ledger.loans import Held, Payment, Rollover, Terms, granted, is_late, position
from ledger.periods import period_ends

EXAMPLES = {e["id"]: e for e in json.loads((Path(__file__).parents[1] / "data" / "vsla-examples.json").read_text())["examples"]}
METHODS = {"A": "flat", "B": "declining", "C": "rolled"}
START = date(2026, 1, 5)
ONE_DAY = timedelta(days=1)
FOUR_WEEKS = timedelta(days=28)


def after(*offsets: int, first: int | None = None) -> Held:
    """Loan meetings that many days after START; `first`: of the group's first meeting."""
    return Held(START + timedelta(days=offsets[0] if first is None else first), tuple(START + timedelta(days=day) for day in offsets))


def charges(held: Held, days: int, period: str = "four_weeks", issued: date = START) -> int:
    """How many charges there are, the first included, at the end of that many days."""
    terms = granted(100_000, "flat", 1000, period, issued, issued + timedelta(days=3650))
    return position(terms, [], issued + timedelta(days=days), held).added // 10_000


@pytest.mark.parametrize("letter", METHODS)
def test_E34_two_part_payments_between_two_loan_meetings_make_one_charge(letter):
    given, wanted = EXAMPLES["E34"]["inputs"], EXAMPLES["E34"]["expected"]["per_period_correct"]
    terms, held = granted(given["principal"], METHODS[letter], 1000, "four_weeks", START, START + timedelta(days=90)), after(0, 28, 56)
    paid = [Payment(START + timedelta(days=day), amount) for day, amount in zip((10, 28), given["payments_in_same_period"], strict=True)]
    assert position(terms, paid, START + FOUR_WEEKS, held).owed == wanted["after_both_payments"]
    assert position(terms, paid, START + 2 * FOUR_WEEKS, held).owed == (60_000 if letter == "A" else wanted["owed_next_loan_meeting"])


@pytest.mark.parametrize("letter", METHODS)
def test_E24_with_loan_meetings_that_slip(letter):
    wanted, held = EXAMPLES["E24"]["expected"], after(0, 31, 63)
    terms = granted(100_000, METHODS[letter], 1000, "four_weeks", START, START + timedelta(days=90))
    first, second = held.loan_meetings[1:]
    paid = [Payment(first, 60_000)]
    assert position(terms, [], first, held).owed == wanted["owed_at_period_1_before_payment"][letter]
    assert position(terms, paid, first, held).owed == wanted["owed_after_60000"][letter]
    assert position(terms, paid, second, held).owed == wanted["owed_at_period_2"][letter]


@pytest.mark.parametrize(("letter", "next_debt"), [("A", 115_000), ("B", 115_000), ("C", 115_500)])
def test_E25_paying_less_than_the_charge_at_a_loan_meeting(letter, next_debt):
    terms, held = granted(100_000, METHODS[letter], 1000, "four_weeks", START, START + timedelta(days=90)), after(0, 27, 56)
    paid = [Payment(held.loan_meetings[1], 5_000)]
    assert position(terms, paid, held.loan_meetings[2], held).owed == next_debt


def test_E31_only_a_loan_due_by_the_last_loan_meeting_is_known_to_be_late_before_the_share_out():
    held, share_out = after(0, 28, 56), START + timedelta(days=70)
    for due, late in ((56, True), (57, False)):
        terms = granted(100_000, "flat", 1000, "four_weeks", START, START + timedelta(days=due))
        assert is_late(terms, position(terms, [], share_out, held), share_out, held) is late


def test_a_meeting_that_slips_a_week_charges_nobody_more():
    on_time, slipped = after(0, 28, 56), after(0, 35, 56)
    assert [charges(on_time, day) for day in (28, 29, 35, 36, 56, 57)] == [1, 2, 2, 2, 2, 3]
    assert [charges(slipped, day) for day in (28, 29, 35, 36, 56, 57)] == [1, 1, 1, 2, 2, 3]


def test_weeks_later_back_in_the_old_rhythm():
    assert list(period_ends(START, "four_weeks", after(0, 35, 56, 84, 112))) == [START + timedelta(days=day) for day in (35, 56, 84, 112)]


def test_an_extra_loan_meeting_a_week_after_the_last_charges_nobody():
    assert [charges(after(0, 28, 35, 56), day) for day in (29, 36, 57)] == [2, 2, 3]


def test_the_day_of_the_loan_meeting_still_belongs_to_the_period():
    terms, held = granted(100_000, "flat", 1000, "four_weeks", START, START + timedelta(days=90)), after(0, 30)
    meeting = START + timedelta(days=30)
    assert position(terms, [Payment(meeting, 110_000)], meeting + ONE_DAY, held).owed == 0
    assert position(terms, [Payment(meeting + ONE_DAY, 110_000)], meeting + ONE_DAY, held).owed == 10_000


@pytest.mark.parametrize(("early", "counts"), [(7, True), (8, False)])
def test_a_loan_meeting_up_to_a_week_early_ends_the_period(early, counts):
    assert charges(after(0, 28 - early), 29) == (2 if counts else 1)


@pytest.mark.parametrize("issued", [date(2026, 1, 7), date(2026, 1, 24), date(2026, 1, 15), date(2026, 1, 31)])
def test_E11_meeting_on_the_7th_and_the_24th_with_a_charge_each_month(issued):
    twice = tuple(date(2026, month, day) for month in range(1, 13) for day in (7, 24))
    ends = list(period_ends(issued, "month", Held(twice[0], twice)))
    assert len({end.day for end in ends}) == 1
    assert [end.month for end in ends] == list(range(2, 13))


@pytest.mark.parametrize("every", [7, 14, 28])
@pytest.mark.parametrize(("period", "yearly"), [("four_weeks", 13), ("month", 12)])
def test_a_group_that_meets_more_often_is_not_charged_more_often(period, yearly, every):
    assert len(list(period_ends(START, period, after(*range(0, 366, every))))) == yearly


def test_back_in_the_rhythm_after_a_slip_a_day_early_is_early_enough():
    assert list(period_ends(START, "four_weeks", after(0, 35, 56, 83, 111))) == [START + timedelta(days=day) for day in (35, 56, 83, 111)]


def test_three_months_without_a_meeting_are_charged_once():
    assert [charges(after(0, 28, 120, 148), day) for day in (29, 119, 121, 149)] == [2, 2, 3, 4]


def test_what_was_not_charged_while_nobody_met_is_not_caught_up_with_by_weekly_meetings():
    held = after(*range(0, 29, 7), *range(140, 218, 7))
    assert list(period_ends(START, "four_weeks", held)) == [START + timedelta(days=day) for day in (21, 140, 161, 189, 217)]


def test_what_the_calendar_ended_before_the_first_meeting_stays_charged():
    held = after(100, 128, first=57)
    assert [charges(held, day) for day in (29, 57, 99, 101, 128, 129)] == [2, 3, 3, 4, 4, 5]
    assert [charges(after(100, first=56), day) for day in (57, 100, 101)] == [2, 2, 3]  # that of the first meeting's own day does not count


def test_only_loan_meetings_end_a_period():
    assert charges(Held(START, ()), 3000) == 1
    assert position(granted(1, "flat", 0, "month", START, START), [], START, Held(START, ())).next_period is None


def test_a_loan_from_paper_and_the_groups_first_meeting():
    terms = Terms(1_500_000, 1_500_000, 15_000, "declining", 100, "month", date(2026, 3, 24), date(2026, 11, 21), date(2026, 12, 24))
    held = Held(date(2026, 11, 21), (date(2026, 11, 21), date(2026, 12, 20)))
    assert position(terms, [], date(2026, 11, 21), held).next_period == date(2026, 11, 22)  # expected on the 24th: the meeting is not a week early
    assert position(terms, [], date(2026, 11, 22), held).charged == 1
    assert position(terms, [], date(2026, 12, 31), held).charged == 2


@pytest.mark.parametrize(("late_rule", "charge"), [("extra_charge", 20_000), ("none", 10_000), ("fine", 10_000), ("doubling", 20_000)])
def test_a_loan_is_late_when_its_loan_meeting_is_over(late_rule, charge):
    due, meeting = START + FOUR_WEEKS, START + timedelta(days=33)
    terms, held = granted(100_000, "flat", 1000, "four_weeks", START, due, late_rule), after(0, 33)
    for day, late in ((due, False), (due + ONE_DAY, False), (meeting, False), (meeting + ONE_DAY, True)):
        now = position(terms, [], day, held)
        assert is_late(terms, now, day, held) is late
        assert now.charge == (charge if late else 10_000)
    agreed = [Rollover(meeting, meeting + FOUR_WEEKS)]
    now = position(terms, [Payment(meeting, 60_000)], meeting + ONE_DAY, held, agreed)
    assert (now.principal, now.charge) == (50_000, 5_000)
    assert not is_late(terms, now, meeting + timedelta(days=300), held, agreed)  # no loan meeting was held since


def test_what_was_late_before_the_first_meeting_stays_late():
    terms = granted(100_000, "flat", 1000, "four_weeks", START, START + FOUR_WEEKS, "doubling")
    now = position(terms, [], START + timedelta(days=40), after(60, first=29))
    assert is_late(terms, now, START + timedelta(days=40), after(60, first=29))
    assert now.charge == 20_000
    on_the_day = after(60, first=28)  # due on the day of the first meeting: the first loan meeting counts
    assert not is_late(terms, position(terms, [], START + timedelta(days=60), on_the_day), START + timedelta(days=60), on_the_day)
