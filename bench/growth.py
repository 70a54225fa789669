"""Whether the book's size is felt on the phone: the balance page by dialling, whole hop over HTTP, with 10,000,000 lines and with 10,000.

Two databases on one PostgreSQL, the same code, the same loan running for everybody (bench/fill.py). In the large book every group also
has fifteen times the history. Two connections only: what is measured is how long a person waits, not how many fit.
"""

from __future__ import annotations

from statistics import median

from bench.crew import Crew, crew
from bench.figures import Row, Spread, at_most, percentile, ratios
from bench.fill import Size, fill
from bench.hop import CALL, GENERATORS, check, dial
from bench.people import MEMBERS
from bench.service import HOOKS, Service, running

SMALL = Size(6, 22)
LARGE = Size(400, 334)
LARGE_QUICK = Size(40, 166)
LOAD_SECONDS = 150
BALANCE = CALL[:2]  # dial, then 1
CONNECTIONS = 2


class Book:
    """One database and what dialling it took."""

    def __init__(self, service: Service, name: str, size: Size, seconds: float):
        service.new_database(name)
        self.name = name
        self.size = fill(service.dsn(database=name), size, seconds)
        self.port = service.start_web(name, database=name)
        self.middles: list[float] = []
        self.times: list[float] = []
        self.errors = 0

    def round(self, hands: Crew, seconds: float) -> None:
        """Dial the balance for some seconds; the waits of the second hop."""
        answers = dial(hands, self.port, HOOKS + "/ussd", BALANCE, seconds, self.size.groups * MEMBERS, connections=CONNECTIONS)
        times = [seconds for answer in answers for seconds in answer["times"][1]]
        self.middles.append(median(times))
        self.times += times
        self.errors += check(self.name, answers)

    @property
    def row(self) -> Row:
        """Waits for the balance page."""
        waits = f"{Spread.of(self.middles).say(lambda s: f'{1e3 * s:.2f}')}; p95 {1e3 * percentile(self.times, 0.95):.2f}"
        return Row(f"  balance page with {self.size.lines:,} lines: ms", f"{waits}; {len(self.times):,} pages, {self.errors} errors")


def measure(quick: bool) -> list[Row]:
    """All rows about growth."""
    rounds, seconds = (7, 0.5) if quick else (15, 1.5)
    with running() as service, crew("bench.load", GENERATORS) as hands:
        small = Book(service, "small", SMALL, 30)
        large = Book(service, "large", LARGE_QUICK if quick else LARGE, 30 if quick else LOAD_SECONDS)
        for number in range(rounds + 1):
            for book in (small, large):
                book.round(hands, seconds)
                if not number:  # the first round only warms up
                    book.middles, book.times = [], []
    what = f"balance page with {large.size.lines:,} lines / with {small.size.lines:,}"
    errors = small.errors + large.errors
    return [
        at_most(what, ratios(large.middles, small.middles), 1.3),
        small.row,
        large.row,
        Row("  wrong answers in all growth rounds", str(errors), "0", errors == 0),
    ]
