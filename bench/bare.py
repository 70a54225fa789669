"""The least that a Flask service with a session in Redis can do: read the form, one SET..GET, a page. The same server as ours runs it."""

from __future__ import annotations

import os

import redis
from flask import Flask, Response, request

PAGE = "CON Bench\n1. My balance\n2. Buy shares\n3. Social fund\n4. Repay loan\n5. Pay a fine\n6. Last entries\n7. Language"
SECONDS = 600


def serve() -> Flask:
    """The application."""
    app = Flask(__name__)
    client = redis.Redis.from_url(os.environ["REDIS_URL"])

    @app.post("/ussd")
    def ussd() -> Response:
        client.set("bare:" + request.form["sessionId"], request.form["text"], ex=SECONDS, get=True)
        return Response(PAGE, content_type="text/plain; charset=utf-8")

    @app.get("/ready")
    def ready() -> str:
        return "ready"

    return app
