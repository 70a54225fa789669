"""The proof itself: a book read entry by entry, from wherever it comes, with everything reckoned again that an entry can be wrong in."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from ledger import chain, checkcode
from ledger.chain import StoredEntry, StoredLine
from ledger.verify_accounts import Accounts
from ledger.verify_annex import BadAnnex, Said, Step, read
from ledger.verify_corrections import Corrections
from ledger.verify_facts import Broken, Facts
from ledger.verify_loans import Loans
from ledger.verify_meetings import Meetings
from ledger.verify_rules import Rules
from ledger.verify_share_out import sheet_faults

Stream = Iterable[tuple[StoredEntry, list[StoredLine]]]


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the book a check code stands: an entry, its day, and the meeting it `closes` or that was the last before it (0: none)."""

    entry_no: int
    on: date
    meeting_no: int
    closes: bool


class Reading:
    """The book as far as it has been read.

    `members`: numbers of the group's members, None when they are not known; `wanted`: lines that some entry cancels; `codes`: check codes
    (5 bytes) to look for, found ones are in `places`; `kept`: hashes of entries as an older export has them.
    """

    def __init__(
        self,
        facts: Facts,
        members: Collection[int] | None = None,
        wanted: frozenset[int] = frozenset(),
        codes: Collection[bytes] = (),
        kept: Mapping[int, bytes] | None = None,
    ):
        self.facts, self.head = facts, facts.genesis
        self.members = None if members is None else {*members, 0}
        self.codes, self.places = frozenset(codes), dict[bytes, Place]()
        self.kept = kept or {}
        self.closed: dict[int, int] = {}  # meeting -> the entry that closed it
        self.told: dict[int, bytes] = {}  # hashes of the entries whose texts give a check code
        self.next_entry = self.next_line = 1
        self.accounts, self.meetings, self.loans = Accounts(), Meetings(), Loans()
        self.corrections = Corrections(wanted)
        if facts.genesis != facts.beginning:
            raise Broken(None, "the beginning of the chain does not follow from the group's code, file and rules")
        self.rules = Rules(facts)

    def take(self, entry: StoredEntry, lines: list[StoredLine]) -> Step:
        """The next entry. Raises Broken with what is wrong first."""
        for what in self._order_faults(entry, lines):
            raise Broken(min(entry.entry_no, self.next_entry), what)
        linked = self._linked(entry, lines)
        step = Step(entry, lines, _said(entry))
        try:
            for what in self._content_faults(step):
                raise Broken(entry.entry_no, what)
        except (ValueError, TypeError, OverflowError) as error:  # days, amounts or rules beyond all sense: no program of ours wrote them
            raise Broken(entry.entry_no, f"its terms make no sense ({error})") from None
        self.head, self.next_entry, self.next_line = linked, self.next_entry + 1, self.next_line + entry.line_count
        if step.said.meeting is not None:
            self.closed[step.said.meeting.no] = entry.entry_no
        if step.said.meeting is not None or step.said.share_out is not None:
            self.told[entry.entry_no] = linked
        if (code := linked[: checkcode.BYTES]) in self.codes:
            self.places[code] = Place(entry.entry_no, entry.happened_on, self.meetings.last_no, step.said.meeting is not None)
        return step

    def finish(self) -> None:
        """What can only be said when all is read. Raises Broken."""
        for entry_no, what in sorted(self.loans.at_the_end(self.accounts, self.meetings.held)):
            raise Broken(entry_no, what)
        if self.kept.keys() - set(range(1, self.next_entry)):
            raise Broken(self.next_entry, "is in the book that was kept, and no longer in this one")

    def _order_faults(self, entry: StoredEntry, lines: list[StoredLine]) -> Iterator[str]:
        if entry.entry_no != self.next_entry:
            yield f"is missing; entry {entry.entry_no} comes instead"
        if entry.first_line != self.next_line:
            yield f"begins with line {entry.first_line}, not {self.next_line}"
        if entry.line_count < 0 or (not entry.line_count and not entry.annex):
            yield "has no lines and says nothing"
        numbers = list(range(self.next_line, self.next_line + entry.line_count))
        if [line.line_no for line in lines] != numbers:
            yield f"lines {numbers[0]} to {numbers[-1]} are not all there"
        if any(line.entry_no != entry.entry_no for line in lines):
            yield "has lines of another entry"

    def _linked(self, entry: StoredEntry, lines: list[StoredLine]) -> bytes:
        """The entry's hash, reckoned from what it says."""
        body = chain.body_hash(self.facts.group_id, entry, lines)
        if body != entry.body_hash:
            raise Broken(entry.entry_no, "its lines are not what was posted" if lines else "it is not what was posted")
        linked = chain.chain_hash(self.head, body, entry)
        if linked != entry.hash:
            raise Broken(entry.entry_no, "the chain is broken")
        if self.kept.get(entry.entry_no, linked) != linked:
            raise Broken(entry.entry_no, "is not the entry of that number in the book that was kept")
        return linked

    def _content_faults(self, step: Step) -> Iterator[str]:
        """In the order in which one part builds on another; taking the entry in on the way."""
        entry = step.entry
        yield from self._strangers(step)
        yield from self.rules.take(step)
        yield from self.accounts.take(step, self.rules.in_force(entry.happened_on).share_price)
        yield from self.rules.take_leaver(step, self.accounts)
        yield from sheet_faults(step)
        yield from self.meetings.take(step, self.accounts)
        yield from self.corrections.take(step, self.rules.last_share_out if step.said.share_out is None else 0)
        yield from self.loans.take(step, self.accounts, self.rules, self.meetings.held, self.corrections)
        self.meetings.close(step)

    def _strangers(self, step: Step) -> Iterator[str]:
        """Whoever is named is a member."""
        if self.members is None:
            return
        entry, said = step.entry, step.said
        people = {entry.asked_by, entry.confirmed_by, entry.second_by, *(line.member for line in step.lines), *(one.member for one in said.loans)}
        if said.left is not None:
            people.add(said.left.member)
        if said.meeting is not None:
            people |= {said.meeting.opened_by, *(number for numbers in said.meeting.roll.values() for number in numbers)}
        if people - self.members:
            yield f"names {', '.join(map(str, sorted(people - self.members)))}, who is no member"


def _said(entry: StoredEntry) -> Said:
    try:
        return read(entry.kind, entry.annex)
    except BadAnnex as bad:
        raise Broken(entry.entry_no, str(bad)) from None
