"""The texts that go out about a request: who is told what, in her own language, with the number of parts counted before it is stored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from ledger import loans
from ledger.accounts import Kind, account
from ledger.books import Book, Member
from ledger.checks import Figure, loan_of
from ledger.commands import (
    ABOUT_PEOPLE,
    DECIDED,
    BuyShares,
    ChangeRules,
    CloseMeeting,
    GrantLoan,
    Leave,
    PayOut,
    Recover,
    Repay,
    Request,
    ShareOut,
    StartCycle,
)  # fmt: skip
from ledger.constitution import Constitution
from ledger.entry import Entry, Reason
from ledger.journal import Receipt
from ledger.posting import terms_of
from ledger.requests import Approver
from menus import telling_asked
from menus.gsm7 import fits, fold
from menus.say import fill, short_day
from menus.telling_decisions import rules_texts
from menus.telling_end import cycle_wished, share_out_wished
from menus.telling_texts import first_name, of_words, one_text, person, short_group, text_to
from menus.telling_words import brief, does, figures

__all__ = ["ask_officers", "asked_on_page", "does", "first_name", "question", "receipts", "tell", "text_to", "waiting_on_page"]


def subject(request: Request) -> int:
    """Who does what is asked: the member it is about, or of a decision of the group whoever brings it; 0 for the operator."""
    return request.member or request.asked_by


def ask_officers(book: Book, request: Request, approvers: Sequence[Approver]) -> list[Receipt]:
    """One text to each officer whose word is needed, with her own code; before it what she must know and one text cannot hold."""
    members, texts = book.members(), []
    for approver in approvers:
        officer = members[approver.officer]
        texts += [of_words(officer.number, officer.language, "ask_detail", words) for words in details(book, request, officer.language)]
        texts.append(_fitting(book, request, officer, "ask_officer", code=approver.code))
    return texts


def details(book: Book, request: Request, language: str) -> list[str]:
    """What an officer is told before she is asked."""
    match request:
        case CloseMeeting():
            return telling_asked.differences(book, request, language)
        case Leave():
            return telling_asked.leaving(book, request, language)
        case ChangeRules():
            return rules_texts(book, "rules_wished", request, book.constitution, Constitution.from_json(request.terms), language)
        case ShareOut():
            return share_out_wished(book, request, language)
        case StartCycle():
            return cycle_wished(book, request, language)
    return []


def _fitting(book: Book, request: Request, to: Member, name: str, **more: Figure) -> Receipt:
    """A notice about a request in one part: in fewer words, or without the reason, where all of them are too many."""
    said: dict[str, Figure] = {"group": short_group(book), "person": person(book, subject(request), to.language)} | more
    whole = {} if request.kind in DECIDED and name != "ask_officer" else {"what": does(book, request, to.language)}
    for what in (whole, {"what": brief(book, request, to.language)}):
        words = fill(name, "sms", to.language, said | what) if what else ""
        if words and one_text(words):
            break
    return of_words(to.number, to.language, name, words)


def tell(book: Book, request: Request, numbers: Sequence[int], name: str, **more: Figure) -> list[Receipt]:
    """The same notice to several members, each in her language."""
    members = book.members()
    heard = (members[number] for number in dict.fromkeys(numbers) if number in members)
    return [_fitting(book, request, member, name, **more) for member in heard]


def receipts(book: Book, request: Request, entry: Entry, receipt_no: int, on: date) -> list[Receipt]:
    """The member's receipt: what was booked and where she stands after it. `book` is read before the entry is posted."""
    member = book.member(request.member)
    assert member is not None, "judged before"
    said: dict[str, Figure] = {"group": short_group(book), "receipt": receipt_no, "day": short_day(on), "number": member.number}
    more = figures(book, request, member.language) | _after(book, request, entry, on)
    return [text_to(member, "receipt", f"receipt_{request.kind}", said | more)]


def _after(book: Book, request: Request, entry: Entry, on: date) -> dict[str, Figure]:
    """Where the member stands once the entry is posted."""
    match request:
        case BuyShares():
            held, paid = book.shares(request.member)
            return {"all_units": held + request.units, "savings": book.money(paid + entry.total)}
        case Repay():
            return _after_repayment(book, request, entry, on)
        case GrantLoan():
            given = terms_of(book, request, on)
            return {"owed": book.money(given.principal + given.opening_charge)}
        case Recover():
            return {"owed": book.money(book.written_off(request.member).get(request.loan_no, 0) - request.amount)}
        case PayOut():
            return {"owed": book.money(-book.balance(account(Kind.PAYABLE, request.member)) - request.amount)}
    return {}


def _after_repayment(book: Book, request: Repay, entry: Entry, on: date) -> dict[str, Figure]:
    """The split as booked, and what is owed today with this payment counted."""
    charge, principal = (sum(line.amount for line in entry.lines if line.reason is why) for why in (Reason.SERVICE_CHARGE, Reason.PRINCIPAL))
    loan = loan_of(book, request)
    now = loan.at(book.group.today, loans.Payment(on, charge + principal))
    return {"charge": book.money(charge), "principal": book.money(principal), "owed": book.money(now.owed)}


# ---------------------------------------------------------------- on the screens of who is asked


def waiting_on_page(book: Book, request: Request, language: str) -> dict[str, Figure]:
    """Who and what, shortly: a line of the list."""
    return {"person": person(book, subject(request), language), "what": brief(book, request, language)}


def asked_on_page(book: Book, request: Request, language: str, room: int) -> dict[str, Figure]:
    """Who, what and the question, in at most `room` characters of the page."""
    said = waiting_on_page(book, request, language) | {"question": fill(question(request), "page", language, {})}
    whole = said | {"what": does(book, request, language)}
    page = fold(fill("decide", "page", language, whole))
    return whole if len(page) <= room and fits(page) else said


def question(request: Request) -> str:
    """What the officer is asked: whether money came in, went out, or whether she agrees."""
    if request.kind in DECIDED or request.kind in ABOUT_PEOPLE:
        return "agree"
    return "money_out" if isinstance(request, GrantLoan | PayOut) else "money_in"
