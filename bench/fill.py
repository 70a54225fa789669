"""Books of any size, loaded in bulk: every group has 25 members and the same weekly meetings, so that only the size differs.

At each meeting each member has three lines: a share, the social fund, and in turn a loan given, a repayment (charge and principal), a
fine. A loan is asked for every 24 meetings and repaid in six payments; the number of meetings is 24 n + 22, so everybody has the same
loan running at the end, whatever n. Accounts are summed from the lines. The triggers are off while loading, and hashes and after-balances,
which no dialled page reads, are placeholders: such a book cannot be verified.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

import psycopg
from psycopg.types.json import Jsonb

from bench.people import MEMBERS
from ledger.accounts import CHART
from ledger.constitution import Constitution

PRICE = 20_000  # of a share, in cents
UNIT = 100_000  # a sixth of a loan, in cents
LINES_A_MEETING = 3 * MEMBERS
LOADED = ("savings_group", "constitution", "cycle", "member", "member_phone", "book_head", "account_kind", "entry", "line", "loan", "account")
TERMS = Constitution(PRICE, 1, 5, 10_000, "declining", 100, "four_weeks", 3, 196, True, {"late": 5_000}, cash_unit=100)


@dataclass(frozen=True, slots=True)
class Size:
    """Groups, and meetings of each: 22, 46, 142, 334, ..."""

    groups: int
    meetings: int

    @property
    def lines(self) -> int:
        """Lines in the whole book."""
        return self.groups * self.meetings * LINES_A_MEETING


_PEOPLE = f"""
insert into savings_group (group_id, code, name, country, currency, timezone, language, genesis, file_hash)
  select g, 'V' || g, 'Village ' || g, 'KE', 'KES', 'Africa/Nairobi', 'en', '', '' from generate_series(1, %(groups)s) g;
insert into constitution select g, 1, current_date - 2600, %(terms)s from generate_series(1, %(groups)s) g;
insert into cycle select g, 1, current_date - 2600, current_date + 300 from generate_series(1, %(groups)s) g;
insert into member select g, m, 'Member ' || m, 'en', case m when 1 then array['chair'] when 2 then array['record_keeper']
         when 3 then array['treasurer'] when 4 then array['money_counter'] else '{{}}'::text[] end
  from generate_series(1, %(groups)s) g, generate_series(1, {MEMBERS}) m;
insert into member_phone select '+2547' || lpad(((g - 1) * {MEMBERS} + m - 1)::text, 8, '0'), g, m
  from generate_series(1, %(groups)s) g, generate_series(1, {MEMBERS}) m;
insert into book_head (group_id, next_line, next_entry, head)
  select g, %(meetings)s * {LINES_A_MEETING} + 1, %(meetings)s + 1, sha256(g::text::bytea) from generate_series(1, %(groups)s) g;
