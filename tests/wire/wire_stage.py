"""One vector, played: its village, its bindings, its requests in order, and what the book looked like before."""

from __future__ import annotations

import json
import re
import time
import unicodedata
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import groupby
from typing import Any
from urllib.parse import quote, urlencode

from people import Village, new_session
from stand_in import StandIn
from wire_site import API_KEY, FORM, SHORTCODE, Answer, Site, at_once

ROUTES = {"USSD": "ussd", "USSD_EVENT": "ussd-events", "SMS_IN": "sms", "DLR": "delivery", "OPTOUT": "opt-out", "SUBSCRIPTION": "subscription"}
VARIANTS = ("_WITHOUT_SECRET", "_WRONG_SECRET", "_TRAILING_SLASH", "_HTTP_SCHEME")
MEMBER, OTHER, TREASURER = 12, 7, 3
UNITS_OF_MONEY_PATH = 3
FIXED = {
    "SERVICE_CODE": "*384*44135#", "NETWORK": "63902", "SHORTCODE": SHORTCODE, "SENDER_ID": "DIALBOOK", "PHONE_X": "+254733000111", "API_KEY": API_KEY,
    "MONEY_PATH": f"2*{UNITS_OF_MONEY_PATH}", "COMMIT": "1", "AMOUNT_PATH": "3", "LONG_LIST_PATH": "8", "APPROVE_PATH": "8*1*1",
    "TEXT_PATH": "3",  # no question takes free text; this one is answered by typing, and what is not a number is refused
    "PIN_PATH": f"2*{UNITS_OF_MONEY_PATH}*1", "PIN_OK": "730518", "PIN_BAD": "826407",
    "BACK": "0", "HOME": "00", "NEXT": "9", "INVALID_CHOICE": "77",
    "YES": "OK", "yes": "ok", "Yes": "Ok", "NO": "NO", "YES_UNACCENTED": "co",
    "YES_ACCENTED_NFC": unicodedata.normalize("NFC", "có"), "YES_ACCENTED_NFD": unicodedata.normalize("NFD", "có"),
    "LONG_150_GSM_TEXT": ("Thank you sister, see you at the meeting. " * 4)[:150],
}  # fmt: skip

_BOOK = """
select (select count(*) from entry) as entries, (select count(*) from line) as lines, (select count(*) from request) as requests,
       (select count(*) from approval) as words,
       (select md5(string_agg(a::text, ',' order by a.group_id, a.account)) from account a) as balances"""
_PEOPLE = (
    "select (select count(*) from member) as members, (select count(*) from member_phone) as phones, (select count(*) from savings_group) as groups"
)


