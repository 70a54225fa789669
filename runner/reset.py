"""`make reset`: delete the data of the embedded servers, after asking. Standard library only, like `runner/venv.py`."""

import fcntl
import shutil
import sys
from pathlib import Path

VAR = Path("var")


def main() -> None:
    """Ask, make sure that nothing uses the data, delete it."""
    if not VAR.exists():
        sys.exit("There is no var/; nothing to delete.")
    print(f"Delete {VAR.absolute()}, all databases in it included? [y/N] ", end="", flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        sys.exit("Nothing deleted.")
    with (VAR / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit("Dialbook is running; stop it first. Nothing deleted.")
        shutil.rmtree(VAR)
    print("Deleted.")


if __name__ == "__main__":
    main()
