"""`make run`: the databases, the migration, the demo group, and every process of the Procfile, until Ctrl-C.

One thread, one loop. Children are in process groups of their own, so that Ctrl-C reaches only us and we stop them in order.
"""

from __future__ import annotations

import argparse
import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import FrameType

from pydantic import ValidationError

from config import ROOT, Settings
from runner import BEGAN
from runner.embedded import Servers
from runner.keeper import Keeper
from runner.output import Output
from runner.process import StartError, spawn

STOP_PATIENCE = 10  # seconds for web, worker, sender and clock to finish what they are doing
ONE_KEYPRESS = 0.5  # seconds in which make, the terminal and a script may all forward the same signal
HEAD_START = 10
TICK = 0.1


class StopRequest(Exception):
    """Somebody pressed Ctrl-C or sent a signal."""


class OneShotError(Exception):
    """A program that has to succeed before the next step did not."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def read_procfile(path: Path) -> dict[str, str]:
    """Name and command of each line."""
    lines = (line.partition(":") for line in path.read_text().splitlines() if line.strip() and not line.startswith("#"))
    return {name.strip(): command.strip() for name, _, command in lines}


def child_environment(settings: Settings) -> dict[str, str]:
    """Ours, with the programs of this Python first in PATH."""
    env = dict(os.environ)
    if settings.database_url is None:  # PGPORT and its kind are about another server than the embedded one
        env = {name: value for name, value in env.items() if not name.startswith("PG")}
    env["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{env.get('PATH', os.defpath)}"
    env["VAR_DIR"] = str(settings.var_dir.absolute())
    env["PYTHONUNBUFFERED"] = "1"
    return env


def check_port(host: str, port: int) -> None:
    """Refuse a port that somebody else answers on: our users would talk to them."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen()
        except OSError as error:
            raise StartError(f"Cannot listen on {host} port {port}: {error.strerror}. Choose another: make run PORT=8001") from None


def answers_ready(host: str, port: int) -> bool:
    """Whether /health/ready says 200."""
    with suppress(OSError, http.client.HTTPException):
        line = http.client.HTTPConnection(host, port, timeout=1)
        line.request("GET", "/health/ready")
        status = line.getresponse().status
        line.close()
        return status == 200
    return False


