"""What each answer of Africa's Talking means for a message, which settings are needed, and that no secret leaks."""

import json
import logging
import subprocess
import sys

import pytest
from one_text import KEY, PHONE, SMS, TEXT, listed, settings
from stand_in import Reply, answer, recipient, unused_url

from gateway import careful_http
from gateway.messages import NotConfigured, OutboundSms, UssdReply
from gateway.providers import africastalking
from gateway.providers.africastalking_outcomes import QUIET_SECONDS


def test_accepted(api, provider):
    outcome = provider.send(SMS)
    assert (outcome.kind, outcome.provider_id, outcome.cost, outcome.parts) == ("accepted", api.accepted[0].id, "KES 0.8000", 1)
    (request,) = api.requests
    assert request.path == "/version1/messaging"
    assert request.form == {"username": "dialbook", "to": PHONE, "message": TEXT, "bulkSMSMode": "1"}
    assert (request.headers["apikey"], request.headers["accept"]) == (KEY, "application/json")


def test_sender_and_awkward_texts(api):
    provider = africastalking.provider(settings(api.url, at_sender="DIALBOOK"))
    provider.send(OutboundSms("r", PHONE, "a&b=c+é€😀\ud800\n"))
    provider.close()
    assert api.requests[0].form["from"] == "DIALBOOK"
    assert api.requests[0].form["message"] == "a&b=c+é€😀?\n"


CODES = [
    (100, "accepted"),
    (101, "accepted"),
    (102, "accepted"),
    (401, "hold"),
    (402, "hold"),
    (403, "refused"),
    (404, "refused"),
    (405, "hold"),
    (406, "refused"),
    (407, "refused"),
    (409, "hold"),
    (500, "retry"),
    (501, "retry"),
    (502, "refused"),
    (999, "hold"),
    (0, "hold"),
]


@pytest.mark.parametrize(("code", "kind"), CODES)
def test_status_code_of_the_recipient_decides(api, provider, code, kind):
    api.script(Reply(json=listed(code)), Reply(json=listed(str(code))))
    for _ in range(2):
        outcome = provider.send(SMS)
        assert (outcome.kind, outcome.code, outcome.provider_id) == (kind, code, None)
        assert outcome.retry_after_seconds == (QUIET_SECONDS if code == 409 else None)
        assert outcome.why


@pytest.mark.parametrize(
    ("reply", "kind", "code"),
    [
        (Reply(json=answer(message="InvalidSenderId")), "hold", 402),
        (Reply(json=answer(message="Something new")), "hold", 201),
        (Reply(json=answer()), "unknown", 201),  # "Sent to 1/1", and nobody listed
        (Reply(json=answer(recipient("+254711111111", 101))), "hold", 201),
        (Reply(json=answer(recipient("+254711111111", 101), recipient(PHONE, 403))), "refused", 403),
        (Reply(json=listed(101), content_type="application/json; charset=utf-8"), "accepted", 101),
        (Reply(json=listed(101), content_type="text/html"), "accepted", 101),
        (Reply(status=200, json=listed(101)), "accepted", 101),
        (Reply(json=answer(recipient(PHONE.lstrip("+"), 101))), "accepted", 101),
        (Reply(json=answer({"statusCode": 101, "status": "Success"})), "accepted", 101),
        (Reply(json=listed(500, message_id="ATXid_9")), "unknown", 500),
        (Reply(json=listed(None)), "unknown", None),
        (Reply(json=listed(True)), "unknown", None),
        (Reply(body="<html>"), "unknown", 201),
        (Reply(body=""), "unknown", 201),
        (Reply(body=b"\xff\xfe\xfd"), "unknown", 201),
        (Reply(body="[" * 30000), "unknown", 201),
        (Reply(body="9" * 30000), "unknown", 201),
        (Reply(json=[]), "unknown", 201),
        (Reply(json={"SMSMessageData": None}), "unknown", 201),
        (Reply(json={"SMSMessageData": {"Recipients": "x"}}), "unknown", 201),
        (Reply(json={"SMSMessageData": {"Recipients": [7, None, "x"], "Message": 5}}), "hold", 201),
        (Reply(json=listed(101), headers={"X-Pad": "x" * 70000}), "unknown", None),
        (Reply(body=json.dumps(listed(101)) + " " * careful_http.BODY_MAX), "unknown", 201),
        (Reply(body=json.dumps(listed(101)) + " " * 50000), "accepted", 101),
        (Reply(json=listed(101), cut=20), "unknown", 201),
        (Reply(json=listed(101), headers={"Content-Encoding": "gzip"}), "unknown", 201),
        (Reply(status=204), "unknown", 204),
        (Reply(status=409, json=listed(409)), "hold", 409),
        (Reply(status=409, json=listed(406)), "refused", 406),
        (Reply(status=409, body="later"), "hold", 409),
        (Reply(status=400, body="bad"), "hold", 400),
        (Reply(status=401, body="The supplied authentication is invalid", content_type="text/plain; charset=UTF-8"), "hold", 401),
        (Reply(status=403), "hold", 403),
        (Reply(status=404), "hold", 404),
        (Reply(status=408), "retry", 408),
        (Reply(status=429), "retry", 429),
        (Reply(status=500), "unknown", 500),
        (Reply(status=502), "unknown", 502),
        (Reply(status=503), "retry", 503),
        (Reply(status=504), "unknown", 504),
        (Reply(status=599), "unknown", 599),
        (Reply(status=304), "hold", 304),
        (Reply(status=302, headers={"Location": "http://[nonsense"}), "hold", 302),
    ],
)
def test_other_answers(api, provider, reply, kind, code):
    api.script(reply)
    outcome = provider.send(SMS)
    assert (outcome.kind, outcome.code) == (kind, code), outcome
    assert len(api.requests) == 1  # whatever the answer, one call


