"""What the questions of a meeting need to know: what she has and owes with everything noted so far, and the lists to choose from."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ledger import checks
from ledger.accounts import Kind, account
from ledger.checks import Figure, Refused
from ledger.posting import fines_due
from ledger.reckoning import contribution_due
from menus import noting
from menus.at_meeting import named, so_far, the_meeting, word
from menus.kinds import Item
from menus.noting import OTHER
from menus.say import money
from menus.state import Ctx
from menus.texts import label

HELP = ("illness", "funeral", "birth", "disaster", OTHER)
EXPENSES = ("passbooks", "stationery", "agent_fee", "transport", "food")
INCOME = ("bank_interest", "gift", "sales", OTHER)
NUMBERS_SAID = 8


def her(ctx: Ctx) -> str:
    """The member this question is about."""
    return named(ctx.book, ctx.number("member"), ctx.language)


def hers(ctx: Ctx) -> Mapping[str, Figure]:
    """Her name and number, and nothing else."""
    return {"member": her(ctx)}


def words(*names: str) -> Callable[[Ctx], list[Item]]:
    """A list of words to choose from."""
    return lambda ctx: [Item(word(name, ctx.language), name) for name in names]


def expense_items(ctx: Ctx) -> list[Item]:
    """What groups spend on; anything else is typed."""
    return [*words(*EXPENSES)(ctx), Item(label("word_typed", ctx.language), OTHER)]


def funds(*names: str) -> Callable[[Ctx], list[Item]]:
    """Funds to choose from."""
    return lambda ctx: [Item(label(f"fund_{name}", ctx.language), name) for name in names]


def listed(numbers: list[int]) -> str:
    """Member numbers as one figure; the first of many."""
    shown = ", ".join(str(number) for number in numbers[:NUMBERS_SAID])
    return f"{shown} ... ({len(numbers)})" if len(numbers) > NUMBERS_SAID else shown


def status(ctx: Ctx) -> Mapping[str, Figure]:
    """What the members about to be named are."""
    return {"what": word(noting.said(ctx, "status"), ctx.language)}


# ---------------------------------------------------------------- social fund, shares, fines


def contributions_here(ctx: Ctx) -> list[Item]:
    """One item, which is not asked about: what each member in the room still has to pay today, worked out once."""
    return _contributions(ctx, [])


def contributions_but(ctx: Ctx) -> list[Item]:
    """The same without the members named."""
    return _contributions(ctx, noting.numbers(ctx))


def _contributions(ctx: Ctx, without: list[int]) -> list[Item]:
    done = so_far(ctx)
    here = noting.here(done)
    due = {number: amount for number, amount in sorted(done.missed.items()) if number in here and number not in without}
    if not due:
        raise Refused("nobody_pays")
    return [Item("", ",".join(f"{number}:{amount}" for number, amount in due.items()))]


def contribution(ctx: Ctx) -> Mapping[str, Figure]:
    """What is due of her today and what she missed before, with what has been noted already."""
    today, before = _contribution_of(ctx)
    return {"member": her(ctx), "agreed": ctx.book.money(today), "missed": ctx.book.money(before)}


def _contribution_of(ctx: Ctx) -> tuple[int, int]:
    done, number = so_far(ctx), ctx.number("member")
    missed = done.missed.get(number, 0)
    return missed, done.tally.balance(account(Kind.SOCIAL_FUND_DUE, number)) - missed


def contribution_items(ctx: Ctx) -> list[Item]:
    """Today's contribution, all that is due, or another amount."""
    today, before = _contribution_of(ctx)
    agreed = contribution_due(so_far(ctx).tally, ctx.number("member"), the_meeting(ctx).held_on)
    amounts = [amount for amount in dict.fromkeys((today or agreed, today + before)) if amount > 0]
    return [*(Item(money(ctx.book.money(amount)), amount) for amount in amounts), Item(label("another_amount", ctx.language), OTHER)]


def typed_or_picked(ctx: Ctx) -> str:
    """Another amount is asked for."""
    return "note_contribution_other" if noting.said(ctx, "contribution") == OTHER else "note_contribution_confirm"


