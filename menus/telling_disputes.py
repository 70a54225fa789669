"""Contested entries: who is told of one, and of its answer."""

from __future__ import annotations

from ledger import disputes
from ledger.books import Book, Member
from ledger.disputes import ANSWERS, Dispute
from ledger.journal import Receipt
from menus.say import short_day
from menus.telling_texts import agent_of, officers, person, short_group, text_to


def find(book: Book, dispute_no: int) -> Dispute | None:
    """A dispute, answered or not."""
    return next((one for one in disputes.contested(book.conn, book.group_id, open_only=False) if one.dispute_no == dispute_no), None)


def contested(book: Book, dispute_no: int) -> list[Receipt]:
    """The chair, or the other officers where she is no help, the agent, and who contests."""
    dispute = find(book, dispute_no)
    if dispute is None:
        return []
    texts = [_about(book, dispute, member, "dispute_for_chair") for member in who_answers(book, dispute.member)]
    agent = agent_of(book)
    texts += [_about(book, dispute, agent, "dispute_for_agent")] if agent else []
    return texts + [_about(book, dispute, member, "dispute_noted") for member in _herself(book, dispute)]


def who_answers(book: Book, member: int) -> list[Member]:
    """The chair, unless it is she who contests or she has no phone; then every other officer."""
    chairs = [one for one in officers(book, "chair") if one.number != member]
    return chairs or [one for one in officers(book, *ANSWERS) if one.number != member]


def _about(book: Book, dispute: Dispute, to: Member, name: str) -> Receipt:
    return text_to(
        to, "dispute", name,
        {"group": short_group(book), "person": person(book, dispute.member, to.language), "number": dispute.member, "receipt": dispute.entry_no,
         "day": short_day(dispute.happened_on)},
    )  # fmt: skip


def _herself(book: Book, dispute: Dispute) -> list[Member]:
    member = book.member(dispute.member)
    return [member] if member else []


def explained(book: Book, dispute_no: int) -> list[Receipt]:
    """The answer in words: to her, to the agent, and to the chair when another officer gave it."""
    dispute = find(book, dispute_no)
    row = book.conn.execute("select officer from dispute_answer where group_id = %s and dispute_no = %s", (book.group_id, dispute_no)).fetchone()
    if dispute is None or row is None:
        return []
    agent = agent_of(book)
    chairs = [one for one in officers(book, "chair") if one.number not in (row.officer, dispute.member)]
    return [
        text_to(
            to, "dispute_answered", "dispute_answered",
            {"group": short_group(book), "receipt": dispute.entry_no, "number": dispute.member, "person": person(book, row.officer, to.language),
             "answer": dispute.words},
        )
        for to in [*_herself(book, dispute), *chairs, *([agent] if agent else [])]
    ]  # fmt: skip
