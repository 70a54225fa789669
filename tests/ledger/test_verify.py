"""The proof finds what somebody with every right changed in the tables, also when he made the caches fit."""

from __future__ import annotations

import contextlib
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from full_book import METHODS, fill, the_year

from ledger.entry import EntryKind
from ledger.verify import Report, verify

OF_EACH, TRIES = 3, 60  # single changes of each field, and how often one is drawn for them
SEED = 20261121
# Every stored value that something else vouches for. Not here, because nothing in the database contradicts them: names, languages
# and phones of members; sealed_in, which only guards the moment of posting.
FIELDS = {
    "entry": ["entry_no", "first_line", "line_count", "kind", "asked_by", "confirmed_by", "second_by", "happened_on", "posted_at", "command_id",
              "body_hash", "hash", "annex"],
    "line": ["line_no", "entry_no", "debit", "credit", "amount", "debit_after", "credit_after", "units", "loan_no", "reason", "member"],
    "account": ["account", "balance", "units", "lowest", "highest"],
    "book_head": ["next_line", "next_entry", "head", "closed_on"],
    "savings_group": ["code", "genesis", "file_hash"],
    "constitution": ["version", "from_on", "terms", "entry_no"],
    "cycle": ["number", "starts_on", "ends_on", "entry_no"],
    "loan": ["loan_no", "member", "entry_no", "original", "principal", "opening_charge", "method", "rate_bp", "period", "issued_on", "opened_on",
             "due_on", "late_rule", "fund"],
    "loan_event": ["loan_no", "event_no", "entry_no", "kind", "happened_on", "due_before", "due_on", "principal", "charge"],
    "correction": ["line_no", "entry_no", "corrects", "cancels", "happened_on"],
    "meeting": ["meeting_no", "opened_by", "loan_fund_expected", "loan_fund_counted", "social_fund_expected", "social_fund_counted"],
    "meeting_note": ["meeting_no", "command_id", "kind", "member", "noted_by", "body", "body_hash"],
    "meeting_close": ["meeting_no", "entry_no", "held_on", "loan_meeting"],
    "share_out": ["cycle", "entry_no", "sheet"],
    "member_left": ["member", "entry_no", "why", "waits"],
    "outcome": ["entry_no"],
    "request": ["command_id", "kind", "member", "asked_by", "body", "body_hash"],
}  # fmt: skip
ONLY_WITH_MEETINGS = ("loan_event", "correction", "meeting", "meeting_note", "meeting_close", "share_out", "member_left")


@pytest.fixture(scope="module")
def books(db):
    return {method: fill(db, method) for method in METHODS} | {"year": the_year(db, "rolled").group_id}


@contextlib.contextmanager
def forged(owner: psycopg.Connection[Any]) -> Iterator[None]:
    """A superuser's transaction without triggers or foreign keys; taken back at the end."""
    with owner.transaction(force_rollback=True):
        owner.execute("set transaction isolation level repeatable read")
        owner.execute("set local session_replication_role = replica")
        yield


def changed(kind: str, column: str, chance: random.Random) -> str:
    """An SQL expression near the stored value, never equal to it."""
    if kind == "bytea":
        return f"set_byte({column}, {chance.randrange(32)}, get_byte({column}, 0) # {chance.randrange(1, 256)})"
    step = chance.choice([1, -1, 2, 7, -3, 999])
    return {
        "date": f"{column} + {step}",
        "timestamp with time zone": f"{column} + {step} * interval '1 microsecond'",
        "uuid": "gen_random_uuid()",
        "text": f"""case {column} when 'flat' then 'declining' when 'declining' then 'rolled' when 'rolled' then 'flat' when 'month' then 'four_weeks'
            when 'four_weeks' then 'month' when 'repay' then 'pay_fine' when 'extra_charge' then 'none' when 'none' then 'extra_charge'
            when 'loan_fund' then 'entrusted' when 'entrusted' then 'loan_fund' when 'social_fund' then 'loan_fund' when 'rollover' then 'written_off'
            when 'written_off' then 'rollover' when 'corrected' then 'rollover' when 'reinstated' then 'rollover' when 'leaves' then 'dies'
            when 'dies' then 'leaves' when 'expelled' then 'leaves' when 'absconds' then 'dies' else substr({column} || 'X', 2) end""",
        "jsonb": f"{column} || '{{\"amount\": 77}}'" if column == "body" else f"{column} || '{{\"charge_rate_bp\": 77}}'",
        "boolean": f"not {column}",
    }.get(kind, f"{column} + {step}")