def held(ctx: Ctx) -> Mapping[str, Figure]:
    """Her shares with those noted, what one costs, and how many more she may buy today."""
    tally, number = so_far(ctx).tally, ctx.number("member")
    most = max(0, checks.most_shares(tally) - tally.bought_since_close(number))
    if not most:
        raise Refused("shares_limit_now", most=0)
    return {"member": her(ctx), "units": tally.shares(number)[0], "price": ctx.book.money(ctx.book.constitution.share_price), "most": most}


def held_by_all(ctx: Ctx) -> Mapping[str, Figure]:
    """Her shares, and how many it takes to stand beside the member with the most."""
    tally = so_far(ctx).tally
    units = tally.shares(ctx.number("member"))[0]
    return {"member": her(ctx), "units": units, "most": max(tally.shares(member.number)[0] for member in tally.active()) - units}


def fines(ctx: Ctx) -> Mapping[str, Figure]:
    """What she owes in fines, those of today's roll call too."""
    return {"member": her(ctx), "owed": ctx.book.money(fines_due(so_far(ctx).tally, ctx.number("member")))}


def fine_items(ctx: Ctx) -> list[Item]:
    """The constitution's table, and a fine that is not in it."""
    table = ctx.book.constitution.fines
    rows = [Item(f"{word(why, ctx.language)} {money(ctx.book.money(amount))}", why) for why, amount in sorted(table.items()) if why != OTHER]
    return [*rows, Item(label("word_other", ctx.language), OTHER)]


def fine_typed_or_picked(ctx: Ctx) -> str:
    """A fine that is in no table has an amount that is asked for."""
    return "note_fine_other" if noting.said(ctx, "fine") == OTHER else "note_fine_confirm"


# ---------------------------------------------------------------- the group's own


def owed_to_her(ctx: Ctx) -> Mapping[str, Figure]:
    """What the group still owes her."""
    owed = -so_far(ctx).tally.balance(account(Kind.PAYABLE, ctx.number("member")))
    if not owed:
        raise Refused("nothing_to_pay_out")
    return {"member": her(ctx), "owed": ctx.book.money(owed)}


def social_fund_cash(ctx: Ctx) -> Mapping[str, Figure]:
    """What is in the social fund box so far."""
    return {"member": her(ctx), "cash": ctx.book.money(so_far(ctx).boxes[1])}


def bank_items(ctx: Ctx) -> list[Item]:
    """Both ways, both funds."""
    return [Item(label(f"bank_{way}", ctx.language), way) for way in ("to_loan_fund", "from_loan_fund", "to_social_fund", "from_social_fund")]


def bank_way(ctx: Ctx) -> Mapping[str, Figure]:
    """The one chosen."""
    return {"what": label(f"bank_{noting.said(ctx, 'bank')}", ctx.language)}


def outside_debt(ctx: Ctx) -> Mapping[str, Figure]:
    """What the group owes outside."""
    owed = -so_far(ctx).tally.balance(account(Kind.OUTSIDE_LOAN))
    if not owed:
        raise Refused("group_owes_nothing")
    return {"owed": ctx.book.money(owed)}


def entrusted(ctx: Ctx) -> Mapping[str, Figure]:
    """What is there of the money entrusted to the group: capital, and charge collected for it."""
    tally = so_far(ctx).tally
    capital, charge = (-tally.balance(account(kind)) for kind in (Kind.ENTRUSTED_CAPITAL, Kind.ENTRUSTED_CHARGE))
    return {"owed": ctx.book.money(capital), "charge": ctx.book.money(charge)}


def fund_spent(ctx: Ctx) -> Mapping[str, Figure]:
    """What is in the box the money comes from."""
    loan_fund, social_fund = so_far(ctx).boxes
    return {"cash": ctx.book.money(social_fund if noting.said(ctx, "spender") == "social_fund" else loan_fund)}


def words_or_picked(ctx: Ctx) -> str:
    """What is on no list is typed."""
    return "note_spent_words" if noting.said(ctx, "what") == OTHER else "note_spent_confirm"
