"""A correction, however late, gives the balances of a book in which the thing was right from the start.

Two groups live the same life; in one of them some things are written down wrong, and put right some meetings later. What is legitimately
different, and kept out of these tests or settled before the comparison:

* limits were judged by the book of their day: a loan that was granted stays granted, and what was refused was refused. Where the wrong
  figure would have had something refused, the group notices and corrects first;
* a member who left, a share-out and a debt given up were settled by the book of their day: they are not settled again. Nobody leaves
  between the mistake and its correction here. After a share-out the correction is an entry of the new cycle (the last tests);
* the charge of a rolled loan is in the book from the next payment or loan meeting on, and a correction of the loan books it, too: the two
  books are compared after a loan meeting;
* the fine of the table for a late loan was charged, or not, by the book of its day. No table here has one;
* what was never written down at all has no item to correct, but for a contribution to the social fund, which then was missed.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from random import Random

from cycles import Life, Played, any_group, differences, examples, named_anew, reason_of
from hypothesis import assume, given, note
from hypothesis import strategies as st
from naive import ITEM, ORDER, Meeting, item_of, place, with_figure

from ledger.accounts import SUB, Kind, account, name_of
from ledger.rules_end import ENDS_WITH_THE_CYCLE

SEEDS = st.integers(0, 2**32)
TABLES = st.sampled_from([{}, {"late": 5}, {"late": 7, "absent": 300}])
KIND = {name: kind for kind, name in ITEM.items()} | {"outside_interest": "repay_outside", "over_short": "attend"}


class WithMistakes:
    """A second group to which the same happens, some of it written down wrong."""

    def __init__(self, db, new, random):
        self.played, self.random = Played(db, named_anew(new)), random
        self.mistakes = []  # (entry, item, loan, right figure)

    def __call__(self, life, event, posted):
        self.loans = [loan for loan in life.naive.loans.values() if loan.issued == event.on]
        if isinstance(event, Meeting):
            self.meet(event)
        else:
            said, mistake = self.mistaken([event.request], self.random.random() < 0.3)
            self.posted(lambda: self.played.post(said[0], event.on), event.on, mistake)

    def meet(self, meeting):
        said, mistake = self.mistaken(meeting.notes, self.random.random() < 0.6)
        self.played.open(meeting.on, meeting.loan_meeting, meeting.opening)
        for request in sorted(said, key=lambda one: place(one)[:1] if one.kind == "attend" else place(one)):  # the last word of a roll call counts
            self.once_more_when_right(lambda: self.played.note(request, meeting.on), meeting.on)  # noqa: B023
        self.posted(lambda: self.played.close(meeting.on, meeting.closing), meeting.on, mistake)

    def mistaken(self, said, wrong):
        """(what is written down of what is said, one figure of it wrong; its item and the right figure)."""
        mine = [replace(request, group_id=self.played.group_id) for request in said]
        items = [self.item(request) for request in mine]
        can = [number for number, item in enumerate(items) if item and items.count(item) == 1]
        if not (can and wrong):
            return mine, None
        number = self.random.choice(can)
        right = getattr(mine[number], "units", getattr(mine[number], "amount", 0))
        figure = self.random.choice([max(1, right - 1), right + 1, right * 2, max(1, right // 3)])
        if figure == right:
            return mine, None
        mine[number] = with_figure(mine[number], figure)
        note(f"    mistake: {items[number]} {figure} for {right}")
        return mine, (items[number], right)

    def item(self, request):
        """What a correction calls it; None for what cannot be corrected by itself."""
        if request.kind == "grant_loan":
            hers = [loan.number for loan in self.loans if loan.member == request.member]
            return ("loan", request.member, hers[0]) if len(hers) == 1 else None
        if request.kind == "entrust" or (request.kind == "charge_fine" and not self.played.book(lambda book: not book.constitution.fines)):
            return None  # capital and its charge, a fine and the table's beside it, are one item each: several figures
        return item_of(request)

    def posted(self, deed, on, mistake):
        posted = self.once_more_when_right(deed, on)
        if mistake:
            self.mistakes.append((posted.entry_no, *mistake))

    def once_more_when_right(self, deed, on):
        """What a mistake has refused is done when the mistake is put right."""
        reason, done = reason_of(deed)
        if reason:
            self.put_right(on)
            reason, done = reason_of(deed)
            assume(not reason)  # this one is the mistake
        return done

    def put_right(self, on):
        """All mistakes so far, the last one first."""
        for entry_no, (name, member, loan_no), right in reversed(self.mistakes):
            self.played.post(self.played("correct", member, entry_no=entry_no, item=name, right=right, why="miscounted", loan_no=loan_no), on)
        self.mistakes = []


def test_reversals_at_random_ages_give_the_balances_as_if_entered_right(db):
    kinds = st.sampled_from(["meeting", "meeting", "meeting", "savings_meeting", "phone", "phone", "change_rules"])
    some_steps = st.lists(st.tuples(kinds, st.integers(6, 20), SEEDS), min_size=3, max_size=9)

    @examples(30)
    @given(any_group(fines=TABLES), some_steps, SEEDS)
    def play(new, some, seed):
        twin = WithMistakes(db, new, Random(seed))
        life = Life(db, new, twin)
        life.overnight = False
        for step in some:
            life.step(*step)
        twin.put_right(life.on)
        for played in (life.played, twin.played):
            played.meet(life.on)
        assert differences(twin.played.balances(), life.played.balances()) == {}

    play()


def test_a_reversal_restores_all_balances(db):
    """Whatever one entry did, cancelling each of its items, the last one first, brings every account back to where it stood."""

    @examples(30)
    @given(any_group(), st.lists(st.tuples(st.just("meeting"), st.integers(6, 20), SEEDS), min_size=1, max_size=4), st.booleans(), SEEDS)
    def play(new, some, by_phone, seed):
        life = Life(db, new)
        life.overnight = False
        for step in some:
            life.step(*step)
        life.meeting(True, 0, Random(0))  # so that every charge is in the book
        before, entries = life.played.balances(), len(life.entry_of)
        if by_phone:
            life.phone(Random(seed))
        else:
            life.meeting(True, 6, Random(seed))
        assume(len(life.entry_of) > entries)
        after, entry_no = life.played.balances(), life.entry_of[id(life.history[-1])]
        for member, name, loan_no, figure in sorted(life.played.items(entry_no), key=lambda item: -ORDER.index(KIND[item[1]])):
            wish = life.played("correct", member, entry_no=entry_no, item=name, right=0, why="it never was", loan_no=loan_no)
            reason, _ = reason_of(life.played.post, wish, life.on)
            assert reason == ("nothing_changes" if figure == 0 else ""), (name, figure)
        kept = missed(life, before, after)
        assert differences(life.played.balances(), {number: both for number, both in kept.items() if any(both)}) == {}

    play()


def missed(life, before, after):
    """The balances before, and what a meeting does although nobody pays anything: contributions that are missed stay missed."""
    last, kept = life.history[-1], dict(before)
    if isinstance(last, Meeting):
        empty = life.before_meeting.copy()
        nothing = {("fine_charged", member, 0): 0 for member in empty.members}
        rolled = [request for request in last.notes if request.kind == "roll_over"]
        empty.meet(Meeting(last.on, last.loan_meeting, rolled, instead=nothing))
        kept = empty.balances()
    return kept


WRONG_PAPER = (
    "shares",
    "fines",
    "social_fund_due",
    "loan_fund_cash",
    "social_fund_cash",
    "loan_fund_bank",
    "social_fund_bank",
    "outside_loan",
    "loans",
)


def test_a_wrong_paper_is_put_right_months_later(db):
    """A figure of the opening: the group goes on for some meetings with the wrong one."""

    @examples(20)
    @given(
        any_group(fines=TABLES),
        st.sampled_from(WRONG_PAPER),
        st.integers(1, 500),
        SEEDS,
        st.lists(st.tuples(st.sampled_from(["meeting", "phone"]), st.integers(4, 15), SEEDS), max_size=5),
    )
    def play(new, what, more, seed, some):
        wrong, item, right = with_wrong_paper(new, what, more, Random(seed))
        assume(item)
        twin = WithMistakes(db, wrong, Random(seed))
        twin.mistakes.append((1, item, right))
        life = Life(db, new, twin)
        life.overnight = False
        for step in some:
            life.step(*step)
        twin.put_right(life.on)
        for played in (life.played, twin.played):
            played.meet(life.on)
        assert differences(twin.played.balances(), life.played.balances()) == {}

    play()


def with_wrong_paper(new, what, more, random):
    """(the group with a wrong figure, what the correction calls it, the right figure); no item where the paper says nothing of the kind."""
    figures = getattr(new, what)
    if not figures:
        return new, None, 0
    if isinstance(figures, int):
        return replace(new, **{what: figures + more}), (what, 0, 0), figures
    number = random.randrange(len(figures))
    one = figures[number]
    name, field = {
        "shares": ("shares", "units"),
        "fines": ("fine_charged", "amount"),
        "social_fund_due": ("contribution_due", "amount"),
        "loans": ("loan", "principal"),
    }[what]
    right = getattr(one, field)
    figure = random.choice([one.original, max(1, right - more)]) if what == "loans" else right + more
    wrong = (*figures[:number], replace(one, **{field: figure}), *figures[number + 1 :])
    return replace(new, **{what: wrong}), (name, one.member, number + 1 if what == "loans" else 0), right


# ---------------------------------------------------------------- after a share-out

CASH = (Kind.LOAN_FUND_CASH, Kind.LOAN_FUND_BANK, Kind.SOCIAL_FUND_CASH, Kind.SOCIAL_FUND_BANK, Kind.ENTRUSTED_CASH)
OF_THE_CYCLE = (Kind.SHARES, Kind.SHARE_OUT, *(kind for kind in ENDS_WITH_THE_CYCLE if kind != Kind.EARLIER_CYCLES))


def test_after_a_share_out_a_correction_is_an_entry_of_the_new_cycle(db):
    """The box moves by what was wrong, debts follow; nobody's shares and no income of the new cycle do: the difference is that of earlier cycles."""
    some_steps = st.lists(st.tuples(st.sampled_from(["meeting", "meeting", "phone"]), st.integers(6, 20), SEEDS), min_size=2, max_size=5)

    @examples(30)
    @given(any_group(), some_steps, st.booleans(), st.lists(SEEDS, min_size=1, max_size=4))
    def play(new, some, begun, seeds):
        life = Life(db, new)
        for step in [*some, ("share_out", 0, seeds[0])]:
            life.step(*step)
        assume(life.naive.between_cycles)
        old = [life.entry_of[id(event)] for event in life.history] + [1] * (
            len(life.played.rows("select 1 from entry where group_id = %s")) > len(life.history)
        )
        if begun:
            life.start_cycle(Random(seeds[0]))
        for seed in seeds:
            corrected_in_the_new_cycle(life, old, Random(seed))

    play()


