"""An exported book proves itself without the database, and no file, however broken, ends in a traceback."""

from __future__ import annotations

import contextlib
import copy
import json
import random
from typing import Any

import pytest
from full_book import METHODS, fill, the_year
from hypothesis import given
from hypothesis import strategies as st

from ledger import bookfile, export
from ledger.bookfile import BookFileError
from ledger.verify import Claim, verify, verify_file

FOR_READING = {"name", "country", "currency", "timezone", "how"}  # said beside the book; nothing vouches for them
SINGLE_CHANGES = 300
SEED = 20261121


@pytest.fixture(scope="module")
def files(db) -> dict[str, bytes]:
    groups = {method: fill(db, method) for method in METHODS} | {"year": the_year(db, "rolled").group_id}
    return {which: "".join(export.as_json(db.connection(), group_id)).encode() for which, group_id in groups.items()}


@pytest.fixture(scope="module")
def year(files) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(files["year"])
    return document


def proved(document: dict[str, Any], *claims: Claim, **more: Any) -> Any:
    return verify_file(bookfile.read(json.dumps(document).encode()), claims, **more)


@pytest.mark.parametrize("which", [*METHODS, "year"])
def test_an_honest_export_is_unbroken(files, which):
    report = verify_file(bookfile.read(files[which]))
    assert report.problem is None
    assert report.entries == len(json.loads(files[which])["entries"])


def test_a_file_proves_what_the_database_proves(db, files):
    here, there = verify(db.connection(), the_year(db, "rolled").group_id), verify_file(bookfile.read(files["year"]))
    assert (here.entries, here.lines, here.problem) == (there.entries, there.lines, there.problem)


def test_it_may_be_written_otherwise(files, year):
    """Indented, with a byte order mark, names in another order: the same book."""
    other = json.dumps(year, indent=3, sort_keys=True, ensure_ascii=True).encode()
    assert verify_file(bookfile.read(b"\xef\xbb\xbf" + other)).problem is None


# ---------------------------------------------------------------- changed by somebody


