"""Ten groups and a year of each: who they are, and how one year is played through the same functions as the service's, on days of its own."""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from full_book import nobody_sends
from people import new_group_file

from gateway import groupfile
from ledger import checks, deciding, disputes, ending, meetings, posting, requests
from ledger.books import Book
from ledger.checks import Refused
from ledger.commands import (
    Attend,
    BuyShares,
    ChangeRules,
    CloseMeeting,
    Contest,
    Correct,
    Grant,
    GrantLoan,
    Leave,
    Move,
    NoteMany,
    OpenMeeting,
    PayFine,
    PaySocialFund,
    ReceiveOther,
    RedeemShares,
    Repay,
    Request,
    RollOver,
    ShareOut,
    Spend,
    StartCycle,
    Undo,
    WaiveFine,
    WriteOff,
)  # fmt: skip
from ledger.db import Conn, Database, lock_group
from ledger.journal import Receipt
from ledger.money import EXPONENTS
from ledger.tally import Tally

START, END = date(2026, 1, 5), date(2026, 12, 21)
OFFICES = {1: ["chair"], 2: ["record_keeper"], 3: ["treasurer"], 4: ["money_counter"]}
NAMES = (
    "Lan",
    "Mai",
    "Thu",
    "Hue",
    "Nga",
    "Hoa",
    "Cuc",
    "Dao",
    "Sen",
    "Yen",
    "Bich",
    "Ngoc",
    "Tam",
    "Tuyet",
    "Xuan",
    "Ly",
    "Hang",
    "Van",
    "Loan",
    "Kim",
)


@dataclass(frozen=True)
class Kind:
    """What makes a group different from the others."""

    name: str
    country: str
    currency: str
    timezone: str
    price: int
    members: int
    weeks: int  # between meetings
    loan_meeting_every: int
    charge: dict[str, Any]
    rules: dict[str, Any] = field(default_factory=dict)
    votes: dict[int, dict[str, Any]] = field(default_factory=dict)  # after which meeting another service charge is voted


def _charge(method: str, rate_bp: int = 0, period: str = "month") -> dict[str, Any]:
    return {"method": method, "rate_bp": rate_bp, "period": period}


KINDS = (
    Kind("Doan Ket", "VN", "VND", "Asia/Ho_Chi_Minh", 20_000, 16, 2, 1, _charge("declining", 100)),
    Kind("Tumaini", "KE", "KES", "Africa/Nairobi", 100, 14, 1, 4, _charge("flat", 1000), {"fines_to": "social_fund"}),
    Kind("Kwagala", "UG", "UGX", "Africa/Kampala", 2_000, 18, 1, 4, _charge("rolled", 1000, "four_weeks"), {"leaving": {"rule": "current_value"}}),
    Kind("Umoja", "TZ", "TZS", "Africa/Dar_es_Salaam", 500, 15, 1, 4, _charge("declining", 500, "four_weeks"), {"social_fund_every": "month"}),
    Kind("Jappoo", "SN", "XOF", "Africa/Dakar", 500, 12, 2, 2, _charge("flat", 500), {"share_out": {"method": "per_head", "cash_unit": 25}}),
    Kind("Twitezimbere", "RW", "RWF", "Africa/Kigali", 500, 13, 1, 2, _charge("rolled", 500, "month"),
         {"share_out": {"method": "interest_to_payer", "cash_unit": 100}}),
    Kind("Binh Minh", "VN", "VND", "Asia/Ho_Chi_Minh", 50_000, 12, 4, 1, _charge("declining", 0), {"share_out": {"method": "standard", "rounding": "value_floor",
         "cash_unit": 1000}}),
    Kind("Pamoja", "KE", "KES", "Africa/Nairobi", 200, 20, 2, 2, _charge("declining", 1000), {"confirmation": "treasurer_and_officer",
         "share_out": {"method": "profit_by_shares", "cash_unit": 1}}),
    Kind("Akwaba", "CI", "XOF", "Africa/Abidjan", 1_000, 12, 4, 1, _charge("rolled", 300, "month"),
         {"share_out": {"method": "standard", "rounding": "largest_remainder", "cash_unit": 5}, "leaving": {"rule": "wait"}}),
    Kind("Hoa Sen", "VN", "VND", "Asia/Ho_Chi_Minh", 20_000, 10, 4, 1, _charge("flat", 150), {"loan": {"multiple": 3, "max_term_days": 120,
         "one_at_a_time": False, "late": "doubling"}}),
    Kind("Mshikamano", "TZ", "TZS", "Africa/Dar_es_Salaam", 1_000, 12, 2, 2, _charge("flat", 500, "four_weeks"),
         votes={7: {"charge_method": "declining"}, 13: {"charge_method": "rolled"}}),
)  # fmt: skip