def corrected_in_the_new_cycle(life, old, random):
    entry_no = random.choice([*old, old[-1], old[-1], old[-1]])  # the newest may be a correction itself
    items = life.played.items(entry_no)
    if not items:
        return
    member, name, loan_no, figure = random.choice(items)
    right = random.choice([0, figure + 1, figure // 2, figure * 2])
    before = life.played.balances()
    wish = life.played("correct", member, entry_no=entry_no, item=name, right=right, why="miscounted", loan_no=loan_no)
    reason, posted = reason_of(life.played.post, wish, life.on)
    note(f"    after the share-out, {wish.body()}: {reason}")
    assert reason in ("", "nothing_changes", "not_enough_cash", "more_than_owed", "written_off", "several_items")
    if reason:
        return
    old.append(posted.entry_no)
    after = life.played.balances()
    moved = Counter({number: after.get(number, (0, 0))[0] - before.get(number, (0, 0))[0] for number in {*before, *after}})
    assert not [name_of(number) for number, amount in moved.items() if amount and number // SUB in OF_THE_CYCLE]
    in_money = life.new.constitution.share_price if name in ("shares", "redemption") else 1
    cash = [amount for number, amount in moved.items() if number // SUB in CASH and amount]
    assert not cash or abs(cash[0]) == abs(right - figure) * in_money
    for loan in life.played.book(lambda book: [one for number in book.members() for one in book.all_loans(number)], life.on):
        kind = {"loan_fund": Kind.LOAN, "social_fund": Kind.SOCIAL_FUND_LOAN, "entrusted": Kind.ENTRUSTED_LOAN}[loan.terms.fund]
        assert after.get(account(kind, loan.loan_no), (0, 0))[0] == (0 if loan.written_off else loan.now.principal)
