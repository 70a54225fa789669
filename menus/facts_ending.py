"""What the pages about the end of a cycle need to know: the share-out as it would be, and the next cycle."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from ledger import ending
from ledger.checks import Figure, Refused
from ledger.commands import ShareOut, StartCycle
from ledger.ending import Preview
from ledger.shareout import Row
from menus.facts_group import allowed, named, officers_asked, who
from menus.kinds import Item
from menus.say import fill
from menus.state import Ctx
from menus.telling_decisions import per_share
from menus.telling_texts import bare, phrase, why_words

REASONS = ("miscounted", "missing", "found")
RESTS = ("social_fund", "carried")

# ---------------------------------------------------------------- the share-out


def share_out(ctx: Ctx) -> ShareOut:
    """The command behind the confirm page; before the count, what the book says."""
    said = ctx.state.data
    rest: Any = str(said.get("rest", ctx.book.constitution.remainder_to))
    counted = int(said.get("counted", ctx.book.cash()))
    return ShareOut(
        **who(ctx, 0), counted=counted, expenses=int(said.get("expenses", 0)), carried=int(said.get("carried", 0)), remainder_to=rest,
        why="" if counted == ctx.book.cash() else str(said.get("why", REASONS[0])),
    )  # fmt: skip


def _preview(ctx: Ctx) -> Preview:
    return ending.preview(ctx.book.conn, share_out(ctx), max(ctx.book.group.today, ctx.book.group.closed_on))


def my_share_out(ctx: Ctx) -> Mapping[str, Figure]:
    """What the caller would take home if it were shared out now, by the book's own cash."""
    sheet, money = _preview(ctx).sheet, ctx.book.money
    row = next((one for one in sheet.rows if one.member == ctx.me.member), None)
    if row is None:
        return {"line": fill("share_out_none", "page", ctx.language, {})}
    figures: dict[str, Figure] = {"units": row.units, "gross": bare(money(row.gross)), "debts": bare(money(row.set_off)), "amount": money(row.payout)}
    if sheet.value is None:
        return {"line": fill("share_out_mine_plain", "page", ctx.language, figures)}
    return {"line": fill("share_out_mine", "page", ctx.language, figures | {"value": per_share(ctx.book, sheet.value)})}


def whole_sheet(ctx: Ctx) -> Mapping[str, Figure]:
    """The sums, then a line for each member: shares, what they bring, set-off, payout."""
    sheet = _preview(ctx).sheet
    lines = [fill("share_out_sums", "page", ctx.language, _sums(ctx, sheet.pool, sheet.paid, sheet.remainder))]
    if sheet.value is not None:
        lines.append(phrase("shared_value", ctx.language, value=per_share(ctx.book, sheet.value), price=_price(ctx)))
    return {"lines": "\n".join([*lines, *(_row(ctx, row) for row in sheet.rows)])}


def _price(ctx: Ctx) -> str:
    return bare(ctx.book.money(ctx.book.constitution.share_price))


def _sums(ctx: Ctx, pool: int, paid: int, rest: int) -> dict[str, Figure]:
    return {name: bare(ctx.book.money(amount)) for name, amount in (("pool", pool), ("amount", paid), ("rest", rest))}


def _row(ctx: Ctx, row: Row) -> str:
    amounts = {"gross": row.gross, "debts": row.set_off, "amount": row.payout}
    figures: dict[str, Figure] = {name: bare(ctx.book.money(amount)) for name, amount in amounts.items()}
    return fill("share_out_row", "page", ctx.language, figures | {"number": row.member, "units": row.units})


def cash(ctx: Ctx) -> Mapping[str, Figure]:
    """What the book says is in the box. Refused at once when nothing can be shared out now."""
    _preview(ctx)
    return {"cash": ctx.book.money(ctx.book.cash())}


def plan(ctx: Ctx) -> Mapping[str, Figure]:
    """The share-out as it is being put together."""
    wish = share_out(ctx)
    amounts = {"counted": wish.counted, "expenses": wish.expenses, "carried": wish.carried}
    return {name: bare(ctx.book.money(amount)) for name, amount in amounts.items()}


def rest_items(ctx: Ctx) -> list[Item]:
    """Where the remainder may go."""
    return [Item(phrase(f"value_{rest}", ctx.language), rest) for rest in RESTS]


def compare(ctx: Ctx) -> str:
    """A difference between count and book needs a reason."""
    return "share_out_confirm" if ctx.number("counted") == ctx.book.cash() else "share_out_why"


def why_items(ctx: Ctx) -> list[Item]:
    """Why the count differs."""
    return [Item(why_words(why, ctx.language), why) for why in REASONS]


def difference(ctx: Ctx) -> Mapping[str, Figure]:
    """Counted less expected."""
    return {"amount": ctx.book.money(ctx.number("counted") - ctx.book.cash())}


def sharing_out(ctx: Ctx) -> Mapping[str, Figure]:
    """What would be paid, and what is left over."""
    allowed(ctx, share_out(ctx))
    sheet = _preview(ctx).sheet
    return {"amount": ctx.book.money(sheet.paid), "rest": ctx.book.money(sheet.remainder)}


def share_out_asked(ctx: Ctx) -> Mapping[str, Figure]:
    """Who will be asked."""
    return officers_asked(ctx, share_out(ctx))


# ---------------------------------------------------------------- the next cycle


def start_cycle(ctx: Ctx) -> StartCycle:
    """The command behind the confirm page: as long as the last cycle, by the same rules; planned days of the old cycle say nothing about it."""
    group = ctx.book.group
    start = max(group.today, group.cycle_start + timedelta(days=1))
    terms = ctx.book.constitution.as_json()
    terms.pop("meeting_dates", None)
    return StartCycle(
        **who(ctx, 0), number=group.cycle_number + 1, starts_on=start, ends_on=start + (group.cycle_end - group.cycle_start), terms=terms,
        starting=tuple(starting(ctx).items()),
    )  # fmt: skip


def starting(ctx: Ctx) -> dict[int, int]:
    """{member: shares she starts with}: the same for all, except where one was named."""
    each = int(ctx.state.data.get("each", 0))
    found = {member.number: each for member in ctx.book.members().values() if not member.left} | named_units(ctx)
    return {number: units for number, units in found.items() if units}


def named_units(ctx: Ctx) -> dict[int, int]:
    """What was typed for single members."""
    pairs = (pair.partition(":") for pair in str(ctx.state.data.get("starting", "")).split(",") if pair)
    return {int(number): int(units) for number, _, units in pairs}


def cycle(ctx: Ctx) -> Mapping[str, Figure]:
    """The next cycle as it is being put together."""
    if not ctx.book.group.shared_out:
        raise Refused("cycle_runs")
    wish = start_cycle(ctx)
    return {"due": wish.starts_on, "latest": wish.ends_on} | _sizes(ctx, wish)


def _sizes(ctx: Ctx, wish: StartCycle) -> dict[str, Figure]:
    units = sum(count for _, count in wish.starting)
    return {"count": wish.number, "units": units, "amount": ctx.book.money(units * ctx.book.constitution.share_price)}


def starter(ctx: Ctx) -> Mapping[str, Figure]:
    """Whose starting shares are asked for."""
    return {"person": named(ctx, ctx.number("starter"))}


def starting_cycle(ctx: Ctx) -> Mapping[str, Figure]:
    """What the next cycle begins with."""
    wish = start_cycle(ctx)
    allowed(ctx, wish)
    return _sizes(ctx, wish)


def cycle_asked(ctx: Ctx) -> Mapping[str, Figure]:
    """Who will be asked."""
    return officers_asked(ctx, start_cycle(ctx))
