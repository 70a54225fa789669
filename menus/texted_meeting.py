"""The meeting as a whole by text: opened, looked at, a note taken back, closed. What a text says is put where the keypad keeps its answers, so
that the very functions behind the pages read it back and make the command."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast
from uuid import UUID, uuid5

from ledger import meetings
from ledger.books import Book
from ledger.checks import Figure, Refused
from ledger.commands import CloseMeeting, OpenMeeting, Undo
from ledger.meetings import Meeting
from menus import facts_meeting
from menus.at_meeting import line, named, what
from menus.compact import Item
from menus.facts_meeting import REASONS
from menus.say import fill
from menus.state import Ctx, Membership, State, Value, World
from menus.telling_texts import one_text
from menus.typed import money


class _Outside:
    """All that these pages ask of the outside: the book."""

    def __init__(self, book: Book):
        self._book = book

    def book(self, group_id: int) -> Book:
        """The keeper's book."""
        return self._book


def _ctx(book: Book, keeper: Membership, text_id: UUID, data: Mapping[str, Value]) -> Ctx:
    """The keypad's view, as if `data` had been typed there; the command's id follows from the text's."""
    state = State(keeper.language, (keeper,), data=dict(data), command_id=str(uuid5(text_id, "0")))
    return Ctx(state, cast("World", _Outside(book)))


def _why(item: Item) -> dict[str, Value]:
    """The reason, by its place on the keypad's list; nothing where none was given."""
    if not item.numbers:
        return {}
    if not 1 <= item.numbers[0] <= len(REASONS):
        raise Refused("shares_limit", most=len(REASONS))
    return {"why": REASONS[item.numbers[0] - 1]}


def _reason_wanted(ctx: Ctx, difference: Mapping[str, Figure]) -> Refused:
    """What differs, and the reasons to choose from."""
    reasons = ", ".join(f"{at} {one.text}" for at, one in enumerate(facts_meeting.reasons(ctx), 1))
    return Refused("texted_why", difference=str(difference["difference"]).replace("\n", ", "), answer=reasons)


def opening(book: Book, keeper: Membership, text_id: UUID, item: Item) -> tuple[OpenMeeting, str]:
    """(the command that opens it, the words that read it back). Raises Refused."""
    counts = [money(typed, book, least=0) for typed in item.amounts]
    kind = "loans" if item.kind == "open_loans" else "savings"
    data: dict[str, Value] = {"kind": kind, "loan_fund": counts[0], "social_fund": counts[1]}
    ctx = _ctx(book, keeper, text_id, data | _why(item))
    if facts_meeting.stage(ctx) != "meeting_kind":
        raise Refused("meeting_open")
    if facts_meeting.compare_opening(ctx) == "open_why" and not item.numbers:
        raise _reason_wanted(ctx, facts_meeting.opening_differs(ctx))
    return facts_meeting.open_meeting(ctx), fill("open_confirm", "page", keeper.language, facts_meeting.opening(ctx))


def closing(book: Book, keeper: Membership, meeting: Meeting, text_id: UUID, item: Item) -> tuple[CloseMeeting, str, str]:
    """(the request, the words that read it back, those that say who was asked). Raises Refused when it could not be closed like that."""
    loan_fund, social_fund = (money(typed, book, least=0) for typed in item.amounts)
    data: dict[str, Value] = {"loan_fund": loan_fund, "social_fund": f"{social_fund} {meeting.draft}"}
    ctx = _ctx(book, keeper, text_id, data | _why(item))
    if meetings.closing_waits(book.conn, meeting):
        raise Refused("closing_waits")
    if facts_meeting.compare_closing(ctx) == "close_why" and not item.numbers:
        raise _reason_wanted(ctx, facts_meeting.closing_differs(ctx))
    words = fill("close_confirm", "page", keeper.language, facts_meeting.closing_shown(ctx))
    return facts_meeting.close_meeting(ctx), words, fill("close_sent", "page", keeper.language, facts_meeting.close_asked(ctx))


def undoing(book: Book, keeper: Membership, meeting: Meeting, item: Item) -> tuple[list[Undo], str]:
    """(what takes the notes back, the words that read them back): those that were numbered, or the last one. Raises Refused."""
    if meetings.closing_waits(book.conn, meeting):
        raise Refused("closing_waits")
    if not meeting.notes:
        raise Refused("nothing_noted")
    noted = {one.note_no: one.request for one in meeting.notes}
    numbers = item.members or (max(noted),)
    if any(number not in noted for number in numbers):
        raise Refused("no_such_note")
    said = ", ".join(f"{number}) {line(book, noted[number], keeper.language)}" for number in numbers)
    wishes = [Undo(group_id=keeper.group_id, member=keeper.member, note_no=number) for number in numbers]
    return wishes, fill("meeting_undo", "page", keeper.language, {"what": said})


def so_far(book: Book, keeper: Membership, meeting: Meeting, item: Item) -> str:
    """What the meeting has come to, or what was noted of one member, newest first, as far as one text holds it. Raises Refused."""
    if item.members:
        return _of_one(book, keeper, meeting, item.members[0])
    figures = facts_meeting.totals(_ctx(book, keeper, UUID(int=0), {}))
    return fill(
        "texted_totals",
        "sms",
        keeper.language,
        {**figures, "fined": figures["fines"], "number": max((one.note_no for one in meeting.notes), default=0)},
    )


def _of_one(book: Book, keeper: Membership, meeting: Meeting, number: int) -> str:
    if book.member(number) is None:
        raise Refused("no_such_member", number=number)
    notes = [one for one in reversed(meeting.notes) if one.request.member == number]
    if not notes:
        raise Refused("nothing_noted")
    words = f"{named(book, number, keeper.language)}:"
    for at, one in enumerate(notes):
        longer = f"{words}{',' if at else ''} {one.note_no}) {what(book, one.request, keeper.language)}"
        if not one_text(f"{longer} ..."):
            return f"{words} ..."
        words = longer
    return words


def asked_for_a_yes(words: str, code: str, language: str) -> str:
    """The question of a page with what to reply. Raises Refused when one text cannot hold it."""
    whole = f"{words}\n{fill('texted_yes', 'sms', language, {'code': code})}"
    if not one_text(whole):
        raise Refused("texted_long")
    return whole
