"""From what was asked on the way to what is noted: one short function for each thing that can happen at a meeting."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID, uuid5

from ledger.commands import (
    Attend,
    BorrowOutside,
    BuyShares,
    ChargeFine,
    Entrust,
    Grant,
    GrantLoan,
    Move,
    Note,
    NoteMany,
    PayFine,
    PayOut,
    PaySocialFund,
    ReceiveOther,
    Recover,
    RedeemShares,
    Repay,
    RepayOutside,
    Request,
    RollOver,
    Spend,
    WaiveFine,
)  # fmt: skip
from ledger.reckoning import Reckoned
from menus.state import Ctx

Maker = Callable[[Ctx], Request]
OTHER = "other"  # on a list: none of these
NOT_YET = UUID(int=0)  # the id of what is only worked out, before its confirm page is shown


def note(maker: Maker) -> Callable[[Ctx], Note]:
    """The command behind a confirm page that notes one thing."""
    return lambda ctx: Note(request=maker(ctx))


def _of(ctx: Ctx, member: int | None = None) -> dict[str, Any]:
    """Who it is about and who notes it; the member asked for, unless said otherwise."""
    number = ctx.number("member") if member is None else member
    return {"id": ctx.command_id if ctx.state.command_id else NOT_YET, "group_id": ctx.me.group_id, "member": number, "asked_by": ctx.me.member}


def _of_the_group(ctx: Ctx) -> dict[str, Any]:
    return _of(ctx, ctx.me.member)


def _many(ctx: Ctx, about: Callable[[int, dict[str, Any]], Request], members: list[int]) -> NoteMany:
    """One note for each; the first has the id of the page, the others' follow from it, so that a repeat makes the same."""
    first = _of(ctx, 0)["id"]
    ids = [first, *(uuid5(first, str(number)) for number in members[1:])]
    return NoteMany(tuple(about(number, _of(ctx, number) | {"id": id}) for number, id in zip(members, ids, strict=True)))


def said(ctx: Ctx, name: str) -> str:
    """An answer that is no number."""
    return str(ctx.state.data[name])


def numbers(ctx: Ctx) -> list[int]:
    """The member numbers that were typed in one answer."""
    return [int(number) for number in said(ctx, "numbers").split(",")]


def attend(ctx: Ctx) -> NoteMany:
    """How some members are there, or are not."""
    status: Any = said(ctx, "status")
    return _many(ctx, lambda _, about: Attend(**about, status=status), numbers(ctx))


# ---------------------------------------------------------------- social fund, shares, fines


def due(ctx: Ctx) -> dict[int, int]:
    """{member: what she pays}, as it was worked out when the page was shown."""
    pairs = (pair.split(":") for pair in said(ctx, "due").split(","))
    return {int(number): int(amount) for number, amount in pairs}


def contributions(ctx: Ctx) -> NoteMany:
    """Today's contribution of everybody on the list."""
    amounts = due(ctx)
    return _many(ctx, lambda number, about: PaySocialFund(**about, amount=amounts[number]), list(amounts))


def contribution(ctx: Ctx) -> PaySocialFund:
    """The amount from the list, or the one typed."""
    picked = said(ctx, "contribution")
    return PaySocialFund(**_of(ctx), amount=ctx.number("amount") if picked == OTHER else int(picked))


def brought(ctx: Ctx) -> tuple[int, int]:
    """(whole shares, change) of the money she brings."""
    return divmod(ctx.number("brought"), ctx.book.constitution.share_price)


def shares(ctx: Ctx) -> BuyShares:
    """Whole shares for the money she brings."""
    return BuyShares(**_of(ctx), units=brought(ctx)[0])


def here(done: Reckoned) -> list[int]:
    """The members in the room, in the order of their numbers."""
    return sorted(number for number, how in done.presence.items() if how in ("present", "late"))


def row(ctx: Ctx) -> dict[int, int]:
    """{member: shares}, nothing included, as typed in one row."""
    pairs = (pair.split(":") for pair in said(ctx, "member").split(","))
    return {int(number): int(units) for number, units in pairs}


def shares_in_a_row(ctx: Ctx) -> NoteMany:
    """The shares of everybody who buys some."""
    bought = {number: units for number, units in row(ctx).items() if units}
    return _many(ctx, lambda number, about: BuyShares(**about, units=bought[number]), list(bought))


def catch_up(ctx: Ctx) -> BuyShares:
    """Shares that bring a late joiner level."""
    return BuyShares(**_of(ctx), units=ctx.number("units"), catch_up=True)


