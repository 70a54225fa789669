"""The embedded servers, really started, killed and started again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

import runner.account
from config import ROOT, embedded_dsn, socket_dir
from runner.embedded import Servers, embedded
from runner.process import StartError

START_AND_WAIT = """
import sys, time
from pathlib import Path
{extra}
from runner.embedded import Servers
servers = Servers(Path(sys.argv[1])).start()
print(servers.postgres_pid, servers.valkey_pid, flush=True)
time.sleep(60)
"""


def sql(var: Path, statement: str, role: str = "dialbook_owner") -> list[tuple[object, ...]]:
    with psycopg.connect(embedded_dsn(var, role), port=5432) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def cache(var: Path) -> redis.Redis:
    return redis.Redis.from_url(f"unix://{socket_dir(var)}/valkey.sock?db=0")


def lives(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def start_elsewhere(var: Path, extra: str = "") -> tuple[subprocess.Popen[str], list[int]]:
    """Servers held by another process, which the test may kill."""
    code = START_AND_WAIT.format(extra=extra)
    holder = subprocess.Popen([sys.executable, "-c", code, str(var)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert holder.stdout
    with holder.stdout as told:
        return holder, [int(pid) for pid in told.readline().split()]


def test_nothing_is_lost_by_kill_9(tmp_path: Path) -> None:
    with embedded(tmp_path) as servers:
        sql(tmp_path, "CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)")
        with cache(tmp_path) as valkey:
            valkey.set("kept", 7)
            time.sleep(1.2)  # Valkey writes its file every second
        servers.kill_postgres()
        servers.kill_valkey()
        servers.restart_postgres()
        servers.restart_valkey()
        assert sql(tmp_path, "SELECT n FROM kept") == [(7,)]
        with cache(tmp_path) as valkey:
            assert valkey.get("kept") == b"7"
    with embedded(tmp_path):
        assert sql(tmp_path, "SELECT n FROM kept") == [(7,)]


def test_roles_and_safety(tmp_path: Path) -> None:
    with embedded(tmp_path):
        settings = dict.fromkeys(("fsync", "full_page_writes", "synchronous_commit", "data_checksums"), "on")
        found = sql(tmp_path, f"SELECT name, setting FROM pg_settings WHERE name IN {tuple(settings)}")
        assert dict(found) == settings
        assert sql(tmp_path, "SHOW listen_addresses") == [("",)]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            sql(tmp_path, "CREATE TABLE mine (n int)", role="dialbook_app")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            sql(tmp_path, "CREATE ROLE more")
        with cache(tmp_path) as valkey:
            assert valkey.config_get("appendonly", "appendfsync", "maxmemory-policy", "port") == {
                "appendonly": "yes",
                "appendfsync": "everysec",
                "maxmemory-policy": "noeviction",
                "port": "0",
            }
        assert (tmp_path / "run").stat().st_mode & 0o777 == 0o700
        assert (tmp_path / "pg").stat().st_mode & 0o777 == 0o700
        assert (tmp_path / "valkey").stat().st_mode & 0o777 == 0o700


def test_two_folders_side_by_side_and_one_folder_once(tmp_path: Path) -> None:
    with embedded(tmp_path / "a", durable=False), embedded(tmp_path / "b", durable=False):
        sql(tmp_path / "a", "CREATE TABLE only_in_a ()")
        with pytest.raises(psycopg.errors.UndefinedTable):
            sql(tmp_path / "b", "SELECT FROM only_in_a")
        with pytest.raises(StartError, match=f"in use by process {os.getpid()}"):
            Servers(tmp_path / "a").start()
        assert sql(tmp_path / "a", "SELECT 1") == [(1,)], "the refused one disturbed the first"


@pytest.mark.parametrize("name", ["long-" * 24, "50% off, 'new' #1?"])
def test_paths_no_socket_can_have(tmp_path: Path, name: str) -> None:
    var = tmp_path / name
    with embedded(var, durable=False):
        short = socket_dir(var)
        assert short.is_symlink()
        assert short.parent.stat().st_mode & 0o777 == 0o700
        assert sql(var, "SELECT current_user", role="dialbook_app") == [("dialbook_app",)]
        with cache(var) as valkey:
            assert valkey.ping()
        with pytest.raises(StartError, match="in use"):
            Servers(var).start()
        assert short.is_symlink(), "the refused one took the link away"
    assert not short.parent.exists()
    assert socket_dir(var) == var / "run"


def test_a_stale_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "run.link").write_text(f"{tmp_path / 'elsewhere'}\n")
    with embedded(tmp_path, durable=False):
        assert sql(tmp_path, "SELECT 1") == [(1,)]
        assert not (tmp_path / "run.link").exists()


def test_data_of_another_version_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pg").mkdir()
    (tmp_path / "pg" / "PG_VERSION").write_text("16\n")
    with pytest.raises(StartError, match="PostgreSQL 16, this is PostgreSQL 18"):
        Servers(tmp_path).start()


def test_a_damaged_data_folder_says_why_and_frees_the_lock(tmp_path: Path) -> None:
    (tmp_path / "pg").mkdir(mode=0o700)
    (tmp_path / "pg" / "PG_VERSION").write_text("18\n")
    for _ in range(2):
        with pytest.raises(StartError, match=r"postgres does not start(.|\n)*pg_control|postgresql\.conf"):
            Servers(tmp_path).start()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_the_servers_end_with_a_killed_parent(tmp_path: Path) -> None:
    holder, pids = start_elsewhere(tmp_path)
    holder.kill()
    holder.wait()
    deadline = time.monotonic() + 10
    while any(map(lives, pids)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(lives, pids))


def test_the_next_start_ends_what_outlived_a_killed_parent(tmp_path: Path) -> None:
    """As on systems where the kernel does not end it for us."""
    holder, pids = start_elsewhere(tmp_path, extra="import runner.process\nrunner.process._prctl = None")
    sql(tmp_path, "CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)")
    holder.kill()
    holder.wait()
    assert all(map(lives, pids))
    with embedded(tmp_path) as servers:
        assert not any(map(lives, pids))
        assert sql(tmp_path, "SELECT n FROM kept") == [(7,)]
        servers.kill_postgres()
        (tmp_path / "pg" / "postmaster.pid").write_text(f"{os.getppid()}\n{tmp_path / 'pg'}\n")  # the number was given away since
        servers.restart_postgres()
        assert sql(tmp_path, "SELECT n FROM kept") == [(7,)]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")
def test_root_without_user_namespaces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner.account, "namespaces_work", lambda: False)
    with tempfile.TemporaryDirectory() as closed:
        var = Path(closed) / "var"
        with pytest.raises(StartError, match=f"'nobody' cannot enter {closed}"):
            Servers(var).start()
        Path(closed).chmod(0o755)
        try:
            with embedded(var, durable=False) as servers:
                assert psutil.Process(servers.postgres_pid).username() == "nobody"
                assert sql(var, "SELECT 1") == [(1,)]
        except StartError as error:
            pytest.skip(str(error))  # the programs themselves are where nobody may go
        monkeypatch.undo()
        with embedded(var, durable=False):
            assert sql(var, "SELECT 1") == [(1,)]


def test_postgres_is_asked_politely() -> None:
    assert Servers(Path("nowhere")).postgres.ask_to_stop == signal.SIGINT
