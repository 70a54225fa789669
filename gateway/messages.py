"""The smallest model that fits every provider of USSD and SMS: what comes in, what goes out, and how a send ended.

Texts and phone numbers stay out of every `repr`: a text may hold a PIN or a code, and a `repr` ends up in logs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

Form = Mapping[str, str]
SessionStatus = Literal["completed", "abandoned", "failed", "unknown"]
DeliveryStatus = Literal["sent", "buffered", "delivered", "failed", "expired", "rejected", "unknown"]
SendKind = Literal["accepted", "refused", "retry", "hold", "unknown"]

CLIENT_REF_MAX = 50


class BadRequest(Exception):
    """A request that cannot be the provider's own; answered with a 4xx that names the field."""

    def __init__(self, field: str, expected: str) -> None:
        super().__init__(f"{field}: expected {expected}")
        self.field = field
        self.expected = expected


class NotConfigured(RuntimeError):
    """A setting without which nothing can be sent is missing or unusable; the message names it. Nothing was sent."""


@dataclass(frozen=True, slots=True)
class UssdTurn:
    """One hop of a USSD session: everything typed so far, joined with `*`."""

    provider: str
    service: str
    session_id: str
    phone: str = field(repr=False)
    network: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class UssdReply:
    """A screen; `more` says whether the session goes on."""

    text: str = field(repr=False)
    more: bool


@dataclass(frozen=True, slots=True)
class SessionEnd:
    """The notice that a session ended. The input is left out on purpose: it may hold a PIN."""

    session_id: str
    status: SessionStatus
    duration_ms: int | None
    hops: int | None
    error: str


@dataclass(frozen=True, slots=True)
class InboundSms:
    """A text from a phone. `sender` is E.164, or "" where it is a name or a short code: such a text is never answered."""

    provider: str
    provider_id: str
    sender: str = field(repr=False)
    to: str
    text: str = field(repr=False)
    sent_at: str


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What became of a text that was accepted.

    A report that is not `final` may be followed by any other; one that is final is never overruled.
    """

    provider: str
    provider_id: str
    phone: str = field(repr=False)
    status: DeliveryStatus
    raw_status: str
    reason: str
    final: bool


@dataclass(frozen=True, slots=True)
class OptOut:
    """A phone that wants no more texts from `sender`."""

    phone: str = field(repr=False)
    sender: str


@dataclass(frozen=True, slots=True)
class OutboundSms:
    """A text to one phone. `client_ref` is the same at every try, for providers that refuse duplicates."""

    client_ref: str
    to: str = field(repr=False)
    text: str = field(repr=False)

    def __post_init__(self) -> None:
        if not 1 <= len(self.client_ref) <= CLIENT_REF_MAX:
            raise ValueError(f"client_ref: expected 1 to {CLIENT_REF_MAX} characters")


@dataclass(frozen=True, slots=True)
class SendOutcome:
    """How one send ended. The kind alone decides what happens next:

    - `accepted`: the provider has it; wait for the delivery report.
    - `refused`: permanent for this message and this number; never sent again.
    - `retry`: surely not accepted; try again after a pause, not before `retry_after_seconds` where given.
    - `hold`: nothing is wrong with this message; an operator must act first (balance, configuration, risk, hours). It is
      listed as `held` and released by hand, not before `retry_after_seconds` where given.
    - `unknown`: it may have been accepted; never resent blindly. A late report or a person settles it.

    `code` is the provider's status for the recipient, else the HTTP status. `why` is a sentence of our own: it never quotes
    the provider, the key, the number or the text.
    """

    kind: SendKind
    provider_id: str | None
    code: int | None
    why: str
    cost: str | None
    parts: int | None
    retry_after_seconds: int | None = None


class Provider(Protocol):
    """What every carrier of USSD and SMS offers. Parsing raises `BadRequest` for what is not the provider's."""

    @property
    def name(self) -> str:
        """Part of webhook paths and of stored rows."""

    def ussd_turn(self, form: Form) -> UssdTurn:
        """Read one hop."""

    def session_end(self, form: Form) -> SessionEnd:
        """Read the notice that a session ended."""

    def inbound_sms(self, form: Form) -> InboundSms:
        """Read a text from a phone."""

    def delivery_report(self, form: Form) -> DeliveryReport:
        """Read what became of a text."""

    def opt_out(self, form: Form) -> OptOut:
        """Read that a phone wants no more texts."""

    def ussd_answer(self, reply: UssdReply) -> str:
        """The body that shows this screen."""

    def send(self, sms: OutboundSms) -> SendOutcome:
        """Send once, within the deadline; raises only `NotConfigured`, and then nothing was sent."""
