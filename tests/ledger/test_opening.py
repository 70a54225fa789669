"""What a group brings that existed before: one entry, balanced in each fund, and the paper its members sign."""

from __future__ import annotations

import json
from datetime import date
from uuid import uuid4

import pytest
import yaml
from people import new_group_file

from gateway import groupfile
from ledger import groups, loans, rules
from ledger.accounts import Kind, account, fund_of
from ledger.books import Book
from ledger.db import lock_group
from ledger.journal import post
from ledger.rules_opening import Opening, OpeningDue, OpeningLoan, OpeningShare, open_book
from ledger.sheet import sheet

BROUGHT = {
    "as_of": "2026-04-20", "loan_fund_cash": 300000, "loan_fund_bank": 900000, "social_fund_cash": 50000, "social_fund_bank": 60000, "outside_loan": 400000,
    "shares": [{"member": 12, "units": 10}, {"member": 7, "units": 40}],
    "loans": [{"member": 12, "original": 2000000, "principal": 1500000, "charge_due": 15000, "issued": "2026-03-24", "due": "2026-09-24"}],
    "fines": [{"member": 12, "amount": 5000}, {"member": 1, "amount": 10000}], "social_fund_due": [{"member": 2, "amount": 15000}],
    "social_fund_loans": [{"member": 7, "principal": 80000, "issued": "2026-04-01", "due": "2026-10-01"}],
}  # fmt: skip
RULES = {
    "loan": {"multiple": 3, "max_term_days": 180, "one_at_a_time": True, "late": "doubling", "from_social_fund": True},
    "outside_loan": {"allowed": True},
}


@pytest.fixture
def founded(db):
    """`founded(**changes)` -> (code, group id) of a fresh group, loaded from a file."""

    def load(**changes):
        code, _, text = new_group_file(**changes)
        with db.transaction() as conn:
            group_id, _ = groupfile.load(conn, groupfile.read(text))
        return code, group_id

    return load


def balances(entry):
    found = {}
    for line in entry.lines:
        assert fund_of(line.debit) == fund_of(line.credit)
        found[line.debit] = found.get(line.debit, 0) + line.amount
        found[line.credit] = found.get(line.credit, 0) - line.amount
    return found


@pytest.mark.parametrize("fines_to", ["loan_fund", "social_fund"])
@pytest.mark.parametrize("rolled", [True, False])
def test_each_fund_balances_and_takes_its_own_difference(fines_to, rolled):
    lent = [OpeningLoan(12, 1, 1_500_000, 15_000), OpeningLoan(7, 2, 80_000, fund="social_fund")]
    dues = ([OpeningDue(12, 5_000)], [OpeningDue(2, 15_000)])
    brought = Opening(300_000, 50_000, [OpeningShare(12, 10)], lent, 900_000, 60_000, *dues, outside_loan=400_000)
    found = balances(open_book(brought, 20_000, rolled, fines_to))
    charge, fine = 15_000 * rolled, 5_000 * (fines_to == "loan_fund")
    assert found[account(Kind.SURPLUS_BROUGHT)] == -(300_000 + 900_000 + 1_500_000 + charge + fine - 400_000 - 200_000)
    assert found[account(Kind.SOCIAL_FUND)] == -(50_000 + 60_000 + 80_000 + 15_000 + 5_000 - fine)
    assert found.get(account(Kind.CHARGE_DUE, 1), 0) == charge
    assert found[account(Kind.OUTSIDE_LOAN)] == -400_000


def test_an_opening_of_the_first_release_has_the_lines_it_had():
    """In their order: the entry's hash is made of them."""
    entry = open_book(Opening(5, 7, [OpeningShare(12, 10)], [OpeningLoan(12, 1, 100, 3)]), 2, rolled=True)
    surplus = account(Kind.SURPLUS_BROUGHT)
    assert [(line.debit, line.credit, line.amount) for line in entry.lines] == [
        (account(Kind.LOAN_FUND_CASH), surplus, 5), (account(Kind.LOAN, 1), surplus, 100), (account(Kind.CHARGE_DUE, 1), surplus, 3),
        (surplus, account(Kind.SHARES, 12), 20), (account(Kind.SOCIAL_FUND_CASH), account(Kind.SOCIAL_FUND), 7),
    ]  # fmt: skip


def test_a_group_that_brings_nothing_has_no_opening():
    assert open_book(Opening(), 20_000, rolled=True) is None


def test_all_of_it_is_in_the_book(founded, db):
    _, group_id = founded(constitution=RULES, opening=BROUGHT)
    with db.transaction() as conn:
        book = Book(conn, group_id)
        wanted = {
            (Kind.LOAN_FUND_CASH, 0): 300_000, (Kind.LOAN_FUND_BANK, 0): 900_000, (Kind.LOAN, 1): 1_500_000, (Kind.FINE_DUE, 12): 5_000,
            (Kind.FINE_DUE, 1): 10_000, (Kind.SHARES, 12): -200_000, (Kind.SHARES, 7): -800_000, (Kind.OUTSIDE_LOAN, 0): -400_000,
            (Kind.SURPLUS_BROUGHT, 0): -1_315_000, (Kind.SOCIAL_FUND_CASH, 0): 50_000, (Kind.SOCIAL_FUND_BANK, 0): 60_000,
            (Kind.SOCIAL_FUND_LOAN, 2): 80_000, (Kind.SOCIAL_FUND_DUE, 2): 15_000, (Kind.SOCIAL_FUND, 0): -205_000,
        }  # fmt: skip
        assert {number: balance for number, (balance, _) in book.balances().items()} == {account(*key): amount for key, amount in wanted.items()}


