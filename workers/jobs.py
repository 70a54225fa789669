"""The jobs that bells ring. Each drains what PostgreSQL says is due, so that a lost or doubled bell changes nothing."""

from __future__ import annotations

import time

import psycopg
import structlog

from workers import answering, sending, settling
from workers.office import Office, office

log = structlog.get_logger()
SENDING_SECONDS = 60  # half of a job's time limit
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
        log.info("text handled", result=_without_codes(result))
    return _ring_senders(here, handled)


def _without_codes(result: str) -> str:
    """What a text came to, as logs may say it: a code that was read back is for the phone that has it."""
    return result.split(" ")[0] if any(sign.isdigit() for sign in result) else result


def settle_requests(group_id: int = 0) -> int:
    """Settle requests whose officers have spoken, or whose time is over. The group is a hint only: all that is due is done."""
    here = office()
    with here.db.transaction() as conn:
        due = settling.due(conn, DRAIN_MAX)
    for group, request_no in due:
        try:
            with here.db.transaction() as conn:
                result = settling.settle(conn, group, request_no)
        except (psycopg.errors.LockNotAvailable, psycopg.errors.QueryCanceled):
            continue  # somebody holds the group; the clock comes back to it
        except psycopg.OperationalError:
            raise
        except Exception as error:  # one broken request must not hold up the others; the clock comes back to it
            log.exception("request not settled", group=group, request=request_no, error=type(error).__name__)
            continue
        log.info("request settled", group=group, request=request_no, result=result)
    return _ring_senders(here, len(due))


def send_texts() -> int:
    """Send until nothing is due, or until this job has had its time: it must not be cut while a carrier is being talked to."""
    here, sent, until = office(), 0, time.monotonic() + SENDING_SECONDS
    while time.monotonic() < until and (tried := sending.send_due(here.db, here.provider, here.settings, until)):
        sent += tried
    if time.monotonic() >= until:
        here.bell.ring("send")
    return sent


def _ring_senders(here: Office, done: int) -> int:
    if done:
        here.bell.ring("send")
    return done
