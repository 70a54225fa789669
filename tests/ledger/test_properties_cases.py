"""Properties that need a group of their own: losses, shares that come and go, two methods beside each other, a meeting that stays open."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from random import Random

import pytest
from cycles import RECORD_KEEPER, START, Life, Played, any_group, differences, examples, founding, named_anew
from hypothesis import assume, given
from hypothesis import strategies as st
from naive import DAY, Alone, Meeting

from ledger.accounts import SUB, Kind, account
from ledger.books import Book

SEEDS = st.integers(0, 2**32)
METHODS = st.sampled_from(["flat", "declining", "rolled", "none"])
MEETINGS = st.lists(st.tuples(st.sampled_from(["meeting", "meeting", "savings_meeting", "phone"]), st.integers(5, 20), SEEDS), min_size=2, max_size=6)
NUMBER = account(Kind.SERVICE_CHARGE)


# ---------------------------------------------------------------- 16


def test_a_share_may_be_worth_less_than_it_cost(db):
    """Half of the box is stolen: the loss is shared by shares, to the last unit, and nobody's price is made good."""

    @examples(10)
    @given(any_group(), MEETINGS, st.integers(1, 100), SEEDS)
    def play(new, some, percent, seed):
        life = Life(db, replace(new, outside_loan=0))
        for step in some:
            life.step(*step)
        life.on += 7 * DAY
        stolen = life.now().box * percent // 100
        gained = life.now().worth() - sum(life.naive.shares.values()) * life.naive.rules.share_price
        assume(life.naive.shares.total() and not life.naive.bank and stolen > gained + sum(loan.owed for loan in life.now().of_the_loan_fund()))
        life.opened_with = (life.now().box, life.now().social_box)
        life.played.open(life.on)
        theft = Meeting(life.on, True, [], closing=(-stolen, 0))
        life.add(theft, life.played.close(life.on, theft.closing))
        counted, owed = life.naive.box, sum(life.naive.payable.values())
        assume(counted >= owed)
        assert life.decide(life.played("share_out", 0, counted=counted, why="theft"))
        sheet = life.played.rows("select sheet from share_out where group_id = %s")[0].sheet
        rows = [row for row in sheet["rows"] if row[1]]
        assert sum(row[4] for row in rows) < sum(row[2] for row in rows)  # gross, and what was paid for the shares
        assert sum(row[6] for row in rows) + sheet["remainder"] == counted - owed
        if sheet["value"]:
            assert 0 <= Fraction(sheet["value"]) < new.constitution.share_price

    play()


# ---------------------------------------------------------------- 17


class BuysAndRedeems:
    """A second group to which the same happens, where one member buys some shares more and sells them back, now or at a later meeting."""

    def __init__(self, db, new, random):
        rules = new.constitution
        roomy = replace(rules, shares_max=rules.shares_max + 3, shares_first_max=rules.shares_first_max and rules.shares_first_max + 3)
        self.played, self.random, self.holds = Played(db, named_anew(replace(new, constitution=roomy))), random, 0
        self.she = random.choice(new.members).number

    def __call__(self, life, event, posted):
        if isinstance(event, Alone):
            self.played.post(replace(event.request, group_id=self.played.group_id), event.on)
            return
        said = [replace(request, group_id=self.played.group_id) for request in event.notes]
        if not self.holds and self.she in life.naive.active:
            self.holds = self.random.randint(1, 3)
            said.append(self.played("buy_shares", self.she, units=self.holds))
        can = life.naive.lent_to(self.she) <= life.naive.multiple() * life.naive.shares[self.she] * life.naive.rules.share_price
        if self.holds and can and self.random.random() < 0.6:
            said.append(self.played("redeem_shares", self.she, units=self.holds))
            self.holds = 0
        self.played.open(event.on, event.loan_meeting, event.opening)
        for request in said:
            self.played.note_unasked(request)
        self.played.close(event.on, event.closing)


def test_shares_bought_and_redeemed_change_no_profit(db):
    @examples(10)
    @given(any_group(late_joining="cycle_start"), MEETINGS, SEEDS)
    def play(new, some, seed):
        twin = BuysAndRedeems(db, new, Random(seed))
        life = Life(db, new, twin)
        life.overnight = False
        for step in some:
            life.step(*step)
        if twin.holds:
            life.meeting(False, 0, Random(0))
        assume(not twin.holds)
        assert differences(twin.played.balances(), life.played.balances()) == {}
        if not life.naive.bank:
            life.share_out(Random(seed))
            assert differences(twin.played.balances(), life.played.balances()) == {}

    play()


# ---------------------------------------------------------------- 18


