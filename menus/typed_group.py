"""What may be typed on the group's own pages: codes, receipts, answers in words, right figures, starting shares."""

from __future__ import annotations

from ledger import checkcode, checks, disputes
from ledger.checks import Refused
from menus import facts_disputes, facts_ending
from menus.facts_disputes import ANSWER_MAX
from menus.gsm7 import fold, units
from menus.state import Ctx
from menus.telling_words import IN_UNITS
from menus.typed import amount, whole_number
from menus.typed_meeting import count, member

ENTRY_MAX = 9_999_999
STARTING_MAX = 1_000  # shares of one member at the start of a cycle


def check_code(answer: str, ctx: Ctx) -> str:
    """A check code, however it is written."""
    code = checkcode.read(answer)
    if code is None:
        raise Refused("not_a_code")
    return checkcode.code_of(code)


def my_receipt(answer: str, ctx: Ctx) -> int:
    """The number of a receipt that concerns the caller, or her own number for the last one."""
    number = whole_number(answer)
    found = disputes.entry_meant(ctx.book.conn, ctx.me.group_id, ctx.me.member, number) if number <= ENTRY_MAX else None
    if found is None:
        raise Refused("not_your_entry", number=number)
    return found


def receipt(answer: str, ctx: Ctx) -> int:
    """The number of any receipt of the group."""
    number = whole_number(answer)
    if number > ENTRY_MAX:
        raise Refused("no_such_receipt", number=number)
    facts_disputes.happened(ctx, number)
    return number


def words(answer: str, ctx: Ctx) -> str:
    """An answer in words, short enough for one text."""
    if not answer.isprintable() or not answer or units(fold(answer))[1] > ANSWER_MAX:
        raise Refused("answer_limit", most=ANSWER_MAX)
    return answer


def right(answer: str, ctx: Ctx) -> int:
    """What an item should have been: shares, else money."""
    item, _ = facts_disputes.picked(ctx)
    return whole_number(answer) if item in IN_UNITS else amount(answer, ctx)


def counted(answer: str, ctx: Ctx) -> int:
    """Money, nothing included."""
    return count(answer, ctx)


def leaver(answer: str, ctx: Ctx) -> int:
    """A member who is in the group."""
    return member(answer, ctx)


def old_debt(answer: str, ctx: Ctx) -> int:
    """At most what is left of it."""
    minor = amount(answer, ctx)
    owed = ctx.book.written_off(ctx.me.member).get(ctx.number("loan"), 0)
    if minor > owed:
        raise Refused("more_than_owed", owed=ctx.book.money(owed))
    return minor


def starting_each(answer: str, ctx: Ctx) -> int:
    """Shares that everybody starts with."""
    number = whole_number(answer)
    if number > STARTING_MAX:
        raise Refused("shares_limit", most=STARTING_MAX)
    checks.check_amount(ctx.book, number * ctx.book.constitution.share_price, least=0)
    return number


def starting_one(answer: str, ctx: Ctx) -> str:
    """Shares that one member starts with, beside what was typed for others: `7:3,12:0`."""
    found = facts_ending.named_units(ctx) | {ctx.number("starter"): starting_each(answer, ctx)}
    return ",".join(f"{number}:{units}" for number, units in found.items())
