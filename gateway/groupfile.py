"""The group file: read it with every mistake named by its line, and load it once. Also the file that changes a group's rules."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from gateway import groupfile_contradictions as contradictions
from gateway import groupfile_warnings as warnings
from gateway.groupfile_fields import ChangePart, ConstitutionPart, FilePart, OpeningPart
from gateway.groupfile_problems import Contradiction, GroupFileError, Problem, parsed_from, refuse, understood
from ledger import groups
from ledger.books import Group, Member
from ledger.constitution import Constitution
from ledger.db import Conn
from ledger.rules_opening import OpeningDue, OpeningShare

__all__ = ["Change", "GroupFile", "GroupFileError", "Problem", "load", "read", "read_change"]


@dataclass(frozen=True, slots=True)
class GroupFile:
    """A file as understood. `phones`: E.164 by member number, None without one. `file_hash`: 32 bytes, the same for every way of
    writing the same content. `warnings`: unusual, but the group's own choice."""

    new: groups.NewGroup
    phones: dict[int, str | None]
    file_hash: bytes
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """New rules as understood, with what is unusual about them. Whether they may come now is `ledger.constitution.check_change`."""

    constitution: Constitution
    warnings: tuple[str, ...]


def read(text: str, today: date | None = None) -> GroupFile:
    """Understand a group file. `today` (default: now, where the group lives) bounds the dates of what it brings.

    Raises GroupFileError.
    """
    parsed = parsed_from(text)
    group = parsed.data.get("group")
    said = group if isinstance(group, dict) else {}
    file = understood(parsed, FilePart, said.get("currency"), said.get("country"))
    today = today or datetime.now(ZoneInfo(file.group.timezone)).date()
    as_of = file.opening.as_of or today
    refuse(parsed, contradictions.in_file(file, as_of, today))
    _spell_out(file)
    new = _new_group(file)
    noted = tuple(warnings.of_file(file, new.constitution, as_of))
    return GroupFile(new, {m.number: m.phone for m in file.members}, _file_hash(file), noted)


def read_change(text: str, group: Group, members: Mapping[int, Member] | None = None, cycle: tuple[int, date, date] | None = None) -> Change:
    """Understand a file with the one section `constitution`, whole: what it leaves out gets its default, not its old value.

    `members` (Book.members()): also judge what depends on them. `cycle` (number, start, end): the one the rules are for, by default the
    group's present one. Raises GroupFileError.
    """
    parsed = parsed_from(text)
    c = understood(parsed, ChangePart, group.currency, group.country).constitution
    number, start, end = cycle or (group.cycle_number, group.cycle_start, group.cycle_end)
    refuse(parsed, (*contradictions.in_rules(c, group.currency, start, end, None if members is None else len(members)), *_officers(c, members)))
    _spell_out_rules(c, group.currency)
    return Change(_constitution(c), tuple(warnings.of_rules(c, group.country, group.currency, number)))


def _officers(c: ConstitutionPart, members: Mapping[int, Member] | None) -> Iterator[Contradiction]:
    for expected in () if members is None else contradictions.officers_missing([m.roles for m in members.values()], c):
        yield ("constitution", "confirmation"), expected


def load(conn: Conn, file: GroupFile, demo: bool = False) -> tuple[int, bool]:
    """Create the group and its phones in the caller's transaction: (group id, True), or (group id, False) when it was there.

    Raises ledger.groups.GroupExists when another file took the code.
    """
    group_id, created = groups.create(conn, file.new, file.file_hash, demo)
    if created:
        with conn.cursor() as cursor:
            cursor.executemany(
                "insert into member_phone (phone, group_id, member) values (%s, %s, %s)",
                [(phone, group_id, number) for number, phone in file.phones.items() if phone],
            )
    return group_id, created


# ---------------------------------------------------------------- the file as understood


