"""What the group decides beside its meetings: leaving, writing off, changing the rules. And the one door to every entry: `prepare`."""

from __future__ import annotations

from datetime import date
from typing import Any

from ledger import closing, correcting, ending, helping, leaving, posting, rules_end, rules_group, rules_loans
from ledger.accounts import SUB, Kind, account
from ledger.beside import event_rows, left_row, rules_row
from ledger.books import Book, LoanNow
from ledger.checks import OFFICERS, Refused, check_person
from ledger.commands import ABOUT_PEOPLE, DECIDED, ChangeRules, CloseMeeting, Correct, Leave, NameHelper, Request, ShareOut, StartCycle, WriteOff
from ledger.constitution import Constitution, check_change
from ledger.db import Conn
from ledger.entry import Entry, EntryKind, Line
from ledger.leaving import Fund, Leaver, Settlement
from ledger.posting import Prepared
from ledger.tally import Tally


def prepare(conn: Conn, book: Book, request: Request, on: date) -> Prepared:
    """What a request posts, whatever its kind, on a day that no meeting has closed. Raises checks.Refused when the book does not allow it."""
    if request.kind in DECIDED:
        check_person(book, request)
        check_office(book, request.asked_by)
    match request:
        case CloseMeeting():
            return closing.prepare(conn, request, on)
        case Correct():
            return correcting.prepare(conn, request, on)
        case ShareOut():
            return ending.prepare_share_out(conn, request, on)
        case StartCycle():
            return ending.prepare_start(conn, request, on)
        case Leave():
            return _leave(conn, request, on)
        case WriteOff():
            return _write_off(conn, request, on)
        case ChangeRules():
            return _change_rules(conn, book, request, on)
    return posting.prepare(book, request, on)


def judge(conn: Conn, book: Book, request: Request, on: date) -> None:
    """Raises checks.Refused when a request could not be carried out as things stand. What is about a person has nothing to post."""
    if request.kind not in ABOUT_PEOPLE:
        prepare(conn, book, request, on)
        return
    check_person(book, request)
    check_office(book, request.asked_by)
    if request.asked_by in (0, request.member):
        raise Refused("not_for_herself")
    if isinstance(request, NameHelper):
        helping.check(book, request.member, request.helper)


def posting_day(book: Book, request: Request, asked_on: date) -> date:
    """The day an entry carries: the day it was asked, but never inside a meeting that was closed since.

    A meeting that stays open while people pay by phone ends on the day of the last payment: that payment was split before the meeting ended.
    """
    days = [asked_on, book.group.closed_on]
    return max([*days, book.last_day()] if isinstance(request, CloseMeeting) else days)


def check_office(book: Book, number: int) -> None:
    """Decisions are brought by an officer; 0 is the operator."""
    member = book.member(number) if number else None
    if number and (member is None or not set(OFFICERS) & set(member.roles)):
        raise Refused("not_your_office")


# ---------------------------------------------------------------- leaving


def settlement(tally: Tally, request: Leave) -> tuple[Settlement, Leaver]:
    """What a member's leaving would bring her and cost the others, by the constitution's rule, today."""
    number, rules_now = request.member, tally.constitution
    units, paid = tally.shares(number)
    hers = [loan for loan in tally.loans(number) if loan.terms.fund == "loan_fund"]
    leaver = Leaver(units, paid, _principal(hers), _charge(hers), tally.balance(account(Kind.FINE_DUE, number)))
    return leaving.settle(leaver, fund_now(tally), request.why, rules_now.exit_rule, rules_now.death_shortfall, rules_now.cash_unit), leaver


def fund_now(tally: Tally) -> Fund:
    """The loan fund as it is worth today: every loan counted as good, charges due included."""
    running = [loan for loan in tally.running() if loan.terms.fund == "loan_fund"]
    cash = tally.cash() + tally.balance(rules_group.LOAN_FUND_BANK)
    debts = -tally.balance(rules_group.OUTSIDE_LOAN) - _sum(tally, Kind.PAYABLE)
    return Fund(cash, _principal(running), _charge(running), _sum(tally, Kind.FINE_DUE), debts, tally.units())


def _principal(loans: list[LoanNow]) -> int:
    return sum(loan.now.principal for loan in loans)


def _charge(loans: list[LoanNow]) -> int:
    return sum(loan.now.charge for loan in loans)


