"""YAML as a careful person would read it: every value is text, nothing is guessed, and each value knows its line.

`12.50` stays `12.50`, `NO` and `on` stay words. Anchors, aliases, tags, duplicate keys and second documents are refused: they
make a file say something else than it shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

SIZE_MAX = 1_000_000  # bytes
DEPTH_MAX = 6
Value = str | dict[str, "Value"] | list["Value"]
Path = tuple[str | int, ...]


class NotCareful(Exception):
    """The text is no YAML, or YAML with tricks; `line` counts from 1."""

    def __init__(self, line: int, expected: str):
        super().__init__(f"line {line}: {expected}")
        self.line = line
        self.expected = expected


@dataclass(slots=True)
class Parsed:
    """`data`: the mapping the file holds. `lines`: the line of each value, by the keys and positions that lead to it."""

    data: dict[str, Value]
    lines: dict[Path, int] = field(default_factory=dict)

    def line(self, path: Path) -> int:
        """Line of a value, or of the nearest thing around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def parse(text: str) -> Parsed:
    """Read one mapping. A key with nothing behind it counts as not written. Raises NotCareful."""
    if len(text.encode("utf-8", "surrogatepass")) > SIZE_MAX:
        raise NotCareful(1, f"a file of at most {SIZE_MAX:,} bytes")
    parsed = Parsed({})
    try:
        value = _document(yaml.parse(text, Loader=yaml.BaseLoader), parsed.lines)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        hint = "spaces, not tabs" if "\\t" in (error.problem or "") else error.problem
        raise NotCareful(mark.line + 1 if mark else 1, f"keys and values in YAML ({hint})") from None
    except yaml.reader.ReaderError as error:
        raise NotCareful(text.count("\n", 0, error.position) + 1, "only characters that can be printed") from None
    if not isinstance(value, dict):
        raise NotCareful(1, "keys and values, such as `group: {code: DK09}`")
    parsed.data = value
    return parsed


def _document(events: Iterator[yaml.Event], lines: dict[Path, int]) -> Value:
    """The value of the only document."""
    value: Value = ""
    documents = 0
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise NotCareful(_line(event), "one group per file, without a second document")
            value = _value(next(events), events, (), lines)
    return value


def _value(event: yaml.Event, events: Iterator[yaml.Event], path: Path, lines: dict[Path, int]) -> Value:
    """The value that begins with `event`."""
    _no_tricks(event)
    lines.setdefault(path, _line(event))
    if isinstance(event, yaml.ScalarEvent):
        return str(event.value)
    if len(path) >= DEPTH_MAX:
        raise NotCareful(_line(event), f"at most {DEPTH_MAX} levels")
    return _mapping(events, path, lines) if isinstance(event, yaml.MappingStartEvent) else _sequence(events, path, lines)


def _mapping(events: Iterator[yaml.Event], path: Path, lines: dict[Path, int]) -> dict[str, Value]:
    found: dict[str, Value] = {}
    seen: set[str] = set()
    while not isinstance(event := next(events), yaml.MappingEndEvent):
        _no_tricks(event)
        line = _line(event)
        if not isinstance(event, yaml.ScalarEvent):
            raise NotCareful(line, "a plain word as the key")
        key = str(event.value)
        if key in seen:
            raise NotCareful(line, f"each key once ({key} is there twice)")
        seen.add(key)
        lines[(*path, key)] = line
        behind = next(events)
        if not _nothing(behind):
            found[key] = _value(behind, events, (*path, key), lines)
    return found


def _sequence(events: Iterator[yaml.Event], path: Path, lines: dict[Path, int]) -> list[Value]:
    found: list[Value] = []
    while not isinstance(event := next(events), yaml.SequenceEndEvent):
        found.append(_value(event, events, (*path, len(found)), lines))
    return found


def _nothing(event: yaml.Event) -> bool:
    """`key:` with nothing behind it; `key: ""` is an empty text and stays."""
    _no_tricks(event)
    return isinstance(event, yaml.ScalarEvent) and event.value == "" and event.style is None


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _no_tricks(event: yaml.Event) -> None:
    line = _line(event)
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
        raise NotCareful(line, "the value itself, without & or * (quote a text that begins with one)")
    if getattr(event, "tag", None) is not None:
        raise NotCareful(line, "the value itself, without a ! tag (quote a text that begins with one)")
