"""Groups with an entry of every kind, posted the way workers do it, for tests that read whole books."""

from __future__ import annotations

import random
import secrets
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid5

from gateway import groupfile
from ledger import commands, correcting, deciding, meetings, posting, requests
from ledger.accounts import Kind, account
from ledger.books import Book, LoanNow
from ledger.checkcode import code_of
from ledger.checks import Refused
from ledger.commands import BuyShares, CloseMeeting, GrantLoan, Note, OpenMeeting, PayFine, PaySocialFund, RedeemShares, Repay, Request
from ledger.db import Conn, Database, lock_group
from ledger.journal import NotEnoughCash, Receipt
from ledger.tally import Tally

METHODS = ("flat", "declining", "rolled", "none")
ASKED_LATER_DAYS = (40, 75)
MEETINGS = 12
CYCLE_DAYS = 200
WEEK = timedelta(days=7)
TAKES_OUT = (commands.GrantLoan, commands.Spend, commands.Grant, commands.Move, commands.RepayOutside, commands.Entrust, commands.RedeemShares)


def text(code: str, today: date, method: str = "declining", fines_to: str = "loan_fund") -> str:
    charge = "{method: none}" if method == "none" else f"{{method: {method}, rate_bp: 137, period: month}}"
    return f"""
group: {{code: {code}, name: Tumaini, country: KE, currency: KES, timezone: Africa/Nairobi, language: en}}
constitution:
  share_price: 12.50
  service_charge: {charge}
  loan: {{multiple: 10, max_term_days: 200}}
  fines: {{late: 5}}
  fines_to: {fines_to}
cycle: {{number: 1, start: {today - timedelta(days=100)}, end: {today + timedelta(days=250)}}}
members:
  - {{number: 1, name: Akinyi, phone: "+254700000001", roles: [chair]}}
  - {{number: 2, name: Baraka, phone: "+254700000002", roles: [record_keeper]}}
  - {{number: 3, name: Chebet, phone: "+254700000003", roles: [treasurer]}}
  - {{number: 12, name: Wanjiku}}
opening:
  as_of: {today - timedelta(days=7)}
  loan_fund_cash: 2000.25
  social_fund_cash: 77.77
  shares: [{{member: 1, units: 20}}, {{member: 12, units: 10}}]
  loans:
    - {{member: 12, original: 1500, principal: 1000.01, charge_due: 13.70, issued: {today - timedelta(days=60)}, due: {today + timedelta(days=60)}}}
"""


def new_code() -> str:
    return "T" + secrets.token_hex(5).upper()


def today_in(db: Database) -> date:
    row = db.connection().execute("select (now() at time zone 'Africa/Nairobi')::date as today").fetchone()
    assert row is not None
    today: date = row.today
    return today


def found(db: Database, content: str, today: date) -> int:
    """Load a group file: the group's id."""
    with db.transaction() as conn:
        group_id, _ = groupfile.load(conn, groupfile.read(content, today))
    return group_id


