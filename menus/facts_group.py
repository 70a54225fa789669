"""What the group's own pages need to know: check codes, rules, who leaves, debts given up, what is read aloud."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from ledger import checkcode, checks, deciding
from ledger.books import Book
from ledger.checks import Figure, Refused
from ledger.commands import Leave, Recover, Request, WriteOff
from ledger.leaving import Settlement
from ledger.tally import Tally
from menus import telling_decisions, telling_meeting, telling_words
from menus.kinds import Item
from menus.say import day, fill
from menus.state import Ctx
from menus.telling_texts import bare, person, phrase

NOT_YET = UUID(int=0)
HOWS = ("leaves", "dies", "expelled", "absconds")


def who(ctx: Ctx, member: int) -> dict[str, Any]:
    """Whom a decision is about (0: the group), asked for by the caller. Before a confirm page was shown there is no id, and none is needed."""
    return {"id": ctx.command_id if ctx.state.command_id else NOT_YET, "group_id": ctx.me.group_id, "member": member, "asked_by": ctx.me.member}


def allowed(ctx: Ctx, request: Request) -> Request:
    """The request, if the book would allow it now and there are officers to agree. Raises Refused."""
    deciding.judge(ctx.book.conn, ctx.book, request, deciding.posting_day(ctx.book, request, ctx.book.group.today))
    checks.approvers(ctx.book, request)
    return request


def named(ctx: Ctx, number: int) -> str:
    """`No.12 Hoa`, or the group for 0."""
    return person(ctx.book, number, ctx.language) if number else fill("of_the_group", "page", ctx.language, {})


def officers_asked(ctx: Ctx, request: Request) -> Mapping[str, Figure]:
    """The officers who will be asked, by their office."""
    return {"who": offices_asked(ctx.book, request, ctx.language)}


def offices_asked(book: Book, request: Request, language: str) -> str:
    """`the treasurer and the chair`. Raises Refused when too few could be asked."""
    members, asked = book.members(), checks.approvers(book, request)
    offices = [next(role for role in checks.OFFICERS if role in members[number].roles) for number in asked]
    return fill("and", "page", language, {}).join(fill(office, "page", language, {}) for office in offices)


# ---------------------------------------------------------------- check codes, rules, reading aloud


def check_answer(ctx: Ctx) -> Mapping[str, Figure]:
    """Whether the book still leads to the code that was typed."""
    answer = checkcode.check(ctx.book.conn, ctx.me.group_id, str(ctx.state.data["code"]))
    return {"answer": fill(f"code_{answer.verdict}", "page", ctx.language, {"day": day(answer.on) if answer.on else ""})}


def rules_now(ctx: Ctx) -> Mapping[str, Figure]:
    """Every rule in force."""
    return {"lines": "\n".join(telling_words.rule_lines(ctx.book.constitution, ctx.book.group.currency, ctx.language))}


def read_aloud(ctx: Ctx) -> Mapping[str, Figure]:
    """What the last meeting was for those whom no text reaches."""
    meeting = telling_meeting.last_held(ctx.book)
    if meeting is None:
        raise Refused("no_meeting_yet")
    numbers = telling_meeting.unread(meeting, ctx.book)
    if not numbers:
        raise Refused("all_have_phones")
    return {"lines": "\n".join(telling_meeting.aloud(meeting, number, ctx.language) for number in numbers)}


# ---------------------------------------------------------------- who leaves


def leaver(ctx: Ctx) -> Mapping[str, Figure]:
    """Whose number was typed."""
    return {"person": named(ctx, ctx.number("leaver"))}


def how_items(ctx: Ctx) -> list[Item]:
    """The ways a member goes."""
    return [Item(phrase(f"how_{how}", ctx.language), how) for how in HOWS]


def leave(ctx: Ctx) -> Leave:
    """The command behind the confirm page."""
    how: Any = str(ctx.state.data["how"])
    return Leave(**who(ctx, ctx.number("leaver")), why=how)


def leaving(ctx: Ctx) -> Mapping[str, Figure]:
    """What she gets, and what a share of the others gains or loses, before anybody agrees to it."""
    request = leave(ctx)
    allowed(ctx, request)
    done, hers = deciding.settlement(Tally(ctx.book.conn, ctx.me.group_id), request)
    amounts = {"gross": done.gross, "debts": done.set_off, "amount": done.payout}
    figures: dict[str, Figure] = {name: bare(ctx.book.money(amount)) for name, amount in amounts.items()}
    return figures | {"person": named(ctx, request.member), "units": hers.units, "value": _value(ctx, done)}


def _value(ctx: Ctx, done: Settlement) -> str:
    if done.rule == "wait":
        return fill("leave_waits", "page", ctx.language, {})
    if done.value_after is None:
        return ""
    before, after = (telling_decisions.per_share(ctx.book, value) for value in (done.value_before, done.value_after))
    return fill("leave_value", "page", ctx.language, {"before": before, "after": after})


def leave_asked(ctx: Ctx) -> Mapping[str, Figure]:
    """Who will be asked."""
    return officers_asked(ctx, leave(ctx))


# ---------------------------------------------------------------- debts given up


def debtor(ctx: Ctx) -> Mapping[str, Figure]:
    """Whose number was typed."""
    return {"person": named(ctx, ctx.number("debtor"))}


def debt_items(ctx: Ctx) -> list[Item]:
    """Her running loans."""
    running = ctx.book.loans(ctx.number("debtor"))
    if not running:
        raise Refused("nothing_owed_of")
    return [Item(f"{day(loan.due_on)} {bare(ctx.book.money(loan.now.owed))}", loan.loan_no) for loan in running]


def write_off(ctx: Ctx) -> WriteOff:
    """The command behind the confirm page."""
    return WriteOff(**who(ctx, ctx.number("debtor")), loan_no=ctx.number("given_up"))


def writing_off(ctx: Ctx) -> Mapping[str, Figure]:
    """How much, and what a share loses by it."""
    request = write_off(ctx)
    allowed(ctx, request)
    loss = telling_decisions.loss_per_share(Tally(ctx.book.conn, ctx.me.group_id), request)
    owed = sum(loan.now.owed for loan in ctx.book.loans(request.member) if loan.loan_no == request.loan_no)
    return {"amount": ctx.book.money(owed), "person": named(ctx, request.member), "value": telling_decisions.per_share(ctx.book, loss)}


def write_off_asked(ctx: Ctx) -> Mapping[str, Figure]:
    """Who will be asked."""
    return officers_asked(ctx, write_off(ctx))


def old_debt_items(ctx: Ctx) -> list[Item]:
    """The caller's debts that the group gave up."""
    owed = ctx.book.written_off(ctx.me.member)
    if not owed:
        raise Refused("no_old_debt")
    return [Item(fill("old_debt_line", "page", ctx.language, {"owed": ctx.book.money(amount)}), loan_no) for loan_no, amount in owed.items()]


def old_debt(ctx: Ctx) -> Mapping[str, Figure]:
    """What is left of it."""
    return {"owed": ctx.book.money(ctx.book.written_off(ctx.me.member).get(ctx.number("loan"), 0))}


def recover(ctx: Ctx) -> Recover:
    """The command behind the confirm page."""
    return Recover(**who(ctx, ctx.me.member), loan_no=ctx.number("loan"), amount=ctx.number("amount"))


def recovering(ctx: Ctx) -> Mapping[str, Figure]:
    """The amount typed."""
    allowed(ctx, recover(ctx))
    return {"amount": ctx.book.money(ctx.number("amount"))}


def recover_asked(ctx: Ctx) -> Mapping[str, Figure]:
    """Who will be asked."""
    return officers_asked(ctx, recover(ctx))
