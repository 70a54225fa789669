"""The service as people run it: web, worker, sender and clock as real processes on embedded servers of their own."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from config import embedded_dsn
from runner.embedded import Servers, embedded

ROOT = Path(__file__).resolve().parents[1]
SECRET = "served-secret-0123456789"
PEPPER = "served-pepper-0123456789"
PROGRAMS = {
    "worker": [sys.executable, "-m", "workers.run", "post"],
    "sender": [sys.executable, "-m", "workers.run", "send"],
    "clock": [sys.executable, "-m", "workers.clock"],
}


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Served:
    """A running service. `environment` is what its programs run with."""

    var: Path
    port: int
    servers: Servers
    environment: dict[str, str]
    secret: str = SECRET
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def hooks(self) -> str:
        """Where a carrier posts to."""
        return f"{self.url}/hooks/{self.secret}/africastalking"

    @property
    def owner_dsn(self) -> str:
        """A superuser's way in."""
        return embedded_dsn(self.var, "postgres")

    @classmethod
    @contextlib.contextmanager
    def start(cls, web: int = 2, durable: bool = False, **settings: str) -> Iterator[Served]:
        """Start everything; stop everything at the end. `settings` are environment variables; `durable` for tests that kill servers."""
        with tempfile.TemporaryDirectory(prefix="dialbook-served-") as folder:
            port = free_port()
            clean = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "DIALBOOK_ENV")}
            environment = (
                clean
                | {"VAR_DIR": folder, "HOOK_SECRET": SECRET, "PIN_PEPPER": PEPPER, "PORT": str(port), "SMS_PROVIDER": "phone", "LOG_LEVEL": "info"}
                | settings
            )
            environment["PATH"] = f"{Path(sys.executable).parent}:{environment.get('PATH', '')}"
            with embedded(Path(folder), durable=durable) as servers:
                running = cls(Path(folder), port, servers, environment)
                running.flask("db", "upgrade")
                try:
                    for name in ("web", *PROGRAMS):
                        running.spawn(name, web)
                    running.wait_ready()
                    yield running
                finally:
                    running.stop()

    def command(self, name: str, web: int = 2) -> list[str]:
        """What a program is started with; the web as in the Procfile."""
        if name != "web":
            return PROGRAMS[name]
        line = next(line for line in (ROOT / "Procfile").read_text().splitlines() if line.startswith("web:"))
        shell = line.removeprefix("web:").strip().replace("${WEB_CONCURRENCY:-2}", str(web))
        return ["/bin/sh", "-c", f"exec {shell}"]

    def spawn(self, name: str, web: int = 2) -> None:
        """Start one program in a process group of its own, its output in `<var>/<name>.log`."""
        with (self.var / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                self.command(name, web), cwd=ROOT, env=self.environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )

    def kill(self, name: str) -> None:
        """kill -9 of a program and everything it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.processes[name].pid, signal.SIGKILL)
        self.processes[name].wait()

    def stop(self) -> None:
        """End all programs, politely first."""
        for process in self.processes.values():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
        for process in self.processes.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def wait_ready(self, seconds: float = 30) -> None:
        """Until the web answers that it is ready."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{self.url}/health/ready", timeout=2) as answer:
                if answer.status == 200:
                    return
            time.sleep(0.1)
        raise AssertionError(f"not ready after {seconds} s:\n{self.logs()}")

    def flask(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """`flask ...` in the service's environment."""
        done = subprocess.run(
            [sys.executable, "-m", "flask", *words], cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert not check or done.returncode == 0, done.stderr
        return done

    def load(self, text: str) -> None:
        """Load a group file; in this process, because `flask group load` takes two seconds to start."""
        from gateway import groupfile
        from ledger.db import Database

        db = Database(embedded_dsn(self.var, "dialbook_app"), "founder")
        with db.transaction() as conn:
            groupfile.load(conn, groupfile.read(text))
        db.close()

    def logs(self) -> str:
        """Everything the programs said."""
        return "\n".join(f"--- {path.name}\n{path.read_text(errors='replace')}" for path in sorted(self.var.glob("*.log")))
