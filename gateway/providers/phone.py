"""The simulated phone: one more provider. It speaks Africa's Talking's forms, and its texts arrive on the phone page at once."""

from __future__ import annotations

import secrets

from config import Settings
from gateway.messages import OutboundSms, SendOutcome
from gateway.providers.africastalking import AfricasTalking

NAME = "phone"


class SimulatedPhone(AfricasTalking):
    """Reads what Africa's Talking would send; a text is delivered by being kept."""

    name = NAME

    def send(self, sms: OutboundSms) -> SendOutcome:
        """Accept the text; the phone page shows what the outbox holds for its number."""
        return SendOutcome("accepted", f"phone-{secrets.token_hex(12)}", 101, "shown on the phone page", None, None)


def provider(settings: Settings) -> SimulatedPhone:
    """The simulator; never in production."""
    if settings.production:
        raise RuntimeError("SMS_PROVIDER=phone is the simulator; production needs a real carrier")
    return SimulatedPhone(settings)
