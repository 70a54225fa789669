"""A correction told to everybody it concerns, once, with before and after."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from ledger import correcting, disputes
from ledger.accounts import Kind, account
from ledger.books import Book
from ledger.checks import OFFICERS
from ledger.commands import Correct
from ledger.db import Conn
from ledger.journal import Receipt
from ledger.tally import Tally
from menus.say import short_day
from menus.telling_texts import agent_of, bare, everybody, listed, of_words, officers, pack, person, phrase, short_group, why_words
from menus.telling_words import IN_UNITS, item_words

Position = dict[str, int]
_DAY = "select happened_on from entry where group_id = %s and entry_no = %s"


def position(tally: Tally, number: int) -> Position:
    """Where a member stands, or the group (0): the figures that a correction may change."""
    if not number:
        kinds = {"after_loan_fund": Kind.LOAN_FUND_CASH, "after_social_fund": Kind.SOCIAL_FUND_CASH}
        return {name: tally.balance(account(kind)) for name, kind in kinds.items()}
    return {
        "after_shares": tally.shares(number)[0],
        "after_debt": sum(loan.now.owed for loan in tally.loans(number)),
        "after_fines": sum(tally.balance(account(kind, number)) for kind in (Kind.FINE_DUE, Kind.SOCIAL_FUND_FINE_DUE)),
        "after_social": tally.balance(account(Kind.SOCIAL_FUND_DUE, number)),
        "after_payable": -tally.balance(account(Kind.PAYABLE, number)),
    }


def changes(book: Book, before: Position, after: Position, language: str) -> list[str]:
    """What differs, in words."""

    def said(name: str, figure: int) -> str:
        return str(figure) if name == "after_shares" else bare(book.money(figure))

    return [phrase(name, language, before=said(name, was), after=said(name, after[name])) for name, was in before.items() if was != after[name]]


def figure_words(book: Book, item: str, figure: int) -> str:
    """Shares as a number, else bare money."""
    return str(figure) if item in IN_UNITS else bare(book.money(figure))


def was(book: Book, request: Correct) -> int:
    """What the book has for the item now."""
    found = correcting.items(book.conn, book.group_id, request.entry_no, request.member)
    return sum(figure for _, item, loan_no, figure in found if (item, loan_no) == (request.item, request.loan_no))


def corrected(book: Book, request: Correct) -> Callable[[int], list[Receipt]]:
    """The texts of a correction, to be called once it is posted: what stands in the book now is "before"."""
    figure, before = was(book, request), position(Tally(book.conn, book.group_id), request.member)
    row = book.conn.execute(_DAY, (book.group_id, request.entry_no)).fetchone()
    assert row is not None
    return lambda entry_no: _texts(Book(book.conn, book.group_id), request, entry_no, (figure, row.happened_on, before))


def _texts(book: Book, request: Correct, entry_no: int, then: tuple[int, date, Position]) -> list[Receipt]:
    """The member it is about, and the officers; an item of the group concerns everybody."""
    _, _, before = then
    after = position(Tally(book.conn, book.group_id), request.member)
    hers = [member for number, member in book.members().items() if number == request.member and number in book.reached()]
    told = {member.number: member for member in [*(everybody(book) if not request.member else hers), *officers(book, *OFFICERS)]}
    agent = agent_of(book) if _was_contested(book.conn, request, entry_no) else None
    if agent:
        told[agent.number] = agent
    texts = []
    for number, member in told.items():
        pieces = [_item(book, request, then, member.language), *listed(changes(book, before, after, member.language))]
        pieces += [phrase("wrong", member.language, receipt=entry_no) + "."] if number else []
        head = phrase("corrected_head", member.language, group=short_group(book), day=short_day(book.group.today))
        texts += [of_words(number, member.language, "corrected", words) for words in pack(head, pieces)]
    return texts


def _item(book: Book, request: Correct, then: tuple[int, date, Position], language: str) -> str:
    figure, on, _ = then
    return phrase(
        "corrected_item", language, person=person(book, request.member, language) if request.member else short_group(book),
        receipt=request.entry_no, then=short_day(on), item=item_words(request.item, language), was=figure_words(book, request.item, figure),
        right=figure_words(book, request.item, request.right), reason=why_words(request.why, language),
    ) + "."  # fmt: skip


def _was_contested(conn: Conn, request: Correct, entry_no: int) -> bool:
    """Whether this correction answered a dispute: then the agent, who heard of it, hears the end."""
    return any(one.answer_entry == entry_no for one in disputes.contested(conn, request.group_id, open_only=False))
