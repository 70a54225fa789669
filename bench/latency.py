"""From the confirming text to the entry: the webhook's 200 until the entry can be read, on an idle system with its real processes.

Each sample is a contribution of its own: a member dials and asks, the code is read from the outbox as the officer would read it on her
phone, her text is posted to the webhook, and another connection watches for the entry.
"""

from __future__ import annotations

import re
import time
import urllib.parse
import urllib.request
from itertools import count

import psycopg

from bench.figures import Row, Spread, percentile
from bench.fill import Size, fill
from bench.people import MEMBERS, PHONE
from bench.service import HOOKS, Service, running

SAMPLES = {False: 200, True: 100}
GROUPS = 10
WAIT_SECONDS = 5
LOOK_SECONDS = 0.0005  # between two looks for the entry
REST_SECONDS = 0.02  # between two samples: idle means that receipts are sent, too
TREASURER, FIRST = 3, 5  # members below FIRST are officers
TARGET_MS = 300
_IDS = count(1)


def measure(quick: bool) -> list[Row]:
    """The latency rows."""
    with running() as service:
        service.new_database("dialbook")
        fill(service.dsn(), Size(GROUPS, 22), 30)
        service.start_web()
        service.start_workers()
        with psycopg.connect(service.dsn(), autocommit=True) as conn:
            _warm_up(service, conn)
            waits = [1e3 * _sample(service, conn) for _ in range(SAMPLES[quick])]
    p95 = percentile(waits, 0.95)
    spread = Spread.of(waits)
    said = f"p95 {p95:.0f}; median {spread.middle:.0f} ({spread.low:.0f}-{spread.high:.0f}), {len(waits)} texts"
    return [Row("confirming text stored -> entry committed: ms", said, f"p95 <= {TARGET_MS}", p95 <= TARGET_MS)]


def _warm_up(service: Service, conn: psycopg.Connection[tuple[object, ...]]) -> None:
    """Until the workers, which import before they listen, have done a few."""
    until = time.monotonic() + 30
    for _ in range(5):
        while _sample(service, conn) >= WAIT_SECONDS and time.monotonic() < until:
            pass


def _sample(service: Service, conn: psycopg.Connection[tuple[object, ...]]) -> float:
    """Seconds from the 200 of one text to its entry; WAIT_SECONDS when it did not come."""
    number = next(_IDS)
    group, member = number % GROUPS + 1, FIRST + number // GROUPS % (MEMBERS - FIRST) + 1
    entries = _entries(conn, group)
    _ask(service, group, member, number)
    code = _code(conn, group)
    form = {"date": "2026-11-21 09:00:00", "from": _phone(group, TREASURER), "id": f"bench-{number}", "linkId": "", "text": f"OK {code}",
            "to": "20880", "networkCode": "63902"}  # fmt: skip
    _post(service, "/sms", form)
    stored = time.perf_counter()
    while _entries(conn, group) == entries:
        if time.perf_counter() - stored > WAIT_SECONDS:
            return WAIT_SECONDS
        time.sleep(LOOK_SECONDS)
    took = time.perf_counter() - stored
    time.sleep(REST_SECONDS)
    return took


def _ask(service: Service, group: int, member: int, number: int) -> None:
    """Dial, walk to the confirm page, say yes."""
    for text in (f"2*{number % 5 + 1}", f"2*{number % 5 + 1}*1"):
        form = {"sessionId": f"bench-{number}", "phoneNumber": _phone(group, member), "networkCode": "63902", "serviceCode": "*384*77#", "text": text}
        page = _post(service, "/ussd", form)
    if not page.startswith("END Sent to"):
        raise SystemExit(f"the request was not taken: {page!r}")


def _post(service: Service, path: str, form: dict[str, str]) -> str:
    url = f"http://127.0.0.1:{service.ports['web']}{HOOKS}{path}"
    with urllib.request.urlopen(url, urllib.parse.urlencode(form).encode(), timeout=10) as answer:
        return str(answer.read().decode())


def _phone(group: int, member: int) -> str:
    return PHONE.format((group - 1) * MEMBERS + member - 1)


def _entries(conn: psycopg.Connection[tuple[object, ...]], group: int) -> object:
    row = conn.execute("select max(entry_no) from entry where group_id = %s", (group,)).fetchone()
    assert row is not None
    return row[0]


def _code(conn: psycopg.Connection[tuple[object, ...]], group: int) -> str:
    """The newest code sent in the group."""
    query = "select text from outbox where group_id = %s and purpose = 'ask_officer' order by message_no desc limit 1"
    row = conn.execute(query, (group,)).fetchone()
    assert row is not None
    return re.findall(r"\b[2-9]{5}\b", str(row[0]))[0]
