"""Redis is the doorbell and the memory of calls: without it nothing is lost and nothing happens twice."""

from __future__ import annotations

import uuid
from dataclasses import replace

from chaos_calls import QUESTION, at_the_last_page
from chaos_carrier import Carrier, new_session
from chaos_people import wait_until
from people import new_group_file

from config import embedded_dsn
from ledger.db import Database


def test_copies_over_two_web_processes_of_which_one_has_no_redis(village, together, hands, app_without_redis):
    v = village()
    elsewhere = replace(v, client=app_without_redis.test_client())
    call = at_the_last_page(v)

    def without_memory() -> str:
        try:
            return elsewhere.hop(call.member, call.session, call.text)
        finally:
            app_without_redis.extensions["db"].close()

    pages = together(*[lambda: hands(v).hop(call.member, call.session, call.text)] * 3, *[without_memory] * 3)
    assert all(page.startswith("END Sent to ") or QUESTION in page for page in pages)
    assert v.outcomes() == ["waiting"]


def test_without_redis_she_still_reads_her_balance(village, app_without_redis):
    v = village()
    v.client = app_without_redis.test_client()
    page = v.dial(12, "1")
    assert all(figure in page for figure in ("No.12", "10", "200.000d", "1.500.000d", "15.000d")), page


def test_without_redis_money_moves_only_from_a_page_that_was_shown(village, app_without_redis):
    """Without memory nobody knows what she was shown, so a chain of keys gets the confirm page and never passes it."""
    v = village()
    v.client = app_without_redis.test_client()
    assert QUESTION in v.dial(12, "2", "3")
    v.dial(12, "2", "3", "1")
    assert QUESTION in v.hop(12, new_session(), "2*3*1")
    assert v.outcomes() == []


def test_memory_lost_between_the_confirm_page_and_the_key_shows_the_page_again(village, redis_now):
    v = village()
    call = at_the_last_page(v)
    redis_now.flushall()
    page = call.again()
    assert page.startswith("CON ")
    assert QUESTION in page
    assert v.outcomes() == []
    assert call.press("1").startswith("END Sent to ")
    assert v.outcomes() == ["waiting"]


def test_a_web_killed_between_commit_and_answer_gives_the_same_answer_from_the_book(village, redis_now, another_app):
    v = village()
    call = at_the_last_page(v)
    first = call.again()  # committed; suppose that nobody hears it
    redis_now.flushall()
    v.client = another_app.test_client()
    assert call.again() == first
    assert v.outcomes() == ["waiting"]
    assert len(v.texts(3)) == 1


def test_a_bell_nobody_heard_is_rung_again_by_the_clock(served):
    """The treasurer's text is stored while Redis is dead; the clock finds it."""
    code, phones, text = new_group_file(group={"code": "BELLS"})
    served.load(text)
    carrier, session = Carrier(served.port, served.secret), new_session()
    for answers in ("", "3", "3*7000", "3*7000*1"):
        page = carrier.hop(phones[12], session, answers)
    assert page.startswith("END Sent to ")
    db = Database(embedded_dsn(served.var, "dialbook_app"), "tests")
    try:
        with db.transaction() as conn:
            found = conn.execute("select a.code from approver a join savings_group g using (group_id) where g.code = %s", (code,)).fetchone()
        served.servers.kill_valkey()
        try:
            carrier.text(phones[3], f"OK {found.code}", str(uuid.uuid4()))
        finally:
            served.servers.restart_valkey()
        assert _posted(db, code)
    finally:
        db.close()


def _posted(db: Database, code: str) -> bool:
    query = "select 1 from outcome join savings_group g using (group_id) where g.code = %s and outcome = 'posted'"

    def look() -> bool:
        with db.transaction() as conn:
            return conn.execute(query, (code,)).fetchone() is not None

    return wait_until(look, 20)
