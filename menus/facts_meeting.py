"""The meeting as a whole: whether one is open, its counts compared with the book, what it comes to so far, what was noted, its close."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ledger import checks, closing, meetings
from ledger.checks import Figure, Refused
from ledger.commands import BuyShares, CloseMeeting, OpenMeeting, Undo
from ledger.meetings import Count, Noted
from menus import noting
from menus.at_meeting import line, named, so_far, the_meeting, word
from menus.kinds import Item
from menus.say import fill
from menus.state import Ctx
from menus.texts import label

REASONS = ("counted_wrong", "money_missing", "money_found", noting.OTHER)


def stage(ctx: Ctx) -> str:
    """Where the group is: no meeting, one that is open, or one whose close waits for officers."""
    meetings.may_keep(ctx.book, ctx.me.member)
    meeting = meetings.open_now(ctx.book.conn, ctx.me.group_id)
    if meeting is None:
        checks.check_cycle(ctx.book)
        return "meeting_kind"
    return "meeting_waits" if meetings.closing_waits(ctx.book.conn, meeting) else "meeting_now"


def kinds(ctx: Ctx) -> list[Item]:
    """The two kinds of meeting."""
    return [Item(label(f"meeting_{kind}", ctx.language), kind) for kind in ("savings", "loans")]


# ---------------------------------------------------------------- opening


def opening_counts(ctx: Ctx) -> Count:
    """What was counted beside what the book says."""
    return meetings.opening_count(ctx.book, ctx.number("loan_fund"), ctx.number("social_fund"))


def compare_opening(ctx: Ctx) -> str:
    """A difference needs a reason."""
    return "open_confirm" if opening_counts(ctx).agrees else "open_why"


def opening_differs(ctx: Ctx) -> Mapping[str, Figure]:
    """Which box, and by how much."""
    return {"difference": _difference(ctx, opening_counts(ctx))}


def _difference(ctx: Ctx, count: Count) -> str:
    said = []
    for fund, over in zip(("loan_fund", "social_fund"), count.over, strict=True):
        if over:
            figures: dict[str, Figure] = {"fund": label(f"fund_{fund}", ctx.language), "amount": ctx.book.money(abs(over))}
            said.append(fill("box_short" if over < 0 else "box_over", "page", ctx.language, figures))
    return "\n".join(said)


def reasons(ctx: Ctx) -> list[Item]:
    """Why a count may differ."""
    return [Item(word(name, ctx.language), name) for name in REASONS]


def opening(ctx: Ctx) -> Mapping[str, Figure]:
    """What the meeting is opened with."""
    wish = open_meeting(ctx)
    kind = label("meeting_loans" if wish.loan_meeting else "meeting_savings", ctx.language)
    return {"kind": kind} | _counts(ctx, wish.loan_fund_counted, wish.social_fund_counted, wish.why)


def _counts(ctx: Ctx, loan_fund: int, social_fund: int, why: str, name: str = "count_differs") -> dict[str, Figure]:
    said = fill(name, "page", ctx.language, {"word": word(why, ctx.language)}) if why else ""
    return {"amount": ctx.book.money(loan_fund), "social": ctx.book.money(social_fund), "reason": said}


def open_meeting(ctx: Ctx) -> OpenMeeting:
    """The command behind the confirm page; a reason only where the counts differ."""
    count = opening_counts(ctx)
    return OpenMeeting(
        id=ctx.command_id, group_id=ctx.me.group_id, member=ctx.me.member, loan_meeting=noting.said(ctx, "kind") == "loans",
        loan_fund_counted=count.loan_fund, social_fund_counted=count.social_fund, why="" if count.agrees else _picked(ctx),
    )  # fmt: skip


def _picked(ctx: Ctx) -> str:
    return str(ctx.state.data.get("why", ""))


# ---------------------------------------------------------------- so far


def totals(ctx: Ctx) -> Mapping[str, Figure]:
    """Both boxes as they should be counted now, and what the roll call has come to."""
    meeting, done = the_meeting(ctx), so_far(ctx)
    loan_fund, social_fund = done.boxes
    bought = sum(request.units for request in meeting.requests() if isinstance(request, BuyShares))
    return {
        "amount": ctx.book.money(loan_fund), "social": ctx.book.money(social_fund), "present": done.present, "units": bought,
        "count": len(done.missed), "missed": ctx.book.money(sum(done.missed.values())), "fines": ctx.book.money(sum(row[2] for row in done.fined)),
    }  # fmt: skip


def notes(ctx: Ctx) -> list[Item]:
    """Everything noted and not taken back, newest first."""
    return _items(ctx, the_meeting(ctx).notes)


def notes_of_hers(ctx: Ctx) -> list[Item]:
    """The same of one member."""
    return _items(ctx, [noted for noted in the_meeting(ctx).notes if noted.request.member == ctx.number("member")])


def _items(ctx: Ctx, found: tuple[Noted, ...] | list[Noted]) -> list[Item]:
    if not found:
        raise Refused("nothing_noted")
    return [Item(line(ctx.book, noted.request, ctx.language), noted.note_no) for noted in reversed(found)]


def of_hers(ctx: Ctx) -> Mapping[str, Figure]:
    """The member whose notes are listed."""
    return {"member": named(ctx.book, ctx.number("member"), ctx.language)}


def the_note(ctx: Ctx) -> Mapping[str, Figure]:
    """The note that would be taken back."""
    for noted in the_meeting(ctx).notes:
        if noted.note_no == ctx.number("note"):
            return {"what": line(ctx.book, noted.request, ctx.language)}
    raise Refused("no_such_note")


def undo(ctx: Ctx) -> Undo:
    """The command behind the confirm page."""
    return Undo(group_id=ctx.me.group_id, member=ctx.me.member, note_no=ctx.number("note"))


# ---------------------------------------------------------------- the close


def closing_counts(ctx: Ctx) -> Count:
    """What was counted beside what the meeting comes to by the rules. Raises Refused when they do not allow it as it stands."""
    request, meeting = _counted(ctx), the_meeting(ctx)
    if request.draft != meeting.draft:
        raise Refused("meeting_moved")
    return closing.closing_count(meetings.reckoned(ctx.book.conn, meeting), request)


def compare_closing(ctx: Ctx) -> str:
    """A difference needs a reason."""
    return "close_confirm" if closing_counts(ctx).agrees else "close_why"


def closing_differs(ctx: Ctx) -> Mapping[str, Figure]:
    """Which box, and by how much."""
    return {"difference": _difference(ctx, closing_counts(ctx))}


def closing_shown(ctx: Ctx) -> Mapping[str, Figure]:
    """What the meeting is closed with, and who will have to agree. Refused at once when nobody could, or somebody else has just asked."""
    request = close_meeting(ctx)
    if meetings.closing_waits(ctx.book.conn, the_meeting(ctx)):
        raise Refused("closing_waits")
    asked = checks.approvers(ctx.book, request)
    two = fill("two_are_asked", "page", ctx.language, {}) if len(asked) > 1 else ""
    name = "opening_differed" if closing_counts(ctx).agrees else "count_differs"
    return _counts(ctx, request.loan_fund_counted, request.social_fund_counted, request.why, name) | {"officers": two}


def close_meeting(ctx: Ctx) -> CloseMeeting:
    """The command behind the confirm page. What differed at the opening keeps the reason it was opened with."""
    return replace(_counted(ctx), why=the_meeting(ctx).opening.why if closing_counts(ctx).agrees else _picked(ctx))


def _counted(ctx: Ctx) -> CloseMeeting:
    """Both counts, for just what had been noted when they were made."""
    social_fund, draft = noting.said(ctx, "social_fund").split(" ")
    return CloseMeeting(
        id=ctx.command_id if ctx.state.command_id else noting.NOT_YET, group_id=ctx.me.group_id, member=ctx.me.member, asked_by=ctx.me.member,
        meeting_no=the_meeting(ctx).meeting_no, loan_fund_counted=ctx.number("loan_fund"), social_fund_counted=int(social_fund), draft=draft,
    )  # fmt: skip


def close_asked(ctx: Ctx) -> Mapping[str, Figure]:
    """The officers who will be asked, by their office."""
    members = ctx.book.members()
    asked = checks.approvers(ctx.book, close_meeting(ctx))
    offices = [next(role for role in checks.OFFICERS if role in members[number].roles) for number in asked]
    return {"who": fill("and", "page", ctx.language, {}).join(fill(office, "page", ctx.language, {}) for office in offices)}
