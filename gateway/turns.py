"""One hop of a USSD call: find the call, take the step, write down what it sends, keep the answer. Decides nothing about money itself.

The hop is identified by provider, service, session and the whole text, and bound to the phone. A repeat gets the stored answer and changes
nothing; a text that is neither the next one nor a repeat gets a safe answer; the first text of an unseen call may hold several answers
(a direct dial, or a call whose memory was lost), which are walked up to the first page where a key would count, and never past it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from uuid import UUID

import psycopg
import redis
import structlog

from gateway import at_once
from gateway.directory import books_of, language_for
from gateway.doorbell import Doorbell
from gateway.first_codes import FirstCodes
from gateway.hops import HOPS_MAX, beginnings, minted
from gateway.logs import log_hop
from gateway.messages import UssdReply, UssdTurn
from gateway.phones import shortened
from gateway.pins import Pins
from gateway.reading import Reading
from ledger import meetings, requests
from ledger.books import Book
from ledger.checks import Refused
from ledger.commands import Contest, Decide, Explain, GiveFirstCode, Note, NoteMany, OpenMeeting, Request, SetLanguage, SetShortReceipts, Undo, Wish
from ledger.db import CannotConnect, Conn, Database, lock_group, outcome_unknown
from ledger.journal import CommandConflict
from menus import cut_calls, engine, notices
from menus.engine import Step
from menus.sessions import Call, Sessions, Turn
from menus.state import Membership, State

log = structlog.get_logger()
ANSWERS_MAX = 30  # of one direct dial


PAUSE_SECONDS = 0.2  # between two looks for a database that went away in the middle


class Unsure(Exception):
    """The connection broke at a commit: whether it counted is not known."""


@dataclass(slots=True)
class Voice:
    """The language to say in what no page could say."""

    language: str


class Desk:
    """Answers hops. One for each web process."""

    def __init__(self, db: Database, sessions: Sessions, bell: Doorbell, *, pepper: bytes, code_hours: int, turn_seconds: float):
        self._db = db
        self._sessions = sessions
        self._bell = bell
        self._pepper = pepper
        self._pins = Pins(pepper)
        self._codes = FirstCodes(pepper)
        self._code_hours = code_hours
        self._turn_seconds = turn_seconds

    def _reading(self, turn: Turn) -> Reading:
        return Reading(self._db, turn, self._pins, self._codes)

    def answer(self, call: UssdTurn) -> UssdReply:
        """The page for one hop, whatever happens; nothing is recorded when it says so."""
        started = time.perf_counter()
        turn = Turn(call.provider, call.service, call.session_id, call.phone, call.text, self._pepper)
        voice = Voice(language_for(call.phone))
        try:
            with self._db.deadline(self._turn_seconds):
                stored, screen = self._answer_surely(turn, voice, until=started + self._turn_seconds / 2)
        except (psycopg.Error, Unsure) as error:
            screen = "unsure" if isinstance(error, Unsure) else "try_again"
            log.error("hop without database", error=type(error).__name__, call=turn.key[-8:], phone=shortened(call.phone))
            stored = _sealed(engine.end(State(voice.language, ()), screen))
        log_hop(turn.key[-8:], shortened(call.phone), screen, round((time.perf_counter() - started) * 1000, 1))
        return UssdReply(stored[1:], stored[0] == "C")

    def _answer_surely(self, turn: Turn, voice: Voice, until: float) -> tuple[str, str]:
        """Again while there is time when the connection broke: a hop may be taken any number of times. When it broke at the very commit,
        "nothing was recorded" would be a guess, so somebody has to look, or the caller is told that nobody could."""
        doubt: Unsure | None = None
        while True:
            try:
                return self._answer(turn, voice)
            except (psycopg.OperationalError, Unsure) as error:
                doubt = error if isinstance(error, Unsure) else doubt
                if time.perf_counter() > until or not (doubt or self._db.connection_lost()):
                    raise doubt or error from None
            time.sleep(PAUSE_SECONDS)

    def _answer(self, turn: Turn, voice: Voice) -> tuple[str, str]:
        """(stored form of the answer, name of the screen)."""
        try:
            before = self._sessions.load(turn)
        except redis.RedisError as error:
            log.warning("call without memory", error=type(error).__name__, call=turn.key[-8:])
            before = None
        if before is None:
            stored = self._answered_before_memory_was_lost(turn)
            return (stored, "repeat") if stored else self._take(turn, None, self._dialled(turn))
        if before.phone != turn.phone:
            books = books_of(self._db.connection(), turn.phone)
            return _sealed(engine.end(State(books[0].language if books else language_for(turn.phone), ()), "lost")), "foreign"
        if before.answer is not None:
            return self._codes.shown(before.answer, State.from_json(before.state)), "repeat"
        state = State.from_json(before.state)
        voice.language = state.language
        typed = turn.typed_since(before.heard)
        if typed is None:
            return _sealed(engine.end(state, "lost")), "lost"
        if before.hops >= HOPS_MAX:
            return _sealed(engine.end(state, "too_long")), "too_long"
        return self._take(turn, before, cut_calls.step(state, typed, self._reading(turn)))

    def _take(self, turn: Turn, before: Call | None, step: Step) -> tuple[str, str]:
        """Write down what the step sends, then keep the call. Whoever was faster with this very hop has given the answer."""
        try:
            stored, state = self._carry_out(turn, step)
        except CannotConnect:
            raise  # nothing was sent
        except psycopg.OperationalError as error:
            if step.command is not None and outcome_unknown(error):
                raise Unsure from error
            raise
        try:
            theirs = self._sessions.save(turn, before, state.to_json(), stored, cut_calls.unfinished(state))
        except redis.RedisError as error:
            log.warning("call not kept", error=type(error).__name__, call=turn.key[-8:])
            theirs = None
        if theirs is None or step.command is not None:
            return self._codes.shown(stored, state), state.screen
        return (theirs, "repeat") if theirs else (_sealed(engine.end(state, "lost")), "lost")

    def _dialled(self, turn: Turn) -> Step:
        """An unseen call: its first page, then every answer the text already holds, up to the first confirmation. Each page mints what it
        would have minted by itself."""
        hops = [replace(turn, text=text) for text in beginnings(turn.text)]
        books = books_of(self._db.connection(), turn.phone)
        resumed = self._resumed(books, hops)
        if resumed is not None:
            return resumed
        cut = self._cut(turn, books) if not hops and cut_calls.anybody_keeps(books) else None
        if cut is not None:
            return cut
        step = engine.open_call(books, language_for(turn.phone), self._reading(turn))
        for hop in hops[:ANSWERS_MAX]:
            if step.command is not None or step.state.over or engine.at_confirmation(step.state):
                break
            step = cut_calls.step(step.state, hop.text.rpartition("*")[2], self._reading(hop))
        return step

    def _cut(self, turn: Turn, books: tuple[Membership, ...]) -> Step | None:
        """The offer to go on with the last call of this phone, when it was cut in the middle of a meeting. What it had just been told to note
        may have been noted without its answer being kept: then that is said first."""
        try:
            kept = self._sessions.unfinished(turn)
        except redis.RedisError:
            return None
        was = State.from_json(kept) if kept else None
        if was is None or was.books != books or was.book is None:
            return None
        conn, group = self._db.connection(), was.book.group_id
        if engine.at_confirmation(was) and meetings.done_before(conn, [group], [UUID(was.command_id)]):
            return engine.resume(books, books.index(was.book), "meeting", "noted", self._reading(turn))
        return cut_calls.offer(was) if cut_calls.still(was, meetings.open_now(conn, group) is not None) else None

    def _resumed(self, books: tuple[Membership, ...], hops: list[Turn]) -> Step | None:
        """A call whose memory was lost after it had noted something at a meeting is not walked again, for what it noted would not be asked
        again in the same way: it goes on at the meeting. None for any other call."""
        groups, ids = [book.group_id for book in books], [minted(hop) for hop in hops[:-1]]
        done = meetings.done_before(self._db.connection(), groups, ids) if groups and ids else {}
        keeper = next((at for at, book in enumerate(books) if (book.group_id, book.member) in done.values()), None)
        if keeper is None:
            return self._doubtful(books, hops)
        last = ids[-1] in done and hops[-1].text.endswith("*1")
        return engine.resume(books, keeper, "meeting", "noted" if last else "call_resumed", self._reading(hops[-1]))

    def _doubtful(self, books: tuple[Membership, ...], hops: list[Turn]) -> Step | None:
        """While a meeting is open the keeper's first key may have answered the offer to go on with a call, and not the first page: such a text
        is not walked either."""
        if len(books) != 1 or len(hops) < 2 or not cut_calls.may_be_offered(books[0], hops[0].text):
            return None
        if meetings.open_now(self._db.connection(), books[0].group_id) is None:
            return None
        return engine.resume(books, 0, "meeting", "call_resumed", self._reading(hops[-1]))

    def _answered_before_memory_was_lost(self, turn: Turn) -> str | None:
        """The answer to this very hop when it wrote a request down before Redis forgot the call."""
        if "*" not in turn.text:
            return None
        conn = self._db.connection()
        for book in books_of(conn, turn.phone):
            asked = requests.find_turn(conn, book.group_id, turn.digest)
            if asked is not None:
                return asked.answer
        return None

    def _carry_out(self, turn: Turn, step: Step) -> tuple[str, State]:
        """Everything that matters is committed before the caller is told so."""
        stored = _sealed(step)
        match step.command:
            case Request() as request:
                return self._ask(turn, step, request, stored)
            case Decide() as word:
                return self._give_word(step, word, stored)
            case OpenMeeting() | Note() | NoteMany() | Undo() | Contest() | Explain() | Wish() | GiveFirstCode() as command:
                return self._do_at_once(turn, step, command, stored)
            case SetLanguage() | SetShortReceipts() as chosen:
                with self._db.transaction() as conn:
                    at_once.choose(conn, chosen)
        return stored, step.state

    def _ask(self, turn: Turn, step: Step, request: Request, stored: str) -> tuple[str, State]:
        conflict = False
        try:
            with self._db.transaction() as conn:
                lock_group(conn, request.group_id)
                book = Book(conn, request.group_id)
                try:
                    number, new = requests.ask(
                        conn, book, request, lambda _, approvers: notices.ask_officers(book, request, approvers),
                        hours=self._code_hours, turn=turn.digest, answer=stored,
                    )  # fmt: skip
                    if not new:
                        stored = self._first_answer(conn, request, number) or stored
                except CommandConflict:
                    conflict = True  # the transaction goes on: its evidence is kept
        except Refused as refused:
            no = engine.turned_away(step.state, refused)
            return _sealed(no), no.state
        if conflict:
            return self._conflict(turn, step)
        self._bell.ring("send")
        return stored, step.state

    def _do_at_once(self, turn: Turn, step: Step, command: at_once.AtOnce, stored: str) -> tuple[str, State]:
        group_id = at_once.group_of(command)
        try:
            with self._db.transaction() as conn:
                lock_group(conn, group_id)
                at_once.carry_out(conn, Book(conn, group_id), command, self._codes)
        except Refused as refused:
            no = engine.turned_away(step.state, refused)
            return _sealed(no), no.state
        except CommandConflict:
            return self._conflict(turn, step)
        if isinstance(command, Contest | Explain | Wish):
            self._bell.ring("send")
        return stored, step.state

    @staticmethod
    def _conflict(turn: Turn, step: Step) -> tuple[str, State]:
        log.error("command id used for two things", call=turn.key[-8:])
        no = engine.end(step.state, "try_again")
        return _sealed(no), no.state

    @staticmethod
    def _first_answer(conn: Conn, request: Request, number: int) -> str | None:
        asked = requests.find(conn, request.group_id, number)
        return asked.answer if asked else None

    def _give_word(self, step: Step, word: Decide, stored: str) -> tuple[str, State]:
        with self._db.transaction() as conn:
            lock_group(conn, word.group_id)
            asked = requests.find(conn, word.group_id, word.request_no)
            if asked is not None and asked.outcome is None and not requests.expired(conn, asked):
                requests.give_word(conn, word.group_id, word.request_no, word.officer, word.yes, "ussd")
                asked = requests.find(conn, word.group_id, word.request_no)
        # A repeat of this hop finds its own word and is answered alike.
        if asked is None or not any(a.officer == word.officer and a.yes is word.yes for a in asked.approvers):
            no = engine.end(step.state, "nothing_waits")
            return _sealed(no), no.state
        self._bell.ring("settle", word.group_id)
        return stored, step.state


def _sealed(step: Step) -> str:
    """An answer as it is stored: C or E, then the page."""
    return ("E" if step.state.over else "C") + step.page