def _spell_out(file: FilePart) -> None:
    """Put defaults that depend on other values into the file, and order what has no order, so that equal files are equal."""
    file.members.sort(key=lambda m: m.number)
    file.opening.shares.sort(key=lambda s: s.member)
    for dues in (file.opening.fines, file.opening.social_fund_due):
        dues.sort(key=lambda due: due.member)
    for member in file.members:
        member.language = member.language or file.group.language
    if file.agent is not None:
        file.agent.language = file.agent.language or file.group.language
    for loan in file.opening.loans:
        loan.original = loan.original or loan.principal
    _spell_out_rules(file.constitution, file.group.currency)


def _spell_out_rules(c: ConstitutionPart, currency: str) -> None:
    c.share_out.cash_unit = contradictions.cash_unit(c, currency)
    if c.shares_at_first_meeting == c.shares_per_meeting[1]:
        c.shares_at_first_meeting = 0


def _file_hash(file: FilePart) -> bytes:
    """sha256 of the content without what is at its default: a key that a later release adds leaves old files as they were."""
    said = file.model_dump(exclude_defaults=True)
    return hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":"), default=date.isoformat).encode()).digest()


def _new_group(file: FilePart) -> groups.NewGroup:
    g, cycle, brought = file.group, file.cycle, file.opening
    return groups.NewGroup(
        g.code, g.name, g.country, g.currency, g.timezone, g.language, _constitution(file.constitution), cycle.number, cycle.start, cycle.end,
        tuple(groups.NewMember(m.number, m.name, m.language, tuple(m.roles), m.helper or 0) for m in file.members), brought.as_of,
        brought.loan_fund_cash, brought.social_fund_cash, tuple(OpeningShare(s.member, s.units) for s in brought.shares), tuple(_loans(brought)),
        loan_fund_bank=brought.loan_fund_bank, social_fund_bank=brought.social_fund_bank, outside_loan=brought.outside_loan,
        fines=tuple(OpeningDue(due.member, due.amount) for due in brought.fines),
        social_fund_due=tuple(OpeningDue(due.member, due.amount) for due in brought.social_fund_due),
        agent=groups.NewAgent(file.agent.name, file.agent.language, file.agent.phone) if file.agent else None,
    )  # fmt: skip


def _loans(brought: OpeningPart) -> Iterator[groups.NewLoan]:
    """Loans in the order of the file, which numbers them; those of the social fund after the others."""
    for n in brought.loans:
        yield groups.NewLoan(n.member, n.original, n.principal, n.charge_due, n.issued, n.due)
    for free in brought.social_fund_loans:
        yield groups.NewLoan(free.member, free.principal, free.principal, 0, free.issued, free.due, "social_fund")


def _constitution(c: ConstitutionPart) -> Constitution:
    least, most = c.shares_per_meeting
    charge, loan, end = c.service_charge, c.loan, c.share_out
    return Constitution(
        c.share_price, least, most, c.social_fund_contribution, charge.method, charge.rate_bp, charge.period,
        loan.multiple, loan.max_term_days, loan.one_at_a_time, dict(sorted(c.fines.items())), c.fines_to, c.confirmation, end.method, end.cash_unit,
        shares_first_max=c.shares_at_first_meeting, meeting_frequency=c.meetings.frequency or "",
        meeting_dates=tuple(day.isoformat() for day in c.meetings.dates), loan_meeting_every=c.meetings.loan_meeting_every,
        social_fund_every=c.social_fund_every, guarantors=loan.guarantors, pledge=loan.pledge, late_loan=loan.late,
        social_fund_loans=loan.from_social_fund, outside_loan=c.outside_loan.allowed, outside_loan_multiple=c.outside_loan.multiple,
        exit_rule=c.leaving.rule, death_shortfall=c.leaving.death_shortfall, late_joining=c.late_joining,
        share_out_rounding=end.rounding, remainder_to=end.remainder, quorum_percent=c.quorum_percent,
        funds_seen_by=c.funds_seen_by,
    )  # fmt: skip
