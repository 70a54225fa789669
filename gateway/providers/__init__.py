"""Providers: one file each. A new one is a file and a row here."""

from __future__ import annotations

from collections.abc import Callable

from config import Settings
from gateway.messages import Provider
from gateway.providers import africastalking, phone

PROVIDERS: dict[str, Callable[[Settings], Provider]] = {"africastalking": africastalking.provider, "phone": phone.provider}


def provider_named(name: str, settings: Settings) -> Provider:
    """The provider of that name, ready to use. Raises KeyError."""
    return PROVIDERS[name](settings)
