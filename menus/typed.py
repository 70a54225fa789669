"""What a typed answer must look like. ASCII digits after NFKC; whatever is accepted is shown back before it counts."""

from __future__ import annotations

import re
import unicodedata

from ledger import checks
from ledger.books import Book
from ledger.checks import Refused
from ledger.money import DIGITS_MAX, minor_units
from menus.facts import the_loan
from menus.facts_mine import check_wish
from menus.state import Ctx

ANSWER_MAX = 160  # characters of one answer that are looked at
_DIGITS = re.compile(rf"[0-9]{{1,{DIGITS_MAX}}}")
_DECIMAL = re.compile(rf"[0-9]{{1,{DIGITS_MAX}}}\.[0-9]{{1,2}}")


def clean(answer: str) -> str:
    """The answer without look-alike digits and stray spaces, cut to a bearable length."""
    return unicodedata.normalize("NFKC", answer[:ANSWER_MAX]).strip()


def whole_number(answer: str) -> int:
    """Up to nine ASCII digits. Raises Refused.

    >>> whole_number("520000")
    520000
    """
    if not _DIGITS.fullmatch(answer):
        raise Refused("type_number")
    return int(answer)


def shares(answer: str, ctx: Ctx) -> int:
    """A number of shares within the constitution's maximum."""
    units = whole_number(answer)
    checks.check_units(ctx.book, ctx.me.member, units)
    return units


def amount(answer: str, ctx: Ctx) -> int:
    """An amount in whole currency units (two decimals where the currency has them), as minor units."""
    return money(answer, ctx.book)


def money(answer: str, book: Book, least: int = 1) -> int:
    """The same for whoever has no call at hand. Raises Refused."""
    try:
        minor = minor_units(answer if _DECIMAL.fullmatch(answer) else str(whole_number(answer)), book.group.currency)
    except ValueError:
        raise Refused("type_number") from None
    checks.check_amount(book, minor, least=least)
    return minor


def repayment(answer: str, ctx: Ctx) -> int:
    """At most what is owed; more is refused with the exact debt."""
    minor = amount(answer, ctx)
    checks.check_repayment(ctx.book, the_loan(ctx), minor)
    return minor


def member_number(answer: str, ctx: Ctx) -> int:
    """The number of a member of this group."""
    number = whole_number(answer)
    if number > 9999 or ctx.book.member(number) is None:
        raise Refused("no_such_member", number=number)
    return number


def loan_amount(answer: str, ctx: Ctx) -> int:
    """An amount the borrower's limit and the cash box allow."""
    minor = amount(answer, ctx)
    checks.check_loan(ctx.book, ctx.number("borrower"), minor)
    return minor


def wished(answer: str, ctx: Ctx) -> int:
    """An amount that her shares allow."""
    minor = amount(answer, ctx)
    check_wish(ctx.book, ctx.me.member, minor)
    return minor


def term(answer: str, ctx: Ctx) -> str:
    """Whole periods, so that the loan falls due in time; the due date, which midnight does not move, as YYYY-MM-DD."""
    periods, most = whole_number(answer), checks.longest_term(ctx.book)
    if not 1 <= periods <= most:
        raise Refused("shares_limit", most=most)
    return checks.due_after(ctx.book, periods).isoformat()
