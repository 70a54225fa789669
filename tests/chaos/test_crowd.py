"""Six hundred dial-ins at sixty a second: each caller gets her own figures, nobody else's, and nobody goes without."""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from chaos_carrier import ANSWER_SECONDS, Carrier, new_session
from chaos_faults import memory_of
from people import new_group_file
from serving import SECRET, Served

GROUPS, MEMBERS, A_SECOND = 10, 60, 60
CALLS_AT_ONCE = 120
READING_SECONDS = 0.5  # between two hops of a call, so that about thirty calls stand open at any time
PRICE = 20_000
OFFICES = {1: ["chair"], 2: ["record_keeper"], 3: ["treasurer"]}


@dataclass(frozen=True)
class Caller:
    """A member and what her page must hold; no two callers have a figure in common."""

    group: str
    number: int
    phone: str
    units: int
    principal: int
    charge: int

    @property
    def figures(self) -> list[str]:
        """Every number of her page, in order: group, member, shares, savings, loan, charge, due date, and the key for back."""
        savings = grouped(self.units * PRICE)
        return [self.group[-2:], str(self.number), str(self.units), savings, grouped(self.principal), grouped(self.charge), "24/09/2030", "0"]


@dataclass(frozen=True)
class Heard:
    """What one call was answered, and how long each hop took."""

    caller: Caller
    home: str
    balance: str
    seconds: tuple[float, float]


def grouped(amount: int) -> str:
    return f"{amount:,}".replace(",", ".")


def figures(page: str) -> list[str]:
    return re.findall(r"\d+(?:[./]\d+)*", page)


def load_group(running: Served, index: int) -> list[Caller]:
    """A group of sixty, each with shares and a loan unlike anybody's."""
    own = {n: index * MEMBERS + n for n in range(1, MEMBERS + 1)}
    name = f"Nhom {index:02d}"
    loans = [
        {"member": n, "principal": 1_000_000 + 1_000 * k, "charge_due": 10_000 + k, "issued": "2026-01-24", "due": "2030-09-24"}
        for n, k in own.items()
    ]
    _, phones, text = new_group_file(
        group={"name": name},
        members=[(n, f"M{n}", OFFICES.get(n, [])) for n in own],
        constitution={"loan": {"max_term_days": 2000}},
        opening={"loan_fund_cash": 900_000_000, "shares": [{"member": n, "units": 100 + k} for n, k in own.items()], "loans": loans},
    )
    running.load(text)
    return [Caller(name, n, phones[n], 100 + k, 1_000_000 + 1_000 * k, 10_000 + k) for n, k in own.items()]


@pytest.fixture(scope="module")
def village_of_600(served: Served) -> tuple[Served, list[Caller]]:
    return served, [caller for index in range(GROUPS) for caller in load_group(served, index)]


def dial(carrier: Carrier, caller: Caller, at: float) -> Heard:
    """Dial, read the menu, ask for the balance: two requests, the second with the whole text so far."""
    time.sleep(max(0.0, at - time.monotonic()))
    session, begun = new_session(), time.perf_counter()
    home = carrier.hop(caller.phone, session, "")
    first = time.perf_counter() - begun
    time.sleep(READING_SECONDS)
    begun = time.perf_counter()
    balance = carrier.hop(caller.phone, session, "1")
    return Heard(caller, home, balance, (first, time.perf_counter() - begun))


def report(heard: list[Heard], took: float) -> None:
    times = sorted(1000 * second for one in heard for second in one.seconds)
    p50, p95 = times[len(times) // 2], times[int(len(times) * 0.95)]
    print(f"\ncrowd: {len(heard)} dial-ins in {took:.1f} s, a hop p50 {p50:.0f} ms, p95 {p95:.0f} ms, max {times[-1]:.0f} ms")


def test_everybody_sees_her_own_figures_and_nobody_elses(village_of_600):
    running, callers = village_of_600
    carrier = Carrier(running.port, SECRET, patience=ANSWER_SECONDS)
    mixed = [callers[(i * 61) % len(callers)] for i in range(len(callers))]  # neighbours in time are strangers to each other
    begun = time.monotonic() + 0.2
    with ThreadPoolExecutor(CALLS_AT_ONCE) as pool:
        heard = list(pool.map(lambda job: dial(carrier, job[1], begun + job[0] / A_SECOND), enumerate(mixed)))
    report(heard, time.monotonic() - begun)

    assert len({one.caller.phone for one in heard}) == GROUPS * MEMBERS
    wrong = [(one.caller, one.balance) for one in heard if figures(one.balance) != one.caller.figures]
    assert not wrong, wrong[:3]
    assert all(one.home.startswith("CON Dialbook\n1. My balance\n") for one in heard)
    assert carrier.tally["repeated"] == 0, "no request went unanswered"
    assert max(second for one in heard for second in one.seconds) < ANSWER_SECONDS


def test_the_figures_come_from_the_book_and_not_from_memory(village_of_600):
    """Everything Redis holds is lost between the two hops; the page is the same."""
    running, callers = village_of_600
    carrier, session = Carrier(running.port, SECRET), new_session()
    with memory_of(running) as memory:
        for caller in callers[::97]:
            carrier.hop(caller.phone, session + caller.phone, "")
            memory.flushall()
            assert figures(carrier.hop(caller.phone, session + caller.phone, "1")) == caller.figures
