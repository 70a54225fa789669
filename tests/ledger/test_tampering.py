"""A thousand old amounts rewritten by somebody with every right, sums and caches made to fit: each is found, and the first bad entry named.

Three forgers: one makes the sums fit; one also hashes the entry anew; one chains the whole book anew, head and all. The first two are found by
`verify` alone. The third leaves a book that may be right by itself: a member's old check code no longer fits it, the closing texts of the
meetings tell between which two, and an export that was kept names the entry.
"""

from __future__ import annotations

import contextlib
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from full_book import the_year
from test_verify import BODIES, CHAIN, HEAD, RESUM

from ledger import bookfile, chain, checkcode, export
from ledger.accounts import SUB, Kind
from ledger.bookfile import BookEntry, BookFile
from ledger.chain import StoredEntry, StoredLine
from ledger.entry import EntryKind
from ledger.export import account_words
from ledger.verify import Claim, Problem, verify, verify_file

SEED = 20261121
METHODS = ("rolled", "declining")
IN_MEMORY, IN_SQL = 840, 160  # a thousand together
SORTS = ("sums", "entry hashed anew", "all chained anew")
Book = list[tuple[StoredEntry, list[StoredLine]]]
COUNTS: Counter[str] = Counter()


@pytest.fixture(scope="module")
def files(db) -> dict[str, BookFile]:
    groups = {method: the_year(db, method).group_id for method in METHODS}
    return {method: bookfile.read("".join(export.as_json(db.connection(), group_id)).encode()) for method, group_id in groups.items()}


@pytest.fixture(scope="module", autouse=True)
def told() -> Iterator[None]:
    """The count, printed at the end."""
    yield
    made, found = (sum(count for what, count in COUNTS.items() if what.startswith(word)) for word in ("made", "found"))
    print(f"\n{made} tamperings, {found} found; {dict(sorted(COUNTS.items()))}")


def closings(book: BookFile) -> dict[int, BookEntry]:
    """{entry number: the entry} of those that closed meetings: their codes are in members' phones."""
    return {one.entry.entry_no: one for one in book.entries if one.entry.kind == EntryKind.MEETING}


# ---------------------------------------------------------------- in memory, as somebody would forge an export


