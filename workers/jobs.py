"""The jobs that bells ring. Each drains what PostgreSQL says is due, so that a lost or doubled bell changes nothing."""

from __future__ import annotations

import psycopg
import structlog

from workers import answering, sending, settling
from workers.office import Office, office

log = structlog.get_logger()
DRAIN_MAX = 200  # texts or requests of one job; the rest is the next bell's


def answer_texts() -> int:
    """Handle incoming texts until none is left; each in its own transaction."""
    here, handled = office(), 0
    while handled < DRAIN_MAX:
        with here.db.transaction() as conn:
            result = answering.answer_next(conn, here.settings)
        if result is None:
            break
        handled += 1
        log.info("text handled", result=result)
    return _ring_senders(here, handled)


def settle_requests(group_id: int = 0) -> int:
    """Settle requests whose officers have spoken, or whose time is over. The group is a hint only: all that is due is done."""
    here = office()
    with here.db.transaction() as conn:
        due = settling.due(conn, DRAIN_MAX)
    for group, request_no in due:
        try:
            with here.db.transaction() as conn:
                result = settling.settle(conn, group, request_no)
        except psycopg.OperationalError:
            raise
        except Exception as error:  # one broken request must not hold up the others; the clock comes back to it
            log.exception("request not settled", group=group, request=request_no, error=type(error).__name__)
            continue
        log.info("request settled", group=group, request=request_no, result=result)
    return _ring_senders(here, len(due))


def send_texts() -> int:
    """Send until nothing is due."""
    here, sent = office(), 0
    while sent < DRAIN_MAX and (tried := sending.send_due(here.db, here.provider, here.settings)):
        sent += tried
    return sent


def _ring_senders(here: Office, done: int) -> int:
    if done:
        here.bell.ring("send")
    return done
