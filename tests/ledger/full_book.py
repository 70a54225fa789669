"""A group with an entry of every kind, posted the way workers do it, for tests that read whole books."""

from __future__ import annotations

import secrets
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from gateway import groupfile
from ledger import posting, requests
from ledger.books import Book
from ledger.commands import BuyShares, GrantLoan, PayFine, PaySocialFund, Repay, Request
from ledger.db import Database, lock_group
from ledger.entry import Entry
from ledger.journal import Receipt

METHODS = ("flat", "declining", "rolled", "none")
ASKED_LATER_DAYS = (40, 75)


def text(code: str, today: date, method: str = "declining", fines_to: str = "loan_fund") -> str:
    charge = "{method: none}" if method == "none" else f"{{method: {method}, rate_bp: 137, period: month}}"
    return f"""
group: {{code: {code}, name: Tumaini, country: KE, currency: KES, timezone: Africa/Nairobi, language: en}}
constitution:
  share_price: 12.50
  service_charge: {charge}
  loan: {{multiple: 10, max_term_days: 200}}
  fines: {{late: 5}}
  fines_to: {fines_to}
cycle: {{number: 1, start: {today - timedelta(days=100)}, end: {today + timedelta(days=250)}}}
members:
  - {{number: 1, name: Akinyi, phone: "+254700000001", roles: [chair]}}
  - {{number: 2, name: Baraka, phone: "+254700000002", roles: [record_keeper]}}
  - {{number: 3, name: Chebet, phone: "+254700000003", roles: [treasurer]}}
  - {{number: 12, name: Wanjiku}}
opening:
  as_of: {today - timedelta(days=7)}
  loan_fund_cash: 2000.25
  social_fund_cash: 77.77
  shares: [{{member: 1, units: 20}}, {{member: 12, units: 10}}]
  loans:
    - {{member: 12, original: 1500, principal: 1000.01, charge_due: 13.70, issued: {today - timedelta(days=60)}, due: {today + timedelta(days=60)}}}
"""


def new_code() -> str:
    return "T" + secrets.token_hex(5).upper()


def today_in(db: Database) -> date:
    row = db.connection().execute("select (now() at time zone 'Africa/Nairobi')::date as today").fetchone()
    assert row is not None
    today: date = row.today
    return today


def fill(db: Database, method: str = "declining", fines_to: str = "loan_fund") -> int:
    """The group's id. Figures are fixed, dates count from today: ten entries, the first of them the opening."""
    today = today_in(db)
    with db.transaction() as conn:
        group_id, _ = groupfile.load(conn, groupfile.read(text(new_code(), today, method, fines_to), today))

    def about(member: int) -> dict[str, Any]:
        return {"id": uuid4(), "group_id": group_id, "member": member, "asked_by": member}

    _agreed(db, BuyShares(**about(12), units=3))
    _agreed(db, PaySocialFund(**about(12), amount=1_01))
    _agreed(db, PayFine(**about(1), amount=5_00))
    _agreed(db, Repay(**about(12), loan_no=1, amount=113_70))
    loan: dict[str, Any] = {"id": uuid4(), "group_id": group_id, "member": 1, "asked_by": 2}
    _agreed(db, GrantLoan(**loan, amount=1000_03, due_on=today + timedelta(days=90)))
    for days in ASKED_LATER_DAYS:  # what a member asks on a later day, posted with that day
        _agreed(db, Repay(**about(12), loan_no=1, amount=200_02), today + timedelta(days=days))
        _agreed(db, Repay(**about(1), loan_no=2, amount=300_00), today + timedelta(days=days))
    return group_id


def receipts(request: Request) -> list[Receipt]:
    return [Receipt(request.member, "receipt", "Received.", "gsm7", 1)]


def _agreed(db: Database, request: Request, on: date | None = None) -> None:
    """Asked, agreed to and posted; `on` is the day it happened, if that is not today."""
    with db.transaction() as conn:
        lock_group(conn, request.group_id)
        book = Book(conn, request.group_id)
        number, _ = requests.ask(conn, book, request, lambda number, chosen: [], hours=24)
        asked = requests.find(conn, request.group_id, number)
        assert asked is not None
        officers = [a.officer for a in asked.approvers]
        for officer in officers:
            assert requests.give_word(conn, request.group_id, number, officer, True, "sms")

        def receipts_for(entry: Entry) -> list[Receipt]:
            return receipts(request)

        posted = posting.carry_out(conn, book, request, number, on or asked.asked_on, officers, receipts_for)
        assert requests.close(conn, request.group_id, number, "posted", entry_no=posted.entry_no)