def test_declining_and_rolled_are_one_when_every_charge_is_paid_in_full(db):
    """Two groups with the same loans; at every loan meeting each borrower pays her charge, and something of the principal or nothing."""

    @examples(15)
    @given(
        st.sampled_from([100, 333, 1_000]), st.sampled_from(["month", "four_weeks"]), st.sampled_from(["none", "extra_charge", "fine"]),
        st.lists(st.tuples(st.sampled_from([28, 30, 31, 35, 41, 7]), SEEDS), min_size=3, max_size=8),
    )  # fmt: skip
    def play(rate, period, late_rule, some):
        rules = {"charge_rate_bp": rate, "charge_period": period, "late_loan": late_rule, "loan_max_term_days": 120, "share_price": 20_000}
        two = [Played(db, founding(6, rules | {"charge_method": method})) for method in ("declining", "rolled")]
        on = START
        for days, seed in some:
            on += days * DAY
            said = charges_and_more(two[0], on, Random(seed))
            for played in two:
                played.meet(on, *[replace(request, group_id=played.group_id) for request in said])
            declining, rolled = (played.balances() for played in two)
            unpaid = {number: both for number, both in rolled.items() if number // SUB == Kind.CHARGE_DUE}
            earned = rolled.get(NUMBER, (0, 0))[0] + sum(balance for balance, _ in unpaid.values())
            assert earned == declining.get(NUMBER, (0, 0))[0]
            others = {number: both for number, both in rolled.items() if number not in unpaid and number != NUMBER}
            assert differences(others, {number: both for number, both in declining.items() if number != NUMBER}) == {}
            assert positions(two[0], on) == positions(two[1], on)

    play()


def charges_and_more(played, on, random):
    said = [played("buy_shares", number, units=random.randint(1, 3)) for number in range(1, 7)]
    for loan in running(played, on):
        some = random.choice([0, 0, loan.now.principal, random.randint(0, loan.now.principal)])
        said += [played("repay", loan.member, loan_no=loan.loan_no, amount=loan.now.charge + some)] if loan.now.charge + some else []
    late = {loan.member for loan in running(played, on) if loan.late}
    for number in random.sample(range(1, 7), 2):
        if number not in late:
            due_on = on + random.choice([28, 61, 90]) * DAY
            amount = random.randint(1, 20_000)
            said.append(played("grant_loan", number, amount=amount, due_on=due_on, votes=6))
    return [request for request in said if request.kind != "grant_loan" or request.due_on <= START + 350 * DAY]


def running(played, on):
    return played.book(lambda book: [loan for number in book.members() for loan in book.loans(number)], on)


def positions(played, on):
    return [(loan.loan_no, loan.now.principal, loan.now.charge) for loan in running(played, on)]


# ---------------------------------------------------------------- a meeting that stays open


@pytest.mark.parametrize("method", ["flat", "declining", "rolled"])
def test_a_meeting_open_over_night_splits_no_payment_twice(db, method):
    """She pays by phone while the meeting of yesterday is still open, and what she paid at the meeting is booked after that."""
    life = Life(db, founding(5, {"charge_method": method, "loan_max_term_days": 300}, shares=(), loan_fund_cash=50_000))
    for what in ("meeting", "meeting"):
        life.step(what, 0, 1)
    for days in (3, 40, 29):
        life.on += days * DAY
        life.played.open(life.on)
        said = [life.played("buy_shares", 4, units=5), life.played("grant_loan", 4, amount=900, due_on=life.on + 90 * DAY, votes=5)]
        said += [life.played("repay", 4, loan_no=1, amount=25)] if life.naive.loans else []
        for request in said:
            life.played.note(request, life.on)
        life.on += DAY
        if life.naive.loans:
            life.decide(life.played("repay", 4, loan_no=1, amount=60))
        then = life.now()
        then.meet(Meeting(life.on, True, said))
        life.add(Meeting(life.on, True, said), life.played.close(life.on, (0, 0), (then.box, then.social_box)))


# ---------------------------------------------------------------- limits of a meeting


def test_shares_put_right_since_the_last_meeting_do_not_count_as_bought(db):
    played = Played(db, founding(5, {"shares_max": 3}))
    played.meet(START)
    posted = played.post(played("buy_shares", 5, units=3), START + DAY)
    played.post(played("correct", 5, entry_no=posted.entry_no, item="shares", right=1, why="one, not three"), START + 2 * DAY)
    assert played.book(lambda book: Book.bought_since_close(book, 5)) == 1
    played.post(played("buy_shares", 5, asked_by=RECORD_KEEPER, units=2), START + 3 * DAY)


def test_a_cycle_that_begins_on_the_day_of_the_last_meeting_has_a_first_meeting_like_any_other(db):
    played = Played(db, founding(5, {"shares_max": 3, "shares_first_max": 5}))
    played.meet(START + DAY, played("buy_shares", 5, units=2))
    played.post(played("share_out", 0, counted=200), START + DAY)
    terms = founding(5, {"shares_max": 3, "shares_first_max": 5}).constitution.as_json()
    played.post(played("start_cycle", 0, number=2, starts_on=START + DAY, ends_on=START + 300 * DAY, terms=terms), START + DAY)
    played.meet(START + 8 * DAY, played("buy_shares", 5, units=5))
