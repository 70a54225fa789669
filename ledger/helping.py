"""Who gets the texts of a member without a phone: the helper she named. One rule for the group file, the operator and the officers' phones."""

from __future__ import annotations

from collections.abc import Collection

from ledger.books import Book
from ledger.checks import Refused
from ledger.db import Conn


def fault(member: int, helper: int, members: Collection[int], with_phones: Collection[int]) -> str:
    """Why `helper` may not be hers, by the name of the sentence; "" when she may. 0 is nobody, and may always be said.

    >>> [fault(12, helper, {7, 9, 12}, {7}) for helper in (7, 0, 13, 12, 9)], fault(7, 9, {7, 9}, {7, 9})
    (['', '', 'no_such_member', 'helper_herself', 'helper_no_phone'], 'helper_not_needed')
    """
    if helper == 0:
        return ""
    if helper not in members:
        return "no_such_member"
    if helper == member:
        return "helper_herself"
    if helper not in with_phones:
        return "helper_no_phone"
    return "helper_not_needed" if member in with_phones else ""


def check(book: Book, member: int, helper: int) -> None:
    """Raises Refused when `helper` may not be the helper of `member`."""
    here = {one.number for one in book.members().values() if not one.left}
    why = fault(member, helper, here, book.hands())
    if why:
        raise Refused(why, number=member if why == "helper_not_needed" else helper)


def named(conn: Conn, group_id: int) -> dict[int, int]:
    """{member: her helper} of those who named one."""
    rows = conn.execute("select number, helper from member where group_id = %s and helper <> 0 order by number", (group_id,))
    return {row.number: row.helper for row in rows}
