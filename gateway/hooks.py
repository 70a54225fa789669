"""The webhooks: `/hooks/<secret>/<provider>/...`. 404 without the secret, a 4xx that names the field for what cannot be the provider's,
and for everything the provider itself can send exactly 200, after what matters is stored."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Sequence

import psycopg
import structlog
from flask import Blueprint, Response, abort, current_app, request
from werkzeug.exceptions import HTTPException

from gateway.directory import language_for
from gateway.doorbell import Doorbell
from gateway.messages import BadRequest, Provider, UssdReply
from gateway.phones import shortened
from gateway.post_office import keep_opt_out, keep_report, keep_text
from gateway.turns import Desk
from ledger.db import Database
from menus.say import fill

log = structlog.get_logger()
hooks = Blueprint("hooks", __name__, url_prefix="/hooks/<secret>/<name>")


class Door:
    """What the webhooks need; kept in `app.extensions["door"]`."""

    def __init__(self, secrets: Sequence[str], providers: Sequence[Provider], db: Database, desk: Desk, bell: Doorbell):
        self._secrets = [secret.encode() for secret in secrets]
        self._providers = {provider.name: provider for provider in providers}
        self.db = db
        self.desk = desk
        self.bell = bell

    def provider(self, secret: str, name: str) -> Provider:
        """The provider of a path; 404 for a wrong secret (compared in constant time) as for an unknown name."""
        given = secret.encode()
        right = [hmac.compare_digest(given, one) for one in self._secrets]
        provider = self._providers.get(name)
        if not any(right) or provider is None:
            abort(404)
        return provider


def _door() -> Door:
    door: Door = current_app.extensions["door"]
    return door


def _plain(text: str, status: int = 200) -> Response:
    return Response(text, status, content_type="text/plain; charset=utf-8")


@hooks.post("/ussd", strict_slashes=False)
def ussd(secret: str, name: str) -> Response:
    """One hop: the answer is a page, always with status 200."""
    door = _door()
    provider = door.provider(secret, name)
    turn = provider.ussd_turn(request.form)
    try:
        reply = door.desk.answer(turn)
    except Exception as error:
        log.exception("hop failed", error=type(error).__name__, phone=shortened(turn.phone))
        reply = UssdReply(fill("try_again", "page", language_for(turn.phone), {}), more=False)
    return _plain(provider.ussd_answer(reply))


@hooks.post("/ussd-events", strict_slashes=False)
def ussd_events(secret: str, name: str) -> Response:
    """The end of a session: counted and logged, nothing else. Calls close by their time limit."""
    ended = _door().provider(secret, name).session_end(request.form)
    log.info("call ended", status=ended.status, hops=ended.hops, ms=ended.duration_ms, error=ended.error)
    return _plain("OK")


@hooks.post("/sms", strict_slashes=False)
def sms(secret: str, name: str) -> Response:
    """An incoming text: 200 only after it is stored, then a worker is rung."""
    door = _door()
    text = door.provider(secret, name).inbound_sms(request.form)

    def store() -> None:
        with door.db.transaction() as conn:
            new = keep_text(conn, text)
        log.info("text received", new=new, sender=shortened(text.sender))

    return _stored(store, ring="texts")


@hooks.post("/delivery", strict_slashes=False)
def delivery(secret: str, name: str) -> Response:
    """A delivery report."""
    door = _door()
    report = door.provider(secret, name).delivery_report(request.form)

    def store() -> None:
        with door.db.transaction() as conn:
            keep_report(conn, report)

    return _stored(store)


@hooks.post("/opt-out", strict_slashes=False)
def opt_out(secret: str, name: str) -> Response:
    """A phone that wants no more texts."""
    door = _door()
    wish = door.provider(secret, name).opt_out(request.form)

    def store() -> None:
        with door.db.transaction() as conn:
            keep_opt_out(conn, wish)

    return _stored(store)


def _stored(store: Callable[[], None], ring: str | None = None) -> Response:
    """200 once `store` has committed; 503 when it could not, so that the provider sends it again."""
    door = _door()
    try:
        with door.db.deadline(current_app.config["TURN_SECONDS"]):
            store()
    except psycopg.Error as error:
        log.error("webhook not stored", path=request.endpoint, error=type(error).__name__)
        return _plain("not stored, please send again", 503)
    if ring:
        door.bell.ring(ring)
    return _plain("OK")


@hooks.errorhandler(BadRequest)
def bad_request(error: BadRequest) -> Response:
    """A request that is not the provider's: the field is named, its content is not repeated."""
    return _plain(str(error), 400)


def plain_error(error: HTTPException) -> Response:
    """Short and plain, for the whole application; never the path, which holds the secret."""
    return _plain(error.name, error.code or 500)
