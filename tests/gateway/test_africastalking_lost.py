"""What the lack of an answer means for a message, and what the connections promise: deadlines, reuse, no redirects, TLS."""

import shutil
import ssl
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import urllib3
from one_text import SMS, TEXT, listed, settings
from stand_in import Reply, StandIn, unused_url

from gateway import careful_http
from gateway.messages import OutboundSms
from gateway.providers import africastalking


@pytest.mark.parametrize(
    "reply",
    [
        Reply(hang=True, accept=True),
        Reply(json=listed(101), drip=0.1),
        Reply(json=listed(101), drip_headers=0.1),
        Reply(delay=1.5),
    ],
    ids=["silence after acceptance", "dripped body", "dripped headers", "late answer"],
)
def test_one_deadline_for_the_whole_answer(api, provider, reply):
    api.script(reply)
    begin = time.monotonic()
    assert provider.send(SMS).kind == "unknown"
    assert 0.9 < time.monotonic() - begin < 1.4
    assert provider.send(SMS).kind == "accepted"  # and the next one is not hurt


def test_a_slow_answer_within_the_deadline_is_fine(api, provider):
    api.script(Reply(json=listed(101), drip=0.001))
    assert provider.send(SMS).kind == "accepted"


@pytest.mark.parametrize("accept", [True, False])
def test_reset_after_sending_is_unknown(api, provider, accept):
    api.script(Reply(reset=True, accept=accept))
    assert provider.send(SMS).kind == "unknown"
    assert (len(api.requests), len(api.accepted)) == (1, int(accept))


def test_refused_connection_is_safe_to_retry(api, provider):
    provider.send(SMS)
    with api.refusing():
        assert provider.send(SMS).kind == "retry"
    assert provider.send(SMS).kind == "accepted"
    assert len(api.requests) == 2


@pytest.mark.parametrize("url", [unused_url(), "http://name.invalid/version1", "http://127.0.0.1:99999/version1"], ids=["port", "name", "no port"])
def test_nobody_there_is_safe_to_retry(url):
    assert africastalking.provider(settings(url)).send(SMS).kind == "retry"


def test_connecting_has_a_limit_of_its_own(api, monkeypatch):
    monkeypatch.setattr(careful_http, "CONNECT_SECONDS", 0.2)
    monkeypatch.setattr("urllib3.util.connection.create_connection", _never_connects)
    outcome = africastalking.provider(settings(api.url)).send(SMS)
    assert (outcome.kind, len(api.requests)) == ("retry", 0)


def test_a_connection_that_came_too_late_is_not_used(api, monkeypatch):
    monkeypatch.setattr(careful_http, "CONNECT_SECONDS", 0.1)
    connect = urllib3.util.connection.create_connection
    monkeypatch.setattr("urllib3.util.connection.create_connection", lambda *args, **rest: time.sleep(0.3) or connect(*args, **rest))
    assert africastalking.provider(settings(api.url)).send(SMS).kind == "retry"
    assert api.requests == []


def _never_connects(address, timeout, **rest):
    assert timeout == 0.2
    raise TimeoutError


def test_failed_tls_is_safe_to_retry(api):
    provider = africastalking.provider(settings(api.url.replace("http:", "https:")))
    assert provider.send(SMS).kind == "retry"  # a plain server answers the handshake
    provider.close()
    assert not any(request.form for request in api.requests)


def test_redirects_are_not_followed(api, provider):
    with StandIn() as other:
        for status in (301, 302, 303, 307, 308):
            api.script(Reply(status=status, headers={"Location": other.url + "/messaging"}))
            assert provider.send(SMS).kind == "hold"
        assert other.requests == []
        assert other.connections == 0


def test_cookies_are_not_kept(api, provider):
    api.script(Reply(headers={"Set-Cookie": "a=b; Path=/"}))
    provider.send(SMS)
    provider.send(SMS)
    assert "cookie" not in api.requests[1].headers


def test_proxy_that_is_down_is_safe_to_retry(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", unused_url())
    monkeypatch.setenv("NO_PROXY", "")
    assert africastalking.provider(settings("http://api.example.test/version1")).send(SMS).kind == "retry"


def test_proxy_of_the_environment_is_not_for_this_machine(api, provider, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", unused_url())
    monkeypatch.setenv("NO_PROXY", "")
    assert provider.send(SMS).kind == "accepted"


def test_number_of_the_wrong_form_is_refused_here(api, provider):
    for number in ("0712345678", "+254", "MTN", "", "+254700072929\n", "+٢٥٤٧٠٠٠٧٢٩٢٩", "+1,+254700072929"):
        assert provider.send(OutboundSms("r", number, TEXT)).kind == "refused"
    assert api.requests == []


def test_connections_are_shared_and_reused(api):
    with StandIn() as fresh:
        provider = africastalking.provider(settings(fresh.url))
        for _ in range(5):
            provider.send(SMS)
        assert fresh.connections == 1
        provider.close()


def test_rested_connections_are_not_trusted(monkeypatch):
    monkeypatch.setattr(careful_http, "IDLE_SECONDS", 0.05)
    with StandIn() as fresh:
        provider = africastalking.provider(settings(fresh.url))
        for _ in range(3):
            provider.send(SMS)
            time.sleep(0.1)
        assert fresh.connections == 3
        provider.close()


def test_many_threads_one_provider(api, provider):
    numbers = [f"+2547000{n:05}" for n in range(200)]
    with ThreadPoolExecutor(16) as pool:
        outcomes = list(pool.map(lambda number: provider.send(OutboundSms("r" + number, number, TEXT)), numbers))
    assert {outcome.kind for outcome in outcomes} == {"accepted"}
    assert {taken.to: taken.id for taken in api.accepted} == {number: outcome.provider_id for number, outcome in zip(numbers, outcomes, strict=True)}
    assert threading.active_count() < 60


def test_a_forked_child_opens_its_own_connection(api, provider):
    provider.send(SMS)
    before = provider._service()
    assert provider._service() is before
    provider._process = -1
    assert provider._service() is not before
    before.close()


@pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl to make a certificate")
def test_over_tls(tmp_path, monkeypatch):
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    make = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    subprocess.run([*make, *names, "-keyout", key, "-out", cert], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    with StandIn(tls=context) as api:
        stranger = africastalking.provider(settings(api.url))
        assert (stranger.send(SMS).kind, api.requests) == ("retry", [])  # the certificate is not trusted: nothing was sent
        provider = africastalking.provider(settings(api.url))
        provider._service()._session.verify = str(cert)
        api.script(Reply(), Reply(), Reply(json=listed(101), drip=0.1), Reply(reset=True))
        begin = time.monotonic()
        assert [provider.send(SMS).kind for _ in range(4)] == ["accepted", "accepted", "unknown", "unknown"]
        assert time.monotonic() - begin < 1.5
        provider.close()
        stranger.close()
