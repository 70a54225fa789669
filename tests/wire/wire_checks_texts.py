"""What each property of the wire vectors means for texts out, their reports, and what an operator can do about them."""

from __future__ import annotations

import json
from itertools import pairwise

from wire_checks import Answers, means
from wire_site import API_KEY
from wire_stage import Stage

from workers import clock

_DUE_NOW = "update outbox set not_before = clock_timestamp() - interval '1 hour' where group_id = %s and message_no = %s"
_PAUSE = "select extract(epoch from not_before - updated_at)::float as seconds from outbox where group_id = %s and message_no = %s"
HOT_SECONDS = 60
TRIES_BEARABLE = 20


@means("OUT_STATE")
def out_state(stage: Stage, answers: Answers, argument: str, step: int) -> None:
    row = stage.text_row()
    assert row.state in argument.split("|"), row


@means("OUT_STATE_UNCHANGED")
def out_state_unchanged(stage: Stage, answers: Answers, argument: str, step: int) -> None:
    assert stage.text_row() == stage.kept["row"]
    assert not stage.site.rows("select 1 from delivery_report where provider_id = %s", stage.bindings["OUT_ID"])


@means("PROVIDER_ID_STORED")
def provider_id_stored(stage: Stage, answers: Answers, argument: str, step: int) -> None:
    assert stage.text_row().provider_id == stage.bindings["OUT_ID"]


@means("PROVIDER_CALLS")
def provider_calls(stage: Stage, answers: Answers, argument: str, step: int) -> None:
    text = stage.text_row().text if stage.text_no else None
    assert len(stage.sends(text)) == int(argument)
    if text and argument == "0":
        assert stage.text_row().state == "suppressed"
        stage.site.rewrite(_DUE_NOW, stage.village.group_id, stage.text_no)
        stage.site.work()
        assert not stage.sends(text), "later neither"


@means("NO_RETRY")
def no_retry(stage: Stage, answers: Answers, argument: str, step: int) -> None:
    """However much time passes, and whatever the clock rings."""
    stage.site.rewrite(_DUE_NOW, stage.village.group_id, stage.text_no)
    _ring_the_clock(stage)
    stage.site.work()
    assert len(stage.sends(stage.text_row().text)) == 1


@means("NO_HOT_RETRY")
def no_hot_retry(stage: Stage, answers: Answers, argument: str, step: int) -> None:
    _ring_the_clock(stage)
    stage.site.work()
    row = stage.text_row()
    assert len(stage.sends(row.text)) == 1
    if row.state == "retry":
        assert stage.site.rows(_PAUSE, row.group_id, row.message_no)[0].seconds >= HOT_SECONDS


@means("BACKOFF")
def backoff(stage: Stage, answers: Answers, argument: str, step: int) -> None:
    """Each time its pause is over the carrier still refuses the connection."""
    assert stage.kept["refuses"]
    pauses = []
    with stage.site.stand_in.refusing():
        while (row := stage.text_row()).state == "retry":
            assert len(pauses) < TRIES_BEARABLE, "no end of tries"
            pauses.append(stage.site.rows(_PAUSE, row.group_id, row.message_no)[0].seconds)
            attempts = row.attempts
            stage.site.work()
            assert stage.text_row().attempts == attempts, "not before its time"
            stage.site.rewrite(_DUE_NOW, row.group_id, row.message_no)
            stage.site.work()
            assert stage.text_row().attempts == attempts + 1
    assert len(pauses) >= 2
    assert all(later > sooner * 1.5 for sooner, later in pairwise(pauses)), pauses
    assert stage.text_row().state == "failed_permanent", "given up, and listed for an operator"
    assert stage.text_row().attempts == stage.site.settings.sms_retries


@means("RECONCILABLE")
def reconcilable(stage: Stage, answers: Answers, argument: str, step: int) -> None:
    """Listed for an operator; settled by the late report; another of the same kind settled by hand."""
    running, row = stage.site.running, stage.text_row()
    uncertain = json.loads(running.flask("outbox", "list", "--state", "unknown", "--json").stdout)
    assert (stage.village.code, row.message_no) in [(one["group"], one["message"]) for one in uncertain]
    form = {"id": "{{TAKEN_ID}}", "status": "Success", "phoneNumber": "{{PHONE_A}}", "networkCode": "{{NETWORK}}", "retryCount": "0"}
    assert stage.send({"to": "DLR", "form": form}).status == 200
    assert stage.text_row().state == "delivered"
    stage.site.rewrite("update outbox set state = 'unknown' where group_id = %s and message_no = %s", row.group_id, row.message_no)
    running.flask("outbox", "settle", stage.village.code, str(row.message_no), "--as", "failed")
    assert stage.text_row().state == "failed"


@means("ORPHAN_KEPT")
def orphan_kept(stage: Stage, answers: Answers, argument: str, step: int) -> None:
    wanted = stage.vector["steps"][0]["form"]["id"]
    [report] = stage.site.rows("select status from delivery_report where provider_id = %s", wanted)
    assert report.status == "delivered"


@means("SECRET_ABSENT_AT_OTHER_HOST")
def secret_absent_elsewhere(stage: Stage, answers: Answers, argument: str, step: int) -> None:
    assert stage.bindings[argument] == API_KEY
    [ours] = stage.sends(stage.text_row().text)
    assert API_KEY in ours.headers.values(), "the carrier itself does get it"
    for request in stage.other_host.requests:
        assert API_KEY not in (*request.headers.values(), *request.form.values())


@means("TABLES_INTACT")
def tables_intact(stage: Stage, answers: Answers, argument: str, step: int) -> None:
    """Every table is there with its columns and rows; a text that came in, and its answer, are the only new ones."""
    before, now = stage.tables_before, stage.tables()
    assert now.keys() == before.keys()
    came = {"inbound_sms", "outbox"} if stage.vector["area"] == "sms-in" else set()
    changed = {table for table in now if now[table] != before[table]}
    assert changed <= came
    assert all(now[table][0] == before[table][0] and now[table][1] - before[table][1] <= 1 for table in changed)


def _ring_the_clock(stage: Stage) -> None:
    """What the clock would do now, bells included."""
    from gateway.doorbell import Doorbell

    with stage.site.redis() as client, stage.site.db.transaction() as conn:
        clock.look(conn, Doorbell(client))
