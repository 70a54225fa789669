"""Resident size of the processes, and whether it grows with the number of people who dial."""

from __future__ import annotations

from bench.crew import Crew, crew
from bench.figures import Row
from bench.fill import Size, fill
from bench.hop import CALL, GENERATORS, check, dial
from bench.people import MEMBERS
from bench.service import HOOKS, Service, running

FEW = 100
MANY = Size(400, 22)  # 10,000 members
MANY_QUICK = Size(40, 22)  # 1,000
SECONDS_MAX = 60
GROWTH_MAX_MB = 10  # of one web process: what is remembered of numbers is bounded, the rest is the allocator's


def measure(quick: bool) -> list[Row]:
    """All rows about memory."""
    size = MANY_QUICK if quick else MANY
    with running() as service, crew("bench.load", GENERATORS) as hands:
        service.new_database("dialbook")
        fill(service.dsn(), size, 60)
        service.start_web()
        service.start_workers()
        everybody = size.groups * MEMBERS
        errors = _dial(service, hands, FEW, once=False, seconds=2 if quick else 10)
        few = service.resident("web")
        errors += _dial(service, hands, everybody, once=True, seconds=SECONDS_MAX)
        many = service.resident("web")
        errors += _dial(service, hands, everybody, once=True, seconds=SECONDS_MAX)
        twice = service.resident("web")
        others = {name: service.resident(name) for name in ("worker", "sender", "clock")}
    growth = max(b - a for a, b in zip(few, many, strict=True))
    grown = f"{_list(many)}; {growth}"
    return [
        Row(f"web processes after {FEW} members had dialled: MB", _list(few)),
        Row(f"  after {everybody:,} members had dialled: MB; growth of one process", grown, f"<= {GROWTH_MAX_MB}", growth <= GROWTH_MAX_MB),
        Row(f"  after all {everybody:,} had dialled again: MB", _list(twice)),
        Row("  worker, sender, clock: MB", ", ".join(_list(sizes) for sizes in others.values())),
        Row("  wrong answers while dialling", str(errors), "0", errors == 0),
    ]


def _dial(service: Service, hands: Crew, members: int, *, once: bool, seconds: float) -> int:
    """Everybody's call of three hops, or some people's again and again; the number of errors."""
    return check("memory", dial(hands, service.ports["web"], HOOKS + "/ussd", CALL, seconds, members, once=once))


def _list(megabytes: list[int]) -> str:
    return " + ".join(map(str, megabytes))