insert into account_kind select * from jsonb_to_recordset(%(kinds)s) as k (kind smallint, name text, lowest bigint, highest bigint)
  on conflict do nothing"""

# meeting k (from 0) is entry k + 1; its date, and where in the 24 meetings of a loan it stands
_MEETINGS = "generate_series(0, %(meetings)s - 1) k, lateral (select k % 24 as phase, current_date - 1 - 7 * (%(meetings)s - 1 - k) as day) d"
_ENTRIES = f"""
insert into entry (group_id, entry_no, first_line, line_count, kind, asked_by, confirmed_by, second_by, happened_on, posted_at, sealed_in,
                   command_id, body_hash, hash)
  select g, k + 1, k * {LINES_A_MEETING} + 1, {LINES_A_MEETING}, 2, 2, 3, 0, day, day + time '10:00', '3', gen_random_uuid(), '', ''
    from generate_series(%(first)s, %(last)s) g, {_MEETINGS}""".replace("% ", "%% ")
_LINES = f"""
insert into line (group_id, line_no, entry_no, debit, credit, amount, debit_after, credit_after, units, loan_no, reason, member)
  select g, k * {LINES_A_MEETING} + (m - 1) * 3 + s, k + 1, x.debit, x.credit, x.amount, 0, 0, x.units, x.loan, x.reason, m
    from generate_series(%(first)s, %(last)s) g, {_MEETINGS}, generate_series(1, {MEMBERS}) m,
         lateral (select k / 24 * {MEMBERS} + m as loan_no, case when phase = 23 then 6 when phase > 0 and phase % 4 = 0
                  then phase / 4 end as pays) p,
         lateral (values (1, 1000000, 3000000 + m, {PRICE}, 1, 0, 10),
                         (2, case when pays is null then 6000000 else 1000000 end, case when pays is null then 7000000 else 4000000 end,
                             case when pays is null then 10000 else (7 - pays) * {UNIT // 100} end, 0,
                             case when pays is null then 0 else loan_no end, case when pays is null then 20 else 41 end),
                         (3, case when phase = 0 then 2000000 + loan_no else 1000000 end,
                             case when phase = 0 then 1000000 when pays is null then 4100000 else 2000000 + loan_no end,
                             case when phase = 0 then 6 * {UNIT} when pays is null then 5000 else {UNIT} end, 0,
                             case when phase = 0 or pays is not null then loan_no else 0 end,
                             case when phase = 0 then 40 when pays is null then 30 else 42 end)
                 ) x (s, debit, credit, amount, units, loan, reason)""".replace("% ", "%% ")
_LOANS = f"""
insert into loan select g, k / 24 * {MEMBERS} + m, m, k + 1, 6 * {UNIT}, 6 * {UNIT}, 6 * {UNIT // 100}, 'declining', 100, 'four_weeks',
                        day, day, day + 168
    from generate_series(%(first)s, %(last)s) g, {_MEETINGS}, generate_series(1, {MEMBERS}) m where phase = 0""".replace("% ", "%% ")
_ACCOUNTS = """
insert into account (group_id, account, balance, units, lowest, highest)
  select s.group_id, s.account, s.balance, s.units, k.lowest, k.highest from (
    select group_id, account, sum(amount)::bigint as balance, sum(units)::int as units from (
      select group_id, debit as account, amount, units from line where group_id between %(first)s and %(last)s
      union all select group_id, credit, -amount, -units from line where group_id between %(first)s and %(last)s) legs
    group by group_id, account) s join account_kind k on k.kind = s.account / 100000"""


def fill(dsn: str, size: Size, seconds: float) -> Size:
    """Fill an empty database as a superuser; what was loaded when the time was over. Two connections, one a core."""
    kinds = [{"kind": int(row.kind), "name": row.name, "lowest": row.lowest, "highest": row.highest} for row in CHART]
    values = {"groups": size.groups, "meetings": size.meetings, "terms": Jsonb(TERMS.as_json()), "kinds": Jsonb(kinds)}
    with _loading(dsn) as conn:
        conn.execute(_PEOPLE, values)
    done = _load_books(dsn, size, time.monotonic() + seconds)
    with psycopg.connect(dsn, autocommit=True) as conn:
        conn.execute(f"vacuum analyze {', '.join(LOADED)}")  # not the empty ones: a plan made for no rows would stay for the whole run
        conn.execute("checkpoint")
    return Size(done, size.meetings)


def _load_books(dsn: str, size: Size, until: float) -> int:
    """Some groups at a time, in order; the number of groups that were loaded."""
    step = max(1, min(10, size.groups // 4))
    firsts, lock, loaded = iter(range(1, size.groups + 1, step)), threading.Lock(), [0]
    failed: list[BaseException] = []

    def work() -> None:
        try:
            with _loading(dsn) as conn:
                while time.monotonic() < until:
                    with lock:
                        first = next(firsts, None)
                    if first is None:
                        return
                    last = min(first + step - 1, size.groups)
                    for query in (_ENTRIES, _LINES, _LOANS, _ACCOUNTS):
                        conn.execute(query, {"first": first, "last": last, "meetings": size.meetings})
                    conn.commit()
                    with lock:
                        loaded[0] = max(loaded[0], last)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return loaded[0]


def _loading(dsn: str) -> psycopg.Connection[tuple[object, ...]]:
    options = "-c session_replication_role=replica -c work_mem=64MB -c timezone=UTC -c synchronous_commit=off"
    return psycopg.connect(dsn, options=options, cursor_factory=psycopg.ClientCursor)