@dataclass
class Clerk:
    """Does for one group what officers, web and workers do, on any day. Ids follow from the group, so the same calls make the same book."""

    db: Database
    group_id: int
    on: date
    refused: list[str] = field(default_factory=list)
    count: int = 0

    def about(self, member: int, by: int | None = None) -> dict[str, Any]:
        """What every request says first; the record-keeper asks for others."""
        self.count += 1
        return {
            "id": uuid5(UUID(int=self.group_id), str(self.count)),
            "group_id": self.group_id,
            "member": member,
            "asked_by": member if by is None else by,
        }

    def alone(self, kind: type[Request], member: int, by: int | None = None, **said: Any) -> int | None:
        """Asked, agreed to and posted: the entry's number, or None when the rules say no."""
        request = kind(**self.about(member, by), **said)
        try:
            with self.db.transaction() as conn:
                return self._post(conn, request)
        except (Refused, NotEnoughCash) as refused:
            self.refused.append(f"{request.kind}: {getattr(refused, 'reason', repr(refused))}")
            return None

    def decide(self, kind: type[Request], member: int = 0, by: int = 2, **said: Any) -> int | None:
        """An officer brings a decision."""
        return self.alone(kind, member, by, **said)

    def _post(self, conn: Conn, request: Request) -> int:
        lock_group(conn, self.group_id)
        book = Book(conn, self.group_id, self.on)
        number, _ = requests.ask(conn, book, request, lambda number, chosen: [], hours=24)
        asked = requests.find(conn, self.group_id, number)
        assert asked is not None
        officers = [a.officer for a in asked.approvers]
        for officer in officers:
            assert requests.give_word(conn, self.group_id, number, officer, True, "sms")
        on = deciding.posting_day(book, request, asked.asked_on)
        prepared = deciding.prepare(conn, book, request, on)
        posted = posting.carry_out(conn, book, request, prepared, number, on, officers, receipts(request))
        if isinstance(request, CloseMeeting | commands.ShareOut):
            _tell_the_code(conn, self.group_id, posted.entry_no)
        assert requests.close(conn, self.group_id, number, "posted", entry_no=posted.entry_no, officer=officers[0])
        return posted.entry_no

    def meeting(
        self, *notes: tuple[type[Request], int, dict[str, Any]], loan_meeting: bool = True, over: tuple[int, int] = (0, 0), why: str = ""
    ) -> int | None:
        """A meeting today: opened, noted, closed; what the rules refuse is left out. `over`: counted at the close beyond what should be there."""
        with self.db.transaction() as conn:
            lock_group(conn, self.group_id)
            book = Book(conn, self.group_id, self.on)
            count = meetings.opening_count(book, 0, 0)
            wish = OpenMeeting(
                id=self.about(0)["id"], group_id=self.group_id, member=2, loan_meeting=loan_meeting, loan_fund_counted=count.loan_fund_expected,
                social_fund_counted=count.social_fund_expected,
            )  # fmt: skip
            meeting_no = meetings.open_meeting(conn, book, wish)
        for kind, member, said in notes:
            self._note(kind(**self.about(member, 2), **said))
        with self.db.transaction() as conn:
            lock_group(conn, self.group_id)
            meeting = meetings.open_now(conn, self.group_id)
            assert meeting is not None
            loan_fund, social_fund = meetings.so_far(conn, meeting).boxes
            counted = {"loan_fund_counted": loan_fund + over[0], "social_fund_counted": social_fund + over[1]}
        entry = self.decide(CloseMeeting, meeting_no=meeting_no, draft=meeting.draft, why=why, **counted)
        assert entry is not None, self.refused[-1]
        return entry

    def _note(self, request: Request) -> None:
        """Noted, and kept only if the meeting could be closed with it."""
        try:
            with self.db.transaction() as conn:
                lock_group(conn, self.group_id)
                meetings.note(conn, Book(conn, self.group_id, self.on), Note(request=request))
                meeting = meetings.open_now(conn, self.group_id)
                assert meeting is not None
                if isinstance(request, TAKES_OUT):
                    meetings.reckoned(conn, meeting)
        except Refused as refused:
            self.refused.append(f"{request.kind}: {refused.reason}")


def _tell_the_code(conn: Conn, group_id: int, entry_no: int) -> None:
    row = conn.execute("select hash from entry where group_id = %s and entry_no = %s", (group_id, entry_no)).fetchone()
    assert row is not None
    told = [Receipt(member, "closed", f"MARY-JANE: closed. Code {code_of(row.hash)}", "gsm7", 1) for member in (1, 12)]
    requests.write_texts(conn, group_id, told, entry_no=entry_no)


def receipts(request: Request) -> list[Receipt]:
    return [Receipt(request.member, "receipt", "Received.", "gsm7", 1)]


def fill(db: Database, method: str = "declining", fines_to: str = "loan_fund") -> int:
    """A small book without meetings: the group's id. Figures are fixed, dates count from today: ten entries, the first of them the opening."""
    today = today_in(db)
    clerk = Clerk(db, found(db, text(new_code(), today, method, fines_to), today), today)
    clerk.alone(BuyShares, 12, units=3)
    clerk.alone(PaySocialFund, 12, amount=1_01)
    clerk.alone(PayFine, 1, amount=5_00)
    clerk.alone(Repay, 12, loan_no=1, amount=113_70)
    clerk.alone(GrantLoan, 1, 2, amount=1000_03, due_on=today + timedelta(days=90))
    for days in ASKED_LATER_DAYS:
        clerk.on = today + timedelta(days=days)
        clerk.alone(Repay, 12, loan_no=1, amount=200_02)
        clerk.alone(Repay, 1, loan_no=2, amount=300_00)
    assert clerk.refused == []
    return clerk.group_id


