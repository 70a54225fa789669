"""Published and worked figures, cited by id from tests/data/vsla-examples.json; loans have their own file."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from ledger import rules, rules_loans
from ledger.accounts import SUB, Kind
from ledger.books import Book
from ledger.checks import loan_limit
from ledger.money import minor_units

EXAMPLES = {e["id"]: e for e in json.loads((Path(__file__).parents[1] / "data" / "vsla-examples.json").read_text())["examples"]}
NAMES = {
    Kind.LOAN_FUND_CASH: "LF cash", Kind.FINES: "Fines income", Kind.SOCIAL_FUND_CASH: "SF cash", Kind.SOCIAL_FUND: "Social fund equity",
    Kind.SHARES: "Member shares", Kind.SERVICE_CHARGE: "Service charge income", Kind.LOAN: "Loans receivable",
}  # fmt: skip


def journal(*entries):
    """{(account of the example, D or C): amount} of entries posted together."""
    net: Counter[Kind] = Counter()
    for entry in entries:
        for line in entry.lines:
            net[Kind(line.debit // SUB)] += line.amount
            net[Kind(line.credit // SUB)] -= line.amount
    return {(NAMES[kind], "D" if amount > 0 else "C"): abs(amount) for kind, amount in net.items() if amount}


def of_the_example(step):
    found = next(one for one in EXAMPLES["E26"]["expected"]["journal"] if one["step"] == step)
    return {(name, side): amount for name, side, amount in found["lines"]}


E26 = EXAMPLES["E26"]["inputs"]
SHARES = E26["shares_bought_by_present_members"]


@pytest.mark.parametrize(
    ("step", "entries"),
    [
        ("fines paid (2 late)", [rules.pay_fine(member, E26["fine_late"], E26["fines_to"]) for member in range(1, E26["late"] + 1)]),
        ("social fund contributions paid", [rules.pay_social_fund(m, E26["social_fund_contribution"]) for m in range(1, 19)]),
        ("share purchase, 48 x 20,000", [rules.buy_shares(m, units, E26["share_price"]) for m, units in enumerate(SHARES, 1)]),
        ("repayment member 3", [rules_loans.repay(3, 1, **{k: E26["repayments"][0][k] for k in ("charge", "principal")})]),
        ("repayment member 11", [rules_loans.repay(11, 2, **{k: E26["repayments"][1][k] for k in ("charge", "principal")})]),
        ("loan member 5", [rules_loans.grant_loan(5, 3, E26["loans_issued"][0]["amount"])]),
        ("loan member 9", [rules_loans.grant_loan(9, 4, E26["loans_issued"][1]["amount"])]),
    ],
)
def test_E26_the_lines_of_a_meeting(step, entries):
    assert journal(*entries) == of_the_example(step)


def test_E26_who_may_borrow_how_much(village):
    held = {loan["member"]: loan["shares_held_after_today"] for loan in E26["loans_issued"]}
    rows = ((1, "Lan", ["chair"]), (2, "Mai", ["record_keeper"]), (3, "Thu", ["treasurer"]), (5, "Ba", []), (9, "Tu", []))
    v = village(members=rows, opening={"shares": [{"member": m, "units": u} for m, u in held.items()], "loans": []})
    wanted = EXAMPLES["E26"]["expected"]["eligibility"]
    with v.db.transaction() as conn:
        book = Book(conn, v.group_id)
        assert {f"member_{m}_max": loan_limit(book, m, []) for m in held} == wanted


def test_E01_and_E05_shares_are_whole_and_cost_their_price(village):
    for one, price in ((EXAMPLES["E01"], 200), (EXAMPLES["E05"], 5)):
        amounts = [e["amount"] for e in one["inputs"].get("events", []) if e["type"] == "buy"] or [20, 10, 20]
        stamps = one["expected"].get("stamps", one["expected"].get("shares_bought"))
        for amount, units in zip(amounts, stamps, strict=False):
            assert rules.buy_shares(12, units, price).total == amount


def test_E11_three_times_the_savings():
    wanted = EXAMPLES["E11"]["expected"]["computed_by_us"]
    price, loan = EXAMPLES["E11"]["inputs"]["share_price"], EXAMPLES["E11"]["inputs"]["loan"]
    assert 3 * price * wanted["min_shares_for_3x_rule"] >= loan > 3 * price * (wanted["min_shares_for_3x_rule"] - 1)


@pytest.mark.parametrize(("rate", "over"), list(zip(EXAMPLES["E23"]["inputs"]["rates"], EXAMPLES["E23"]["expected"]["over_cap"], strict=True)))
def test_E23_a_rate_above_the_cap_of_viet_nam_warns(rate, over):
    from people import new_group_file

    from gateway import groupfile

    period = "month" if rate["per"] == "month" else "four_weeks"
    charge = {"method": "declining", "rate_bp": minor_units(f"{rate['pct']:.2f}", "KES"), "period": period}
    _, _, text = new_group_file(constitution={"service_charge": charge}, opening={"loans": []})
    assert any("20" in warning for warning in groupfile.read(text).warnings) is over
