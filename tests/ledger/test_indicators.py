"""Published and worked figures of groups and programmes, cited by id, through the project's own formulas and rules."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from people import new_group_file

from gateway import groupfile
from ledger import loans, rules
from ledger.books import Book
from ledger.checks import Refused, check_cash
from ledger.indicators import BY_NAME, INDICATORS, Fields, Standing, bad, by_group, growth, loan_group, overdue, percent, ratio, rounded, value
from ledger.shareout import Holder, share_out

EXAMPLES = {e["id"]: e for e in json.loads((Path(__file__).parents[1] / "data" / "vsla-examples.json").read_text())["examples"]}
BN = 10**9


def exactly(printed: float, scale: int = 1) -> int:
    """A figure of the examples in whole units."""
    figure = Fraction(str(printed)) * scale
    assert figure.denominator == 1
    return int(figure)


def shown(name: str, *groups: Fields) -> str:
    """An indicator as it is printed."""
    found = value(name, groups)
    return percent(found) if BY_NAME[name].unit == "percent" else rounded(found)


# ---- one meeting, one savings day


def test_E02_one_meeting_of_a_ugandan_group():
    given, wanted = EXAMPLES["E02"]["inputs"], EXAMPLES["E02"]["expected"]
    price, units = given["share_price"], given["savings_this_meeting"] // given["share_price"]
    assert rules.buy_shares(1, given["member_example_shares"], price).total == wanted["member_example_amount"]
    assert (units, rules.buy_shares(1, units, price).total) == (wanted["shares_sold"], given["savings_this_meeting"])
    fined = [rules.charge_fine(member, given["absence_fine"], "loan_fund") for member in range(1, given["absent_fined"] + 1)]
    assert sum(entry.total for entry in fined) == wanted["fines_charged"]
    paid = [rules.pay_social_fund(member, given["social_fund_contribution"]) for member in range(1, given["present"] + 1)]
    assert sum(entry.total for entry in paid) == wanted["social_fund_if_all_present_paid"] != given["social_fund_this_meeting"]
    members = given["present"] + given["excused"] + given["absent_fined"]
    assert members == wanted["registered_members"]
    group = Fields(
        members=members, attending=given["present"], savings=given["savings_this_meeting"], loans=given["loans_outstanding_count"],
        loans_value=given["loans_outstanding_value"], loan_fund_cash=given["closing_cash_announced"],
    )  # fmt: skip
    assert shown("attendance", group) == f"{wanted['attendance_rate_pct']:.2f}"
    assert shown("average_outstanding_loan", group) == f"{wanted['average_outstanding_loan']:.2f}"
    assert shown("utilisation", group) == f"{wanted['loan_fund_utilisation_pct']:.2f}"


def test_E02_a_group_may_have_forty_members():
    officers = {1: "chair", 2: "record_keeper", 3: "treasurer"}
    rows = [(number, f"Member {number}", [officers[number]] if number in officers else []) for number in range(1, 41)]
    _, _, text = new_group_file(members=rows, opening={"shares": [], "loans": []})
    assert len(groupfile.read(text).new.members) == EXAMPLES["E02"]["expected"]["registered_members"]


def test_E12_the_first_savings_day_of_eight_groups(village):
    given, wanted = EXAMPLES["E12"]["inputs"], EXAMPLES["E12"]["expected"]
    first = Fields(members=given["households"], savings=given["savings_first_day"], groups=given["groups"])
    assert value("savings_per_group", [first]) == wanted["avg_savings_per_group"]
    assert shown("savings_per_member", first) == f"{wanted['avg_savings_per_household']:.2f}"
    social = given["social_fund_first_day"]
    assert ratio(social, 225) == wanted["social_fund_per_head_if_225_paid"]
    assert rounded(ratio(social, given["households"])) == f"{wanted['social_fund_per_household_if_220']:.2f}"
    low, high = (Standing(given[key], 0) for key in ("loan_min", "loan_max"))
    assert [overdue([one] * given["loans"], 0) for one in (low, high)] == wanted["loan_total_bounds"]
    v = village(opening={"loan_fund_cash": given["savings_first_day"], "shares": [], "loans": []})
    most = wanted["loan_total_cannot_exceed_cash"]
    with v.db.transaction() as conn:
        book = Book(conn, v.group_id)
        check_cash(book, wanted["loan_total_bounds"][0])
        check_cash(book, most)
        for more in (most + 1, wanted["loan_total_bounds"][1]):
            with pytest.raises(Refused) as refused:
                check_cash(book, more)
            assert (refused.value.reason, refused.value.figures["cash"].minor) == ("not_enough_cash", most)
    assert rounded(ratio(most, given["loans"])) == f"{wanted['max_average_loan']:.2f}"


# ---- sharing out without shares, and a pool that is no multiple of the price


def test_E17_amounts_instead_of_shares_are_shares_of_one():
    given, wanted = EXAMPLES["E17"]["inputs"], EXAMPLES["E17"]["expected"]
    holders = [Holder(number, amount, amount) for number, amount in enumerate(given["savings"].values(), 1)]
    total = sum(holder.paid for holder in holders)
    assert total == wanted["total"]
    for method in ("standard", "profit_by_shares"):
        for rounding in ("payout_floor", "value_floor", "largest_remainder"):
            sheet = share_out(holders, cash=total + given["profit"], method=method, rounding=rounding)
            profits = {who: row.payout - row.paid for who, row in zip(given["savings"], sheet.rows, strict=True)}
            assert (profits, sheet.remainder) == (wanted["profit_share"], 0)
    parts = {who: percent(ratio(amount, total)) for who, amount in given["savings"].items()}
    assert parts == {who: f"{part:.2f}" for who, part in wanted["pct"].items()}


def test_E20_the_rate_halved_and_a_pool_that_says_nothing_of_shares():
    given, wanted = EXAMPLES["E20"]["inputs"], EXAMPLES["E20"]["expected"]
    before, after = (loans.charge_on(100_000, given[key] * 100) for key in ("rate_before_pct", "rate_after_pct"))
    assert (before, after) == (20_000, 10_000)
    group = Fields(members=given["members_registered"], dropouts=given["members_registered"] - given["members_active"], savings=0)
    assert shown("retention", group) == f"{wanted['retention_pct_active_over_registered']:.2f}"
    price, pool = given["share_price"], given["saved_with_profit"]
    sheet = share_out([Holder(1, 200, 200 * price), Holder(2, 150, 150 * price)], cash=pool, rounding="largest_remainder")
    assert (sheet.pool, sheet.pool % price == 0) == (pool, wanted["pool_is_multiple_of_share_price"])
    assert sum(row.paid for row in sheet.rows) % price == 0
    assert sheet.value.denominator > 1


# ---- programmes


def test_E14_a_bulletin_reckoned_again():
    given, wanted = EXAMPLES["E14"]["inputs"], EXAMPLES["E14"]["expected"]
    owed, more = exactly(given["outstanding_bn"], BN), exactly(given["increase_bn"], BN)
    assert owed - more == exactly(wanted["previous_outstanding_bn"], BN)
    assert percent(growth(owed, owed - more)) == f"{wanted['growth_pct_recomputed']:.2f}"
    assert percent(growth(owed, owed - more), 1) != f"{given['stated_growth_pct']:.1f}"  # printed wrong
    customers, before = given["customers"], given["customers"] - given["customer_increase"]
    assert before == wanted["previous_customers"]
    assert percent(growth(customers, before)) == f"{wanted['customer_growth_pct_recomputed']:.2f}"
    assert percent(growth(customers, before), 1) == f"{given['stated_customer_growth_pct']:.1f}"
    programme = Fields(members=customers, savings=0, borrowers=customers, loans_value=owed, bad_balance=exactly(wanted["npl_bn"], BN))
    assert value("bad_loans", [programme]) == Fraction(str(given["npl_pct"])) * Fraction(1, 100)
    assert rounded(value("average_per_borrower", [programme]), 0) == str(wanted["avg_outstanding_per_customer"])
    lent = ratio(exactly(given["loans_2022_2023_bn"], BN), given["loans_2022_2023_customers"])
    assert rounded(lent, 0) == str(wanted["avg_disbursed_per_customer_2022_2023"])


def test_E14_what_a_printed_percentage_may_have_been():
    given, wanted = EXAMPLES["E14"]["inputs"], EXAMPLES["E14"]["expected"]
    owed, half = exactly(given["outstanding_bn"], BN), 500_000  # the borders are printed in millions
    low, high = (exactly(border, BN) for border in wanted["npl_bn_range_given_rounding"])
    for bad_balance, inside in ((low - half, False), (low + half, True), (high - half, True), (high + half, False)):
        found = value("bad_loans", [Fields(members=1, savings=0, loans_value=owed, bad_balance=bad_balance)])
        assert (percent(found, 1) == str(given["npl_pct"])) is inside


def test_E15_entrusted_lending_within_a_hundredth():
    given, wanted = EXAMPLES["E15"]["inputs"], EXAMPLES["E15"]["expected"]
    for total, count, average in (
        ("disbursed_bn_5y", "households", "avg_disbursed"),
        ("outstanding_bn", "active_borrowers", "avg_outstanding"),
    ):
        found = ratio(exactly(given[total], BN), given[count])
        assert abs(growth(found, wanted[average])) <= Fraction(1, 100)
        assert rounded(found, 0) == str(wanted[average])


def test_E16_a_programme_is_a_ratio_of_sums():
    given, wanted = EXAMPLES["E16"]["inputs"], EXAMPLES["E16"]["expected"]
    whole = Fields(members=given["women"], women=given["women"], savings=given["savings"], groups=given["groups"])
    average = [Fields(members=18, women=18, savings=given["savings"] // given["groups"]) for _ in range(given["groups"] - 1)]
    last = Fields(members=18, women=18, savings=given["savings"] - sum(one.savings for one in average))
    for groups in ([whole], [*average, last]):
        assert value("members_per_group", groups) == wanted["members_per_group"]
        assert rounded(value("savings_per_member", groups)) == f"{wanted['savings_per_member']:.2f}"
        assert rounded(value("savings_per_group", groups)) == f"{wanted['savings_per_group']:.2f}"
        assert value("women", groups) == 1
    lent = replace(whole, lent_ever=given["loans_disbursed_since_formation"], loan_fund_cash=given["savings"])
    assert value("utilisation", [lent]) == 0  # what was lent since formation is not what is out


# ---- late loans

E21, E22 = EXAMPLES["E21"], EXAMPLES["E22"]


@pytest.mark.parametrize(
    ("days", "group", "is_bad"), list(zip(E21["inputs"]["days_overdue"], E21["expected"]["group"], E21["expected"]["is_npl"], strict=True))
)
def test_E21_loan_groups_at_their_borders(days, group, is_bad):
    assert loan_group(days) == group
    assert (bad([Standing(1_000, days)]) == 1_000) is is_bad


@pytest.mark.parametrize(
    ("rescheduled", "days", "group"),
    [(1, 0, 2), (1, 1, 3), (1, 29, 3), (1, 30, 4), (1, 89, 4), (1, 90, 5), (2, 0, 4), (2, 1, 5), (3, 0, 5)],
)
def test_loan_groups_of_loans_that_were_given_more_time(rescheduled, days, group):
    assert loan_group(days, rescheduled) == group


@given(st.integers(0, 500), st.integers(0, 4))
def test_a_loan_gets_no_better_by_being_later_or_given_more_time(days, rescheduled):
    assert 1 <= loan_group(days, rescheduled) <= loan_group(days + 1, rescheduled) <= 5
    assert loan_group(days, rescheduled) <= loan_group(days, rescheduled + 1)


def test_E22_bad_loans_and_those_at_risk():
    wanted = E22["expected"]
    some = [Standing(loan["principal_outstanding"], loan["days_overdue"]) for loan in E22["inputs"]["loans"]]
    group = Fields(
        members=5, savings=0, loans=len(some), loans_value=overdue(some, 0), late_balance=overdue(some), late_30_balance=overdue(some, 30),
        bad_balance=bad(some),
    )  # fmt: skip
    assert (group.loans_value, group.bad_balance) == (wanted["gross"], wanted["npl"])
    assert (group.late_balance, group.late_30_balance) == (wanted["par1"], wanted["par30"])
    for name, key in (("bad_loans", "npl_pct"), ("at_risk", "par1_pct"), ("at_risk_30", "par30_pct")):
        assert shown(name, group) == f"{wanted[key]:.2f}"
    assert sum(principal for _, principal in by_group(some).values()) == wanted["gross"]


# ---- the whole form

E30 = EXAMPLES["E30"]
FORM = {
    "members_at_start_of_cycle": "members_at_start", "registered_members_now": "members", "men": "men", "women": "women", "attending": "attending",
    "dropouts_this_cycle": "dropouts", "value_of_savings_this_cycle": "savings", "loans_outstanding_count": "loans",
    "loans_outstanding_value": "loans_value", "unpaid_balance_of_late_loans": "late_balance", "write_offs_this_cycle": "write_offs",
    "loan_fund_cash_box_and_bank": "loan_fund_cash", "cash_in_other_funds": "other_funds", "property_at_start": "property_at_start",
    "property_now": "property_now", "debts": "debts", "weeks_since_savings_started": "weeks",
}  # fmt: skip
RATIOS = {
    "attendance_pct": "attendance", "women_pct": "women", "dropout_pct_dca": "dropout", "retention_pct_dca": "retention",
    "retention_pct_all_who_ever_belonged": "retention_of_all", "membership_growth_pct": "membership_growth",
    "savings_per_member": "savings_per_member", "assets": "assets", "profit": "profit", "retained_earnings": "retained_earnings",
    "equity": "equity", "debts_plus_equity": "debts_and_equity", "avg_equity_per_member": "equity_per_member",
    "return_on_savings_pct": "return_on_savings", "return_on_assets_pct": "return_on_assets",
    "annualised_roa_pct_x52_over_weeks": "yearly_return_on_assets", "avg_outstanding_loan": "average_outstanding_loan",
    "members_with_loans_pct": "members_with_loans", "par_pct": "at_risk", "loan_fund_utilisation_pct": "utilisation",
    "loans_pct_of_assets": "loans_of_assets",
}  # fmt: skip
GROUP = Fields(**{FORM[key]: figure for key, figure in E30["inputs"].items()})


def test_E30_the_form_holds_every_field_and_every_ratio():
    assert set(FORM) == set(E30["inputs"])
    assert set(RATIOS) | {"joined_this_cycle"} == set(E30["expected"])
    assert GROUP.joined == E30["expected"]["joined_this_cycle"]


@pytest.mark.parametrize("key", RATIOS)
def test_E30_every_ratio_of_the_form(key):
    assert shown(RATIOS[key], GROUP) == f"{E30['expected'][key]:.2f}"


def test_two_groups_are_a_ratio_of_sums_and_not_the_mean_of_two():
    other = replace(GROUP, members=76, attending=19, savings=0, loans=0, loans_value=0, late_balance=0, weeks=10)
    assert value("attendance", [GROUP, other]) == Fraction(21 + 19, 24 + 76)
    assert value("at_risk", [GROUP, other]) == value("at_risk", [GROUP])
    assert value("profit", [GROUP, other]) == GROUP.profit + other.profit
    yearly = Fraction(GROUP.profit * 52, 30) + Fraction(other.profit * 52, 10)
    assert value("yearly_return_on_assets", [GROUP, other]) == yearly * Fraction(1, GROUP.assets + other.assets)


def test_who_does_not_know_is_in_neither_sum():
    silent = Fields(members=100, savings=0)
    assert value("attendance", [GROUP, silent]) == value("attendance", [GROUP])
    assert value("women", [silent]) is value("attendance", [silent]) is value("yearly_return_on_assets", [silent]) is silent.joined is None
    assert value("return_on_savings", [silent]) is value("utilisation", [silent]) is None  # of nothing
    young = replace(GROUP, weeks=0)
    assert value("yearly_return_on_assets", [young, GROUP]) == value("yearly_return_on_assets", [GROUP])
    assert value("assets", []) is value("attendance", []) is None


amounts = st.integers(0, 10**12)


@given(st.builds(Fields, members=st.integers(1, 60), savings=amounts, loans_value=amounts, loan_fund_cash=amounts, other_funds=amounts,
                 property_at_start=amounts, property_now=amounts, debts=amounts))  # fmt: skip
def test_debts_and_equity_are_the_assets_whatever_the_figures(group):
    assert group.debts + group.equity == group.assets
    assert group.equity - group.retained == group.other_funds + group.savings


def test_each_indicator_has_one_name_and_says_its_denominator_last():
    assert len(BY_NAME) == len(INDICATORS)
    assert all(" / " in one.formula for one in INDICATORS if one.unit != "sum")


def test_a_loss_is_rounded_like_a_gain_and_half_goes_up():
    for exact, wanted in ((Fraction(1, 200), "0.01"), (Fraction(149, 10_000), "0.01"), (Fraction(-1, 201), "0.00"), (Fraction(-5, 2), "-2.50")):
        assert rounded(exact) == wanted
    assert [rounded(Fraction(n, 2), 0) for n in (-3, -1, 1, 3, 5)] == ["-2", "-1", "1", "2", "3"]
    steps = [Fraction(rounded(Fraction(n, 7))) for n in range(-50, 50)]
    assert all(a <= b for a, b in pairwise(steps))
