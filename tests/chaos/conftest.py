"""Threads that start at the same instant, and web processes of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from people import Village
from pydantic import SecretStr

from config import settings


@pytest.fixture
def together(app, db) -> Callable[..., list[Any]]:
    """`together(*jobs)` starts all jobs at the same instant, each in a thread of its own; their results in order."""
    from workers.office import office

    def run(*jobs: Callable[[], Any]) -> list[Any]:
        gate = threading.Barrier(len(jobs))

        def one(job: Callable[[], Any]) -> Any:
            try:
                gate.wait(10)
                return job()
            finally:
                for database in (app.extensions["db"], db, office().db):
                    database.close()

        with ThreadPoolExecutor(len(jobs)) as pool:
            return [future.result(60) for future in [pool.submit(one, job) for job in jobs]]

    return run


@pytest.fixture
def hands(app) -> Callable[[Village], Village]:
    """`hands(v)` is the same village over a client of its own, for another thread."""
    return lambda v: replace(v, client=app.test_client())


@pytest.fixture
def drain() -> Callable[[], None]:
    """One worker at work."""
    from workers import jobs

    def work() -> None:
        jobs.answer_texts()
        jobs.settle_requests()

    return work


@pytest.fixture
def app_without_redis(app) -> Iterator[Any]:
    """Another web process, whose Redis is away."""
    from app import create_app

    made = create_app(settings().model_copy(update={"redis_url": SecretStr("unix:///nowhere/redis.sock")}))
    yield made
    made.extensions["db"].close()
    made.extensions["redis"].close()


@pytest.fixture
def another_app(app) -> Iterator[Any]:
    """Another web process over the same servers."""
    from app import create_app

    made = create_app()
    yield made
    made.extensions["db"].close()
    made.extensions["redis"].close()