# ---------------------------------------------------------------- a book with everything in it


YEAR = """
group: {{code: {code}, name: Tumaini, country: KE, currency: KES, timezone: Africa/Nairobi, language: en}}
constitution:
  share_price: 12.50
  shares_per_meeting: [1, 9]
  social_fund_contribution: 3
  service_charge: {charge}
  loan: {{multiple: 5, max_term_days: 120, one_at_a_time: false, late: {late}, from_social_fund: true}}
  outside_loan: {{allowed: true, multiple: 6}}
  fines: {{late: 5, absent: 7.50, noise: 2, late_loan: 6}}
  fines_to: {fines_to}
  quorum_percent: 50
  leaving: {{rule: current_value, death_shortfall: forgive}}
  late_joining: catch_up
  funds_seen_by: officers
  share_out: {{method: standard, cash_unit: 5, remainder: social_fund}}
cycle: {{number: 1, start: {start}, end: {end}}}
members:
  - {{number: 1, name: Akinyi, phone: "+254700000001", roles: [chair]}}
  - {{number: 2, name: Baraka, phone: "+254700000002", roles: [record_keeper]}}
  - {{number: 3, name: Chebet, phone: "+254700000003", roles: [treasurer]}}
  - {{number: 4, name: Dalila, phone: "+254700000004", roles: [money_counter]}}
  - {{number: 5, name: Esther}}
  - {{number: 6, name: Faraji}}
  - {{number: 7, name: Gatura}}
  - {{number: 8, name: Halima}}
  - {{number: 12, name: Wanjiku}}
opening:
  as_of: {start}
  loan_fund_cash: 4000.25
  loan_fund_bank: 300
  social_fund_cash: 577.77
  outside_loan: 100
  shares: [{{member: 1, units: 20}}, {{member: 12, units: 30}}, {{member: 7, units: 25}}, {{member: 5, units: 15}}, {{member: 6, units: 15}}, {{member: 8, units: 15}}]
  loans:
    - {{member: 12, original: 1500, principal: 1000.01, charge_due: 13.70, issued: {issued}, due: {due}}}
  fines: [{{member: 7, amount: 4}}]
  social_fund_due: [{{member: 5, amount: 3}}]
  social_fund_loans: [{{member: 8, principal: 25, issued: {issued}, due: {due}}}]
"""
START = date(2025, 1, 6)


def year_text(code: str, method: str, fines_to: str, late: str) -> str:
    charge = "{method: none}" if method == "none" else f"{{method: {method}, rate_bp: 530, period: four_weeks}}"
    days = {"start": START, "end": START + timedelta(days=CYCLE_DAYS), "issued": START - timedelta(days=40), "due": START + timedelta(days=70)}
    return YEAR.format(code=code, charge=charge, fines_to=fines_to, late=late, **days)


def year(
    db: Database, method: str = "declining", fines_to: str = "loan_fund", late: str = "extra_charge", seed: int = 1, weeks: int = MEETINGS
) -> Clerk:
    """A cycle of weekly meetings with everything in it, its share-out, and the beginning of the next: everything that is asked is drawn by
    `seed`, and what the rules refuse is left out."""
    clerk = Clerk(db, found(db, year_text(new_code(), method, fines_to, late), START), START)
    chance = random.Random(seed)
    for week in range(weeks):
        clerk.on = START + week * WEEK
        over = (chance.choice((-70, 130)), 0) if week % 6 == 5 else (0, 0)
        clerk.meeting(*_notes(clerk, chance, week), loan_meeting=week % 4 == 0, over=over, why="coins" if over[0] else "")
        for days in (1, 2, 2):
            clerk.on += timedelta(days=days)
            _by_phone(clerk, chance)
        _decided(clerk, chance, week)
        for _ in range(chance.randrange(3)):
            correct_something(clerk, chance)
    _end(clerk, chance)
    nobody_sends(db, clerk.group_id)
    return clerk


def nobody_sends(db: Database, group_id: int) -> None:
    """A year's texts are for reading; later tests that let the senders work would wait for hundreds of them."""
    with db.transaction() as conn:
        conn.execute("update outbox set not_before = 'infinity' where group_id = %s", (group_id,))


