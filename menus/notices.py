"""The texts that go out: who is told what, in her own language, with the number of parts counted before it is stored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from ledger import loans
from ledger.books import Book, Member
from ledger.checks import Figure, loan_of
from ledger.commands import BuyShares, GrantLoan, PayFine, PaySocialFund, Repay, Request
from ledger.entry import Entry, Reason
from ledger.journal import Receipt
from ledger.requests import Approver
from menus.gsm7 import fold, segments, units
from menus.say import fill, short_day

NAME_MAX = 12
FAMILY_NAME_FIRST = ("VN", "KH")
GROUP_MAX = 16


def text_to(member: Member, purpose: str, name: str, figures: dict[str, Figure]) -> Receipt:
    """A text to a member in her language, folded to the alphabet of texts."""
    text = fold(fill(name, "sms", member.language, figures))
    return Receipt(member.number, purpose, text, units(text)[0], segments(text))


def does(book: Book, request: Request, language: str) -> str:
    """What a request does, in words: `repays 520.000d`."""
    return fill(f"does_{request.kind}", "sms", language, _figures(book, request))


def _figures(book: Book, request: Request) -> dict[str, Figure]:
    match request:
        case BuyShares():
            return {"units": request.units, "total": book.money(book.constitution.share_price).times(request.units)}
        case GrantLoan():
            return {"amount": book.money(request.amount), "due": request.due_on}
        case PaySocialFund() | PayFine() | Repay():
            return {"amount": book.money(request.amount)}
    raise TypeError(f"no words for {type(request).__name__}")


def first_name(member: Member | None, country: str) -> str:
    """How a member is named on screens and in texts: the name she is called by, never long enough to push a figure out.

    >>> first_name(Member(12, "Nguyễn Thị Hoa", "vi", ()), "VN"), first_name(Member(7, "Wanjiku Kamau", "sw", ()), "KE")
    ('Hoa', 'Wanjiku')
    """
    names = member.name.split() if member else []
    return names[-1 if country in FAMILY_NAME_FIRST else 0][:NAME_MAX] if names else ""


def short_group(book: Book) -> str:
    """The group's name as texts begin with it."""
    return book.group.name[:GROUP_MAX].strip()


def about(book: Book, request: Request, language: str) -> dict[str, Figure]:
    """Group, number, first name and what: the figures every notice about a request has."""
    member = book.member(request.member)
    return {
        "group": short_group(book),
        "number": request.member,
        "name": first_name(member, book.group.country),
        "what": does(book, request, language),
    }


def ask_officers(book: Book, request: Request, approvers: Sequence[Approver]) -> list[Receipt]:
    """One text to each officer whose word is needed, with her own code."""
    members = book.members()
    return [
        text_to(members[a.officer], "ask_officer", "ask_officer", about(book, request, members[a.officer].language) | {"code": a.code})
        for a in approvers
    ]


def tell(book: Book, request: Request, numbers: Sequence[int], name: str, **figures: Figure) -> list[Receipt]:
    """The same notice to several members, each in her language."""
    members = book.members()
    heard = (members[number] for number in dict.fromkeys(numbers) if number in members)
    return [text_to(m, name, name, about(book, request, m.language) | figures) for m in heard]


def receipts(book: Book, request: Request, entry: Entry, receipt_no: int, on: date) -> list[Receipt]:
    """The member's receipt: what was booked and where she stands after it. `book` is read before the entry is posted."""
    member = book.member(request.member)
    assert member is not None, "judged before"
    figures: dict[str, Figure] = {"group": short_group(book), "receipt": receipt_no, "day": short_day(on), "number": member.number}
    return [text_to(member, "receipt", f"receipt_{request.kind}", figures | _figures(book, request) | _after(book, request, entry, on))]


def _after(book: Book, request: Request, entry: Entry, on: date) -> dict[str, Figure]:
    """Where the member stands once the entry is posted."""
    match request:
        case BuyShares():
            held, paid = book.shares(request.member)
            return {"all_units": held + request.units, "savings": book.money(paid + entry.total)}
        case Repay():
            return _after_repayment(book, request, entry, on)
        case GrantLoan():
            terms = book.constitution
            given = loans.granted(request.amount, terms.charge_method, terms.charge_rate_bp, terms.charge_period, on, request.due_on)
            return {"owed": book.money(given.principal + given.opening_charge)}
    return {}


def _after_repayment(book: Book, request: Repay, entry: Entry, on: date) -> dict[str, Figure]:
    """The split as booked, and what is owed today with this payment counted."""
    charge, principal = (sum(line.amount for line in entry.lines if line.reason is why) for why in (Reason.SERVICE_CHARGE, Reason.PRINCIPAL))
    loan = loan_of(book, request)
    now = loans.position(loan.terms, [*loan.payments, loans.Payment(on, charge, principal)], book.group.today)
    return {"charge": book.money(charge), "principal": book.money(principal), "owed": book.money(now.owed)}
