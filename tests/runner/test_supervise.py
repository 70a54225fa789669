"""`make run` with small programs of our own instead of the Procfile's."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from config import ROOT, embedded_dsn
from runner.supervise import read_procfile

WEB = """
import http.server, sys
class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/health/ready" else 404)
        self.end_headers()
    def log_message(self, *words): pass
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Ready).serve_forever()
"""
STEADY = """
import signal, subprocess, sys, time
from pathlib import Path
child = subprocess.Popen(["sleep", "100"])
Path("steady.pids").write_text(f"{child.pid}")
def leave(*_):
    time.sleep(0.3)
    print("last words,", "database up" if Path("var/pg/postmaster.pid").exists() else "database gone")
    sys.exit()
signal.signal(signal.SIGTERM, leave)
print("steady here")
while True: time.sleep(1)
"""
STUBBORN = "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('stubborn here')\nwhile True: time.sleep(1)"
DYING = "from pathlib import Path\nwith Path('deaths').open('a') as file: file.write('x')\nraise SystemExit(3)"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def lives(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


class Run:
    """A supervisor under test, in a folder of its own."""

    def __init__(self, root: Path) -> None:
        self.root, self.port, self.log = root, free_port(), root / "output"
        for name, code in {"web": WEB, "steady": STEADY, "stubborn": STUBBORN, "dying": DYING}.items():
            (root / f"{name}.py").write_text(code)
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self, *lines: str, **env: str) -> subprocess.Popen[bytes]:
        (self.root / "Procfile").write_text("\n".join(lines) + "\n")
        command = [sys.executable, "-m", "runner.supervise", "--procfile", str(self.root / "Procfile")]
        ours = {"VAR_DIR": str(self.root / "var"), "PORT": str(self.port), "PATH": os.environ["PATH"], "PGPORT": "1", **env}
        self.log = self.root / f"output-{len(self.processes)}"
        with self.log.open("wb") as out:
            process = subprocess.Popen(command, cwd=ROOT, env=ours, stdout=out, stderr=subprocess.STDOUT)
        self.processes.append(process)
        return process

    @property
    def said(self) -> str:
        return self.log.read_text()

    def wait_for(self, text: str, times: int = 1) -> None:
        deadline = time.monotonic() + 20
        while self.said.count(text) < times:
            assert time.monotonic() < deadline, f"never said {text!r}:\n{self.said}"
            time.sleep(0.03)

    def pids(self) -> list[int]:
        """Everything that the last supervisor started, by what it wrote down."""
        notes = [*(self.root / "var" / "run").glob("*.pid"), self.root / "var" / "pg" / "postmaster.pid", self.root / "steady.pids"]
        return [int(note.read_text().split()[0]) for note in notes]


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    run = Run(tmp_path)
    yield run
    for process in run.processes:
        if process.poll() is None:
            process.terminate()
            process.wait(30)


def test_a_whole_life(run: Run) -> None:
    process = run.start(
        "release: echo migrated for $VAR_DIR",
        "web: python web.py ${PORT:-1}",
        "steady: python steady.py",
        "dying: python dying.py",
    )
    run.wait_for("Ready in")
    run.wait_for("steady here")
    assert f"release | migrated for {run.root / 'var'}" in run.said
    assert f"http://127.0.0.1:{run.port}/phone" in run.said
    run.wait_for("dying ended (exit code 3); starting it again in 0.2 s")
    run.wait_for("starting it again in 0.8 s")
    assert len((run.root / "deaths").read_text()) == 3

    os.kill(int((run.root / "var" / "pg" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    run.wait_for("postgres ended (SIGKILL); starting it again")

    first_log = run.log
    second = run.start("steady: python steady.py")
    assert second.wait(20) == 1
    run.wait_for(f"in use by process {process.pid}")
    _postgres_answers(run)

    started = run.pids()
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    assert "steady  | last words, database up" in first_log.read_text(), "programs stop before the databases"
    assert not any(map(lives, started)), "the child of a child too must be gone"
    assert not list((run.root / "var" / "run").glob("*.pid"))
    assert not (run.root / "var" / "pg" / "postmaster.pid").exists()


def _postgres_answers(run: Run) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            with psycopg.connect(embedded_dsn(run.root / "var", "dialbook_app")) as connection:
                assert connection.execute("SELECT 1").fetchone() == (1,)
                return
        except psycopg.OperationalError:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_a_second_ctrl_c_hurries(run: Run) -> None:
    process = run.start("stubborn: python stubborn.py")
    run.wait_for("stubborn here")
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    time.sleep(0.7)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 0
    assert time.monotonic() - began < 5


def test_kill_9_of_the_supervisor(run: Run) -> None:
    process = run.start("stubborn: python stubborn.py", "steady: python steady.py")
    run.wait_for("stubborn here")
    run.wait_for("steady here")
    left = run.pids()
    process.kill()
    process.wait()
    again = run.start("steady: python steady.py")  # at once: some of the old ones are still there
    run.wait_for("steady here")
    _postgres_answers(run)
    assert not any(map(lives, set(left) - set(run.pids()))), "stubborn, steady with its own child, and postgres of the first run"
    again.send_signal(signal.SIGTERM)
    assert again.wait(20) == 0


def test_a_release_that_fails_stops_everything(run: Run) -> None:
    process = run.start("release: sh -c 'echo cannot migrate; exit 4'", "steady: python steady.py")
    assert process.wait(20) == 4
    assert "release | cannot migrate" in run.said
    assert "steady here" not in run.said
    assert not (run.root / "var" / "pg" / "postmaster.pid").exists()


def test_a_taken_port_is_refused_before_anything_starts(run: Run) -> None:
    with socket.create_server(("127.0.0.1", run.port)):
        process = run.start("web: python web.py $PORT")
        assert process.wait(20) == 1
    assert f"Cannot listen on 127.0.0.1 port {run.port}" in run.said
    assert not (run.root / "var" / "pg").exists()


def test_a_mistake_in_the_environment_is_named(run: Run) -> None:
    process = run.start("web: python web.py $PORT", PORT="many")
    assert process.wait(20) == 1
    assert "port" in run.said
    assert "Traceback" not in run.said


def test_servers_that_are_given_are_not_started(run: Run) -> None:
    given = {"DATABASE_URL": "postgresql://elsewhere/x", "REDIS_URL": "redis://elsewhere"}
    process = run.start("show: sh -c 'echo $DATABASE_URL $REDIS_URL; sleep 100'", **given)
    run.wait_for("show    | postgresql://elsewhere/x redis://elsewhere")
    process.terminate()
    assert process.wait(20) == 0
    assert not (run.root / "var" / "pg").exists()
    assert not (run.root / "var" / "valkey").exists()


def test_the_procfile_is_complete() -> None:
    assert list(read_procfile(ROOT / "Procfile")) == ["release", "web", "worker", "sender", "clock"]
