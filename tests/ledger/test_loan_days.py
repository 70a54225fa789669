"""Every loan, as its days go by: against a simulation of each day by the rules as they are said, and what holds whatever happens."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from itertools import islice, pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.loans import NEVER, Held, Payment, Rollover, Terms, granted, is_late, position, settle, splits
from ledger.periods import period_ends

START = date(2026, 1, 5)
ONE_DAY = timedelta(days=1)
WEEK, FOUR_WEEKS = timedelta(days=7), timedelta(days=28)
RULES = ("none", "extra_charge", "fine", "doubling")


def a_period_later(day: date, period: str, keep: int) -> date:
    """The same day of the next month, or its last; `keep`: which day of the month that is."""
    if period == "four_weeks":
        return day + FOUR_WEEKS
    first = (day.replace(day=1) + timedelta(days=31)).replace(day=1)
    last = (first + timedelta(days=31)).replace(day=1) - ONE_DAY
    return first + timedelta(days=min(keep, last.day) - 1)


def calendar_ends(issued: date, period: str) -> list[date]:
    ends = [a_period_later(issued, period, issued.day)]
    while len(ends) < 40:
        ends.append(a_period_later(ends[-1], period, issued.day))
    return ends


def due_is_over(due: date, day: date, held: Held) -> bool:
    if held.first is None or due < held.first:
        return due <= day
    return any(due <= meeting <= day for meeting in held.loan_meetings)


class Simulated:
    """A loan day by day; `run` gives the same figures as ledger/loans.py."""

    def __init__(self, terms, payments, held, rollovers):
        self.terms, self.held, self.payments, self.rollovers = terms, held, list(payments), list(rollovers)
        self.sums = Counter(principal=terms.principal, charge=terms.opening_charge, added=terms.opening_charge)
        self.splits, self.base, self.due, self.doubled = [], terms.original, terms.due_on, False
        self.last_end = terms.issued_on
        self.calendar = calendar_ends(terms.issued_on, terms.period)

    def run(self, on):
        last, day = max([on, *(p.on for p in self.payments)]), self.terms.issued_on
        while day <= last:
            self.morning(day - ONE_DAY)
            while self.payments and self.payments[0].on <= day:
                self.pay(self.payments.pop(0).amount)
            while self.rollovers and self.rollovers[0].on <= day:
                self.base, self.due = self.sums["principal"], self.rollovers.pop(0).due_on
            day += ONE_DAY
        return self

    def morning(self, yesterday):
        counts = yesterday >= self.terms.opened_on and self.sums["principal"] + self.sums["charge"] > 0
        if self.terms.late_rule == "doubling" and not self.doubled and due_is_over(self.due, yesterday, self.held):
            self.doubled = True
            self.charge(self.sums["added"] if counts else 0)
        if self.a_period_ended(yesterday) and counts and (self.terms.late_rule == "extra_charge" or yesterday < self.due):
            debt = self.sums["principal"] + self.sums["charge"]
            base = {"flat": self.base, "declining": self.sums["principal"], "rolled": debt, "none": 0}[self.terms.method]
            whole, rest = divmod(base * self.terms.rate_bp, 10_000)
            self.charge(whole + (1 if rest >= 5_000 else 0))
            self.sums["charged"] += 1

    def a_period_ended(self, day):
        if self.held.first is None or day < self.held.first:
            ended = day in self.calendar
        else:
            expected = a_period_later(self.last_end, self.terms.period, self.last_end.day)
            ended = day in self.held.loan_meetings and day >= expected - WEEK and self.calendar_count(day) > self.calendar_count(self.last_end)
        self.last_end = day if ended else self.last_end
        return ended

    def calendar_count(self, day):
        """How many periods the calendar has ended, a meeting a week early included."""
        return sum(end <= day + WEEK for end in self.calendar)

    def charge(self, amount):
        self.sums.update(charge=amount, added=amount)

    def pay(self, amount):
        charge = min(amount, self.sums["charge"])
        principal = min(amount - charge, self.sums["principal"])
        self.sums.update(charge=-charge, principal=-principal, paid_charge=charge, paid_principal=principal, overpaid=amount - charge - principal)
        self.splits.append((charge, principal))


@st.composite
def groups(draw):
    """Meetings of a group that never meets, meets in a rhythm that slips and pauses, or anyhow; some of them loan meetings."""
    if draw(st.integers(0, 3)) == 0:
        return NEVER
    rhythm, each = draw(st.sampled_from([(7,), (14,), (28,), (30,), (17, 14), (1, 6, 7, 27, 28, 29, 35, 90)])), draw(st.integers(1, 4))
    day, meetings = draw(st.integers(-40, 120)), []
    for number in range(draw(st.integers(1, 30))):
        meetings.append(START + timedelta(days=day))
        day += rhythm[number % len(rhythm)] if len(rhythm) < 3 else draw(st.sampled_from(rhythm))
        day += draw(st.sampled_from([0, 0, 0, 0, 0, 1, 3, 7, 8, 60]))
    return Held(meetings[0], tuple(meetings[draw(st.integers(0, 3)) :: each]))


@st.composite
def loans_of(draw):
    """Terms of a loan given in Dialbook or brought from paper, due soon or late, under any rule."""
    issued = START + timedelta(days=draw(st.integers(0, 40)))
    due = issued + timedelta(days=draw(st.sampled_from([1, 27, 28, 31, 59, 84, 90, 180])))
    terms = granted(
        draw(st.integers(1, 10**9)), draw(st.sampled_from(["flat", "declining", "rolled", "none"])), draw(st.sampled_from([0, 1, 50, 150, 1000, 3000])),
        draw(st.sampled_from(["month", "four_weeks"])), issued, due, draw(st.sampled_from(RULES)),
    )  # fmt: skip
    if draw(st.integers(0, 4)):
        return terms
    left, opened = draw(st.integers(0, terms.original)), issued + timedelta(days=draw(st.integers(1, 120)))
    return Terms(
        terms.original, left, draw(st.integers(0, 10**6)), terms.method, terms.rate_bp, terms.period, issued, opened, due, terms.late_rule, terms.fund
    )


@st.composite
def histories(draw):
    """A loan, what was paid (sometimes too much, as after a correction), its group's meetings, its rollovers, and a day to ask for."""
    terms, held = draw(loans_of()), draw(groups())
    days = st.integers(0, 240).map(lambda offset: terms.opened_on + timedelta(days=offset))
    worth = st.one_of(st.integers(0, terms.original // 2 + 10), st.just(terms.original // 10))
    paid = draw(st.lists(st.builds(Payment, days, worth), max_size=6))
    if draw(st.integers(0, 3)):
        paid.sort(key=lambda payment: payment.on)
    agreed = [Rollover(on, on + timedelta(days=draw(st.integers(0, 90)))) for on in sorted(draw(st.lists(days, max_size=2)))]
    return terms, paid, held, agreed, terms.opened_on + timedelta(days=draw(st.integers(0, 400)))


@settings(max_examples=1000, deadline=None)
@given(histories())
def test_the_same_as_counting_day_by_day(history):
    terms, paid, held, agreed, on = history
    simulated, now = Simulated(terms, paid, held, agreed).run(on), position(terms, paid, on, held, agreed)
    assert {name: getattr(now, name) for name in ("principal", "charge", "added", "charged", "paid_charge", "paid_principal", "overpaid")} == {
        name: simulated.sums[name] for name in ("principal", "charge", "added", "charged", "paid_charge", "paid_principal", "overpaid")
    }
    assert splits(terms, paid, held, agreed) == simulated.splits
    if all(payment.on <= on for payment in paid):
        assert is_late(terms, now, on, held, agreed) == (now.owed > 0 and due_is_over(simulated.due, on - ONE_DAY, held))


@settings(max_examples=300, deadline=None)
@given(histories())
def test_what_was_lent_and_charged_is_paid_or_owed(history):
    terms, paid, held, agreed, on = history
    now = position(terms, paid, on, held, agreed)
    assert min(now.principal, now.charge, now.added, now.charged, now.paid_charge, now.paid_principal, now.overpaid) >= 0
    assert (now.principal + now.paid_principal, now.charge + now.paid_charge) == (terms.principal, now.added)
    assert now.paid_charge + now.paid_principal + now.overpaid == sum(payment.amount for payment in paid)
    assert now.owed == 0 or now.overpaid == 0


@settings(max_examples=200, deadline=None)
@given(histories())
def test_the_next_period_is_the_day_on_which_one_more_is_charged(history):
    terms, paid, held, agreed, on = history
    known = [payment for payment in paid if payment.on <= on], held, [one for one in agreed if one.on <= on]
    now = position(terms, known[0], on, *known[1:])
    following = now.next_period or date(2029, 1, 1)
    assert following > on
    assert position(terms, known[0], following - ONE_DAY, *known[1:]).charged == now.charged
    if now.next_period:
        assert position(terms, known[0], following, *known[1:]).charged == now.charged + 1


@settings(max_examples=200, deadline=None)
@given(histories())
def test_a_meeting_changes_nothing_before_it_is_held(history):
    terms, paid, held, agreed, on = history
    before = [payment for payment in paid if payment.on <= on]
    so_far = Held(held.first, tuple(m for m in held.loan_meetings if m <= on)) if held.first and held.first <= on else NEVER
    then, now = (position(terms, before, on, meetings, agreed) for meetings in (so_far, held))
    assert (then.principal, then.charge, then.added, then.charged) == (now.principal, now.charge, now.added, now.charged)


@settings(max_examples=200, deadline=None)
@given(histories(), st.data())
def test_a_payment_in_parts_is_one_payment(history, data):
    terms, paid, held, agreed, on = history
    first = [data.draw(st.integers(0, one.amount)) for one in paid]
    parts = [Payment(one.on, part) for one, some in zip(paid, first, strict=True) for part in (some, one.amount - some)]
    assert position(terms, parts, on, held, agreed) == position(terms, paid, on, held, agreed)


@settings(max_examples=200, deadline=None)
@given(loans_of(), groups(), st.integers(0, 200), st.data())
def test_parts_on_different_days_of_a_period_change_nothing(terms, held, offset, data):
    """From one end to the next, if the loan does not fall due in between (doubling would see the first part only)."""
    terms = granted(terms.original, terms.method, terms.rate_bp, terms.period, terms.issued_on, terms.issued_on + timedelta(days=3650))
    first = terms.issued_on + timedelta(days=offset)
    ends = [end for end in period_ends(terms.issued_on, terms.period, held) if end >= first]
    last = min([*ends[:1], first + timedelta(days=60)])
    amount = data.draw(st.integers(0, position(terms, [], first, held).owed))
    part, between = data.draw(st.integers(0, amount)), first + data.draw(st.integers(0, (last - first).days)) * ONE_DAY
    whole, parts = [Payment(last, amount)], [Payment(first, part), Payment(between, amount - part)]
    later = last + timedelta(days=100)
    assert position(terms, whole, later, held) == position(terms, parts, later, held)


@settings(max_examples=200, deadline=None)
@given(loans_of(), groups())
def test_meetings_never_charge_more_than_the_calendar_does_a_week_later(terms, held):
    ends, calendar = (list(islice(period_ends(terms.issued_on, terms.period, meetings), 40)) for meetings in (held, NEVER))
    assert all(end >= by_calendar - WEEK for end, by_calendar in zip(ends, calendar, strict=False))
    assert all(later - end >= 3 * WEEK for end, later in pairwise(ends))


@settings(max_examples=200, deadline=None)
@given(loans_of(), groups())
def test_declining_and_rolled_agree_when_every_charge_is_paid_before_the_next(terms, held):
    ends, debts = list(islice(period_ends(terms.issued_on, terms.period, held), 12)), []
    for method in ("declining", "rolled"):
        same, paid = granted(terms.original, method, terms.rate_bp, terms.period, terms.issued_on, terms.due_on, terms.late_rule), []
        for end in ends:
            now = position(same, paid, end, held)
            paid.append(Payment(end, sum(settle(now, min(now.owed, now.charge + terms.original // 20)))))
        debts.append([position(same, paid, day + ONE_DAY, held) for day in (terms.issued_on, *ends)])
    assert debts[0] == debts[1]
