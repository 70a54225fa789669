"""The simulated phone: one more provider. It speaks Africa's Talking's forms, and its texts arrive on the phone page at once.

The page can order trouble for the next text. The order stands in Redis, because a worker sends what the web was told; without Redis
there is no trouble to be had.
"""

from __future__ import annotations

import secrets
from typing import Literal, cast

import redis
import structlog

from config import Settings
from gateway.messages import OutboundSms, SendOutcome
from gateway.providers.africastalking import AfricasTalking
from gateway.redis_client import redis_client

log = structlog.get_logger()
NAME = "phone"
TROUBLE_KEY = "phone:trouble"
TROUBLE_SECONDS = 600  # an order that nobody used is forgotten

Trouble = Literal["ok", "timeout", "refuse"]
_OUTCOMES = {
    b"timeout": SendOutcome("unknown", None, None, "the simulator accepted the text and then went silent", None, None),
    b"refuse": SendOutcome("refused", None, None, "the simulator was told to refuse the text", None, None),
}


def order_trouble(client: redis.Redis, kind: Trouble) -> None:
    """What happens to the next text; `ok` takes an order back. Raises redis.RedisError."""
    if kind == "ok":
        client.delete(TROUBLE_KEY)
    else:
        client.set(TROUBLE_KEY, kind, ex=TROUBLE_SECONDS)


def ordered_trouble(client: redis.Redis) -> Trouble:
    """The order that stands. Raises redis.RedisError."""
    found = cast("bytes | None", client.get(TROUBLE_KEY))
    return "timeout" if found == b"timeout" else "refuse" if found == b"refuse" else "ok"


class SimulatedPhone(AfricasTalking):
    """Reads what Africa's Talking would send; a text is delivered by being kept."""

    name = NAME

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._redis = redis_client(settings.redis_dsn)

    def send(self, sms: OutboundSms) -> SendOutcome:
        """Accept the text, unless the page ordered trouble for it; the page shows what the outbox holds for its number."""
        ordered = self._take_order()
        if ordered:
            return ordered
        return SendOutcome("accepted", f"phone-{secrets.token_hex(12)}", 101, "shown on the phone page", None, None)

    def _take_order(self) -> SendOutcome | None:
        """An order counts once, whichever of several senders comes first."""
        try:
            found = cast("bytes | None", self._redis.getdel(TROUBLE_KEY))
        except redis.RedisError as error:
            log.warning("no trouble without Redis", error=type(error).__name__)
            return None
        return _OUTCOMES.get(found) if found else None

    def close(self) -> None:
        """Close the connections."""
        super().close()
        self._redis.close()


def provider(settings: Settings) -> SimulatedPhone:
    """The simulator; never in production."""
    if settings.production:
        raise RuntimeError("SMS_PROVIDER=phone is the simulator; production needs a real carrier")
    return SimulatedPhone(settings)
