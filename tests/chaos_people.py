"""People in a bad hour: members who dial until they are told that it is sent, officers who answer what they are texted, an operator."""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
import threading
import time
import urllib.parse
import uuid
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from chaos_carrier import SERVICE, Carrier, new_session
from serving import PEPPER, ROOT, Served
from stand_in import Accepted, Reply, Request, StandIn

from menus.sessions import Turn

MENU = {"buy_shares": "2", "pay_social_fund": "3", "repay": "4", "pay_fine": "5"}
YES_OR_NO, TWIN = "\n1. Yes\n2. No", "You sent the same just now."
ASKED = re.compile(r"Reply OK ([2-9]{5}) or NO ")
NOTHING_RECORDED = ("othing was recorded", "chua ghi duoc gi")  # English, and what a +84 phone reads when nobody knows who calls
TWICE = 0.10  # of hops and texts come twice
NO_RATE = 0.05
CALLS_MAX, HOPS_MAX = 30, 15
REDIAL_SECONDS = 1.0


@dataclass(frozen=True)
class Wish:
    """What one member wants to pay in: `figure` is shares or money, and no two wishes of a member are alike."""

    code: str
    member: int
    phone: str
    kind: str
    figure: int


@dataclass
class Call:
    """One call as the member lived it."""

    wish: Wish
    session: str
    texts: list[str] = field(default_factory=list)
    page: str = ""
    agreed: bool = False  # she pressed 1 under a confirm page

    @property
    def sent(self) -> bool:
        return self.page.startswith("END Sent to ")

    @property
    def stopped_at_twin(self) -> bool:
        return self.page.startswith("END Nothing was sent")

    @property
    def told_no(self) -> bool:
        return self.agreed and any(words in self.page for words in NOTHING_RECORDED)

    def digest(self, text: str) -> bytes:
        return Turn("africastalking", SERVICE, self.session, self.wish.phone, text, PEPPER.encode()).digest


@dataclass(frozen=True)
class Answered:
    """An officer's text that was acknowledged."""

    phone: str
    asked: str  # the text she answered; codes are used again once they are settled
    yes: bool
    message_id: str


class Members:
    """Dial with all the patience of people; what they lived is in `calls`."""

    def __init__(self, carrier: Carrier, pool: ThreadPoolExecutor, seed: int):
        self.carrier, self.calls = carrier, list[Call]()
        self._pool, self._random, self._lock = pool, random.Random(seed), threading.Lock()

    def pay_in(self, wish: Wish, at: float) -> bool:
        """Dial until she knows that it is sent; False when she gave up."""
        time.sleep(max(0.0, at - time.monotonic()))
        mine: list[Call] = []
        while len(mine) < CALLS_MAX:
            call = self._call(wish, unsure=any(before.agreed for before in mine))
            mine.append(call)
            with self._lock:
                self.calls.append(call)
            if call.sent or call.stopped_at_twin:
                return True
            time.sleep(REDIAL_SECONDS)
        return False

    def _call(self, wish: Wish, unsure: bool) -> Call:
        call = Call(wish, new_session())
        text = ""
        self._hop(call, text)
        while call.page.startswith("CON") and len(call.texts) < HOPS_MAX:
            key = self._key(call, unsure)
            text = f"{text}*{key}" if text else key
            self._hop(call, text)
        return call

    @staticmethod
    def _key(call: Call, unsure: bool) -> str:
        """She reads the page. Under a confirm page that says she sent the same before, she believes it if an earlier call broke off."""
        if YES_OR_NO in call.page:
            call.agreed = not (unsure and TWIN in call.page)
            return "1" if call.agreed else "2"
        return MENU[call.wish.kind] if call.page.startswith("CON Dialbook") else str(call.wish.figure)

    def _hop(self, call: Call, text: str) -> None:
        """One hop; one in ten comes twice, at the same instant or a little later."""
        call.texts.append(text)
        chance = self._random.random()
        same = self._pool.submit(self.carrier.hop, call.wish.phone, call.session, text) if chance < TWICE / 2 else None
        call.page = self.carrier.hop(call.wish.phone, call.session, text)
        later = self.carrier.hop(call.wish.phone, call.session, text) if TWICE / 2 <= chance < TWICE else None
        other = same.result() if same else later
        if other is not None:
            self.carrier.tally.add("hops twice")
            self.carrier.tally.add("twice, answered otherwise", other != call.page)


