"""A carrier between phones and the service: it posts hops and texts, and posts them again until it is answered."""

from __future__ import annotations

import http.client
import threading
import time
import urllib.parse
import uuid
from dataclasses import dataclass, field

ANSWER_SECONDS = 10  # Africa's Talking waits no longer for a page
SERVICE = "*384*77#"


class Unanswered(Exception):
    """The service did not answer in all the time the carrier had."""


@dataclass
class Tally:
    """Counts of many threads."""

    _counts: dict[str, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, name: str, by: int = 1) -> None:
        with self._lock:
            self._counts[name] = self._counts.get(name, 0) + by

    def __getitem__(self, name: str) -> int:
        with self._lock:
            return self._counts.get(name, 0)


class Carrier:
    """Posts forms to one service as Africa's Talking does."""

    def __init__(self, port: int, secret: str, patience: float = 40.0):
        self._port, self._path, self._patience = port, f"/hooks/{secret}/africastalking/", patience
        self.tally = Tally()

    def hop(self, phone: str, session: str, text: str) -> str:
        """One hop, the same request again until a page comes back."""
        form = {"sessionId": session, "phoneNumber": phone, "networkCode": "63902", "serviceCode": SERVICE, "text": text}
        self.tally.add("hops")
        return self._until_answered("ussd", form)

    def text(self, phone: str, words: str, message_id: str) -> None:
        """One text, again and again until it is acknowledged."""
        form = {"from": phone, "to": "20880", "text": words, "id": message_id, "date": "2026-01-05 09:00:00", "linkId": "", "networkCode": "63902"}
        self.tally.add("texts")
        self._until_answered("sms", form)

    def once(self, hook: str, form: dict[str, str]) -> tuple[int, str]:
        """(status, body) of one request; (0, "") when the connection failed."""
        line = http.client.HTTPConnection("127.0.0.1", self._port, timeout=ANSWER_SECONDS)
        try:
            line.request("POST", self._path + hook, urllib.parse.urlencode(form), {"Content-Type": "application/x-www-form-urlencoded"})
            answer = line.getresponse()
            return answer.status, answer.read().decode()
        except (OSError, http.client.HTTPException):
            return 0, ""
        finally:
            line.close()

    def _until_answered(self, hook: str, form: dict[str, str]) -> str:
        until = time.monotonic() + self._patience
        while time.monotonic() < until:
            status, body = self.once(hook, form)
            if status == 200:
                return body
            assert status in (0, 503), f"{hook}: {status} {body}"
            self.tally.add("repeated")
            time.sleep(0.1)
        raise Unanswered(f"{hook}: {form}")


def new_session() -> str:
    """A session id as Africa's Talking mints them."""
    return "ATUid_" + uuid.uuid4().hex
