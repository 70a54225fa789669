"""Who may give whom a first code: what a member types on a shared phone before she chooses her first PIN, so that nobody chooses it for her."""

from __future__ import annotations

from collections.abc import Mapping

from ledger.books import Book
from ledger.checks import Refused

GIVERS = ("record_keeper", "chair", "treasurer")


def check(book: Book, officer: int, member: int) -> None:
    """Raises Refused when `officer` may not give this member a code, or she needs none. Officer 0 is the operator.

    Never for oneself, nor for whoever answers from the officer's own phone: she could type it herself.
    """
    giver, her, hands = book.member(officer) if officer else None, book.member(member), book.hands()
    if her is None:
        raise Refused("no_such_member", number=member)
    if her.left:
        raise Refused("member_left", number=member)
    if officer and (giver is None or not set(GIVERS) & set(giver.roles)):
        raise Refused("not_your_office")
    if officer == member:
        raise Refused("not_for_herself")
    if not shares(hands, member):
        raise Refused("shares_no_phone", number=member)
    if hands.get(officer, set()) & hands[member]:
        raise Refused("code_same_phone", number=member)
    row = book.conn.execute("select 1 from member_pin where group_id = %s and member = %s", (book.group_id, member)).fetchone()
    if row is not None:
        raise Refused("has_a_pin", number=member)


def shares(hands: Mapping[int, set[str]], member: int) -> bool:
    """Whether another member answers from a phone of hers, too; `hands` as Book.hands() gives them.

    >>> [shares({7: {"a"}, 9: {"b"}, 12: {"a", "c"}}, member) for member in (7, 9, 12, 13)]
    [True, False, True, False]
    """
    return any(hers & hands.get(member, set()) for other, hers in hands.items() if other != member)
