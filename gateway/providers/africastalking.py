"""Africa's Talking: five webhook forms in, USSD screens and texts out.

Forms are read tolerantly: whatever Africa's Talking itself can send is accepted, with optional fields absent, new operators
and new statuses. `BadRequest` is for what cannot be theirs. NULs and lone surrogates go, because PostgreSQL refuses them.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import threading
from urllib.parse import urlsplit

from africastalking.SMS import SMSService

from config import Settings
from gateway.careful_http import Answer, CarefulSession, MaybeSent, NotSent
from gateway.messages import (
    BadRequest,
    DeliveryReport,
    DeliveryStatus,
    Form,
    InboundSms,
    NotConfigured,
    OptOut,
    OutboundSms,
    SendOutcome,
    SessionEnd,
    SessionStatus,
    UssdReply,
    UssdTurn,
)
from gateway.phones import e164, is_e164
from gateway.providers.africastalking_outcomes import local, read

NAME = "africastalking"
ID_MAX = 128
USSD_TEXT_MAX = 4096
SMS_TEXT_MAX = 1600

_SESSION_STATUS: dict[str, SessionStatus] = {"success": "completed", "incomplete": "abandoned", "failed": "failed"}

# our word, and whether no other report can follow. AbsentSubscriber is open: the phone may come back before the text expires.
_DELIVERY: dict[str, tuple[DeliveryStatus, bool]] = {
    "sent": ("sent", False),
    "submitted": ("sent", False),
    "buffered": ("buffered", False),
    "success": ("delivered", True),
    "failed": ("failed", True),
    "rejected": ("rejected", True),
    "absentsubscriber": ("failed", False),
    "expired": ("expired", True),
}

# one spelling for each reason: theirs differ in case between answers and reports, and one is misspelt
_REASONS = {
    reason.lower(): reason
    for reason in (
        "InsufficientCredit",
        "InvalidLinkId",
        "UserIsInactive",
        "UserInBlacklist",
        "UserAccountSuspended",
        "NotNetworkSubscriber",
        "UserNotSubscribedToProduct",
        "UserDoesNotExist",
        "DeliveryFailure",
        "DoNotDisturbRejection",
    )
} | {"notnetworksubcriber": "NotNetworkSubscriber"}


def _clean(form: Form, name: str, limit: int | None = None) -> str:
    """A field as text that can be stored; absent is empty; cut at the limit."""
    value = form.get(name, "")
    if not value.isascii() or "\0" in value:
        value = value.replace("\0", "").encode("utf-8", "replace").decode()
    return value[:limit]


def _word(form: Form, name: str) -> str:
    """A short field without surrounding space."""
    return _clean(form, name, ID_MAX).strip()


def _required_id(form: Form, name: str) -> str:
    value = _clean(form, name).strip()
    if not 1 <= len(value) <= ID_MAX:
        raise BadRequest(name, f"1 to {ID_MAX} characters")
    return value


def _required_phone(form: Form) -> str:
    phone = e164(_clean(form, "phoneNumber"))
    if not phone:
        raise BadRequest("phoneNumber", "an international number")
    return phone


def _count(form: Form, name: str) -> int | None:
    """A whole number, or None: int() would also take signs, underscores and other scripts' digits."""
    value = _word(form, name)
    return int(value) if re.fullmatch("[0-9]{1,9}", value) else None


def _message_id(form: Form) -> str:
    """Their id; without one, or with one too long to store, an id that the repeat of the same form gets too."""
    given = _clean(form, "id").strip()
    if given and len(given) <= ID_MAX:
        return given
    parts = [given] if given else [_clean(form, name) for name in ("from", "to", "date", "text")]
    return ("long-" if given else "none-") + hashlib.sha256(json.dumps(parts).encode()).hexdigest()


class PooledSms(SMSService):  # type: ignore[misc]  # the SDK is untyped
    """The SDK's SMS service over connections of our own.

    The SDK decides address and fields. It would also open a connection for each text, follow redirects with the key, wait
    without end for a dripped answer and lose the status code; so the call itself is ours and gives back an `Answer`.
    """

    def __init__(self, username: str, api_key: str, base_url: str | None, seconds: float) -> None:
        self._own_base = base_url
        self._seconds = seconds
        super().__init__(username, api_key)
        self._session = CarefulSession(self._baseUrl)

    def _init_service(self) -> None:
        super()._init_service()
        if self._own_base:
            self._baseUrl = self._contentUrl = self._own_base.rstrip("/")

    def _make_request(
        self, url: str, method: str, headers: Form, data: Form | None, params: Form | None, callback: None = None, timeout: object = None
    ) -> Answer:
        """What the SDK calls. Its own timeouts are per read, so `timeout` is left aside for our deadline."""
        if callback is not None:
            raise NotImplementedError("transport errors would never reach a callback")
        return self._session.call(method, url, self._seconds, headers=headers, data=data, params=params)

    def close(self) -> None:
        """Close the pooled connections."""
        self._session.close()


