"""USSD hops over HTTP: ours against a bare Flask view and against the Node peer, on the same machine in the same minutes."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count

from bench.crew import Crew, crew
from bench.figures import Row, Spread, at_least, per_second, ratios
from bench.fill import Size, fill
from bench.peer import Skipped, start_node
from bench.people import MEMBERS
from bench.service import HOOKS, Service, running

CONNECTIONS = 16
GENERATORS = 2
BOOK = Size(400, 22)
HOME = "1. My balance"
# [whole text, what the page starts with, words in it] for each hop of a call
CALL = [["", "CON ", HOME], ["1", "CON Village", "{who}"], ["1*0", "CON ", HOME]]
MENU = [["", "CON ", HOME], ["7", "CON ", "Kiswahili"], ["7*0", "CON ", HOME]]
BARE = [["", "CON ", HOME], ["1", "CON ", HOME], ["1*0", "CON ", HOME]]
NODE = [["", "CON ", HOME], ["1", "CON ", "Your balance"], ["1*0", "CON ", HOME]]
_TAGS = count()


@dataclass
class Side:
    """One contestant and what its rounds gave. `costs` names what CPU is counted: the program first, then the servers behind it."""

    name: str
    port: int
    path: str
    hops: list[list[str]]
    costs: tuple[str, ...]
    rates: list[float] = field(default_factory=list)
    cpu: list[tuple[float, ...]] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    errors: int = 0

    def round(self, service: Service, hands: Crew, seconds: float, members: int) -> None:
        """Dial for some seconds on all connections."""
        before = [service.cpu(name) for name in self.costs]
        answers = dial(hands, self.port, self.path, self.hops, seconds, members)
        hops = [seconds for answer in answers for times in answer["times"] for seconds in times]
        self.rates.append(len(hops) / max(answer["seconds"] for answer in answers))
        self.cpu.append(tuple((service.cpu(name) - was) / len(hops) for name, was in zip(self.costs, before, strict=True)))
        self.times += hops
        self.errors += check(self.name, answers)

    @property
    def row(self) -> Row:
        """Its rate and what a hop costs."""
        spent = [Spread.of([1e3 * one[i] for one in self.cpu]).middle for i in range(len(self.costs))]
        parts = ", ".join(f"{name} {ms:.2f}" for name, ms in zip(("server", *self.costs[1:]), spent, strict=True))
        return Row(
            f"  {self.name}: hops/s; CPU ms a hop",
            f"{Spread.of(self.rates).say(per_second)}; {parts}; {len(self.times):,} hops, {self.errors} errors",
        )


def dial(
    hands: Crew, port: int, path: str, hops: list[list[str]], seconds: float, members: int, *, once: bool = False, connections: int = CONNECTIONS
):
    """Let every generator dial as its own part of the members."""
    share = members // GENERATORS
    return hands.do([
        {"port": port, "path": path, "hops": hops, "seconds": seconds, "once": once, "connections": connections // GENERATORS,
         "first": i * share, "members": share, "tag": f"bench{next(_TAGS)}"}
        for i in range(GENERATORS)
    ])  # fmt: skip


def check(name: str, answers: list[dict]) -> int:
    """Errors of a round; the first ones are printed."""
    for answer in answers:
        for sample in answer["samples"]:
            print(f"  ! {name}: {sample}")
    return sum(answer["errors"] for answer in answers)


def measure(quick: bool) -> list[Row]:
    """All rows about hops."""
    rounds, seconds = (7, 0.4) if quick else (17, 1.0)
    book = Size(40, 22) if quick else BOOK
    with running() as service, crew("bench.load", GENERATORS) as hands:
        service.new_database("dialbook")
        fill(service.dsn(), book, 60)
        behind = ("valkey", "postgres")
        port = service.start_web()
        ours = Side("ours, call of 3 hops", port, HOOKS + "/ussd", CALL, ("web", *behind))
        menu = Side("ours, menu only", port, HOOKS + "/ussd", MENU, ("web", *behind))
        bare = Side("bare Flask view", service.start_web("bare", "bench.bare:serve", path="/ready"), "/ussd", BARE, ("bare", "valkey"))
        sides, skipped = [bare, ours, menu], ""
        try:
            sides.append(Side("Node peer", start_node(service), "/ussd", NODE, ("node", "valkey")))
        except Skipped as reason:
            skipped = str(reason)
        for number in range(rounds + 1):
            for side in sides:
                side.round(service, hands, seconds if number else 2 * seconds, book.groups * MEMBERS)
            if not number:  # the first round only warms up
                for side in sides:
                    side.rates, side.cpu, side.times = [], [], []
    return _rows(bare, ours, menu, sides[3] if len(sides) > 3 else None, skipped)


def _rows(bare: Side, ours: Side, menu: Side, node: Side | None, skipped: str) -> list[Row]:
    rows = [
        at_least("USSD hop / bare Flask view", ratios(ours.rates, bare.rates), 0.6),
        at_least("USSD hop, menu only / bare Flask view", ratios(menu.rates, bare.rates), 0.6),
    ]
    if node:
        rows.append(at_least("USSD hop / Node peer", ratios(ours.rates, node.rates), 0.8))
        rows.append(at_least("USSD hop, menu only / Node peer", ratios(menu.rates, node.rates), 0.8))
    else:
        rows.append(Row("USSD hop / Node peer", f"skipped: {skipped}", ">= 0.8"))
    sides = [bare, ours, menu, *([node] if node else [])]
    errors = sum(side.errors for side in sides)
    return [*rows, *(side.row for side in sides), Row("  wrong answers in all hop rounds", str(errors), "0", errors == 0)]
