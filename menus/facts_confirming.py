"""What is read back before it is noted: the note in words, whether just that was noted before, and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping

from ledger import loans, meetings
from ledger.checks import Figure
from ledger.commands import Request
from menus import noting
from menus.at_meeting import loan_of, named, so_far, the_meeting, what, word
from menus.facts_lending import quorum
from menus.facts_noting import listed
from menus.kinds import Facts
from menus.noting import Maker
from menus.say import fill
from menus.state import Ctx


def shown(maker: Maker) -> Facts:
    """The note as it would be written down. Raises checks.Refused when the meeting would not take it."""
    return lambda ctx: _shown(ctx, maker(ctx))


def _shown(ctx: Ctx, request: Request) -> dict[str, Figure]:
    meeting = meetings.check_notes(ctx.book.conn, ctx.book, [request])
    same = any((one.kind, one.member, one.body()) == (request.kind, request.member, request.body()) for one in meeting.requests())
    already = fill("noted_twin", "page", ctx.language, {}) if same else ""
    return {"member": named(ctx.book, request.member, ctx.language), "what": what(ctx.book, request, ctx.language), "already": already}


def roll(ctx: Ctx) -> Mapping[str, Figure]:
    """Who is how, and the fine that follows from it."""
    status, members = noting.said(ctx, "status"), noting.numbers(ctx)
    fine = ctx.book.constitution.fines.get(status, 0) if status in ("late", "absent") else 0
    said = fill("roll_fine", "page", ctx.language, {"amount": ctx.book.money(fine)}) if fine else ""
    meetings.check_notes(ctx.book.conn, ctx.book, noting.attend(ctx).requests)
    return {"members": listed(members), "what": word(status, ctx.language), "fine": said}


def contributions(ctx: Ctx) -> Mapping[str, Figure]:
    """How many pay how much in all."""
    due = noting.due(ctx)
    meetings.check_notes(ctx.book.conn, ctx.book, noting.contributions(ctx).requests)
    return {"count": len(due), "amount": ctx.book.money(sum(due.values()))}


def shares(ctx: Ctx) -> Mapping[str, Figure]:
    """The shares, and what she gets back of her money."""
    change = noting.brought(ctx)[1]
    back = fill("give_back", "page", ctx.language, {"amount": ctx.book.money(change)}) if change else ""
    return _shown(ctx, noting.shares(ctx)) | {"change": back}


def repaid(ctx: Ctx) -> Mapping[str, Figure]:
    """How the payment divides, and what she still owes."""
    request = noting.repaid(ctx)
    checked = _shown(ctx, request)
    now = loan_of(so_far(ctx).tally, request.member, request.loan_no).now
    charge, principal = loans.settle(now, request.amount)
    figures = {"amount": request.amount, "charge": charge, "principal": principal, "owed": now.owed - request.amount}
    return checked | {name: ctx.book.money(minor) for name, minor in figures.items()}


def loan(ctx: Ctx) -> Mapping[str, Figure]:
    """The loan as agreed; too few votes are said now and refused at the close, for the roll call may not be finished."""
    request, (_, needed) = noting.loan(ctx), quorum(ctx)
    few = fill("too_few_votes", "page", ctx.language, {"needed": needed}) if request.votes < needed else ""
    agreed: dict[str, Figure] = {"amount": ctx.book.money(request.amount), "due": request.due_on, "purpose": word(request.purpose, ctx.language)}
    return _shown(ctx, request) | agreed | {"votes": request.votes, "few": few}


def rolled(ctx: Ctx) -> Mapping[str, Figure]:
    """The new due date, and what each further period costs."""
    request, meeting = noting.rolled(ctx), the_meeting(ctx)
    checked = _shown(ctx, request)
    running = loan_of(so_far(ctx).tally, request.member, request.loan_no)
    now, method = running.at(meeting.held_on), running.terms.method
    base = now.owed if method == "rolled" else now.principal if method != "none" else 0
    return checked | {"due": request.due_on, "amount": ctx.book.money(loans.charge_on(base, running.terms.rate_bp))}