def leaves(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where in a document single values stand."""
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        return [leaf for key, part in items for leaf in leaves(part, (*way, key))]
    return [way]


def altered(value: Any, chance: random.Random) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + chance.choice((1, -1, 100, 7_000))
    if not isinstance(value, str) or not value:
        return "x"
    place = chance.randrange(len(value))
    return value[:place] + chance.choice([letter for letter in "0123456789abcdef" if letter != value[place]]) + value[place + 1 :]


def test_single_changes_are_all_found(year):
    chance = random.Random(SEED)
    ways = [way for way in leaves(year) if not FOR_READING & {way[-1], way[0]} or way[0] == "entries"]
    beginning = [way for way in ways if way[0] != "entries"]
    missed = []
    document = copy.deepcopy(year)
    for way in chance.sample(ways, SINGLE_CHANGES - len(beginning)) + beginning:
        part = document
        for key in way[:-1]:
            part = part[key]
        was, part[way[-1]] = part[way[-1]], altered(part[way[-1]], chance)
        with contextlib.suppress(BookFileError):
            missed += [way] if proved(document).problem is None else []
        part[way[-1]] = was
    assert missed == []
    assert proved(document).problem is None


def test_the_first_bad_entry_is_named(year):
    document = copy.deepcopy(year)
    for number in (12, 30):
        document["entries"][number]["lines"][0]["amount"] += 1
    report = proved(document)
    assert str(report.problem) == "entry 13: its lines are not what was posted"
    assert report.entries == 12


def test_words_that_say_another_thing_than_the_numbers(year):
    document = copy.deepcopy(year)
    document["entries"][11]["lines"][0]["credit_name"] = "equity:shares:99"
    document["entries"][11]["posted_at"] = "2020-01-01T00:00:00.000000+00:00"
    assert "entry 12: says one thing in numbers and another in words: posted_at, credit_name of line" in str(proved(document).problem)


@pytest.mark.parametrize("cut", [1, 5, 40])
def test_a_shorter_book_has_another_head(year, cut):
    document = copy.deepcopy(year)
    del document["entries"][-cut:]
    assert "head" in proved(document).problem.what


# ---------------------------------------------------------------- held against what was kept


def test_codes_and_a_kept_export(files, year):
    closings = [(json.loads(e["annex"])["meeting"]["no"], e) for e in year["entries"] if e["kind"] == 4]
    claims = [Claim(bytes.fromhex(e["hash"])[:5], number) for number, e in closings]
    report = verify_file(bookfile.read(files["year"]), claims)
    assert report.problem is None
    assert [(found.place.meeting_no, found.place.entry_no) for found in report.codes] == [(number, e["entry_no"]) for number, e in closings]
    kept = bookfile.read(files["year"]).hashes
    assert verify_file(bookfile.read(files["year"]), kept=kept).problem is None
    shorter = copy.deepcopy(year)
    shorter["head"] = shorter["entries"][-2]["hash"]
    del shorter["entries"][-1]
    assert str(proved(shorter, kept=kept).problem) == f"entry {len(year['entries'])}: is in the book that was kept, and no longer in this one"


def test_a_code_that_nothing_leads_to(files, year):
    last = max(json.loads(e["annex"])["meeting"]["no"] for e in year["entries"] if e["kind"] == 4)
    for claim, words in (
        (Claim(b"12345"), "nothing leads to the code"),
        (Claim(b"12345", last + 1), f"is of meeting {last + 1}, which is not in the book"),
        (Claim(b"12345", 1), "entry 1: this or a later one up to entry"),
    ):
        report = verify_file(bookfile.read(files["year"]), [claim])
        assert words in str(report.problem)
        assert report.codes[0].place is None


# ---------------------------------------------------------------- no book at all


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is no JSON of ours: Expecting value"),
        (b"\xff\xfe", "no text in UTF-8"),
        (b"[]", "the file: expected an object, found []"),
        (b"{}", "the file: rules is missing"),
        (b"null", "the file: expected an object, found null"),
        (b"1e5", "1e5 is no whole number"),
        (b"NaN", "NaN is no whole number"),
        (b'{"rules": {"cycle": []}}', "rules.cycle: expected a number and two days"),
        (b'{"a": 1, "a": 2}', "a name stands twice among a"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"rules": {"cycle": [' + b"9" * 5_000 + b"]}}", "is no JSON of ours: Exceeds the limit"),
        (b"group_id,group,entry\n", "is no JSON of ours"),
    ],
)
def test_what_is_no_book_is_said_in_a_sentence(content, words):
    with pytest.raises(BookFileError) as error:
        bookfile.read(content)
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: d.pop("head"), "the file: head is missing"),
        (lambda d: d.update(genesis="ff"), 'genesis: expected a hash of 64 hexadecimal digits, found "ff"'),
        (lambda d: d["entries"][3].pop("annex"), "entries[3]: annex is missing"),
        (lambda d: d["entries"][3].update(annex="\ud800"), "entries[3].annex: expected words"),
        (lambda d: d["entries"][3].update(lines=7), "entries[3].lines: expected a list, found 7"),
        (lambda d: d["entries"].insert(0, "x"), 'entries[0]: expected an object, found "x"'),
        (lambda d: d["entries"][3]["lines"][0].update(amount="5"), 'entries[3].lines[0].amount: expected a whole number of 64 bits, found "5"'),
        (lambda d: d["entries"][3]["lines"][0].update(amount=1 << 63), "entries[3].lines[0].amount: expected a whole number of 64 bits"),
        (lambda d: d["entries"][3]["lines"][0].update(amount=True), "entries[3].lines[0].amount: expected a whole number of 64 bits, found true"),
        (lambda d: d["entries"][3].update(kind=70_000), "entries[3].kind: expected a whole number of 16 bits, found 70000"),
        (lambda d: d["entries"][3].update(happened_on="yesterday"), "entries[3].happened_on: expected a day such as"),
        (lambda d: d["entries"][3].update(command_id="7"), "entries[3].command_id: expected an id such as"),
        (lambda d: d["entries"][3].update(posted_at_us=1 << 62), "entries[3].posted_at_us: expected microseconds"),
        (lambda d: d["rules"].update(constitution=[]), "rules.constitution: expected an object, found []"),
        (lambda d: d["balances"].append([]), "balances["),
    ],
)
def test_a_part_of_another_shape_is_named(year, change, words):
    document = copy.deepcopy(year)
    change(document)
    with pytest.raises(BookFileError) as error:
        bookfile.read(json.dumps(document).encode())
    assert words in str(error.value)


def test_a_file_too_large_is_not_read(monkeypatch, tmp_path):
    monkeypatch.setattr(bookfile, "SIZE_MAX", 1 << 20)
    path = tmp_path / "book.json"
    path.write_bytes(b" " * (2 << 20))
    with pytest.raises(BookFileError, match="larger than 1 MiB"):
        bookfile.load(path)
    with pytest.raises(BookFileError, match="cannot be read"):
        bookfile.load(tmp_path)


@given(where=st.floats(0, 1), gone=st.integers(0, 40), put=st.binary(max_size=20))
def test_any_damage_is_a_sentence_or_a_problem(where, gone, put):
    """Bytes taken out and put in anywhere."""
    content = SMALL["file"]
    place = int(where * len(content))
    with contextlib.suppress(BookFileError):
        verify_file(bookfile.read(content[:place] + put + content[place + gone :]))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda one: st.lists(one, max_size=3) | st.dictionaries(st.text(max_size=5), one),
    max_leaves=5,
)


@given(pick=st.integers(0, 10_000), value=json_values)
def test_anything_in_the_place_of_anything(pick, value):
    document = json.loads(SMALL["file"])
    ways = leaves(document)
    ways += [way[:-1] for way in ways if len(way) > 1]
    way = ways[pick % len(ways)]
    part = document
    for key in way[:-1]:
        part = part[key]
    part[way[-1]] = value
    with contextlib.suppress(BookFileError):
        proved(document)


SMALL: dict[str, bytes] = {}


@pytest.fixture(autouse=True, scope="module")
def _small(files):
    SMALL["file"] = files["rolled"]
