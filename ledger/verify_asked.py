"""The part of the proof that is about people: every entry was asked for and agreed to, says what was asked, and was texted to somebody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, LiteralString

from ledger.commands import ChangeRules, CloseMeeting, Correct, GrantLoan, Leave, Request, ShareOut, StartCycle, WriteOff, restore
from ledger.db import Conn
from ledger.entry import Reason
from ledger.verify_facts import Facts, Problem, rows_of, stream_of
from ledger.verify_loans import Loan
from ledger.verify_reading import Reading

# What a request says that its entry's lines must come to: the field of its body, the lines' reasons, and whether lines count by shares.
_COMES_TO: dict[str, tuple[str, tuple[Reason, ...], bool]] = {
    "buy_shares": ("units", (Reason.SHARE, Reason.CATCH_UP), True),
    "pay_social_fund": ("amount", (Reason.SOCIAL_FUND,), False),
    "pay_fine": ("amount", (Reason.FINE,), False),
    "repay": ("amount", (Reason.SERVICE_CHARGE, Reason.PRINCIPAL), False),
    "grant_loan": ("amount", (Reason.LOAN,), False),
    "pay_out": ("amount", (Reason.PAYABLE,), False),
    "recover": ("amount", (Reason.RECOVERED,), False),
}


def receipt_faults(conn: Conn, facts: Facts, below: int) -> Iterator[Problem]:
    """Whatever was booked was texted to somebody; the text was written with the entry."""
    query: LiteralString = """select e.entry_no from entry e
      where e.group_id = %(group)s and e.kind <> 1
        and not exists (select from outbox o where o.group_id = e.group_id and o.entry_no = e.entry_no) order by e.entry_no limit 1"""
    for row in rows_of(conn, query, facts.group_id):
        if row.entry_no < below:
            yield Problem(row.entry_no, "no receipt was written with it")


# With each request that was asked for alone: what its entry's lines come to, as {reason: [minor units, shares]}.
_OUTCOMES: LiteralString = """
select o.entry_no, r.request_no, r.command_id, r.kind, r.member, r.asked_by, r.asked_on::text, r.body, r.body_hash, e.command_id as posted,
       (select count(*) from approver a where a.group_id = r.group_id and a.request_no = r.request_no) as words,
       (select jsonb_object_agg(s.reason, jsonb_build_array(s.amount, s.units)) from (
           select l.reason, sum(l.amount) as amount, sum(l.units) as units from line l
            where l.group_id = e.group_id and l.line_no >= e.first_line and l.line_no < e.first_line + e.line_count and e.kind in (2, 3)
            group by l.reason) s) as sums
  from outcome o left join request r using (group_id, request_no) left join entry e on e.group_id = o.group_id and e.entry_no = o.entry_no
 where o.group_id = %(group)s and o.outcome = 'posted' order by o.entry_no"""


def outcome_faults(conn: Conn, facts: Facts, reading: Reading, below: int) -> Iterator[Problem]:
    """A request that counts as posted is the very command of its entry, word for word as it was asked, and the entry comes to what it says."""
    loans = {loan.entry_no: loan for loan in reading.loans.by_number.values()}
    for row in stream_of(conn, _OUTCOMES, facts.group_id):
        if row.entry_no < below:
            for what in _faults_of_request(row, facts, reading, loans.get(row.entry_no)):
                yield Problem(row.entry_no, what)


def _faults_of_request(row: Any, facts: Facts, reading: Reading, loan: Loan | None) -> Iterator[str]:
    if row.posted is None or row.command_id != row.posted:
        yield f"was not posted for request {row.request_no}, which says so"
        return
    request = _restored(row, facts.group_id)
    if request is None or request.body_hash() != bytes(row.body_hash):
        yield f"request {row.request_no} is not what was asked"
        return
    if request.kind in _COMES_TO:
        name, reasons, by_shares = _COMES_TO[request.kind]
        comes_to = sum((row.sums or {}).get(str(int(reason)), (0, 0))[by_shares] for reason in reasons)
        if comes_to != getattr(request, name):
            yield f"comes to {comes_to}, request {row.request_no} asked for {getattr(request, name)}"
    if isinstance(request, GrantLoan) and (loan is None or (loan.member, loan.agreed.due_on) != (request.member, request.due_on)):
        yield f"is not the loan that request {row.request_no} asked for"
    if row.words < _words_needed(request, reading, date.fromisoformat(row.asked_on)):
        yield f"request {row.request_no} was agreed to by too few"


def _restored(row: Any, group_id: int) -> Request | None:
    try:
        return restore(row.kind, row.command_id, group_id, row.member, row.asked_by, row.body)
    except (KeyError, TypeError, ValueError):
        return None


def _words_needed(request: Request, reading: Reading, on: date) -> int:
    """As `ledger.checks.words_needed` had it by the rules of the day it was asked."""
    ordinary = 2 if reading.rules.in_force(on).confirmation == "treasurer_and_officer" else 1
    if isinstance(request, ShareOut | Leave | WriteOff) or (isinstance(request, CloseMeeting) and request.why):
        return 2
    if isinstance(request, Correct | ChangeRules | StartCycle) and request.asked_by == 0:
        return 2
    return ordinary


def word_faults(conn: Conn, facts: Facts, below: int) -> Iterator[Problem]:
    """Every entry but the opening was asked for, and everybody whose word it needed, one at least and none of them with money in it, said yes."""
    query: LiteralString = """select e.entry_no from entry e where e.group_id = %(group)s and e.kind <> 1 and not exists (
        select from outcome o join request r using (group_id, request_no)
         where o.group_id = e.group_id and o.entry_no = e.entry_no and r.command_id = e.command_id and r.asked_by = e.asked_by
           and exists (select from approver a where a.group_id = r.group_id and a.request_no = r.request_no)
           and not exists (select from approver a left join approval p using (group_id, request_no, officer)
                            where a.group_id = r.group_id and a.request_no = r.request_no
                              and (p.yes is not true or a.officer in (r.member, r.asked_by) or a.officer not in (e.confirmed_by, e.second_by))))
      order by e.entry_no limit 1"""
    for row in rows_of(conn, query, facts.group_id):
        if row.entry_no < below:
            yield Problem(row.entry_no, "was not asked for, or not agreed to by those whose word it needed")
