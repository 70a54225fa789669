"""Texts out. A message is claimed with a lease, marked `sending` before the provider is called, and ends in one of the states below.

    pending, retry --claim--> claimed --just before the call--> sending --> accepted | retry | held | failed_permanent | unknown

A sender that dies while `claimed` had not called yet: the lease ends and another takes it. One that dies while `sending` may have been
heard: the lease ends in `unknown`, which is never sent again by itself. A late report or a person settles it.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

import psycopg
import structlog

from config import Settings
from gateway.messages import NotConfigured, OutboundSms, Provider, SendOutcome
from gateway.phones import shortened
from gateway.post_office import settle_by_report
from ledger.db import Conn, Database

log = structlog.get_logger()
BATCH = 50
FINISH_PAUSE_SECONDS = 0.5
PAUSES_SECONDS = (5, 30, 120, 600, 1800, 3600)  # between tries of a send that was surely not accepted
_STATES = {"accepted": "accepted", "refused": "failed_permanent", "hold": "held", "unknown": "unknown"}


@dataclass(frozen=True, slots=True)
class Due:
    """A claimed message."""

    group_id: int
    message_no: int
    phone: str
    text: str
    attempts: int

    @property
    def client_ref(self) -> str:
        """The same at every try, for providers that refuse duplicates."""
        return f"dialbook-{self.group_id}-{self.message_no}"


_CLAIM = """
with due as (
  select group_id, message_no from outbox
   where (state in ('pending', 'retry') and not_before <= clock_timestamp()) or (state = 'claimed' and lease_until < clock_timestamp())
   order by not_before limit %s for update skip locked)
update outbox o set state = 'claimed', lease_until = clock_timestamp() + make_interval(secs => %s), updated_at = clock_timestamp(),
       expected_cost = coalesce(split_part(%s::text, ' ', 1) || ' ' || o.parts * nullif(split_part(%s::text, ' ', 2), '')::numeric, o.expected_cost)
  from due where o.group_id = due.group_id and o.message_no = due.message_no
