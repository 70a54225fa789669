"""What screens may ask of the outside during one hop: books to read, ids to mint, PINs and first codes, which are
compared or kept out here."""

from __future__ import annotations

from uuid import UUID

from gateway.directory import books_of
from gateway.first_codes import FirstCodes
from gateway.hops import minted
from gateway.phones import e164
from gateway.pins import Pins, acceptable, has_form
from ledger import requests
from ledger.books import Book
from ledger.checks import Refused
from ledger.db import Conn, Database, lock_group
from menus import telling_person
from menus.sessions import Turn
from menus.state import Membership, PinState, Verdict


class Reading:
    """One hop's view of the outside; `menus.state.World` says what it is for."""

    def __init__(self, db: Database, turn: Turn, pins: Pins, codes: FirstCodes):
        self._db = db
        self._turn = turn
        self._pins = pins
        self._codes = codes
        self._books: dict[int, Book] = {}

    def book(self, group_id: int) -> Book:
        """Read access to a group's book, over this thread's connection."""
        if group_id not in self._books:
            self._books[group_id] = Book(self._db.connection(), group_id)
        return self._books[group_id]

    def mint(self) -> UUID:
        """The id of the command behind the page this hop shows: a repeat of the hop, in whatever process, mints the same."""
        return minted(self._turn)

    def phone(self, written: str, country: str) -> str:
        """A phone number in the form of the directory."""
        return e164(written, country)

    def pin(self, who: Membership) -> PinState:
        """Whether she has a PIN, and may try it."""
        return self._pins.stands(self._db.connection(), who.group_id, who.member)

    def check_pin(self, who: Membership, typed: str) -> Verdict:
        """Compare. The try is committed before its answer is known to anybody."""
        with self._db.transaction() as conn:
            return self._pins.check(conn, who.group_id, who.member, self._turn.key, self._turn.digest, typed)

    def sealed_pin(self, who: Membership, typed: str) -> str:
        """A keyed hash, if the PIN is one that may be chosen."""
        if not has_form(typed):
            raise Refused("pin_form")
        if not acceptable(typed):
            raise Refused("pin_weak")
        return self._sealed(who, typed)

    def new_pin(self, who: Membership, typed: str, sealed: str, tell: bool) -> None:
        """Keep it, and tell her by text. Who chooses her first one on a shared phone has typed her first code in this call, and is told of to the
        officers. All of it once a hop."""
        if self._sealed(who, typed) != sealed:
            raise Refused("pin_differs")
        with self._db.transaction() as conn:
            lock_group(conn, who.group_id)
            first = self._pins.stands(conn, who.group_id, who.member) == "none"
            if first and self._shared(conn, who.group_id) and not self._codes.proven(conn, who.group_id, who.member, self._turn.key):
                raise Refused("first_code_gone")
            if self._pins.set(conn, who.group_id, who.member, self._turn.digest, typed):
                book = Book(conn, who.group_id)
                texts = telling_person.pin_chosen(book, who.member, first) + (telling_person.first_pin(book, who.member) if first and tell else [])
                requests.write_texts(conn, who.group_id, texts)

    def first_code(self, who: Membership) -> PinState:
        """Whether a first code of hers is valid, and may be tried."""
        return self._codes.stands(self._db.connection(), who.group_id, who.member)

    def try_first_code(self, who: Membership, typed: str) -> Verdict:
        """Compare. The try is committed before its answer is known to anybody."""
        with self._db.transaction() as conn:
            lock_group(conn, who.group_id)
            return self._codes.check(conn, who.group_id, who.member, self._turn.key, self._turn.digest, typed)

    def _shared(self, conn: Conn, group_id: int) -> bool:
        """Whether several members of the group answer this phone."""
        return sum(book.group_id == group_id for book in books_of(conn, self._turn.phone)) > 1

    def _sealed(self, who: Membership, typed: str) -> str:
        return self._pins.sealed(who.group_id, who.member, self._turn.key, typed)
