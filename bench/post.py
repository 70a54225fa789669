"""Posting: `ledger.journal.post` with a receipt, all laws on, against the smallest honest posting, on the same PostgreSQL.

    python -m bench.post        one client: reads jobs from standard input; see `run`

The smallest honest posting is one SQL function in a schema of its own: two lines, the row that ties them, two cached balances, one
commit. It knows no command id, no gapless numbers, no seal, no chain, no receipt. Both are one prepared statement on an autocommit
connection of `ledger.db`.
"""

from __future__ import annotations

import random
import time
from datetime import date
from typing import Any
from uuid import uuid4

import psycopg

from bench.crew import crew, serve
from bench.figures import Row, Spread, at_least, per_second, ratios
from bench.fill import Size, fill
from bench.people import MEMBERS
from bench.service import running
from ledger import rules
from ledger.db import Conn, connect
from ledger.journal import Receipt, post

CLIENTS = 8
GROUPS = 400
SMALLEST = """
create schema smallest;
create table smallest.account (group_id int, account int, balance bigint not null default 0, primary key (group_id, account))
  with (fillfactor = 70);
create table smallest.posting (posting bigint generated always as identity primary key, group_id int not null, happened_on date not null,
  posted_at timestamptz not null default clock_timestamp());
create table smallest.line (posting bigint not null, side smallint not null, group_id int not null, account int not null,
  amount bigint not null, primary key (posting, side));
create function smallest.post(g int, debit int, credit int, much bigint, day date) returns bigint language plpgsql as $$
declare n bigint;
begin
  update smallest.account set balance = balance + much where group_id = g and account = debit;
  update smallest.account set balance = balance - much where group_id = g and account = credit;
  insert into smallest.posting (group_id, happened_on) values (g, day) returning posting into n;
  insert into smallest.line values (n, 1, g, debit, much), (n, 2, g, credit, -much);
  return n;
end $$;
insert into smallest.account select group_id, account from public.account;
grant usage on schema smallest to public;
grant all on all tables in schema smallest to public;
"""
_TEXT = "Village 1: receipt 4711, 21/11/2026, No.3 bought 2 shares, KSh 400. You now have 24 shares = KSh 4,800."
_CONNECTION: dict[str, Conn] = {}


def run(job: dict[str, Any]) -> dict[str, float]:
    """Post for some seconds. A job: dsn, kind ("ours" or "smallest"), seconds, groups, hot (all into one group)."""
    conn = _CONNECTION.get(job["dsn"]) or _CONNECTION.setdefault(job["dsn"], connect(job["dsn"], "bench"))
    one = _ours if job["kind"] == "ours" else _smallest
    done, started = 0, time.perf_counter()
    until = started + job["seconds"]
    while time.perf_counter() < until:
        one(conn, 1 if job["hot"] else random.randint(1, job["groups"]), random.randint(5, MEMBERS))
        done += 1
    return {"done": done, "seconds": time.perf_counter() - started}


def _ours(conn: Conn, group: int, member: int) -> None:
    entry = rules.buy_shares(member, 2, 20_000)
    receipt = Receipt(member, "receipt", _TEXT, "GSM-7", 1)
    posted = post(conn, group, uuid4(), entry, date.today(), asked_by=member, confirmed_by=3, receipts=[receipt])
    assert not posted.repeated


def _smallest(conn: Conn, group: int, member: int) -> None:
    conn.execute("select smallest.post(%s, %s, %s, %s::bigint, %s)", (group, 1_000_000, 3_000_000 + member, 40_000, date.today())).fetchone()


def measure(quick: bool) -> list[Row]:
    """All rows about posting."""
    rounds, seconds = (9, 0.5) if quick else (15, 1.0)
    kinds = [(kind, hot) for hot in ((False,) if quick else (False, True)) for kind in ("smallest", "ours")]
    rates: dict[tuple[str, bool], list[float]] = {kind: [] for kind in kinds}
    with running() as service, crew("bench.post", CLIENTS) as hands:
        service.new_database("dialbook")
        fill(service.dsn(), Size(GROUPS // 10 if quick else GROUPS, 22), 60)
        with psycopg.connect(service.dsn(), autocommit=True) as conn:
            conn.execute(SMALLEST)
        job = {"dsn": service.dsn("dialbook_app"), "groups": GROUPS // 10 if quick else GROUPS}
        for number in range(rounds + 1):
            for kind, hot in kinds:
                answers = hands.do([job | {"kind": kind, "hot": hot, "seconds": seconds if number else 0.5}] * CLIENTS)
                if number:  # the first round only warms up
                    rates[kind, hot].append(sum(answer["done"] / answer["seconds"] for answer in answers))
        books = _agrees(service.dsn())
    rows = [
        at_least(
            f"posting, all laws and a receipt / smallest posting, {CLIENTS} clients", ratios(rates["ours", False], rates["smallest", False]), 0.6
        )
    ]
    if not quick:
        hot = ratios(rates["ours", True], rates["smallest", True])
        rows.append(Row("  the same, all into one group", hot.say("{:.2f}".format)))
    rows += [Row(f"  {kind}: postings/s", Spread.of(rates[kind, False]).say(per_second)) for kind in ("smallest", "ours")]
    return [*rows, Row("  accounts that differ from the sum of their lines", str(books), "0", books == 0)]


def _agrees(dsn: str) -> int:
    """How many cached balances are not the sum of their lines, after everything."""
    with psycopg.connect(dsn) as conn:
        row = conn.execute("""
            select count(*) from account a full join (
              select group_id, account, sum(amount) as total from (
                select group_id, debit as account, amount from line union all select group_id, credit, -amount from line) legs
              group by group_id, account) s using (group_id, account) where a.balance is distinct from s.total""").fetchone()
    assert row is not None
    return int(row[0])


if __name__ == "__main__":
    serve(run)
