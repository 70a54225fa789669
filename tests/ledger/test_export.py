"""Exports, checked by a program that knows nothing of ours (hledger) and by reckoning the chain from the JSON alone."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
import subprocess
from datetime import date
from uuid import UUID

import pytest
from full_book import METHODS, fill, new_code, text, the_year, today_in

from gateway import groupfile
from ledger import chain, export
from ledger.accounts import Kind, account, name_of
from ledger.books import Book
from ledger.db import Database
from ledger.money import plain
from ledger.statement import statement
from ledger.verify import verify

needs_hledger = pytest.mark.skipif(shutil.which("hledger") is None, reason="hledger is not installed")


@pytest.fixture(scope="module")
def books(db):
    """One book a method; fines go to either fund; and one with an entry of every kind."""
    small = {method: fill(db, method, "social_fund" if method == "flat" else "loan_fund") for method in METHODS}
    return small | {"year": the_year(db, "rolled").group_id}


def hledger(journal: str, *arguments: str) -> str:
    done = subprocess.run(["hledger", "-f", "-", *arguments], input=journal, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def journal_of(db: Database, group_id: int) -> str:
    return "".join(export.hledger(db.connection(), group_id))


@needs_hledger
@pytest.mark.parametrize("method", [*METHODS, "year"])
def test_the_journal_is_strictly_right_and_has_our_balances(db, books, method):
    journal = journal_of(db, books[method])
    hledger(journal, "check", "--strict")
    told = dict(list(csv.reader(io.StringIO(hledger(journal, "balance", "--flat", "-N", "-E", "-O", "csv"))))[1:])
    with db.transaction() as conn:
        ours = {name_of(n): f"{plain(b, 'KES')} KES" if b else "0" for n, (b, _) in Book(conn, books[method]).balances().items()}
    assert told == ours


@needs_hledger
def test_hledger_finds_an_entry_by_its_tags(db, books):
    journal = journal_of(db, books["declining"])
    assert "equity:shares:12" in hledger(journal, "register", "tag:units=^3$", "tag:member=^12$")
    assert hledger(journal, "print", "code:^2$").count("KES") == 2


@needs_hledger
@pytest.mark.parametrize(("which", "day"), [("rolled", None), ("year", date(2025, 2, 20)), ("year", date(2025, 4, 15)), ("year", date(2025, 4, 22))])
def test_balances_of_a_day_are_those_of_hledger(db, books, which, day):
    journal = journal_of(db, books[which])
    with db.transaction() as conn:
        book = Book(conn, books[which])
        day = day or book.group.today
        ours = {name_of(n): f"{plain(b, 'KES')} KES" for n, (b, _) in book.balances(day).items() if b}
    table = hledger(journal, "balance", "--flat", "-N", "-O", "csv", "-e", f"{date.fromordinal(day.toordinal() + 1)}")
    assert dict(list(csv.reader(io.StringIO(table)))[1:]) == ours


@needs_hledger
def test_every_entry_is_a_transaction_also_one_that_moves_no_money(db, books):
    journal = journal_of(db, books["year"])
    entries = verify(db.connection(), books["year"]).entries
    assert hledger(journal, "print").count("; hash:") == entries
    rules = hledger(journal, "print", "desc:^rules$")
    assert "kind:rules" in rules
    assert "KES" not in rules


def test_a_share_is_no_commodity(db, books):
    journal = journal_of(db, books["flat"])
    assert journal.count("commodity ") == 1
    assert "units:3" in journal


@pytest.mark.parametrize("which", ["rolled", "year"])
def test_the_chain_can_be_reckoned_from_the_json_alone(db, books, which):
    document = json.loads("".join(export.as_json(db.connection(), books[which])))
    rules = hashlib.sha256(json.dumps(document["rules"], sort_keys=True, separators=(",", ":")).encode()).digest()
    start = document["group"]["code"].encode() + b"\0" + bytes.fromhex(document["file_hash"]) + rules
    head = hashlib.sha256(b"dialbook book " + start).digest()
    assert head.hex() == document["genesis"]

    def number(value: int, size: int) -> bytes:
        return value.to_bytes(size, "big", signed=True)

    for entry in document["entries"]:
        days = (date.fromisoformat(entry["happened_on"]) - date(2000, 1, 1)).days
        body = number(document["group"]["group_id"], 4) + UUID(entry["command_id"]).bytes + number(entry["kind"], 2) + number(days, 4)
        body += b"".join(number(entry[key], 2) for key in ("asked_by", "confirmed_by", "second_by"))
        for line in entry["lines"]:
            keys = (("debit", 4), ("credit", 4), ("amount", 8), ("reason", 2), ("member", 2), ("loan_no", 4), ("units", 4))
            body += b"".join(number(line[key], size) for key, size in keys)
        body += entry["annex"].encode()
        link = number(entry["entry_no"], 4) + number(entry["first_line"], 4) + number(len(entry["lines"]), 4) + number(entry["posted_at_us"], 8)
        head = hashlib.sha256(head + hashlib.sha256(body).digest() + link).digest()
        assert entry["hash"] == head.hex()
    assert document["head"] == head.hex()


def test_json_balances_are_the_books(db, books):
    document = json.loads("".join(export.as_json(db.connection(), books["flat"])))
    with db.transaction() as conn:
        ours = {number: balance for number, (balance, _) in Book(conn, books["flat"]).balances().items()}
    assert {row["account"]: row["balance"] for row in document["balances"]} == ours
    assert next(row["shares"] for row in document["balances"] if row["account"] == account(Kind.SHARES, 12)) == 13


def test_an_empty_book_exports(db):
    today = today_in(db)
    with db.transaction() as conn:
        file = groupfile.read(text(new_code(), today).partition("opening:")[0], today)
        group_id, _ = groupfile.load(conn, file)
    conn = db.connection()
    assert json.loads("".join(export.as_json(conn, group_id)))["entries"] == []
    assert len("".join(export.as_csv(conn, group_id)).splitlines()) == 1
    assert verify(conn, group_id).entries == 0
    if shutil.which("hledger"):
        hledger("".join(export.hledger(conn, group_id)), "check", "--strict")


def test_the_table_has_a_row_a_line(db, books):
    rows = list(csv.DictReader(io.StringIO("".join(export.as_csv(db.connection(), books["rolled"])))))
    report = verify(db.connection(), books["rolled"])
    assert [int(row["line"]) for row in rows] == list(range(1, report.lines + 1))
    assert {row["currency"] for row in rows} == {"KES"}
    shares = next(row for row in rows if row["reason_name"] == "share")
    assert (shares["amount"], shares["amount_minor"], shares["units"]) == ("37.50", "3750", "3")


def test_an_entry_without_lines_has_one_row(db, books):
    rows = list(csv.DictReader(io.StringIO("".join(export.as_csv(db.connection(), books["year"])))))
    report = verify(db.connection(), books["year"])
    assert {int(row["entry"]) for row in rows} == set(range(1, report.entries + 1))
    assert [int(row["line"]) for row in rows if row["line"]] == list(range(1, report.lines + 1))
    empty = [row for row in rows if not row["line"]]
    assert [(row["entry_kind_name"], row["debit"], row["amount"], row["currency"]) for row in empty] == [("rules", "", "", "")]
    assert json.loads(empty[0]["annex"])["rules"]["version"] == 2


def test_a_damaged_book_can_still_be_exported(db, owner, books):
    with owner.transaction(force_rollback=True):
        owner.execute("set transaction isolation level repeatable read")
        owner.execute("set local session_replication_role = replica")
        owner.execute("update line set reason = 999, debit = 2500000 where group_id = %s and line_no = 3", (books["flat"],))
        owner.execute("update entry set kind = 99 where group_id = %s and entry_no = 2", (books["flat"],))
        for form in export.FORMATS.values():
            assert "999" in "".join(form(owner, books["flat"]))


@pytest.mark.parametrize(("cell", "shown"), [("=1+1", "'=1+1"), ("+49", "'+49"), ("-x", "'-x"), ("@a", "'@a"), (-5, -5), ("a=b", "a=b"), ("", "")])
def test_text_never_starts_a_formula(cell, shown):
    assert export._cell(cell) == shown


def test_a_stranger_group_is_an_error(db):
    for form in export.FORMATS.values():
        with pytest.raises(LookupError):
            list(form(db.connection(), 2_000_000_000))


def test_an_export_is_one_view_of_a_book_that_moves(db, owner):
    group_id = fill(db)
    stream = export.as_json(db.connection(), group_id)
    first = next(stream)
    owner.execute("update outbox set why = 'moved' where group_id = %s", (group_id,))
    document = json.loads(first + "".join(stream))
    assert document["entries"][-1]["hash"] == document["head"]


def test_microseconds_are_exact(db, books):
    with chain.one_view(db.connection()):
        for entry, _ in chain.entries(db.connection(), books["flat"]):
            row = (
                db.connection().execute("select ('x' || encode(timestamptz_send(%s), 'hex'))::bit(64)::bigint as sent", (entry.posted_at,)).fetchone()
            )
            assert row.sent == chain.microseconds(entry.posted_at)


def test_a_passbook_page(db, books):
    with db.transaction() as conn:
        page = statement(Book(conn, books["rolled"]), 12)
    assert "Member 12, Wanjiku" in page
    assert "shares bought" in page
    assert "Shares: 13, worth 162.50 KES as paid" in page
    assert page.count("loan repaid (loan 1)") == 3
    last_share = [line for line in page.splitlines() if "shares bought" in line][-1]
    assert last_share.split()[-1] == "13"


def test_a_page_of_nobody(db, books):
    with db.transaction() as conn, pytest.raises(LookupError):
        statement(Book(conn, books["flat"]), 99)
