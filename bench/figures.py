"""Medians with their spread, rows of the table, and how they are printed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Spread:
    """Some measurements of one thing: the middle one, the lowest and the highest."""

    middle: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """The spread of at least one value."""
        return cls(median(values), min(values), max(values))

    def say(self, form: Callable[[float], str]) -> str:
        """`middle (low-high)`."""
        return f"{form(self.middle)} ({form(self.low)}-{form(self.high)})"


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> Spread:
    """Ours against theirs, round by round: both sides of a round met the same machine."""
    return Spread.of([a / b for a, b in zip(ours, theirs, strict=True)])


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of the values lie (nearest rank)."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, round(share * len(ranked) + 0.5) - 1)]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. `met` is None where there is nothing to meet."""

    what: str
    got: str
    target: str = ""
    met: bool | None = None

    @property
    def verdict(self) -> str:
        """In words."""
        return {True: "met", False: "MISSED", None: ""}[self.met]


def at_least(what: str, got: Spread, target: float, extra: str = "") -> Row:
    """A ratio that should not be lower."""
    return Row(what, got.say("{:.2f}".format) + extra, f">= {target}", got.middle >= target)


def at_most(what: str, got: Spread, target: float, extra: str = "") -> Row:
    """A ratio that should not be higher."""
    return Row(what, got.say("{:.2f}".format) + extra, f"<= {target}", got.middle <= target)


def table(rows: Sequence[Row]) -> str:
    """The rows as a table that reads well on a terminal and in Markdown."""
    cells = [("what", "measured: median (lowest-highest)", "target", ""), *((r.what, r.got, r.target, r.verdict) for r in rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(4)]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in cells]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def per_second(value: float) -> str:
    """A rate without decimals."""
    return f"{value:,.0f}"
