"""Group files of the whole product: every rule a group may choose, and what does not go together."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
from group_files import GOOD, KES, TODAY, mistakes, replaced

from gateway import groupfile_fields
from gateway.groupfile import GroupFileError, read, read_change
from ledger import groups
from ledger.constitution import Constitution, check_change, meetings_until
from ledger.rules_opening import OpeningDue

DATA = Path(__file__).parents[1] / "data"
FIRST_RELEASE = (DATA / "group-of-the-first-release.yaml").read_text("utf-8")
EXAMPLES = {e["id"]: e for e in json.loads((DATA / "vsla-examples.json").read_text())["examples"]}
OLD_RULES = """\
  share_price: 20000
  shares_per_meeting: [1, 5]
  social_fund_contribution: 5000
  service_charge: {method: declining, rate_bp: 100, period: month}
  loan: {multiple: 3, max_term_days: 180, one_at_a_time: true}
  fines: {late: 5000, absent: 10000}
"""
RULES = """\
  share_price: 20000
  shares_per_meeting: [1, 5]
  shares_at_first_meeting: 10
  meetings: {frequency: weekly, loan_meeting_every: 4}
  social_fund_contribution: 5000
  social_fund_every: month
  service_charge: {method: declining, rate_bp: 100, period: month}
  loan: {multiple: 3, max_term_days: 180, one_at_a_time: true, guarantors: 2, pledge: true, late: fine, from_social_fund: true}
  outside_loan: {allowed: true, multiple: 4}
  fines: {late: 5000, absent: 10000, late_loan: 20000}
  quorum_percent: 75
  leaving: {rule: current_value, death_shortfall: forgive}
  late_joining: catch_up
  funds_seen_by: officers
"""
OPENING = """\
opening:
  as_of: 2026-11-20
  loan_fund_cash: 100000
  loan_fund_bank: 900000
  social_fund_cash: 50000
  social_fund_bank: 60000
  outside_loan: 400000
  shares: [{member: 12, units: 10}]
  loans: [{member: 12, principal: 1500000, charge_due: 15000, issued: 2026-03-24, due: 2026-09-24}]
  fines: [{member: 12, amount: 5000}, {member: 1, amount: 10000}]
  social_fund_due: [{member: 2, amount: 15000}]
  social_fund_loans: [{member: 1, principal: 80000, issued: 2026-05-01, due: 2026-12-01}]
