"""A PostgreSQL and a Valkey of our own from PyPI wheels: no root, no Docker, nothing to install first.

    with embedded(Path("var")) as servers:
        ...  # config.embedded_dsn(Path("var"), "dialbook_app") and config.socket_dir(Path("var")) lead to them

Everything is under the given folder, reached by sockets in a folder of mode 0700. The servers end with the process
that started them, and what a killed one left running is ended by the next start.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from runner import folders
from runner.account import server_account
from runner.process import Pause, end, group_of
from runner.server import STOP_PATIENCE, Server
from runner.servers import Postgres, Valkey


class Servers:
    """Both servers of one folder; `durable=False` is for data that a test throws away."""

    def __init__(
        self,
        var_dir: Path,
        durable: bool = True,
        *,
        postgres: bool = True,
        valkey: bool = True,
        pause: Pause = time.sleep,
    ) -> None:
        self.var, self.pause, self._held = var_dir.absolute(), pause, ExitStack()
        self.account = server_account()
        self.postgres = Postgres(self.var, self.account, durable=durable)
        self.valkey = Valkey(self.var, self.account, durable=durable)
        self.wanted: list[Server] = [server for server, ours in ((self.postgres, postgres), (self.valkey, valkey)) if ours]

    def claim(self) -> None:
        """Take the folder for ourselves, or raise StartError; then end what an earlier, killed run left behind."""
        self.var.mkdir(parents=True, exist_ok=True)
        self._held.enter_context(folders.locked(self.var))
        self._end_left_over_programs()
        folders.make(self.var, self.account)
        self._held.callback(folders.remove_link, self.var)
        for server in self.wanted:
            server.sweep()

    def start(self) -> Servers:
        """Claim the folder, start both at once and wait until they answer."""
        self.claim()
        try:
            self.launch()
        except BaseException:
            self.stop()
            raise
        return self

    def launch(self) -> None:
        """Start the servers in a folder that is claimed already."""
        for server in self.wanted:
            server.prepare()
        for server in self.wanted:
            server.spawn()
        for server in self.wanted:
            server.settle(self.pause)
            server.equip()

    def stop(self, patience: float = STOP_PATIENCE) -> None:
        """Stop both, Valkey first, and give the folder back."""
        for server in reversed(self.wanted):
            server.stop(self.pause, patience)
        self._held.close()

    def _end_left_over_programs(self) -> None:
        """They were told to end when their supervisor was killed, so patience is short."""
        notes = [*(self.var / "run").glob("*.pid")]
        found = [process for note in notes for process in group_of(note, ("VAR_DIR", str(self.var)))]
        end(found, [process.pid for process in found], signal.SIGTERM, patience=2)
        for note in notes:
            note.unlink()

    @property
    def postgres_pid(self) -> int:
        """Process id of the postmaster."""
        return self.postgres.pid

    @property
    def valkey_pid(self) -> int:
        """Process id of Valkey."""
        return self.valkey.pid

    def kill_postgres(self) -> None:
        """Crash PostgreSQL: kill -9 of the postmaster."""
        self.postgres.kill()

    def kill_valkey(self) -> None:
        """Crash Valkey: kill -9."""
        self.valkey.kill()

    def restart_postgres(self) -> None:
        """Start PostgreSQL again after a kill, or stop and start it; returns when it answers."""
        self.postgres.restart(self.pause)

    def restart_valkey(self) -> None:
        """The same for Valkey."""
        self.valkey.restart(self.pause)


@contextmanager
def embedded(var_dir: Path, durable: bool = True) -> Iterator[Servers]:
    """Both servers for the length of a block."""
    servers = Servers(var_dir, durable).start()
    try:
        yield servers
    finally:
        servers.stop()
