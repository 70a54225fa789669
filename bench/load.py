"""The load generator: raw sockets kept alive, one request under way on each, every answer checked.

    python -m bench.load        reads jobs from standard input; see `run`

It shares the machine with what it measures, so it does little: requests are cut from a template, answers are compared as bytes.
"""

from __future__ import annotations

import itertools
import selectors
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus

from bench.crew import serve
from bench.people import PHONE, who

CONNECT_SECONDS = 5
ANSWER_SECONDS = 12
ERRORS_KEPT = 3
_BODY = "sessionId={session}&phoneNumber={phone}&networkCode=63902&serviceCode=%2A384%2A77%23&text={text}"
_HEAD = "POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{body}"


@dataclass
class Result:
    """What one generator saw. `times` are seconds, one list for each hop of the call."""

    times: list[list[float]]
    errors: int = 0
    samples: list[str] = field(default_factory=list)

    def wrong(self, what: str) -> None:
        """Count an error and keep the first few."""
        self.errors += 1
        if len(self.samples) < ERRORS_KEPT:
            self.samples.append(what[:300])


class Caller:
    """One connection: dials as one member after another, hop by hop."""

    def __init__(self, job: dict[str, Any], members: Iterator[int], tag: str):
        self.path, self.hops, self.members, self.tag = job["path"], job["hops"], members, tag
        self.wire = socket.create_connection(("127.0.0.1", job["port"]), CONNECT_SECONDS)
        self.wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.wire.setblocking(False)
        self.calls, self.hop, self.member, self.got = 0, len(self.hops), 0, b""
        self.asked = 0.0

    def ask(self) -> bool:
        """Send the next hop; False when there is nobody left to dial as."""
        if self.hop == len(self.hops):
            self.hop, self.calls = 0, self.calls + 1
            self.member = next(self.members, -1)
            if self.member < 0:
                return False
        session, phone = f"{self.tag}-{self.calls}", quote_plus(PHONE.format(self.member))
        body = _BODY.format(session=session, phone=phone, text=quote_plus(self.hops[self.hop][0]))
        self.got, self.asked = b"", time.perf_counter()
        self.wire.sendall(_HEAD.format(path=self.path, length=len(body), body=body).encode())
        return True

    def hear(self, result: Result) -> bool:
        """Take what has arrived; True when that was a whole answer."""
        more = self.wire.recv(65536)
        if not more:
            raise ConnectionError("the server closed the connection")
        self.got += more
        head, blank, page = self.got.partition(b"\r\n\r\n")
        if not blank or len(page) < _length(head):
            return False
        result.times[self.hop].append(time.perf_counter() - self.asked)
        _, start, words = self.hops[self.hop]
        expected = words.replace("{who}", who(self.member)).encode()
        if not (head.startswith(b"HTTP/1.1 200") and page.startswith(start.encode()) and expected in page):
            result.wrong(f"hop {self.hop}: expected {start}..{expected!r}, got {head[:15]!r} {page!r}")
        self.hop += 1
        return True


def _length(head: bytes) -> int:
    lower = head.lower()
    at = lower.index(b"content-length:") + 15
    end = lower.find(b"\r\n", at)
    return int(lower[at : end if end > 0 else None])


def run(job: dict[str, Any]) -> dict[str, Any]:
    """Dial for `seconds`, or once as each member where `once` is set.

    A job: port, path, hops [[text, what the page starts with, words in it], ...], connections, first and members (a range of
    members, taken in turn), seconds, once, tag (part of every session id).
    """
    numbers = range(job["first"], job["first"] + job["members"])
    members = iter(numbers) if job["once"] else itertools.cycle(numbers)
    result = Result([[] for _ in job["hops"]])
    started = time.perf_counter()
    callers = [Caller(job, members, f"{job['tag']}-{i}") for i in range(job["connections"])]
    _drive(callers, result, started + job["seconds"])
    return {"times": result.times, "errors": result.errors, "samples": result.samples, "seconds": time.perf_counter() - started}


def _drive(callers: list[Caller], result: Result, until: float) -> None:
    with selectors.DefaultSelector() as ready:
        for caller in callers:
            if caller.ask():
                ready.register(caller.wire, selectors.EVENT_READ, caller)
        while ready.get_map():
            events = ready.select(ANSWER_SECONDS)
            if not events:
                result.wrong(f"no answer within {ANSWER_SECONDS} s on {len(ready.get_map())} connections")
                break
            for key, _ in events:
                _one(key.data, result, until, ready)
    for caller in callers:
        caller.wire.close()


def _one(caller: Caller, result: Result, until: float, ready: selectors.BaseSelector) -> None:
    try:
        if caller.hear(result) and (time.perf_counter() > until or not caller.ask()):
            ready.unregister(caller.wire)
    except OSError as error:
        result.wrong(f"hop {caller.hop}: {error}")
        ready.unregister(caller.wire)


if __name__ == "__main__":
    serve(run)
