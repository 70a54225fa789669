"""From a compact text to what it would note, and the words it is read back in. The roll call comes first: it says who is here to pay."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID, uuid5

from ledger import checks, meetings
from ledger.books import Book
from ledger.checks import Refused
from ledger.commands import Attend, BuyShares, NoteMany, PayFine, PaySocialFund, Repay, Request
from ledger.meetings import Meeting, Noted
from ledger.money import minor_units
from ledger.reckoning import Reckoned
from menus import noting
from menus.at_meeting import line, word
from menus.compact import Item
from menus.facts_noting import listed
from menus.say import fill, money
from menus.state import Membership
from menus.texts import label

_FIRST = ("late", "absent", "excused", "present")


@dataclass(slots=True)
class Texted:
    """What a text comes to, thing by thing. The ids follow from the text's own, so that it is noted once however often it is confirmed."""

    book: Book
    keeper: Membership
    meeting: Meeting
    text_id: UUID
    requests: list[Request] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def about(self, member: int) -> dict[str, Any]:
        """The next request: of whom, noted by whom, under which id."""
        number = uuid5(self.text_id, str(len(self.requests)))
        return {"id": number, "group_id": self.keeper.group_id, "member": member, "asked_by": self.keeper.member}

    def so_far(self) -> Reckoned:
        """The meeting with what the text has said until now."""
        notes = (*self.meeting.notes, *(Noted(0, request) for request in self.requests))
        return meetings.so_far(self.book.conn, replace(self.meeting, notes=notes))

    def take(self, item: Item) -> None:
        """One thing more. Raises checks.Refused."""
        for number in item.members:
            member = self.book.member(number)
            if member is None or (member.left and item.kind != "repay"):
                raise Refused("no_such_member" if member is None else "member_left", number=number)
        match item.kind:
            case "social_fund":
                self._social_fund(item)
            case "shares":
                self._shares(item)
            case "repay":
                self._one(Repay(**self.about(item.members[0]), loan_no=self._loan(item.members[0]), amount=self._amount(item)))
            case "fine":
                self._one(PayFine(**self.about(item.members[0]), amount=self._amount(item)))
            case status:
                for number in item.members:
                    self.requests.append(Attend(**self.about(number), status=status))
                self.said.append(f"{word(status, self.keeper.language)}: {listed(list(item.members))}")

    def _one(self, request: Request) -> None:
        self.requests.append(request)
        self.said.append(line(self.book, request, self.keeper.language))

    def _social_fund(self, item: Item) -> None:
        done = self.so_far()
        due = {number: done.missed[number] for number in noting.here(done) if number in done.missed and number not in item.members}
        if not due:
            raise Refused("nobody_pays")
        for number, amount in due.items():
            self.requests.append(PaySocialFund(**self.about(number), amount=amount))
        self._total("note_contributions", len(due), sum(due.values()))

    def _shares(self, item: Item) -> None:
        here = noting.here(self.so_far())
        if len(item.typed) != len(here):
            raise Refused("row_length", count=len(item.typed), present=len(here))
        row = {number: int(units) for number, units in zip(here, item.typed, strict=True)}
        for number, units in row.items():
            if units:
                self.requests.append(BuyShares(**self.about(number), units=units))
        self.said.append(" ".join(f"{number}:{units}" for number, units in row.items()))
        self._total("note_shares", sum(row.values()), sum(row.values()) * self.book.constitution.share_price)

    def _total(self, name: str, count: int, amount: int) -> None:
        self.said.append(f"{label(name, self.keeper.language)} {count} = {money(self.book.money(amount))}")

    def _loan(self, number: int) -> int:
        """Her only loan: with several it takes the keypad."""
        running = self.so_far().tally.loans(number)
        if len(running) != 1:
            raise Refused("several_loans" if running else "she_owes_nothing", of=number)
        return running[0].loan_no

    def _amount(self, item: Item) -> int:
        try:
            minor = minor_units(item.typed, self.book.group.currency)
        except ValueError:
            raise Refused("type_number") from None
        checks.check_amount(self.book, minor)
        return minor


def texted(book: Book, keeper: Membership, meeting: Meeting, text_id: UUID, items: Iterable[Item]) -> tuple[NoteMany, str]:
    """(what the text would note, the words that read it back). Raises checks.Refused when the meeting would not take all of it."""
    found = Texted(book, keeper, meeting, text_id)
    for item in sorted(items, key=lambda item: item.kind not in _FIRST):
        found.take(item)
    if not found.requests:
        raise Refused("row_empty")
    meetings.check_notes(book.conn, book, found.requests)
    return NoteMany(tuple(found.requests)), ". ".join(found.said)


def read_back(words: str, code: str, language: str) -> str:
    """The text that asks for a yes."""
    return fill("texted_read", "sms", language, {"answer": words, "code": code})
