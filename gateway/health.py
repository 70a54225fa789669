"""Liveness, readiness and metrics. Readiness is PostgreSQL's alone: without Redis calls lose their memory and bells ring late, no more."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import redis
from flask import Blueprint, Response, current_app, jsonify
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

from ledger import migrate
from ledger.db import Conn, Database

health = Blueprint("health", __name__)
CHECK_SECONDS = 4

_STATES = """
select state, count(*) as n from outbox where state in ('pending', 'claimed', 'sending', 'retry', 'held', 'unknown', 'failed_permanent', 'failed')
 group by state"""
_AGES = """
select coalesce(extract(epoch from clock_timestamp() - (select min(created_at) from outbox where state in ('pending', 'claimed', 'retry'))), 0)::int
         as outbox_age,
       coalesce(extract(epoch from clock_timestamp() - (select min(received_at) from inbound_sms where handled_at is null)), 0)::int as inbox_age,
       (select count(*) from waiting) as waiting, (select count(*) from savings_group) as groups,
       (select coalesce(sum(next_entry - 1), 0) from book_head)::bigint as entries,
       (select count(*) from command_conflict) as conflicts"""


def _db() -> Database:
    db: Database = current_app.extensions["db"]
    return db


@health.get("/health/live")
def live() -> Response:
    """The process answers."""
    return jsonify(status="ok")


@health.get("/health/ready")
def ready() -> tuple[Response, int]:
    """200 when PostgreSQL takes writes and has our tables; Redis away is said, and is no reason to take us out."""
    parts: dict[str, object] = {"postgresql": "ok", "migrations": "ok", "redis": "ok"}
    try:
        with _db().deadline(CHECK_SECONDS), _db().transaction() as conn:
            row = conn.execute("select not pg_is_in_recovery() and current_setting('transaction_read_only') = 'off' as writable").fetchone()
            parts["postgresql"] = "ok" if row and row.writable else "read-only"
            parts["migrations"] = "ok" if migrate.at_head(conn) else "not at head: run flask db upgrade"
            if parts["migrations"] == "ok":
                ages = conn.execute(_AGES).fetchone()
                parts["outbox_age_seconds"] = ages.outbox_age if ages else 0
    except psycopg.Error as error:
        parts["postgresql"] = f"away: {type(error).__name__}"
        parts["migrations"] = "unknown"
    fit = parts["postgresql"] == "ok" and parts["migrations"] == "ok"
    parts["redis"] = _redis_state()
    parts["status"] = "unready" if not fit else "ready" if parts["redis"] == "ok" else "degraded"
    return jsonify(parts), 200 if fit else 503


def _redis_state() -> str:
    try:
        current_app.extensions["redis"].ping()
    except redis.RedisError as error:
        return f"away: {type(error).__name__}"
    return "ok"


class FromBook:
    """Figures computed when they are asked for; nothing is counted in memory, so every web process says the same."""

    def __init__(self, conn: Conn):
        self._conn = conn

    def collect(self) -> Iterator[Metric]:
        """Gauges of the outbox, the inbox, requests and the book."""
        states = GaugeMetricFamily("dialbook_outbox_messages", "Messages by state, delivered ones left out", labels=["state"])
        for row in self._conn.execute(_STATES):
            states.add_metric([row.state], row.n)
        yield states
        one = self._conn.execute(_AGES).fetchone()
        assert one is not None
        yield GaugeMetricFamily("dialbook_outbox_oldest_seconds", "Age of the oldest message not sent yet", value=one.outbox_age)
        yield GaugeMetricFamily("dialbook_inbox_oldest_seconds", "Age of the oldest text not handled yet", value=one.inbox_age)
        yield GaugeMetricFamily("dialbook_requests_waiting", "Requests without an outcome", value=one.waiting)
        yield GaugeMetricFamily("dialbook_groups", "Groups", value=one.groups)
        yield GaugeMetricFamily("dialbook_entries", "Entries posted", value=one.entries)
        yield GaugeMetricFamily("dialbook_command_conflicts", "Command ids that came with two bodies", value=one.conflicts)


@health.get("/metrics")
def metrics() -> Response:
    """Prometheus text."""
    registry = CollectorRegistry(auto_describe=False)
    try:
        with _db().deadline(CHECK_SECONDS), _db().transaction() as conn:
            registry.register(FromBook(conn))
            text = generate_latest(registry)
    except psycopg.Error as error:
        return Response(f"# PostgreSQL is away: {type(error).__name__}\n", 503, content_type="text/plain; charset=utf-8")
    return Response(text, content_type="text/plain; version=0.0.4; charset=utf-8")
