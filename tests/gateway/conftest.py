"""The adapter against the stand-in of Africa's Talking."""

from __future__ import annotations

import pytest
from one_text import settings
from stand_in import StandIn

from gateway.providers import africastalking


@pytest.fixture(scope="module")
def server():
    with StandIn() as server:
        yield server


@pytest.fixture
def api(server):
    server.clear()
    return server


@pytest.fixture
def provider(api):
    provider = africastalking.provider(settings(api.url))
    yield provider
    provider.close()