def kinds_of(owner: psycopg.Connection[Any], table: str) -> dict[str, str]:
    query = "select column_name, data_type from information_schema.columns where table_schema = 'public' and table_name = %s"
    return {row[0]: row[1] for row in owner.execute(query, (table,))}


def tamper(owner: psycopg.Connection[Any], group_id: int, table: str, column: str, chance: random.Random) -> bool:
    """Change one field of one random row; False when the table's own checks would not have it, or it stayed as it was."""
    where = f"ctid = (select ctid from {table} where group_id = %s order by random() limit 1)"
    fingerprint = f"select sum(hashtextextended(t::text, 0)) from {table} t where group_id = %s"
    value = changed(kinds_of(owner, table)[column], column, chance)
    try:
        with owner.transaction():
            before = owner.execute(fingerprint, (group_id,)).fetchone()
            done = owner.execute(f"update {table} set {column} = {value} where {where}", (group_id,))
            after = owner.execute(fingerprint, (group_id,)).fetchone()
            return done.rowcount == 1 and before != after
    except (psycopg.errors.IntegrityError, psycopg.errors.NumericValueOutOfRange, psycopg.errors.StringDataRightTruncation):
        return False


@pytest.mark.parametrize("table", FIELDS)
def test_single_changes_are_all_found(owner, books, table):
    chance = random.Random(f"{SEED} {table}")
    owner.execute("select setseed(0.2026)")
    done, missed = Counter(), []
    for column in FIELDS[table]:
        for i in range(TRIES):
            if done[column] == OF_EACH:
                break
            group_id = books["year"] if table in ONLY_WITH_MEETINGS or i % 2 else chance.choice(list(books.values()))
            with forged(owner):
                if not tamper(owner, group_id, table, column, chance):
                    continue
                if verify(owner, group_id).problem is None:
                    missed.append(column)
                done[column] += 1
        assert done[column] == OF_EACH, column
    assert missed == []


def report_after(owner: psycopg.Connection[Any], group_id: int, *statements: str) -> Report:
    with forged(owner):
        for statement in statements:
            owner.execute(statement.replace("GROUP", str(group_id)).encode())
        return verify(owner, group_id)


@pytest.mark.parametrize("method", METHODS)
def test_an_honest_book_is_unbroken(db, books, method):
    report = verify(db.connection(), books[method])
    assert report.problem is None
    assert report.entries == 10
    assert report.lines >= 15


def test_an_honest_book_with_everything_in_it_is_unbroken(db, owner, books):
    report = verify(db.connection(), books["year"])
    assert report.problem is None
    kinds = {row[0] for row in owner.execute("select kind from entry where group_id = %s", (books["year"],))}
    assert kinds >= set(EntryKind) - {EntryKind.WRITE_OFF}


def test_the_first_bad_entry_is_named(owner, books):
    report = report_after(owner, books["flat"], "update line set amount = amount + 1 where group_id = GROUP and entry_no = 4")
    assert report.problem is not None
    assert (report.entries, report.problem.entry_no) == (3, 4)
    assert str(report.problem) == "entry 4: its lines are not what was posted"


def test_of_two_wrong_things_the_first_is_named(owner, books):
    later = "update line set amount = amount + 1 where group_id = GROUP and entry_no = 8"
    for earlier, words in (
        ("delete from outbox where group_id = GROUP and entry_no = 3", "entry 3: no receipt"),
        ("update loan set due_on = due_on + 1 where group_id = GROUP and loan_no = 2", "entry 6: the terms of loan 2: not what was posted"),
        ("delete from loan where group_id = GROUP and loan_no = 1", "entry 1: the terms of loan 1: missing"),
    ):
        assert words in str(report_after(owner, books["flat"], later, earlier).problem)