def _sum(tally: Tally, kind: Kind) -> int:
    return sum(balance for number, (balance, _) in tally.balances().items() if number // SUB == kind)


def _leave(conn: Conn, request: Leave, on: date) -> Prepared:
    """Her shares pay her debts, the rest is hers in cash, and what the box lacks stays owed to her. With `wait` nothing moves yet.

    Who leaves of her own will pays first what her shares cannot."""
    tally = Tally(conn, request.group_id, on)
    done, _ = settlement(tally, request)
    waits = done.rule == "wait"
    if request.why == "leaves" and done.surviving and not waits:
        raise Refused("debt_first", owed=tally.money(done.surviving))
    lines, events = ([], []) if waits else _leaving_lines(tally, request, done, on)
    said: dict[str, Any] = {"left": [request.member, request.why, waits]} | ({"events": events} if events else {})
    keep = (left_row(request.member, request.why, waits), event_rows(events))
    return Prepared(Entry(EntryKind.LEAVING, tuple(lines)), said=said, keep=keep)


def _leaving_lines(tally: Tally, request: Leave, done: Settlement, on: date) -> tuple[list[Line], list[list[Any]]]:
    number = request.member
    units, paid = tally.shares(number)
    lines = list(rules_end.claim_of_leaver(number, units, paid, done.gain).lines)
    tally.take(lines)
    off, _ = ending.set_off(tally, number, done.set_off_charge + done.set_off_principal, on, account(Kind.PAYABLE, number))
    tally.take(off)
    cash = min(done.payout, tally.cash()) if request.why != "absconds" else 0
    end = rules_end.pay_leaver(number, done.set_off_fines, done.rounding, cash).lines
    tally.take(end)
    forgiven, events = _forgive(tally, number, on) if done.forgiven else ([], [])
    return [*lines, *off, *end, *forgiven], events


def _forgive(tally: Tally, number: int, on: date) -> tuple[list[Line], list[list[Any]]]:
    """After a death, where the constitution says so: her loans and fines are written off."""
    lines, events = list(rules_end.forgive_fines(number, tally.balance(account(Kind.FINE_DUE, number))).lines), []
    for loan in tally.loans(number):
        if loan.terms.fund == "loan_fund":
            more, event = _given_up(tally, loan, on)
            lines += more
            events.append(event)
    return lines, events


# ---------------------------------------------------------------- writing off


def _write_off(conn: Conn, request: WriteOff, on: date) -> Prepared:
    tally = Tally(conn, request.group_id, on)
    loan = next((one for one in tally.loans(request.member) if one.loan_no == request.loan_no), None)
    if loan is None:
        raise Refused("nothing_owed")
    if loan.terms.fund == "entrusted":
        raise Refused("entrusted_money")
    lines, event = _given_up(tally, loan, on)
    return Prepared(Entry(EntryKind.WRITE_OFF, tuple(lines)), said={"events": [event]}, keep=(event_rows([event]),))


def _given_up(tally: Tally, loan: LoanNow, on: date) -> tuple[list[Line], list[Any]]:
    """Lines that take a loan off the book, and the row that keeps the debt visible: all she owed that day, the charge not booked too."""
    lines = list(posting.accrue(tally, loan, on))
    tally.take(lines)
    now = loan.at(on)
    booked = tally.balance(account(Kind.CHARGE_DUE, loan.loan_no)) if loan.terms.method == "rolled" else 0
    more = rules_loans.write_off(loan.member, loan.loan_no, now.principal, booked, loan.terms.fund).lines
    tally.take(more)
    tally.drop(loan.loan_no)
    due = loan.due_on.isoformat()
    return [*lines, *more], [loan.loan_no, "written_off", on.isoformat(), due, due, now.principal, now.charge]


# ---------------------------------------------------------------- rules


def _change_rules(conn: Conn, book: Book, request: ChangeRules, on: date) -> Prepared:
    """A new version, for meetings from a day on that is still to come; what members save by waits for the next cycle."""
    if request.from_on < on or request.from_on > book.group.cycle_end:
        raise Refused("rules_from", latest=book.group.cycle_end)
    frozen = check_change(book.constitution, Constitution.from_json(request.terms), cycle_running=not book.group.shared_out)
    if frozen:
        raise Refused("rules_frozen", field=frozen[0])
    version = ending.next_version(conn, book.group_id)
    said = {"version": version, "from_on": request.from_on.isoformat(), "terms": request.terms}
    return Prepared(Entry(EntryKind.RULES, ()), said={"rules": said}, keep=(rules_row(version, request.from_on, request.terms),))
