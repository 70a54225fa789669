"""From what a member asks by text to the command her keypad would have sent, and the words that read it back to her."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from ledger import checks, deciding, loans
from ledger.books import Book, LoanNow
from ledger.checks import Figure, Refused
from ledger.commands import BuyShares, PayFine, PaySocialFund, Repay, Request, Wish
from ledger.recent import asked_lately
from menus import amounts
from menus.facts_group import offices_asked
from menus.facts_mine import check_wish, may_borrow, who_may_call
from menus.say import fill
from menus.state import Membership
from menus.telling_texts import bare, phrase, short_group
from menus.wanted import Wanted

LOANS_NAMED = 3
Asking = Request | Wish


def command(book: Book, who: Membership, wanted: Wanted, number: UUID) -> Asking:
    """What she asks for, under this id. Raises Refused: the number is not plain, her loan is not named, or the rules say no."""
    asking = _wish(book, who, wanted, number) if wanted.kind in ("borrow", "call") else _request(book, who, wanted, number)
    if isinstance(asking, Request):
        deciding.judge(book.conn, book, asking, deciding.posting_day(book, asking, book.group.today))
        checks.approvers(book, asking)
    return asking


def _request(book: Book, who: Membership, wanted: Wanted, number: UUID) -> Request:
    about: dict[str, Any] = {"id": number, "group_id": who.group_id, "member": who.member, "asked_by": who.member}
    match wanted.kind:
        case "buy":
            return BuyShares(**about, units=_units(wanted.typed))
        case "social_fund":
            return PaySocialFund(**about, amount=_amount(book, wanted.typed))
        case "fine":
            return PayFine(**about, amount=_amount(book, wanted.typed))
        case "repay":
            typed, loan_no = amounts.loan_number(wanted.typed)
            return Repay(**about, loan_no=_loan(book, who.member, loan_no), amount=_amount(book, typed))
    raise ValueError(f"no request {wanted.kind}")


def _wish(book: Book, who: Membership, wanted: Wanted, number: UUID) -> Wish:
    if wanted.kind == "call":
        if wanted.typed:
            raise Refused("amount_unclear")
        who_may_call(book, who.member)
        return Wish(id=number, group_id=who.group_id, member=who.member, what="call")
    may_borrow(book, who.member)
    amount = _amount(book, wanted.typed)
    check_wish(book, who.member, amount)
    return Wish(id=number, group_id=who.group_id, member=who.member, what="loan", amount=amount)


def _amount(book: Book, typed: str) -> int:
    try:
        minor = amounts.amount(typed, book.group.currency)
    except ValueError:
        raise Refused("amount_unclear") from None
    checks.check_amount(book, minor)
    return minor


def _units(typed: str) -> int:
    try:
        return amounts.units(typed)
    except ValueError:
        raise Refused("amount_unclear") from None


def _loan(book: Book, member: int, named: int) -> int:
    """Her only running loan, or the one she named."""
    running = book.loans(member)
    if not running:
        raise Refused("nothing_owed")
    found = [loan for loan in running if named in (0, loan.loan_no)]
    if len(found) != 1:
        raise Refused("say_which_loan", row=", ".join(f"{loan.loan_no}: {_owed(book, loan)}" for loan in running[:LOANS_NAMED]))
    return found[0].loan_no


def _owed(book: Book, loan: LoanNow) -> str:
    return bare(book.money(loan.now.owed))


# ---------------------------------------------------------------- in words


def read_back(book: Book, asking: Asking, code: str, language: str) -> str:
    """What would be sent, and how to say yes to it."""
    twin = isinstance(asking, Request) and asked_lately(book.conn, asking)
    said: dict[str, Figure] = {"group": short_group(book), "twin": fill("twin", "page", language, {}) if twin else "", "code": code}
    return phrase(f"read_{_name(asking)}", language, **said, **_figures(book, asking))


def _figures(book: Book, asking: Asking) -> Mapping[str, Figure]:
    match asking:
        case BuyShares(units=units):
            return {"units": units, "total": book.money(book.constitution.share_price).times(units)}
        case Repay(amount=amount):
            charge, principal = loans.settle(checks.loan_of(book, asking).now, amount)
            return {"amount": book.money(amount), "charge": book.money(charge), "principal": book.money(principal)}
        case PaySocialFund(amount=amount) | PayFine(amount=amount) | Wish(what="loan", amount=amount):
            return {"amount": book.money(amount)}
    return {"name": who_may_call(book, asking.member)}


def sent(book: Book, asking: Asking, language: str) -> str:
    """What the last page of a call would say."""
    if isinstance(asking, Wish):
        return fill(f"wish_{asking.what}_sent", "page", language, {})
    return fill("sent", "page", language, {"who": offices_asked(book, asking, language)})


def mark(asking: Asking) -> str:
    """What she saw, in a few letters: her OK counts for that and nothing else."""
    return asking.body_hash().hex()[:16] if isinstance(asking, Request) else f"{asking.what}{asking.amount}"


def _name(asking: Asking) -> str:
    return f"wish_{asking.what}" if isinstance(asking, Wish) else asking.kind