def wrong_amount(chance: random.Random, amount: int) -> int:
    """Another amount, more than nothing."""
    step = chance.choice((1, -1, 100, -100, amount, -(amount // 2), chance.randint(1, 50_000)))
    return amount + step if amount + step > 0 and step else amount + 1


def tampered(book: BookFile, entry_no: int, chance: random.Random) -> tuple[Book, int]:
    """The book with one amount of the entry changed, every balance made to fit; and the line."""
    entry = book.entries[entry_no - 1]
    changed = chance.choice(entry.lines)
    balances: dict[int, int] = {}
    made: Book = []
    for one in book.entries:
        lines = []
        for line in one.lines:
            amount = wrong_amount(chance, line.amount) if line is changed else line.amount
            for number, moved in ((line.debit, amount), (line.credit, -amount)):
                balances[number] = balances.get(number, 0) + moved
            lines.append(line._replace(amount=amount, debit_after=balances[line.debit], credit_after=balances[line.credit]))
        made.append((one.entry, lines))
    return made, changed.line_no


def hashed(group_id: int, book: Book, entry_no: int) -> Book:
    """One entry hashed anew."""
    return [(e._replace(body_hash=chain.body_hash(group_id, e, lines)) if e.entry_no == entry_no else e, lines) for e, lines in book]


def chained(group_id: int, book: Book, genesis: bytes) -> Book:
    """The whole book chained anew."""
    made, head = [], genesis
    for entry, lines in book:
        body = chain.body_hash(group_id, entry, lines)
        head = chain.chain_hash(head, body, entry)
        made.append((entry._replace(body_hash=body, hash=head), lines))
    return made


def as_file(book: BookFile, made: Book) -> BookFile:
    """A forged book as an export, with a head and balances that fit."""
    sums: dict[int, list[int]] = {}
    for _, lines in made:
        for line in lines:
            for number, sign in ((line.debit, 1), (line.credit, -1)):
                held = sums.setdefault(number, [0, 0])
                held[0] += sign * line.amount
                held[1] += sign * line.units
    balances = {n: (b, -units if n // SUB == Kind.SHARES else None, account_words(n)) for n, (b, units) in sums.items()}
    return replace(book, head=made[-1][0].hash, entries=[BookEntry(e, lines, ()) for e, lines in made], balances=balances)


def forge(book: BookFile, sort: str, chance: random.Random) -> tuple[BookFile, int]:
    """A forged book of a sort, and the entry that is wrong: one that a meeting's code covers."""
    last = max(closings(book))
    entry_no = chance.choice([one.entry.entry_no for one in book.entries if one.lines and one.entry.entry_no <= last])
    made, _ = tampered(book, entry_no, chance)
    if sort == "entry hashed anew":
        made = hashed(book.facts.group_id, made, entry_no)
    if sort == "all chained anew":
        made = chained(book.facts.group_id, made, book.facts.genesis)
    return as_file(book, made), entry_no


@pytest.mark.parametrize("sort", SORTS)
def test_an_old_amount_in_an_export(files, sort):
    chance = random.Random(f"{SEED} {sort}")
    for i in range(IN_MEMORY // len(SORTS)):
        book = files[METHODS[i % 2]]
        forged_book, entry_no = forge(book, sort, chance)
        report = verify_file(forged_book)
        COUNTS[f"made: export, {sort}"] += 1
        if sort == "all chained anew":
            _found_by_what_was_kept(book, forged_book, entry_no, chance)
            COUNTS[f"by the rules alone: export, {sort}"] += report.problem is not None
        else:
            assert report.problem is not None
            assert report.problem.entry_no == entry_no
            assert report.entries == entry_no - 1
        COUNTS[f"found: export, {sort}"] += 1


def _found_by_what_was_kept(book: BookFile, forged_book: BookFile, entry_no: int, chance: random.Random) -> None:
    """One old code of a member finds it, all codes of the group tell between which meetings, an old export names the entry."""
    codes = {one: Claim(closed.entry.hash[: checkcode.BYTES]) for one, closed in closings(book).items()}
    hers = chance.choice([one for one in codes if one >= entry_no])
    report = verify_file(forged_book, [codes[hers]])
    assert report.problem is not None
    assert report.codes[0].place is None
    before = [one for one in codes if one < entry_no]
    if before and verify_file(forged_book).problem is None:
        assert verify_file(forged_book, [codes[chance.choice(before)]]).problem is None
    every = [replace(claim, meeting_no=place) for place, claim in enumerate(codes.values(), 1)]
    told = verify_file(forged_book, every).problem
    assert told is not None
    _tells_where(told, entry_no, list(codes))
    named = verify_file(forged_book, kept=book.hashes).problem
    assert named is not None
    assert named.entry_no == entry_no


def _tells_where(told: Problem, entry_no: int, closed: list[int]) -> None:
    """The rules name the entry in which it shows; the codes all entries from one meeting to the next, the wrong one among them."""
    before, covering = max((one for one in closed if one < entry_no), default=0), min(one for one in closed if one >= entry_no)
    assert told.entry_no is not None
    if "rewritten" in told.what:
        assert told.entry_no == before + 1
        assert f"up to entry {covering}" in told.what or covering == before + 1
    else:
        assert entry_no <= told.entry_no <= covering
        COUNTS["named exactly by the rules: all chained anew"] += told.entry_no == entry_no


# ---------------------------------------------------------------- in the database, as a superuser


@contextlib.contextmanager
def forging(owner: psycopg.Connection[Any]) -> Iterator[None]:
    """A superuser's transaction without triggers or foreign keys; taken back at the end."""
    with owner.transaction(force_rollback=True):
        owner.execute("set transaction isolation level repeatable read")
        owner.execute("set local session_replication_role = replica")
        yield


def in_sql(owner: psycopg.Connection[Any], group_id: int, sort: str, chance: random.Random, last: int) -> int | None:
    """One amount of an old entry changed; the entry, or None when even the caches would not have it (a box below nothing)."""
    rows = owner.execute(
        "select line_no, entry_no, amount from line where group_id = %s and entry_no <= %s order by line_no", (group_id, last)
    ).fetchall()
    line_no, entry_no, amount = chance.choice(rows)
    statements = [*RESUM]
    if sort == "entry hashed anew":
        statements.append(f"{BODIES} and e.entry_no = {entry_no}")
    if sort == "all chained anew":
        statements += [BODIES, CHAIN, HEAD]
    try:
        with owner.transaction():
            change = "update line set amount = %s where group_id = %s and line_no = %s"
            owner.execute(change, (wrong_amount(chance, amount), group_id, line_no))
            for statement in statements:
                owner.execute(statement.replace("GROUP", str(group_id)).encode())
    except psycopg.errors.IntegrityError:
        return None
    return int(entry_no)


@pytest.mark.parametrize("sort", SORTS)
def test_an_old_amount_in_the_database(db, owner, files, sort):
    chance = random.Random(f"{SEED} sql {sort}")
    wanted = IN_SQL // len(SORTS) + (sort == SORTS[0]) * (IN_SQL % len(SORTS))
    for i in range(20 * wanted):
        if COUNTS[f"made: database, {sort}"] == wanted:
            break
        book = files[METHODS[i % 2]]
        with forging(owner):
            entry_no = in_sql(owner, book.facts.group_id, sort, chance, max(closings(book)))
            if entry_no is None:
                continue
            COUNTS[f"made: database, {sort}"] += 1
            if sort == "all chained anew":
                _found_by_texts_and_codes(owner, book, entry_no, chance)
            else:
                _found_by_verify_and_codes(owner, book, entry_no, chance)
            COUNTS[f"found: database, {sort}"] += 1
    assert COUNTS[f"found: database, {sort}"] == wanted
    assert verify(db.connection(), files[METHODS[0]].facts.group_id).problem is None


def _answers(owner: psycopg.Connection[Any], book: BookFile, entry_no: int, chance: random.Random) -> tuple[str, str | None]:
    """What an old code from after the change is told, and one from before it."""
    after = chance.choice([one for one in closings(book) if one >= entry_no])
    before = [one for one in closings(book) if one < entry_no]
    codes = [checkcode.code_of(book.entries[one - 1].entry.hash) for one in (after, *(before and [chance.choice(before)]))]
    told = [checkcode.check(owner, book.facts.group_id, code).verdict for code in codes]
    return told[0], told[1] if before else None


def _found_by_verify_and_codes(owner: psycopg.Connection[Any], book: BookFile, entry_no: int, chance: random.Random) -> None:
    report = verify(owner, book.facts.group_id)
    assert report.problem is not None
    assert report.problem.entry_no == entry_no
    after, before = _answers(owner, book, entry_no, chance)
    assert after == "changed"
    assert before in ("unchanged", None)


def _tells_where_by_texts(owner: psycopg.Connection[Any], book: BookFile, entry_no: int) -> None:
    first = verify(owner, book.facts.group_id).problem
    assert first is not None
    _tells_where(first, entry_no, [one.entry.entry_no for one in book.entries if one.entry.kind in (EntryKind.MEETING, EntryKind.SHARE_OUT)])


def _found_by_texts_and_codes(owner: psycopg.Connection[Any], book: BookFile, entry_no: int, chance: random.Random) -> None:
    """Even where the rules find nothing, the closing texts do; without them, an old code does, and a kept export names the entry."""
    group_id = book.facts.group_id
    _tells_where_by_texts(owner, book, entry_no)
    after, before = _answers(owner, book, entry_no, chance)
    assert after == "unknown"
    assert before in ("unchanged", None)
    owner.execute("update outbox set text = 'lost' where group_id = %s", (group_id,))
    COUNTS["by the rules alone: database, all chained anew"] += verify(owner, group_id).problem is not None
    named = verify(owner, group_id, kept=book.hashes).problem
    assert named is not None
    assert named.entry_no == entry_no


@pytest.mark.parametrize("method", METHODS)
def test_in_whatever_order_the_texts_are_read_the_first_tells_where(owner, files, method):
    book, chance = files[method], random.Random(f"{SEED} order")
    for _ in range(5):
        with forging(owner):
            owner.execute("set local enable_sort = off")
            entry_no = in_sql(owner, book.facts.group_id, SORTS[2], chance, max(closings(book)))
            if entry_no is not None:
                _tells_where_by_texts(owner, book, entry_no)
