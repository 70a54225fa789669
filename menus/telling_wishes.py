"""A member's wish told to those who can do something about it."""

from __future__ import annotations

from ledger.books import Book
from ledger.checks import Figure
from ledger.commands import Wish
from ledger.journal import Receipt
from menus.telling_texts import agent_of, officers, person, short_group, text_to


def wished(book: Book, wish: Wish) -> list[Receipt]:
    """The agent is asked to call; record-keeper and chair hear who wants to borrow."""
    if wish.what == "call":
        agent = agent_of(book)
        told = [agent] if agent else []
    else:
        told = [officer for officer in officers(book, "record_keeper", "chair") if officer.number != wish.member]
    name = f"wish_{wish.what}"
    texts = []
    for member in told:
        figures: dict[str, Figure] = {"group": short_group(book), "person": person(book, wish.member, member.language)}
        more: dict[str, Figure] = {"amount": book.money(wish.amount)} if wish.what == "loan" else {}
        texts.append(text_to(member, name, name, figures | more))
    return texts
