"""The part of the proof that is about loans: the terms kept beside the book agree with its lines and with the rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from operator import attrgetter
from typing import Any

from psycopg.rows import namedtuple_row

from ledger import loans
from ledger.accounts import Kind, account
from ledger.db import Conn
from ledger.entry import EntryKind, Reason
from ledger.groups import loan_annex

AT_ONCE = 2_000


class LoanBroken(Exception):
    """A loan that is not what its lines say; `entry_no` of the entry that gave it, or of the payment."""

    def __init__(self, entry_no: int | None, what: str):
        super().__init__(what)
        self.entry_no = entry_no
        self.what = what


_LOANS = """
select n.*, g.kind as given_kind, g.happened_on as given_on, l.entry_no as line_entry, l.debit, l.reason, l.amount, l.member as line_member,
       e.happened_on, r.body as asked, r.member as asked_for,
       exists (select from constitution k where k.group_id = n.group_id and k.terms->>'charge_method' = n.method
                and (k.terms->>'charge_rate_bp')::int = n.rate_bp and k.terms->>'charge_period' = n.period) as by_the_rules
  from loan n
  left join entry g on g.group_id = n.group_id and g.entry_no = n.entry_no
  left join request r on r.group_id = n.group_id and r.command_id = g.command_id and r.kind = 'grant_loan'
  left join line l on l.group_id = n.group_id and l.loan_no = n.loan_no and l.loan_no <> 0
  left join entry e on e.group_id = l.group_id and e.entry_no = l.entry_no
 where n.group_id = %s order by n.loan_no, l.line_no"""


def prove_loans(conn: Conn, group_id: int, balances: Mapping[int, int], named: set[int]) -> None:
    """Every loan row against its lines. `balances`: sums of the lines by account; `named`: loan numbers that lines name.

    Raises LoanBroken.
    """
    missing = set(named)
    with conn.cursor("dialbook_loans", row_factory=namedtuple_row) as cursor:
        cursor.itersize = AT_ONCE
        cursor.execute(_LOANS, (group_id,))
        for number, rows in groupby(cursor, attrgetter("loan_no")):
            missing.discard(number)
            _reckon(number, list(rows), balances)
    for number in sorted(missing):
        raise LoanBroken(None, f"loan {number}: its terms are missing")
    _prove_annexes(conn, group_id)


def _prove_annexes(conn: Conn, group_id: int) -> None:
    """The terms of every loan are those that were hashed with the entry that gave it, and no entry gives a loan that is not there."""
    with conn.cursor(row_factory=namedtuple_row) as cursor:
        rows: list[Any] = cursor.execute("select * from loan where group_id = %s order by entry_no, loan_no", (group_id,)).fetchall()
        hashed = cursor.execute("select entry_no, annex from entry where group_id = %s and annex <> '' order by entry_no", (group_id,)).fetchall()
    kept = [(number, loan_annex([(x.loan_no, x.member, _terms(x)) for x in some])) for number, some in groupby(rows, attrgetter("entry_no"))]
    for entry_no, annex in hashed:
        if (entry_no, annex) not in kept:
            raise LoanBroken(entry_no, "the terms of its loan are not what was agreed")
    for entry_no, annex in kept:
        if (entry_no, annex) not in [tuple(one) for one in hashed]:
            raise LoanBroken(entry_no, "gives a loan that was not posted with it")


def _terms(row: Any) -> loans.Terms:
    return loans.Terms(row.original, row.principal, row.opening_charge, row.method, row.rate_bp, row.period, row.issued_on, row.opened_on, row.due_on)


def _reckon(number: int, rows: list[Any], balances: Mapping[int, int]) -> None:
    try:
        _prove(number, rows, balances)
    except (ValueError, OverflowError) as error:  # dates or amounts beyond all calendars: no program of ours wrote them
        raise LoanBroken(rows[0].entry_no, f"loan {number}: its terms make no sense ({error})") from None


def _prove(number: int, rows: list[Any], balances: Mapping[int, int]) -> None:
    one = rows[0]
    for fault in (*_faults_of_terms(one), *_faults_of_giving(one, rows)):
        raise LoanBroken(one.entry_no, f"loan {number} {fault}")
    terms = _terms(one)
    now = _repaid_by_the_rules(number, terms, rows)
    if balances.get(account(Kind.LOAN, number), 0) != now.principal:
        raise LoanBroken(one.entry_no, f"loan {number}: {now.principal} of principal is left, the book says otherwise")
    charge = now.charge if one.method == "rolled" else 0
    if balances.get(account(Kind.CHARGE_DUE, number), 0) != charge:
        raise LoanBroken(one.entry_no, f"loan {number}: {charge} of charge was added and not paid, the book says otherwise")


def _faults_of_terms(one: Any) -> Iterator[str]:
    """The terms against the entry that gave the loan, the constitution and the request."""
    if one.given_on is None or one.given_on != one.opened_on:
        yield "was not opened on the day of its entry"
    if not one.by_the_rules:
        yield "has a service charge that the constitution never had"
    if one.given_kind == EntryKind.LOAN:
        agreed = loans.granted(one.principal, one.method, one.rate_bp, one.period, one.opened_on, one.due_on)
        if (one.original, one.opening_charge, one.issued_on) != (agreed.original, agreed.opening_charge, agreed.issued_on):
            yield "has other terms than the rules give it"
    if one.asked is not None and (one.asked_for, one.asked.get("amount")) != (one.member, one.principal):
        yield "is not the loan that was asked for"
    if one.asked is not None and one.asked.get("due_on") != one.due_on.isoformat():
        yield "falls due on another day than was agreed"


def _faults_of_giving(one: Any, rows: list[Any]) -> Iterator[str]:
    """Given once, to this member, in this entry; every line of it is hers."""
    given = [row for row in rows if row.reason in (Reason.LOAN, Reason.OPENING) and row.debit == account(Kind.LOAN, one.loan_no)]
    if [(row.line_entry, row.amount) for row in given] != [(one.entry_no, one.principal)]:
        yield "is not what its entry gave"
    if any(row.line_member != one.member for row in rows):
        yield "has another member's lines"
    added = sum(row.amount for row in rows if row.line_entry == one.entry_no and row.debit == account(Kind.CHARGE_DUE, one.loan_no))
    if added != (one.opening_charge if one.method == "rolled" else 0):
        yield "began with another charge than its terms say"


def _repaid_by_the_rules(number: int, terms: loans.Terms, rows: list[Any]) -> loans.Position:
    """Reckon every payment again: the charge due on its day first, the rest principal. Gives what is left after the last one."""
    paid: list[loans.Payment] = []
    for entry_no, lines in groupby((r for r in rows if r.reason in (Reason.SERVICE_CHARGE, Reason.PRINCIPAL)), attrgetter("line_entry")):
        both = list(lines)
        charge = sum(row.amount for row in both if row.reason == Reason.SERVICE_CHARGE)
        principal = sum(row.amount for row in both if row.reason == Reason.PRINCIPAL)
        now = loans.position(terms, paid, both[0].happened_on)
        if charge + principal > now.owed or loans.settle(now, charge + principal) != (charge, principal):
            raise LoanBroken(entry_no, f"the payment on loan {number} is not split as the rules say")
        paid.append(loans.Payment(both[0].happened_on, charge, principal))
    return loans.position(terms, paid, terms.opened_on)
