"""Shares of everybody in one row of digits: read back with the members' numbers, in as many pages as it takes, before the total."""

from __future__ import annotations

from collections.abc import Mapping

from ledger import meetings
from ledger.checks import Figure
from ledger.commands import BuyShares
from menus import noting
from menus.at_meeting import the_meeting
from menus.facts_noting import listed
from menus.gsm7 import fold, units
from menus.kinds import Item
from menus.pages import BACK, HOME, numbered
from menus.say import fill
from menus.state import Ctx
from menus.texts import label

PAGE_MAX = 160


def one_or_all(ctx: Ctx) -> str:
    """One member's shares, or everybody's: then what was noted before for some of them is said first."""
    if ":" not in noting.said(ctx, "member"):
        return "note_shares_count"
    return "note_row_again" if _twice(ctx) else "note_row_read"


def _twice(ctx: Ctx) -> list[int]:
    bought = {request.member for request in the_meeting(ctx).requests() if isinstance(request, BuyShares)}
    return [number for number, count in noting.row(ctx).items() if count and number in bought]


def already(ctx: Ctx) -> Mapping[str, Figure]:
    """Whose shares have been noted at this meeting."""
    return {"members": listed(_twice(ctx))}


def _pairs(ctx: Ctx) -> list[str]:
    """What has not been read back yet."""
    pairs = noting.said(ctx, "member").split(",")
    seen, _, whose = str(ctx.state.data.get("part", "")).partition("@")
    return pairs[int(seen) :] if whose == noting.said(ctx, "member") else pairs


def _total(ctx: Ctx) -> dict[str, Figure]:
    count = sum(noting.row(ctx).values())
    return {"units": count, "amount": ctx.book.money(ctx.book.constitution.share_price).times(count)}


def _room(ctx: Ctx, name: str, figures: Mapping[str, Figure], labels: tuple[str, ...]) -> int:
    """Septets left on a page for the row."""
    choices = [numbered(str(at), label(one, ctx.language)) for at, one in enumerate(labels, 1)]
    ways = [numbered(key, label(one, ctx.language)) for key, one in ((BACK, "back"), (HOME, "start"))]
    return PAGE_MAX - units(fold("\n".join([fill(name, "page", ctx.language, {"row": "", **figures}), *choices, *ways])))[1]


def rest_fits(ctx: Ctx) -> str:
    """What is left is read back above Yes and No where it fits there."""
    left = units(" ".join(_pairs(ctx)))[1]
    return "note_row_confirm" if left <= _room(ctx, "note_row_confirm", _total(ctx), ("yes", "no")) else "note_row_part"


def _taken(ctx: Ctx) -> list[str]:
    pairs, room = _pairs(ctx), _room(ctx, "note_row_part", {}, ("right",))
    count = len(pairs) - 1  # the last is always left for the page with the total
    while len(" ".join(pairs[:count])) > room:
        count -= 1
    return pairs[:count]


def part(ctx: Ctx) -> Mapping[str, Figure]:
    """As many members as the page holds."""
    return {"row": " ".join(_taken(ctx))}


def next_part(ctx: Ctx) -> list[Item]:
    """One key to go on: behind the members read back so far, of just this row."""
    row = noting.said(ctx, "member")
    seen = len(row.split(",")) - len(_pairs(ctx)) + len(_taken(ctx))
    return [Item(label("right", ctx.language), f"{seen}@{row}")]


def rest(ctx: Ctx) -> Mapping[str, Figure]:
    """The last members, and the total of all. Raises checks.Refused when the meeting would not take it."""
    meetings.check_notes(ctx.book.conn, ctx.book, noting.shares_in_a_row(ctx).requests)
    return {"row": " ".join(_pairs(ctx)), **_total(ctx)}
