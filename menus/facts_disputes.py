"""What the pages about wrong entries need to know: her receipts, what is contested, what is in an entry and what it should have been."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ledger import correcting, disputes
from ledger.books import Book
from ledger.checks import Figure, Refused
from ledger.commands import Contest, Correct, Explain
from ledger.disputes import Dispute
from menus.facts_group import allowed, named, officers_asked, who
from menus.kinds import Item
from menus.say import fill, short_day
from menus.state import Ctx
from menus.telling_corrections import figure_words, was
from menus.telling_texts import why_words
from menus.telling_words import item_words

RECEIPTS_SHOWN = 3
LINES_SEEN = 60
LIST_ROOM = 75  # characters of all receipts on the page that asks for one
WORDS_ROOM = 40  # of what an entry did, in words
ANSWER_MAX = 60
MORE_ITEMS = ", ..."
FIRST = ("shares", "redemption", "repayment", "loan")
REASONS = ("mistyped", "other_member", "not_paid", "left_out", "agreed")
_DAY = "select happened_on from entry where group_id = %s and entry_no = %s"


def items(book: Book, entry_no: int, member: int) -> list[tuple[int, str, int, int]]:
    """What an entry says of a member that can be corrected: shares and loans first, as people speak of them."""
    found = correcting.items(book.conn, book.group_id, entry_no, member)
    return sorted(found, key=lambda one: FIRST.index(one[1]) if one[1] in FIRST else len(FIRST))


def hers_in(book: Book, entry_no: int, member: int, language: str, room: int = WORDS_ROOM) -> str:
    """What an entry says of a member: `shares 3, social fund 5.000`, as much of it as there is room for."""
    found = items(book, entry_no, member)
    words = [f"{item_words(item, language)} {figure_words(book, item, figure)}" for _, item, _, figure in found]
    shown = len(words)
    while shown and len(", ".join(words[:shown])) + (shown < len(words)) * len(MORE_ITEMS) > room:
        shown -= 1
    return ", ".join(words[:shown]) + MORE_ITEMS * (0 < shown < len(words))


def happened(ctx: Ctx, entry_no: int) -> str:
    """The day of an entry. Raises Refused when there is none by that number."""
    row = ctx.book.conn.execute(_DAY, (ctx.me.group_id, entry_no)).fetchone()
    if row is None:
        raise Refused("no_such_receipt", number=entry_no)
    return short_day(row.happened_on)


# ---------------------------------------------------------------- a member says that an entry is wrong


def my_receipts(ctx: Ctx) -> Mapping[str, Figure]:
    """Her last receipts, as many as fit on the page."""
    numbers = list(dict.fromkeys(line.entry_no for line in ctx.book.last_lines(ctx.me.member, LINES_SEEN)))[:RECEIPTS_SHOWN]
    lines: list[str] = []
    for entry_no in numbers:
        words = hers_in(ctx.book, entry_no, ctx.me.member, ctx.language, room=WORDS_ROOM // 2)
        lines.append(fill("receipt_line", "page", ctx.language, {"receipt": entry_no, "day": happened(ctx, entry_no), "what": words}).rstrip())
    return {"list": "\n".join(_fitting(lines, LIST_ROOM))}


def _fitting(lines: Sequence[str], room: int) -> list[str]:
    found: list[str] = []
    for line in lines:
        if len("\n".join([*found, line])) <= room:
            found.append(line)
    return found


def contested_receipt(ctx: Ctx) -> Mapping[str, Figure]:
    """What would be contested."""
    entry_no = ctx.number("entry")
    return {"receipt": entry_no, "day": happened(ctx, entry_no), "what": hers_in(ctx.book, entry_no, ctx.me.member, ctx.language)}


def contest(ctx: Ctx) -> Contest:
    """The command behind the confirm page."""
    return Contest(id=ctx.command_id, group_id=ctx.me.group_id, member=ctx.me.member, entry_no=ctx.number("entry"))


def receipt_number(ctx: Ctx) -> Mapping[str, Figure]:
    """The receipt that was marked."""
    return {"receipt": ctx.number("entry")}


# ---------------------------------------------------------------- officers answer


def contested_items(ctx: Ctx) -> list[Item]:
    """Open disputes, newest first."""
    found = disputes.contested(ctx.book.conn, ctx.me.group_id)
    if not found:
        raise Refused("no_disputes")
    return [Item(_one(ctx, one), one.dispute_no) for one in found]


def _one(ctx: Ctx, dispute: Dispute) -> str:
    figures: dict[str, Figure] = {"person": named(ctx, dispute.member), "receipt": dispute.entry_no, "day": short_day(dispute.happened_on)}
    return fill("contested_one", "page", ctx.language, figures)


def the_dispute(ctx: Ctx) -> Dispute:
    """The dispute of this call. Raises Refused when it was answered meanwhile."""
    for one in disputes.contested(ctx.book.conn, ctx.me.group_id):
        if one.dispute_no == ctx.number("dispute"):
            return one
    raise Refused("no_disputes")


def about_dispute(ctx: Ctx) -> Mapping[str, Figure]:
    """Who says that which receipt is wrong, and what it says of her."""
    one = the_dispute(ctx)
    words = hers_in(ctx.book, one.entry_no, one.member, ctx.language)
    return {"person": named(ctx, one.member), "receipt": one.entry_no, "day": short_day(one.happened_on), "what": words}


def who_contests(ctx: Ctx) -> Mapping[str, Figure]:
    """Whom the answer goes to. Nobody answers her own dispute."""
    if the_dispute(ctx).member == ctx.me.member:
        raise Refused("your_own_dispute")
    return {"person": named(ctx, the_dispute(ctx).member), "most": ANSWER_MAX}


def answer_typed(ctx: Ctx) -> Mapping[str, Figure]:
    """The words that were typed."""
    return {"person": named(ctx, the_dispute(ctx).member), "what": str(ctx.state.data["words"])}


def explain(ctx: Ctx) -> Explain:
    """The command behind the confirm page."""
    words = str(ctx.state.data["words"])
    return Explain(group_id=ctx.me.group_id, officer=ctx.me.member, dispute_no=ctx.number("dispute"), words=words)


# ---------------------------------------------------------------- corrections


def entry_of(ctx: Ctx) -> int:
    """The receipt to correct: the contested one, or the number typed."""
    return the_dispute(ctx).entry_no if "dispute" in ctx.state.stack else ctx.number("entry")


def whose(ctx: Ctx) -> int:
    """The member whose item it is; 0 for the group's own."""
    return the_dispute(ctx).member if "dispute" in ctx.state.stack else ctx.number("whose")


