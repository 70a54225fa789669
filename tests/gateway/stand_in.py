"""A stand-in for Africa's Talking's SMS API on this machine: in a test, or as a program.

    with StandIn() as api:                       # api.url goes into AT_BASE_URL
        api.script(Reply(status=503))            # the next answers, one a request; then the default: accepted
        ...
        api.requests[0].form["to"]; api.accepted

    python tests/gateway/stand_in.py PORT LOGFILE [--fail-rate 0.3 --seed 1] [--reports-to URL]

The program writes a JSON line for each request and each delivery report; `"accepted": "ATXid_..."` marks what it took.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import queue
import random
import signal
import socket
import ssl
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from stand_in_http import Accepted, Reply, Request, Server, answer, recipient

__all__ = ["CHAOS", "Accepted", "Reply", "Request", "StandIn", "answer", "post", "recipient", "unused_url"]


def unused_url() -> str:
    """An address where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}/version1"


CHAOS = (
    Reply(status=503, body="out of service", content_type="text/plain"),
    Reply(hang=True, accept=True),
    Reply(reset=True, accept=True),
    Reply(reset=True, accept=False),
)


class StandIn:
    """The server and its record. All attributes may be read while it runs; lists are copies."""

    def __init__(
        self,
        port: int = 0,
        *,
        fail_rate: float = 0.0,
        seed: int = 0,
        chaos: tuple[Reply, ...] = CHAOS,
        reports_to: str | None = None,
        report_statuses: tuple[str, ...] = ("Success",),
        report_delay: float = 0.0,
        log: Callable[[dict[str, Any]], None] | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.fail_rate, self.chaos, self.default = fail_rate, chaos, Reply()
        self.reports_to, self.report_statuses, self.report_delay = reports_to, report_statuses, report_delay
        self._random, self._log, self._lock = random.Random(seed), log or (lambda line: None), threading.RLock()
        self._script: deque[Reply] = deque()
        self._requests: list[Request] = []
        self._accepted: list[Accepted] = []
        self._reports: list[dict[str, Any]] = []
        self._pending: queue.Queue[Accepted | None] = queue.Queue()
        self._server: Server | None = None
        self.port, self.tls = port, tls
        self.stopping = threading.Event()

    def __enter__(self) -> StandIn:
        return self.start()

    def __exit__(self, *exc: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """For AT_BASE_URL."""
        return f"http{'s' if self.tls else ''}://127.0.0.1:{self.port}/version1"

    @property
    def requests(self) -> list[Request]:
        """Every request, in order of arrival."""
        with self._lock:
            return list(self._requests)

    @property
    def accepted(self) -> list[Accepted]:
        """What the stand-in took, also where its answer never said so."""
        with self._lock:
            return list(self._accepted)

    @property
    def reports(self) -> list[dict[str, Any]]:
        """Delivery reports posted: the form and the HTTP status that came back (0: none)."""
        with self._lock:
            return list(self._reports)

    @property
    def connections(self) -> int:
        """TCP connections since the start."""
        return self._server.connections if self._server else 0

    def script(self, *replies: Reply) -> None:
        """The next answers, each used once."""
        with self._lock:
            self._script.extend(replies)

    def always(self, reply: Reply) -> None:
        """The answer when the script is used up."""
        self.default = reply

    def clear(self) -> None:
        """Forget script and record."""
        with self._lock:
            self.default = Reply()
            for kept in (self._script, self._requests, self._accepted, self._reports):
                kept.clear()

    def start(self) -> StandIn:
        """Listen; again after `stop`, on the same port."""
        self.stopping.clear()
        self._server = Server(self.port, self.take, self.stopping, self.tls)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        if self.reports_to:
            self._pending = queue.Queue()
            threading.Thread(target=self._post_reports, args=(self._pending,), daemon=True).start()
        return self

    def stop(self) -> None:
        """Stop listening: connections are refused, hanging ones closed. The record stays."""
        self.stopping.set()
        self._pending.put(None)
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server.close_all()
            self._server = None

    @contextlib.contextmanager
    def refusing(self) -> Any:
        """Refuse connections for a while."""
        self.stop()
        try:
            yield self
        finally:
            self.start()

    def wait_for(self, done: Callable[[], bool], seconds: float = 5.0) -> bool:
        """Whether `done` came true in time."""
        end = time.monotonic() + seconds
        while not done() and time.monotonic() < end:
            time.sleep(0.01)
        return done()

    def take(self, request: Request) -> tuple[Reply, Accepted | None]:
        """Record a request and decide its answer."""
        with self._lock:
            self._requests.append(request)
            reply = self._script.popleft() if self._script else self._by_chance()
            taken = self._keep(request) if request.method == "POST" and reply.takes else None
            outcome = "hang" if reply.hang else "reset" if reply.reset else reply.status
            self._log({"request": asdict(request), "answer": outcome, "accepted": taken.id if taken else None})
            return reply, taken

    def _keep(self, request: Request) -> Accepted:
        taken = Accepted("ATXid_" + uuid.uuid4().hex, request.form.get("to", ""), request.form.get("message", ""), time.time())
        self._accepted.append(taken)
        self._pending.put(taken)
        return taken

    def _by_chance(self) -> Reply:
        return self._random.choice(self.chaos) if self.fail_rate and self._random.random() < self.fail_rate else self.default

    def _post_reports(self, pending: queue.Queue[Accepted | None]) -> None:
        while (taken := pending.get()) is not None:
            self.stopping.wait(self.report_delay)
            for status in self.report_statuses:
                self.report(taken.id, taken.to, status)

    def report(self, message_id: str, to: str, status: str, **more: str) -> int:
        """Post one delivery report; the HTTP status of the answer, 0 without one."""
        form = {"id": message_id, "status": status, "phoneNumber": to, "networkCode": "99999", "retryCount": "0", **more}
        code = post(self.reports_to, form) if self.reports_to else 0
        with self._lock:
            self._reports.append({**form, "http": code})
            self._log({"report": form, "http": code})
        return code


def post(url: str, form: dict[str, str]) -> int:
    """Post a form as Africa's Talking does; 0 when nobody answers."""
    data = urllib.parse.urlencode(form).encode()
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, data, timeout=10) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        with error:
            return int(error.code)
    except OSError:
        return 0


def main() -> None:
    """Run until SIGTERM or Ctrl-C."""
    parser = argparse.ArgumentParser(description="A stand-in for Africa's Talking's SMS API.")
    parser.add_argument("port", type=int)
    parser.add_argument("logfile", type=Path)
    parser.add_argument("--fail-rate", type=float, default=0.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--reports-to")
    args = parser.parse_args()
    done = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: done.set())
    with args.logfile.open("a", buffering=1) as file:
        stand_in = StandIn(
            args.port,
            fail_rate=args.fail_rate,
            seed=args.seed,
            reports_to=args.reports_to,
            log=lambda line: print(json.dumps(line), file=file),
        )
        with stand_in:
            print(stand_in.url, flush=True)
            done.wait()


if __name__ == "__main__":
    main()
