"""The end of a cycle and the beginning of the next, told to every member; and, before that, to the officers who are asked to agree."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from ledger import ending
from ledger.books import Book, Member
from ledger.checkcode import code_of
from ledger.checks import Figure
from ledger.commands import ShareOut, StartCycle
from ledger.constitution import Constitution
from ledger.journal import Receipt
from menus.say import day, short_day
from menus.telling_decisions import Later, few, per_share
from menus.telling_texts import bare, everybody, listed, of_words, pack, phrase, short_group
from menus.telling_words import rule_changes

_SHEET = """select s.sheet, e.hash from share_out s join entry e on e.group_id = s.group_id and e.entry_no = s.entry_no
 where s.group_id = %s and s.entry_no = %s"""


# ---------------------------------------------------------------- the share-out


def shared_out(book: Book, _request: ShareOut) -> Later:
    """Every member, and who left and waited: the value of a share, her shares, what was set off, what she takes home."""

    def texts(entry_no: int) -> list[Receipt]:
        row = book.conn.execute(_SHEET, (book.group_id, entry_no)).fetchone()
        assert row is not None
        hers, reached = {one[0]: one for one in row.sheet["rows"]}, book.reached()
        told = [member for number, member in book.members().items() if number in reached and (number in hers or not member.left)]
        check = code_of(bytes(row.hash))
        return [
            of_words(member.number, member.language, "share_out", words) for member in told
            for words in _hers(book, row.sheet, hers.get(member.number), member, (entry_no, check))
        ]  # fmt: skip

    return texts


def _hers(book: Book, sheet: dict[str, Any], row: list[int] | None, member: Member, entry: tuple[int, str]) -> list[str]:
    """Her text; without the price of a share where that makes it one."""
    language, (entry_no, check) = member.language, entry
    head = phrase("shared_head", language, group=short_group(book), day=short_day(book.group.today), number=member.number)
    pieces = [*row_pieces(book, row, language), phrase("wrong", language, receipt=entry_no) + ".", phrase("check_code", language, check=check) + "."]
    values = (value_pieces(book, sheet["value"], language), value_pieces(book, sheet["value"], language, name="shared_value_alone"))
    return min((pack(head, [*value, *pieces]) for value in values), key=len)


def value_pieces(book: Book, value: str, language: str, name: str = "shared_value") -> list[str]:
    """What a share is worth beside its price, where the method gives such a figure."""
    if not value:
        return []
    price = bare(book.money(book.constitution.share_price))
    return [phrase(name, language, value=per_share(book, Fraction(value)), price=price) + "."]


def row_pieces(book: Book, row: list[int] | None, language: str) -> list[str]:
    """A member's line of the sheet in words: [member, shares, paid, debt, gross, set-off, payout, debt that survives]."""
    if row is None or (not row[1] and not row[3]):
        return [phrase("shared_none", language) + "."]
    _, units, _, _, gross, set_off, payout, surviving = row
    said = [phrase("shared_units", language, units=units, gross=bare(book.money(gross)))]
    said += [phrase("shared_set_off", language, amount=bare(book.money(set_off)))] if set_off else []
    said += [phrase("shared_payout", language, amount=book.money(payout))]
    said += [phrase("left_debt", language, amount=bare(book.money(surviving)))] if surviving else []
    return listed(said)


def share_out_wished(book: Book, request: ShareOut, language: str) -> list[str]:
    """For the officers who are asked: what was counted, what leaves the pool, what a share comes to."""
    done = ending.sheet_json(ending.preview(book.conn, request, max(book.group.today, book.group.closed_on)), request)
    head = phrase("decided_head", language, group=short_group(book), day=short_day(book.group.today))
    figures: dict[str, Figure] = {name: bare(book.money(done[name])) for name in ("counted", "expenses", "carried", "pool")}
    pool = phrase("shared_pool", language, **figures, amount=bare(book.money(done["paid"])), rest=bare(book.money(done["remainder"])))
    return pack(head, [phrase("shared_details", language, **figures) + ".", *value_pieces(book, done["value"], language), pool + "."])


# ---------------------------------------------------------------- the next cycle


def started(book: Book, request: StartCycle) -> Later:
    """Every member: its days, what a share costs, what she starts with, and the rules that differ."""
    old, new = book.constitution, Constitution.from_json(request.terms)

    def texts(entry_no: int) -> list[Receipt]:
        starting = dict(request.starting)
        return [
            of_words(member.number, member.language, "cycle", words) for member in everybody(book)
            for words in _begin(book, request, member, starting.get(member.number, 0), entry_no)
        ]  # fmt: skip

    def _begin(book: Book, request: StartCycle, member: Member, units: int, entry_no: int) -> list[str]:
        language = member.language
        head = phrase("cycle_head", language, group=short_group(book), count=request.number, number=member.number)
        own = (
            phrase("cycle_start", language, units=units, amount=bare(book.money(units * new.share_price)))
            if units
            else phrase("cycle_start_none", language)
        )
        pieces = [days(book, request, new, language), own, phrase("wrong", language, receipt=entry_no)]
        changed = rule_changes(old, new, book.group.currency, language)
        return pack(head, [f"{piece}." for piece in pieces]) + (few(head, changed, language) if changed else [])

    return texts


def days(book: Book, request: StartCycle, terms: Constitution, language: str) -> str:
    """From when to when, and the price of a share."""
    return phrase(
        "cycle_days", language, day=day(request.starts_on), latest=day(request.ends_on), price=bare(book.money(terms.share_price))
    )  # fmt: skip


def cycle_wished(book: Book, request: StartCycle, language: str) -> list[str]:
    """For the officers who are asked: its days, who starts with how many shares, and the rules that differ."""
    new = Constitution.from_json(request.terms)
    head = phrase("cycle_wished", language, group=short_group(book), count=request.number)
    pieces = [days(book, request, new, language), phrase("cycle_starting", language, list=by_units(request.starting))]
    return few(head, [*pieces, *rule_changes(book.constitution, new, book.group.currency, language)], language)


def by_units(starting: Iterable[tuple[int, int]]) -> str:
    """Who starts with how many shares, shortly: shares, then member numbers.

    >>> by_units([(1, 5), (2, 5), (3, 5), (7, 3), (12, 5)]), by_units([])
    ('5: 1-3,12; 3: 7', '0')
    """
    having: dict[int, list[int]] = {}
    for number, units in sorted(starting):
        having.setdefault(units, []).append(number)
    return "; ".join(f"{units}: {_ranges(numbers)}" for units, numbers in sorted(having.items(), reverse=True) if units) or "0"


def _ranges(numbers: list[int]) -> str:
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ",".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)
