"""What is said when a meeting closes: to each member what she did and where she stands, to all both funds and the check code, to the
record-keeper what must be read aloud to those who get no texts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from ledger.accounts import SUB, Kind, account
from ledger.books import Book, Member
from ledger.checkcode import code_of
from ledger.commands import CloseMeeting
from ledger.db import Conn
from ledger.entry import Reason
from ledger.journal import Receipt
from ledger.recent import not_arriving
from ledger.tally import Tally
from menus.say import short_day
from menus.telling_texts import AGENT, agent_of, bare, everybody, listed, of_words, officers, pack, phrase, short_group, text_to, why_words

READ_TEXTS_MAX = 3  # to the record-keeper; the rest is on her screen
_HELD = """
select e.entry_no, e.happened_on, e.hash, e.annex::jsonb->'meeting' as meeting from entry e where e.group_id = %s and e.entry_no = %s"""
_LINES = """
select l.member, l.reason, l.amount, l.units, l.loan_no from entry e
  join line l on l.group_id = e.group_id and l.line_no >= e.first_line and l.line_no < e.first_line + e.line_count
 where e.group_id = %s and e.entry_no = %s and l.member <> 0 order by l.line_no"""
_DUE = """
select n.member, n.due_on, false as rolled from loan n where n.group_id = %(group)s and n.entry_no = %(entry)s
union all
select n.member, v.due_on, true from loan_event v join loan n on n.group_id = v.group_id and n.loan_no = v.loan_no
 where v.group_id = %(group)s and v.entry_no = %(entry)s and v.kind = 'rollover'"""
_SHORT = "select number from member where group_id = %s and short_receipts"
_LAST = "select entry_no from meeting_close where group_id = %s order by meeting_no desc limit 1"
# Reasons told by one amount, in the order they are told; shares, repayments and loans have more to say and come first.
_TOLD = {
    Reason.SOCIAL_FUND: "did_social", Reason.FINE: "did_fine", Reason.FINE_WAIVED: "did_waived", Reason.GRANT: "did_grant",
    Reason.RECOVERED: "did_recovered", Reason.PAYABLE: "did_payable",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Held:
    """A closed meeting as its entry tells it, and the book as it is now. `due`: (due day, rolled over) of loans given or extended."""

    entry_no: int
    on: date
    check: str
    presence: dict[int, str]
    lines: dict[int, list[Any]]
    due: dict[int, list[tuple[date, bool]]]
    counts: tuple[list[Any], list[Any]]
    tally: Tally


def held(conn: Conn, group_id: int, entry_no: int) -> Held:
    """The meeting that an entry closed."""
    row = conn.execute(_HELD, (group_id, entry_no)).fetchone()
    assert row is not None
    lines: dict[int, list[Any]] = {}
    for line in conn.execute(_LINES, (group_id, entry_no)):
        lines.setdefault(line.member, []).append(line)
    due: dict[int, list[tuple[date, bool]]] = {}
    for loan in conn.execute(_DUE, {"group": group_id, "entry": entry_no}):
        due.setdefault(loan.member, []).append((loan.due_on, loan.rolled))
    presence = {number: status for status, numbers in row.meeting["roll"].items() for number in numbers}
    counts = (row.meeting["opening"], row.meeting["closing"])
    return Held(entry_no, row.happened_on, code_of(bytes(row.hash)), presence, lines, due, counts, Tally(conn, group_id))


def last_held(book: Book) -> Held | None:
    """The last closed meeting."""
    row = book.conn.execute(_LAST, (book.group_id,)).fetchone()
    return held(book.conn, book.group_id, row.entry_no) if row else None


def closed(book: Book, _request: CloseMeeting, entry_no: int) -> list[Receipt]:
    """All texts of a close. Everybody with a phone hears; who left and still did something is told what."""
    meeting = held(book.conn, book.group_id, entry_no)
    reached = {member.number for member in everybody(book)}
    left = {number for number, member in book.members().items() if member.left and number in meeting.lines and number in book.reached()}
    members = meeting.tally.members()
    short = {row.number for row in book.conn.execute(_SHORT, (book.group_id,))}
    texts = [text for number in sorted(reached | left) for text in (to_member_shortly if number in short else to_member)(meeting, members[number])]
    for keeper in officers(book, "record_keeper")[:1] or officers(book, "chair")[:1]:
        texts += [of_words(keeper.number, keeper.language, "read_aloud", words) for words in to_read(meeting, book, keeper.language)]
    return texts + _short(meeting, book)


def to_member(meeting: Held, member: Member) -> list[Receipt]:
    """Her receipt, with both funds and the code in the same text where they fit."""
    tally, language = meeting.tally, member.language
    about = {"group": short_group(tally), "day": short_day(meeting.on)}
    head = phrase("close_head", language, **about, number=member.number)
    hers = [*listed(did(meeting, member.number, language)), *listed(stands(tally, member.number, language))]
    hers.append(phrase("wrong", language, receipt=meeting.entry_no) + ".")
    funds = [f"{phrase('both_funds', language, **_boxes(tally))}.", *_differences(meeting, language)]
    funds.append(f"{phrase('check_code', language, check=meeting.check)}.")
    alone, together = pack(head, hers), pack(head, [*hers, *funds])
    if len(together) == len(alone):
        return [of_words(member.number, member.language, "receipt", words) for words in together]
    closing = pack(phrase("closed_head", language, **about), _closing(tally, language, funds))
    return [of_words(member.number, member.language, "receipt", words) for words in alone] + [
        of_words(member.number, member.language, "closing", words) for words in closing
    ]


def to_member_shortly(meeting: Held, member: Member) -> list[Receipt]:
    """For who asked for short receipts: what she did, how to say that it is wrong, and the code; where she stands she reads by dialling."""
    language = member.language
    head = phrase("close_head", language, group=short_group(meeting.tally), day=short_day(meeting.on), number=member.number)
    said = [*listed(did(meeting, member.number, language)), phrase("wrong", language, receipt=meeting.entry_no) + "."]
    said.append(f"{phrase('check_code', language, check=meeting.check)}.")
    return [of_words(member.number, member.language, "receipt", words) for words in pack(head, said)]


def _boxes(tally: Tally) -> dict[str, str]:
    boxes = {"cash": Kind.LOAN_FUND_CASH, "social": Kind.SOCIAL_FUND_CASH}
    return {name: bare(tally.money(tally.balance(account(kind)))) for name, kind in boxes.items()}


def apart(meeting: Held) -> tuple[int, int]:
    """Counted less expected of both funds, opening and close together."""
    opening, closing = meeting.counts
    return opening[1] - opening[0] + closing[1] - closing[0], opening[3] - opening[2] + closing[3] - closing[2]


def _differences(meeting: Held, language: str) -> list[str]:
    """A count that is not what the book says is said to everybody."""
    said = []
    for name, more in zip(("value_loan_fund", "value_social_fund"), apart(meeting), strict=True):
        if more:
            said.append(phrase("fund_differs", language, fund=phrase(name, language), amount=_signed(meeting.tally, more)) + ".")
    return said


def _closing(tally: Tally, language: str, funds: list[str]) -> list[str]:
    """Both funds with what is lent and banked, the code, and a word to remember them by."""
    lent = sum(balance for number, (balance, _) in tally.balances().items() if number // SUB == Kind.LOAN)
    bank = tally.balance(account(Kind.LOAN_FUND_BANK)) + tally.balance(account(Kind.SOCIAL_FUND_BANK))
    more = [phrase("lent_out", language, amount=bare(tally.money(lent)))]
    more += [phrase("in_bank", language, amount=bare(tally.money(bank)))] if bank else []
    return [funds[0].rstrip(".") + ",", *listed(more), *funds[1:], phrase("remember", language) + "."]


def did(meeting: Held, number: int, language: str) -> list[str]:
    """What she did, piece by piece; how she was there when she did nothing, or not as one is expected to be."""
    lines, money = meeting.lines.get(number, []), meeting.tally.money

    def total(*reasons: Reason) -> int:
        return sum(line.amount for line in lines if line.reason in reasons)

    said = []
    for name, reasons in (("did_shares", (Reason.SHARE, Reason.CATCH_UP)), ("did_redemption", (Reason.REDEMPTION,))):
        if units := sum(abs(line.units) for line in lines if line.reason in reasons):
            said.append(phrase(name, language, units=units, amount=bare(money(total(*reasons)))))
    charge, principal = total(Reason.SERVICE_CHARGE), total(Reason.PRINCIPAL)
    if charge + principal:
        split = {"charge": bare(money(charge)), "principal": bare(money(principal))}
        said.append(phrase("did_repaid", language, amount=bare(money(charge + principal)), **split))
    said += _loans(meeting, number, language)
    said += [phrase(name, language, amount=bare(money(total(why)))) for why, name in _TOLD.items() if total(why)]
    if total(Reason.FINE_CHARGED) > total(Reason.FINE):
        said.append(phrase("did_fined", language, amount=bare(money(total(Reason.FINE_CHARGED)))))
    status = meeting.presence.get(number, "present")
    if status != "present":
        said.append(phrase(f"was_{status}", language))
    return said or [phrase("did_nothing", language)]


def _loans(meeting: Held, number: int, language: str) -> list[str]:
    """Loans given to her, each with its due day, and loans that run on."""
    given = iter(line.amount for line in meeting.lines.get(number, []) if line.reason == Reason.LOAN)
    said = []
    for due, rolled in meeting.due.get(number, []):
        day = due.strftime("%d/%m/%y")
        if rolled:
            said.append(phrase("did_rolled", language, due=day))
        else:
            said.append(phrase("did_loan", language, amount=bare(meeting.tally.money(next(given))), due=day))
    return said


def stands(tally: Tally, number: int, language: str) -> list[str]:
    """Shares, debt, and what is due of fines and contributions."""
    units, _ = tally.shares(number)
    owed = sum(loan.now.owed for loan in tally.loans(number))
    said = [phrase("has_shares", language, units=units) if units else phrase("has_no_shares", language)]
    said.append(phrase("has_debt", language, owed=bare(tally.money(owed))) if owed else phrase("has_no_debt", language))
    fines = sum(tally.balance(account(kind, number)) for kind in (Kind.FINE_DUE, Kind.SOCIAL_FUND_FINE_DUE))
    dues = {"has_fines": fines, "has_social_due": tally.balance(account(Kind.SOCIAL_FUND_DUE, number))}
    dues["has_payable"] = -tally.balance(account(Kind.PAYABLE, number))
    return said + [phrase(name, language, amount=bare(tally.money(amount))) for name, amount in dues.items() if amount]


# ---------------------------------------------------------------- who gets no text


def unread(meeting: Held, book: Book) -> list[int]:
    """Members whom no text reaches: no phone, STOP, or a number where the last texts did not arrive (those are still sent)."""
    hearing = book.hearing() - not_arriving(book.conn, book.group_id)
    return [member.number for member in meeting.tally.active() if member.number not in hearing]


def aloud(meeting: Held, number: int, language: str) -> str:
    """One member's figures, to be read aloud."""
    words = " ".join([*listed(did(meeting, number, language)), *listed(stands(meeting.tally, number, language))])
    return phrase("read_one", language, number=number, what=words)