class WholeRequests(StandIn):
    """The stand-in, which takes no request that a killed sender broke off in the middle of its body."""

    cut = 0

    def take(self, request: Request) -> tuple[Reply, Accepted | None]:
        if len(urllib.parse.urlencode(request.form)) < int(request.headers.get("content-length") or 0):
            self.cut += 1
            return Reply(reset=True), None
        return super().take(request)


class Officers:
    """Read what the stand-in accepted for their phones and answer each question once, now and then twice, seldom with a no."""

    def __init__(self, carrier: Carrier, stand_in: StandIn, pool: ThreadPoolExecutor, seed: int):
        self.answered: list[Answered] = []
        self._carrier, self._stand_in, self._pool, self._random = carrier, stand_in, pool, random.Random(seed)
        self._read, self._seen, self._busy = 0, set[tuple[str, str]](), list[Future[None]]()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="officers", daemon=True)

    def __enter__(self) -> Officers:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stop.set()
        self._thread.join()

    @property
    def idle(self) -> bool:
        """Everything that arrived is read and answered; what an answer raised is raised here."""
        for one in self._busy:
            if one.done():
                one.result()
        return self._read == len(self._stand_in.accepted) and all(one.done() for one in self._busy)

    def _watch(self) -> None:
        while not self._stop.wait(0.1):
            taken = self._stand_in.accepted
            for one in taken[self._read :]:
                if ASKED.search(one.text) and (one.to, one.text) not in self._seen:
                    self._seen.add((one.to, one.text))
                    self._busy.append(self._pool.submit(self._answer, one.to, one.text, self._random.random(), self._random.random()))
            self._read = len(taken)

    def _answer(self, phone: str, asked: str, mood: float, chance: float) -> None:
        yes, message_id = mood >= NO_RATE, str(uuid.uuid4())
        words = f"{'OK' if yes else 'NO'} {ASKED.findall(asked)[0]}"
        same = self._pool.submit(self._carrier.text, phone, words, message_id) if chance < TWICE / 2 else None
        self._carrier.text(phone, words, message_id)
        self.answered.append(Answered(phone, asked, yes, message_id))
        if same:
            same.result()
        elif chance < TWICE:
            self._carrier.text(phone, words, message_id)
        if chance < TWICE:
            self._carrier.tally.add("texts twice")


# The real commands, all in one process: a process for each of fifty messages would cost half a minute.
_OPERATOR = """
import json
from app import create_app
from gateway.cli_outbox import OPEN_TO_OPERATORS
run = lambda *words: create.test_cli_runner().invoke(args=["outbox", *words], catch_exceptions=False)
create = create_app()
again = []
for state in OPEN_TO_OPERATORS:
    for row in json.loads(run("list", "--state", state, "--json").stdout):
        if run("resend", row["group"], str(row["message"])).exit_code == 0:
            again.append([row["group"], row["message"], state])
print(json.dumps(again))
"""


def operator_sends_again(running: Served) -> list[tuple[str, int, str]]:
    """Every message whose fate is unknown or bad goes out once more; (group, message, state it was in)."""
    done = subprocess.run(
        [sys.executable, "-c", _OPERATOR], cwd=ROOT, env=running.environment | {"LOG_LEVEL": "error"}, capture_output=True, text=True, timeout=60, check=False
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [(group, message, state) for group, message, state in json.loads(done.stdout.splitlines()[-1])]


def wait_until(done: Callable[[], bool], seconds: float, pause: float = 0.2) -> bool:
    """Whether `done` came true in time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if done():
            return True
        time.sleep(pause)
    return done()
