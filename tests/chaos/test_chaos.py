"""Exactly once, whatever happens: everything is killed again and again while people dial, officers answer and the carrier fails."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import psycopg
import pytest
from chaos_audit import Audit
from chaos_carrier import Carrier
from chaos_faults import FAULTS, Havoc, Supervisor, durable_service
from chaos_people import Members, Officers, WholeRequests, Wish, operator_sends_again, wait_until
from people import new_group_file
from serving import SECRET, Served
from stand_in import CHAOS

from config import embedded_dsn
from gateway import groupfile
from ledger.db import Database

STORM_SECONDS, DRAIN_SECONDS, WHOLE_SECONDS = 42, 45, 90
WISHES, GROUPS = 170, 5
FAIL_RATE = 0.06
OFFICES = {1: ["chair"], 2: ["record_keeper"], 3: ["treasurer"]}
MEMBERS = range(1, 15)
BORROWERS = range(4, 15)
SETTINGS = {"SMS_PROVIDER": "africastalking", "AT_USERNAME": "dialbook", "AT_API_KEY": "no-real-key", "SMS_TIMEOUT_SECONDS": "3",
            "SEND_LEASE_SECONDS": "20"}  # fmt: skip


@dataclass
class Storm:
    """One run: the service, the carrier's stand-in and everybody in it."""

    seed: int
    running: Served
    stand_in: WholeRequests
    callers: ThreadPoolExecutor
    pool: ThreadPoolExecutor
    unknown_injected: list[str]
    resent: list[tuple[str, int, str]] = field(default_factory=list)
    left: list[tuple[str, int]] = field(default_factory=list)
    drain_seconds: float = 0.0

    def __post_init__(self) -> None:
        self.carrier = Carrier(self.running.port, SECRET)
        self.members = Members(self.carrier, self.pool, self.seed)
        self.officers = Officers(self.carrier, self.stand_in, self.pool, self.seed)
        self.supervisor = Supervisor(self.running)
        self.havoc = Havoc(self.supervisor, self.seed, STORM_SECONDS)

    def blow(self) -> None:
        """Faults and people at the same time; then quiet, and time to finish."""
        wishes = found_groups(self.running, self.seed)
        begun, dice = time.monotonic(), random.Random(self.seed)
        with self.supervisor, self.officers:
            faults = self.pool.submit(self.havoc.run)
            times = sorted(begun + dice.uniform(0, STORM_SECONDS) for _ in wishes)
            paying = [self.callers.submit(self.members.pay_in, wish, at) for wish, at in zip(wishes, times, strict=True)]
            faults.result()
            self.stand_in.fail_rate = 0.0
            quiet = time.monotonic()
            assert all(one.result() for one in paying), "somebody gave up dialling"
            self.left = [] if wait_until(self.drained, DRAIN_SECONDS, 1.0) else self.open_work()
            self.drain_seconds = time.monotonic() - quiet

    def drained(self) -> bool:
        """Nothing is under way. Every look is also the operator's: unknown messages go out once more, and pauses are over sooner."""
        with psycopg.connect(self.running.owner_dsn) as conn:
            conn.execute("update outbox set not_before = now() where state = 'retry'")
            conn.execute("update inbound_sms set not_before = now() where handled_at is null and tries > 0")
            bad = conn.execute("select 1 from outbox where state in ('unknown', 'held', 'failed', 'failed_permanent')").fetchone()
        if bad:
            self.resent += operator_sends_again(self.running)
        return not self.open_work() and self.officers.idle and not self.open_work()

    def open_work(self) -> list[tuple[str, int]]:
        with psycopg.connect(self.running.owner_dsn) as conn:
            return conn.execute(
                """select state::text, count(*) from outbox where state not in ('accepted', 'delivered', 'suppressed') group by 1
                   union all select 'text not handled', count(*) from inbound_sms where handled_at is null having count(*) > 0
                   union all select 'request waiting', count(*) from waiting having count(*) > 0"""
            ).fetchall()

    def audit(self) -> Audit:
        conn = psycopg.connect(self.running.owner_dsn, autocommit=True)
        with contextlib.closing(conn):
            return Audit(conn, self.members.calls, self.officers.answered, self.stand_in.accepted).run()


