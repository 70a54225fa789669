"""A whole meeting: 75 lines of 25 members by `ledger.journal.post`, all laws on, against the smallest honest set-based posting of the same lines.

    python -m bench.meeting        one client: reads jobs from standard input; see `run`

The smallest honest posting is one SQL function in a schema of its own, one round trip: the row that ties them, all lines, all cached
balances, one commit. It knows no command id, no gapless numbers, no seal, no chain, no balances after each line. Nothing is retried.
"""

from __future__ import annotations

import json
import random
import time
from datetime import date
from typing import Any
from uuid import uuid4

import psycopg

from bench.crew import crew, serve
from bench.figures import Row, Spread, at_least, at_most, per_second, ratios
from bench.fill import Size, fill
from bench.service import running
from ledger import rules
from ledger.db import Conn, connect
from ledger.entry import Entry, EntryKind, Line
from ledger.journal import post

CLIENTS = 4
GROUPS = 200
PEOPLE = 25
SMALLEST = """
create schema smallest;
create table smallest.account (group_id int, account int, balance bigint not null default 0, primary key (group_id, account))
  with (fillfactor = 70);
create table smallest.posting (posting bigint generated always as identity primary key, group_id int not null, happened_on date not null,
  posted_at timestamptz not null default clock_timestamp());
create table smallest.line (posting bigint not null, place smallint not null, group_id int not null, debit int not null, credit int not null,
  amount bigint not null, reason smallint not null, member smallint not null, units int not null, primary key (posting, place));
create function smallest.post(g int, day date, d int[], c int[], a bigint[], r smallint[], m smallint[], u int[])
  returns bigint language plpgsql as $$
declare n bigint;
begin
  insert into smallest.posting (group_id, happened_on) values (g, day) returning posting into n;
  insert into smallest.account (group_id, account)
  select g, x from unnest(d || c) x where not exists (select from smallest.account t where t.group_id = g and t.account = x) on conflict do nothing;
  update smallest.account t set balance = t.balance + s.delta
    from (select acct, sum(delta)::bigint as delta
            from (select acct, delta from unnest(d, a) x(acct, delta) union all select acct, -delta from unnest(c, a) y(acct, delta)) l
           group by acct) s
   where t.group_id = g and t.account = s.acct;
  insert into smallest.line
  select n, i, g, dd, cc, aa, rr, mm, uu from unnest(d, c, a, r, m, u) with ordinality x(dd, cc, aa, rr, mm, uu, i);
  return n;
end $$;
grant usage on schema smallest to public;
grant all on all tables in schema smallest to public;
"""
_CONNECTION: dict[str, Conn] = {}
_ANNEX = json.dumps({"meeting": {"no": 7, "loan_meeting": True, "held_on": "2026-11-21", "opened_by": 2, "opening": [1, 1, 1, 1, ""],
                                 "closing": [1, 1, 1, 1, ""], "roll": {"present": list(range(1, 24)), "late": [24], "absent": [25]}, "said": []}},
                    sort_keys=True, separators=(",", ":"))  # fmt: skip


def lines_of_a_meeting() -> tuple[Line, ...]:
    """75 lines: everybody buys shares, pays into the social fund and pays a fine."""
    found: list[Line] = []
    for member in range(1, PEOPLE + 1):
        found += rules.buy_shares(member, random.randint(1, 5), 20_000).lines + rules.pay_social_fund(member, 5_000).lines
        found += rules.pay_fine(member, 1_000, "loan_fund").lines
    return tuple(found)


def run(job: dict[str, Any]) -> dict[str, float]:
    """Post for some seconds. A job: dsn, kind ("ours" or "smallest"), seconds, groups."""
    conn = _CONNECTION.get(job["dsn"]) or _CONNECTION.setdefault(job["dsn"], connect(job["dsn"], "bench"))
    one = _ours if job["kind"] == "ours" else _smallest
    done, started = 0, time.perf_counter()
    until = started + job["seconds"]
    while time.perf_counter() < until:
        done += one(conn, random.randint(1, job["groups"]), lines_of_a_meeting())
    return {"done": done, "seconds": time.perf_counter() - started}


def _ours(conn: Conn, group: int, lines: tuple[Line, ...]) -> int:
    posted = post(conn, group, uuid4(), Entry(EntryKind.MEETING, lines), date.today(), asked_by=2, confirmed_by=3, annex=_ANNEX)
    assert not posted.repeated
    return len(lines)


def _smallest(conn: Conn, group: int, lines: tuple[Line, ...]) -> int:
    columns = [[getattr(line, name) for line in lines] for name in ("debit", "credit", "amount", "reason", "member", "units")]
    arrays = ["{" + ",".join([str(int(value)) for value in column]) + "}" for column in columns]
    query = "select smallest.post(%s, %s, %s::int[], %s::int[], %s::bigint[], %s::smallint[], %s::smallint[], %s::int[])"
    conn.execute(query, (group, date.today(), *arrays)).fetchone()
    return len(lines)


def measure(quick: bool) -> list[Row]:
    """All rows about meetings."""
    rounds, seconds, groups = (7, 0.5, GROUPS // 10) if quick else (15, 1.0, GROUPS)
    rates: dict[tuple[str, int], list[float]] = {(kind, clients): [] for clients in (1, CLIENTS) for kind in ("smallest", "ours")}
    with running() as service, crew("bench.meeting", CLIENTS) as hands:
        service.new_database("dialbook")
        fill(service.dsn(), Size(groups, PEOPLE), 60)
        with psycopg.connect(service.dsn(), autocommit=True) as conn:
            conn.execute(SMALLEST)
            before = _stored(conn)
        job = {"dsn": service.dsn("dialbook_app"), "groups": groups}
        for number in range(rounds + 1):
            for kind, clients in rates:
                answers = hands.do([job | {"kind": kind, "seconds": seconds if number else 0.5}] * clients)
                if number:  # the first round only warms up
                    rates[kind, clients].append(sum(answer["done"] / answer["seconds"] for answer in answers))
        with psycopg.connect(service.dsn(), autocommit=True) as conn:
            size, lines = (after - then for after, then in zip(_stored(conn), before, strict=True))
    ratio = {clients: ratios(rates["ours", clients], rates["smallest", clients]) for clients in (1, CLIENTS)}
    rows = [at_least(f"meeting of 75 lines, all laws / smallest set-based, {clients} client(s)", ratio[clients], 0.6) for clients in ratio]
    rows += [Row(f"  {kind}, {clients} client(s): lines/s", Spread.of(rates[kind, clients]).say(per_second)) for kind, clients in rates]
    return [*rows, at_most("  storage per meeting line, indexes and its part of the entry, bytes", Spread.of([size / lines]), 150)]


def _stored(conn: psycopg.Connection) -> tuple[int, int]:
    """(bytes of lines and entries with their indexes, lines)."""
    row = conn.execute("select pg_total_relation_size('line') + pg_total_relation_size('entry'), (select count(*) from line)").fetchone()
    assert row is not None
    return int(row[0]), int(row[1])


if __name__ == "__main__":
    serve(run)
