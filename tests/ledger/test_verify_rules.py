"""Every rule the proof asks: a book that breaks it, with all sums made to fit and the whole chain made anew, is refused at that entry."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from full_book import the_year
from test_tampering import as_file, chained

from ledger import bookfile, export
from ledger.accounts import SUB, Kind, account
from ledger.bookfile import BookFile
from ledger.chain import StoredEntry, StoredLine
from ledger.entry import EntryKind, Reason
from ledger.verify import Report, verify_file

Change = Callable[["Forge"], int]


class Forge:
    """A book in the hands of a forger: entries by number, lines by number."""

    def __init__(self, book: BookFile):
        self.book = book
        self.entries = {one.entry.entry_no: one.entry for one in book.entries}
        self.lines = {one.entry.entry_no: list(one.lines) for one in book.entries}

    def first(self, kind: EntryKind, fits: Callable[[dict[str, Any], list[StoredLine]], Any] = lambda annex, lines: True, nth: int = 0) -> int:
        """The number of the nth entry of a kind that fits."""
        return [no for no, e in self.entries.items() if e.kind == kind and fits(self.annex(no), self.lines[no])][nth]

    def annex(self, entry_no: int) -> Any:
        return json.loads(self.entries[entry_no].annex or "{}")

    def say(self, entry_no: int, change: Callable[[Any], Any]) -> int:
        """Change what an annex says."""
        annex = self.annex(entry_no)
        change(annex)
        return self.set(entry_no, annex=json.dumps(annex, sort_keys=True, separators=(",", ":")))

    def set(self, entry_no: int, **values: Any) -> int:
        self.entries[entry_no] = self.entries[entry_no]._replace(**values)
        return entry_no

    def line(self, entry_no: int, place: int, **values: Any) -> int:
        self.lines[entry_no][place] = self.lines[entry_no][place]._replace(**values)
        return entry_no

    def place(self, entry_no: int, fits: Callable[[StoredLine], Any]) -> int:
        return next(place for place, line in enumerate(self.lines[entry_no]) if fits(line))

    def more(self, entry_no: int, fits: Callable[[StoredLine], Any], by: int) -> int:
        """Change the amount of the first line that fits."""
        place = self.place(entry_no, fits)
        return self.line(entry_no, place, amount=self.lines[entry_no][place].amount + by)

    def report(self) -> Report:
        """The proof of the book as it now is, its sums and hashes made to fit."""
        balances: dict[int, int] = {}
        made: list[tuple[StoredEntry, list[StoredLine]]] = []
        for number, entry in self.entries.items():
            lines = []
            for line in self.lines[number]:
                for account_no, moved in ((line.debit, line.amount), (line.credit, -line.amount)):
                    balances[account_no] = balances.get(account_no, 0) + moved
                lines.append(line._replace(debit_after=balances[line.debit], credit_after=balances[line.credit]))
            made.append((entry, lines))
        return verify_file(as_file(self.book, chained(self.book.facts.group_id, made, self.book.facts.genesis)))


@pytest.fixture(scope="module")
def book(db) -> BookFile:
    return bookfile.read("".join(export.as_json(db.connection(), the_year(db, "rolled").group_id)).encode())


@pytest.fixture
def forge(book) -> Forge:
    return Forge(book)


def test_the_forger_breaks_nothing_by_himself(forge):
    assert forge.report().problem is None


def meeting(change: Callable[[Any], Any], nth: int = 2) -> Change:
    return lambda f: f.say(f.first(EntryKind.MEETING, nth=nth), lambda annex: change(annex["meeting"]))


def with_event(kind: str) -> Callable[[Any, Any], bool]:
    return lambda annex, lines: isinstance(annex, dict) and any(event[1] == kind for event in annex.get("events", []))


def event(kind: str, place: int, change: Callable[[Any], Any]) -> Change:
    """Change one field of the first such event."""

    def do(f: Forge) -> int:
        number = next(no for no in f.entries if with_event(kind)(f.annex(no), None))

        def alter(annex: Any) -> None:
            one = next(event for event in annex["events"] if event[1] == kind)
            one[place] = change(one[place])

        return f.say(number, alter)

    return do


def loan(place: int, change: Callable[[Any], Any]) -> Change:
    """Change one field of the first loan given alone."""
    return lambda f: f.say(f.first(EntryKind.LOAN), lambda annex: annex[0].__setitem__(place, change(annex[0][place])))


def later(day: str) -> str:
    return day[:-1] + ("1" if day[-1] == "2" else "2")


def correction(change: Callable[[Any], Any], nth: int = 0) -> Change:
    return lambda f: f.say(f.first(EntryKind.REVERSAL, nth=nth), lambda annex: change(annex["corrects"]))


def split(f: Forge) -> int:
    """One unit of a payment from principal to charge."""
    wanted = {Reason.PRINCIPAL, Reason.SERVICE_CHARGE}
    number = f.first(EntryKind.CONTRIBUTION, lambda annex, lines: wanted <= {line.reason for line in lines})
    f.more(number, lambda line: line.reason == Reason.PRINCIPAL, -1)
    return f.more(number, lambda line: line.reason == Reason.SERVICE_CHARGE, 1)


def income_left(f: Forge) -> int:
    """A unit of income stays behind at the share-out, and a unit more is carried."""
    number = f.first(EntryKind.SHARE_OUT)
    f.more(number, lambda line: line.debit == account(Kind.SERVICE_CHARGE) and line.reason == Reason.CYCLE_END, -1)
    place = len(f.lines[number]) - 1
    carried = f.lines[number][place]
    assert {carried.debit, carried.credit} == {account(Kind.SHARE_OUT), account(Kind.SURPLUS_BROUGHT)}
    return f.line(number, place, amount=carried.amount + (1 if carried.debit == account(Kind.SURPLUS_BROUGHT) else -1))


def cancelled_twice(f: Forge) -> int:
    """The second correction names the line that the first has cancelled."""
    first, second = (f.first(EntryKind.REVERSAL, nth=nth) for nth in (0, 1))
    corrects = f.annex(first)["corrects"]

    def alter(annex: Any) -> None:
        annex["corrects"] |= {"entry": corrects["entry"], "on": corrects["on"], "lines": [[0, corrects["lines"][0][1]]]}

    return f.say(second, alter)


def too_much_recovered(f: Forge) -> int:
    number = f.first(EntryKind.CONTRIBUTION, lambda annex, lines: lines[0].reason == Reason.RECOVERED)
    return f.line(number, 0, amount=10**9)


def after_the_second_meeting(f: Forge) -> int:
    return next(no for no, e in f.entries.items() if no > f.first(EntryKind.MEETING, nth=1) and e.kind == EntryKind.CONTRIBUTION)


def shares(f: Forge) -> tuple[int, int]:
    number = f.first(EntryKind.MEETING, lambda annex, lines: any(line.reason == Reason.SHARE for line in lines))
    return number, f.place(number, lambda line: line.reason == Reason.SHARE)


BROKEN: dict[str, Change] = {
    # rules, cycles, leavers
    "brings version 3 of the rules": lambda f: f.say(f.first(EntryKind.RULES), lambda annex: annex["rules"].update(version=3)),
    "brings version 2 of the rules from 2025-01-01": lambda f: f.say(f.first(EntryKind.RULES), lambda a: a["rules"].update(from_on="2025-01-01")),
    "changes share_price before the cycle ends": lambda f: f.say(f.first(EntryKind.RULES), lambda a: a["rules"]["terms"].update(share_price=1)),
    "the constitution has fields that no": lambda f: f.say(f.first(EntryKind.RULES), lambda annex: annex["rules"]["terms"].update(sprice=1)),
    "begins cycle 3 after cycle 1": lambda f: f.say(f.first(EntryKind.CYCLE), lambda annex: annex["cycle"].__setitem__(0, 3)),
    "shares out cycle 2, which it may not": lambda f: f.say(f.first(EntryKind.SHARE_OUT), lambda annex: annex["share_out"].update(cycle=2)),
    "her shares": lambda f: f.say(f.first(EntryKind.LEAVING), lambda annex: annex["left"].__setitem__(0, 1)),
    # the share-out
    "pays another sum than its sheet": lambda f: f.say(f.first(EntryKind.SHARE_OUT), lambda annex: annex["share_out"]["sheet"].update(paid=5)),
    "shares out to member 1 (": lambda f: f.say(f.first(EntryKind.SHARE_OUT), lambda a: a["share_out"]["sheet"]["rows"][0].__setitem__(6, 5)),
    "leaves money in the clearing account": lambda f: f.more(f.first(EntryKind.SHARE_OUT), lambda line: line.reason == Reason.CYCLE_END, 1),
    "which ends with the cycle": income_left,
    # meetings
    "closes meeting 9 after meeting 2": meeting(lambda m: m.update(no=9)),
    "on another day": meeting(lambda m: m.update(held_on=later(m["held_on"]))),
    "was opened with boxes that the book never had": meeting(lambda m: m["opening"].__setitem__(0, m["opening"][0] + 1)),
    "in the boxes, the book has": meeting(lambda m: m["closing"].__setitem__(3, m["closing"][3] + 1)),
    "books another difference of the boxes": meeting(lambda m: m["closing"].__setitem__(slice(0, 5, 4), [m["closing"][0] + 1, "coins"])),
    "and no reason for it": meeting(lambda m: m["closing"].__setitem__(4, ""), nth=5),
    "calls a member twice": meeting(lambda m: m["roll"].update(late=[*m["roll"].get("late", []), 1], absent=[1])),
    "that was closed": lambda f: f.set(n := after_the_second_meeting(f), happened_on=f.entries[n].happened_on - timedelta(days=6)),
    # corrections
    "that can be cancelled": correction(lambda c: c.update(entry=c["entry"] + 1)),
    "which was cancelled before": cancelled_twice,
    "is not the mirror of line": lambda f: f.line(n := f.first(EntryKind.REVERSAL), 0, amount=f.lines[n][0].amount + 1),
    "counts from": correction(lambda c: c.update(on=later(c["on"]))),
    "corrects with lines that it does not have": correction(lambda c: c["lines"][0].__setitem__(0, 99)),
    "corrects nothing": correction(lambda c: c["lines"].__setitem__(slice(None), [[0, None]])),
    # loans
    "has other terms than the rules give it": loan(6, lambda rate: rate + 1),
    "gives loan 77 after loan": loan(0, lambda number: 77),
    "is not what its entry gave": lambda f: f.more(f.first(EntryKind.LOAN), lambda line: line.reason == Reason.LOAN, 1),
    "was not opened on the day of its entry": loan(9, later),
    "began with another charge than its terms": lambda f: f.more(f.first(EntryKind.LOAN), lambda line: line.reason == Reason.CHARGE_ADDED, 1),
    "over from figures that it did not have": event("rollover", 5, lambda principal: principal + 1),
    "off with figures that it did not have": event("written_off", 6, lambda charge: charge + 1),
    "what became of loan": event("written_off", 2, later),
    "which nobody was given": event("written_off", 0, lambda number: 99),
    "of principal is left by its terms": split,
    "that had been given up": too_much_recovered,
    "and another member": lambda f: f.line(f.first(EntryKind.LOAN), 0, member=99),
    "names no loan": lambda f: f.line(f.first(EntryKind.CONTRIBUTION), 0, reason=Reason.SERVICE_CHARGE, loan_no=0),
    "whose terms are missing": lambda f: f.line(f.first(EntryKind.CONTRIBUTION), 0, loan_no=88),
    # accounts and shares
    "that the chart does not have": lambda f: f.line(f.first(EntryKind.CONTRIBUTION), 0, debit=25 * SUB),
    "joins two funds": lambda f: f.line(f.first(EntryKind.CONTRIBUTION), 0, debit=account(Kind.ENTRUSTED_CASH)),
    "has a reason that no program": lambda f: f.line(f.first(EntryKind.CONTRIBUTION), 0, reason=99),
    "moves -5 from": lambda f: f.line(f.first(EntryKind.CONTRIBUTION), 0, amount=-5),
    "which it may not": lambda f: f.line(f.first(EntryKind.OPENING), 0, amount=1),
    "shares at 1250": lambda f: f.line(*shares(f), units=77),
    "touches another member's shares": lambda f: f.line(*shares(f), member=99),
    "counts shares where there are none": lambda f: f.line(n := f.first(EntryKind.MEETING), f.place(n, lambda x: x.reason == Reason.SOCIAL_FUND), units=1),
    # annexes
    "its annex is no JSON": lambda f: f.set(f.first(EntryKind.RULES), annex="{"),
    "its annex is not written as our": lambda f: f.set(n := f.first(EntryKind.RULES), annex=f.entries[n].annex + " "),
    "speaks of rules, which is not": lambda f: f.set(f.first(EntryKind.RULES), kind=EntryKind.CONTRIBUTION),
    "speaks of nothing, which is not": lambda f: f.set(f.first(EntryKind.CONTRIBUTION), kind=EntryKind.LOAN),
    "its annex has another shape": meeting(lambda m: m.update(no="3")),
}  # fmt: skip


@pytest.mark.parametrize("words", BROKEN)
def test_a_rule_that_is_broken(forge, words):
    entry_no = BROKEN[words](forge)
    report = forge.report()
    assert report.problem is not None
    assert words in str(report.problem)
    if words != "which it may not":  # a smaller opening shows where the box is first short
        assert report.problem.entry_no == entry_no
