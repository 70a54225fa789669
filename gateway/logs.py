"""Logs: one line a hop, a text or a job, to standard output. JSON where a machine reads, words on a terminal.

Phone numbers are shortened by whoever logs; PINs, secrets and the words of texts are never given to a logger. The last processor takes
out anything that still looks like a phone number, for the line nobody thought of."""

from __future__ import annotations

import json
import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog

from config import Settings

_PHONE = re.compile(r"\+?[0-9]{9,15}")


class ToStandardOutput:
    """A logger that writes where standard output is now."""

    def msg(self, line: str) -> None:
        """One line, at once."""
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    debug = info = warning = error = critical = exception = msg


def mask(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace the middle of anything that looks like a phone number."""
    for key, value in event.items():
        if isinstance(value, str) and len(value) > 8:
            event[key] = _PHONE.sub(lambda found: f"{found[0][:4]}..{found[0][-3:]}", value)
    return event


def frames_only(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Where an error happened, without its message: a message may quote what somebody typed."""
    if event.pop("exc_info", None):
        error = sys.exc_info()[1]
        if error is not None:
            event["where"] = [f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in traceback.extract_tb(error.__traceback__)[-8:]]
    return event


_ENCODE = json.JSONEncoder(default=repr).encode  # json.dumps with any option makes an encoder for each line


def _line(event: Any, **_: object) -> str:
    return _ENCODE(event)


class _Hops:
    """Whether and how hops are logged in this process."""

    plain = False


def log_hop(call: str, phone: str, screen: str, ms: float) -> None:
    """The line of one hop, as `log.info("hop", ...)` writes it. It is most of what is ever logged, so where a machine reads it is put together
    here: none of its values can hold what somebody typed, and none needs escaping."""
    if not _Hops.plain:
        structlog.get_logger().info("hop", call=call, phone=phone, screen=screen, ms=ms)
        return
    at = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    sys.stdout.write(
        f'{{"call": "{call}", "phone": "{phone}", "screen": "{screen}", "ms": {ms}, "event": "hop", "level": "info", "timestamp": "{at}"}}\n'
    )
    sys.stdout.flush()


def set_up_logs(settings: Settings) -> None:
    """Once a process."""
    level = logging.getLevelName(settings.log_level.upper())
    _Hops.plain = level <= logging.INFO and not sys.stdout.isatty()
    render = structlog.dev.ConsoleRenderer(colors=False) if sys.stdout.isatty() else structlog.processors.JSONRenderer(serializer=_line)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            frames_only,
            mask,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: ToStandardOutput(),
        cache_logger_on_first_use=True,
    )
