"""What PostgreSQL and Valkey have in common: one child process, one data folder, one log."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from contextlib import suppress
from pathlib import Path
from typing import IO, ClassVar

from config import socket_dir
from runner.account import Account
from runner.process import Pause, StartError, end, ended, spawn, working_in

START_PATIENCE = 300  # seconds; recovery after a crash replays the journal first
STOP_PATIENCE = 20
MALLOC = {"MALLOC_TRIM_THRESHOLD_": str(8 << 20), "MALLOC_TOP_PAD_": str(1 << 20)}  # else glibc gives memory back after every posting
LOG_BYTES = 10_000_000  # a longer log makes room at the next start


class Server(ABC):
    """One server and its data folder. The folder is also its current folder, by which a left-over one is recognised."""

    name: ClassVar[str]
    folder: ClassVar[str]
    program_name: ClassVar[str]
    ask_to_stop: ClassVar[signal.Signals]
    process: subprocess.Popen[bytes] | None = None

    def __init__(self, var: Path, account: Account, *, durable: bool) -> None:
        self.var, self.account, self.durable = var, account, durable
        self.data = var / self.folder

    @abstractmethod
    def prepare(self) -> None:
        """Create the data folder where there is none, or refuse it."""

    @abstractmethod
    def command(self) -> list[str]:
        """The command line."""

    @abstractmethod
    def ready(self) -> bool:
        """Whether it answers."""

    @abstractmethod
    def equip(self) -> None:
        """Create what it must contain before anybody else connects."""

    def leaders(self, left_over: list[int]) -> list[int]:
        """Which of several left-over processes takes the order to stop."""
        return left_over

    @property
    def sockets(self) -> Path:
        """The folder of its socket, by a path short enough to use."""
        return socket_dir(self.var)

    @property
    def pid(self) -> int:
        """Process id of the running server."""
        assert self.process is not None, f"{self.name} was never started"
        return self.process.pid

    def sweep(self) -> None:
        """End whatever still works in our data folder: a server that outlived its supervisor, or a backend its server."""
        if self.data.exists():
            found = working_in(self.data, self.program_name)
            end(found, self.leaders([process.pid for process in found]), self.ask_to_stop, STOP_PATIENCE)

    def spawn(self) -> subprocess.Popen[bytes]:
        """Start the program and do not wait."""
        self.sweep()
        self.process = self._run(self.command(), self.name, self.data)
        return self.process

    def settle(self, pause: Pause = time.sleep) -> None:
        """Wait until it answers."""
        deadline = time.monotonic() + START_PATIENCE
        while not self.ready():
            if self.process is None or self.process.poll() is not None or time.monotonic() > deadline:
                raise StartError(f"{self.name} does not start. {self.last_words(self.name)}")
            pause(0.02)

    def stop(self, pause: Pause = time.sleep, patience: float = STOP_PATIENCE) -> None:
        """Ask it to stop, wait, force it."""
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            self.process.send_signal(self.ask_to_stop)
        if not ended(self.process, patience, pause):
            self.kill()

    def kill(self) -> None:
        """What a crash does: kill -9, and nothing else."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def restart(self, pause: Pause = time.sleep) -> None:
        """Stop it, however it is, and start it again."""
        self.stop(pause)
        self.spawn()
        self.settle(pause)

    def last_words(self, program: str) -> str:
        """Where the log is, and its end."""
        log = self.var / "log" / f"{program}.log"
        return f"The end of {log}:\n" + "\n".join(log.read_text(errors="replace").splitlines()[-8:])

    def _run(self, command: list[str], program: str, cwd: Path) -> subprocess.Popen[bytes]:
        env = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}  # PGPORT and its kind must not reach the server
        env |= MALLOC
        return spawn(
            [*self.account.prefix, *command],
            out=self._open_log(program),
            cwd=cwd,
            env=env,
            on_our_death=self.ask_to_stop,
            account=self.account.ids,
        )

    def _open_log(self, program: str) -> IO[bytes]:
        log = self.var / "log" / f"{program}.log"
        log.parent.mkdir(exist_ok=True)
        if log.exists() and log.stat().st_size > LOG_BYTES:
            log.replace(log.with_suffix(".old"))
        return log.open("ab")