class Supervisor:
    """Everything that `make run` starts, from the first to the last."""

    def __init__(self, settings: Settings, procfile: Path) -> None:
        self.settings, self.root, self.lines = settings, procfile.absolute().parent, read_procfile(procfile)
        self.release = self.lines.pop("release", None)
        self.output = Output([*self.lines, "release", "demo"])
        self.env = child_environment(settings)
        self.servers = Servers(settings.var_dir, postgres=settings.database_url is None, valkey=settings.redis_url is None, pause=self.wait)
        self.host = "127.0.0.1" if settings.bind in ("0.0.0.0", "::") else settings.bind  # noqa: S104
        self.keepers: list[Keeper] = []
        self.apps: list[Keeper] = []
        self.others: list[Keeper] = []  # the apps that wait for the web server
        self.announced = True  # nothing to announce before everything was started
        self.parent = os.getppid() if "MAKELEVEL" in os.environ else None
        self.head_start_ends = 0.0
        self.asked_at: float | None = None
        self.stopping = self.hurry = False

    def run(self) -> int:
        """Start, keep running until asked to stop, stop; the exit code."""
        try:
            self.start()
            while True:
                self.turn()
        except StopRequest:
            return 0
        except OneShotError as error:
            return error.code
        finally:
            self.stop()

    def start(self) -> None:
        """The steps in order; each raises if the next makes no sense."""
        self.servers.claim()
        if "web" in self.lines:
            check_port(self.settings.bind, self.settings.port)
        self.servers.launch()
        self.keepers = [Keeper(server.name, server.spawn) for server in self.servers.wanted]
        for keeper, server in zip(self.keepers, self.servers.wanted, strict=True):
            if server.process:
                keeper.adopt(server.process, time.monotonic())
        if self.release:
            self.once("release", self.release)
        self.apps = [Keeper(name, partial(self.spawn, name, line), self.note(name)) for name, line in self.lines.items()]
        self.others = [app for app in self.apps if app.name != "web"]
        self.keepers += [app for app in self.apps if app.name == "web"]
        self.load_demo()
        self.announced, self.head_start_ends = False, time.monotonic() + HEAD_START

    def load_demo(self) -> None:
        """Load the demo group into an empty book. What was done once with this data is not tried again: it costs a second."""
        done = self.servers.var / "demo-loaded"
        known = done.exists() and self.servers.postgres in self.servers.wanted and not self.servers.postgres.created
        if not self.settings.production and not known and (self.root / "demo" / "group.yaml").exists():
            self.once("demo", "python -m flask group load demo/group.yaml --demo --if-empty")
            done.touch()

    def turn(self) -> None:
        """One look at everything."""
        self.wait(TICK)
        self.look_at_keepers()
        if not self.announced:
            self.look_for_web()

    def look_at_keepers(self) -> None:
        """Start what is due, notice what ended."""
        for keeper in self.keepers:
            if news := keeper.look(time.monotonic()):
                self.output.say(news)

    def look_for_web(self) -> None:
        """The web server has the machine to itself until it answers, or has had its chance; then come the others."""
        answers = "web" not in self.lines or answers_ready(self.host, self.settings.port)
        if answers or time.monotonic() > self.head_start_ends:
            self.keepers += self.others
            self.others = []
            self.look_at_keepers()
        self.announced = answers
        if answers and "web" in self.lines:
            self.announce()

    def wait(self, seconds: float) -> None:
        """Print what the children say for a while; leave by an exception if we were asked to stop."""
        self.output.pump(seconds)
        if self.parent not in (None, os.getppid()):  # make was killed: without it nobody could stop us by Ctrl-C
            self.asked_at = self.asked_at or time.monotonic()
        if self.hurry if self.stopping else self.asked_at:
            raise StopRequest

    def spawn(self, name: str, command: str) -> subprocess.Popen[bytes]:
        """Start a line of the Procfile. The shell fills in ${PORT:-8000} and gives way to the program."""
        return spawn(["/bin/sh", "-c", f"exec {command}"], out=self.output.pipe(name), cwd=self.root, env=self.env)

    def note(self, name: str) -> Path:
        """Where the next start finds a child that outlived us."""
        return self.servers.var / "run" / f"{name}.pid"

    def once(self, name: str, command: str) -> None:
        """Run a program to its end, which has to be a good one."""
        keeper = Keeper(name, partial(self.spawn, name, command), self.note(name))
        self.apps.append(keeper)  # to be stopped with the rest if the signal comes now
        keeper.look(time.monotonic())
        while keeper.alive:
            self.turn()
        self.output.pump(0)
        code = keeper.process.returncode if keeper.process else 0
        keeper.clear()
        self.apps.remove(keeper)
        if code != 0:
            self.output.say(f"`{command}` failed with exit code {code}; stopping.")
            raise OneShotError(code if code > 0 else 1)

    def announce(self) -> None:
        """Where to look and what to dial."""
        home = f"http://{self.host}:{self.settings.port}"
        seconds = time.monotonic() - BEGAN
        in_all = time.time() - float(os.environ.get("DIALBOOK_BEGAN", "inf"))  # make's own clock: with making .venv
        first = f", {in_all:.0f} s with making .venv" if in_all > seconds + 3 else ""
        self.output.say(f"\nReady in {seconds:.1f} s{first}. Ctrl-C stops everything.\n")
        if not self.settings.production:
            self.output.say(f"  phone    {home}/phone")
        self.output.say(f"  console  {home}/console\n")
        if not self.settings.production:
            self.output.say(self.numbers_to_dial())

    def numbers_to_dial(self) -> str:
        """What `flask group demo` prints; nice to have, so a failure is no more than said."""
        with tempfile.TemporaryFile() as told:
            command = [sys.executable, "-m", "flask", "group", "demo"]
            try:
                done = subprocess.run(command, cwd=self.root, env=self.env, stdout=told, stderr=subprocess.DEVNULL, timeout=20).returncode
            except subprocess.TimeoutExpired:
                done = 1
            told.seek(0)
            return told.read().decode(errors="replace") if done == 0 else "(no numbers to dial: `flask group demo` failed)\n"

    def stop(self) -> None:
        """Programs first, so that each can still finish its transaction; then Valkey, then PostgreSQL."""
        self.stopping = True
        if self.asked_at:
            self.output.say("Stopping ...")
        with suppress(StopRequest):
            self.stop_apps()
        for keeper in self.apps:
            keeper.clear()
        try:
            self.hurry = False  # a database that stops properly needs no recovery; one more Ctrl-C kills it too
            self.servers.stop()
        except StopRequest:
            self.hurry = False
            self.servers.stop(patience=0)
        self.output.pump(0)

    def stop_apps(self) -> None:
        """Ask all at once and wait for the slowest."""
        for keeper in self.apps:
            keeper.ask()
        deadline = time.monotonic() + STOP_PATIENCE
        while any(keeper.alive for keeper in self.apps) and time.monotonic() < deadline:
            self.wait(TICK)

    def on_signal(self, number: int, _frame: FrameType | None) -> None:
        """Remember the wish; the loop acts on it. A second Ctrl-C hurries."""
        now = time.monotonic()
        if self.asked_at is None:
            self.asked_at = now
        elif number == signal.SIGINT and now - self.asked_at > ONE_KEYPRESS:
            self.hurry = True


def main() -> int:
    """Run until stopped."""
    parser = argparse.ArgumentParser(prog="python -m runner.supervise", description=__doc__)
    parser.add_argument("--procfile", type=Path, default=ROOT / "Procfile", help="programs run in its folder")
    arguments = parser.parse_args()
    try:
        supervisor = Supervisor(Settings(), arguments.procfile)
        supervisor.output.wake_on_signals()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup means it
                signal.signal(number, supervisor.on_signal)
        return supervisor.run()
    except (StartError, ValidationError, OSError) as error:
        print(f"Dialbook cannot start: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
