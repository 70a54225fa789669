"""Texts about PINs and phones: to her, to the number she had, and to the officers who watch over it."""

from __future__ import annotations

from collections.abc import Sequence

from ledger import first_codes
from ledger.books import Book, Member
from ledger.checks import Figure
from ledger.commands import NameHelper, Request
from ledger.journal import Receipt
from menus.notices import tell
from menus.say import short_day
from menus.telling_texts import officers, person, short_group, text_to


def reset(book: Book, member: Member) -> Receipt:
    """She chooses a new PIN; on a shared phone she needs a first code again."""
    return _hers(book, member, "pin_reset_shared" if first_codes.shares(book.hands(), member.number) else "pin_reset")


def pin_chosen(book: Book, number: int, first: bool) -> list[Receipt]:
    """She has set or changed her PIN: if it was not she, this is how she learns of it."""
    member, name = book.member(number), "pin_was_set" if first else "pin_was_changed"
    figures: dict[str, Figure] = {"group": short_group(book), "number": number, "day": short_day(book.group.today)}
    return [text_to(member, name, name, figures)] if member else []


def moved_from(book: Book, member: Member) -> Receipt:
    """For the number she had."""
    return _hers(book, member, "phone_was")


def moved_to(book: Book, member: Member) -> Receipt:
    """For the number she has now."""
    return _hers(book, member, "phone_is")


def helps(book: Book, request: NameHelper, before: int) -> list[Receipt]:
    """Whoever gets her texts from now on, and whoever got them before."""
    told = [(before, "helper_was")] * (before not in (0, request.helper)) + [(request.helper, "helper_is")] * (request.helper != 0)
    members = book.members()
    return [
        text_to(members[number], name, name, {"group": short_group(book), "person": person(book, request.member, members[number].language)})
        for number, name in told
    ]


def done(book: Book, request: Request, numbers: Sequence[int]) -> list[Receipt]:
    """Who asked and who agreed hear that it is done."""
    return tell(book, request, numbers, "done_person", group=short_group(book))


def first_pin(book: Book, number: int) -> list[Receipt]:
    """The record-keeper and the chair hear who chose her first PIN on a phone that others use too; never she herself."""
    told = [officer for officer in officers(book, "record_keeper", "chair") if officer.number != number]
    return [
        text_to(officer, "first_pin", "first_pin", {"group": short_group(book), "person": person(book, number, officer.language)}) for officer in told
    ]


def _hers(book: Book, member: Member, name: str) -> Receipt:
    return text_to(member, name, name, {"group": short_group(book), "number": member.number})
