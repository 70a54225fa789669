"""Groups that live through their cycles on a real database, without phones, beside the naive book that lives through the same.

`Played` does what it is told at once, or raises Refused. `Life` is a Played with a Naive beside it: every step is asked of both, which must say
the same, and after every entry all balances must be the same. A step is (what, how much of it, seed): the seed alone decides the rest.
"""

from __future__ import annotations

import itertools
import os
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import uuid4

from hypothesis import HealthCheck, Phase, currently_in_test_context, note, settings
from hypothesis import strategies as st
from naive import DAY, Alone, Judge, Looked, Meeting, Naive, No, latest_due, place

from ledger import correcting, deciding, groups, meetings, posting
from ledger.accounts import SUB, Kind, name_of
from ledger.books import Book
from ledger.checks import Refused
from ledger.commands import KINDS, STATUSES, CloseMeeting, Note, OpenMeeting, Request, Undo
from ledger.constitution import Constitution
from ledger.db import Database, lock_group
from ledger.groups import NewGroup, NewLoan, NewMember
from ledger.journal import NotEnoughCash, Posted
from ledger.rules_opening import OpeningDue, OpeningShare

_COUNT = itertools.count(1)
START = date(2025, 1, 6)
CHAIR, RECORD_KEEPER, TREASURER = 1, 2, 3
PLAIN: dict[str, Any] = {
    "share_price": 100, "shares_min": 1, "shares_max": 5, "social_fund_contribution": 20, "charge_method": "declining", "charge_rate_bp": 1_000,
    "charge_period": "month", "loan_multiple": 3, "loan_max_term_days": 180, "one_loan_at_a_time": False, "fines": {"late": 5, "absent": 10},
}  # fmt: skip
LONG = "PROPERTY_EXAMPLES" in os.environ  # a hunt by hand: other groups every time; the suite plays the same ones
EXAMPLES = int(os.environ.get("PROPERTY_EXAMPLES", "25"))
# A failing case is shown as it was found; looking for a smaller one takes minutes and is asked for.
PHASES = tuple(Phase) if os.environ.get("PROPERTY_SHRINK") else (Phase.explicit, Phase.reuse, Phase.generate)


