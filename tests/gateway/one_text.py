"""One text to one phone through the adapter, against the stand-in: what the sending tests share."""

from __future__ import annotations

from stand_in import answer, recipient

from config import Settings
from gateway.messages import OutboundSms

PHONE, KEY, TEXT = "+254700072929", "atsk_very_secret", "Your code is 4711"
SMS = OutboundSms("ref-1", PHONE, TEXT)


def settings(url, **more):
    return Settings(**{"at_username": "dialbook", "at_api_key": KEY, "at_base_url": url, "sms_timeout_seconds": 1, **more})


def listed(code, **more):
    return answer(recipient(PHONE, code, **more))
