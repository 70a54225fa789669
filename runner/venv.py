"""Make `.venv` and keep it up to date: `python3 runner/venv.py requirements.txt`. Standard library only; it runs before any package is there.

Nothing is done when nothing changed, which costs a twentieth of a second.
"""

import argparse
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(".venv")


def maker() -> dict[str, str]:
    """What a venv made now and here would say about itself."""
    base = Path(getattr(sys, "_base_executable", sys.executable)).parent.resolve()
    return {"home": str(base), "version": ".".join(map(str, sys.version_info[:2])), "place": str(HERE.absolute())}


def made_by() -> dict[str, str]:
    """The same about the venv that is there."""
    try:
        lines = (HERE / "pyvenv.cfg").read_text().splitlines()
    except OSError:
        return {}
    said = {key.strip(): value.strip() for key, _, value in (line.partition("=") for line in lines)}
    return {
        "home": str(Path(said.get("home", "")).resolve()),
        "version": ".".join(said.get("version", "").split(".")[:2]),
        "place": said.get("command", "").partition(" -m venv ")[2],
    }


def build() -> None:
    """Make the venv afresh if it is missing, was moved, or belongs to another Python; its scripts would lead elsewhere."""
    if made_by() == maker() and (HERE / "bin" / "pip").exists() and (HERE / "bin" / "python").exists():
        return
    print(f"Making {HERE} with Python {sys.version.split()[0]} ...", flush=True)
    shutil.rmtree(HERE, ignore_errors=True)
    if subprocess.run([sys.executable, "-m", "venv", str(HERE)]).returncode != 0:
        shutil.rmtree(HERE, ignore_errors=True)
        sys.exit("Python's own venv does not work here (on Debian and Ubuntu: apt install python3-venv).")


def wanted(requirements: Path) -> str:
    """Fingerprint of a requirements file and of those it includes."""
    text = requirements.read_text()
    included = [line.split(maxsplit=1)[1] for line in text.splitlines() if line.startswith("-r ")]
    return hashlib.sha256("".join([text, *map(wanted, map(Path, included))]).encode()).hexdigest()


def install(requirements: Path) -> None:
    """Install the file unless exactly this was installed before."""
    stamp, fingerprint = HERE / f".installed-{requirements.name}", wanted(requirements)
    if stamp.exists() and stamp.read_text() == fingerprint:
        return
    print(f"Installing {requirements} into {HERE} ...", flush=True)
    pip = [str(HERE / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    if code := subprocess.run([*pip, "-r", str(requirements)]).returncode:
        sys.exit(code)
    stamp.write_text(fingerprint)


def main() -> None:
    """Bring the venv up to date; two at once take turns."""
    parser = argparse.ArgumentParser(prog="venv.py", description=__doc__)
    parser.add_argument("requirements", type=Path, nargs="+")
    files = parser.parse_args().requirements
    here = os.open(".", os.O_RDONLY)
    fcntl.flock(here, fcntl.LOCK_EX)
    build()
    for file in files:
        install(file)


if __name__ == "__main__":
    main()