def to_read(meeting: Held, book: Book, language: str) -> list[str]:
    """The record-keeper's texts: as many members as a few texts hold, and how many are left."""
    numbers = unread(meeting, book)
    head = phrase("read_head", language, group=short_group(book), day=short_day(meeting.on))
    pieces = [aloud(meeting, number, language) for number in numbers]
    for shown in range(len(pieces), 0, -1):
        left = len(pieces) - shown
        texts = pack(head, pieces[:shown] + ([phrase("read_more", language, count=left)] if left else []))
        if len(texts) <= READ_TEXTS_MAX:
            return texts
    return []


def _short(meeting: Held, book: Book) -> list[Receipt]:
    """The agent hears when a count and the book did not agree, at the opening or at the close."""
    agent = agent_of(book)
    loan_fund, social = apart(meeting)
    if agent is None or not any(count[0] != count[1] or count[2] != count[3] for count in meeting.counts):
        return []
    why = next((count[4] for count in reversed(meeting.counts) if count[4]), "")
    return [
        text_to(agent, "agent_short", "agent_short", {
            "group": short_group(book), "day": short_day(meeting.on), "loan_fund": _signed(book, loan_fund), "social": _signed(book, social),
            "reason": why_words(why, agent.language),
        })
    ]  # fmt: skip


def _signed(book: Book, amount: int) -> str:
    return ("+" if amount > 0 else "") + bare(book.money(amount))


def left_open(book: Book, held_on: date) -> list[Receipt]:
    """A meeting was not closed within a day: record-keeper, chair and agent are told, once."""
    figures = {"group": short_group(book), "day": short_day(held_on)}
    texts = [text_to(member, "left_open", "meeting_left_open", dict(figures)) for member in officers(book, "record_keeper", "chair")]
    agent = agent_of(book)
    return texts + ([text_to(agent, "left_open", "agent_left_open", dict(figures))] if agent else [])


__all__ = ["AGENT", "Held", "aloud", "closed", "did", "held", "last_held", "left_open", "stands", "to_member", "to_read", "unread"]