def receipt_of(ctx: Ctx) -> Mapping[str, Figure]:
    """The receipt typed and its day."""
    return {"receipt": entry_of(ctx), "day": happened(ctx, entry_of(ctx))}


def whose_items(ctx: Ctx) -> list[Item]:
    """Members of whom the entry says something that can be corrected, and the group."""
    numbers = sorted({item[0] for item in correcting.items(ctx.book.conn, ctx.me.group_id, entry_of(ctx))}, key=lambda number: (not number, number))
    if not numbers:
        raise Refused("nothing_to_correct", number=entry_of(ctx))
    return [Item(named(ctx, number), number) for number in numbers]


def item_items(ctx: Ctx) -> list[Item]:
    """What the entry says of her."""
    found = items(ctx.book, entry_of(ctx), whose(ctx))
    if not found:
        raise Refused("nothing_to_correct", number=entry_of(ctx))
    return [Item(_item(ctx, item, figure), f"{item}:{loan_no}") for _, item, loan_no, figure in found]


def _item(ctx: Ctx, item: str, figure: int) -> str:
    figures: dict[str, Figure] = {"item": item_words(item, ctx.language), "figure": figure_words(ctx.book, item, figure)}
    return fill("item_line", "page", ctx.language, figures)


def whose_it_is(ctx: Ctx) -> Mapping[str, Figure]:
    """The member, or the group."""
    return {"person": named(ctx, whose(ctx))}


def picked(ctx: Ctx) -> tuple[str, int]:
    """(item, loan number) that was picked."""
    item, _, loan_no = str(ctx.state.data["item"]).partition(":")
    return item, int(loan_no)


def wrong_item(ctx: Ctx) -> Mapping[str, Figure]:
    """The item as the book has it."""
    request = _correct(ctx, right=0)
    return {"person": named(ctx, request.member), "receipt": request.entry_no, "what": _item(ctx, request.item, was(ctx.book, request))}


def reason_items(ctx: Ctx) -> list[Item]:
    """Why something is corrected."""
    return [Item(why_words(why, ctx.language), why) for why in REASONS]


def correct(ctx: Ctx) -> Correct:
    """The command behind the confirm page; 0 when it never happened."""
    return _correct(ctx, ctx.number("right") if "correct_right" in ctx.state.stack else 0)


def _correct(ctx: Ctx, right: int) -> Correct:
    item, loan_no = picked(ctx)
    why = str(ctx.state.data.get("why", REASONS[0]))
    return Correct(**who(ctx, whose(ctx)), entry_no=entry_of(ctx), item=item, right=right, why=why, loan_no=loan_no)


def correcting_it(ctx: Ctx) -> Mapping[str, Figure]:
    """Before and after."""
    request = correct(ctx)
    allowed(ctx, request)
    before = figure_words(ctx.book, request.item, was(ctx.book, request))
    figures: dict[str, Figure] = {
        "receipt": request.entry_no, "item": item_words(request.item, ctx.language), "was": before,
        "right": figure_words(ctx.book, request.item, request.right), "reason": why_words(request.why, ctx.language),
    }  # fmt: skip
    return {"person": named(ctx, request.member), "what": fill("does_correct", "sms", ctx.language, figures)}


def correct_asked(ctx: Ctx) -> Mapping[str, Figure]:
    """Who will be asked."""
    return officers_asked(ctx, correct(ctx))