@pytest.mark.parametrize("nothing", ["None", "", "none", None, {}, " "])
def test_the_word_none_is_no_id(api, provider, nothing):
    api.script(Reply(json=listed(101, message_id=nothing)))
    outcome = provider.send(SMS)
    assert (outcome.kind, outcome.provider_id) == ("accepted", None)


@pytest.mark.parametrize(
    ("cost", "message", "read"),
    [
        ("KES 0.8000", "Sent to 1/1 Total Cost: USD 0.0079 Message parts: 2", ("KES 0.8000", 2)),
        ("0", "Sent to 1/1", ("0", None)),
        (None, "", (None, None)),
        (0.8, "Message parts: many", ("0.8", None)),
        ([], "Message parts: 99999", (None, None)),
    ],
)
def test_cost_and_parts_where_present(api, provider, cost, message, read):
    api.script(Reply(json=answer(recipient(PHONE, cost=cost), message=message)))
    outcome = provider.send(SMS)
    assert (outcome.kind, outcome.cost, outcome.parts) == ("accepted", *read)


@pytest.mark.parametrize(("header", "seconds"), [("120", 120), ("999999", 3600), ("Wed, 21 Oct 2026 07:28:00 GMT", None), ("-1", None), ("²", None)])
def test_retry_after(api, provider, header, seconds):
    api.script(Reply(status=503, headers={"Retry-After": header}))
    assert provider.send(SMS).retry_after_seconds == seconds


def test_key_text_and_number_are_nowhere(api, provider, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    seen = [repr(SMS), repr(provider)]
    replies = [Reply(), Reply(status=401, body=KEY), Reply(body=f"<{KEY} {TEXT} {PHONE}>"), Reply(reset=True), Reply(json=listed(999, cost=""))]
    api.script(*replies)
    seen += [repr(provider.send(SMS)) for _ in replies]
    with api.refusing():
        seen.append(repr(provider.send(SMS)))
    seen += [repr(provider._service()), repr(vars(africastalking.provider(settings(api.url)))), caplog.text, "".join(capfd.readouterr())]
    for secret in (KEY, "4711", PHONE):
        assert secret not in "\n".join(seen)


def test_failures_carry_no_secret():
    session = careful_http.CarefulSession("http://127.0.0.1")
    with pytest.raises(careful_http.NotSent) as failure:
        session.call("POST", unused_url(), 1, headers={"apiKey": KEY}, data={"message": TEXT})
    assert failure.value.args == ()
    assert failure.value.__cause__ is None
    session.close()


@pytest.mark.parametrize(
    ("missing", "named"),
    [
        ({"at_username": None}, "AT_USERNAME must"),
        ({"at_api_key": None}, "AT_API_KEY must"),
        ({"at_username": " ", "at_api_key": " "}, "AT_USERNAME and AT_API_KEY"),
        ({"at_api_key": "atsk_\nx"}, "AT_API_KEY"),
        ({"at_api_key": "atsk_ключ"}, "AT_API_KEY"),
        ({"at_base_url": "127.0.0.1:9999"}, "AT_BASE_URL"),
        ({"at_base_url": "ftp://x"}, "AT_BASE_URL"),
    ],
)
def test_what_is_missing_is_named_when_sending(api, missing, named):
    provider = africastalking.provider(settings(api.url, **missing))
    assert provider.ussd_answer(UssdReply("Hi", more=True)) == "CON Hi"  # reading and answering need no account
    with pytest.raises(NotConfigured, match=named) as failure:
        provider.send(SMS)
    assert "atsk" not in str(failure.value)
    assert api.requests == []


@pytest.mark.parametrize(
    ("username", "base"),
    [
        ("sandbox", "https://api.sandbox.africastalking.com/version1"),
        ("Sandbox ", "https://api.sandbox.africastalking.com/version1"),  # the SDK would go live
        ("dialbook", "https://api.africastalking.com/version1"),
    ],
)
def test_address_without_a_stand_in_is_the_sdks(username, base):
    service = africastalking._service(settings(None, at_username=username))
    assert service._make_url("/messaging") == base + "/messaging"
    service.close()


def test_import_has_no_warnings():
    subprocess.run([sys.executable, "-W", "error", "-c", "import gateway.providers.africastalking"], check=True)
