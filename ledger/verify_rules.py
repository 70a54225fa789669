"""The part of the proof that is about the group's rules: versions in order, cycles in order, and who has left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from ledger.accounts import Kind, account
from ledger.constitution import Constitution, check_change
from ledger.entry import EntryKind
from ledger.verify_accounts import Accounts
from ledger.verify_annex import Left, NewCycle, NewRules, Shared, Step
from ledger.verify_facts import Broken, Facts

_STRANGE = "the constitution has fields that no program of ours wrote"


@dataclass(frozen=True, slots=True)
class Version:
    """One version of the constitution."""

    version: int
    from_on: date
    rules: Constitution


class Rules:
    """Versions, cycles and leavers as far as the book has been read. Raises Broken for a first version that nobody could have written."""

    def __init__(self, facts: Facts):
        first = _constitution(facts.terms)
        if first is None:
            raise Broken(None, _STRANGE)
        self.versions = [Version(1, facts.cycle[1], first)]
        self.cycle = NewCycle(*facts.cycle)
        self.shared_out = False  # the cycle that `cycle` names
        self.last_share_out = 0  # the number of its entry
        self.left: dict[int, Left] = {}

    def in_force(self, on: date) -> Constitution:
        """The version of a day; the first one also before it began."""
        return next(one.rules for one in reversed(self.versions) if one.from_on <= on or one.version == 1)

    def take(self, step: Step) -> Iterator[str]:
        """What the entry changes of all this, and what is wrong with it; before its lines are looked at."""
        said = step.said
        if step.entry.kind == EntryKind.RULES and step.lines:
            yield "changes the rules and moves money"
        if said.cycle is not None:
            yield from self._begin(said.cycle)
        if said.rules is not None:
            yield from self._change(step, said.rules)
        if said.share_out is not None:
            yield from self._share_out(step, said.share_out)

    def take_leaver(self, step: Step, accounts: Accounts) -> Iterator[str]:
        """Who leaves, after the entry's lines: once, and her shares go with her unless they wait for the share-out."""
        left = step.said.left
        if left is None:
            return
        if left.member in self.left:
            yield f"lets member {left.member} leave twice"
        if not left.waits and accounts.balance(account(Kind.SHARES, left.member)):
            yield f"leaves member {left.member} her shares"
        if left.waits and step.lines:
            yield f"moves money for member {left.member}, whose shares wait"
        self.left[left.member] = left

    def _begin(self, new: NewCycle) -> Iterator[str]:
        if not self.shared_out or new.number != self.cycle.number + 1 or not self.cycle.starts_on < new.starts_on < new.ends_on:
            yield f"begins cycle {new.number} after cycle {self.cycle.number}, which it may not"
        self.cycle = new

    def _change(self, step: Step, new: NewRules) -> Iterator[str]:
        rules, day, last = _constitution(new.terms), step.entry.happened_on, self.versions[-1]
        if rules is None:
            yield _STRANGE
            return
        new_cycle = step.said.cycle is not None
        if new.version != last.version + 1 or new.from_on < day or (new_cycle and new.from_on != day):
            yield f"brings version {new.version} of the rules from {new.from_on}, after version {last.version}"
        if frozen := check_change(self.in_force(day), rules, cycle_running=not self.shared_out):
            yield f"changes {frozen[0]} before the cycle ends"
        self.versions.append(Version(new.version, new.from_on, rules))
        self.shared_out = self.shared_out and not new_cycle

    def _share_out(self, step: Step, shared: Shared) -> Iterator[str]:
        if self.shared_out or shared.cycle != self.cycle.number:
            yield f"shares out cycle {shared.cycle}, which it may not"
        self.shared_out, self.last_share_out = True, step.entry.entry_no


def _constitution(terms: object) -> Constitution | None:
    """The stored record as rules, or None when no program of ours wrote it."""
    try:
        rules = Constitution.from_json(terms)  # type: ignore[arg-type]
    except (TypeError, AttributeError):
        return None
    return rules if type(rules.share_price) is int and rules.share_price > 0 else None
