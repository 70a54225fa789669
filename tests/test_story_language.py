"""The language of the stories: what it reads, what it names, and that a story which tells something else fails."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from walking import Hidden, Story, changes_of, moves

ROOT = Path(__file__).resolve().parents[1]


def test_a_story_is_moves_with_what_was_said():
    told = "# Hoa\ngroup a.b=1\n  c=2\n12 dials\n| Dialbook\n|\n> 1\n"
    assert moves(told) == [(1, "# Hoa", []), (2, "group a.b=1\n  c=2", []), (4, "12 dials", ["Dialbook", ""]), (7, "> 1", [])]


def test_settings_may_have_spaces_and_lines():
    line = "group group.name=Đoàn Kết opening.loans=[]\n  who.12.phone=0 members=[[1, Lan, [chair]]]"
    assert changes_of(line) == {
        "group": {"name": "Đoàn Kết"}, "opening": {"loans": []}, "who": {12: {"phone": 0}}, "members": [[1, "Lan", ["chair"]]],
    }  # fmt: skip


def test_of_several_codes_each_has_its_name():
    codes = Hidden("code")
    codes.learn(["48213", "59322", "48213"])
    assert codes.hide("OK 48213 or OK 59322") == "OK {code1} or OK {code}"
    assert codes.show("OK {code1} {code2} {code}") == "OK 48213 59322 59322"


@pytest.fixture
def story(village, owner, redis_now) -> Story:
    told = Story(village, owner, redis_now)
    told.play("group")
    return told


def test_a_call_saved_from_the_demo_group_can_be_played(story):
    for line in ("group demo", "7 dials", "> 1"):
        story.play(line)
    assert story.reads()[:2] == ["Tumaini Na.7", "Hisa 20 = KSh 4,000"]
    for line in ("10 dials", "> 11"):
        story.play(line)
    assert story.reads()[0].startswith("This phone is shared")


def test_what_is_no_line_of_a_story_is_refused(story):
    for line in ("12 sings", "12 dials twice", "worker", ">", "tomorrow"):
        with pytest.raises(ValueError, match="what is"):
            story.play(line)


def test_texts_are_heard_once_and_only_on_their_phone(story):
    for line in ("12 dials", "> 2", "> 3", "> 1"):
        story.play(line)
    for who, said in ((3, ["Doan Ket: No.12 Hoa buys shares: 3 = 60.000d. Reply OK {code} or NO {code}"]), (3, ["(nothing)"]), (1, ["(nothing)"])):
        story.play(f"{who} gets")
        assert story.reads() == said


def test_a_book_that_does_not_verify_ends_no_story(story):
    story.play("somebody changes the book")
    story.is_sound = True
    with pytest.raises(AssertionError):
        story.ends()


def test_stories_are_not_rewritten_where_ci_is_set():
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "tests/test_walks.py", "--record", "-q"],
        cwd=ROOT,
        env=os.environ | {"CI": "true"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "not where CI is set" in done.stderr
