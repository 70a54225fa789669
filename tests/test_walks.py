"""Whole afternoons as text: who dials, what she reads, what she presses, who is texted. One file a story, in tests/walks/.

group constitution.confirmation=treasurer_and_officer    founds the group, with changes
12 dials            a call; the lines behind | are the page, word for word
> 1                 a key
worker              the jobs run
3 gets              the newest text to member 3, behind |; {code} stands for her code, {day} for today
3 texts OK {code}   a text; {code} is the newest code sent to her
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from people import Call

WALKS = sorted((Path(__file__).parent / "walks").glob("*.txt"))


def changes_of(words):
    """`a.b=c` pairs as nested settings; values are read as YAML."""
    found: dict = {}
    for word in words:
        path, value = word.split("=", 1)
        *sections, last = path.split(".")
        place = found
        for section in sections:
            place = place.setdefault(section, {})
        place[last] = yaml.safe_load(value)
    return found


class Story:
    """Plays one file; keeps what was said last, to be compared with the lines behind |."""

    def __init__(self, village):
        self.found = village
        self.village = None
        self.call = None
        self.said = ""
        self.codes: dict[int, str] = {}

    def play(self, line):
        match line.split():
            case ["group", *words]:
                self.village = self.found(**changes_of(words))
            case [member, "dials"]:
                self.call = Call(self.village, int(member))
                self.said = self.call.page
            case [">", key]:
                self.said = self.call.press(key)
            case ["worker"]:
                self.village.work()
            case [member, "gets"]:
                self.said = self.village.texts(int(member))[-1]
                if found := re.findall(r"\b[2-9]{5}\b", self.said):
                    self.codes[int(member)] = found[0]
                    self.said = self.said.replace(found[0], "{code}")
            case [member, "texts", *words]:
                self.village.text(int(member), " ".join(words).replace("{code}", self.codes.get(int(member), "")))
            case _:
                raise ValueError(f"what is {line!r}?")

    def reads(self):
        """What was said last, without the carrier's prefix and with today's date as {day}."""
        with self.village.db.transaction() as conn:
            row = conn.execute("select (now() at time zone 'Asia/Ho_Chi_Minh')::date as d").fetchone()
        return self.said.removeprefix("CON ").removeprefix("END ").replace(f"{row.d:%d/%m}", "{day}")


@pytest.mark.parametrize("file", WALKS, ids=[file.stem for file in WALKS])
def test_walk(file, village):
    story, expected = Story(village), []
    lines = [*file.read_text(encoding="utf-8").splitlines(), ""]
    for number, line in enumerate(lines, 1):
        if line.startswith("|"):
            expected.append(line[2:])
            continue
        if expected:
            assert story.reads().splitlines() == expected, f"{file.name}, before line {number}"
            expected = []
        if line.strip() and not line.startswith("#"):
            story.play(line)
    story.village.verify()
