"""From a compact text to what it would note, and the words it is read back in. The roll call comes first: it says who is here to pay."""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import sha256
from uuid import UUID

from ledger import meetings
from ledger.books import Book
from ledger.checks import Refused
from ledger.commands import STATUSES, Attend, BuyShares, GrantLoan, NoteMany, PaySocialFund, Request
from ledger.meetings import Meeting
from menus import noting
from menus.at_meeting import line, named, word
from menus.compact import Item
from menus.facts_noting import listed
from menus.say import fill, money
from menus.state import Membership
from menus.telling_texts import one_text, pack
from menus.texted_notes import MAKERS, Saying
from menus.texts import label

OF_THOSE_WHO_LEFT = ("repay", "pay_out", "recover")
READ_TEXTS_MAX = 3  # that one thing may be read back in

_ROW = re.compile(r"[0-9]+:[0-9] ")


def take(saying: Saying, item: Item) -> None:
    """One thing more. Raises Refused."""
    for number in item.members:
        member = saying.book.member(number)
        if member is None or (member.left and item.kind not in OF_THOSE_WHO_LEFT):
            raise Refused("no_such_member" if member is None else "member_left", number=number)
    if item.kind in STATUSES:
        _roll(saying, item)
    elif item.kind == "social_fund":
        _social_fund(saying, item)
    elif item.kind == "shares":
        _shares(saying, item)
    else:
        _one(saying, item)


def _roll(saying: Saying, item: Item) -> None:
    status = next(status for status in STATUSES if status == item.kind)
    for number in item.members:
        saying.requests.append(Attend(**saying.about(number), status=status))
    saying.said.append(f"{word(status, saying.keeper.language)}: {listed(list(item.members))}")


def _one(saying: Saying, item: Item) -> None:
    request = MAKERS[item.kind](saying, item)
    others = [*saying.meeting.requests(), *saying.requests]
    same = any((one.kind, one.member, one.body()) == (request.kind, request.member, request.body()) for one in others)
    saying.requests.append(request)
    twin = fill("noted_twin", "page", saying.keeper.language, {}) if same else ""
    which = f" ({item.members[0]}.{item.loan})" if item.loan else ""
    saying.said.append(f"{twin}{_words(saying, request)}{which}")


def _words(saying: Saying, request: Request) -> str:
    """A note as it is read back; a loan with all that was agreed."""
    language = saying.keeper.language
    if not isinstance(request, GrantLoan):
        return line(saying.book, request, language)
    needed = -(-saying.so_far().present * saying.book.constitution.quorum_percent // 100)
    few = fill("too_few_votes", "page", language, {"needed": needed}) if request.votes < needed else ""
    stands = fill("texted_guarantors", "sms", language, {"members": listed(list(request.guarantors))}) if request.guarantors else ""
    stands += f" ({request.pledge})" if request.pledge else ""
    fund = f"{label(f'fund_{request.fund}', language)}: " if request.fund != "loan_fund" else ""
    said = fill("texted_loan", "sms", language, {
        "member": named(saying.book, request.member, language), "amount": saying.book.money(request.amount), "due": request.due_on,
        "purpose": word(request.purpose, language), "votes": request.votes,
    })  # fmt: skip
    return f"{fund}{said}{stands}{few.rstrip('.')}"


def _social_fund(saying: Saying, item: Item) -> None:
    done = saying.so_far()
    due = {number: done.missed[number] for number in noting.here(done) if number in done.missed and number not in item.members}
    if not due:
        raise Refused("nobody_pays")
    for number, amount in due.items():
        saying.requests.append(PaySocialFund(**saying.about(number), amount=amount))
    _total(saying, "note_contributions", len(due), sum(due.values()))


def _shares(saying: Saying, item: Item) -> None:
    here = noting.here(saying.so_far())
    if len(item.row) != len(here):
        raise Refused("row_length", count=len(item.row), present=len(here))
    row = {number: int(units) for number, units in zip(here, item.row, strict=True)}
    bought = {number: units for number, units in row.items() if units}
    if not bought:
        raise Refused("row_empty")
    twice = sorted({one.member for one in saying.meeting.requests() if isinstance(one, BuyShares)} & bought.keys())
    for number, units in bought.items():
        saying.requests.append(BuyShares(**saying.about(number), units=units))
    saying.said += [" ".join(f"{number}:{units}" for number, units in row.items())]
    if twice:
        saying.said.append(fill("note_row_again", "page", saying.keeper.language, {"members": listed(twice)}).rstrip("."))
    _total(saying, "note_shares", sum(row.values()), sum(row.values()) * saying.book.constitution.share_price)


def _total(saying: Saying, name: str, count: int, amount: int) -> None:
    saying.said.append(f"{label(name, saying.keeper.language)} {count} = {money(saying.book.money(amount))}")


def texted(book: Book, keeper: Membership, meeting: Meeting, text_id: UUID, items: Iterable[Item]) -> tuple[NoteMany, list[str]]:
    """(what the text would note, the words that read it back). Raises checks.Refused when the meeting would not take all of it."""
    saying = Saying(book, keeper, meeting, text_id)
    for item in sorted(items, key=lambda item: item.kind not in STATUSES):
        take(saying, item)
    meetings.check_notes(book.conn, book, saying.requests)
    return NoteMany(tuple(saying.requests)), saying.said


def mark(notes: NoteMany) -> str:
    """What she saw, in a few letters: her OK counts for that and nothing else."""
    return sha256(b"".join(request.body_hash() for request in notes.requests)).hexdigest()[:16]


def read_back(said: list[str], code: str, language: str) -> list[str]:
    """The text that asks for a yes. One thing alone, or a row of shares, may take more texts: what cannot be sent in two must not be
    refused as too long. Raises Refused."""
    whole = ". ".join(said)
    words = fill("texted_read", "sms", language, {"answer": whole, "code": code})
    if one_text(words):
        return [words]
    *most, last = said if len(said) > 1 else whole.split(" ")
    pieces = " ".join(f"{one}." if len(said) > 1 else one for one in most).split(" ")
    texts = pack("M:", [*pieces, fill("texted_read", "sms", language, {"answer": last, "code": code})])
    if (len(said) > 1 and not _ROW.match(whole)) or len(texts) > READ_TEXTS_MAX:
        raise Refused("texted_long")
    return texts