_YEARS: dict[str, Clerk] = {}


def the_year(db: Database, method: str = "declining") -> Clerk:
    """One such book for all tests that only read it, or take back what they change."""
    if method not in _YEARS:
        _YEARS[method] = year(db, method, seed=METHODS.index(method))
    return _YEARS[method]


def _notes(clerk: Clerk, chance: random.Random, week: int) -> list[tuple[type[Request], int, dict[str, Any]]]:
    """What is said at a meeting, in no order."""
    noted: list[tuple[type[Request], int, dict[str, Any]]] = []
    for member in (1, 2, 3, 4, 5, 6, 7, 8, 12):
        noted += [(BuyShares, member, {"units": chance.randint(1, 5)})] if chance.random() < 0.6 else []
        noted += [(PaySocialFund, member, {"amount": chance.choice((300, 300, 100, 450))})] if chance.random() < 0.7 else []
        noted += [(PayFine, member, {"amount": chance.choice((200, 500))})] if chance.random() < 0.15 else []
        noted += [(commands.Attend, member, {"status": chance.choice(commands.STATUSES)})] if chance.random() < 0.3 else []
        noted += [(RedeemShares, member, {"units": 1})] if chance.random() < 0.05 else []
        noted += [(commands.WaiveFine, member, {"amount": 100})] if chance.random() < 0.05 else []
    noted += [(commands.ChargeFine, 5, {"why": "noise", "amount": 200})]
    for loan in _running(clerk):
        if chance.random() < 0.5:
            noted.append((Repay, loan.member, {"loan_no": loan.loan_no, "amount": min(loan.now.owed, chance.randint(1, 90_000))}))
        if chance.random() < 0.1:
            noted.append((commands.RollOver, loan.member, {"loan_no": loan.loan_no, "due_on": clerk.on + timedelta(days=chance.randint(10, 60))}))
    fund = chance.choice(("loan_fund", "loan_fund", "loan_fund", "social_fund", "entrusted"))
    who, amount = chance.choice((1, 5, 6, 7, 8, 12)), chance.randint(2_000, 60_000)
    noted.append(
        (GrantLoan, who, {"amount": amount, "due_on": clerk.on + timedelta(days=chance.randint(20, 80)), "votes": 9, "fund": fund, "purpose": "hens"})
    )
    noted += chance.sample(_OF_THE_GROUP, 3)
    return noted + ([(commands.BorrowOutside, 1, {"amount": 50_000})] if week == 0 else [])


_OF_THE_GROUP: list[tuple[type[Request], int, dict[str, Any]]] = [
    (commands.Spend, 2, {"amount": 1_250, "what": "ink"}),
    (commands.Spend, 2, {"amount": 300, "what": "tea", "fund": "social_fund"}),
    (commands.Grant, 6, {"amount": 700, "what": "illness"}),
    (commands.Move, 3, {"amount": 9_000, "to_bank": True}),
    (commands.Move, 3, {"amount": 4_000, "to_bank": False}),
    (commands.Move, 3, {"amount": 2_000, "to_bank": True, "fund": "social_fund"}),
    (commands.ReceiveOther, 3, {"amount": 333, "what": "bank interest"}),
    (commands.RepayOutside, 3, {"amount": 1_000, "interest": 77}),
    (commands.Entrust, 1, {"amount": 80_000}),
    (commands.Entrust, 1, {"amount": 3_000, "back": True}),
]


def _running(clerk: Clerk) -> list[LoanNow]:
    with clerk.db.transaction() as conn:
        return Tally(conn, clerk.group_id, clerk.on).running()


def _by_phone(clerk: Clerk, chance: random.Random) -> None:
    member = chance.choice((1, 5, 6, 7, 8, 12))
    what = chance.randrange(6)
    hers = [loan for loan in _running(clerk) if loan.member == member]
    if what == 0:
        clerk.alone(BuyShares, member, units=chance.randint(1, 3))
    elif what == 1:
        clerk.alone(PaySocialFund, member, amount=chance.randint(1, 700))
    elif what == 2:
        clerk.alone(PayFine, member, amount=chance.randint(1, 900))
    elif what == 3:
        clerk.alone(GrantLoan, member, 2, amount=chance.randint(2_000, 40_000), due_on=clerk.on + timedelta(days=30))
    elif hers:
        loan = chance.choice(hers)
        clerk.alone(Repay, member, loan_no=loan.loan_no, amount=min(loan.now.owed, chance.randint(1, 50_000)))


