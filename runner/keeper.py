"""A program that is to run always."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

from runner.process import signal_group

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0  # seconds between an end and the next start
HEALTHY = 30.0  # after so long alive the next end counts as the first


class Keeper:
    """Starts a program and starts it again whenever it ends, with a pause that grows while that does not help."""

    def __init__(self, name: str, start: Callable[[], subprocess.Popen[bytes]], note: Path | None = None) -> None:
        self.name, self._start, self._note = name, start, note
        self.process: subprocess.Popen[bytes] | None = None
        self._started, self._due, self._pause = 0.0, 0.0, FIRST_PAUSE

    def adopt(self, process: subprocess.Popen[bytes], now: float) -> None:
        """Keep a program that runs already."""
        self.process, self._started = process, now

    def look(self, now: float) -> str | None:
        """Start it if it is due; notice its end and say so."""
        if self.process is None:
            if now >= self._due:
                self.adopt(self._start(), now)
                self._write_note()
        elif self.process.poll() is not None:
            return self._ended(self.process, now)
        return None

    def ask(self) -> None:
        """Ask it to stop; what it started itself is its own to stop."""
        if self.process:
            self.process.terminate()

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self.process is not None and self.process.poll() is None

    def clear(self) -> None:
        """End it and whatever is left of its process group, at once."""
        if self.process:
            signal_group(self.process.pid, signal.SIGKILL)
            self.process.wait()
        if self._note:
            self._note.unlink(missing_ok=True)

    def _ended(self, process: subprocess.Popen[bytes], now: float) -> str:
        self.clear()  # orphans of a killed web server would go on answering beside the next one
        if now - self._started > HEALTHY:
            self._pause = FIRST_PAUSE
        text = f"{self.name} ended ({_reason(process.returncode)}); starting it again in {self._pause:g} s"
        self.process, self._due = None, now + self._pause
        self._pause = min(self._pause * 2, LONGEST_PAUSE)
        return text

    def _write_note(self) -> None:
        if self._note and self.process:
            self._note.write_text(f"{self.process.pid}\n")


def _reason(code: int) -> str:
    """An exit code in words.

    >>> _reason(3), _reason(-9)
    ('exit code 3', 'SIGKILL')
    """
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name
