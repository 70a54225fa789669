"""What the pages of PINs and phones need to know."""

from __future__ import annotations

from collections.abc import Mapping

from ledger import first_codes
from ledger.checks import Figure, Refused
from ledger.commands import ChangePhone, GiveFirstCode, NameHelper, ResetPin
from menus.facts_group import allowed, named, officers_asked, who
from menus.say import fill
from menus.state import Ctx

CODE_HERE = "######"  # the place of a first code on the page for the officer; only the door can fill it


def door(ctx: Ctx) -> str:
    """Who shares her phone shows by her PIN that it is she; before she has chosen one, by the code that an officer told her."""
    if _stands(ctx) != "none":
        return "door_pin"
    match ctx.world.first_code(ctx.me):
        case "none":
            raise Refused("first_code_none")
        case "locked":
            raise Refused("first_code_locked")
    return "door_code"


def pin(ctx: Ctx) -> str:
    """Who has a PIN types it before she changes it."""
    return "pin_new" if _stands(ctx) == "none" else "pin_old"


def _stands(ctx: Ctx) -> str:
    stands = ctx.world.pin(ctx.me)
    if stands == "locked":
        raise Refused("pin_locked")
    return stands


def whose(ctx: Ctx) -> Mapping[str, Figure]:
    """The member whose number was typed."""
    return {"person": named(ctx, ctx.number("person"))}


def reset_pin(ctx: Ctx) -> ResetPin:
    """The command behind the confirm page."""
    return ResetPin(**who(ctx, ctx.number("person")))


def resetting(ctx: Ctx) -> Mapping[str, Figure]:
    """For whom."""
    allowed(ctx, reset_pin(ctx))
    return {"what": named(ctx, ctx.number("person"))}


def reset_asked(ctx: Ctx) -> Mapping[str, Figure]:
    """Who will be asked."""
    return officers_asked(ctx, reset_pin(ctx))


def change_phone(ctx: Ctx) -> ChangePhone:
    """The command behind the confirm page."""
    return ChangePhone(**who(ctx, ctx.number("person")), phone=str(ctx.state.data["phone"]))


def changing_phone(ctx: Ctx) -> Mapping[str, Figure]:
    """For whom, and the number as it was understood."""
    request = change_phone(ctx)
    allowed(ctx, request)
    return {**whose(ctx), "what": request.phone}


def change_asked(ctx: Ctx) -> Mapping[str, Figure]:
    """Who will be asked."""
    return officers_asked(ctx, change_phone(ctx))


def name_helper(ctx: Ctx) -> NameHelper:
    """The command behind the confirm page."""
    return NameHelper(**who(ctx, ctx.number("person")), helper=ctx.number("helper"))


def naming_helper(ctx: Ctx) -> Mapping[str, Figure]:
    """Whose texts, and to whom."""
    request = name_helper(ctx)
    allowed(ctx, request)
    return {**whose(ctx), "what": named(ctx, request.helper) if request.helper else fill("nobody", "page", ctx.language, {})}


def helper_asked(ctx: Ctx) -> Mapping[str, Figure]:
    """Who will be asked."""
    return officers_asked(ctx, name_helper(ctx))


def give_first_code(ctx: Ctx) -> GiveFirstCode:
    """The command behind the confirm page."""
    return GiveFirstCode(id=ctx.command_id, group_id=ctx.me.group_id, member=ctx.number("person"), officer=ctx.me.member)


def giving_first_code(ctx: Ctx) -> Mapping[str, Figure]:
    """For whom. Raises Refused: she needs none, or another officer must give it."""
    first_codes.check(ctx.book, ctx.me.member, ctx.number("person"))
    return {"what": named(ctx, ctx.number("person"))}


def first_code_given(ctx: Ctx) -> Mapping[str, Figure]:
    """For whom, and the place of the code."""
    return {**whose(ctx), "first_code": CODE_HERE}
