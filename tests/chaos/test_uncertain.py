"""What nobody can know at once: a commit whose answer was lost, a report that comes before our own note, memory lost within one hop."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg
from chaos_calls import QUESTION, at_the_last_page
from chaos_people import NOTHING_RECORDED


def test_a_commit_whose_answer_is_lost_is_not_called_nothing(village, app, monkeypatch):
    """PostgreSQL goes away between doing the commit and saying so."""
    v, db = village(), app.extensions["db"]
    call = at_the_last_page(v)
    real, lost = db.transaction, []

    @contextlib.contextmanager
    def transaction() -> Iterator[Any]:
        with real() as conn:
            yield conn
        if not lost:
            lost.append(True)
            raise psycopg.OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(db, "transaction", transaction)
    page = call.again()
    assert v.outcomes() == ["waiting"]
    assert not any(words in page for words in NOTHING_RECORDED), page


def test_a_report_that_comes_before_our_own_note_settles_no_other_message(village, owner):
    """One text to the treasurer has an unknown fate, a second is being sent; the report about the second is faster than the answer."""
    v = village()
    v.dial(12, "3", "5000", "1")
    v.dial(12, "3", "6000", "1")
    mark = "update outbox set state = %s, provider = 'africastalking', phone = %s, lease_until = now() + interval '1 min' where group_id = %s and message_no = %s"
    owner.execute(mark, ("unknown", v.phones[3], v.group_id, 1))
    owner.execute(mark, ("sending", v.phones[3], v.group_id, 2))
    form = {"id": "ATXid_of_the_second", "status": "Success", "phoneNumber": v.phones[3], "networkCode": "63902", "retryCount": "0"}
    assert v.client.post(f"/hooks/{v.secret}/africastalking/delivery", data=form).status_code == 200
    assert [row.state for row in v.rows("select state from outbox where group_id = %s order by message_no")] == ["unknown", "sending"]


def test_memory_lost_under_two_copies_of_the_last_hop_still_says_sent(village, redis_now, app, monkeypatch):
    """The first copy is about to commit when Redis forgets the call and the second copy, finding nothing, shows the question again."""
    from menus import notices

    v = village()
    call = at_the_last_page(v)
    real, pages = notices.ask_officers, list[str]()

    def copy() -> None:
        try:
            pages.append(replace(v, client=app.test_client()).hop(call.member, call.session, call.text))
        finally:
            app.extensions["db"].close()

    def meanwhile(*given: Any) -> Any:
        monkeypatch.setattr(notices, "ask_officers", real)
        redis_now.flushall()
        thread = threading.Thread(target=copy)
        thread.start()
        thread.join()
        return real(*given)

    monkeypatch.setattr(notices, "ask_officers", meanwhile)
    page = call.again()
    assert QUESTION in pages[0]
    assert v.outcomes() == ["waiting"]
    assert page.startswith("END Sent to ")
