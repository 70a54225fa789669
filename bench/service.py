"""What is measured: embedded servers of the bench's own in a temporary folder, durable, and the programs of the Procfile on them."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psutil  # type: ignore[import-untyped]
import psycopg

from bench.crew import ROOT
from config import socket_dir
from runner.embedded import Servers, embedded

SECRET = "bench-secret-0123456789"
HOOKS = f"/hooks/{SECRET}/africastalking"
START_SECONDS = 30
_OTHERS = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "DIALBOOK_ENV", "AT_BASE_URL", "SMS_SHORTCODE", "BIND", "DIAL_CODE")


@dataclass
class Service:
    """Servers and programs; `dsn` leads to a database of theirs, `start` adds a program."""

    var: Path
    servers: Servers
    programs: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)

    def dsn(self, user: str = "postgres", database: str = "dialbook") -> str:
        """Address of a database."""
        return f"postgresql://{user}@/{database}?host={quote(str(socket_dir(self.var)), safe='')}"

    @property
    def redis_socket(self) -> str:
        """Path of Valkey's socket."""
        return f"{socket_dir(self.var)}/valkey.sock"

    def environment(self, database: str) -> dict[str, str]:
        """What a program runs with."""
        clean = {key: value for key, value in os.environ.items() if key not in _OTHERS}
        mine = {
            "VAR_DIR": str(self.var), "HOOK_SECRET": SECRET, "SMS_PROVIDER": "phone", "LOG_LEVEL": "info",
            "DATABASE_URL": self.dsn("dialbook_app", database), "DATABASE_OWNER_URL": self.dsn("dialbook_owner", database),
            "REDIS_URL": f"unix://{self.redis_socket}?db=0", "REDIS_SOCKET": self.redis_socket,
        }  # fmt: skip
        return clean | mine | {"PATH": f"{Path(sys.executable).parent}:{clean.get('PATH', os.defpath)}"}

    def new_database(self, name: str) -> None:
        """A database with our tables, migrated as an operator would."""
        if name != "dialbook":
            with psycopg.connect(self.dsn(), autocommit=True) as conn:
                conn.execute(f'create database "{name}" owner dialbook_owner')
        command = [sys.executable, "-m", "flask", "db", "upgrade"]
        done = subprocess.run(command, cwd=ROOT, env=self.environment(name), capture_output=True, text=True, timeout=60, check=False)
        if done.returncode:
            raise SystemExit(f"flask db upgrade failed:\n{done.stderr[-2000:]}")

    def start(self, name: str, command: list[str], *, database: str = "dialbook", cwd: Path = ROOT, **more: str) -> None:
        """Start a program in a process group of its own, its output in `<var>/<name>.log`."""
        with (self.var / f"{name}.log").open("ab") as log:
            self.programs[name] = subprocess.Popen(
                command, cwd=cwd, env=self.environment(database) | more, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )

    def start_web(self, name: str = "web", application: str = "app:serve", database: str = "dialbook", path: str = "/health/ready") -> int:
        """The Procfile's web line, with another application or database where one is measured beside it; its port."""
        line = next(line for line in (ROOT / "Procfile").read_text().splitlines() if line.startswith("web:"))
        shell = line.removeprefix("web:").strip().replace("app:serve", application)
        port = self.ports[name] = free_port()
        self.start(name, ["/bin/sh", "-c", f"exec {shell}"], database=database, PORT=str(port), WEB_CONCURRENCY="2")
        self.wait(name, path)
        return port

    def start_workers(self) -> None:
        """Worker, sender and clock."""
        for name, module in (("worker", ["workers.run", "post"]), ("sender", ["workers.run", "send"]), ("clock", ["workers.clock"])):
            self.start(name, [sys.executable, "-m", *module])

    def wait(self, name: str, path: str) -> None:
        """Until it answers 200."""
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and self.programs[name].poll() is None:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{self.ports[name]}{path}", timeout=2) as answer:
                if answer.status == 200:
                    return
            time.sleep(0.05)
        log = (self.var / f"{name}.log").read_text(errors="replace")
        raise SystemExit(f"{name} does not answer:\n{log[-2000:]}")

    def stop(self, *names: str) -> None:
        """End programs (all, when none is named), politely first."""
        ending = [self.programs.pop(name) for name in names or [*self.programs]]
        for number, patience in ((signal.SIGTERM, 10), (signal.SIGKILL, 5)):
            for process in ending:
                if process.poll() is None:
                    with contextlib.suppress(ProcessLookupError):
                        os.killpg(process.pid, number)
            for process in ending:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(patience)

    def cpu(self, name: str) -> float:
        """CPU seconds so far of a program, or of "postgres" or "valkey", with all its children alive."""
        total = 0.0
        for process in self.processes(name):
            with contextlib.suppress(psutil.NoSuchProcess):
                times = process.cpu_times()  # utime and stime of /proc/<pid>/stat
                total += times.user + times.system
        return total

    def processes(self, name: str) -> list[psutil.Process]:
        """A program's processes."""
        pid = {"postgres": self.servers.postgres.pid, "valkey": self.servers.valkey.pid}.get(name) or self.programs[name].pid
        top = psutil.Process(pid)
        return [top, *top.children(recursive=True)]

    def resident(self, name: str) -> list[int]:
        """Resident megabytes of each of a program's processes that is a Python, parent first."""
        return [process.memory_info().rss >> 20 for process in self.processes(name) if "python" in process.name() or "granian" in process.name()]


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running() -> Iterator[Service]:
    """Both servers, durable, and whatever is started on them."""
    with tempfile.TemporaryDirectory(prefix="dialbook-bench-") as folder:
        Path(folder).chmod(0o711)  # the servers may run as another account
        with embedded(Path(folder), durable=True) as servers:
            service = Service(Path(folder), servers)
            try:
                yield service
            finally:
                service.stop()