class AfricasTalking:
    """The provider. Reading forms needs no account; the first `send` does. Safe to share between threads."""

    name: str = NAME

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._sms: PooledSms | None = None
        self._process = 0

    def ussd_turn(self, form: Form) -> UssdTurn:
        """Read one hop: an absent `text` is the empty one of the first hop, operator and service code are optional."""
        text = _clean(form, "text")
        if len(text) > USSD_TEXT_MAX:
            raise BadRequest("text", f"at most {USSD_TEXT_MAX} characters")
        session_id = _required_id(form, "sessionId")
        return UssdTurn(self.name, _word(form, "serviceCode"), session_id, _required_phone(form), _word(form, "networkCode"), text)

    def session_end(self, form: Form) -> SessionEnd:
        """Read the end of a session; everything but its id may be odd or absent. Cost is not read."""
        status = _SESSION_STATUS.get(_word(form, "status").lower(), "unknown")
        return SessionEnd(
            session_id=_required_id(form, "sessionId"),
            status=status,
            duration_ms=_count(form, "durationInMillis"),
            hops=_count(form, "hopsCount"),
            error=_clean(form, "errorMessage", 300),
        )

    def inbound_sms(self, form: Form) -> InboundSms:
        """Read a text from a phone. `from` may be a name; `date` is kept as it came, since its format varies."""
        if not (form.get("from") or form.get("id")):
            raise BadRequest("from", "the number that sent the text")
        sender, to = e164(_clean(form, "from")), _word(form, "to")
        return InboundSms(self.name, _message_id(form), sender, to, _clean(form, "text", SMS_TEXT_MAX), _word(form, "date"))

    def delivery_report(self, form: Form) -> DeliveryReport:
        """Read what became of a text; a status that is new to us is `unknown` and open."""
        raw = _word(form, "status")
        status, final = _DELIVERY.get(raw.lower(), ("unknown", False))
        reason = _word(form, "failureReason")
        return DeliveryReport(
            provider=self.name,
            provider_id=_required_id(form, "id"),
            phone=e164(_clean(form, "phoneNumber")),
            status=status,
            raw_status=raw,
            reason=_REASONS.get(reason.lower(), reason),
            final=final,
        )

    def opt_out(self, form: Form) -> OptOut:
        """Read that a phone wants no more bulk texts."""
        return OptOut(_required_phone(form), _word(form, "senderId"))

    def ussd_answer(self, reply: UssdReply) -> str:
        """`CON` goes on, `END` closes; nothing may stand before them, and no white space directly after."""
        return ("CON " if reply.more else "END ") + reply.text.lstrip()

    def send(self, sms: OutboundSms) -> SendOutcome:
        """Send to one phone, once. There is no idempotency key: what may have been accepted is `unknown`."""
        service = self._service()
        if not is_e164(sms.to):
            return local("refused", "not a number that can be sent to")
        text = sms.text.encode("utf-8", "replace").decode()
        try:
            answer = service.send(text, [sms.to], self._settings.at_sender)
        except NotSent:
            return local("retry", "no connection; the message did not leave")
        except MaybeSent:
            return local("unknown", "no answer in time, or the connection broke after the message left")
        return read(answer, sms.to)

    def close(self) -> None:
        """Close the pooled connections; the next send opens new ones."""
        with self._lock:
            service, self._sms = self._sms, None
        if service:
            service.close()

    def _service(self) -> PooledSms:
        with self._lock:
            if self._sms is None or self._process != os.getpid():  # a forked child must not use its parent's connections
                self._sms, self._process = _service(self._settings), os.getpid()
            return self._sms


def _service(settings: Settings) -> PooledSms:
    """Check the account before anything is sent; no message quotes a value."""
    username, key = (settings.at_username or "").strip(), settings.at_api_key.get_secret_value().strip() if settings.at_api_key else ""
    missing = [name for name, value in (("AT_USERNAME", username), ("AT_API_KEY", key)) if not value]
    if missing:
        raise NotConfigured(f"{' and '.join(missing)} must be set to send texts through Africa's Talking")
    if not (key.isascii() and key.isprintable()):
        raise NotConfigured("AT_API_KEY has characters that no key has; was something else pasted?")
    base = (settings.at_base_url or "").strip() or None
    if base and not (urlsplit(base).scheme in ("http", "https") and urlsplit(base).hostname):
        raise NotConfigured("AT_BASE_URL must be an address that begins with http:// or https://")
    if username.lower() == "sandbox":  # any other spelling would go to the live service
        username = "sandbox"
    return PooledSms(username, key, base, settings.sms_timeout_seconds)


def provider(settings: Settings) -> AfricasTalking:
    """The provider of these settings; a process that never sends needs no account."""
    return AfricasTalking(settings)
