"""PostgreSQL refuses to run as root. As root we run the servers without root's powers, and create no account for it."""

from __future__ import annotations

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path

from runner.process import StartError

NAMESPACE = ("unshare", "--user", "--map-user=65534", "--map-group=65534")


@dataclass(frozen=True)
class Account:
    """How server programs are started: a prefix to their command, or another account to become."""

    prefix: tuple[str, ...] = ()
    uid: int | None = None
    gid: int | None = None

    @classmethod
    def nobody(cls) -> Account:
        """The unprivileged account that every Unix has."""
        entry = pwd.getpwnam("nobody")
        return cls(uid=entry.pw_uid, gid=entry.pw_gid)

    @property
    def ids(self) -> tuple[int, int] | None:
        """User and group to become, if any."""
        return None if self.uid is None or self.gid is None else (self.uid, self.gid)

    def own(self, folder: Path) -> None:
        """As root: give a folder to the account the servers run as. The way may change between two starts."""
        uid, gid = self.ids or (0, 0)
        if os.geteuid() != 0 or folder.stat().st_uid == uid:
            return
        for path in (*folder.rglob("*"), folder):
            os.chown(path, uid, gid, follow_symlinks=False)

    def check_reach(self, *paths: Path) -> None:
        """Another account must be able to walk to the data and the programs."""
        for folder in {parent for path in paths for parent in path.absolute().parents if self.uid is not None}:
            if not folder.stat().st_mode & 0o001 and folder.stat().st_uid != self.uid:
                raise StartError(
                    f"PostgreSQL does not run as root, this machine forbids user namespaces, and the account 'nobody' "
                    f"cannot enter {folder}. Run as an ordinary user, or set DATABASE_URL and REDIS_URL to servers of your own."
                )


def namespaces_work() -> bool:
    """Whether root may step into a user namespace, where it is nobody but its files stay its own."""
    try:
        return subprocess.run([*NAMESPACE, "true"], capture_output=True, timeout=10).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def server_account() -> Account:
    """The way to run servers here."""
    if os.geteuid() != 0 and _has_name():
        return Account()
    if namespaces_work():
        return Account(prefix=NAMESPACE)
    return Account.nobody() if os.geteuid() == 0 else Account()


def _has_name() -> bool:
    """Containers may run under a number that no account has; initdb asks for a name."""
    try:
        pwd.getpwuid(os.geteuid())
    except KeyError:
        return False
    return True
