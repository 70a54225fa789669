"""Liveness, readiness, metrics, console."""

from __future__ import annotations

import redis


def test_ready_says_what_it_looked_at(client):
    answer = client.get("/health/ready")
    assert answer.status_code == 200
    assert {k: answer.json[k] for k in ("status", "postgresql", "migrations", "redis")} == {
        "status": "ready", "postgresql": "ok", "migrations": "ok", "redis": "ok"}  # fmt: skip
    assert client.get("/health/live").json == {"status": "ok"}


def test_redis_away_is_degraded_not_unready(client, app, monkeypatch):
    class Away:
        def ping(self):
            raise redis.ConnectionError

    monkeypatch.setitem(app.extensions, "redis", Away())
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json["status"]) == (200, "degraded")


def test_postgresql_away_is_unready(client, app, monkeypatch):
    from ledger.db import Database

    monkeypatch.setitem(app.extensions, "db", Database("postgresql://nobody@/nothing?host=/nowhere"))
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json["status"]) == (503, "unready")
    assert client.get("/metrics").status_code == 503


def test_metrics_are_prometheus_text(client, village):
    village().dial(12, "2", "1", "1")
    text = client.get("/metrics").get_data(as_text=True)
    waiting = next(line for line in text.splitlines() if line.startswith("dialbook_requests_waiting "))
    assert float(waiting.split()[1]) >= 1
    assert 'dialbook_outbox_messages{state="pending"}' in text


def test_the_console_reads_and_escapes(client, village):
    v = village(group={"name": "<script>alert(1)</script>"})
    v.dial(12, "2", "1", "1")
    page = client.get(f"/console/groups/{v.code}").get_data(as_text=True)
    assert "<script>" not in page
    assert "buy shares" in page
    assert v.code_of(3) not in page
    assert v.phones[12] not in page
    assert client.get("/console").status_code == 200
    assert client.get("/console/groups/NOPE").status_code == 404
    assert "script-src" not in client.get("/console").headers["Content-Security-Policy"]