"""
AGENT = 'agent: {name: Binh, phone: "+84912000099"}\n'
assert OLD_RULES in GOOD
FULL = GOOD.replace(OLD_RULES, RULES).replace(
    "method: standard, cash_unit: 1000", "method: per_head, rounding: largest_remainder, cash_unit: 500, remainder: carried"
)
FULL = FULL[: FULL.index("opening:")] + AGENT + OPENING
CHANGE = FULL[FULL.index("constitution:") : FULL.index("cycle:")]
DATES = FULL.replace("{frequency: weekly, loan_meeting_every: 4}", "{dates: [2026-01-07, 2026-01-24, 2026-02-07], loan_meeting_every: 2}")
GROUP = SimpleNamespace(country="VN", currency="VND", cycle_number=1, cycle_start=date(2026, 1, 7), cycle_end=date(2026, 12, 24))


def test_every_rule():
    assert read(FULL, TODAY).new.constitution == Constitution(
        20_000, 1, 5, 5_000, "declining", 100, "month", 3, 180, True, {"absent": 10_000, "late": 5_000, "late_loan": 20_000}, "loan_fund",
        "treasurer", "per_head", 500, shares_first_max=10, meeting_frequency="weekly", loan_meeting_every=4, social_fund_every="month",
        guarantors=2, pledge=True, late_loan="fine", social_fund_loans=True, outside_loan=True, outside_loan_multiple=4,
        exit_rule="current_value", death_shortfall="forgive", late_joining="catch_up", share_out_rounding="largest_remainder",
        remainder_to="carried", quorum_percent=75, funds_seen_by="officers",
    )  # fmt: skip


def test_a_list_of_dates():
    rules = read(DATES, TODAY).new.constitution
    assert (rules.meeting_frequency, rules.meeting_dates) == ("", ("2026-01-07", "2026-01-24", "2026-02-07"))
    assert meetings_until(rules, date(2026, 1, 7), date(2026, 1, 24)) == 2


def test_all_that_a_group_brings():
    new = read(FULL, TODAY).new
    assert (new.loan_fund_cash, new.loan_fund_bank, new.social_fund_cash, new.social_fund_bank, new.outside_loan) == (
        100_000,
        900_000,
        50_000,
        60_000,
        400_000,
    )
    assert new.fines == (OpeningDue(1, 10_000), OpeningDue(12, 5_000))
    assert new.social_fund_due == (OpeningDue(2, 15_000),)
    assert [(n.member, n.principal, n.original, n.charge_due, n.fund) for n in new.loans] == [
        (12, 1_500_000, 1_500_000, 15_000, "loan_fund"),
        (1, 80_000, 80_000, 0, "social_fund"),
    ]


def test_the_agent_speaks_the_group_s_language_unless_told():
    assert read(FULL, TODAY).new.agent == groups.NewAgent("Binh", "vi", "+84912000099")
    spoken = replaced('phone: "+84912000099"', "phone: 0912000099, language: en", FULL)
    assert read(spoken, TODAY).new.agent == groups.NewAgent("Binh", "en", "+84912000099")


REFUSED = [
    ("shares_at_first_meeting: 10", "shares_at_first_meeting: 4", "line 5: constitution.shares_at_first_meeting: at least 5, as at any meeting"),
    ("shares_at_first_meeting: 10", "shares_at_first_meeting: 0", "line 5: constitution.shares_at_first_meeting: a whole number from 1 to 1000"),
    ("frequency: weekly", "frequency: daily", "line 6: constitution.meetings.frequency: one of weekly, two_weekly, monthly or twice_a_month"),
    ("frequency: weekly", "frequency: weekly, dates: [2026-01-07]", "line 6: constitution.meetings: a frequency or dates, not both"),
    ("frequency: weekly, ", "", "line 6: constitution.meetings: a frequency or dates beside loan_meeting_every"),
    ("every: 4}", "every: 3}", "line 6: constitution.meetings.loan_meeting_every: 1 or 2 or 4 with weekly meetings and a charge every month"),
    ("every: 4}", "every: 0}", "line 6: constitution.meetings.loan_meeting_every: a whole number from 1 to 52"),
    ("frequency: weekly", "frequency: two_weekly", "line 6: constitution.meetings.loan_meeting_every: 1 or 2 with two_weekly meetings"),
    ("frequency: weekly", "frequency: twice_a_month", "line 6: constitution.meetings.loan_meeting_every: 1 or 2 with twice_a_month meetings"),
    ("frequency: weekly", "frequency: monthly", "line 6: constitution.meetings.loan_meeting_every: 1 with monthly meetings"),
    ("frequency: weekly", "dates: [2026-01-07]", "line 6: constitution.meetings.loan_meeting_every: at most 1, the number of meetings"),
    ("frequency: weekly", "dates: [2026-01-06, 2026-02-01]", "line 6: constitution.meetings.dates[1]: a day of the cycle, 2026-01-07 to 2026-12-24"),
    ("frequency: weekly", "dates: [2026-01-07, 2026-12-25]", "line 6: constitution.meetings.dates[2]: a day of the cycle, 2026-01-07 to 2026-12-24"),
    ("frequency: weekly", "dates: [2026-02-07, 2026-02-06]", "line 6: constitution.meetings.dates[2]: a day after 2026-02-07, the one before"),
    ("frequency: weekly", "dates: [2026-02-07, 2026-02-07]", "line 6: constitution.meetings.dates[2]: a day after 2026-02-07, the one before"),
    ("frequency: weekly", "dates: [7.1.2026]", "line 6: constitution.meetings.dates[1]: a date such as 2026-01-07"),
    ("frequency: weekly", "dates: 2026-01-07", "line 6: constitution.meetings.dates: a list, such as [first, second]"),
    ("social_fund_contribution: 5000", "social_fund_contribution: 0", "line 8: constitution.social_fund_every: a social_fund_contribution above 0"),
    ("social_fund_every: month", "social_fund_every: year", "line 8: constitution.social_fund_every: one of meeting or month"),
    (", late_loan: 20000", "", "line 10: constitution.loan.late: with fine, an amount for late_loan among the fines"),
    ("late: fine", "late: prison", "line 10: constitution.loan.late: one of none, extra_charge, fine or doubling"),
    ("guarantors: 2", "guarantors: 4", "line 10: constitution.loan.guarantors: at most 3, the members beside the borrower"),
    ("max_term_days: 180", "max_term_days: 27", "line 10: constitution.loan.max_term_days: at least 28, one charge period"),
    ("pledge: true", "pledge: goat", "line 10: constitution.loan.pledge: true or false"),
    ("true, multiple: 4", "true, multiple: 2", "line 11: constitution.outside_loan.multiple: at least 3, the multiple without an outside loan"),
    ("quorum_percent: 75", "quorum_percent: 101", "line 13: constitution.quorum_percent: a whole number from 1 to 100"),
    ("rule: current_value", "rule: market_value", "line 14: constitution.leaving.rule: one of at_cost, current_value or wait"),
    ("death_shortfall: forgive", "death_shortfall: heirs", "line 14: constitution.leaving.death_shortfall: one of forgive or owed"),
    ("funds_seen_by: officers", "funds_seen_by: nobody", "line 16: constitution.funds_seen_by: one of members or officers"),
    ("late_joining: catch_up", "late_joining: never", "line 15: constitution.late_joining: one of cycle_start or catch_up"),
    ("method: per_head", "method: equal", "line 19: constitution.share_out.method: one of standard, profit_by_shares, per_head or interest_to_payer"),
    ("largest_remainder, cash_unit: 500", "value_floor, cash_unit: 20001", "line 19: constitution.share_out.cash_unit: with value_floor, at most"),
    ("largest_remainder", "nearest", "line 19: constitution.share_out.rounding: one of payout_floor, value_floor or largest_remainder"),
    ("remainder: carried", "remainder: chair", "line 19: constitution.share_out.remainder: one of social_fund or carried"),
    ("end: 2026-12-24}", "end: 2028-12-24}", "line 20: cycle.end: a day at most 800 days after the start, where meetings are planned"),
    ('phone: "+84912000099"', "language: vi", "line 26: agent.phone: a value; this key is missing"),
    ("name: Binh", "title: Binh", "line 26: agent.title: only the keys name, phone, language"),
    ("fines: [{member: 12", "fines: [{member: 13", "line 36: opening.fines[1].member: a member of this file; there is no 13"),
    ("{member: 1, amount: 10000}", "{member: 12, amount: 10000}", "line 36: opening.fines[2].member: one line of fines a member; 12 is taken above"),
    ("amount: 10000}", "amount: 0}", "line 36: opening.fines[2].amount: an amount above 0"),
    ("due: [{member: 2", "due: [{member: 13", "line 37: opening.social_fund_due[1].member: a member of this file; there is no 13"),
    ("15000}]\n  social", "15000}, {member: 2, amount: 1}]\n  social", "line 37: opening.social_fund_due[2].member: one line of contributions due a member"),
    ("loans: [{member: 1,", "loans: [{member: 13,", "line 38: opening.social_fund_loans[1].member: a member of this file; there is no 13"),
    ("due: 2026-12-01", "due: 2026-04-30", "line 38: opening.social_fund_loans[1]: a due date not before 2026-05-01"),
    ("issued: 2026-05-01, due: 2026-12-01", "issued: 2026-11-21, due: 2026-12-01", "line 38: opening.social_fund_loans[1].issued: a day not after 2026-11-20"),
    ("80000, issued", "80000, charge_due: 5, issued", "line 38: opening.social_fund_loans[1].charge_due: only the keys member, principal, issued, due"),
    ("outside_loan: 400000", "outside_loan: -1", "line 33: opening.outside_loan: a whole amount of VND"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "said"), REFUSED, ids=[f"{i}-{new[:30]}" for i, (_, new, _) in enumerate(REFUSED)])
def test_what_does_not_go_together_is_named_with_its_line(old, new, said):
    assert any(line.startswith(said) for line in mistakes(replaced(old, new, FULL))), mistakes(replaced(old, new, FULL))


def test_nothing_is_doubled_and_nothing_given_back_without_a_charge():
    free = replaced("{method: declining, rate_bp: 100, period: month}", "{method: none}", FULL)
    assert mistakes(replaced("late: fine", "late: doubling", free)) == [
        "line 10: constitution.loan.late: with doubling, a service charge that can be doubled"
    ]
    assert mistakes(replaced("per_head", "interest_to_payer", free))[0].startswith(
        "line 19: constitution.share_out.method: with interest_to_payer, a service"
    )


def test_without_a_charge_any_meeting_may_be_a_loan_meeting():
    free = replaced("{method: declining, rate_bp: 100, period: month}", "{method: none}", FULL)
    assert read(replaced("every: 4", "every: 3", free), TODAY).new.constitution.loan_meeting_every == 3


# ---------------------------------------------------------------- old files stay what they were


@pytest.mark.parametrize(
    ("text", "file_hash", "rules_hash", "genesis"),
    [
        (GOOD, "567ae8fea1557611090ec9c723ce2a561b33da73d751d78b38a7dd666e2125e3", "dc0088a8d5c59e9dfe66a52a1ef47a2a2a706caec8b27bdf9e5bce4106297b4b",
         "c203a49d96bb6adcee14584768af2ccb8f52e0be8961d3a0d98c49a9a37c88eb"),
        (FIRST_RELEASE, "b85e01137cd23faf37c009a38f0fdce27b2de1968d2257762fdfe69b104660b5",
         "6ca55f0f4d359b20b73fec7b00bfb2922450c67a4610376cc11a39fb85764887", "5ef9f5ee3433b2a9b339b7bdd13f18c9f25a5a0394c15b3b82e5be594fe968c4"),
    ],
    ids=["documentation", "first-release"],
)  # fmt: skip
def test_hashes_of_the_first_release_stay(text, file_hash, rules_hash, genesis):
    file = read(text, TODAY)
    cycle = (file.new.cycle_number, file.new.cycle_start, file.new.cycle_end)
    assert file.file_hash.hex() == file_hash
    assert groups.rules_hash(file.new.constitution, *cycle).hex() == rules_hash
    assert groups.genesis(file.new.code, file.file_hash, bytes.fromhex(rules_hash)).hex() == genesis


def test_every_key_is_in_the_documentation():
    words = (Path(__file__).parents[2] / "docs" / "running.md").read_text("utf-8").partition("## The group file")[2].partition("\n## ")[0]
    parts = [part for part in vars(groupfile_fields).values() if isinstance(part, type) and issubclass(part, groupfile_fields.Part)]
    assert [key for part in parts for key in part.model_fields if not re.search(rf"\b{key}\b", words)] == []


def test_defaults_spelled_out_are_the_same_file():
    said = GOOD.replace("one_at_a_time: true}", "one_at_a_time: true, guarantors: 0, pledge: false, late: extra_charge, from_social_fund: false}")
    said = said.replace("  fines_to", """\
  shares_at_first_meeting: 5
  meetings: {loan_meeting_every: 1, dates: []}
  social_fund_every: meeting
  outside_loan: {allowed: false, multiple: 5}
  leaving: {rule: at_cost, death_shortfall: owed}
  late_joining: cycle_start
  quorum_percent: 67
  fines_to""").replace("cash_unit: 1000", "cash_unit: 1000, rounding: payout_floor, remainder: social_fund")  # fmt: skip
    said = said.replace(
        "  social_fund_cash: 0\n", "  social_fund_cash: 0\n  loan_fund_bank: 0\n  social_fund_bank: 0\n  outside_loan: 0\n  fines: []\n"
    )
    assert read(said, TODAY).file_hash == read(GOOD, TODAY).file_hash
    assert read(said, TODAY).new == read(GOOD, TODAY).new


def test_the_order_of_what_has_none_does_not_count():
    other = FULL.replace("[{member: 12, amount: 5000}, {member: 1, amount: 10000}]", "[{member: 1, amount: 10000}, {member: 12, amount: 5000}]")
    assert other != FULL
    assert read(other, TODAY).file_hash == read(FULL, TODAY).file_hash
    agent = FULL.replace(AGENT, "").replace("group: {", AGENT + "group: {").replace('099"}', '099", language: vi}')
    assert read(agent, TODAY).file_hash == read(FULL, TODAY).file_hash


@pytest.mark.parametrize("old", ["pledge: true", "quorum_percent: 75", "name: Binh", "loan_fund_bank: 900000", "amount: 15000"])
def test_what_is_said_counts(old):
    other = {"pledge: true": "pledge: false", "name: Binh": "name: Bình"}.get(old, old.replace("5", "6").replace("9", "8"))
    assert read(replaced(old, other, FULL), TODAY).file_hash != read(FULL, TODAY).file_hash


def test_rules_are_stored_without_what_is_at_its_default():
    plain_rules, full = (read(text, TODAY).new.constitution for text in (GOOD, FULL))
    assert list(plain_rules.as_json()) == [
        "share_price", "shares_min", "shares_max", "social_fund_contribution", "charge_method", "charge_rate_bp", "charge_period", "loan_multiple",
        "loan_max_term_days", "one_loan_at_a_time", "fines", "fines_to", "confirmation", "share_out_method", "cash_unit",
    ]  # fmt: skip
    assert "meeting_dates" not in full.as_json()
    for text in (GOOD, FULL, DATES):
        rules = read(text, TODAY).new.constitution
        assert Constitution.from_json(json.loads(json.dumps(rules.as_json()))) == rules


def test_rules_are_hashed_as_they_are_stored():
    """Also when a field is stored that this release does not know: the proof does not depend on the record."""
    rules, cycle = read(DATES, TODAY).new.constitution, (1, date(2026, 1, 7), date(2026, 12, 24))
    stored = json.loads(json.dumps(rules.as_json()))
    assert groups.rules_hash_of(stored, *cycle) == groups.rules_hash(rules, *cycle)
    assert groups.rules_of(stored, *cycle) == groups.rules(rules, *cycle)
    assert groups.rules_hash_of(stored | {"drums": 2}, *cycle) != groups.rules_hash(rules, *cycle)


# ---------------------------------------------------------------- warnings


def test_what_is_unusual_is_said_and_not_refused():
    said = " / ".join(
        read(FULL.replace("outside_loan: {allowed: true, multiple: 4}", "outside_loan: {}").replace(", from_social_fund: true", ""), TODAY).warnings
    )
    assert "loans from the social fund are brought, though the rules allow none" in said
    assert "an outside loan is brought, though the rules allow none" in said
    assert "an outside loan in the first cycle" in " / ".join(read(FULL, TODAY).warnings)
    assert "first cycle" not in " / ".join(read(FULL.replace("number: 1, start", "number: 2, start"), TODAY).warnings)
    assert "the agent has the phone of member 12" in " / ".join(read(FULL.replace("+84912000099", "+84912000012"), TODAY).warnings)
    assert "decisions with 49 %" in " / ".join(read(FULL.replace("75", "49"), TODAY).warnings)


@pytest.mark.parametrize(
    ("end", "warned"),
    [("2026-08-15", True), ("2026-09-06", False), ("2026-12-24", False), ("2027-02-10", False), ("2027-03-07", True), ("2030-12-24", True)],
)
def test_the_length_of_a_cycle(end, warned):
    assert any("8 to 13 months" in warning for warning in read(replaced("end: 2026-12-24", f"end: {end}"), TODAY).warnings) is warned


def test_what_old_files_could_say_is_only_warned_of():
    said = " / ".join(read(GOOD.replace("180", "27").replace("cash_unit: 1000", "cash_unit: 50000"), TODAY).warnings)
    assert "loans of at most 27 days: less than a charge period, month, can last" in said
    assert "a cash unit of 50000, more than a share costs" in said


def test_thirteen_charges_in_twelve_months():
    text = replaced("period: month", "period: four_weeks", replaced("weekly, loan_meeting_every: 4", "monthly", FULL))
    assert any("thirteen charges a year" in warning for warning in read(text, TODAY).warnings)
    assert not any("thirteen" in warning for warning in read(FULL, TODAY).warnings)


@pytest.mark.parametrize(("rate", "over"), list(zip(EXAMPLES["E23"]["inputs"]["rates"], EXAMPLES["E23"]["expected"]["over_cap"], strict=True)))
def test_E23_the_cap_of_viet_nam_counts_twelve_months_or_thirteen_times_four_weeks(rate, over):
    period, rate_bp = "month" if rate["per"] == "month" else "four_weeks", round(rate["pct"] * 100)
    terms = f"rate_bp: {rate_bp}, period: {period}"
    assert any("20 %" in warning for warning in read(replaced("rate_bp: 100, period: month", terms), TODAY).warnings) is over
    change = replaced("rate_bp: 100, period: month", terms, CHANGE)
    assert any("20 %" in warning for warning in read_change(change, GROUP).warnings) is over
    assert not any("20 %" in warning for warning in read(replaced("rate_bp: 100, period: month", terms, KES), TODAY).warnings)


def test_E23_the_yearly_rate_is_said():
    yearly = EXAMPLES["E23"]["expected"]["annual_nominal_pct"]
    said = [" / ".join(read(replaced("rate_bp: 100", f"rate_bp: {bp}"), TODAY).warnings) for bp in (170, 200, 1000)]
    assert [f"{pct:g} % a year" in text for pct, text in zip(yearly[4:7], said, strict=True)] == [True] * 3


def _at_the_end_of_a_year(price: int, most: int, frequency: str, units: int, more_rules: str = "") -> str:
    """The warnings for a member who brings that many shares on the last day of the cycle."""
    text = replaced("[1, 5]", f"[1, {most}]\n  meetings: {{frequency: {frequency}}}{more_rules}", replaced("20000", str(price)))
    text = replaced("units: 10", f"units: {units}", replaced("  loan_fund_cash", "  as_of: 2026-12-24\n  loan_fund_cash", text))
    return " / ".join(read(text, date(2026, 12, 24)).warnings)


def test_E13_savings_that_the_cap_on_shares_does_not_allow():
    """Na Khe could save what is told of it; Pa Lai could not with five shares a month, only with more."""
    told, cap = EXAMPLES["E13"]["inputs"], EXAMPLES["E13"]["expected"]
    na_khe, pa_lai = told["Na_Khe"]["share_price"], told["Pa_Lai"]["share_price"]
    most = cap["Na_Khe"]["max_savings_per_year"] // na_khe
    assert "the rules allow" not in _at_the_end_of_a_year(na_khe, cap["Na_Khe"]["max_shares_per_meeting"], "twice_a_month", most)
    assert "the rules allow 120 in 24 meetings" in _at_the_end_of_a_year(na_khe, cap["Na_Khe"]["max_shares_per_meeting"], "twice_a_month", most + 1)
    least, most = (amount // pa_lai for amount in told["Pa_Lai"]["stated_annual_savings"])
    assert cap["Pa_Lai"]["max_per_year_if_5_shares_cap"] == 60 * pa_lai
    assert f"brings {least} shares; the rules allow 60 in 12 meetings" in _at_the_end_of_a_year(pa_lai, 5, "monthly", least)
    assert "the rules allow" not in _at_the_end_of_a_year(pa_lai, 7, "monthly", least)
    assert "the rules allow" not in _at_the_end_of_a_year(pa_lai, 9, "monthly", most)


def test_the_first_meeting_may_take_more():
    assert "the rules allow" not in _at_the_end_of_a_year(20_000, 5, "weekly", 51 * 5)
    assert "the rules allow 255 in 51 meetings" in _at_the_end_of_a_year(20_000, 5, "weekly", 51 * 5 + 1)
    assert "the rules allow" not in _at_the_end_of_a_year(20_000, 5, "weekly", 51 * 5 + 5, "\n  shares_at_first_meeting: 10")


# ---------------------------------------------------------------- changing rules


def test_a_change_is_read_like_the_file():
    assert read_change(CHANGE, GROUP).constitution == read(FULL, TODAY).new.constitution
    assert read_change("# by vote\n" + CHANGE, GROUP).warnings == tuple(w for w in read(FULL, TODAY).warnings if "outside loan in the first" in w)
    assert read_change(CHANGE, GROUP, cycle=(2, date(2027, 1, 7), date(2027, 12, 20))).warnings == ()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("share_price: 20000", "share_price: 12.50", "line 2: constitution.share_price: a whole amount of VND, such as 20000"),
        ("every: 4}", "every: 3}", "line 5: constitution.meetings.loan_meeting_every: 1 or 2 or 4 with weekly"),
        ("frequency: weekly", "dates: [2026-01-06, 2026-02-01]", "line 5: constitution.meetings.dates[1]: a day of the cycle"),
        ("constitution:", "group: {code: X}\nconstitution:", "line 1: group: only the keys constitution"),
        ("share_price: 20000", "share_price: &p 20000", "line 2: the file: the value itself, without & or *"),
        ("  share_price: 20000\n", "", "line 1: constitution.share_price: a value; this key is missing"),
    ],
)
def test_a_mistake_in_a_change_is_named_with_its_line(old, new, said):
    with pytest.raises(GroupFileError) as caught:
        read_change(replaced(old, new, CHANGE), GROUP)
    assert str(caught.value).startswith(said)


def test_a_change_is_judged_by_the_members_there_are():
    members = {n: SimpleNamespace(number=n, roles=roles) for n, roles in ((1, ("chair",)), (3, ("treasurer",)))}
    with pytest.raises(GroupFileError) as caught:
        read_change(
            replaced("quorum_percent: 75", "confirmation: treasurer_and_officer", CHANGE.replace("  confirmation: treasurer\n", "")), GROUP, members
        )
    assert [problem.where for problem in caught.value.problems] == ["constitution.loan.guarantors", "constitution.confirmation"]
    assert "3 officers" in str(caught.value)


def test_dates_of_a_change_lie_in_the_cycle_it_is_for():
    change = replaced("frequency: weekly, loan_meeting_every: 4", "dates: [2027-01-07, 2027-02-07]", CHANGE)
    with pytest.raises(GroupFileError):
        read_change(change, GROUP)
    assert read_change(change, GROUP, cycle=(2, date(2027, 1, 7), date(2027, 12, 20))).constitution.meeting_dates == ("2027-01-07", "2027-02-07")


def test_what_members_have_saved_by_stays_for_a_cycle():
    old = read(FULL, TODAY).new.constitution
    assert check_change(old, replace(old, share_price=25_000, share_out_method="standard"), cycle_running=True) == ["share_price", "share_out_method"]
    assert check_change(old, replace(old, share_price=25_000), cycle_running=False) == []
    assert check_change(old, replace(old, charge_rate_bp=50, fines={}, shares_max=3, exit_rule="wait"), cycle_running=True) == []
