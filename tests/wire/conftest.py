"""The two sites of the wire tests, and the stand-in that both send their texts to."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest
from serving import Served
from stand_in import StandIn
from wire_site import API_KEY, SHORTCODE, HttpClient, InProcess, Site, until_quiet


@pytest.fixture(scope="session")
def stand_in() -> Iterator[StandIn]:
    """The carrier that takes texts."""
    with StandIn() as api:
        yield api


@pytest.fixture(scope="session")
def wire_office(servers, stand_in):
    """The office of in-process jobs, sending through Africa's Talking's adapter to the stand-in."""
    from config import settings
    from gateway.providers import africastalking
    from workers.office import office

    here = settings().model_copy(
        update={"at_username": "sandbox", "at_api_key": _secret(API_KEY), "at_base_url": stand_in.url, "sms_shortcode": SHORTCODE}
    )
    provider = africastalking.provider(here)
    yield dataclasses.replace(office(), settings=here, provider=provider)
    provider.close()


@pytest.fixture
def site(servers, client, db, stand_in, wire_office, monkeypatch) -> Iterator[Site]:
    """The application in this process."""
    from config import embedded_dsn, settings
    from workers import jobs

    monkeypatch.setattr(jobs, "office", lambda: wire_office)
    stand_in.clear()
    here = Site(
        InProcess(client), db, embedded_dsn(servers, "postgres"), _secret_of_tests(), settings().redis_dsn, stand_in, wire_office.settings, _work
    )
    here.work()  # what other tests left due is not ours to count
    stand_in.clear()
    yield here
    if here._owner is not None:
        here._owner.close()


@pytest.fixture(scope="session")
def served_wire(stand_in) -> Iterator[Site]:
    """The service as processes on servers of its own, for real concurrency, kill and hanging."""
    from config import Settings, embedded_dsn
    from ledger.db import Database

    given = {
        "SMS_PROVIDER": "africastalking",
        "AT_USERNAME": "sandbox",
        "AT_API_KEY": API_KEY,
        "AT_BASE_URL": stand_in.url,
        "SMS_SHORTCODE": SHORTCODE,
    }
    with Served.start(**given) as running:
        here = Settings(var_dir=running.var, sms_shortcode=SHORTCODE)
        database = Database(embedded_dsn(running.var, "dialbook_app"), "tests")
        made = Site(
            HttpClient(running.url), database, running.owner_dsn, running.secret, here.redis_dsn, stand_in, here,
            lambda: until_quiet(made), running,
        )  # fmt: skip
        yield made
        made.close()


@pytest.fixture
def served_site(served_wire: Site) -> Site:
    """The running service, ready and quiet."""
    served_wire.running.wait_ready()
    served_wire.work()
    served_wire.stand_in.clear()
    return served_wire


def _work() -> None:
    from workers import jobs

    jobs.answer_texts()
    jobs.settle_requests()
    jobs.send_texts()


def _secret_of_tests() -> str:
    from config import settings

    return settings().hook_secrets[0]


def _secret(value: str):
    from pydantic import SecretStr

    return SecretStr(value)