def redeemed(ctx: Ctx) -> RedeemShares:
    """Shares sold back."""
    return RedeemShares(**_of(ctx), units=ctx.number("units"))


def fine_paid(ctx: Ctx) -> PayFine:
    """A fine paid."""
    return PayFine(**_of(ctx), amount=ctx.number("amount"))


def fine_charged(ctx: Ctx) -> ChargeFine:
    """A fine of the constitution's table, or an amount typed."""
    why = said(ctx, "fine")
    return ChargeFine(**_of(ctx), why=why, amount=ctx.book.constitution.fines[why] if why != OTHER else ctx.number("amount"))


def fine_waived(ctx: Ctx) -> WaiveFine:
    """A fine let go."""
    return WaiveFine(**_of(ctx), amount=ctx.number("amount"))


# ---------------------------------------------------------------- loans


def repaid(ctx: Ctx) -> Repay:
    """A repayment."""
    return Repay(**_of(ctx), loan_no=ctx.number("loan"), amount=ctx.number("amount"))


def fund(ctx: Ctx) -> Any:
    """The money a loan comes from; only asked where there is a choice."""
    return ctx.state.data.get("lender", "loan_fund")


def given(ctx: Ctx) -> int:
    """What the group gives: what she asked for, or less."""
    return ctx.number("requested") if said(ctx, "granted") != OTHER else ctx.number("less")


def loan(ctx: Ctx) -> GrantLoan:
    """A loan as it was agreed; before its votes are known, without them."""
    data, asked = ctx.state.data, ctx.number("requested")
    return GrantLoan(
        **_of(ctx), amount=given(ctx), due_on=date.fromisoformat(said(ctx, "due_on")), requested=asked if asked != given(ctx) else 0,
        purpose=said(ctx, "purpose"), guarantors=tuple(int(one) for one in str(data.get("guarantors", "")).split(",") if one),
        pledge=str(data.get("pledge", "")), votes=int(data.get("votes", 0)), fund=fund(ctx),
    )  # fmt: skip


def rolled(ctx: Ctx) -> RollOver:
    """A loan runs on."""
    return RollOver(**_of(ctx), loan_no=ctx.number("loan"), due_on=date.fromisoformat(said(ctx, "due_on")))


def recovered(ctx: Ctx) -> Recover:
    """Money on a debt that had been given up."""
    return Recover(**_of(ctx), loan_no=ctx.number("loan"), amount=ctx.number("amount"))


# ---------------------------------------------------------------- the group's own


def spent(ctx: Ctx) -> Spend:
    """An expense of either fund."""
    picked, box = said(ctx, "what"), said(ctx, "spender")
    what = said(ctx, "words") if picked == OTHER else picked
    return Spend(**_of_the_group(ctx), amount=ctx.number("amount"), what=what, fund="social_fund" if box == "social_fund" else "loan_fund")


def grant(ctx: Ctx) -> Grant:
    """Help from the social fund."""
    return Grant(**_of(ctx), amount=ctx.number("amount"), what=said(ctx, "what"))


def moved(ctx: Ctx) -> Move:
    """To the bank or from it; `bank` is `to_` or `from_` and the fund."""
    way, _, box = said(ctx, "bank").partition("_")
    return Move(**_of_the_group(ctx), amount=ctx.number("amount"), to_bank=way == "to", fund="social_fund" if box == "social_fund" else "loan_fund")


def income(ctx: Ctx) -> ReceiveOther:
    """Other income."""
    return ReceiveOther(**_of_the_group(ctx), amount=ctx.number("amount"), what=said(ctx, "what"))


def borrowed(ctx: Ctx) -> BorrowOutside:
    """The group borrows."""
    return BorrowOutside(**_of_the_group(ctx), amount=ctx.number("amount"))


def outside_repaid(ctx: Ctx) -> RepayOutside:
    """The group repays, with interest."""
    return RepayOutside(**_of_the_group(ctx), amount=ctx.number("amount"), interest=ctx.number("interest"))


def entrusted(ctx: Ctx) -> Entrust:
    """Capital that others entrust to the group."""
    return Entrust(**_of_the_group(ctx), amount=ctx.number("amount"))


def entrusted_back(ctx: Ctx) -> Entrust:
    """Entrusted capital handed back, with the charge collected for it."""
    return Entrust(**_of_the_group(ctx), amount=ctx.number("amount"), back=True, charge=ctx.number("charge"))


def paid_out(ctx: Ctx) -> PayOut:
    """What the group still owed her."""
    return PayOut(**_of(ctx), amount=ctx.number("amount"))