def found_groups(running: Served, seed: int) -> list[Wish]:
    """Five groups, one with two officers to confirm; what their members will want to pay in, no two wishes of one member alike."""
    db, dice, wishes = Database(embedded_dsn(running.var, "dialbook_app"), "founder"), random.Random(seed), list[Wish]()
    for index in range(GROUPS):
        code, phones, text = new_group_file(
            group={"name": f"Nhom {index}"}, members=[(n, f"M{n}", OFFICES.get(n, [])) for n in MEMBERS],
            constitution={"confirmation": "treasurer_and_officer" if index == 4 else "treasurer"},
            opening={"loan_fund_cash": 9_000_000, "shares": [], "loans": [
                {"member": n, "principal": 5_000_000, "charge_due": 15_000, "issued": "2026-03-24", "due": "2026-09-24"} for n in BORROWERS]},
        )  # fmt: skip
        with db.transaction() as conn:
            groupfile.load(conn, groupfile.read(text))
        for n in MEMBERS:
            kinds = ["pay_social_fund", "pay_fine"] + ["repay"] * (n in BORROWERS)
            wishes += [Wish(code, n, phones[n], kind, dice.randint(1_000, 30_000)) for kind in kinds]
            wishes += [Wish(code, n, phones[n], "buy_shares", units) for units in dice.sample(range(1, 6), 2)]
    db.close()
    return dice.sample(wishes, WISHES)


@pytest.fixture
def storm() -> Iterator[Storm]:
    seed = int(os.environ.get("CHAOS_SEED") or random.randrange(10**6))
    print(f"\nCHAOS_SEED={seed}")
    unknown: list[str] = []
    heard = WholeRequests(fail_rate=FAIL_RATE, seed=seed, chaos=CHAOS, reports_to="http://127.0.0.1:9/",
                    log=lambda line: unknown.append(line["answer"]) if line.get("answer") in ("hang", "reset") else None)  # fmt: skip
    with (
        heard as stand_in, durable_service(AT_BASE_URL=stand_in.url, **SETTINGS) as running,
        ThreadPoolExecutor(24) as callers, ThreadPoolExecutor(24) as others,
    ):  # fmt: skip
        stand_in.reports_to = f"{running.hooks}/delivery"
        yield Storm(seed, running, stand_in, callers, others, unknown)
        if kept := os.environ.get("CHAOS_LOGS"):
            shutil.copytree(running.var, kept, ignore=lambda _, names: [n for n in names if n in ("pg", "valkey", "run")], dirs_exist_ok=True)


def summary(storm: Storm, audit: Audit, took: float) -> str:
    tally, faults = storm.carrier.tally, storm.havoc.done
    reports = sum(1 for report in storm.stand_in.reports if report["http"] == 200)
    false_no = sum(1 for call in storm.members.calls if call.told_no and call.digest(call.texts[-1]) in audit.by_turn)
    return (
        f"chaos: seed {storm.seed}; {sum(faults.values())} faults ({', '.join(f'{n} {name}' for name, n in sorted(faults.items()))}); "
        f"{tally['hops'] + tally['texts']} webhooks ({tally['hops']} hops, {tally['texts']} texts; {tally['hops twice'] + tally['texts twice']} on purpose "
        f"twice, {tally['twice, answered otherwise']} of them answered otherwise; {tally['repeated']} repeated by the carrier), {reports} reports taken, "
        f"{audit.not_joined} of them not joined; "
        f"{len(storm.members.calls)} calls, {len(audit.requests)} requests, {audit.entries} entries; {len(audit.accepted)} texts accepted, "
        f"{audit.duplicates} of them again, {len(storm.unknown_injected)} unknown outcomes injected, {storm.stand_in.cut} sends cut off by a kill, {len(storm.resent)} sent again by the operator; "
        f"{false_no} told 'nothing was recorded' wrongly; drained in {storm.drain_seconds:.0f} s, {took:.0f} s in all; broken promises: {len(audit.broken)}"
    )


def last_words(running: Served) -> str:
    """The end of every program's log; pytest shows it when the test fails."""
    return "\n".join(f"--- {path.name}\n{path.read_text(errors='replace')[-6_000:]}" for path in sorted(running.var.glob("*.log")))


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_exactly_once_whatever_happens(storm: Storm):
    begun = time.monotonic()
    try:
        storm.blow()
        audit = storm.audit()
    finally:
        print(last_words(storm.running))  # pytest shows it when the test fails
    took = time.monotonic() - begun
    print(summary(storm, audit, took))

    assert not audit.broken, "\n".join(audit.broken[:20])
    assert not storm.left, f"not drained: {storm.left}"
    assert sum(storm.havoc.done.values()) == sum(FAULTS.values()) >= 60
    assert storm.carrier.tally["hops"] + storm.carrier.tally["texts"] >= 500
    assert len(audit.requests) == WISHES, "one request for each wish"
    sender_lost = sum(storm.havoc.done[name] for name in ("sender", "postgres", "backend"))  # eight sends are under way at most
    assert audit.duplicates <= len(storm.resent), "only what an operator sent again came twice"
    assert len(storm.resent) <= len(storm.unknown_injected) + 8 * sender_lost, "only an unknown outcome is left to an operator"
    assert took < WHOLE_SECONDS
