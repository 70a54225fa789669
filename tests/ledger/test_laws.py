"""What PostgreSQL refuses, whoever asks: as the application's role and as a superuser with all triggers in place."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import psycopg
import pytest

from ledger import rules, rules_loans
from ledger.accounts import CHART, Kind, account
from ledger.journal import CommandConflict, NotEnoughCash, Receipt, post

TODAY = date(2026, 11, 21)


def add_share(conn, group_id, command=None, units=1):
    entry = rules.buy_shares(12, units, 20_000)
    told = [Receipt(12, "receipt", "words", "GSM-7", 1)]
    return post(conn, group_id, command or uuid4(), entry, TODAY, asked_by=12, confirmed_by=3, receipts=told)


@pytest.mark.parametrize("table", ["entry", "line", "loan", "request", "approver", "approval", "outcome", "constitution", "cycle", "savings_group"])
@pytest.mark.parametrize("deed", ["update {t} set group_id = group_id", "delete from {t}", "truncate {t} cascade"])
def test_nothing_is_updated_deleted_or_emptied(village, db, owner, table, deed):
    v = village()
    v.dial(12, "2", "1", "1")
    v.text(3, f"OK {v.code_of(3)}")
    v.work()
    with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState, match="append-only"):
        owner.execute(deed.format(t=table))
    with pytest.raises(psycopg.errors.InsufficientPrivilege), db.transaction() as conn:
        conn.execute(deed.format(t=table))


@pytest.mark.parametrize("table", ["account", "book_head", "outbox", "inbound_sms"])
def test_caches_and_texts_are_not_deleted(village, owner, table):
    village()
    for deed in (f"delete from {table}", f"truncate {table} cascade"):
        with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState):
            owner.execute(deed)


def test_a_balanced_line_cannot_be_added_to_an_old_entry(village, owner):
    v = village()
    before = owner.execute("select * from line where group_id = %s", (v.group_id,)).fetchall()
    late = """insert into line (group_id, line_no, entry_no, debit, credit, amount, debit_after, credit_after, reason)
              values (%s, %s, 1, 1000000, 4900000, 5, 5000005, -5000005, 1)"""
    for line_no in (len(before) + 1, 999):
        with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState, match="sealed"):
            owner.execute(late, (v.group_id, line_no))
    v.verify()


def test_a_line_needs_its_entry_and_an_entry_its_lines(village, owner):
    v = village()
    with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState, match="sealed"):
        owner.execute(
            """insert into line (group_id, line_no, entry_no, debit, credit, amount, debit_after, credit_after, reason)
               values (%s, 99, 99, 1000000, 4900000, 5, 5, -5, 1)""",
            (v.group_id,),
        )
    with pytest.raises(psycopg.errors.CheckViolation, match="lacks lines"):
        owner.execute(
            """insert into entry (group_id, entry_no, first_line, line_count, kind, asked_by, confirmed_by, second_by, happened_on, posted_at,
                                  command_id, body_hash, hash) values (%s, 99, 99, 1, 2, 1, 1, 0, now(), now(), %s, '', '')""",
            (v.group_id, uuid4()),
        )


def test_an_unbalanced_or_mixed_line_has_no_form(owner, village):
    v = village()
    with owner.transaction(force_rollback=True):
        owner.execute(
            """insert into entry (group_id, entry_no, first_line, line_count, kind, asked_by, confirmed_by, second_by, happened_on, posted_at,
                                  command_id, body_hash, hash) values (%s, 99, 99, 1, 2, 1, 1, 0, now(), now(), %s, '', '')""",
            (v.group_id, uuid4()),
        )
        for debit, credit, amount in ((1_000_000, 1_000_000, 5), (1_000_000, 7_000_000, 5), (1_000_000, 4_900_000, 0), (1_000_000, 4_900_000, -5)):
            with pytest.raises(psycopg.errors.CheckViolation), owner.transaction():
                owner.execute(
                    """insert into line (group_id, line_no, entry_no, debit, credit, amount, debit_after, credit_after, reason)
                       values (%s, 99, 99, %s, %s, %s, 0, 0, 1)""",
                    (v.group_id, debit, credit, amount),
                )


def test_a_lines_account_belongs_to_the_entrys_group(village, owner):
    v = village()
    with owner.transaction(force_rollback=True):
        owner.execute(
            """insert into entry (group_id, entry_no, first_line, line_count, kind, asked_by, confirmed_by, second_by, happened_on, posted_at,
                                  command_id, body_hash, hash) values (%s, 99, 99, 1, 2, 1, 1, 0, now(), now(), %s, '', '')""",
            (v.group_id, uuid4()),
        )
        with pytest.raises(psycopg.errors.ForeignKeyViolation, match="not its group"):
            owner.execute(
                """insert into line (group_id, line_no, entry_no, debit, credit, amount, debit_after, credit_after, reason)
                   values (%s, 99, 99, 1000000, 3000099, 5, 5, -5, 1)""",
                (v.group_id,),
            )


def test_a_command_is_posted_once_for_ever_and_another_body_is_kept_as_an_error(village, db):
    v, command = village(), uuid4()
    with db.transaction() as conn:
        first = add_share(conn, v.group_id, command)
    with db.transaction() as conn:
        again = add_share(conn, v.group_id, command)
        assert (again.entry_no, again.repeated) == (first.entry_no, True)
        with pytest.raises(CommandConflict):
            add_share(conn, v.group_id, command, units=2)
    assert v.shares(12) == (11, 220_000)
    [kept] = v.rows("select command_id, kept_hash, other_hash from command_conflict where group_id = %s")
    assert kept.command_id == command
    assert kept.kept_hash != kept.other_hash
    with pytest.raises(AssertionError, match="entry 2: was not asked for"):
        v.verify()  # posted past the desk: the proof says so


@pytest.mark.parametrize(
    "entry",
    [rules_loans.grant_loan(7, 2, 5_000_001), rules_loans.repay(12, 1, 0, 1_500_001), rules_loans.repay(12, 1, 0, 2_000_000)],
    ids=["cash box", "loan by one", "loan by far"],
)
def test_cash_boxes_and_loans_never_go_below_zero(village, db, entry):
    v = village()
    with pytest.raises(NotEnoughCash), db.transaction() as conn:
        post(conn, v.group_id, uuid4(), entry, TODAY, asked_by=2, confirmed_by=3)
    assert v.entries() == 1
    v.verify()


@pytest.mark.parametrize(
    "rows",
    [
        "insert into constitution select group_id, 2, from_on, terms || '{{\"share_price\": 1}}' from constitution where group_id = {g}",
        "insert into cycle select group_id, 2, ends_on, ends_on + 300 from cycle where group_id = {g}",
        """insert into loan select group_id, 9, member, entry_no, original, principal, 0, method, rate_bp, period, issued_on, opened_on, due_on
             from loan where group_id = {g}""",
    ],
    ids=["constitution", "cycle", "loan"],
)
def test_rules_come_with_the_group_and_terms_with_their_entry(village, db, owner, rows):
    v = village()
    with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState):
        owner.execute(rows.format(g=v.group_id))
    with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState), db.transaction() as conn:
        conn.execute(rows.format(g=v.group_id))


def test_the_application_adds_no_officer_and_no_phone_to_a_group(village, db):
    v = village()
    for row in ("member values ({g}, 99, 'Eve', 'en', '{{treasurer}}')", "member_phone values ('+254711111111', {g}, 3)"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), db.transaction() as conn:
            conn.execute("insert into " + row.format(g=v.group_id))


def test_the_receipt_is_written_with_the_entry_or_not_at_all(village, db):
    v = village()
    receipt = Receipt(12, "receipt", "words", "GSM-7", 1)

    def post_then_fail() -> None:
        with db.transaction() as conn:
            post(conn, v.group_id, uuid4(), rules.pay_social_fund(12, 5_000), TODAY, asked_by=12, confirmed_by=3, receipts=[receipt])
            raise InterruptedError

    with pytest.raises(InterruptedError):
        post_then_fail()
    assert (v.entries(), v.texts(12)) == (1, [])
    with db.transaction() as conn:
        post(conn, v.group_id, uuid4(), rules.pay_social_fund(12, 5_000), TODAY, asked_by=12, confirmed_by=3, receipts=[receipt])
    assert (v.entries(), v.texts(12)) == (2, ["words"])


def test_the_application_owns_nothing(db):
    with db.transaction() as conn:
        who = conn.execute("select current_user as name").fetchone().name
        owned = conn.execute("select count(*) as n from pg_class where relowner = current_user::regrole").fetchone().n
        may = (
            conn.execute(
                """select count(*) as n from unnest(array['entry', 'line', 'account']) t, unnest(array['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) p
                where has_table_privilege(t, p)"""
            )
            .fetchone()
            .n
        )
    assert (who, owned, may) == ("dialbook_app", 0, 0)


def test_the_group_is_the_first_column_of_every_key(owner):
    """Tables of one group's own rows; the directory, the texts and Alembic's table are keyed by what comes from outside."""
    others = {"savings_group", "account_kind", "member_phone", "inbound_sms", "delivery_report", "wrong_code", "suppressed", "alembic_version"}
    rows = owner.execute(
        """select c.relname as name, a.attname as first from pg_index i join pg_class c on c.oid = i.indrelid
             join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'
             join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0] where i.indisunique"""
    ).fetchall()
    assert {name for name, first in rows if first != "group_id"} - others == set()


def test_the_chart_in_the_database_is_the_chart_in_the_code(owner):
    rows = owner.execute("select kind, name, lowest, highest from account_kind order by kind").fetchall()
    assert rows == [(int(row.kind), row.name, row.lowest, row.highest) for row in CHART]
    assert account(Kind.SHARES, 12) == 3_000_012