@dataclass
class Year:
    """One group's year as it is played. `said`: what happened, in words, for whoever reads along."""

    db: Database
    kind: Kind
    group_id: int
    code: str
    chance: random.Random
    said: list[str] = field(default_factory=list)
    contested: int = 0

    @classmethod
    def of(cls, db: Database, kind: Kind, seed: int) -> Year:
        """Found the group from a file like any other."""
        people = [(n, NAMES[n - 1], OFFICES.get(n, [])) for n in range(1, kind.members + 1)]
        changes: dict[str, Any] = {
            "group": {"name": kind.name, "country": kind.country, "currency": kind.currency, "timezone": kind.timezone},
            "constitution": {
                "share_price": kind.price, "service_charge": kind.charge, "social_fund_contribution": kind.price // 4,
                "loan": {"multiple": 3, "max_term_days": 120, "one_at_a_time": True}, "fines": {"late": kind.price // 4, "absent": kind.price // 2},
                "share_out": {"method": "standard", "cash_unit": max(kind.price // 20, 1)},
            },
            "cycle": {"number": 1, "start": START.isoformat(), "end": END.isoformat()},
            "opening": {"loan_fund_cash": 0, "social_fund_cash": 0, "shares": [], "loans": []},
        }  # fmt: skip
        for key, value in kind.rules.items():
            whole = key in ("share_out", "leaving") or not isinstance(value, dict)
            changes["constitution"][key] = value if whole else changes["constitution"].get(key, {}) | value
        code, _, text = new_group_file(members=people, **changes)
        text = text.replace(
            "  service_charge:", f"  meetings: {{loan_meeting_every: {kind.loan_meeting_every}, frequency: {_rhythm(kind)}}}\n  service_charge:", 1
        )
        with db.transaction() as conn:
            group_id, _ = groupfile.load(conn, groupfile.read(text))
        return cls(db, kind, group_id, code, random.Random(seed))

    @property
    def price(self) -> int:
        """Of a share, in minor units."""
        return self.kind.price * 10 ** EXPONENTS[self.kind.currency]

    # ---------------------------------------------------------------- one step, as the service takes it

    def wants(self, cls: type[Request], member: int, by: int = 2, **what: Any) -> Request:
        """A request with an id of its own."""
        return cls(id=uuid.UUID(int=self.chance.getrandbits(128), version=4), group_id=self.group_id, member=member, asked_by=by, **what)

    def done(self, request: Request, on: date) -> int:
        """Asked, agreed to by everybody whose word it needs, posted: the entry's number."""
        with self.db.transaction() as conn:
            lock_group(conn, self.group_id)
            book = Book(conn, self.group_id, on)
            number, _ = requests.ask(conn, book, request, lambda _, chosen: [], hours=24)
            asked = requests.find(conn, self.group_id, number)
            assert asked is not None
            for approver in asked.approvers:
                assert requests.give_word(conn, self.group_id, number, approver.officer, True, "sms")
            day = deciding.posting_day(book, request, on)
            prepared = deciding.prepare(conn, book, request, day)
            told = [Receipt(n, "receipt", "told", "GSM-7", 1) for n in sorted({line.member for line in prepared.entry.lines} | {1}) if n]
            posted = posting.carry_out(conn, book, request, prepared, number, day, [a.officer for a in asked.approvers], told)
            requests.close(conn, self.group_id, number, "posted", entry_no=posted.entry_no, officer=asked.approvers[0].officer)
        self.said.append(f"{on} entry {posted.entry_no}: {request.kind} {request.body()}" if not isinstance(request, CloseMeeting) else
                         f"{on} entry {posted.entry_no}: meeting {request.meeting_no}")  # fmt: skip
        return posted.entry_no

    def meeting(self, on: date, loan_meeting: bool, *things: Request, over: int = 0) -> int:
        """A whole meeting; what the rules refuse is left out, as in the room."""
        with self.db.transaction() as conn:
            lock_group(conn, self.group_id)
            book = Book(conn, self.group_id, on)
            counted = meetings.opening_count(book, 0, 0)
            meetings.open_meeting(conn, book, OpenMeeting(
                id=uuid.uuid4(), group_id=self.group_id, member=2, loan_meeting=loan_meeting, loan_fund_counted=counted.loan_fund_expected,
                social_fund_counted=counted.social_fund_expected))  # fmt: skip
            self._noted(conn, book, list(things))
            meeting = meetings.open_now(conn, self.group_id)
            assert meeting is not None
            loan_fund, social_fund = meetings.reckoned(conn, meeting).boxes
        why = "counted twice, money is missing" if over else ""
        return self.done(self.wants(CloseMeeting, 2, meeting_no=meeting.meeting_no, loan_fund_counted=loan_fund + over,
                                    social_fund_counted=social_fund, draft=meeting.draft, why=why), on)  # fmt: skip

    def _noted(self, conn: Conn, book: Book, things: list[Request]) -> None:
        """Note all of it; when the boxes do not allow it the last loan, or else the last thing that takes money out, waits for another day."""
        numbers = meetings.note_many(conn, book, NoteMany(requests=tuple(things)))
        open_now = meetings.open_now(conn, self.group_id)
        while open_now is not None:
            try:
                meetings.reckoned(conn, open_now)
                return
            except Refused as refused:
                if refused.reason != "not_enough_cash":
                    raise
            out = [n for n, thing in zip(numbers, things, strict=True) if isinstance(thing, (GrantLoan, Grant, Spend, RedeemShares))]
            gone = max(n for n in out if n in {noted.note_no for noted in open_now.notes})
            meetings.undo(conn, book, Undo(group_id=self.group_id, member=2, note_no=gone))
            open_now = meetings.open_now(conn, self.group_id)

    def tally(self, on: date) -> Tally:
        """The book on a day, for whoever decides what to do next."""
        return Tally(self.db.connection(), self.group_id, on)


def _rhythm(kind: Kind) -> str:
    return {1: "weekly", 2: "two_weekly", 4: "monthly"}[kind.weeks]


# ---------------------------------------------------------------- what a year holds


def play(db: Database, kind: Kind, seed: int) -> Year:
    """A year: meetings, loans, a member who leaves, a contested entry, a debt given up, the share-out and the first meeting of the next cycle."""
    year = Year.of(db, kind, seed)
    days = [START + timedelta(weeks=kind.weeks * n) for n in range((END - START).days // (7 * kind.weeks))]
    for number, planned in enumerate(days):
        on = planned + timedelta(days=3 if number % 7 == 5 else 0)  # now and then a meeting slips
        loan_meeting = (number + 1) % kind.loan_meeting_every == 0
        lending = loan_meeting and 2 <= number < len(days) * 3 // 4
        entry = year.meeting(
            on, loan_meeting, *_things(year, on, number, lending, last=number == len(days) - 1), over=-year.price // 10 if number == 8 else 0
        )
        if number in kind.votes:
            terms = year.tally(on).constitution.as_json() | kind.votes[number]
            year.done(year.wants(ChangeRules, 0, by=1, from_on=on + timedelta(days=1), terms=terms), on)
        if number == 4:
            _contested(year, entry, on + timedelta(days=1))
        if number == len(days) // 2:
            year.done(year.wants(Leave, kind.members, why="expelled"), on + timedelta(days=1))
        if number % 3 == 1:
            _by_phone(year, on + timedelta(days=2))
    _end(year, days[-1] + timedelta(days=4))
    nobody_sends(db, year.group_id)
    return year


def _things(year: Year, on: date, number: int, lending: bool, last: bool) -> list[Request]:
    """What happens at a meeting, by chance and in no order."""
    chance, tally = year.chance, year.tally(on)
    found: list[Request] = []
    for member in (m.number for m in tally.active()):
        if chance.random() < 0.07:
            found.append(year.wants(Attend, member, status=chance.choice(["late", "absent", "excused"])))
        found.append(year.wants(BuyShares, member, units=chance.randint(1, 5)))
        if chance.random() < 0.93:
            found.append(year.wants(PaySocialFund, member, amount=year.price // 4 * chance.choice([1, 1, 1, 2])))
        if number != 9 and (due := posting.fines_due(tally, member)) and chance.random() < 0.7:
            found.append(year.wants(PayFine, member, amount=due))
        found += _loans_of(year, tally, member, on, lending, last)
    if number % 5 == 3:
        found.append(year.wants(Spend, 1, amount=year.price // 2, what="passbooks"))
        found.append(year.wants(Grant, 5, amount=year.price // 2, what="illness"))
    if number == 6:
        found += [year.wants(Move, 3, amount=year.price, to_bank=True), year.wants(ReceiveOther, 3, amount=year.price // 5, what="gift")]
    if number == 9:
        found += [year.wants(Move, 3, amount=year.price, to_bank=False), year.wants(RedeemShares, 7, units=1)]
        found += [year.wants(WaiveFine, m.number, amount=due) for m in tally.active() if (due := posting.fines_due(tally, m.number)) and m.number % 2]
    chance.shuffle(found)
    return found


def _loans_of(year: Year, tally: Tally, member: int, on: date, lending: bool, last: bool) -> list[Request]:
    """A borrower pays more or less; a few run late, and one of them never pays."""
    chance, kind = year.chance, year.kind
    running = tally.loans(member)
    if not running:
        limit = 3 * tally.shares(member)[1]
        if not lending or limit < year.price * 6 or chance.random() < 0.6:
            return []
        amount = limit * chance.randint(3, 9) // 10 // year.price * year.price
        due = min(on + timedelta(days=chance.choice([30, 60, 90])), checks.latest_due(tally))
        if due <= on:
            return []
        return [year.wants(GrantLoan, member, amount=amount, requested=amount + year.price, purpose="trade", due_on=due, votes=kind.members)]
    loan = running[0]
    if member == 6:
        return [year.wants(RollOver, member, loan_no=loan.loan_no, due_on=on + timedelta(days=28))] if loan.late and on.month < 9 else []
    if last or (loan.late and chance.random() < 0.6):
        return [year.wants(Repay, member, loan_no=loan.loan_no, amount=loan.now.owed)]
    if chance.random() < 0.5:
        return [year.wants(Repay, member, loan_no=loan.loan_no, amount=max(1, loan.now.owed * chance.randint(1, 6) // 10))]
    return []


def _by_phone(year: Year, on: date) -> None:
    """Between meetings a member dials."""
    tally = year.tally(on)
    for member in (8, 9):
        who = tally.member(member)
        if who is not None and not who.left:
            for loan in tally.loans(member)[:1]:
                year.done(year.wants(Repay, member, by=member, loan_no=loan.loan_no, amount=min(loan.now.owed, year.price)), on)
            year.done(year.wants(PaySocialFund, member, by=member, amount=year.price // 4), on)


def _contested(year: Year, entry_no: int, on: date) -> None:
    """Member 5 says that her shares are wrong: one more was bought."""
    with year.db.transaction() as conn:
        lock_group(conn, year.group_id)
        book = Book(conn, year.group_id, on)
        wish = Contest(id=uuid.uuid4(), group_id=year.group_id, member=5, entry_no=entry_no)
        year.contested, _ = disputes.contest(conn, book, wish, "sms")
    year.said.append(f"{on} member 5 contests entry {entry_no}")
    had = next(figure for _, item, _, figure in _items(year, entry_no, 5) if item == "shares")
    by_entry = year.done(year.wants(Correct, 5, by=1, entry_no=entry_no, item="shares", right=had + 1, why="stamped, not written"), on)
    with year.db.transaction() as conn:
        lock_group(conn, year.group_id)
        disputes.corrected(conn, year.group_id, entry_no, 5, 1, by_entry)


def _items(year: Year, entry_no: int, member: int) -> list[tuple[int, str, int, int]]:
    from ledger.correcting import items

    with year.db.transaction() as conn:
        return items(conn, year.group_id, entry_no, member)


def _end(year: Year, on: date) -> None:
    """Debts that nobody will pay are given up, the rest is shared out, and the next cycle begins with shares out of the payouts."""
    tally = year.tally(on)
    for loan in [one for one in tally.running() if one.member == 6][:1]:
        year.done(year.wants(WriteOff, 6, by=1, loan_no=loan.loan_no, why="she moved away"), on)
    year.done(year.wants(ShareOut, 0, by=1, counted=year.tally(on).cash(), expenses=0, remainder_to=tally.constitution.remainder_to), on)
    terms = year.tally(on).constitution.as_json()
    active = [m.number for m in year.tally(on).active()]
    year.done(year.wants(StartCycle, 0, by=1, number=2, starts_on=on + timedelta(days=7), ends_on=on + timedelta(days=350), terms=terms,
                         starting=tuple((number, 2) for number in active)), on)  # fmt: skip
    buys = [year.wants(BuyShares, number, units=1) for number in active]
    year.meeting(on + timedelta(days=14), False, *buys)


def sheet_of(year: Year) -> dict[str, Any]:
    """The share-out as it was posted."""
    from ledger import share_sheet

    found = share_sheet.last(year.db.connection(), year.group_id)
    assert found is not None
    return found


__all__ = ["KINDS", "Kind", "Year", "ending", "play", "sheet_of"]
