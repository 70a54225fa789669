"""`python -m workers.clock`: looks every second for what is due and rings again. Two clocks at once are harmless."""

from __future__ import annotations

import signal
import threading
import time

import psycopg
import structlog

from config import settings
from gateway.doorbell import Doorbell
from gateway.logs import set_up_logs
from gateway.post_office import settle_missed
from gateway.redis_client import redis_client
from ledger.db import Conn, Database
from workers import late, sending, settling

log = structlog.get_logger()
RUNG_AFTER_SECONDS = 2  # what is younger has its own bell under way
LATE_SECONDS = 300  # between two looks for meetings left open

_DUE_TEXTS = "select exists (select from inbound_sms where handled_at is null and not_before < clock_timestamp() - make_interval(secs => %s)) as due"
_DUE_SENDS = """
select exists (select from outbox where (state in ('pending', 'retry') and not_before < clock_timestamp() - make_interval(secs => %s))
                  or (state = 'claimed' and lease_until < clock_timestamp())) as due"""


def look(conn: Conn, bell: Doorbell) -> list[str]:
    """Ring for everything that is due and was missed; the bells rung."""
    rung = []
    for name, query in (("texts", _DUE_TEXTS), ("send", _DUE_SENDS)):
        row = conn.execute(query, (RUNG_AFTER_SECONDS,)).fetchone()
        if row is not None and row.due:
            rung.append(name)
    if settling.due(conn, 1):
        rung.append("settle")
    if lost := sending.give_up_lost_senders(conn):
        log.warning("sends with an unknown outcome", count=lost)
    settle_missed(conn)
    for name in rung:
        bell.ring(name)
    return rung


def main() -> None:
    """Look until told to stop; a database that is away is waited for."""
    here = settings()
    set_up_logs(here)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    db, bell = Database(here.database_dsn, "clock"), Doorbell(redis_client(here.redis_dsn))
    next_late = time.monotonic()
    while not stop.wait(here.sweep_seconds):
        try:
            with db.transaction() as conn:
                look(conn, bell)
            if time.monotonic() >= next_late:
                next_late = time.monotonic() + LATE_SECONDS
                late.report_late(db)
        except psycopg.Error as error:
            log.error("clock without database", error=type(error).__name__)


if __name__ == "__main__":
    main()
