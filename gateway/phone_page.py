"""The phone page of development: two feature phones that use the same webhooks as a real carrier."""

from __future__ import annotations

from flask import Blueprint

phone_page = Blueprint("phone_page", __name__, url_prefix="/phone")
