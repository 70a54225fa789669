"""One connection per thread, one transaction at a time, and a deadline that holds even when the server is frozen."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import psycopg
import structlog
from psycopg.rows import namedtuple_row

log = structlog.get_logger()
Conn = psycopg.Connection[Any]
CONNECT_SECONDS = 3
STATEMENT_SECONDS = 4
LOCK_SECONDS = 3


class CannotConnect(psycopg.OperationalError):
    """There is no server to ask: whatever was wanted has not happened."""


def outcome_unknown(error: psycopg.OperationalError) -> bool:
    """True when a transaction that ended with this may have been committed: the server went away, instead of saying no."""
    return error.sqlstate is None or error.sqlstate.startswith("57P")


class Database:
    """Hands each thread its own connection, in autocommit; a broken one is replaced at the next use."""

    def __init__(self, dsn: str, application: str = "dialbook"):
        self._dsn = dsn
        self._application = application
        self._mine = _Mine()
        self._watchdog = Watchdog()

    def connection(self) -> Conn:
        """This thread's connection. Raises psycopg.OperationalError when the server cannot be reached."""
        conn = self._mine.slot.conn
        if conn is None or conn.closed or conn.broken or _hung_up(conn):
            self._mine.slot.conn = None
            try:
                conn = self._mine.slot.conn = connect(self._dsn, self._application)
            except psycopg.OperationalError as error:
                raise CannotConnect(str(error)) from None
        return conn

    def connection_lost(self) -> bool:
        """True when this thread's connection is gone, so that whatever was asked last has an unknown outcome."""
        conn = self._mine.slot.conn
        return conn is not None and (conn.closed or conn.broken)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Conn]:
        """Commit at the end, roll back on an error. A connection the server dropped while idle is replaced before anything is asked."""
        conn = self.connection()
        if conn.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
            raise RuntimeError("transactions do not nest")
        with conn.transaction():
            yield conn

    def deadline(self, seconds: float) -> Deadline:
        """Cuts this thread's connection when the block takes longer: a frozen server keeps answering TCP, so no timeout of libpq fires."""
        return Deadline(self._watchdog, self._mine.slot, seconds)

    def close(self) -> None:
        """Close this thread's connection."""
        if self._mine.slot.conn is not None:
            self._mine.slot.conn.close()
            self._mine.slot.conn = None


class _Slot:
    """Where a thread's connection stands, so that the watchdog finds the present one."""

    __slots__ = ("conn",)

    def __init__(self) -> None:
        self.conn: Conn | None = None


class _Mine(threading.local):
    def __init__(self) -> None:
        self.slot = _Slot()


class Deadline:
    """A block that is watched; a class, because a generator for each hop costs more than the watching."""

    __slots__ = ("_seconds", "_slot", "_ticket", "_watchdog")

    def __init__(self, watchdog: Watchdog, slot: _Slot, seconds: float):
        self._watchdog, self._slot, self._seconds, self._ticket = watchdog, slot, seconds, 0

    def __enter__(self) -> None:
        self._ticket = self._watchdog.watch(self._slot, time.monotonic() + self._seconds)

    def __exit__(self, *_: object) -> None:
        self._watchdog.release(self._ticket)


class Watchdog:
    """A thread that looks every quarter second for blocks past their deadline."""

    PAUSE_SECONDS = 0.25

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._watched: dict[int, tuple[_Slot, float]] = {}
        self._next = 0
        self._started = False

    def watch(self, slot: _Slot, until: float) -> int:
        """Watch a thread's connection until the ticket is released."""
        with self._lock:
            self._next += 1
            self._watched[self._next] = (slot, until)
            if not self._started:
                self._started = True
                threading.Thread(target=self._run, name="database-deadline", daemon=True).start()
            return self._next

    def release(self, ticket: int) -> None:
        """The block is over."""
        with self._lock:
            self._watched.pop(ticket, None)

    def _run(self) -> None:
        while True:
            time.sleep(self.PAUSE_SECONDS)
            with self._lock:
                late = [(key, slot) for key, (slot, until) in self._watched.items() if until < time.monotonic()]
                for key, slot in late:
                    del self._watched[key]
                    if slot.conn is not None and not slot.conn.closed:
                        _cut(slot.conn)


def _hung_up(conn: Conn) -> bool:
    """An idle connection on which something can be read was closed by the server: nothing else is ever sent unasked."""
    if conn.info.transaction_status != psycopg.pq.TransactionStatus.IDLE or not select.select([conn.fileno()], [], [], 0)[0]:
        return False
    conn.close()
    return True


def _cut(conn: Conn) -> None:
    """Shut the socket under libpq; the waiting query fails as if the server had gone."""
    with contextlib.suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(conn.fileno())) as wire:
        wire.shutdown(socket.SHUT_RDWR)


def connect(dsn: str, application: str = "dialbook", *, give_up_ownership: bool = True) -> Conn:
    """A connection with limits on everything, as the role that owns nothing (unless an operator's command says otherwise)."""
    options = f"-c statement_timeout={STATEMENT_SECONDS}s -c lock_timeout={LOCK_SECONDS}s -c idle_in_transaction_session_timeout=30s"
    conn = psycopg.connect(
        dsn,
        autocommit=True,
        row_factory=namedtuple_row,
        prepare_threshold=2,
        connect_timeout=CONNECT_SECONDS,
        application_name=application,
        options=options + " -c TimeZone=UTC -c plan_cache_mode=force_generic_plan",
    )
    try:
        if give_up_ownership:
            _give_up_ownership(conn)
    except BaseException:
        conn.close()
        raise
    return conn


def _give_up_ownership(conn: Conn) -> None:
    """A login that owns the tables (one DATABASE_URL for everything) drops to the application's role."""
    row = conn.execute(
        "select current_user = 'dialbook_app' as already, exists (select from pg_roles where rolname = 'dialbook_app') as there"
    ).fetchone()
    if row is not None and row.there and not row.already:
        try:
            conn.execute("set role dialbook_app")
        except psycopg.errors.InsufficientPrivilege:
            log.warning("running as the owner of the tables: this login may not take on the role dialbook_app")


def lock_group(conn: Conn, group_id: int) -> None:
    """Take the group's lock: the first statement of every transaction that writes to its book, its requests or its outbox."""
    if conn.execute("select 1 from book_head where group_id = %s for update", (group_id,)).fetchone() is None:
        raise LookupError(f"no group {group_id}")
