"""Two places to send a request to: the application in this process, and the service as real processes. Both are asked alike."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

import psycopg
import redis
from flask.testing import FlaskClient
from people import Village
from psycopg.rows import namedtuple_row
from stand_in import StandIn

from config import Settings
from ledger.db import Database
from menus.gsm7 import fold
from menus.texts import sentence

SHORTCODE = "20880"
API_KEY = "atsk_tests_only_0123456789"
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Answer:
    """What came back, and after how many milliseconds. A redirect is not followed."""

    status: int
    content_type: str
    body: bytes
    ms: float

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def screen(self) -> str:
        """A page without its CON or END."""
        return self.text[4:]

    # what a Village expects of a client's answer
    @property
    def status_code(self) -> int:
        return self.status

    def get_data(self, as_text: bool = False) -> str | bytes:
        return self.text if as_text else self.body


@dataclass
class HttpClient:
    """Talks to a running server; a connection for each request, so that any thread may."""

    url: str

    def open(
        self, path: str, *, method: str = "POST", data: bytes = b"", content_type: str = FORM, headers: Mapping[str, str] | None = None
    ) -> Answer:
        started, address = time.perf_counter(), urlsplit(self.url)
        line = http.client.HTTPConnection(address.hostname or "", address.port, timeout=20)
        try:
            line.request(method, path, data or None, {"Content-Type": content_type, **(headers or {})})
            got = line.getresponse()
            body = got.read()
        finally:
            line.close()
        return Answer(got.status, got.headers.get("Content-Type", ""), body, (time.perf_counter() - started) * 1000)

    def post(self, path: str, data: Mapping[str, str]) -> Answer:
        return self.open(path, data=urlencode(data).encode())


@dataclass
class InProcess:
    """The same over Flask's own client."""

    client: FlaskClient

    def open(
        self, path: str, *, method: str = "POST", data: bytes = b"", content_type: str = FORM, headers: Mapping[str, str] | None = None
    ) -> Answer:
        started = time.perf_counter()
        got = self.client.open(path, method=method, data=data, content_type=content_type, headers=dict(headers or {}))
        return Answer(got.status_code, got.headers.get("Content-Type", ""), got.get_data(), (time.perf_counter() - started) * 1000)

    def post(self, path: str, data: Mapping[str, str]) -> Answer:
        return self.open(path, data=urlencode(data).encode())


@dataclass
class Site:
    """One place. `work` lets the workers do all that is due; `running` is the Served instance, where there is one."""

    client: Any
    db: Database
    owner_dsn: str
    secret: str
    redis_dsn: str
    stand_in: StandIn
    settings: Settings
    work: Callable[[], None]
    running: Any = None
    _owner: psycopg.Connection[Any] | None = field(default=None, repr=False)

    @property
    def owner(self) -> psycopg.Connection[Any]:
        """A superuser's connection, opened again when the server went away."""
        if self._owner is None or self._owner.closed or self._owner.broken:
            self._owner = psycopg.connect(self.owner_dsn, autocommit=True, row_factory=namedtuple_row)
        return self._owner

    def rows(self, query: str, *values: Any) -> list[Any]:
        return self.owner.execute(query, values).fetchall()

    def redis(self) -> redis.Redis:
        return redis.Redis.from_url(self.redis_dsn)

    def calls(self) -> set[bytes]:
        """The keys of the calls that Redis remembers."""
        with self.redis() as client:
            return set(client.keys("call:*"))

    def rewrite(self, query: str, *values: Any) -> None:
        """Change what nobody may change: a superuser's statement with all triggers off."""
        with self.owner.transaction():
            self.owner.execute("set local session_replication_role = replica")
            self.owner.execute(query, values)

    def found(self, **changes: Any) -> Village:
        return Village.found(self.client, self.db, self.secret, **changes)

    def forget_connections(self) -> None:
        """After the server went away: the tests' own connections are dead."""
        self.close()
        self._owner = None

    def close(self) -> None:
        self.db.close()
        if self._owner is not None:
            self._owner.close()


def said(name: str, language: str = "en", field: str = "page") -> str:
    """A sentence without figures, as phones get it: tests name it, so that its words may be changed."""
    return fold(sentence(name, field, language).fill({}))


def at_once(jobs: list[Callable[[], Any]]) -> list[Any]:
    """Run all jobs at the same moment, each in a thread; their results in order."""
    results: list[Any] = [None] * len(jobs)
    gate = threading.Barrier(len(jobs))

    def run(index: int) -> None:
        gate.wait()
        try:
            results[index] = jobs[index]()
        except Exception as error:
            results[index] = error

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for result in results:
        if isinstance(result, Exception):
            raise result
    return results


_BUSY = """
select (select count(*) from inbound_sms where handled_at is null and not_before <= clock_timestamp())
     + (select count(*) from outbox where state in ('claimed', 'sending') or (state in ('pending', 'retry') and not_before <= clock_timestamp()))
     + (select count(*) from waiting w where w.expires_at <= clock_timestamp()
           or exists (select from approval p where p.group_id = w.group_id and p.request_no = w.request_no and not p.yes)
           or not exists (select from approver a left join approval p using (group_id, request_no, officer)
                           where a.group_id = w.group_id and a.request_no = w.request_no and p.officer is null)) as n"""


def until_quiet(site: Site, seconds: float = 15) -> None:
    """Wait until real workers have nothing left to do."""
    end = time.monotonic() + seconds
    while site.rows(_BUSY)[0].n:
        assert time.monotonic() < end, f"the workers did not finish:\n{site.running.logs()[-4000:]}"
        time.sleep(0.02)
