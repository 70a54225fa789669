"""First codes: six digits that an officer tells a member face to face, so that on a shared phone nobody else chooses her first PIN.

A code lets one PIN be chosen, for seven days; a newer one voids it, and so does any PIN she chooses. It is reckoned from the pepper and the id
of the command that asked for it, so a repeat of the hop shows the same again though it is kept nowhere: the database has its argon2id,
Redis a page with `menus.facts_person.CODE_HERE` in its place.
"""

from __future__ import annotations

import hmac
from hashlib import sha256
from typing import Any
from uuid import UUID

from gateway.pins import HASHER, WRONG_IN_A_DAY, same
from ledger import first_codes
from ledger.books import Book
from ledger.checks import Refused
from ledger.commands import GiveFirstCode
from ledger.db import Conn
from ledger.journal import CommandConflict
from menus.facts_person import CODE_HERE
from menus.state import PinState, State, Verdict

DIGITS = 6
VALID_DAYS = 7
GIVEN_IN_A_DAY = 5  # to one member
SHOWN_ON = "first_code_made"

_VALID = """
select c.code_no, c.code_hash,
       (select count(*) from first_code_try t where t.group_id = c.group_id and t.member = c.member and t.code_no = c.code_no
           and not t.was_right and t.tried_at > now() - interval '24 hours') as wrong
  from first_code c
 where c.group_id = %(group)s and c.member = %(member)s and c.given_at > now() - make_interval(days => %(days)s)
   and c.code_no = (select max(code_no) from first_code n where n.group_id = c.group_id and n.member = c.member)
   and c.code_no > (select coalesce(max(codes_void), 0) from pin_chosen p where p.group_id = c.group_id and p.member = c.member)"""


class FirstCodes:
    """Gives and checks first codes, in the caller's transaction and under the group's lock."""

    def __init__(self, pepper: bytes):
        self._pepper = pepper

    def code(self, group_id: int, command_id: UUID) -> str:
        """The digits that belong to a command; whoever lacks the pepper cannot tell them."""
        keyed = hmac.digest(self._pepper, f"first code {group_id} {command_id}".encode(), sha256)
        return f"{int.from_bytes(keyed) % 10**DIGITS:0{DIGITS}}"

    def give(self, conn: Conn, book: Book, wish: GiveFirstCode) -> None:
        """Keep the hash of a new code, once for each command. Raises Refused; CommandConflict for an id used for somebody else."""
        before = conn.execute("select member from first_code where group_id = %s and command_id = %s", (wish.group_id, wish.id)).fetchone()
        if before is not None:
            if before.member != wish.member:
                raise CommandConflict(f"command {wish.id} gave a code to somebody else")
            return
        first_codes.check(book, wish.officer, wish.member)
        self._not_too_many(conn, wish)
        conn.execute(
            """insert into first_code (group_id, member, code_no, command_id, given_by, code_hash)
               select %(group)s, %(member)s, coalesce(max(code_no), 0) + 1, %(id)s, %(officer)s, %(hash)s
                 from first_code where group_id = %(group)s and member = %(member)s""",
            {"group": wish.group_id, "member": wish.member, "id": wish.id, "officer": wish.officer,
             "hash": HASHER.hash(self._peppered(wish.group_id, wish.member, self.code(wish.group_id, wish.id)))},
        )  # fmt: skip

    def stands(self, conn: Conn, group_id: int, member: int) -> PinState:
        """Whether a code of hers is valid now, and may be tried."""
        row = self._valid(conn, group_id, member)
        return "none" if row is None else "locked" if row.wrong >= WRONG_IN_A_DAY else "set"

    def check(self, conn: Conn, group_id: int, member: int, call: str, hop: bytes, typed: str) -> Verdict:
        """Compare once. `call` names the USSD call, `hop` the very hop: walked again from its text it is no second try, and uses nothing up."""
        if len(typed) != DIGITS or not (typed.isascii() and typed.isdigit()):
            return Verdict("form")
        row = self._valid(conn, group_id, member)
        if row is None:
            return Verdict("none")
        wrong = row.wrong
        before = conn.execute(
            "select was_right from first_code_try where group_id = %s and member = %s and code_no = %s and hop = %s",
            (group_id, member, row.code_no, hop),
        ).fetchone()
        if before is not None:
            right = before.was_right
        elif wrong >= WRONG_IN_A_DAY:
            return Verdict("locked")
        else:
            right = same(row.code_hash, self._peppered(group_id, member, typed))
            wrong += not right
            conn.execute(
                "insert into first_code_try (group_id, member, code_no, call, hop, was_right) values (%s, %s, %s, %s, %s, %s)",
                (group_id, member, row.code_no, call, hop, right),
            )
        return Verdict("right") if right else Verdict("locked" if wrong >= WRONG_IN_A_DAY else "wrong", WRONG_IN_A_DAY - wrong)

    def proven(self, conn: Conn, group_id: int, member: int, call: str) -> bool:
        """Whether the valid code was typed in this call."""
        row = self._valid(conn, group_id, member)
        if row is None:
            return False
        found = conn.execute(
            "select 1 from first_code_try where group_id = %s and member = %s and code_no = %s and call = %s and was_right",
            (group_id, member, row.code_no, call),
        ).fetchone()
        return found is not None

    def shown(self, stored: str, state: State) -> str:
        """An answer as the officer reads it: the code in its place on the one page that has it."""
        if state.screen != SHOWN_ON or state.book is None:
            return stored
        return stored.replace(CODE_HERE, self.code(state.book.group_id, UUID(state.command_id)))

    def _not_too_many(self, conn: Conn, wish: GiveFirstCode) -> None:
        row = conn.execute(
            "select count(*) as n from first_code where group_id = %s and member = %s and given_at > now() - interval '24 hours'",
            (wish.group_id, wish.member),
        ).fetchone()
        if row is not None and row.n >= GIVEN_IN_A_DAY:
            raise Refused("first_code_enough", number=wish.member)

    def _valid(self, conn: Conn, group_id: int, member: int) -> Any:
        return conn.execute(_VALID, {"group": group_id, "member": member, "days": VALID_DAYS}).fetchone()

    def _peppered(self, group_id: int, member: int, code: str) -> bytes:
        """Bound to the member: a hash copied to another row fits nobody."""
        return hmac.digest(self._pepper, f"first code of {group_id} {member} {code}".encode(), sha256)
