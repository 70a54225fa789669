"""`flask phone`: a feature phone in the terminal. It talks to the running service over HTTP, as a carrier does, and can save what was said as a
story that the tests play (`tests/walks/`)."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path

import click
import requests

from config import settings
from gateway.cli_common import Failed, reading

SECONDS = 15


class Handset:
    """One phone: dials, presses, hangs up. `heard` is the story so far."""

    def __init__(self, send: Callable[[dict[str, str]], str], phone: str, who: str):
        self._send, self._phone, self._who = send, phone, who
        self._session = self._text = ""
        self.heard: list[str] = []

    @property
    def in_call(self) -> bool:
        """A call is open."""
        return bool(self._session)

    def dial(self) -> str:
        """The first page of a new call."""
        self._session, self._text = f"ATUid_{uuid.uuid4().hex}", ""
        self.heard.append(f"{self._who} dials")
        return self._page()

    def press(self, typed: str) -> str:
        """The page after an answer."""
        self._text = f"{self._text}*{typed}" if self._text else typed
        self.heard.append(f"> {typed}")
        return self._page()

    def _page(self) -> str:
        form = {
            "sessionId": self._session,
            "phoneNumber": self._phone,
            "networkCode": "99999",
            "serviceCode": settings().dial_code,
            "text": self._text,
        }
        kind, _, page = self._send(form).partition(" ")
        if kind == "END":
            self._session = ""
        self.heard += [f"| {line}" for line in page.split("\n")]
        return page


def over_http(url: str) -> Callable[[dict[str, str]], str]:
    """Sends forms to the service's webhook."""
    address = f"{url.rstrip('/')}/hooks/{settings().hook_secrets[0]}/africastalking/ussd"

    def send(form: dict[str, str]) -> str:
        try:
            answer = requests.post(address, data=form, timeout=SECONDS)
        except requests.RequestException:
            raise Failed(f"Nobody answers at {url}: start `make run`") from None
        if answer.status_code != requests.codes.ok:
            raise Failed(f"{url} answers {answer.status_code}: {answer.text[:200]}")
        return answer.text

    return send


def caller(number: str | None) -> tuple[str, str, str]:
    """(phone, member number, the line of a story that founds her group): an ordinary member of the newest demo group, or whose phone it is."""
    with reading() as conn:
        row = conn.execute(
            """select p.phone, m.number from member_phone p join member m on m.group_id = p.group_id and m.number = p.member
                where p.group_id = (select max(group_id) from savings_group where demo) and p.phone = coalesce(%(phone)s, p.phone)
                order by m.roles = '{}' desc, m.number limit 1""",
            {"phone": number},
        ).fetchone()
    if row is None and number is None:
        raise Failed("There is no demo group here; name a NUMBER to dial from")
    return (row.phone, str(row.number), "group demo") if row else (str(number), "12", "group")


@click.command("phone")
@click.argument("number", required=False)
@click.option("--url", help="Where the service is; by default this machine and PORT.")
@click.option("--save", type=click.Path(dir_okay=False, path_type=Path), help="Write what was said to FILE, in the form of tests/walks.")
def phone(number: str | None, url: str | None, save: Path | None) -> None:
    """Dial as NUMBER (by default a member of the demo group). An empty line dials again or hangs up; `q` ends."""
    found, who, group = caller(number)
    handset = Handset(over_http(url or f"http://127.0.0.1:{settings().port}"), found, who)
    click.echo(f"{found}. Type an answer; an empty line hangs up or dials again; q ends.\n")
    click.echo(handset.dial())
    while (typed := click.prompt(">", default="", show_default=False, prompt_suffix=" ").strip()) != "q":
        click.echo(handset.press(typed) if typed and handset.in_call else handset.dial())
    if save:
        save.write_text(f"# Saved from a call\n{group}\n" + "\n".join(handset.heard) + "\n", encoding="utf-8")
        click.echo(f"saved to {save}")
