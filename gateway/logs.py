"""Logs: one line a hop, a text or a job, to standard output. JSON where a machine reads, words on a terminal.

Phone numbers are shortened by whoever logs; PINs, secrets and the words of texts are never given to a logger. The last processor takes
out anything that still looks like a phone number, for the line nobody thought of."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from config import Settings

_PHONE = re.compile(r"\+?[0-9]{9,15}")


def mask(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace the middle of anything that looks like a phone number."""
    for key, value in event.items():
        if isinstance(value, str) and len(value) > 8:
            event[key] = _PHONE.sub(lambda found: f"{found[0][:4]}..{found[0][-3:]}", value)
    return event


def set_up_logs(settings: Settings) -> None:
    """Once a process."""
    level = logging.getLevelName(settings.log_level.upper())
    render = structlog.dev.ConsoleRenderer(colors=False) if sys.stdout.isatty() else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            mask,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(sys.stdout),
        cache_logger_on_first_use=True,
    )
