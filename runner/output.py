"""What all the children say, line by line behind their names, in one stream."""

from __future__ import annotations

import itertools
import os
import selectors
import signal
import socket
import sys
from contextlib import suppress
from typing import IO

COLOURS = (36, 33, 32, 35, 34, 31)


class Output:
    """Reads the pipes of the children in one thread: the kernel ties `die_with_parent` to the thread that starts a child."""

    def __init__(self, names: list[str]) -> None:
        self._width = max(map(len, names), default=0)
        self._colours = dict(zip(names, itertools.cycle(COLOURS), strict=False))
        self._coloured = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        self._selector = selectors.DefaultSelector()
        self._rest: dict[int, bytes] = {}  # per pipe: the beginning of a line that has not ended yet

    def wake_on_signals(self) -> None:
        """Let a signal end the waiting in `pump` at once."""
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        theirs.setblocking(False)
        signal.set_wakeup_fd(theirs.fileno())
        self._selector.register(ours, selectors.EVENT_READ, theirs)  # keeps both ends alive

    def pipe(self, name: str) -> IO[bytes]:
        """A place for a child to write to."""
        reader, writer = os.pipe()
        os.set_blocking(reader, False)
        self._selector.register(reader, selectors.EVENT_READ, name)
        self._rest[reader] = b""
        return os.fdopen(writer, "wb", buffering=0)

    def pump(self, seconds: float) -> None:
        """Wait for lines, at most so long, and print what is there."""
        for key, _ in self._selector.select(seconds):
            if isinstance(key.fileobj, socket.socket):
                key.fileobj.recv(4096)
            else:
                self._read(key.fd, str(key.data))

    def say(self, text: str, name: str = "") -> None:
        """Print lines, as they are or behind a name."""
        prefix = f"{name:{self._width}} | " if name else ""
        if prefix and self._coloured:
            prefix = f"\x1b[{self._colours.get(name, 37)}m{prefix}\x1b[0m"
        _write("".join(f"{prefix}{line}\n" for line in text.split("\n")))

    def _read(self, reader: int, name: str) -> None:
        data = os.read(reader, 65536)
        *lines, rest = (self._rest[reader] + data).split(b"\n")
        self._rest[reader] = rest
        if not data:
            self._selector.unregister(reader)
            os.close(reader)
            lines += [rest] if self._rest.pop(reader) else []
        if lines:
            self.say(b"\n".join(lines).decode(errors="replace"), name)


def _write(text: str) -> None:
    """Straight to the descriptor; a reader that went away (`| head`) must not stop a cash box."""
    rest = text.encode()
    with suppress(OSError):
        while rest:
            rest = rest[os.write(sys.stdout.fileno(), rest) :]
