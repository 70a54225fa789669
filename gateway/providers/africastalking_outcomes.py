"""What Africa's Talking's answer to a send means for the message: the two tables, and the reading of the JSON.

The HTTP status says little: a refused sender name and a refused recipient both come as 201, and a do-not-disturb refusal
comes as 409 with the JSON of a success. So the recipient's own status code decides wherever there is one.
"""

from __future__ import annotations

import json
import re
from typing import Any

from gateway.careful_http import Answer
from gateway.messages import SendKind, SendOutcome

QUIET_SECONDS = 6 * 3600  # longer than any night, shorter than a code's day
_PARTS = re.compile(r"Message parts: ([0-9]{1,3})\b")
_TAKEN = re.compile(r"Sent to [1-9]")

# the recipient's statusCode; whatever is not listed is held, so that a person reads it
_RECIPIENT: dict[int, tuple[SendKind, str]] = {
    100: ("accepted", "processed"),
    101: ("accepted", "sent"),
    102: ("accepted", "queued"),
    401: ("hold", "held back by the provider's risk check"),
    402: ("hold", "the sender name is not registered; check AT_SENDER"),
    403: ("refused", "not a valid phone number"),
    404: ("refused", "not a kind of number that takes texts"),
    405: ("hold", "the account's balance is too low"),
    406: ("refused", "the subscriber blocks these texts"),
    407: ("refused", "no route to this number"),
    409: ("hold", "do-not-disturb hours"),
    500: ("retry", "the provider's internal error; this recipient was not taken"),
    501: ("retry", "the provider's gateway error; this recipient was not taken"),
    502: ("refused", "rejected by the operator's gateway: the sender name is not mapped"),
}

# the HTTP status, where there is no JSON to read. 408, 429 and 503 say that the request was not dealt with; after any other
# 5xx it may have been.
_HTTP: dict[int, tuple[SendKind, str]] = {
    401: ("hold", "the provider does not accept the key; check AT_USERNAME and AT_API_KEY"),
    403: ("hold", "the provider forbids this account to send"),
    408: ("retry", "the provider did not wait for the request"),
    409: ("hold", "refused for the moment, with nothing readable about why"),
    429: ("retry", "too many requests"),
    503: ("retry", "the provider is out of service"),
}


def read(answer: Answer, to: str) -> SendOutcome:
    """The outcome for the one recipient `to`."""
    if not (200 <= answer.status < 300 or answer.status == 409):
        return _by_status(answer)
    data = _message_data(answer.body)
    if data is None:
        return _by_status(answer) if answer.status == 409 else local("unknown", "accepted or not: the answer is unreadable", answer.status)
    message = data["Message"] if isinstance(data.get("Message"), str) else ""
    recipients = data["Recipients"]
    ours = [one for one in recipients if isinstance(one, dict) and _same(one.get("number"), to)]
    return _by_recipient(ours[0], message, answer.retry_after) if ours else _by_absence(message, bool(recipients), answer.status)


def local(kind: SendKind, why: str, code: int | None = None, retry_after: int | None = None) -> SendOutcome:
    """An outcome that no recipient's entry tells of."""
    return SendOutcome(kind, None, code, why, None, None, retry_after)


def _by_status(answer: Answer) -> SendOutcome:
    """No entry for the recipient: only the HTTP status is left."""
    kind, why = _HTTP.get(answer.status) or _by_class(answer.status)
    wait = QUIET_SECONDS if answer.status == 409 else answer.retry_after if kind == "retry" else None
    return local(kind, why, answer.status, wait)


def _by_class(status: int) -> tuple[SendKind, str]:
    if 300 <= status < 400:
        return "hold", "the provider's address redirects, which is not followed; check AT_BASE_URL"
    if 400 <= status < 500:
        return "hold", f"the provider does not take the request (HTTP {status})"
    return "unknown", f"the provider failed (HTTP {status}); accepted or not"


def _message_data(body: bytes | None) -> dict[str, Any] | None:
    """The part of the JSON that counts, by content and not by header: the header often carries a charset."""
    try:
        answer = json.loads(body or b"")
    except (ValueError, RecursionError):
        return None
    data = answer.get("SMSMessageData") if isinstance(answer, dict) else None
    return data if isinstance(data, dict) and isinstance(data.get("Recipients"), list) else None


def _same(number: object, to: str) -> bool:
    """Their spelling of our number; an entry without one, in an answer to one recipient, is ours."""
    return number is None or re.sub("[^0-9]", "", str(number)) == to[1:]


def _by_absence(message: str, others: bool, status: int) -> SendOutcome:
    """No entry for our recipient."""
    if others:
        return local("hold", "the answer is about another number", status)
    if _TAKEN.search(message):
        return local("unknown", "the answer counts a recipient and lists none", status)
    if "invalidsenderid" in message.lower():
        return local("hold", _RECIPIENT[402][1], 402)
    return local("hold", "no recipient was taken", status, QUIET_SECONDS if status == 409 else None)


def _by_recipient(entry: dict[str, Any], message: str, retry_after: int | None) -> SendOutcome:
    """The recipient's own status code decides."""
    code, provider_id = _code(entry.get("statusCode")), _id(entry.get("messageId"))
    if code is None:
        return SendOutcome("unknown", provider_id, None, "the recipient has no status code", None, None)
    kind, why = _RECIPIENT.get(code, ("hold", f"status code {code}, which is not documented"))
    if kind == "retry" and provider_id:  # an error, yet under an id: it may be on its way
        kind, why = "unknown", "the provider's error after it gave the message an id"
    wait = QUIET_SECONDS if code == 409 else retry_after if kind == "retry" else None
    parts = _PARTS.search(message)
    return SendOutcome(kind, provider_id, code, why, _cost(entry.get("cost")), int(parts[1]) if parts else None, wait)


def _code(value: object) -> int | None:
    """A number, also as a string."""
    return int(str(value)) if re.fullmatch("[0-9]{1,4}", str(value)) else None


def _id(value: object) -> str | None:
    """Their id; a recipient that was not taken has the word "None"."""
    text = str(value).replace("\0", "").strip()[:128] if isinstance(value, str | int) else ""
    return None if text.lower() in ("", "none", "null") else text


def _cost(value: object) -> str | None:
    """As written: "KES 0.8000", or a bare "0"."""
    return str(value).replace("\0", "").strip()[:40] or None if isinstance(value, str | int | float) else None
