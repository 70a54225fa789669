"""What a vector can make happen inside the service: the steps that go `to: APP`."""

from __future__ import annotations

import contextlib
import os
import signal
import time
import uuid
from typing import Any

import psutil
from people import new_session
from stand_in import Reply, answer, recipient
from wire_site import at_once
from wire_stage import MEMBER, TREASURER, UNITS_OF_MONEY_PATH, Stage

from gateway.doorbell import Doorbell
from ledger import requests
from ledger.books import Book
from ledger.commands import BuyShares
from ledger.db import lock_group
from ledger.journal import Receipt
from menus import notices
from workers import settling

WEB_PROCESSES = 2


def write_text(stage: Stage) -> None:
    """One more text to PHONE_A in the outbox; it becomes the row that the vector is about."""
    v = stage.village
    with v.db.transaction() as conn:
        lock_group(conn, v.group_id)
        requests.write_texts(conn, v.group_id, [Receipt(MEMBER, "receipt", f"Receipt {uuid.uuid4()}", "GSM-7", 1)])
    stage.text_no = stage._last_text()


def enqueue_one_sms(stage: Stage, step: dict[str, Any]) -> None:
    """A text, and the sender's attempt to send it to a carrier that behaves as told."""
    write_text(stage)
    told = stage.fill(step["fake_provider"])
    if told.get("refuse"):
        stage.kept["refuses"] = True
        with stage.site.stand_in.refusing():
            return stage.site.work()
    headers = {"Location": told["location"]} if "location" in told else {}
    stage.site.stand_in.always(Reply(told["status"], told.get("json"), told.get("body"), told.get("content_type", "text/plain"), headers))
    stage.site.work()


def accepted_text(stage: Stage) -> None:
    """A text that the carrier took under OUT_ID."""
    took = answer(recipient(stage.bindings["PHONE_A"], message_id=stage.bindings["OUT_ID"]))
    enqueue_one_sms(stage, {"fake_provider": {"status": 201, "content_type": "application/json", "json": took}})
    stage.kept["row"] = stage.text_row()
    assert stage.kept["row"].state == "accepted"


def kill_worker_after_provider_accept(stage: Stage, step: dict[str, Any]) -> None:
    """kill -9 of the sender while the carrier, which has taken the text, is still silent."""
    site, api = stage.site, stage.site.stand_in
    api.script(Reply(delay=4))
    write_text(stage)
    with site.redis() as client:
        assert Doorbell(client).ring("send")
    text = stage.text_row().text
    assert api.wait_for(lambda: any(one.text == text for one in api.accepted)), site.running.logs()
    assert stage.text_row().state == "sending"
    site.running.kill("sender")
    stage.bindings["TAKEN_ID"] = next(one.id for one in api.accepted if one.text == text)


def restart_worker(stage: Stage, step: dict[str, Any]) -> None:
    """The sender again; its predecessor's lease is over."""
    site = stage.site
    site.running.spawn("sender")
    site.rewrite("update outbox set lease_until = clock_timestamp() where group_id = %s and message_no = %s", stage.village.group_id, stage.text_no)
    end = time.monotonic() + 10
    while stage.text_row().state == "sending" and time.monotonic() < end:
        time.sleep(0.05)
    site.work()


def hang_database(stage: Stage, step: dict[str, Any]) -> None:
    """PostgreSQL stands still, with its sockets open, until the next step has been answered. Every web process has met it before."""
    at_once([lambda: stage.village.hop(MEMBER, new_session(), "")] * WEB_PROCESSES * 8)
    postmaster = psutil.Process(stage.site.running.servers.postgres_pid)
    tree = [process.pid for process in (postmaster, *postmaster.children(recursive=True))]

    def wake() -> None:
        for pid in tree:
            with contextlib.suppress(ProcessLookupError):  # a session whose client has given up is gone
                os.kill(pid, signal.SIGCONT)

    stage.closing.callback(wake)
    stage.frozen = wake
    for pid in tree:
        os.kill(pid, signal.SIGSTOP)


def flush_session_store(stage: Stage, step: dict[str, Any]) -> None:
    """Redis forgets everything."""
    with stage.site.redis() as client:
        client.flushall()


def advance_clock(stage: Stage, step: dict[str, Any]) -> None:
    """So many seconds later: every key whose time is over by then goes, and only those."""
    with stage.site.redis() as client:
        stage.kept["calls"] = stage.site.calls() - stage.calls_before
        assert stage.kept["calls"], "the call is not in Redis at all"
        for key in stage.kept["calls"]:
            left = client.ttl(key)
            if 0 < left <= step["seconds"]:
                client.expire(key, 0)


def insert_member_sorting_first(stage: Stage, step: dict[str, Any]) -> None:
    """Something new comes to stand first on the list that a phone is looking at."""
    assert stage.book() == stage.before
    site, group = stage.site, stage.village.group_id
    site.rewrite(
        """insert into request (group_id, request_no, command_id, kind, member, asked_by, body, body_hash, asked_on, asked_at, expires_at)
           select group_id, 0, gen_random_uuid(), kind, 7, 7, body || '{"amount": 777}', '\\x00', asked_on, asked_at, expires_at
             from request where group_id = %s and request_no = 1""",
        group,
    )
    site.rewrite(
        "insert into approver (group_id, request_no, officer, code) select group_id, 0, officer, '22222' from approver where group_id = %s and request_no = 1",
        group,
    )
    site.rewrite(
        "insert into waiting (group_id, request_no, expires_at) select group_id, 0, expires_at from waiting where group_id = %s and request_no = 1",
        group,
    )
    shown = stage.listed
    assert "777" in stage.walk(stage.bindings["LONG_LIST_PATH"], "{{SESSION_4}}")[-1].text.split("\n")[1], "it does not sort first"
    stage.look()
    stage.listed = shown


class RolledBack(Exception):
    """The transaction ends here."""


def ledger_action_then_rollback(stage: Stage, step: dict[str, Any]) -> None:
    """A request asked, agreed and posted with all its texts, in a transaction that is never committed."""
    v = stage.village
    try:
        with v.db.transaction() as conn:
            lock_group(conn, v.group_id)
            book = Book(conn, v.group_id)
            buy = BuyShares(id=uuid.uuid4(), group_id=v.group_id, member=MEMBER, asked_by=MEMBER, units=UNITS_OF_MONEY_PATH)
            number, _ = requests.ask(conn, book, buy, lambda _, approvers: notices.ask_officers(book, buy, approvers), hours=24)
            assert requests.give_word(conn, v.group_id, number, TREASURER, True, "sms")
            assert settling.settle(conn, v.group_id, number) == "posted"
            written = conn.execute("select count(*) as n from outbox where group_id = %s", (v.group_id,)).fetchone()
            assert written.n >= 3, "the question, the receipt and the officer's notice"
            raise RolledBack
    except RolledBack:
        stage.site.work()


TRIGGERS = {
    made.__name__: made
    for made in (
        enqueue_one_sms, kill_worker_after_provider_accept, restart_worker, hang_database, flush_session_store, advance_clock,
        insert_member_sorting_first, ledger_action_then_rollback,
    )
}  # fmt: skip