def examples(percent: int) -> settings:
    """So many per cent of PROPERTY_EXAMPLES, as slow as PostgreSQL is."""
    return settings(
        max_examples=max(1, EXAMPLES * percent // 100),
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=LONG,
        phases=PHASES,
        derandomize=not LONG,
    )


def founding(members: int = 5, rules: dict[str, Any] | None = None, start: date = START, end: date = START + 350 * DAY, **more: Any) -> NewGroup:
    """A group nobody has loaded yet; `rules` over PLAIN, `more` as in NewGroup."""
    offices = {CHAIR: ("chair",), RECORD_KEEPER: ("record_keeper",), TREASURER: ("treasurer",)}
    people = tuple(NewMember(number, f"Member {number}", "en", offices.get(number, ())) for number in range(1, members + 1))
    rules_now = Constitution(**{**PLAIN, **(rules or {})})
    return NewGroup(
        f"P{next(_COUNT):06d}", "Tumaini", "KE", "KES", "Africa/Nairobi", "en", rules_now, 1, start, end, people, **{"opened_on": start} | more
    )


def named_anew(new: NewGroup) -> NewGroup:
    """The same group under a code that nobody has."""
    return replace(new, code=f"P{next(_COUNT):06d}")


# ---------------------------------------------------------------- a group that does what it is told


class Played:
    """One group in the database. What is refused says why and changes nothing."""

    def __init__(self, db: Database, new: NewGroup):
        self.db = db
        with db.transaction() as conn:
            self.group_id, _ = groups.create(conn, new, new.code.encode())

    def __call__(self, kind: str, member: int = 0, asked_by: int = RECORD_KEEPER, **said: Any) -> Request:
        """Something said in this group, under an id of its own."""
        return KINDS[kind](id=uuid4(), group_id=self.group_id, member=member, asked_by=asked_by, **said)

    def post(self, request: Request, on: date, twice: bool = False) -> Posted:
        """Asked, agreed to and posted. Raises Refused. `twice`: what is prepared comes a second time."""
        try:
            with self.db.transaction() as conn:
                lock_group(conn, self.group_id)
                book = Book(conn, self.group_id, today=on)
                on = deciding.posting_day(book, request, on)
                prepared = deciding.prepare(conn, book, request, on)
                posted = posting.carry_out(conn, book, request, prepared, None, on, (TREASURER, CHAIR), [])
                if twice:
                    again = posting.carry_out(conn, book, request, prepared, None, on, (TREASURER, CHAIR), [])
                    assert (again.repeated, again.entry_no) == (True, posted.entry_no)
                return posted
        except NotEnoughCash:
            raise Refused("not_enough_cash") from None

    def open(self, on: date, loan_meeting: bool = True, over: tuple[int, int] = (0, 0)) -> None:
        """`over`: what is counted beyond the book, in both boxes."""
        with self.db.transaction() as conn:
            lock_group(conn, self.group_id)
            book = Book(conn, self.group_id, today=on)
            should = meetings.opening_count(book, 0, 0)
            meetings.open_meeting(conn, book, OpenMeeting(
                id=uuid4(), group_id=self.group_id, member=RECORD_KEEPER, loan_meeting=loan_meeting, why="counted twice" if any(over) else "",
                loan_fund_counted=should.loan_fund_expected + over[0], social_fund_counted=should.social_fund_expected + over[1],
            ))  # fmt: skip

    def note(self, request: Request, on: date) -> int:
        """Its number. Raises Refused."""
        with self.db.transaction() as conn:
            lock_group(conn, self.group_id)
            return meetings.note(conn, Book(conn, self.group_id, today=on), Note(request=request))

    def note_unasked(self, request: Request) -> int:
        """The same for what is known to be allowed, several times as fast: the close judges it all the same."""
        with self.db.transaction() as conn:
            meeting = meetings.open_now(conn, self.group_id)
            assert meeting is not None
            return meetings._write(conn, meeting, request)

    def undo(self, note_no: int, on: date) -> None:
        """A note is taken back."""
        with self.db.transaction() as conn:
            lock_group(conn, self.group_id)
            meetings.undo(conn, Book(conn, self.group_id, today=on), Undo(group_id=self.group_id, member=RECORD_KEEPER, note_no=note_no))

    def close(self, on: date, over: tuple[int, int] = (0, 0), boxes: tuple[int, int] | None = None, twice: bool = False) -> Posted:
        """Close the open meeting, counting `over` more than it comes to, or than is said to be in the boxes. Raises Refused."""
        with self.db.transaction() as conn:
            meeting = meetings.open_now(conn, self.group_id)
            assert meeting is not None
            boxes = boxes or meetings.reckoned(conn, meeting).boxes
        why = "" if meeting.opening.agrees and not any(over) else "counted twice"
        closing = CloseMeeting(
            id=uuid4(), group_id=self.group_id, member=0, asked_by=RECORD_KEEPER, meeting_no=meeting.meeting_no, draft=meeting.draft, why=why,
            loan_fund_counted=boxes[0] + over[0], social_fund_counted=boxes[1] + over[1],
        )  # fmt: skip
        return self.post(closing, on, twice)

    def meet(self, on: date, *said: Request, loan_meeting: bool = True) -> Posted:
        """A whole meeting at which nothing is refused and the boxes agree."""
        self.open(on, loan_meeting)
        for request in said:
            self.note(request, on)
        return self.close(on)

    # ---- what the book says

    def book(self, ask: Callable[[Book], Any], on: date | None = None) -> Any:
        """`ask(book)`."""
        with self.db.transaction() as conn:
            return ask(Book(conn, self.group_id, today=on))

    def rows(self, query: str, *values: Any) -> list[Any]:
        """Rows of a query whose first parameter is the group."""
        with self.db.transaction() as conn:
            return conn.execute(query, (self.group_id, *values)).fetchall()

    def balances(self) -> dict[int, tuple[int, int]]:
        """{account: (balance, shares counted on it)} without accounts that hold nothing; the boxes beside the shares count nothing."""
        found = {number: (balance, units if number // SUB == Kind.SHARES else 0) for number, (balance, units) in self.book(Book.balances).items()}
        return {number: both for number, both in found.items() if any(both)}

    def items(self, entry_no: int) -> list[tuple[int, str, int, int]]:
        """(member, item, loan, figure) that can be corrected in an entry."""
        with self.db.transaction() as conn:
            return correcting.items(conn, self.group_id, entry_no)


def tell(words: str) -> None:
    """Shown with an example that fails."""
    if currently_in_test_context():
        note(words)


def reason_of(deed: Callable[..., Any], *args: Any) -> tuple[str, Any]:
    """(why it was refused or "", what came of it)."""
    try:
        return "", deed(*args)
    except Refused as refused:
        return refused.reason, None


def differences(book: dict[int, Any], wanted: dict[int, Any]) -> dict[str, tuple[Any, Any]]:
    """{account: (in the book, in the other)} where they differ."""
    return {name_of(number): (book.get(number), wanted.get(number)) for number in sorted({*book, *wanted}) if book.get(number) != wanted.get(number)}


# ---------------------------------------------------------------- any group


def constitutions(**fixed: Any) -> st.SearchStrategy[Constitution]:
    """Rules of a group, as odd as the group file would take them."""
    any_rules: dict[str, st.SearchStrategy[Any]] = {
        "share_price": st.sampled_from([100, 1, 1_250, 20_000]), "shares_min": st.just(1), "shares_max": st.integers(1, 6),
        "social_fund_contribution": st.sampled_from([0, 20, 333]), "charge_method": st.sampled_from(["flat", "declining", "rolled", "none"]),
        "charge_rate_bp": st.sampled_from([1_000, 0, 1, 150, 333, 2_000]), "charge_period": st.sampled_from(["month", "four_weeks"]),
        "loan_multiple": st.integers(1, 5), "loan_max_term_days": st.sampled_from([92, 30, 200, 365]), "one_loan_at_a_time": st.booleans(),
        "fines": st.sampled_from([{}, {"late": 5, "late_loan": 9}, {"late": 7, "absent": 300}]), "fines_to": st.sampled_from(["loan_fund", "social_fund"]),
        "share_out_method": st.sampled_from(["standard", "profit_by_shares", "per_head", "interest_to_payer"]),
        "cash_unit": st.sampled_from([1, 7, 50, 1_000]), "shares_first_max": st.sampled_from([0, 0, 9]),
        "meeting_frequency": st.sampled_from(["", "", "", "weekly", "two_weekly", "monthly", "twice_a_month"]),
        "loan_meeting_every": st.integers(1, 3), "social_fund_every": st.sampled_from(["meeting", "month"]), "guarantors": st.sampled_from([0, 0, 1, 2]),
        "pledge": st.sampled_from([False, False, False, True]),
        "late_loan": st.sampled_from(["none", "extra_charge", "fine", "doubling"]), "social_fund_loans": st.booleans(), "outside_loan": st.booleans(),
        "outside_loan_multiple": st.sampled_from([3, 5]), "exit_rule": st.sampled_from(["at_cost", "current_value", "wait"]),
        "death_shortfall": st.sampled_from(["owed", "forgive"]), "late_joining": st.sampled_from(["cycle_start", "catch_up"]),
        "share_out_rounding": st.sampled_from(["payout_floor", "value_floor", "largest_remainder"]),
        "remainder_to": st.sampled_from(["social_fund", "carried"]), "quorum_percent": st.sampled_from([67, 50, 100]),
        "funds_seen_by": st.sampled_from(["members", "officers"]),
    }  # fmt: skip
    said = {name: value if isinstance(value, st.SearchStrategy) else st.just(value) for name, value in fixed.items()}
    return st.builds(Constitution, **(any_rules | said))


@st.composite
def any_group(draw: st.DrawFn, **fixed: Any) -> NewGroup:
    """A group of 3 to 12 members that is new, or brings figures from its paper."""
    members, rules = draw(st.integers(3, 12)), draw(constitutions(**fixed))
    new = founding(members, start=START, end=draw(st.sampled_from([START + timedelta(days=200), START + timedelta(days=360)])))
    return replace(new, constitution=rules, **(draw(brought(members, rules)) if draw(st.booleans()) else {}))


@st.composite
def brought(draw: st.DrawFn, members: int, rules: Constitution) -> dict[str, Any]:
    """What a group brings from its paper."""
    who, some = st.integers(1, members), st.integers(0, 40).map(lambda count: count * rules.share_price)
    loans = draw(
        st.lists(st.tuples(who, st.integers(1, 30), st.integers(0, 9), st.integers(-100, -1), st.integers(-60, 150), st.booleans()), max_size=3)
    )
    return {
        "loan_fund_cash": draw(some), "social_fund_cash": draw(st.integers(0, 500)), "loan_fund_bank": draw(some), "social_fund_bank": draw(st.integers(0, 50)),
        "shares": tuple(OpeningShare(number, units) for number, units in draw(st.dictionaries(who, st.integers(1, 30))).items()),
        "fines": tuple(OpeningDue(number, due) for number, due in draw(st.dictionaries(who, st.integers(1, 30), max_size=3)).items()),
        "social_fund_due": tuple(OpeningDue(number, due) for number, due in draw(st.dictionaries(who, st.integers(1, 30), max_size=3)).items()),
        "outside_loan": draw(st.sampled_from([0, 0, 500])),
        "loans": tuple(
            NewLoan(number, lent * rules.share_price + 7, lent * rules.share_price, 0 if social else charge,
                    START + issued * DAY, START + max(due, issued + 1) * DAY, "social_fund" if social else "loan_fund")
            for number, lent, charge, issued, due, social in loans
        ),
    }  # fmt: skip


# ---------------------------------------------------------------- anything that is said

WEIGHTS = {
    "pay_social_fund": 9, "buy_shares": 9, "repay": 10, "grant_loan": 9, "charge_fine": 3, "pay_fine": 3, "attend": 2, "roll_over": 2, "redeem_shares": 1,
    "waive_fine": 1, "spend": 1, "grant": 1, "move": 2, "receive_other": 1, "borrow_outside": 1, "repay_outside": 1, "pay_out": 1, "recover": 1, "entrust": 1,
}  # fmt: skip
BY_PHONE = {"pay_social_fund": 3, "buy_shares": 3, "repay": 4, "pay_fine": 2, "grant_loan": 2, "pay_out": 1, "recover": 1}
TAKES_OUT = ("redeem_shares", "spend", "grant", "pay_out", "repay_outside", "grant_loan", "move", "entrust")


class Speaker:
    """Says things in the words of the ledger, with figures that fit the group as it stands, and now and then do not."""

    def __init__(self, played: Played, now: Naive, random: Random):
        self.played, self.now, self.random = played, now, random

    def say(self, kind: str) -> Request:
        """Something of this kind, or mostly something else where there is nothing to say it of."""
        there = {
            "repay": any(loan.owed for loan in self.now.loans.values()), "pay_out": any(self.now.payable.values()), "recover": any(self.now.given_up.values()),
            "repay_outside": self.now.outside, "borrow_outside": self.now.last_paid and self.now.rules.outside_loan,
        }  # fmt: skip
        there |= {"roll_over": there["repay"], "grant_loan": self.now.box and any(self.now.limit(number) for number in self.now.active)}
        if not there.get(kind, True) and self.random.random() < 0.9:
            kind = self.random.choice(["buy_shares", "pay_social_fund", "receive_other"])
        return getattr(self, kind)() if hasattr(self, kind) else self.of_a_loan(kind)

    def part(self, whole: int) -> int:
        """All of it, some of it, or one more than there is."""
        dice = self.random.random()
        return max(1, whole if dice < 0.4 else whole + 1 if dice > 0.94 else int(whole * self.random.random()))

    def member(self) -> int:
        """Anybody; who left seldom."""
        return self.random.choice(self.now.active if self.random.random() < 0.93 else self.now.members)

    def fund(self) -> str:
        """The loan fund, mostly."""
        return self.random.choice(["loan_fund", "loan_fund", "social_fund"])

    def attend(self) -> Request:
        return self.played("attend", self.member(), status=self.random.choice(STATUSES))

    def buy_shares(self) -> Request:
        most = self.now.rules.shares_first_max or self.now.rules.shares_max
        return self.played("buy_shares", self.member(), units=self.random.randint(1, most), catch_up=self.random.random() < 0.1)

    def redeem_shares(self) -> Request:
        return self.played("redeem_shares", self.member(), units=self.random.randint(1, 5))

    def pay_social_fund(self) -> Request:
        member, agreed = self.member(), self.now.rules.social_fund_contribution
        return self.played(
            "pay_social_fund", member, amount=self.random.choice([agreed, agreed, self.part(agreed), agreed + self.now.social_due[member]]) or 3
        )

    def charge_fine(self) -> Request:
        why = self.random.choice(["late", "absent", "noise", "phone"])
        return self.played("charge_fine", self.member(), why=why, amount=self.now.rules.fines.get(why, self.random.randint(1, 60)))

    def pay_fine(self) -> Request:
        owing = [number for number in self.now.active if self.now.fines_due[self.now.rules.fines_to][number]]
        member = self.random.choice(owing) if owing and self.random.random() < 0.8 else self.member()
        return self.played("pay_fine", member, amount=self.part(self.now.fines_due[self.now.rules.fines_to][member] or 10))

    def waive_fine(self) -> Request:
        paid = self.pay_fine()
        return self.played("waive_fine", paid.member, amount=paid.amount)

    def spend(self) -> Request:
        fund = self.fund()
        box = self.now.box if fund == "loan_fund" else self.now.social_box
        return self.played("spend", self.member(), amount=self.part(box // 8), what="ink", fund=fund)

    def grant(self) -> Request:
        return self.played("grant", self.member(), amount=self.part(self.now.social_box // 2), what="funeral")

    def move(self) -> Request:
        fund, to_bank = self.fund(), self.random.random() < 0.5
        there = (self.now.box, self.now.bank) if fund == "loan_fund" else (self.now.social_box, self.now.social_bank)
        return self.played("move", self.member(), amount=self.part(there[not to_bank] // (3 if to_bank else 1)), to_bank=to_bank, fund=fund)

    def receive_other(self) -> Request:
        return self.played("receive_other", self.member(), amount=self.random.randint(1, 300), what="gift")

    def borrow_outside(self) -> Request:
        return self.played("borrow_outside", self.member(), amount=self.part((self.now.last_paid or 500) - self.now.outside))

    def repay_outside(self) -> Request:
        return self.played("repay_outside", self.member(), amount=self.part(self.now.outside), interest=self.random.choice([0, 0, 7]))

    def pay_out(self) -> Request:
        owed = [number for number, amount in self.now.payable.items() if amount > 0] or [self.member()]
        member = self.random.choice(owed)
        return self.played("pay_out", member, amount=self.part(self.now.payable[member]))

    def recover(self) -> Request:
        gone = [number for number, left in self.now.given_up.items() if left > 0]
        loan = self.now.loans[self.random.choice(gone)] if gone else None
        return self.played(
            "recover",
            loan.member if loan else self.member(),
            loan_no=loan.number if loan else 1,
            amount=self.part(self.now.given_up[loan.number] if loan else 5),
        )

    def entrust(self) -> Request:
        back = self.random.random() < 0.4
        charge = self.part(self.now.entrusted_charge) if back and self.now.entrusted_charge else 0
        return self.played("entrust", self.member(), amount=self.part(self.now.entrusted if back else 2_000), back=back, charge=charge)

    def grant_loan(self) -> Request:
        can = [number for number in self.now.active if self.now.limit(number)]
        member = self.random.choice(can) if can and self.random.random() < 0.9 else self.member()
        fund = self.random.choice(["loan_fund"] * 6 + ["social_fund", "entrusted"])
        there = {"social_fund": self.now.social_box // 3, "entrusted": self.now.entrusted_box}.get(fund, min(self.now.limit(member), self.now.box))
        others = [number for number in self.now.active if number != member]
        named = min(self.now.rules.guarantors if self.random.random() < 0.95 else 0, len(others))
        return self.played(
            "grant_loan", member, amount=self.part(there), due_on=self.due_on(),
            guarantors=tuple(self.random.sample(others, named)), fund=fund, pledge="goat" if self.random.random() < 0.9 else "",
            votes=len(self.now.members) if self.random.random() < 0.9 else 1,
        )  # fmt: skip

    def due_on(self) -> date:
        """A day a loan may fall due, mostly."""
        day = self.now.today + self.random.choice([20, 28, 30, 61, 90, 150]) * DAY
        return day if self.random.random() < 0.1 else min(day, latest_due(self.now))

    def of_a_loan(self, kind: str) -> Request:
        """`repay` or `roll_over`."""
        running = [loan for loan in self.now.loans.values() if loan.owed]
        loan = self.random.choice(running) if running else None
        member, number = (loan.member, loan.number) if loan else (self.member(), 1)
        if kind == "roll_over":
            return self.played(kind, member, loan_no=number, due_on=self.due_on())
        return self.played(
            kind, member, loan_no=number, amount=self.random.choice([loan.charge or 1, self.part(loan.owed), self.part(loan.owed)]) if loan else 9
        )


# ---------------------------------------------------------------- a group and its naive twin

STEPS = ("nothing", *["meeting"] * 8, *["savings_meeting"] * 2, *["phone"] * 4, *["correct"] * 4, "leave", "write_off", "change_rules", "share_out")
steps = st.tuples(st.sampled_from(STEPS), st.integers(0, 25), st.integers(0, 2**32))
DAYS_AHEAD = (28, 28, 30, 31, 7, 14, 21, 27, 29, 35, 0, 1, 60)
DECISIONS = ("leave", "write_off", "change_rules", "share_out", "start_cycle")


class Life:
    """One group in the database, and the naive book of the same group. `after(life, event, posted)` is asked after every entry."""

    told: Counter[str] = Counter()  # how often what was asked, and what was said

    def __init__(self, db: Database, new: NewGroup, after: Callable[..., None] = lambda *_: None):
        self.new, self.after = named_anew(new), after
        self.played = Played(db, self.new)
        self.history: list[Any] = []
        self.naive, self.on = Naive(self.new), START
        self.before = self.naive  # before the last entry
        self.entry_of: dict[int, int] = {}  # id of an event: its entry
        self.stands: dict[tuple[int, Any], int] = {}  # an event and a corrected item of it: the entry where the right figure stands
        self.overnight = True  # whether meetings may stay open for days
        self.agree()

    def step(self, what: str, much: int, seed: int) -> None:
        """One step in the life of the group."""
        random = Random(seed)
        if what == "nothing":
            return
        if self.naive.between_cycles and random.random() < 0.8:
            what = "start_cycle"
        self.on += random.choice(DAYS_AHEAD) * DAY
        tell(f"{self.on} {what}")
        if what in ("meeting", "savings_meeting"):
            self.meeting(what == "meeting", much, random)
        else:
            getattr(self, what)(random)

    def now(self) -> Naive:
        """The naive book of today."""
        now = self.naive.copy()
        now.go_to(self.on)
        return now

    # ---- meetings

    def meeting(self, loan_meeting: bool, much: int, random: Random) -> None:
        """Things are said; some are refused; what the boxes cannot bear in the end is taken back."""
        if self.naive.between_cycles:
            return
        before = self.now()
        meeting, self.opened_with = Meeting(self.on, loan_meeting, [], over(random, before)), (before.box, before.social_box)
        self.played.open(self.on, loan_meeting, meeting.opening)
        numbers = self.noted(before, meeting, [random.choices(list(WEIGHTS), list(WEIGHTS.values()))[0] for _ in range(much)], random)
        if self.overnight and random.random() < 0.1:  # it stays open, and members pay by phone meanwhile
            for _ in range(random.randint(1, 3)):
                self.on += random.choice([0, 1, 1, 6]) * DAY
                self.phone(random)
            meeting.on, before = self.on, self.now()
        self.before_meeting = before
        while reason := self.verdict(before, meeting)[0]:
            assert reason_of(self.played.close, self.on, (0, 0), (0, 0))[0] == reason
            loans = [said for said in meeting.notes if said.kind == "grant_loan"]
            out = [said for said in meeting.notes if said.kind in TAKES_OUT]
            taken_back = max((loans if reason == "votes_needed" else out) or meeting.notes, key=place)
            tell(f"    close {reason}: without {taken_back.kind} {taken_back.member} {taken_back.body()}")
            meeting.notes.remove(taken_back)
            self.played.undo(numbers[taken_back.id], self.on)
        then = self.verdict(before, meeting)[1]
        meeting.closing = over(random, then)
        self.add(meeting, self.played.close(self.on, meeting.closing, (then.box, then.social_box), twice=True))

    def noted(self, before: Naive, meeting: Meeting, kinds: list[str], random: Random) -> dict[Any, int]:
        """{id: number} of what was said at an open meeting and not refused."""
        numbers, now = {}, self.verdict(before, meeting)[1]
        for kind in kinds:
            request = Speaker(self.played, now, random).say(kind)
            wanted, then = self.verdict(before, replace(meeting, notes=[*meeting.notes, request]), noting=True)
            if not wanted and random.random() < 0.7:
                reason, number = "", self.played.note_unasked(request)
            else:
                reason, number = reason_of(self.played.note, request, self.on)
                assert number is None or self.played.note(request, self.on) == number
            self.says(f"note {request.kind}", reason, wanted, request)
            if not reason:
                now = then
                meeting.notes.append(request)
                numbers[request.id] = number
        return numbers

    def verdict(self, before: Naive, meeting: Meeting, noting: bool = False) -> tuple[str, Naive]:
        """(why the naive book would refuse it or "", the book after it)."""
        after = before.copy()
        try:
            after.meet(meeting, Judge(noting))
        except No as no:
            return str(no), before
        return "", after

    def says(self, what: str, reason: str, wanted: str, request: Any) -> None:
        """Both said the same."""
        tell(f"    {what} {reason or 'done'}: {request.member} {request.body()}")
        Life.told[f"{what} {reason}"] += 1
        assert reason == wanted, (request, reason, wanted)

    # ---- outside meetings

    def phone(self, random: Random) -> None:
        """A member asks by phone."""
        self.decide(Speaker(self.played, self.now(), random).say(random.choices(list(BY_PHONE), list(BY_PHONE.values()))[0]))

    def leave(self, random: Random) -> None:
        """A member goes; not the two who keep the book."""
        others = [number for number in self.naive.active[2:] or self.naive.members[2:] if number > RECORD_KEEPER]
        self.decide(self.played("leave", random.choice(others or [3]), why=random.choice(["leaves", "dies", "expelled", "absconds"])))

    def write_off(self, random: Random) -> None:
        """A loan is given up, one on which most is owed."""
        loan = max(self.now().loans.values(), key=lambda loan: loan.owed, default=None)
        if loan:
            self.decide(self.played("write_off", loan.member, loan_no=loan.number))

    def change_rules(self, random: Random) -> None:
        """Other rules, from today or a later day on."""
        rules = self.naive.rules
        other = replace(
            rules, shares_max=random.randint(1, 6), charge_rate_bp=random.choice([0, 500, 1_000]), fines_to=random.choice(["loan_fund", "social_fund"]),
            social_fund_contribution=random.choice([0, 20, 50]), loan_multiple=random.randint(1, 5), fines={"late": random.randint(0, 9)},
            share_price=rules.share_price + (random.random() < 0.1), charge_method=random.choice(["flat", "declining", "rolled"]),
        )  # fmt: skip
        self.decide(self.played("change_rules", 0, terms=other.as_json(), from_on=self.on + random.choice([0, 0, 1, 20, -1, 200]) * DAY))

    def share_out(self, random: Random) -> None:
        """The end of the cycle; the bank is emptied first."""
        if self.naive.bank and not self.naive.between_cycles and random.random() < 0.9:
            back, self.opened_with = self.played("move", CHAIR, amount=self.naive.bank, to_bank=False), (self.naive.box, self.naive.social_box)
            self.add(Meeting(self.on, False, [back]), self.played.meet(self.on, back, loan_meeting=False))
        now = self.now()
        counted = max(0, now.box + random.choice([0, 0, 0, 0, 5, -5]))
        free = max(0, counted - now.outside - sum(now.payable.values()))
        self.decide(self.played(
            "share_out", 0, counted=counted, expenses=random.choice([0, 0, 0, 10, counted + 1]), outside_interest=random.choice([0, 0, 0, 7]), why="counted twice",
            carried=random.choice([0, 0, 0, free // 3, free]), remainder_to=random.choice(["social_fund", "carried"]),
        ))  # fmt: skip

    def start_cycle(self, random: Random) -> None:
        """The next cycle begins, with shares that are carried over."""
        rules = replace(
            self.naive.rules, share_price=random.choice([1, 100, 130]), charge_method=random.choice(["flat", "declining", "rolled", "none"])
        )
        starting = tuple((number, random.randint(0, 9)) for number in self.naive.members if random.random() < 0.5)
        starts_on = self.on + random.choice([0, 0, 7]) * DAY
        self.decide(self.played(
            "start_cycle", 0, number=self.naive.cycle + 1, starts_on=starts_on, ends_on=starts_on + 250 * DAY, terms=rules.as_json(),
            starting=tuple((number, units) for number, units in starting if number in self.naive.active or random.random() < 0.1),
        ))  # fmt: skip

    def decide(self, request: Request) -> bool:
        """Asked of both; True when it was done."""
        now, wanted = self.now(), ""
        try:
            Judge(at_meeting=False)(now, request)
        except No as no:
            wanted = str(no)
        reason, posted = reason_of(self.played.post, request, self.on, True)
        self.says(request.kind, reason, wanted, request)
        if posted:
            self.add(Alone(self.on, request), posted)
        return not reason

    def add(self, event: Any, posted: Posted) -> None:
        """It happened."""
        self.history.append(event)
        self.entry_of[id(event)] = posted.entry_no
        self.count_again(event, posted)

    def count_again(self, event: Any, posted: Posted) -> None:
        """All that happened, from the first day on."""
        self.before, self.naive = self.now(), Naive(self.new, self.history)
        self.naive.go_to(self.on)
        self.agree()
        self.after(self, event, posted)

    def agree(self) -> None:
        """Every account holds what the naive book says."""
        assert differences(self.played.balances(), self.naive.balances()) == {}

    # ---- corrections

    def correct(self, random: Random) -> None:
        """Something said before, of any age, was wrong."""
        found = self.correctable()
        if found:
            event, entry_no, (member, name, loan_no, figure) = random.choice(found)
            right = random.choice([0, figure + 1, figure * 2, figure // 2, max(0, figure - 1), self.naive.rules.social_fund_contribution])
            self.put_right(event, entry_no, (name, member, loan_no if name in ("loan", "repayment", "recovered") else 0), loan_no, figure, right)

    def correctable(self) -> list[tuple[Any, int, tuple[int, str, int, int]]]:
        """(event, entry, item) of all that can still be corrected so that nothing else is decided otherwise: nobody has left since, the cycle runs."""
        barriers = [
            place
            for place, event in enumerate(self.history)
            if isinstance(event, Alone) and event.request.kind in ("leave", "share_out", "start_cycle")
        ]
        events = [event for event in self.history[max(barriers, default=-1) + 1 :] if id(event) in self.entry_of]
        events = [event for event in events if isinstance(event, Meeting) or event.request.kind not in DECISIONS]
        places = [(event, self.entry_of[id(event)]) for event in events]
        places += [(event, entry_no) for event in events for (of, _), entry_no in self.stands.items() if of == id(event)]
        gone = [loan.number for loan in self.naive.loans.values() if loan.gone]
        return [
            (event, entry_no, item)
            for event, entry_no in places
            for item in self.played.items(entry_no)
            if item[1] not in ("over_short", "outside_repaid") and item[2] not in gone  # the naive one drops the interest with the principal
        ]

    def put_right(self, event: Any, entry_no: int, item: Any, loan_no: int, figure: int, right: int) -> str:
        """Correct one item; "" or why it was refused."""
        name, member, _ = item
        old, event.instead = event.instead, event.instead | {item: right}
        looked = [Looked(self.on, loan_no)] if name in ("loan", "repayment") else []
        wish = self.played("correct", member, entry_no=entry_no, item=name, right=right, why="miscounted", loan_no=loan_no)
        reason, posted = reason_of(self.played.post, wish, self.on, True)
        then = Naive(self.new, [*self.history, *looked])
        wanted = "nothing_changes" if right == figure else reason if reason == "several_items" and right else impossible(then)
        try:
            self.says(f"correct {name}", reason, wanted, wish)
        finally:
            event.instead = old if reason else event.instead
        if posted:
            self.history += looked
            self.stands[id(event), item] = posted.entry_no
            self.count_again(None, posted)
        return reason


def over(random: Random, now: Naive) -> tuple[int, int]:
    """What is counted beyond the book; nothing, mostly."""
    return tuple(max(-box, random.choice([0] * 12 + [5, -5])) for box in (now.box, now.social_box))  # type: ignore[return-value]


def impossible(then: Naive) -> str:
    """Why a right figure cannot be booked: a box or a debt of the group would fall below nothing."""
    if any(loan.too_much for loan in then.loans.values() if loan.fund != "loan_fund"):
        return "more_than_owed"
    held = (then.box, then.bank, then.social_box, then.social_bank, then.entrusted_box, then.entrusted, then.entrusted_charge, then.outside)
    return "not_enough_cash" if min(*held, *then.shares.values(), *then.payable.values(), 0) < 0 else ""
