"""A whole year of ten different groups, with everything a group does with its money: proved, exported, and reckoned again by hledger."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
from datetime import date

import pytest
from year import KINDS, Year, play, sheet_of

from ledger import export
from ledger.accounts import Kind, account, name_of
from ledger.books import Book
from ledger.entry import EntryKind
from ledger.money import minor_units
from ledger.tally import Tally
from ledger.verify import verify


@pytest.fixture(scope="module", params=range(len(KINDS)), ids=[kind.name for kind in KINDS])
def year(request, db) -> Year:
    return play(db, KINDS[request.param], seed=request.param)


def test_the_book_is_proved(year: Year):
    report = verify(year.db.connection(), year.group_id)
    assert report.problem is None
    rows = year.db.connection().execute("select distinct kind from entry where group_id = %s", (year.group_id,)).fetchall()
    wanted = {EntryKind.MEETING, EntryKind.CONTRIBUTION, EntryKind.REVERSAL, EntryKind.LEAVING, EntryKind.SHARE_OUT, EntryKind.CYCLE}
    assert wanted <= {row.kind for row in rows}


def test_hledger_agrees(year: Year):
    if shutil.which("hledger") is None:
        pytest.skip("hledger is not installed")
    journal = "".join(export.hledger(year.db.connection(), year.group_id))
    _hledger(journal, "check", "--strict")
    told = dict(list(csv.reader(io.StringIO(_hledger(journal, "balance", "--flat", "-N", "-E", "-O", "csv"))))[1:])
    ours = {name_of(number): balance for number, (balance, _) in Book(year.db.connection(), year.group_id).balances().items()}
    currency = year.kind.currency
    assert {name: _minor(amount, currency) for name, amount in told.items()} == ours


def _hledger(journal: str, *arguments: str) -> str:
    done = subprocess.run(["hledger", "-f", "-", *arguments], input=journal, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def _minor(amount: str, currency: str) -> int:
    digits = amount.split(" ")[0]
    return -minor_units(digits[1:], currency) if digits.startswith("-") else minor_units(digits, currency)


def test_the_share_out_is_the_pool(year: Year):
    sheet = sheet_of(year)
    rows = sheet["rows"]
    assert sum(row[5] + row[6] for row in rows) + sheet["remainder"] == sheet["pool"]
    assert sum(row[6] for row in rows) + sheet["remainder"] == sheet["available"]
    assert all(row[4] >= row[5] + row[6] >= 0 for row in rows)


def test_after_the_share_out_everybody_has_her_starting_shares(year: Year):
    tally = Tally(year.db.connection(), year.group_id, date(2027, 2, 1))
    assert tally.group.cycle_number == 2
    assert {tally.shares(member.number)[0] for member in tally.active()} == {3}  # two to start with, one at the first meeting
    assert tally.balance(account(Kind.SHARE_OUT)) == 0
    assert all(tally.shares(number)[0] == 0 for number, member in tally.members().items() if member.left)


def test_the_two_funds_never_mixed(year: Year):
    balances = {number: balance for number, (balance, _) in Book(year.db.connection(), year.group_id).balances().items()}
    assert sum(balance for number, balance in balances.items() if number < 50 * 100_000) == 0
    assert sum(balance for number, balance in balances.items() if number >= 50 * 100_000) == 0


def test_the_export_holds_what_the_chain_binds(year: Year):
    document = json.loads("".join(export.as_json(year.db.connection(), year.group_id)))
    annexes = [json.loads(entry["annex"]) for entry in document["entries"] if entry["annex"].startswith("{")]
    assert sum("meeting" in annex for annex in annexes) == len([e for e in document["entries"] if e["kind"] == EntryKind.MEETING])
    assert sum("share_out" in annex for annex in annexes) == 1
    assert [annex["corrects"]["right"] - annex["corrects"]["was"] for annex in annexes if "corrects" in annex] == [1]
