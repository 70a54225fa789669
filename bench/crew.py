"""Helpers in processes of their own: each reads one JSON line, does what it says, answers with one JSON line."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


class Crew:
    """Some processes that run the same module."""

    def __init__(self, module: str, size: int):
        self._processes = [
            subprocess.Popen([sys.executable, "-m", module], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(size)
        ]

    def do(self, jobs: Sequence[dict[str, Any]]) -> list[Any]:
        """Give each its job, all at once, the last ones none when there are fewer; their answers in order."""
        chosen = self._processes[: len(jobs)]
        for process, job in zip(chosen, jobs, strict=True):
            assert process.stdin is not None
            process.stdin.write(json.dumps(job) + "\n")
            process.stdin.flush()
        return [self._answer(process) for process in chosen]

    @staticmethod
    def _answer(process: subprocess.Popen[str]) -> Any:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise SystemExit(f"a helper of the bench ended with {process.wait()}; what it said stands above")
        return json.loads(line)

    def close(self) -> None:
        """End them: no more input is the sign."""
        for process in self._processes:
            assert process.stdin is not None
            process.stdin.close()
        for process in self._processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
            process.kill()


@contextlib.contextmanager
def crew(module: str, size: int) -> Iterator[Crew]:
    """A crew for the length of a block."""
    hands = Crew(module, size)
    try:
        yield hands
    finally:
        hands.close()


def serve(do: Callable[[dict[str, Any]], Any]) -> None:
    """What a helper's main does: one answer for each line, until there are no more."""
    for line in sys.stdin:
        sys.stdout.write(json.dumps(do(json.loads(line))) + "\n")
        sys.stdout.flush()
