"""A meeting played without its screens: opened, noted and asked to close in the book itself, then confirmed by text as officers do."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from people import Village

from ledger import checks, meetings, requests
from ledger.books import Book
from ledger.commands import CloseMeeting, Note, OpenMeeting, Request
from ledger.db import lock_group
from menus import notices

KEEPER = 2


def about(v: Village, member: int, asked_by: int = KEEPER) -> dict[str, Any]:
    return {"id": uuid4(), "group_id": v.group_id, "member": member, "asked_by": asked_by}


def note_all(v: Village, *notes: Request, short: int = 0, why: str = "", loan_meeting: bool = True) -> CloseMeeting:
    """Open a meeting, note everything, and make the wish to close it with what the boxes should hold, `short` less in the loan fund's."""
    with v.db.transaction() as conn:
        lock_group(conn, v.group_id)
        book = Book(conn, v.group_id)
        boxes = meetings.opening_count(book, 0, 0)
        opened = OpenMeeting(
            id=uuid4(),
            group_id=v.group_id,
            member=KEEPER,
            loan_meeting=loan_meeting,
            loan_fund_counted=boxes.loan_fund_expected,
            social_fund_counted=boxes.social_fund_expected,
        )
        number = meetings.open_meeting(conn, book, opened)
        for one in notes:
            meetings.note(conn, book, Note(request=one))
        meeting = meetings.open_now(conn, v.group_id)
        assert meeting is not None
        loan_fund, social_fund = meetings.reckoned(conn, meeting).boxes
        return CloseMeeting(
            **about(v, 0), meeting_no=number, loan_fund_counted=loan_fund - short, social_fund_counted=social_fund, draft=meeting.draft, why=why
        )


def ask(v: Village, request: Request) -> list[int]:
    """Ask as a screen would: the officers who were asked."""
    with v.db.transaction() as conn:
        lock_group(conn, v.group_id)
        book = Book(conn, v.group_id)
        requests.ask(conn, book, request, lambda _, approvers: notices.ask_officers(book, request, approvers), hours=24)
        return list(checks.approvers(book, request))


def agree(v: Village, officers: list[int]) -> None:
    """Every officer who was asked texts OK with her code."""
    for officer in officers:
        v.text(officer, f"OK {v.code_of(officer)}")
        v.work()


def decide(v: Village, request: Request) -> str:
    """Asked and agreed to; what became of it."""
    agree(v, ask(v, request))
    return v.outcomes()[-1]


def meet(v: Village, *notes: Request, **how: Any) -> str:
    """A whole meeting."""
    return decide(v, note_all(v, *notes, **how))


def agent(v: Village, owner: Any, phone: str = "+84900000099", language: str = "en") -> str:
    """Give the group a field agent; her phone."""
    owner.execute("insert into agent (group_id, name, language, phone) values (%s, 'Ms Binh', %s, %s)", (v.group_id, language, phone))
    return phone


def counted_entry(v: Village) -> int:
    """The number of the newest entry."""
    number: int = v.rows("select max(entry_no) as n from entry where group_id = %s")[0].n
    return number
