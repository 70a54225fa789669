"""The part of the proof that is about corrections: a line is cancelled once, by its exact mirror, and a right figure counts from the old day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from ledger.accounts import SUB, Kind, account
from ledger.chain import StoredLine
from ledger.entry import Reason
from ledger.rules_end import ENDS_WITH_THE_CYCLE
from ledger.verify_annex import Corrects, Step

_CLOSED = frozenset(ENDS_WITH_THE_CYCLE) | {Kind.SHARES, Kind.SHARE_OUT}


class Counts(NamedTuple):
    """Where a line counts: in the place of which entry, and from which day. What stands in the place of an old line counts where that stood."""

    entry_no: int
    on: date


class Old(NamedTuple):
    """A line that a later entry cancels, and where it counts."""

    line: StoredLine
    counts: Counts


@dataclass(slots=True)
class Corrections:
    """Corrections as far as the book has been read. `wanted`: the lines that some entry of the book cancels, the only ones that are kept."""

    wanted: frozenset[int]
    kept: dict[int, Old] = field(default_factory=dict)
    cancelled: set[int] = field(default_factory=set)
    cancelling: dict[int, Old] = field(default_factory=dict)  # in the entry at hand: its line -> the old one
    replacing: dict[int, Counts] = field(default_factory=dict)  # in the entry at hand: its line -> where it counts

    def take(self, step: Step, last_share_out: int) -> Iterator[str]:
        """Says what is wrong with the correction, if the entry is one; keeps what is corrected later. `last_share_out`: its entry, 0 for none."""
        self.cancelling, self.replacing = {}, {}
        if step.said.corrects is not None:
            yield from self._correct(step, step.said.corrects, last_share_out)
        for line in step.lines:
            if line.line_no in self.wanted and line.line_no not in self.cancelling:
                self.kept[line.line_no] = Old(line, self.counts(step, line))

    def counts(self, step: Step, line: StoredLine) -> Counts:
        """Where a line of the entry at hand counts."""
        return self.replacing.get(line.line_no) or Counts(step.entry.entry_no, step.entry.happened_on)

    def _correct(self, step: Step, corrects: Corrects, last_share_out: int) -> Iterator[str]:
        if not corrects.lines or not all(0 <= place < len(step.lines) for place in corrects.lines):
            yield "corrects with lines that it does not have"
            return
        for place, cancels in corrects.lines.items():
            line = step.lines[place]
            if cancels is None:
                self.replacing[line.line_no] = Counts(corrects.entry_no, corrects.on)
            else:
                yield from self._cancel(line, cancels, corrects, last_share_out)
        if not self.cancelling:
            yield "corrects nothing"
        for number in self.replacing:
            line = step.lines[number - step.entry.first_line]
            if (line.member, line.loan_no) != (corrects.member, corrects.loan_no):
                yield f"line {number} puts right another member's item"

    def _cancel(self, line: StoredLine, cancels: int, corrects: Corrects, last_share_out: int) -> Iterator[str]:
        old = self.kept.get(cancels)
        if old is None or old.counts.entry_no != corrects.entry_no:
            yield f"line {line.line_no} cancels line {cancels}, which is no line of entry {corrects.entry_no} that can be cancelled"
            return
        if cancels in self.cancelled:
            yield f"line {line.line_no} cancels line {cancels}, which was cancelled before"
        if not _mirrors(line, old.line, gone=old.line.entry_no <= last_share_out):
            yield f"line {line.line_no} is not the mirror of line {cancels}"
        if old.counts.on != corrects.on:
            yield f"line {cancels} counts from {old.counts.on}, not from {corrects.on}"
        self.cancelled.add(cancels)
        self.cancelling[line.line_no] = old


def _mirrors(new: StoredLine, old: StoredLine, gone: bool) -> bool:
    """The same the other way round; `gone`: shared out since, so what ended with that cycle is EARLIER_CYCLES, and no share is left to count."""
    wanted = tuple(account(Kind.EARLIER_CYCLES) if gone and Kind(number // SUB) in _CLOSED else number for number in (old.credit, old.debit))
    same = (new.amount, new.reason, new.member, new.loan_no) == (old.amount, old.reason, old.member, old.loan_no)
    return same and (new.debit, new.credit) == wanted and new.units in ({0, old.units} if gone else {old.units})


def cancelled_by(corrects: Corrects | None) -> Iterator[int]:
    """The old lines that a correction names."""
    if corrects is not None:
        yield from (number for number in corrects.lines.values() if number is not None)


def is_payment(line: StoredLine) -> bool:
    """A line of a payment on a loan."""
    return line.loan_no != 0 and line.reason in (Reason.SERVICE_CHARGE, Reason.PRINCIPAL)
