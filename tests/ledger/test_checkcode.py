"""The code in the closing text: what people may type for it, and what today's book answers."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from full_book import fill, new_code, text, the_year, today_in
from hypothesis import given
from hypothesis import strategies as st

from gateway import groupfile
from ledger import checkcode
from ledger.checkcode import Answer, check, code_of, read

HASH = bytes(range(32))


@given(st.binary(min_size=32, max_size=32))
def test_what_is_shown_is_read_back(head):
    code = code_of(head)
    assert len(code) == 9
    assert not set("ILOU") & set(code)
    assert read(code) == head[: checkcode.BYTES]


@pytest.mark.parametrize("typed", ["{}", " {} ", "{}\n", "{}."])
@pytest.mark.parametrize("change", [str, str.lower, lambda code: code.replace("-", ""), lambda code: code.replace("-", " - "), lambda code: " ".join(code),
                                    lambda code: code.replace("0", "o").replace("1", "l"), lambda code: code.replace("0", "O").replace("1", "I"),
                                    lambda code: code.replace("-", "\u2013"), lambda code: code.replace("-", "\u00a0")])  # fmt: skip
def test_as_people_type_it(typed, change):
    assert code_of(HASH) == "000G-40R4"
    assert read(typed.format(change("000G-40R4"))) == HASH[:5]


@pytest.mark.parametrize(
    "typed", ["", "000G-40R", "000G-40R44", "UUUU-UUUU", "000G-40R!", "000G 40R4 please", "٠٠٠٠٠٠٠٠", "0" * 41, "ß" * 8, "\x00" * 8]
)
def test_what_is_no_code(typed):
    assert read(typed) is None


@pytest.fixture(scope="module")
def year(db):
    return the_year(db, "rolled").group_id


def closings(owner: psycopg.Connection[Any], group_id: int) -> list[Any]:
    """(meeting, entry, day, hash) of every closed meeting, oldest first."""
    query = """select c.meeting_no, c.entry_no, c.held_on, e.hash from meeting_close c join entry e using (group_id, entry_no)
                where group_id = %s order by c.meeting_no"""
    return owner.execute(query, (group_id,)).fetchall()


@contextlib.contextmanager
def forged(owner: psycopg.Connection[Any]) -> Iterator[None]:
    with owner.transaction(force_rollback=True):
        owner.execute("set transaction isolation level repeatable read")
        owner.execute("set local session_replication_role = replica")
        yield


def test_the_code_of_every_meeting_is_known_with_its_day(db, owner, year):
    found = closings(owner, year)
    assert len(found) > 10
    for meeting_no, entry_no, held_on, head in found:
        assert check(db.connection(), year, code_of(head).lower()) == Answer("unchanged", entry_no, meeting_no, held_on)


def test_the_code_of_an_entry_between_meetings_names_the_last_meeting(db, owner, year):
    entry = owner.execute("select hash, happened_on from entry where group_id = %s and entry_no = 3", (year,)).fetchone()
    answer = check(db.connection(), year, code_of(entry[0]))
    assert (answer.unchanged, answer.entry_no, answer.on) == (True, 3, entry[1])
    assert answer.meeting_no == sum(closing[1] <= 3 for closing in closings(owner, year))


def test_the_code_stands_in_the_closing_text(db, owner, year):
    _, entry_no, _, head = closings(owner, year)[4]
    texts = [
        row[0] for row in owner.execute("select text from outbox where group_id = %s and entry_no = %s and purpose = 'closed'", (year, entry_no))
    ]
    assert len(texts) == 2
    assert all(code_of(head) in text for text in texts)


def test_a_code_of_nobody(db, year):
    assert check(db.connection(), year, "ZZZZ-ZZZZ") == Answer("unknown")
    assert check(db.connection(), year, "no code") == Answer("unknown")


def test_a_code_of_another_group_is_unknown_here(db, owner, year):
    other = fill(db)
    head = owner.execute("select head from book_head where group_id = %s", (other,)).fetchone()[0]
    assert check(db.connection(), other, code_of(head)).unchanged
    assert check(db.connection(), year, code_of(head)) == Answer("unknown")


def test_an_old_amount_changed_and_nothing_else(owner, year):
    """The entries still say that they have their hashes; the book no longer leads to those after the change."""
    before, at, after = closings(owner, year)[2:5]
    with forged(owner):
        owner.execute("update line set amount = amount + 1 where group_id = %s and entry_no = %s and reason = 10", (year, at[1]))
        assert check(owner, year, code_of(before[3])).verdict == "unchanged"
        assert check(owner, year, code_of(at[3])) == Answer("changed", at[1], at[0], at[2])
        assert check(owner, year, code_of(after[3])).verdict == "changed"


@pytest.mark.parametrize(
    "change",
    [
        "update entry set annex = replace(annex, '\"present\"', '\"absent\"') where group_id = %s and entry_no = %s",
        "update entry set happened_on = happened_on - 1 where group_id = %s and entry_no = %s",
        "update entry set confirmed_by = 1 where group_id = %s and entry_no = %s",
        "update line set member = 2 where group_id = %s and entry_no = %s and member = 1",
        "delete from line where group_id = %s and line_no = (select first_line from entry e where e.group_id = line.group_id and e.entry_no = %s)",
        "update savings_group set code = code || 'X' where group_id = %s and %s > 0",
        "update constitution set terms = terms || '{\"share_price\": 1}' where group_id = %s and %s > 0 and version = 1",
    ],
)
def test_whatever_is_hashed(owner, year, change):
    meeting = closings(owner, year)[3]
    with forged(owner):
        assert owner.execute(change, (year, meeting[1])).rowcount > 0
        assert check(owner, year, code_of(meeting[3])).verdict == "changed"


def test_stored_hashes_are_not_believed(owner, year):
    """The book is what it was; only what it says of its own hashes is not. And a hash that is written down leads nowhere."""
    meeting = closings(owner, year)[3]
    with forged(owner):
        owner.execute("update entry set hash = sha256(hash), body_hash = sha256(body_hash) where group_id = %s", (year,))
        assert check(owner, year, code_of(meeting[3])).verdict == "unchanged"
        owner.execute(
            "update entry set hash = decode('0123456789', 'hex') || substring(hash from 6) where group_id = %s and entry_no = %s", (year, meeting[1])
        )
        assert check(owner, year, "04HM-ASW9").verdict == "changed"


def test_dates_that_nobody_wrote(owner, year):
    meeting = closings(owner, year)[3]
    with forged(owner):
        owner.execute("update entry set happened_on = 'infinity' where group_id = %s and entry_no = 2", (year,))
        assert check(owner, year, code_of(meeting[3])).verdict == "changed"
        assert check(owner, year, "ZZZZ-ZZZZ").verdict == "unknown"


def test_a_long_book_is_answered_later(db, owner, year, monkeypatch):
    meeting = closings(owner, year)[9]
    code = code_of(meeting[3])
    assert check(db.connection(), year, code, lines_max=50) == Answer("too_long")
    assert check(db.connection(), year, code, lines_max=None).unchanged
    assert check(db.connection(), year, code_of(closings(owner, year)[0][3]), lines_max=100).unchanged


def test_a_book_without_entries(db):
    today = today_in(db)
    with db.transaction() as conn:
        group_id, _ = groupfile.load(conn, groupfile.read(text(new_code(), today).partition("opening:")[0], today))
    assert check(db.connection(), group_id, "ZZZZ-ZZZZ") == Answer("unknown")
    with pytest.raises(LookupError):
        check(db.connection(), 2_000_000_000, "ZZZZ-ZZZZ")