class Stage:
    """Plays the steps of one vector. `check` is called with (property, its argument, step number, answers) for each expectation."""

    def __init__(self, site: Site, vector: dict[str, Any], village: Village | None = None):
        self.site, self.vector = site, vector
        self._needs = json.dumps(vector)
        self.member = TREASURER if "LONG_LIST_PATH" in self._needs else MEMBER
        self.village = village or site.found()
        self.answers: dict[int, list[Answer]] = {}
        self.crawled: list[tuple[str, str, Answer]] = []  # (language, screen, page)
        self.listed: dict[str, str] = {}  # the numbered lines of the last list that a phone was shown
        self.text_no: int | None = None  # of the outbox row that the vector is about
        self.kept: dict[str, Any] = {}  # what a trigger leaves for a later one
        self.frozen: Callable[[], None] | None = None
        self.closing = ExitStack()
        self.bindings = self._bindings()
        self._arrange()
        site.stand_in.clear()
        self.look()

    def look(self) -> None:
        """Remember how everything stands now."""
        self.before, self.people_before, self.calls_before = self.book(), self.people(), self.site.calls()
        self.entries_before, self.requests_before = self.village.entries(), len(self.village.outcomes())
        self.texts_before = self._last_text()
        self.tables_before = self.tables() if "TABLES_INTACT" in self._needs else {}
        self.all_texts_before = self.site.rows("select count(*) as n from outbox")[0].n

    # ---- what is there

    def book(self) -> Any:
        return self.site.rows(_BOOK)[0]

    def tables(self) -> dict[str, tuple[str, int]]:
        """Columns and number of rows of every table."""
        query = "select table_name as name, string_agg(column_name || ' ' || data_type, ',' order by ordinal_position) as columns from"
        found = self.site.rows(query + " information_schema.columns where table_schema = 'public' group by table_name")
        return {row.name: (row.columns, self.site.rows(f'select count(*) as n from "{row.name}"')[0].n) for row in found}

    def people(self) -> Any:
        return self.site.rows(_PEOPLE)[0]

    def effects(self) -> int:
        """Business effects in this village: requests written down and entries posted."""
        return (self.village.entries() - self.entries_before) + (len(self.village.outcomes()) - self.requests_before)

    def texts(self, member: int | None = None) -> list[Any]:
        """Texts written in this village since `look`."""
        query = "select member, purpose, text, request_no, entry_no, state from outbox where group_id = %s and message_no > %s order by message_no"
        return [row for row in self.village.rows(query, self.texts_before) if member in (None, row.member)]

    def _last_text(self) -> int:
        return self.village.rows("select coalesce(max(message_no), 0) as n from outbox where group_id = %s")[0].n

    def text_row(self) -> Any:
        """The outbox row that the vector is about."""
        assert self.text_no is not None, "no step wrote a text"
        [row] = self.village.rows("select * from outbox where group_id = %s and message_no = %s", self.text_no)
        return row

    def sends(self, text: str | None = None) -> list[Any]:
        """Send requests the carrier got for this village's phones (of this text only)."""
        mine = set(self.village.phones.values())
        found = [r for r in self.site.stand_in.requests if r.method == "POST" and r.form.get("to") in mine]
        return [r for r in found if text in (None, r.form.get("message"))]

    # ---- bindings and setup

    def _bindings(self) -> dict[str, Any]:
        phones = self.village.phones
        found: dict[str, Any] = dict(FIXED) | {"OUT_ID": "ATXid_" + uuid.uuid4().hex}
        found |= {"PHONE_A": phones[self.member], "PHONE_B": phones[OTHER], "PHONE_T": phones[TREASURER]}
        found |= {f"SESSION_{n}": new_session() for n in range(1, 5)} | {f"MSGID_{n}": str(uuid.uuid4()) for n in range(1, 5)}
        for name in ("PHONE_A", "PHONE_B", "PHONE_T", "PHONE_X"):
            found |= {f"{name}_NOPLUS": found[name][1:], f"{name}_LOCAL": "0" + found[name][3:]}
        if "OTHER_PORT" in self._needs:
            self.other_host = self.closing.enter_context(StandIn())
            found["OTHER_PORT"] = str(self.other_host.port)
        return found | {f"{name}_ENC": quote(value, safe="") for name, value in found.items() if isinstance(value, str)}

    def _arrange(self) -> None:
        setup = " ".join(self.vector["setup"])
        if "pin_guess" in self._needs:
            assert self.village.dial(MEMBER, "9", "9", "6", FIXED["PIN_OK"], FIXED["PIN_OK"]).startswith("END ")
        if "CODE" in self._needs.replace("SERVICE_CODE", ""):
            self.village.dial(MEMBER, "2", str(UNITS_OF_MONEY_PATH), "1")
            self._bind_code("CODE")
        if "{{CODE_2}}" in self._needs:
            self.village.dial(OTHER, "3", "5000", "1")
            self._bind_code("CODE_2")
        self.site.work()
        if "expired" in setup:
            self._let_time_pass()
            if "one hour ago" in setup:
                self.site.work()  # by then it has been settled as expired; otherwise the text comes first
        if "lost the role" in setup:
            self.site.rewrite("update member set roles = '{}' where group_id = %s and number = %s", self.village.group_id, TREASURER)
        if self.member == TREASURER:
            for amount in range(1000, 1012):
                self.village.dial(MEMBER, "3", str(amount), "1")
            self.site.work()
        if "OUT_STATE_UNCHANGED" in self.vector["final"]:
            from wire_triggers import accepted_text

            accepted_text(self)

    def _bind_code(self, name: str) -> None:
        code = self.village.code_of(TREASURER)
        taken = {row.code for row in self.village.rows("select code from approver where group_id = %s")}
        self.bindings |= {
            name: code,
            "CODE_FULLWIDTH": "".join(chr(0xFF10 + int(d)) for d in code),
            "CODE_ARABIC": "".join(chr(0x0660 + int(d)) for d in code),
            "CODE_WITH_O_FOR_0": code[:2] + "O" + code[3:],  # no code holds a 0; a letter in place of any digit must not be guessed at
            "WRONG_CODE": next(other for other in ("23456", "34567", "45678") if other not in taken),
        }

    def _let_time_pass(self) -> None:
        self.site.rewrite("update waiting set expires_at = clock_timestamp() - interval '1 hour' where group_id = %s", self.village.group_id)
        self.site.rewrite(
            "update request set asked_at = asked_at - interval '25 hours', expires_at = clock_timestamp() - interval '1 hour' where group_id = %s",
            self.village.group_id,
        )

    def fill(self, value: Any) -> Any:
        """A value with its bindings put in. A name nobody bound fails the vector."""
        if isinstance(value, dict):
            return {key: self.fill(one) for key, one in value.items()}
        if isinstance(value, list):
            return [self.fill(one) for one in value]
        return re.sub(r"\{\{(\w+)\}\}", lambda m: self.bindings[m[1]], value) if isinstance(value, str) else value

    # ---- requests

    def path(self, to: str) -> str:
        """The path of a target and its variant."""
        variant = next((v for v in VARIANTS if to.endswith(v)), "")
        route, secret = ROUTES[to.removesuffix(variant)], {"_WRONG_SECRET": "wrong-secret-0123456789/"}.get(variant, f"{self.site.secret}/")
        return f"/hooks/{'' if variant == '_WITHOUT_SECRET' else secret}africastalking/{route}{'/' if variant == '_TRAILING_SLASH' else ''}"

    def send(self, step: dict[str, Any]) -> Answer:
        """One request as its step describes it."""
        path, method = self.path(step["to"]), step.get("method", "POST")
        data = self.fill(step["raw"]) if "raw" in step else urlencode(self.fill(step.get("form", {})))
        if "query" in step:
            path += "?" + urlencode(self.fill(step["query"]))
        headers = {"X-Forwarded-Proto": "http"} if step["to"].endswith("_HTTP_SCHEME") else {}
        answer = self.site.client.open(path, method=method, data=data.encode(), content_type=step.get("content_type", FORM), headers=headers)
        self._note_list(answer)
        return answer

    def ussd(self, text: str, *, session: str = "{{SESSION_1}}", phone: str = "{{PHONE_A}}") -> Answer:
        """One hop of the ordinary kind."""
        form = {"sessionId": session, "phoneNumber": phone, "networkCode": "{{NETWORK}}", "serviceCode": "{{SERVICE_CODE}}", "text": text}
        return self.send({"to": "USSD", "form": form})

    def walk(self, path: str, session: str = "{{SESSION_1}}") -> list[Answer]:
        """The first hop and then every prefix of the path."""
        parts = path.split("*")
        return [self.ussd(text, session=session) for text in ("", *("*".join(parts[:n]) for n in range(1, len(parts) + 1)))]

    def _guess(self) -> list[Answer]:
        """One session that types wrong PINs until it is ended."""
        path, pages = self.bindings["PIN_PATH"], self.walk(self.bindings["PIN_PATH"], session := new_session())
        while pages[-1].text.startswith("CON ") and len(pages) < 20:
            path += f"*{self.bindings['PIN_BAD']}"
            pages.append(self.ussd(path, session=session))
        assert pages[-1].text.startswith("END "), pages[-1]
        return pages

    def _note_list(self, answer: Answer) -> None:
        lines = re.findall(r"^(\d+)\. (.*)$", answer.body.decode(errors="replace"), re.MULTILINE)
        if len(lines) > 1:
            self.listed = dict(lines)

    # ---- the play

    def play(self, check: Callable[[Stage, str, int, list[Answer]], None]) -> None:
        """All steps; after each the workers work and its expectations are checked. Then the final ones."""
        with self.closing:
            for batch in _batches(self.vector["steps"]):
                self._run(batch)
                for expected in self.vector["expect"]:
                    for step in batch:
                        if expected["step"] == step["n"]:
                            for name in expected["props"]:
                                check(self, name, step["n"], self.answers[step["n"]])
            for name in self.vector["final"]:
                check(self, name, 0, [answer for found in self.answers.values() for answer in found])
            self.village.verify()

    def _run(self, batch: list[dict[str, Any]]) -> None:
        time.sleep(batch[0].get("after_ms", 0) / 1000)
        if "trigger" in batch[0]:
            from wire_triggers import TRIGGERS

            self.answers[batch[0]["n"]] = []
            TRIGGERS[batch[0]["trigger"]](self, batch[0])
            return
        fault = self._fault(batch[0].get("fault"))
        if "group" in batch[0]:
            copies = [step for step in batch for _ in range(step.get("repeat", 1))]
            got = at_once([lambda step=step: self.send(step) for step in copies])
            for step in batch:
                self.answers[step["n"]] = [answer for copy, answer in zip(copies, got, strict=True) if copy is step]
        else:
            self.answers[batch[0]["n"]] = self._single(batch[0])
        for mend in (fault, self.frozen):
            if mend:
                mend()
        self.frozen = None
        self.site.work()

    def _single(self, step: dict[str, Any]) -> list[Answer]:
        if "walk" in step:
            return self.walk(self.bindings[step["walk"]])
        if "walk_repeat" in step:
            typed = self.fill(step["walk_repeat"]["input"])
            return self.walk("*".join([typed] * step["walk_repeat"]["times"]))
        if "pin_guess_sessions" in step:
            return [page for _ in range(step["pin_guess_sessions"]) for page in self._guess()]
        if "crawl" in step:
            from wire_crawl import crawl

            self.crawled = crawl(self.site)
            return [page for _, _, page in self.crawled]
        return [self.send(step)]

    def _fault(self, name: str | None) -> Callable[[], None] | None:
        if name is None:
            return None
        assert name == "database down", name
        servers = self.site.running.servers
        self.site.owner.execute("checkpoint")  # these servers run without fsync: what was committed must be on disk before the crash
        servers.kill_postgres()

        def mend() -> None:
            servers.restart_postgres()
            self.site.forget_connections()

        return mend


def _batches(steps: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Steps that are sent at once, together; every other step alone."""
    for group, found in groupby(steps, key=lambda step: step.get("group") or step["n"]):
        batch = list(found)
        assert len(batch) == 1 or isinstance(group, str)
        yield batch
