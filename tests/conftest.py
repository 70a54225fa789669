"""Real PostgreSQL and Valkey, thrown away at the end; the application's own role; a fresh group for each test that wants one."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sharing
from flask import Flask
from flask.testing import FlaskClient

SECRET = "tests-only-secret-0123456789"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record", action="store_true", help="Write into tests/walks what is really said, instead of comparing it.")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--record") and os.environ.get("CI"):
        raise pytest.UsageError("--record would make every story right; not where CI is set")


@pytest.fixture(scope="session")
def servers() -> Iterator[Path]:
    """The folder of a running pair of embedded servers, migrated; `config.settings()` of this process leads to it."""
    from config import settings
    from ledger import migrate
    from runner.embedded import embedded

    with tempfile.TemporaryDirectory(prefix="dialbook-tests-") as folder:
        for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "AT_BASE_URL", "SMS_SHORTCODE", "DIALBOOK_ENV"):
            os.environ.pop(name, None)
        os.environ.update(VAR_DIR=folder, HOOK_SECRET=SECRET, SMS_PROVIDER="phone", LOG_LEVEL="info")
        settings.cache_clear()
        with embedded(Path(folder), durable=False):
            migrate.upgrade()
            yield Path(folder)


@pytest.fixture(scope="session")
def db(servers: Path):
    """The application's database, as the role that owns nothing."""
    from config import settings
    from ledger.db import Database

    database = Database(settings().database_dsn, "tests")
    yield database
    database.close()


@pytest.fixture
def owner(servers: Path) -> Iterator[psycopg.Connection]:
    """A superuser's connection to the same database: what an insider could do."""
    from config import embedded_dsn

    with psycopg.connect(embedded_dsn(servers, "postgres"), autocommit=True) as conn:
        yield conn


@pytest.fixture(scope="session")
def app(servers: Path) -> Iterator[Flask]:
    """The whole application, in this process, and the office its workers use."""
    from app import create_app
    from workers.office import office

    made = create_app()
    yield made
    made.extensions["db"].close()
    made.extensions["redis"].close()
    office().db.close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Talks to the application without a network."""
    return app.test_client()


@pytest.fixture
def village(client: FlaskClient, db) -> Callable[..., object]:
    """`village(**changes)` founds a fresh group; see tests/people.py for what it can do."""
    from people import Village

    return lambda **changes: Village.found(client, db, SECRET, **changes)


@pytest.fixture
def make_group(village) -> Callable[..., int]:
    """`make_group(**changes)` -> group id of a fresh group."""
    return lambda **changes: village(**changes).group_id


@pytest.fixture
def redis_now(servers: Path):
    """Redis itself, emptied before the test."""
    import redis

    from config import settings

    client = redis.Redis.from_url(settings().redis_dsn)
    client.flushall()
    yield client
    client.close()


@pytest.fixture(scope="session")
def served() -> Iterator[object]:
    """The service as people run it, over real HTTP: web, worker, sender and clock as processes on servers of their own."""
    from serving import Served

    with Served.start() as running:
        yield running


# ---------------------------------------------------------------- the whole suite in several processes


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In one of several processes: the order in which the files are begun."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: sharing.place(item.nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Gives them out in that order."""
    return sharing.scheduler(config, log)
