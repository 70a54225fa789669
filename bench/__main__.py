"""`python -m bench`: every figure of docs/speed.md, measured again, side by side with what it is compared to.

--quick          smaller and shorter, to see that it works
--only NAME      hop, post, meeting, growth, latency or memory (`node` is part of hop)
"""

from __future__ import annotations

import argparse
import os
import platform
import time
from collections.abc import Callable
from datetime import date
from importlib import import_module

from bench.figures import Row, table

PARTS = ("hop", "post", "meeting", "growth", "latency", "memory")
SECONDS = {False: 480, True: 90}


def main() -> None:
    """Measure the chosen parts and print one table; exit status 1 when a target was missed."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", choices=(*PARTS, "node"))
    chosen = parser.parse_args()
    parts = PARTS if not chosen.only else ("hop",) if chosen.only == "node" else (chosen.only,)
    rows: list[Row] = []
    started = time.monotonic()
    for part in parts:
        before = time.monotonic()
        print(f"{part} ...", flush=True)
        measure: Callable[[bool], list[Row]] = import_module(f"bench.{part}").measure
        found = measure(chosen.quick)
        rows += found
        print(table(found) + f"\n({time.monotonic() - before:.0f} s)\n", flush=True)
    took = time.monotonic() - started
    print(f"{date.today()}, Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; {took:.0f} s\n\n{table(rows)}")
    missed = [row.what.strip() for row in rows if row.met is False]
    if took > SECONDS[chosen.quick]:
        print(f"took longer than {SECONDS[chosen.quick]} s")
    if missed:
        print("missed: " + "; ".join(missed))
    raise SystemExit(1 if missed else 0)


if __name__ == "__main__":
    main()
