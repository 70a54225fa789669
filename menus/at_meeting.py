"""What is known while a meeting is open, and the words for what was noted at it."""

from __future__ import annotations

from ledger import meetings
from ledger.books import Book, LoanNow
from ledger.checks import Figure, Refused
from ledger.commands import BuyShares, Entrust, Move, RedeemShares, Request
from ledger.meetings import Meeting
from ledger.reckoning import OF_THE_GROUP, Reckoned
from menus.notices import first_name
from menus.say import fill
from menus.state import Ctx
from menus.texts import catalogue, label


def the_meeting(ctx: Ctx) -> Meeting:
    """The open meeting of the book in use."""
    meeting = meetings.open_now(ctx.book.conn, ctx.me.group_id)
    if meeting is None:
        raise Refused("no_meeting")
    return meeting


def so_far(ctx: Ctx) -> Reckoned:
    """The meeting with everything that has been noted; its tally answers like the book, as it would be after the close."""
    return meetings.so_far(ctx.book.conn, the_meeting(ctx))


def loan_of(book: Book, member: int, loan_no: int) -> LoanNow:
    """A running loan of hers."""
    for loan in book.loans(member):
        if loan.loan_no == loan_no:
            return loan
    raise Refused("nothing_owed")


def named(book: Book, number: int, language: str) -> str:
    """A member by number and the name she is called by: `No.7 Nga`."""
    return fill("member_is", "page", language, {"number": number, "name": first_name(book.member(number), book.group.country)})


def word(name: str, language: str) -> str:
    """A word of one of our lists in the reader's language; what somebody typed stays as it is.

    >>> word("funeral", "fr"), word("new roof", "fr")
    ('deuil', 'new roof')
    """
    known = (f"word_{name}", "label", language) in catalogue()
    return label(f"word_{name}", language) if known else name.replace("_", " ")


def what(book: Book, request: Request, language: str) -> str:
    """What was noted, without whom it is about: `3 shares = 60.000d`."""
    name = f"noted_{request.kind}"
    match request:
        case BuyShares(catch_up=True):
            name = "noted_catch_up"
        case Move(to_bank=to_bank):
            name = "noted_to_bank" if to_bank else "noted_from_bank"
        case Entrust(back=True):
            name = "noted_entrust_back"
    return fill(name, "page", language, _figures(book, request, language))


def _figures(book: Book, request: Request, language: str) -> dict[str, Figure]:
    """Everything a sentence about a note may want, as far as this kind of note has it."""
    found: dict[str, Figure] = {}
    for name in ("amount", "interest", "charge"):
        if hasattr(request, name):
            found[name] = book.money(getattr(request, name))
    if isinstance(request, BuyShares | RedeemShares):
        found |= {"units": request.units, "amount": book.money(request.units * book.constitution.share_price)}
    if hasattr(request, "due_on"):
        found["due"] = request.due_on
    if hasattr(request, "fund"):
        found["fund"] = label(f"fund_{request.fund}", language)
    said = next((getattr(request, name) for name in ("status", "why", "what") if hasattr(request, name)), "")
    return found | {"word": word(str(said), language)}


def line(book: Book, request: Request, language: str) -> str:
    """A note as one line of a list: `No.7 Nga: 3 shares = 60.000d`."""
    said = what(book, request, language)
    if request.kind in OF_THE_GROUP:
        return said
    return fill("note_line", "page", language, {"member": named(book, request.member, language), "what": said})
