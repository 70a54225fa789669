"""Whole afternoons as text: who dials, what she reads, what she presses, who is texted. One file a story, in tests/walks/.

# Hoa repays        its title, and on the next lines what happens: docs/stories.md is made of them
group group.language=vi
  who.7.phone=12    founds the group of tests/people.py with changes, more of them on lines that begin with two spaces. About one member:
                    whose phone she uses (0: she has none), language, helper. `agent.name=Binh` gives it a field agent
group demo          the group of demo/group.yaml, as `flask phone --save` writes it
also group ...      another group whose members have the same phones
12 dials            a call; the lines behind | are the page, word for word
> 1                 what she types
12 texts BAL        a text; the workers run
12 gets             every text that came to the phone of 12 since it was looked at last, behind |; "(nothing)" when none came
redis forgets       every call that is open; what is committed stays
a day passes        the time for every open question is over
somebody changes the book    an amount, with the keys of the database

Member 0 is the agent; a number nobody has (99) is a phone nobody knows. What differs from run to run has a name: {code} is the newest five digits
sent to her, {code1} and {code2} the first and the second; {check} a check code, {first} a first code, {wrong} five digits sent to nobody, {phone12}
a phone's number, {group} the group's code; {day} and {today} are today's date, {date} is another one that is not in the group's file.

`pytest tests/test_walks.py --record` writes down what is really said wherever a | stands. Read the difference as the person concerned.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from walking import Story, moves

WALKS = sorted((Path(__file__).parent / "walks").glob("*.txt"))


@pytest.mark.parametrize("file", WALKS, ids=[file.stem for file in WALKS])
def test_walk(file, village, owner, redis_now, request):
    recording, kept = request.config.getoption("--record"), []
    story = Story(village, owner, redis_now)
    for number, line, expected in moves(file.read_text(encoding="utf-8")):
        if line and not line.startswith("#"):
            story.play(line)
        said = story.reads() if expected else []
        assert recording or said == expected, f"{file.name}, line {number}: {line}"
        kept += [line, *(f"| {one}".rstrip() for one in said)]
    story.ends()
    if recording:
        file.write_text("\n".join(kept) + "\n", encoding="utf-8")
