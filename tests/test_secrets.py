"""What must not be seen is in no log, no Redis value, no job and no page of an error: secrets, PIN-like input, phones, the words of texts."""

from __future__ import annotations

import json
import re

import pytest
from people import Call

CANARY = "73915"  # typed where a PIN might be one day


def test_nothing_private_is_logged_or_left_in_redis(village, redis_now, capsys):
    v = village()
    call = Call(v, 12)
    for key in ("4", CANARY, "520000", "1"):
        call.press(key)
    v.client.post(
        f"/hooks/{v.secret}/africastalking/ussd-events",
        data={
            "sessionId": call.session,
            "phoneNumber": v.phones[12],
            "status": "Success",
            "input": f"1*{CANARY}",
            "lastAppResponse": "END secret words",
        },
    )
    v.text(3, f"OK {v.code_of(3)} canary-words")
    keys = redis_now.keys("*")
    stored = b" ".join(redis_now.dump(key) or b"" for key in keys)
    jobs = b" ".join(b"%s %s" % pair for key in keys if key.startswith(b"rq:job:") for pair in redis_now.hgetall(key).items())
    v.work()
    said = capsys.readouterr()
    log = said.out + said.err
    lines = [json.loads(line) for line in said.out.splitlines()]
    assert {line["screen"] for line in lines if line["event"] == "hop"} >= {"home", "repay_amount", "repay_confirm", "sent"}
    for private in (v.secret, v.phones[12], v.phones[3], v.phones[12].removeprefix("+"), "canary-words", "secret words"):
        assert private not in log
    assert not re.search(rf"\b{CANARY}\b", log)
    assert v.code_of(3) not in log
    for private in (v.secret.encode(), b"canary-words", v.code_of(3).encode()):
        assert private not in stored
        assert private not in jobs


def test_an_error_in_a_hop_shows_and_logs_no_words(village, monkeypatch, capsys):
    v = village()
    call = Call(v, 12)

    def broken(*_):
        raise ValueError(f"cannot read {CANARY}")

    monkeypatch.setattr("menus.engine.step", broken)
    assert call.press("1") == "END Xin loi, chua ghi duoc gi. Hay thu lai sau mot phut."
    log = capsys.readouterr().out
    assert '"event": "hop failed"' in log
    assert "turns.py" in log
    assert CANARY not in log


@pytest.mark.parametrize("where", ["ussd", "sms", "delivery", "opt-out", "ussd-events"])
def test_without_the_secret_there_is_nothing(village, where):
    v = village()
    before = v.rows("select count(*) as n from inbound_sms where %s is not null")
    for secret in ("wrong", v.secret[:-1], v.secret + "x", v.secret.upper(), "%00", "é"):
        answer = v.client.post(
            f"/hooks/{secret}/africastalking/{where}", data={"from": v.phones[3], "id": "1", "text": "x", "phoneNumber": v.phones[3]}
        )
        assert answer.status_code == 404
        assert v.secret not in answer.get_data(as_text=True)
    assert v.rows("select count(*) as n from inbound_sms where %s is not null") == before


def test_a_bad_request_names_the_field_and_nothing_else(village):
    v = village()
    url = f"/hooks/{v.secret}/africastalking/ussd"
    for form, field in (({"phoneNumber": v.phones[12], "text": ""}, "sessionId"), ({"sessionId": "s", "text": ""}, "phoneNumber")):
        answer = v.client.post(url, data=form)
        assert answer.status_code == 400
        assert answer.get_data(as_text=True).startswith(f"{field}: expected")
    assert v.client.post(url, json={"sessionId": "s"}).status_code == 400
    assert v.client.post(url, data={"sessionId": "s", "text": "x" * 20_000}).status_code == 413
    assert v.client.get(url).status_code == 405
