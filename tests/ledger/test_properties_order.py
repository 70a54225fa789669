"""The order of what is said inside a meeting changes no balance, and not even a line.

One thing is said in order by its nature: how a member is there; the last word counts. A note that another one makes possible (a loan after
the repayment of the old one) is refused until that is noted: who notes in another order is told so, notes the other first, and comes back.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random

from cycles import Life, Played, any_group, differences, examples, named_anew, reason_of
from hypothesis import assume, given
from hypothesis import strategies as st
from naive import Meeting

LINES = "select line_no, entry_no, debit, credit, amount, reason, member, loan_no, units from line where group_id = %s order by line_no"


class InAnotherOrder:
    """A second group to which the same happens; what is said at its meetings is said in another order."""

    def __init__(self, db, new, random):
        self.played, self.random = Played(db, named_anew(new)), random

    def __call__(self, life, event, posted):
        assume(event is not None)
        if isinstance(event, Meeting):
            self.meet(event)
        else:
            self.played.post(replace(event.request, group_id=self.played.group_id), event.on)
        assert differences(self.played.balances(), life.played.balances()) == {}

    def meet(self, meeting):
        self.played.open(meeting.on, meeting.loan_meeting, meeting.opening)
        waiting = [replace(request, group_id=self.played.group_id) for request in meeting.notes]
        roll = iter([request for request in waiting if request.kind == "attend"])
        self.random.shuffle(waiting)
        waiting = [next(roll) if request.kind == "attend" else request for request in waiting]
        for _ in range(len(waiting)):
            waiting = [request for request in waiting if reason_of(self.played.note, request, meeting.on)[0]]
        assert waiting == []
        self.played.close(meeting.on, meeting.closing)


def test_the_order_inside_a_meeting_changes_nothing(db):
    kinds = st.sampled_from(["meeting", "meeting", "meeting", "savings_meeting", "phone", "share_out", "leave", "write_off"])
    some_steps = st.lists(st.tuples(kinds, st.integers(8, 25), st.integers(0, 2**32)), min_size=3, max_size=8)

    @examples(20)
    @given(any_group(), some_steps, st.integers(0, 2**32))
    def play(new, some, seed):
        twin = InAnotherOrder(db, new, Random(seed))
        life = Life(db, new, twin)
        life.overnight = False
        for step in some:
            life.step(*step)
        assert [tuple(row) for row in twin.played.rows(LINES)] == [tuple(row) for row in life.played.rows(LINES)]

    play()