def test_running_loans_go_on_by_the_rules_and_free_ones_stay_free(founded, db):
    _, group_id = founded(constitution=RULES, opening=BROUGHT)
    query = "select loan_no, member, method, rate_bp, opening_charge, late_rule, fund from loan where group_id = %s order by loan_no"
    with db.transaction() as conn:
        kept = [tuple(row) for row in conn.execute(query, (group_id,))]
        annex = conn.execute("select annex from entry where group_id = %s", (group_id,)).fetchone().annex
    assert kept == [(1, 12, "declining", 100, 15_000, "doubling", "loan_fund"), (2, 7, "none", 0, 0, "none", "social_fund")]
    assert [row[-2:] for row in json.loads(annex)] == [["doubling", "loan_fund"], ["none", "social_fund"]]


def test_the_terms_of_an_old_loan_are_hashed_as_they_were():
    old = loans.Terms(1_500_000, 1_500_000, 15_000, "declining", 100, "month", date(2026, 3, 24), date(2026, 11, 21), date(2026, 9, 24))
    assert groups.loan_annex([(1, 12, old)]) == '[[1,12,1500000,1500000,15000,"declining",100,"month","2026-03-24","2026-11-21","2026-09-24"]]'
    assert groups.loan_annex([]) == ""


def test_the_agent_is_kept_beside_the_group(founded, db):
    (_, looked_after), (_, alone) = founded(agent={"name": "Binh", "phone": "+84912999999"}), founded()
    with db.transaction() as conn:
        rows = conn.execute("select group_id, name, language, phone from agent where group_id in (%s, %s)", (looked_after, alone)).fetchall()
    assert [tuple(row) for row in rows] == [(looked_after, "Binh", "en", "+84912999999")]


# ---------------------------------------------------------------- the paper to sign


SIGNED = """\
Doan Ket ({code})
What the group brought into its book on 2026-04-20. Amounts in VND.

Each member compares her lines with her passbook and makes her mark.
A figure that is wrong is not signed: tell the record-keeper today.

  no name                              shares      paid for them mark
             loan left        charge due         fines due      social fund due
-------------------------------------------------------------------------------
   1 Lan                                    0                  0 ...............
                     0                 0            10,000                    0
   2 Mai                                    0                  0 ...............
                     0                 0                 0               15,000
   3 Thu                                    0                  0 ...............
                     0                 0                 0                    0
   7 Nga                                   40            800,000 ...............
                80,000                 0                 0                    0
  12 Hoa                                   10            200,000 ...............
             1,500,000            15,000             5,000                    0
-------------------------------------------------------------------------------
     5 members                             50          1,000,000
             1,580,000            15,000            15,000               15,000

Loan fund, cash in the box                                            300,000
Loan fund, in the bank                                                900,000
Outside loan the group owes                                           400,000
Social fund, cash in the box                                           50,000
Social fund, in the bank                                               60,000
Loan fund, earned and not shared out before it joined               1,315,000
Social fund, all that belongs to it                                   205,000

Chair:          .................................... Date: ....................

Record-keeper:  .................................... Date: ....................

Treasurer:      .................................... Date: ....................

"""


def test_the_paper_to_sign(founded, db):
    code, group_id = founded(constitution=RULES, opening=BROUGHT)
    with db.transaction() as conn:
        assert sheet(Book(conn, group_id)) == SIGNED.format(code=code)


@pytest.mark.parametrize("method", ["flat", "rolled"])
def test_the_paper_names_the_charge_due_with_every_method_and_the_loss(founded, db, method):
    charge = {"method": method, "rate_bp": 100, "period": "month"}
    _, group_id = founded(constitution={"service_charge": charge}, opening={"loan_fund_cash": 0, "shares": [{"member": 7, "units": 100}]})
    with db.transaction() as conn:
        paper = sheet(Book(conn, group_id))
    assert "             1,500,000            15,000 " in paper
    lost = 2_000_000 - 1_500_000 - 15_000 * (method == "rolled")
    assert f"Loan fund, lost before it joined {lost:>44,}" in paper


def test_the_paper_stays_within_eighty_columns(founded, db):
    most = "999999999.99"
    large = {"loan_fund_cash": most, "social_fund_cash": most, "shares": [{"member": 12, "units": 1_000_000}],
             "loans": [{"member": 12, "principal": most, "charge_due": most, "issued": "2026-03-24", "due": "2026-09-24"}],
             "fines": [{"member": 12, "amount": most}], "social_fund_due": [{"member": 12, "amount": most}]}  # fmt: skip
    people = ((3, "Thu", ["treasurer"]), (1, "Lan", ["chair"]), (12, "H" * 30, []))
    kenya = {"country": "KE", "currency": "KES", "timezone": "Africa/Nairobi", "name": "x" * 40}
    _, group_id = founded(group=kenya, constitution={"share_price": "999.99"}, opening=large, members=people)
    with db.transaction() as conn:
        paper = sheet(Book(conn, group_id))
    assert max(map(len, paper.splitlines())) <= 80
    assert paper.count("999,999,999.99") == 10


def test_what_is_posted_later_does_not_change_the_paper(founded, db):
    _, group_id = founded(constitution=RULES, opening=BROUGHT)
    with db.transaction() as conn:
        lock_group(conn, group_id)
        before = sheet(Book(conn, group_id))
        post(conn, group_id, uuid4(), rules.buy_shares(12, 3, 20_000), Book(conn, group_id).group.today, asked_by=12, confirmed_by=3)
        assert sheet(Book(conn, group_id)) == before


def test_without_figures_there_is_nothing_to_sign(db):
    content = yaml.safe_load(new_group_file()[2])
    del content["opening"]
    with db.transaction() as conn:
        group_id, _ = groupfile.load(conn, groupfile.read(yaml.safe_dump(content)))
        with pytest.raises(LookupError, match="nothing to sign"):
            sheet(Book(conn, group_id))
