"""The application: the one place that knows every part. `flask` finds it without flags; the web server calls `serve`."""

from __future__ import annotations

import psycopg
from flask import Flask
from werkzeug.exceptions import HTTPException

from config import Settings, settings
from console.pages import console
from gateway.cli import register
from gateway.doorbell import Doorbell
from gateway.health import health
from gateway.hooks import Door, hooks, plain_error
from gateway.logs import set_up_logs
from gateway.phone_page import phone_page
from gateway.providers import provider_named
from gateway.redis_client import redis_client
from gateway.turns import Desk
from ledger.db import Database
from menus.keywords import words
from menus.sessions import Sessions
from menus.texts import catalogue

BODY_BYTES_MAX = 16 * 1024
SECRET_CHARACTERS_MIN = 16


class UnsafeStart(SystemExit):
    """Production with a missing secret, the phone page or the demo group."""


def create_app(here: Settings | None = None) -> Flask:
    """The application with its webhooks, health, console and commands. Connects to nothing yet."""
    here = here or settings()
    set_up_logs(here)
    words()
    catalogue()  # a gap in a language stops the start, not a member's call
    app = Flask(__name__, static_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=BODY_BYTES_MAX, TURN_SECONDS=here.turn_seconds, SETTINGS=here)
    db, client = Database(here.database_dsn, "web"), redis_client(here.redis_dsn)
    bell = Doorbell(client)
    desk = Desk(db, Sessions(client, here.session_seconds), bell, pepper=here.pepper, code_hours=here.code_hours, turn_seconds=here.turn_seconds)
    names = ["africastalking"] if here.production else ["africastalking", "phone"]
    app.extensions.update(db=db, redis=client)
    if not here.production or here.hook_secret:
        app.extensions["door"] = Door(here.hook_secrets, [provider_named(name, here) for name in names], db, desk, bell)
        app.register_blueprint(hooks)
    app.register_error_handler(HTTPException, plain_error)
    app.register_blueprint(health)
    app.register_blueprint(console)
    if not here.production:
        app.register_blueprint(phone_page)
    register(app)
    return app


def serve() -> Flask:
    """What the web server runs: the application, unless starting it would be unsafe."""
    here = settings()
    if here.production:
        refuse_unsafe(here)
    return create_app(here)


def refuse_unsafe(here: Settings) -> None:
    """Raises UnsafeStart, naming everything that is wrong at once."""
    problems = []
    if not here.hook_secret or min(map(len, here.hook_secrets), default=0) < SECRET_CHARACTERS_MIN:
        problems.append(f"HOOK_SECRET: at least {SECRET_CHARACTERS_MIN} characters")
    if not here.pin_pepper or len(here.pepper) < SECRET_CHARACTERS_MIN:
        problems.append(f"PIN_PEPPER: at least {SECRET_CHARACTERS_MIN} characters")
    if here.sms_provider == "phone":
        problems.append("SMS_PROVIDER: a real carrier; `phone` is the simulator")
    if here.sms_provider == "africastalking":
        problems += [f"{name}: required" for name, value in (("AT_USERNAME", here.at_username), ("AT_API_KEY", here.at_api_key)) if not value]
    if not here.console_password:
        problems.append("CONSOLE_PASSWORD: required")
    if _demo_group_there(here):
        problems.append("the demo group is in this database; production needs one of its own")
    if problems:
        raise UnsafeStart("refusing to start in production:\n  " + "\n  ".join(problems))


def _demo_group_there(here: Settings) -> bool:
    db = Database(here.database_dsn, "start")
    try:
        with db.transaction() as conn:
            return conn.execute("select 1 from savings_group where demo limit 1").fetchone() is not None
    except psycopg.Error:
        return False  # readiness says what is wrong with the database
    finally:
        db.close()
