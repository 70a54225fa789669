"""The folders under VAR_DIR: who may use them, and a short way to the sockets."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from config import socket_dir
from runner.account import Account
from runner.process import StartError

LONGEST = 100  # bytes in a socket's path; the kernels stop at 104 (macOS) and 108 (Linux)
PLAIN = re.compile(r"[\w./+-]+", re.ASCII)  # libpq splits a host at commas, URLs know % # ? : nothing else is safe in both


@contextmanager
def locked(var: Path) -> Iterator[None]:
    """Keep the folder to ourselves. The lock is the kernel's: kill -9 leaves none behind."""
    with (var / "lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            other = file.read().strip() or "unknown"
            raise StartError(f"{var} is in use by process {other}. Stop that one first, or set VAR_DIR to another folder.") from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


def make(var: Path, account: Account) -> Path:
    """Create the run folder, private to us, and return the path its sockets are reached by."""
    run = var / "run"
    run.mkdir(parents=True, exist_ok=True)
    run.chmod(0o700)
    account.own(run)
    if fits(run):
        remove_link(var)
    elif not _good_link(var, run):
        _make_link(var, run, account)
    return socket_dir(var)


def fits(run: Path) -> bool:
    """Whether a socket in `run` can be named directly, in a DSN and to the kernel."""
    return len(os.fsencode(run / ".s.PGSQL.5432.lock")) <= LONGEST and PLAIN.fullmatch(str(run)) is not None


def remove_link(var: Path) -> None:
    """Take the short way away again."""
    note = var / "run.link"
    if note.is_file():
        link = Path(note.read_text().strip())
        if link.is_symlink() and _private(link.parent):
            shutil.rmtree(link.parent, ignore_errors=True)
        note.unlink()


def _good_link(var: Path, run: Path) -> bool:
    link = socket_dir(var)
    return link != run and link.is_symlink() and _private(link.parent) and link.readlink() == run


def _private(folder: Path) -> bool:
    """Ours and closed to others: the temporary folder is everybody's, and somebody may have prepared one."""
    with suppress(OSError):
        about = folder.lstat()
        return about.st_uid in (0, os.geteuid(), Account.nobody().uid) and about.st_mode & 0o077 == 0
    return False


def _make_link(var: Path, run: Path, account: Account) -> None:
    short = Path(tempfile.gettempdir())
    parent = Path(tempfile.mkdtemp(prefix="dialbook-", dir=short if len(str(short)) < 60 and PLAIN.fullmatch(str(short)) else "/tmp"))  # noqa: S108
    account.own(parent)
    (parent / "run").symlink_to(run)
    (var / "run.link").write_text(f"{parent / 'run'}\n")