returning o.group_id, o.message_no, o.text, o.attempts, (select min(p.phone) from (
    select r.phone from text_reaches r where r.group_id = o.group_id and r.member = o.member and o.to_phone is null
    union all select o.to_phone where o.to_phone is not null) p
   where not exists (select from suppressed s where s.phone = p.phone)) as phone,
  o.to_phone is not null or exists (select from text_reaches r where r.group_id = o.group_id and r.member = o.member) as has_one"""


def claim(conn: Conn, lease_seconds: int, part_price: str = "") -> list[Due]:
    """Take what is due, in the caller's transaction; number 0 is the group's field agent. A text goes to the number it is for,
    else to the member's, else to her helper's. What it will cost is written down now. Messages for who has no phone, or said STOP, end here."""
    taken = []
    for row in conn.execute(_CLAIM, (BATCH, lease_seconds, part_price, part_price)).fetchall():
        if row.phone is None:
            _mark(conn, row.group_id, row.message_no, "suppressed", "the phone wants no texts" if row.has_one else "no phone")
        else:
            taken.append(Due(row.group_id, row.message_no, row.phone, row.text, row.attempts))
    return taken


def send_due(db: Database, provider: Provider, settings: Settings, until: float = float("inf")) -> int:
    """Send what is due, some at once; returns how many were claimed. Threads only wait for the carrier: the book is written here.

    After `until` (monotonic seconds) nothing more is started; what is left is given back.
    """
    with db.transaction() as conn:
        left = deque(claim(conn, settings.send_lease_seconds, settings.sms_part_price))
    tried = len(left)
    under_way: dict[Future[SendOutcome], Due] = {}
    try:
        with ThreadPoolExecutor(min(settings.sms_threads, max(tried, 1)), thread_name_prefix="send") as pool:
            while under_way or (left and time.monotonic() < until):
                while left and time.monotonic() < until and len(under_way) < settings.sms_threads:
                    due = left.popleft()
                    if _start(db, due, provider.name, settings.send_lease_seconds):
                        under_way[pool.submit(_call, provider, due)] = due
                for done in wait(under_way, return_when=FIRST_COMPLETED).done:
                    _finish_surely(db, under_way.pop(done), provider.name, done.result(), settings)
    finally:
        if left:
            _give_back(db, left)
    return tried


def _finish_surely(db: Database, due: Due, provider: str, outcome: SendOutcome, settings: Settings) -> None:
    """What the carrier said is known here and nowhere else: a database that is away for a moment is waited for."""
    until = time.monotonic() + settings.send_lease_seconds / 2
    while True:
        try:
            return _finish(db, due, provider, outcome, settings)
        except psycopg.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(FINISH_PAUSE_SECONDS)


def _give_back(db: Database, left: Iterable[Due]) -> None:
    """Messages that were claimed and not started."""
    with db.transaction() as conn, conn.cursor() as cursor:
        cursor.executemany(
            "update outbox set state = 'pending', lease_until = null where group_id = %s and message_no = %s and state = 'claimed'",
            [(due.group_id, due.message_no) for due in left],
        )


def _call(provider: Provider, due: Due) -> SendOutcome:
    try:
        return provider.send(OutboundSms(due.client_ref, due.phone, due.text))
    except NotConfigured as missing:
        return SendOutcome("hold", None, None, str(missing), None, None)
    except Exception as error:
        log.error("send failed", error=type(error).__name__, ref=due.client_ref)
        return SendOutcome("unknown", None, None, f"the adapter failed: {type(error).__name__}", None, None)


def _start(db: Database, due: Due, provider: str, lease_seconds: int) -> bool:
    """Mark a message as being sent, just before the call; False when the lease ended meanwhile and somebody else has it."""
    with db.transaction() as conn:
        row = conn.execute(
            """update outbox set state = 'sending', attempts = attempts + 1, provider = %s, phone = %s, updated_at = clock_timestamp(),
                      lease_until = clock_timestamp() + make_interval(secs => %s)
                where group_id = %s and message_no = %s and state = 'claimed' and lease_until > clock_timestamp() returning 1 as mine""",
            (provider, due.phone, lease_seconds, due.group_id, due.message_no),
        ).fetchone()
    return row is not None


def _finish(db: Database, due: Due, provider: str, outcome: SendOutcome, settings: Settings) -> None:
    """Write the outcome down. A report that came before this is joined now."""
    state = _STATES.get(outcome.kind, "retry")
    pause = max(PAUSES_SECONDS[min(due.attempts, len(PAUSES_SECONDS) - 1)], outcome.retry_after_seconds or 0)
    if state == "retry" and due.attempts + 1 >= settings.sms_retries:
        state = "failed_permanent"
    with db.transaction() as conn:
        conn.execute(
            """update outbox set state = %s, provider_id = coalesce(%s, provider_id), cost = coalesce(%s, cost), why = %s, lease_until = null,
                      not_before = clock_timestamp() + make_interval(secs => %s), updated_at = clock_timestamp()
                where group_id = %s and message_no = %s and state in ('sending', 'unknown')""",
            (state, outcome.provider_id, outcome.cost, outcome.why, pause if state == "retry" else 0, due.group_id, due.message_no),
        )
        if outcome.provider_id:
            settle_by_report(conn, provider, outcome.provider_id)
    log.info("text sent", outcome=outcome.kind, code=outcome.code, why=outcome.why, ref=due.client_ref, phone=shortened(due.phone))


def give_up_lost_senders(conn: Conn) -> int:
    """Sends whose sender died in the middle: nobody knows whether the provider has them."""
    rows = conn.execute(
        """update outbox set state = 'unknown', why = 'the sender stopped in the middle', lease_until = null, updated_at = clock_timestamp()
            where state = 'sending' and lease_until < clock_timestamp() returning 1 as one"""
    ).fetchall()
    return len(rows)


def _mark(conn: Conn, group_id: int, message_no: int, state: str, why: str) -> None:
    conn.execute(
        "update outbox set state = %s, why = %s, lease_until = null, updated_at = clock_timestamp() where group_id = %s and message_no = %s",
        (state, why, group_id, message_no),
    )
