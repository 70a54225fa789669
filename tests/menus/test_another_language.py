"""A language and a country are added by data alone: a copy of the program with more data starts, and shows, texts and understands it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STARTS = """
from ledger.money import CURRENCIES_BY_COUNTRY, Money
from menus.engine import open_call
from menus.keywords import words
from menus.map_checks import problems
from menus.places import LANGUAGES
from menus.replies import understand
from menus.say import money
from menus.state import Membership
from menus.texts import drafts
from gateway.directory import language_for
from gateway.groupfile_readers import LANGUAGES as OF_FILES

words()
assert problems() == []
assert LANGUAGES == OF_FILES == ("en", "vi", "sw", "fr", "xx")
assert open_call([Membership(1, "Group", 12, "xx", ())], "xx", None).page.startswith("XDialbook\\n1. XMy balance")
assert language_for("+999123") == "xx"
assert understand("XBAL").meaning == "balance" and understand("lang xx").language == "xx"
assert (CURRENCIES_BY_COUNTRY["XX"], money(Money(125_050, "XXX"))) == ("XXX", "1'250.50 x")
assert "xx" in drafts()["pages.toml"] and "xx" not in drafts()["closing.toml"]
print("started")
"""


@pytest.fixture
def copy(tmp_path):
    """The program, in a folder where data may be added."""
    for name in ("menus", "ledger", "gateway"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "config.py", tmp_path)
    return tmp_path


def start(folder, program=STARTS):
    done = subprocess.run([sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    return done.stdout + done.stderr


def add_language(folder):
    """What docs/languages.md says, with English behind an X as the language."""
    for file in (folder / "menus" / "texts").glob("*.toml"):
        text = re.sub(r'^(page|label|sms)\.en = "(.*)"$', r'\1.en = "\2"\n\1.xx = "X\2"', file.read_text(encoding="utf-8"), flags=re.M)
        if file.name == "pages.toml":
            text += "\n[language_xx]\n" + "".join(f'label.{language} = "Xish"\n' for language in ("en", "vi", "sw", "fr", "xx"))
        file.write_text(text, encoding="utf-8")
    words = tomllib.loads((folder / "menus" / "words.toml").read_text(encoding="utf-8"))
    text = (folder / "menus" / "words.toml").read_text(encoding="utf-8")
    for name, said in words.items():
        own = '["xx"]' if name == "name" else f'["x{said["en"][0].replace(" ", "")}"]'
        text = text.replace(f"[{name}]\n", f"[{name}]\nxx = {own}\n", 1)
    (folder / "menus" / "words.toml").write_text(text, encoding="utf-8")
    places = folder / "menus" / "places.toml"
    text = places.read_text(encoding="utf-8").replace("# How money", '[languages.xx]\nphones = ["+999"]\n\n# How money', 1)
    places.write_text(text.replace("[money]\n", '[money]\nXXX = ["\'", ".", "# x"]\n', 1), encoding="utf-8")
    with (folder / "menus" / "reviewed.toml").open("a", encoding="utf-8") as file:
        file.write('"closing.toml" = ["en", "xx"]\n')
    money = folder / "ledger" / "money.toml"
    text = money.read_text(encoding="utf-8")
    money.write_text(text.replace("[exponents]\n", "[exponents]\nXXX = 2\n").replace("[countries]\n", '[countries]\nXX = "XXX"\n'), encoding="utf-8")


def test_a_language_and_a_country_are_data(copy):
    add_language(copy)
    assert start(copy) == "started\n"


def test_a_language_that_is_not_complete_does_not_start(copy):
    add_language(copy)
    file = copy / "menus" / "texts" / "closing.toml"
    file.write_text(re.sub(r"^sms\.xx = .*fine paid.*\n", "", file.read_text(encoding="utf-8"), flags=re.M), encoding="utf-8")
    assert "closing.toml [did_fine] sms: no xx" in start(copy)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('sw = ["salio", "salio langu", "akiba", "hisa"]', "sw = []", "nothing for ['balance.sw']"),
        ('sw = ["anza"]', 'sw = ["anza", "loan"]', "said for two things ['loan']"),
    ],
)
def test_words_with_a_gap_or_two_meanings_do_not_start(copy, old, new, said):
    file = copy / "menus" / "words.toml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
    assert said in start(copy, "from menus.keywords import words; words()")


def test_reviewed_names_what_there_is(copy):
    (copy / "menus" / "reviewed.toml").write_text('"pages.toml" = ["en", "yy"]\n', encoding="utf-8")
    assert "reviewed.toml: pages.toml" in start(copy, "from menus.texts import drafts; drafts()")
