"""A meeting kept by text, where calls fail: each piece is read back and noted by an OK, once."""

from __future__ import annotations

import pytest
from test_fast_meeting import KEEPER, ROW, TREASURER, at, noted, opened, twenty


def texts(v, words, member=KEEPER):
    """What she is answered; nothing when nothing new was sent."""
    before = v.texts(member)
    v.text(member, words)
    v.work()
    return (v.texts(member)[len(before) :] or [""])[-1]


def test_the_meeting_by_text(village, db):
    v = opened(village, db)
    answer = texts(v, "M L4,17 SF-9,19 R12 520000 F7 5000")
    assert answer.startswith("late: 4, 17. Social fund 18 = 90.000d. No.12 La: repays 520.000d. No.7 Ga: fine paid 5.000d. To note it reply OK ")
    assert noted(v) == []
    assert texts(v, f"ok {v.code_of(KEEPER)}") == "Noted: 22. The last is note 22; M U22 takes it back."
    assert len(noted(v)) == 22
    assert texts(v, f"ok {v.code_of(KEEPER)}") == ""  # the newest text has no code: this is the same one again
    assert len(noted(v)) == 22
    answer = texts(v, f"m s{ROW}")
    assert answer.startswith("1:5 2:3 3:2 4:1 5:0")
    assert "20:3. Shares 47 = 940.000d. To note it reply OK " in answer
    texts(v, f"OK {v.code_of(KEEPER)}")
    assert len(noted(v)) == 22 + sum(units != "0" for units in ROW)
    at(v, "9596465000", "190000", "1")
    v.text(TREASURER, f"OK {v.code_of(TREASURER)}")
    v.work()
    assert v.outcomes() == ["posted"]
    v.verify()


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("M R12 9999999", "No.12: That is more than is owed: 1.515.000d."),
        ("M R5 1000", "No.5: "),
        ("M L99", "There is no member No.99."),
        ("M S5321", "4 digits typed, but 20 members are here."),
        (f"M S{ROW} L4,17 SF", "That is too much for one text."),
        ("M S00000000000000000000", "Nobody buys shares."),
    ],
)
def test_what_the_meeting_would_not_take_is_said_and_nothing_noted(village, db, words, answer):
    v = opened(village, db)
    assert texts(v, words).startswith(answer)
    assert noted(v) == []


def test_a_text_that_was_overtaken_is_not_noted(village, db):
    v = opened(village, db)
    texts(v, "M R12 520000")
    code = v.code_of(KEEPER)
    at(v, "9542051", "1")
    assert texts(v, f"OK {code}").startswith("Something else was noted since.")
    assert [kind for kind, _, _ in noted(v)] == ["charge_fine"]


def test_a_no_drops_it_and_is_answered_once(village, db):
    v = opened(village, db)
    texts(v, "M R12 520000")
    code = v.code_of(KEEPER)
    assert texts(v, f"NO {code}") == "Nothing was noted."
    assert texts(v, f"NO {code}") == "", "the same again"
    assert texts(v, f"OK {code}").startswith("That code no longer counts."), "another word on it"
    assert noted(v) == []


def test_only_from_the_keepers_phone_and_only_while_a_meeting_is_open(village, db):
    v = twenty(village, db)
    assert "To note it" not in texts(v, "M L4")
    at(v, "9525000000", "100000", "1")
    for member in (TREASURER, 5):
        assert "To note it" not in texts(v, "M L4", member)
    code_of_hers = texts(v, "M L4").rpartition("OK ")[2].strip(".")
    texts(v, f"OK {code_of_hers}", 5)
    texts(v, f"OK {code_of_hers}", TREASURER)
    assert noted(v) == []
