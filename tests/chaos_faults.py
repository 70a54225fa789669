"""Faults on a running service: kill -9 of anything, and everything Redis holds forgotten. What falls is started again at once."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import redis
from serving import Served

from config import socket_dir

# How many of each. The programs are ours, the servers PostgreSQL and Valkey; `one_web` is one of the web's processes,
# `backend` one PostgreSQL session, which makes PostgreSQL restart all of them.
FAULTS = {"web": 8, "one_web": 9, "worker": 10, "sender": 9, "clock": 7, "postgres": 8, "backend": 4, "valkey": 8, "flushall": 11}
LOOK_SECONDS = 0.1


@contextlib.contextmanager
def durable_service(**settings: str) -> Iterator[Served]:
    """The service on servers that keep what they acknowledged: the quick ones of other tests may forget half a second when killed."""
    with Served.start(durable=True, **settings) as running:
        yield running


@contextlib.contextmanager
def memory_of(running: Served) -> Iterator[redis.Redis]:
    """Redis itself."""
    client = redis.Redis(unix_socket_path=f"{socket_dir(running.var)}/valkey.sock")
    try:
        yield client
    finally:
        client.close()


def children(pid: int) -> list[int]:
    """The processes a process started."""
    with contextlib.suppress(OSError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


class Supervisor:
    """Starts again what ended by itself, as the runner does; a kill of ours is restarted by the fault that did it."""

    def __init__(self, running: Served):
        self.running, self.lock, self.restarts = running, threading.RLock(), Counter[str]()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="supervisor", daemon=True)

    def __enter__(self) -> Supervisor:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(LOOK_SECONDS):
            with self.lock:
                for name, process in list(self.running.processes.items()):
                    if process.poll() is not None:
                        self.restarts[name] += 1
                        self.running.spawn(name)


class Havoc:
    """A seeded series of faults, spread over a time."""

    def __init__(self, supervisor: Supervisor, seed: int, seconds: float):
        self._supervisor, self._running, self._random = supervisor, supervisor.running, random.Random(seed)
        self._seconds = seconds
        self.done: Counter[str] = Counter()
        self.diary: list[tuple[float, str]] = []
        self.programs = ("web", "worker", "sender", "clock")

    def run(self) -> None:
        """All of FAULTS in random order at random times."""
        names = [name for name, count in FAULTS.items() for _ in range(count)]
        self._random.shuffle(names)
        begun = time.monotonic()
        for at, name in zip(sorted(self._random.uniform(0, self._seconds) for _ in names), names, strict=True):
            time.sleep(max(0.0, begun + at - time.monotonic()))
            self.diary.append((time.time(), name))
            self._does(name)()
            self.done[name] += 1

    def _does(self, name: str) -> Callable[[], None]:
        return (lambda: self._program(name)) if name in self.programs else getattr(self, "_" + name)

    def _program(self, name: str) -> None:
        """kill -9 of a program and all it started."""
        with self._supervisor.lock:
            self._running.kill(name)
            self._running.spawn(name)

    def _one_web(self) -> None:
        """kill -9 of one web process, which the web itself replaces; of the whole web when it was starting just now."""
        found = children(self._running.processes["web"].pid)
        if not self._killed_one_of(found):
            self._program("web")

    def _postgres(self) -> None:
        self._running.servers.kill_postgres()
        self._running.servers.restart_postgres()

    def _backend(self) -> None:
        """kill -9 of one session of the application, of all PostgreSQL when there is none."""
        found: list[int] = []
        with contextlib.suppress(psycopg.Error), psycopg.connect(self._running.owner_dsn) as conn:
            found = [row[0] for row in conn.execute("select pid from pg_stat_activity where usename = 'dialbook_app'")]
        if not self._killed_one_of(found):
            self._postgres()

    def _killed_one_of(self, pids: list[int]) -> bool:
        with contextlib.suppress(ProcessLookupError):
            if pids:
                os.kill(self._random.choice(pids), signal.SIGKILL)
                return True
        return False

    def _valkey(self) -> None:
        self._running.servers.kill_valkey()
        self._running.servers.restart_valkey()

    def _flushall(self) -> None:
        with memory_of(self._running) as memory:
            memory.flushall()
