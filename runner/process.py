"""Starting and ending operating-system processes; nothing here knows what they do."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import psutil  # type: ignore[import-untyped]

PR_SET_PDEATHSIG = 1
Pause = Callable[[float], None]  # what to do while waiting: sleep, or print what the children say


class StartError(Exception):
    """Something that a person has to put right; the text says what and how."""


def _kernel_promise() -> Callable[[int, int], int] | None:
    """Linux's prctl, looked up before any fork; other systems have nothing like it."""
    if sys.platform != "linux":
        return None
    found: Callable[[int, int], int] = ctypes.CDLL(None).prctl
    return found


_prctl = _kernel_promise()


def die_with_parent(sign: signal.Signals) -> Callable[[], None] | None:
    """A step for the child before exec: the kernel sends `sign` when we end, even by kill -9."""
    if _prctl is None:
        return None
    prctl, parent, number = _prctl, os.getpid(), int(sign)

    def step() -> None:
        prctl(PR_SET_PDEATHSIG, number)
        if os.getppid() != parent:  # we ended between fork and prctl
            os._exit(1)

    return step


def spawn(
    command: list[str],
    *,
    out: IO[bytes],
    cwd: Path,
    env: Mapping[str, str],
    on_our_death: signal.Signals = signal.SIGTERM,
    account: tuple[int, int] | None = None,
) -> subprocess.Popen[bytes]:
    """Start a program in a process group of its own; both its outputs go to `out`, which is closed here."""
    uid, gid = account or (None, None)
    groups: Any = [] if account else None
    with out:
        return subprocess.Popen(
            command,
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            process_group=0,
            preexec_fn=die_with_parent(on_our_death),
            user=uid,
            group=gid,
            extra_groups=groups,
        )


def ended(process: subprocess.Popen[bytes], patience: float, pause: Pause = time.sleep) -> bool:
    """Wait for the end of a child; False when patience ran out first."""
    deadline = time.monotonic() + patience
    while process.poll() is None:
        if time.monotonic() > deadline:
            return False
        pause(0.01)
    return True


def signal_group(leader: int, sign: signal.Signals) -> None:
    """Signal everything in the process group of a child; nobody left is fine."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, sign)


def group_of(note: Path, mark: tuple[str, str]) -> list[psutil.Process]:
    """What is left of the process group whose leader is written down in `note`.

    Numbers are reused, so each must also carry the mark that our children have in their environment.
    """
    try:
        leader = int(note.read_text())
    except ValueError:
        return []
    return [process for process in psutil.process_iter() if _belongs(process, leader, mark)]


def _belongs(process: psutil.Process, leader: int, mark: tuple[str, str]) -> bool:
    with suppress(psutil.Error, OSError):
        return os.getpgid(process.pid) == leader and process.environ().get(mark[0]) == mark[1]
    return False


def working_in(folder: Path, program: str) -> list[psutil.Process]:
    """Every process of a program whose current folder is `folder`: servers live in their data folder."""
    home = str(folder.resolve())
    return [process for process in psutil.process_iter() if _is(process, program, home)]


def _is(process: psutil.Process, program: str, home: str) -> bool:
    with suppress(psutil.Error, OSError):
        return bool(process.name() == program and process.cwd() == home)
    return False


def end(processes: Iterable[psutil.Process], asked: Collection[int], sign: signal.Signals, patience: float) -> None:
    """End processes that are not our children: ask the pids in `asked`, wait for all, kill who is left."""
    everyone = list(processes)
    for process in everyone:
        if process.pid in asked:
            with suppress(psutil.Error):
                process.send_signal(sign)
    for process in _remaining(everyone, patience):
        with suppress(psutil.Error):
            process.kill()
    _remaining(everyone, 5)


def _remaining(processes: list[psutil.Process], patience: float) -> list[psutil.Process]:
    deadline = time.monotonic() + patience
    while (left := [process for process in processes if _lives(process)]) and time.monotonic() < deadline:
        time.sleep(0.01)
    return left


def _lives(process: psutil.Process) -> bool:
    """A zombie does not: in a container nobody may ever collect it."""
    with suppress(psutil.Error):
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    return False
