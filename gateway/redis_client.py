"""Redis on the webhook's path: short timeouts, and one try more only where the connection was found dead."""

from __future__ import annotations

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

CONNECT_SECONDS = 0.5
ANSWER_SECONDS = 1.0


def redis_client(dsn: str) -> redis.Redis:
    """A client that never waits long: the library's own default would block the web for a minute on a frozen server."""
    once_more = Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,))
    client: redis.Redis = redis.Redis.from_url(
        dsn, socket_timeout=ANSWER_SECONDS, socket_connect_timeout=CONNECT_SECONDS, retry=once_more, health_check_interval=0
    )
    return client
