"""The part of the proof that is about what was noted at meetings: the officers agreed to just these notes, and the meeting's entry comes to them."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter
from typing import Any, LiteralString

from ledger.commands import restore
from ledger.db import Conn
from ledger.entry import Reason
from ledger.verify_facts import Facts, Problem, stream_of

_NO_MORE: tuple[int, Iterator[Any]] = (1 << 31, iter(()))
Sums = dict[tuple[int, Reason], int]  # (member or 0, the first of the reasons that count together) -> minor units, or shares

# What a note of a kind comes to: fields of its body and the reason their lines are counted under. Lines of the group's own events name no member.
_OF_MEMBERS: dict[str, tuple[str, Reason]] = {
    "buy_shares": ("units", Reason.SHARE),
    "redeem_shares": ("units", Reason.REDEMPTION),
    "pay_social_fund": ("amount", Reason.SOCIAL_FUND),
    "pay_fine": ("amount", Reason.FINE),
    "waive_fine": ("amount", Reason.FINE_WAIVED),
    "repay": ("amount", Reason.PRINCIPAL),
    "grant_loan": ("amount", Reason.LOAN),
    "grant": ("amount", Reason.GRANT),
    "pay_out": ("amount", Reason.PAYABLE),
    "recover": ("amount", Reason.RECOVERED),
}
_OF_THE_GROUP: dict[str, tuple[tuple[str, Reason], ...]] = {
    "spend": (("amount", Reason.EXPENSE),),
    "receive_other": (("amount", Reason.OTHER_INCOME),),
    "borrow_outside": (("amount", Reason.OUTSIDE_LOAN),),
    "repay_outside": (("amount", Reason.OUTSIDE_REPAID), ("interest", Reason.OUTSIDE_INTEREST)),
    "entrust": (("amount", Reason.ENTRUSTED), ("charge", Reason.ENTRUSTED)),
}
_TOGETHER = {Reason.CATCH_UP: Reason.SHARE, Reason.SERVICE_CHARGE: Reason.PRINCIPAL}
_NOTED = frozenset({reason for _, reason in _OF_MEMBERS.values()} | {reason for many in _OF_THE_GROUP.values() for _, reason in many}) | {
    Reason.TO_BANK,
    Reason.FROM_BANK,
}
_SHARES = (Reason.SHARE, Reason.REDEMPTION)

_NOTES: LiteralString = """
select c.entry_no, n.command_id, n.kind, n.member, n.noted_by, n.body, n.body_hash from meeting_close c
  join meeting_note n on n.group_id = c.group_id and n.meeting_no = c.meeting_no
 where c.group_id = %(group)s and c.entry_no < %(below)s and not exists (
       select from meeting_undo u where u.group_id = n.group_id and u.meeting_no = n.meeting_no and u.note_no = n.note_no)
 order by c.entry_no, n.note_no"""
_LINES: LiteralString = """
select c.entry_no, r.body->>'draft' as draft, m.opened_by, m.loan_meeting,
       (select coalesce(jsonb_agg(jsonb_build_array(l.member, l.reason, l.amount, l.units)), '[]') from line l
         where l.group_id = e.group_id and l.line_no >= e.first_line and l.line_no < e.first_line + e.line_count) as lines,
       array[m.loan_fund_expected, m.loan_fund_counted, m.social_fund_expected, m.social_fund_counted]::text[] || m.why as opening,
       e.annex::jsonb->'meeting'->'opening' as hashed, e.annex::jsonb->'meeting'->'opened_by' as by
  from meeting_close c join entry e on e.group_id = c.group_id and e.entry_no = c.entry_no
  left join meeting m on m.group_id = c.group_id and m.meeting_no = c.meeting_no
  left join request r on r.group_id = e.group_id and r.command_id = e.command_id and r.kind = 'close_meeting'
 where c.group_id = %(group)s and e.entry_no < %(below)s order by c.entry_no"""


def note_faults(conn: Conn, facts: Facts, below: int) -> Iterator[Problem]:
    """Meetings whose notes are not those that were agreed to, or not what was posted; of entries below `below`."""
    notes = groupby(stream_of(conn, _NOTES, facts.group_id, below=below), attrgetter("entry_no"))
    entry_no, mine = next(notes, _NO_MORE)
    for row in stream_of(conn, _LINES, facts.group_id, below=below):
        while entry_no < row.entry_no:
            entry_no, mine = next(notes, _NO_MORE)
        for what in _faults(row, list(mine) if entry_no == row.entry_no else [], facts.group_id):
            yield Problem(row.entry_no, what)


def _faults(row: Any, notes: list[Any], group_id: int) -> Iterator[str]:
    if row.opening is None or [str(one) for one in row.hashed or ()] != row.opening or row.by != row.opened_by:
        yield "was not opened as its meeting was"
    said, noted = [], Sums()
    for note in notes:
        try:
            request = restore(note.kind, note.command_id, group_id, note.member, note.noted_by, note.body)
        except (KeyError, TypeError, ValueError):
            yield f"a note of {note.kind} is not what was noted"
            return
        if request.body_hash() != bytes(note.body_hash):
            yield f"a note of {note.kind} is not what was noted"
        said.append(request.id.bytes + request.body_hash())
        _add(noted, note)
    if hashlib.sha256(b"".join(sorted(said))).hexdigest() != row.draft:
        yield "closes other notes than were agreed to"
    booked = _booked(row.lines)
    for member, reason in sorted(noted.keys() | booked.keys()):
        if noted.get((member, reason), 0) != booked.get((member, reason), 0):
            what = f"{reason.name.lower().replace('_', ' ')}{f' of member {member}' if member else ''}"
            yield f"comes to {booked.get((member, reason), 0)} for {what}, {noted.get((member, reason), 0)} was noted"


def _add(sums: Sums, note: Any) -> None:
    """What a note comes to."""
    parts: list[tuple[int, Reason, int]] = []
    if note.kind in _OF_MEMBERS:
        name, reason = _OF_MEMBERS[note.kind]
        parts.append((note.member, reason, note.body[name]))
    for name, reason in _OF_THE_GROUP.get(note.kind, ()):
        parts.append((0, reason, note.body.get(name, 0)))
    if note.kind == "move":
        parts.append((0, Reason.TO_BANK if note.body["to_bank"] else Reason.FROM_BANK, note.body["amount"]))
    for member, reason, figure in parts:
        if figure:
            sums[member, reason] = sums.get((member, reason), 0) + figure


def _booked(lines: list[list[int]]) -> Sums:
    """What an entry's lines come to, for what can only come from a note."""
    sums: defaultdict[tuple[int, Reason], int] = defaultdict(int)
    for member, number, amount, units in lines:
        reason = _TOGETHER.get(Reason(number), Reason(number))
        if reason in _NOTED:
            sums[member, reason] += units if reason in _SHARES else amount
    return dict(sums)