RESUM = (  # balances after every line and the caches, made to fit the lines
    """with leg as (select line_no, 0 as side, debit as a, amount as d from line where group_id = GROUP
                    union all select line_no, 1, credit, -amount from line where group_id = GROUP),
            run as (select line_no, side, sum(d) over (partition by a order by line_no) as so_far from leg)
       update line l set debit_after = (select so_far from run where run.line_no = l.line_no and side = 0),
                         credit_after = (select so_far from run where run.line_no = l.line_no and side = 1) where group_id = GROUP""",
    """update account t set balance = (select coalesce(sum(case when debit = t.account then amount else -amount end), 0) from line l
        where l.group_id = GROUP and t.account in (l.debit, l.credit)) where group_id = GROUP""",
    """update account t set units = (select coalesce(sum(case when debit = t.account then units else -units end), 0) from line l
        where l.group_id = GROUP and t.account in (l.debit, l.credit)) where group_id = GROUP""",
)
BODIES = """update entry e set body_hash = sha256(int4send(e.group_id) || uuid_send(command_id) || int2send(kind) || date_send(happened_on)
     || int2send(asked_by) || int2send(confirmed_by) || int2send(second_by)
     || coalesce((select string_agg(int4send(debit) || int4send(credit) || int8send(amount) || int2send(reason) || int2send(member) || int4send(loan_no)
                           || int4send(units), ''::bytea order by line_no) from line l where l.group_id = e.group_id and l.entry_no = e.entry_no), ''::bytea)
     || convert_to(annex, 'UTF8'))
  where group_id = GROUP"""
CHAIN = """with recursive c as (
     select 0 as n, genesis as h from savings_group where group_id = GROUP
     union all
     select e.entry_no, sha256(c.h || e.body_hash || int4send(e.entry_no) || int4send(e.first_line) || int4send(e.line_count)
                               || timestamptz_send(e.posted_at)) from c join entry e on e.group_id = GROUP and e.entry_no = c.n + 1)
  update entry e set hash = c.h from c where e.group_id = GROUP and e.entry_no = c.n"""
HEAD = """update book_head set head = (select hash from entry where group_id = GROUP order by entry_no desc limit 1),
  next_entry = (select max(entry_no) + 1 from entry where group_id = GROUP), next_line = (select max(line_no) + 1 from line where group_id = GROUP)
  where group_id = GROUP"""
FINE = "update line set amount = amount - 100 where group_id = GROUP and reason = 30"
ASKED = """update request set body = body || '{"amount": 400}', body_hash = sha256(convert_to(
     '["pay_fine",' || group_id || ',' || member || ',' || asked_by || ',{"amount":400}]', 'UTF8')) where group_id = GROUP and kind = 'pay_fine'"""


@pytest.mark.parametrize("after", [(), RESUM, (*RESUM, BODIES)])
def test_money_moved_with_its_caches(owner, books, after):
    report = report_after(owner, books["declining"], FINE, *after)
    assert report.problem is not None
    assert report.problem.entry_no == 4


def test_a_chain_made_new_up_to_the_head(owner, books):
    report = report_after(owner, books["declining"], FINE, *RESUM, BODIES, CHAIN)
    assert str(report.problem) == "entry 4: comes to 400, request 3 asked for 500"
    report = report_after(owner, books["declining"], FINE, *RESUM, BODIES, CHAIN, ASKED)
    assert report.problem is not None
    assert "head" in report.problem.what


def test_a_chain_made_new_with_its_head_shows_in_the_head_only(owner, books):
    """The stated limit: who rewrites everything is found out by a head that was kept elsewhere."""
    kept = owner.execute("select head from book_head where group_id = %s", (books["declining"],)).fetchone()[0]
    with forged(owner):
        for statement in (FINE, *RESUM, BODIES, CHAIN, HEAD, ASKED):
            owner.execute(statement.replace("GROUP", str(books["declining"])).encode())
        assert verify(owner, books["declining"]).problem is None
        assert owner.execute("select head from book_head where group_id = %s", (books["declining"],)).fetchone()[0] != kept


