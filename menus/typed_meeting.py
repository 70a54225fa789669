"""What may be typed at a meeting: counts, members' numbers, amounts that the book as noted so far allows."""

from __future__ import annotations

import re

from ledger import checks, meetings
from ledger.books import Book
from ledger.checks import Refused
from menus import noting
from menus.at_meeting import loan_of, so_far, the_meeting
from menus.gsm7 import fold, units
from menus.state import Ctx, with_data
from menus.typed import amount, money, whole_number

NUMBERS_MAX = 8  # members in one answer
WORDS_MAX = 24  # septets of what somebody types in words
_UNITS = re.compile(r"[0-9]{1,4}")
_ROW = re.compile(r"[0-9]+")
_APART = re.compile(r"[^0-9]+")
_DECIMAL = re.compile(r"[0-9]{1,9}\.[0-9]{1,2}")


def count(answer: str, ctx: Ctx) -> int:
    """Money that was counted, nothing included: `000`, because `0` is Back."""
    return money(answer, ctx.book, least=0)


def closing_count(answer: str, ctx: Ctx) -> str:
    """The last count of a meeting, with what had been noted when it was made."""
    return f"{count(answer, ctx)} {the_meeting(ctx).draft}"


def member(answer: str, ctx: Ctx) -> int:
    """The number of a member who is still in the group."""
    return _active(ctx.book, whole_number(answer))


def width(book: Book) -> int:
    """Digits of a member's number where several things are typed in one row: those of the longest number, two at least."""
    return max(2, *(len(str(number)) for number in book.members()))


def number_first(answer: str, ctx: Ctx) -> int:
    """How much of a row of keys is the member's number: up to what is no digit, or its width."""
    digits = _ROW.match(answer)
    return min(digits.end(), width(ctx.book)) if digits else len(answer)


def member_or_row(answer: str, ctx: Ctx) -> int | str:
    """The number of a member; or a digit for each who is here, in the order of their numbers, kept as `1:5,2:3,3:0`."""
    if not _ROW.fullmatch(answer) or len(answer) <= width(ctx.book):
        return member(answer, ctx)
    here = noting.here(so_far(ctx))
    if len(answer) != len(here):
        raise Refused("row_length", count=len(answer), present=len(here))
    if not int(answer):
        raise Refused("row_empty")
    row = ",".join(f"{number}:{units}" for number, units in zip(here, answer, strict=True))
    meetings.check_notes(ctx.book.conn, ctx.book, noting.shares_in_a_row(Ctx(with_data(ctx.state, "member", row), ctx.world)).requests)
    return row


def anybody(answer: str, ctx: Ctx) -> int:
    """The number of a member, also of one who left."""
    number = whole_number(answer)
    if number > 9999 or ctx.book.member(number) is None:
        raise Refused("no_such_member", number=number)
    return number


def members(answer: str, ctx: Ctx) -> str:
    """One number or several, with anything but a digit between them, or all equally long in one row (`0417`); kept as `4,9,12`."""
    return _members(answer, ctx, NUMBERS_MAX)


def _members(answer: str, ctx: Ctx, most: int) -> str:
    found = [number for number in _APART.split(_in_pieces(answer, width(ctx.book))) if number]
    if not found or not answer[0].isascii() or not answer[0].isdigit():
        raise Refused("type_members")
    wanted = sorted({_active(ctx.book, whole_number(number)) for number in found})
    if len(wanted) > most:
        raise Refused("too_many_members", most=most)
    return ",".join(str(number) for number in wanted)


def _in_pieces(answer: str, size: int) -> str:
    """A row of digits cut into numbers.

    >>> _in_pieces("0417", 2), _in_pieces("4 17", 2), _in_pieces("417", 2)
    ('04 17', '4 17', '417')
    """
    if not _ROW.fullmatch(answer) or len(answer) <= size or len(answer) % size:
        return answer
    return " ".join(answer[at : at + size] for at in range(0, len(answer), size))


def _active(book: Book, number: int) -> int:
    found = book.member(number) if number <= 9999 else None
    if found is None:
        raise Refused("no_such_member", number=number)
    if found.left:
        raise Refused("member_left", number=number)
    return number


def brought(answer: str, ctx: Ctx) -> int:
    """Shares up to the meeting's maximum, or else the money she brings; kept as money. Less than one share is refused, too many as well."""
    tally, number = so_far(ctx).tally, ctx.number("member")
    price = ctx.book.constitution.share_price
    if _UNITS.fullmatch(answer) and int(answer) <= checks.most_shares(tally):
        checks.check_units(tally, number, int(answer))
        return int(answer) * price
    money = amount(answer, ctx)
    if money < price:
        raise Refused("less_than_a_share", price=ctx.book.money(price))
    checks.check_units(tally, number, money // price)
    return money


def redeemed(answer: str, ctx: Ctx) -> int:
    """Shares she has, and does not need for her loan."""
    wanted = whole_number(answer)
    checks.check_redemption(so_far(ctx).tally, ctx.number("member"), wanted)
    return wanted


def repaid(answer: str, ctx: Ctx) -> int:
    """At most what is owed after what was noted before."""
    minor = amount(answer, ctx)
    owed = loan_of(so_far(ctx).tally, ctx.number("member"), ctx.number("loan")).now.owed
    if minor > owed:
        raise Refused("more_than_owed", owed=ctx.book.money(owed), of=ctx.number("member"))
    return minor


def given(answer: str, ctx: Ctx) -> int:
    """What the group gives: no more than she asked for and her limit allows. Whether the box holds it is asked at the close."""
    minor = amount(answer, ctx)
    if minor > ctx.number("requested"):
        raise Refused("amount_limit", most=ctx.book.money(ctx.number("requested")))
    checks.check_loan(so_far(ctx).tally, ctx.number("member"), minor, noting.fund(ctx))
    return minor


def term(answer: str, ctx: Ctx) -> str:
    """Whole periods from the day of the meeting; the due date as YYYY-MM-DD."""
    tally = so_far(ctx).tally
    periods, most = whole_number(answer), checks.longest_term(tally)
    if not 1 <= periods <= most:
        raise Refused("shares_limit", most=most)
    return checks.due_after(tally, periods).isoformat()


def guarantors(answer: str, ctx: Ctx) -> str:
    """As many other members as the constitution asks for."""
    wanted = ctx.book.constitution.guarantors
    named = _members(answer, ctx, max(wanted, NUMBERS_MAX))
    if len(named.split(",")) < wanted or str(ctx.number("member")) in named.split(","):
        raise Refused("guarantors_needed", count=wanted)
    return named


def votes(answer: str, ctx: Ctx) -> int:
    """Yes votes: no more than members who are there."""
    counted, present = whole_number(answer), so_far(ctx).present
    if not 1 <= counted <= present:
        raise Refused("shares_limit", most=present)
    return counted


def words(answer: str, ctx: Ctx) -> str:
    """A word or two, short enough to be read back."""
    if not answer.strip() or not answer.isprintable() or units(fold(answer))[1] > WORDS_MAX:
        raise Refused("words_limit", most=WORDS_MAX)
    return answer


def catch_up(answer: str, ctx: Ctx) -> int:
    """Catch-up shares: up to the member with the most."""
    wanted = whole_number(answer)
    checks.check_catch_up(so_far(ctx).tally, noting.catch_up(Ctx(with_data(ctx.state, "units", wanted), ctx.world)))
    return wanted
