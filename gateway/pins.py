"""PINs: four to six digits that only argon2id and a pepper outside the database can compare. They are compared and forgotten: no log, no session,
no row ever holds one.

Three wrong in a call end it; five in a day lock the member until two officers let her try again.
"""

from __future__ import annotations

import hmac
import itertools
import re
from hashlib import sha256

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ledger.db import Conn
from menus.state import PinState, Verdict

WRONG_IN_A_CALL = 3
WRONG_IN_A_DAY = 5
_PIN = re.compile(r"[0-9]{4,6}")
# 19 MiB and two passes: what a web process can afford on a small server (about 25 ms), within the published recommendations.
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

_WRONG = """
select count(*) filter (where not was_right and tried_at > now() - interval '24 hours'
         and tried_at > coalesce((select max(unlocked_at) from pin_unlock u
                                   where u.group_id = %(group)s and u.member = %(member)s), '-infinity')) as day,
       count(*) filter (where not was_right and call = %(call)s) as call
  from pin_try where group_id = %(group)s and member = %(member)s and tried_at > now() - interval '24 hours'"""


def weak(pin: str) -> bool:
    """Digits that anybody would try first: all alike, a run up or down, a year, a doubled pair.

    >>> [weak(pin) for pin in ("1111", "1234", "987654", "1987", "2012", "1212", "7305", "48213")]
    [True, True, True, True, True, True, False, False]
    """
    steps = {(int(b) - int(a)) % 10 for a, b in itertools.pairwise(pin)}
    year = len(pin) == 4 and pin[:2] in ("19", "20")
    return (len(steps) == 1 and steps <= {0, 1, 9}) or year or (len(pin) % 2 == 0 and pin == pin[:2] * (len(pin) // 2))


def has_form(pin: str) -> bool:
    """Four to six ASCII digits."""
    return _PIN.fullmatch(pin) is not None


def acceptable(pin: str) -> bool:
    """Four to six ASCII digits that are not weak."""
    return has_form(pin) and not weak(pin)


class Pins:
    """Sets and checks PINs, in the caller's transaction. Every try is counted before its answer is given."""

    def __init__(self, pepper: bytes):
        self._pepper = pepper

    def stands(self, conn: Conn, group_id: int, member: int) -> PinState:
        """Whether she has chosen one, and may try it."""
        if conn.execute("select 1 from member_pin where group_id = %s and member = %s", (group_id, member)).fetchone() is None:
            return "none"
        return "locked" if self._wrong(conn, group_id, member, "")[0] >= WRONG_IN_A_DAY else "set"

    def set(self, conn: Conn, group_id: int, member: int, hop: bytes, pin: str) -> bool:
        """Set or change it; False for a repeat of the hop that did. Raises ValueError for one that is not acceptable."""
        if not acceptable(pin):
            raise ValueError("four to six digits that are not easily guessed")
        new = conn.execute(
            """insert into pin_chosen (group_id, member, hop, codes_void)
               select %(group)s, %(member)s, %(hop)s, coalesce(max(code_no), 0) from first_code where group_id = %(group)s and member = %(member)s
               on conflict do nothing returning member""",
            {"group": group_id, "member": member, "hop": hop},
        ).fetchone()
        if new is None:
            return False
        conn.execute(
            """insert into member_pin (group_id, member, pin_hash) values (%s, %s, %s)
               on conflict (group_id, member) do update set pin_hash = excluded.pin_hash, set_at = clock_timestamp()""",
            (group_id, member, HASHER.hash(self._peppered(group_id, member, pin))),
        )
        return True

    def check(self, conn: Conn, group_id: int, member: int, call: str, hop: bytes, typed: str) -> Verdict:
        """Compare once. `call` names the USSD call, for the count of three; `hop` the very hop, whose repeat is no second try. Of several at
        once each waits for the one before."""
        if not has_form(typed):
            return Verdict("form")
        row = conn.execute("select pin_hash from member_pin where group_id = %s and member = %s for update", (group_id, member)).fetchone()
        if row is None:
            return Verdict("none")
        day, here = self._wrong(conn, group_id, member, call)
        before = conn.execute("select was_right from pin_try where group_id = %s and member = %s and hop = %s", (group_id, member, hop)).fetchone()
        if before is None:
            if day >= WRONG_IN_A_DAY:
                return Verdict("locked")
            if here >= WRONG_IN_A_CALL:
                return Verdict("ended")
            right = same(row.pin_hash, self._peppered(group_id, member, typed))
            conn.execute(
                "insert into pin_try (group_id, member, call, hop, was_right) values (%s, %s, %s, %s, %s)", (group_id, member, call, hop, right)
            )
            day, here = day + (not right), here + (not right)
        else:
            right = before.was_right
        if right:
            return Verdict("right")
        left = min(WRONG_IN_A_DAY - day, WRONG_IN_A_CALL - here)
        return Verdict("locked" if day >= WRONG_IN_A_DAY else "ended" if here >= WRONG_IN_A_CALL else "wrong", left)

    def sealed(self, group_id: int, member: int, call: str, typed: str) -> str:
        """What a call keeps of a PIN until it is typed again: good for comparing within this call, and for nothing else."""
        return hmac.digest(self._pepper, f"again {group_id} {member} {call} {typed}".encode(), sha256).hex()

    def _wrong(self, conn: Conn, group_id: int, member: int, call: str) -> tuple[int, int]:
        row = conn.execute(_WRONG, {"group": group_id, "member": member, "call": call}).fetchone()
        assert row is not None
        return row.day, row.call

    def _peppered(self, group_id: int, member: int, pin: str) -> bytes:
        """Bound to the member: a hash copied to another row fits nobody."""
        return hmac.digest(self._pepper, f"pin {group_id} {member} {pin}".encode(), sha256)


def same(stored: str, peppered: bytes) -> bool:
    """Whether a stored hash is that of these bytes."""
    try:
        return HASHER.verify(stored, peppered)
    except (VerificationError, InvalidHashError):
        return False


def forget(conn: Conn, group_id: int, member: int, request_no: int) -> None:
    """Two officers took it away and let her try again: she chooses a new one."""
    conn.execute("delete from member_pin where group_id = %s and member = %s", (group_id, member))
    conn.execute("insert into pin_unlock (group_id, member, request_no) values (%s, %s, %s)", (group_id, member, request_no))