REWRITTEN = {
    "another member's shares": "update line set member = 3 where group_id = GROUP and reason = 10",
    "shares for less": "update line set units = units + 1 where group_id = GROUP and reason = 10",
    "units without shares": "update line set units = 1 where group_id = GROUP and reason = 20",
    "principal for charge": "update line set amount = amount + case reason when 42 then 5 else -5 end where group_id = GROUP and entry_no = 5",
    "another member's loan": "update line set member = 3 where group_id = GROUP and loan_no = 2",
    "a stranger who paid": "update line set member = 777 where group_id = GROUP and reason = 20",
    "a stranger who confirmed": "update entry set confirmed_by = 888 where group_id = GROUP and entry_no = 4",
    "no loan named": "update line set loan_no = 0 where group_id = GROUP and reason = 41 and entry_no = 5",
    "a loan that is smaller": "update line set amount = amount - 1 where group_id = GROUP and reason = 40",
    "cash below nothing": "update line set amount = 1 where group_id = GROUP and line_no = 1",
}


@pytest.mark.parametrize("what", REWRITTEN)
def test_even_with_everything_made_new_the_rules_are_asked(owner, books, what):
    report = report_after(owner, books["declining"], REWRITTEN[what], *RESUM[:1], RESUM[2], "alter table account drop constraint never_below_zero",
                          RESUM[1], BODIES, CHAIN, HEAD)  # fmt: skip
    assert report.problem is not None


LAST = "(select max(entry_no) from entry where group_id = GROUP)"


@pytest.mark.parametrize(
    ("statements", "words"),
    [
        ([f"delete from line where group_id = GROUP and entry_no = {LAST}"], "not all there"),
        (["delete from entry where group_id = GROUP and entry_no = 3"], "entry 3: is missing"),
        ([f"delete from line where group_id = GROUP and entry_no = {LAST}", f"delete from entry where group_id = GROUP and entry_no = {LAST}"],
         "the head says 10 entries, there are 9"),
        (["""insert into line select group_id, line_no + 1, entry_no, debit, credit, amount, debit_after, credit_after, units, loan_no, reason, member
               from line where group_id = GROUP order by line_no desc limit 1"""], "the last is"),
        (["delete from account where group_id = GROUP and account = 3000012"], "equity:shares:12: the cache has no such account"),
        (["insert into account values (GROUP, 3000003, 0, 0, 0, 0)"], "account 3000003 has a balance but no line"),
        (["delete from book_head where group_id = GROUP"], "the head of the book is missing"),
        (["delete from loan where group_id = GROUP and loan_no = 2"], "entry 6: the terms of loan 2: missing"),
        (["delete from outbox where group_id = GROUP and entry_no = 7"], "entry 7: no receipt was written with it"),
        (["update outbox set entry_no = null where group_id = GROUP and entry_no = 2"], "entry 2: no receipt"),
        (["update entry set happened_on = 'infinity' where group_id = GROUP and entry_no = 2"], "entry 1 or a later one cannot be read"),
        (["update loan set issued_on = '9999-12-01', due_on = '9999-12-02' where group_id = GROUP and loan_no = 1"], "entry 1: the terms of loan 1: not what was posted"),
        (["update constitution set terms = terms || '{\"share_price\": 99}' where group_id = GROUP"], "code, file and rules"),
        (["insert into constitution select group_id, 2, from_on + 1, terms || '{\"share_price\": 99}' from constitution where group_id = GROUP"],
         "the rules were changed"),
        (["update loan set due_on = due_on + 1 where group_id = GROUP and loan_no = 1"], "entry 1: the terms of loan 1: not"),
        (["update account_kind set lowest = -5 where kind = 10"], "chart of accounts"),
        (["delete from constitution where group_id = GROUP"], "no constitution"),
    ],
)  # fmt: skip
def test_rows_taken_away_or_added(owner, books, statements, words):
    report = report_after(owner, books["rolled"], *statements)
    assert report.problem is not None
    assert words in str(report.problem)


def test_no_such_group(db):
    with pytest.raises(LookupError):
        verify(db.connection(), 2_000_000_000)


def test_the_proof_reads_one_moment(db, books):
    """Inside it nothing can be written."""
    from ledger import chain

    with chain.one_view(db.connection()), pytest.raises(psycopg.errors.ReadOnlySqlTransaction), db.connection().transaction():
        db.connection().execute("insert into suppressed values ('+254700000001')")
