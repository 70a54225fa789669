"""What a worker process keeps: its database, its carrier of texts, its bell. Made once a process."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from config import Settings, settings
from gateway.doorbell import Doorbell
from gateway.messages import Provider
from gateway.providers import provider_named
from gateway.redis_client import redis_client
from ledger.db import Database


@dataclass(frozen=True, slots=True)
class Office:
    """Everything a job needs."""

    settings: Settings
    db: Database
    bell: Doorbell
    provider: Provider


@cache
def office() -> Office:
    """The office of this process."""
    here = settings()
    return Office(here, Database(here.database_dsn, "worker"), Doorbell(redis_client(here.redis_dsn)), provider_named(here.sms_provider, here))
