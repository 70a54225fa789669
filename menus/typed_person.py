"""What may be typed about who is calling, and about a member's phone."""

from __future__ import annotations

from ledger import helping
from ledger.checks import Refused
from menus.state import Ctx
from menus.typed import whole_number
from menus.typed_meeting import anybody


def on_this_phone(answer: str, ctx: Ctx) -> int:
    """Which of this phone's books has that member number, in the group in use. Other numbers of the group are told from none by nobody."""
    number, books = whole_number(answer), ctx.state.books
    group_id = books[int(ctx.state.data.get("book", 0))].group_id
    for index, book in enumerate(books):
        if (book.group_id, book.member) == (group_id, number):
            return index
    raise Refused("not_on_this_phone", number=number)


def another_member(answer: str, ctx: Ctx) -> int:
    """A member for whom two officers speak: nobody does it for herself."""
    number = anybody(answer, ctx)
    if number == ctx.me.member:
        raise Refused("not_for_herself")
    return number


def phone(answer: str, ctx: Ctx) -> str:
    """A phone number, as people there write it or with its country."""
    read = ctx.world.phone(answer, ctx.book.group.country)
    if not read:
        raise Refused("not_a_phone")
    return read


def helper(answer: str, ctx: Ctx) -> int:
    """The number of the member who gets her texts; nobody: `000`, because `0` is Back."""
    number = anybody(answer, ctx) if answer.strip("0") else whole_number(answer)
    helping.check(ctx.book, ctx.number("person"), number)
    return number


def first_code(answer: str, ctx: Ctx) -> int:
    """The code that an officer told her: compared out there, and forgotten. Kept is only that it was right."""
    verdict = ctx.world.try_first_code(ctx.me, answer)
    match verdict.word:
        case "right":
            return 1
        case "form":
            raise Refused("first_code_form")
        case "wrong":
            raise Refused("first_code_wrong", left=verdict.left)
        case "none":
            raise Refused("first_code_none")
    raise Refused("first_code_locked")