def _decided(clerk: Clerk, chance: random.Random, week: int) -> None:
    """What a group decides beside its meetings, each in its week."""
    if week == 4:
        with clerk.db.transaction() as conn:
            terms = Book(conn, clerk.group_id, clerk.on).constitution.as_json()
        clerk.decide(
            commands.ChangeRules,
            by=0,
            from_on=clerk.on + timedelta(days=3),
            terms=terms | {"social_fund_contribution": 400, "charge_rate_bp": terms["charge_rate_bp"] and 610},
        )
    if week == 7:
        clerk.decide(commands.Leave, 8, why=chance.choice(("leaves", "dies", "expelled", "absconds")))
    if week == 8 and (running := [loan for loan in _running(clerk) if loan.terms.fund == "loan_fund"]):
        loan = chance.choice(running)
        entry = clerk.decide(commands.WriteOff, loan.member, by=2 if loan.member != 2 else 1, loan_no=loan.loan_no, why="gone")
        if entry is not None and chance.random() < 0.5:
            clerk.decide(
                commands.Correct,
                loan.member,
                by=2 if loan.member != 2 else 1,
                entry_no=entry,
                item="write_off",
                loan_no=loan.loan_no,
                right=0,
                why="she is back",
            )
    for member in (1, 2, 3, 5, 6, 7, 8, 12):
        with clerk.db.transaction() as conn:
            owed, old = -Book(conn, clerk.group_id).balance(account(Kind.PAYABLE, member)), Book(conn, clerk.group_id).written_off(member)
        if owed > 0:
            clerk.alone(commands.PayOut, member, 2, amount=owed)
        for loan_no, left in old.items():
            clerk.alone(commands.Recover, member, 2, loan_no=loan_no, amount=max(1, left // 3))


def correct_something(clerk: Clerk, chance: random.Random) -> int | None:
    """A random item of a random entry was wrong."""
    with clerk.db.transaction() as conn:
        row = conn.execute("select next_entry - 1 as last from book_head where group_id = %s", (clerk.group_id,)).fetchone()
        assert row is not None
        entry_no = chance.randint(1, row.last)
        items = correcting.items(conn, clerk.group_id, entry_no)
    if not items:
        return None
    member, item, loan_no, figure = chance.choice(items)
    right = chance.choice((0, figure // 2, figure + 1, figure + chance.randint(1, 2_000) if item not in ("shares", "redemption") else figure + 2))
    return clerk.decide(
        commands.Correct, member, by=2 if member != 2 else 1, entry_no=entry_no, item=item, loan_no=loan_no, right=right, why="misheard"
    )


def _end(clerk: Clerk, chance: random.Random) -> None:
    """The bank is emptied, the cycle shared out, an old item corrected, and the next cycle begun."""
    clerk.on += WEEK
    with clerk.db.transaction() as conn:
        bank = Book(conn, clerk.group_id).balance(account(Kind.LOAN_FUND_BANK))
    clerk.meeting(*([(commands.Move, 3, {"amount": bank, "to_bank": False})] if bank else []), loan_meeting=True)
    clerk.on += timedelta(days=1)
    with clerk.db.transaction() as conn:
        book = Book(conn, clerk.group_id, clerk.on)
        cash, terms = book.cash(), book.constitution.as_json()
    assert clerk.decide(commands.ShareOut, counted=cash - 35, expenses=500, outside_interest=60, carried=700, why="a hole"), clerk.refused[-1]
    for _ in range(4):
        correct_something(clerk, chance)
    clerk.on += WEEK
    starts, terms = clerk.on + timedelta(days=1), terms | {"share_price": 1_500}
    begun = clerk.decide(
        commands.StartCycle, by=0, number=2, starts_on=starts, ends_on=starts + timedelta(days=300), terms=terms, starting=((1, 2), (12, 3), (7, 1))
    )
    assert begun, clerk.refused[-1]
    for _ in range(2):
        clerk.on += WEEK
        clerk.meeting(*_notes(clerk, chance, 0))
        correct_something(clerk, chance)
