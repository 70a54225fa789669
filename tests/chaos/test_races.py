"""Several hands on the same thing at the same instant: copies of a hop, two officers, twenty deliveries of a text, two clocks."""

from __future__ import annotations

import random
import uuid

from chaos_calls import asked_for, at_the_last_page

from gateway.doorbell import Doorbell
from ledger import requests
from ledger.db import lock_group
from workers.settling import settle

ROUNDS = 8
TWO_OFFICERS = {"confirmation": "treasurer_and_officer"}


def test_ten_copies_of_the_last_hop_make_one_request(village, together, hands):
    v = village()
    for _ in range(ROUNDS):
        before = len(v.outcomes())
        call = at_the_last_page(v)
        pages = together(*[lambda c=call: hands(v).hop(c.member, c.session, c.text)] * 10)
        assert len(set(pages)) == 1, set(pages)
        assert pages[0].startswith("END Sent to ")
        assert len(v.outcomes()) == before + 1
        assert len(v.texts(3)) == before + 1, "the treasurer is asked once"


def test_two_officers_at_the_same_instant_post_once(village, together, hands, drain):
    v = village(constitution=TWO_OFFICERS)
    for n in range(ROUNDS):
        codes = asked_for(v, amount=str(1000 + n))
        texting = [lambda o=officer, c=code: hands(v).text(o, f"OK {c}") for officer, code in codes.items()]
        together(*texting)
        together(drain, drain)
    assert v.outcomes() == ["posted"] * ROUNDS
    assert v.entries() == 1 + ROUNDS
    v.verify()


def test_an_officer_texts_yes_and_no_at_once_and_one_word_counts(village, together, hands, drain):
    v = village()
    for n in range(ROUNDS):
        [(officer, code)] = asked_for(v, amount=str(1000 + n)).items()
        together(lambda o=officer, c=code: hands(v).text(o, f"OK {c}"), lambda o=officer, c=code: hands(v).text(o, f"NO {c}"))
        together(drain, drain)
    assert set(v.outcomes()) <= {"posted", "refused"}
    assert v.entries() == 1 + v.outcomes().count("posted")
    assert len([text for text in v.texts(3) if "answered before" in text]) == ROUNDS, "the word that came second is answered"
    v.verify()


def test_one_officer_agrees_by_dialling_while_the_other_refuses_by_text(village, together, hands, drain):
    v = village(constitution=TWO_OFFICERS)
    for n in range(ROUNDS):
        codes = asked_for(v, amount=str(1000 + n))
        agree, refuse = list(codes)
        v.text(refuse, f"NO {codes[refuse]}")
        together(lambda a=agree: hands(v).dial(a, "8", "1", "1"), drain)
        drain()
    assert v.outcomes() == ["refused"] * ROUNDS
    assert v.entries() == 1
    for member, name in ((12, "member"), (3, "treasurer")):
        assert sum("Not recorded" in text or "Nothing was recorded" in text for text in v.texts(member)) <= ROUNDS, f"the {name} hears it once"


def test_one_text_delivered_twenty_times_is_handled_once(village, together, hands, drain):
    v = village()
    [(officer, code)] = asked_for(v).items()
    message_id = str(uuid.uuid4())
    together(*[lambda: hands(v).text(officer, f"OK {code}", message_id)] * 20)
    together(drain, drain, drain)
    assert v.outcomes() == ["posted"]
    assert v.entries() == 2
    answers = v.rows("select purpose from outbox where group_id = %s and member = %s and purpose <> 'ask_officer'", officer)
    assert [row.purpose for row in answers] == ["done"], "one reply"


def test_two_workers_drain_one_inbox(village, together, drain):
    v = village()
    codes = [asked_for(v, member=member, amount=str(1000 + n)) for n in range(6) for member in (7, 12)]
    for code in codes:
        [(officer, digits)] = code.items()
        v.text(officer, f"OK {digits}")
    together(drain, drain)
    assert v.outcomes() == ["posted"] * 12
    assert len(v.rows("select 1 from outbox where group_id = %s and purpose = 'receipt'")) == 12
    v.verify()


def test_two_clocks_give_up_a_lost_sender_once_and_ring_for_nobody_twice_over(village, together, db, owner, redis_now, drain):
    from workers import clock

    v = village()
    asked_for(v)
    owner.execute("update outbox set state = 'sending', lease_until = now() - interval '1 s' where group_id = %s", (v.group_id,))
    bell = Doorbell(redis_now)

    def look() -> list[str]:
        with db.transaction() as conn:
            return clock.look(conn, bell)

    together(look, look)
    assert [row.state for row in v.rows("select state from outbox where group_id = %s")] == ["unknown"], "never sent again by itself"
    together(drain, drain)
    assert v.outcomes() == ["waiting"]


def test_eight_workers_on_one_book_leave_no_gap_and_no_broken_link(village, together, db):
    """Forty agreed requests; each of eight workers settles all of them, every one in an order of its own."""
    v, count = village(), 40
    for n in range(count):
        [(officer, _)] = asked_for(v, member=(7, 12)[n % 2], amount=str(1000 + n)).items()
        with db.transaction() as conn:
            lock_group(conn, v.group_id)
            requests.give_word(conn, v.group_id, n + 1, officer, True, "sms")

    def work(seed: int) -> int:
        posted = 0
        for number in random.Random(seed).sample(range(1, count + 1), count):
            with db.transaction() as conn:
                posted += settle(conn, v.group_id, number) == "posted"
        return posted

    assert sum(together(*[lambda seed=seed: work(seed) for seed in range(8)])) == count, "each is posted by one of them"
    numbers = [row.entry_no for row in v.rows("select entry_no from entry where group_id = %s order by entry_no")]
    lines = [row.line_no for row in v.rows("select line_no from line where group_id = %s order by line_no")]
    assert numbers == list(range(1, count + 2))
    assert lines == list(range(1, len(lines) + 1))
    v.verify()
