"""`flask book verify` and `export` as people script against them: what is printed, where, and with which exit status."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from full_book import the_year

from gateway.cli import register
from ledger.checkcode import code_of


@pytest.fixture(scope="module")
def run(db):
    """`run("book", "verify", ...)` -> (exit status, standard output, standard error)."""
    app = Flask("x")
    register(app)

    def invoke(*arguments: str, given: bytes | None = None) -> tuple[int, str, str]:
        done = app.test_cli_runner().invoke(args=list(arguments), input=given)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.exit_code, done.stdout, done.stderr

    return invoke


@pytest.fixture(scope="module")
def group(db) -> tuple[int, str]:
    """Group id and code."""
    group_id = the_year(db, "rolled").group_id
    row = db.connection().execute("select code from savings_group where group_id = %s", (group_id,)).fetchone()
    return group_id, row.code


@pytest.fixture(scope="module")
def file(run, group, tmp_path_factory) -> Path:
    path: Path = tmp_path_factory.mktemp("export") / "book.json"
    path.write_text(run("book", "export", group[1], "--format", "json")[1], "utf-8")
    return path


@pytest.fixture(scope="module")
def meeting(file) -> dict[str, Any]:
    """The third meeting's entry."""
    entries = json.loads(file.read_text("utf-8"))["entries"]
    return [entry for entry in entries if entry["kind"] == 4][2]


def code(entry: dict[str, Any]) -> str:
    return code_of(bytes.fromhex(entry["hash"]))


def test_a_file_says_what_the_group_says(run, group, file):
    beside = run("book", "verify", group[1])
    assert beside[0] == 0
    assert beside == run("book", "verify", str(file))
    assert beside[1].endswith(" lines, unbroken\n")
    assert run("book", "verify", "-", given=file.read_bytes()) == beside


@pytest.mark.parametrize("where", ["group", "file"])
def test_old_codes(run, group, file, meeting, where):
    what = group[1] if where == "group" else str(file)
    entry, day = meeting["entry_no"], meeting["happened_on"]
    said = f"{group[1]}: code {code(meeting)}: meeting 3, {day}, entry {entry}: the book still contains it unchanged"
    status, out, err = run("book", "verify", what, "--code", code(meeting).lower(), "--code", f"3:{code(meeting)}")
    assert (status, err) == (0, "")
    assert out.splitlines()[1:] == [said, said]
    status, out, err = run("book", "verify", what, "--code", "4:ZZZZ-ZZZZ")
    assert status == 1
    assert "code ZZZZ-ZZZZ: the book does not lead to it" in out
    assert "was rewritten: meeting 4 gave the code ZZZZ-ZZZZ, the book now leads to" in err
    assert run("book", "verify", what, "--code", "ZZZZ-ZZZZ")[2].startswith(f"{group[1]}: nothing leads to the code ZZZZ-ZZZZ")


@pytest.mark.parametrize("typed", ["ZZZZ", "x:ZZZZ-ZZZZ", "123456:ZZZZ-ZZZZ", "UUUU-UUUU", ""])
def test_what_is_no_code(run, group, typed):
    status, out, err = run("book", "verify", group[1], "--code", typed)
    assert (status, out) == (1, "")
    assert err == f"{typed} is no check code: eight letters and digits, such as 04HM-ASW9 or, with its meeting, 7:04HM-ASW9\n"


def test_a_code_is_somebodys(run):
    assert run("book", "verify", "--code", "ZZZZ-ZZZZ") == (1, "", "Say whose book it is that the code or the export is of\n")


def test_json(run, group, file, meeting):
    document = json.loads(run("book", "verify", str(file), "--json", "--code", code(meeting))[1])
    assert document == json.loads(run("book", "verify", group[1], "--json", "--code", code(meeting))[1])
    assert (document["group"], document["unbroken"], document["problem"]) == (group[1], True, None)
    wanted = {"code": code(meeting), "unchanged": True, "entry": meeting["entry_no"], "meeting": 3, "on": meeting["happened_on"]}
    assert document["codes"] == [wanted]
    assert group[1] in [one["group"] for one in json.loads(run("book", "verify", "--json")[1])]


def test_a_tampered_file(run, group, file, tmp_path):
    document = json.loads(file.read_text("utf-8"))
    document["entries"][11]["lines"][0]["amount"] += 1
    other = tmp_path / "other.json"
    other.write_text(json.dumps(document), "utf-8")
    assert run("book", "verify", str(other)) == (1, "", f"{group[1]}: entry 12: its lines are not what was posted\n")
    status, out, err = run("book", "verify", str(other), "--json")
    assert (status, err) == (1, "")
    assert json.loads(out)["problem"] == {"entry": 12, "what": "its lines are not what was posted"}
    assert run("book", "verify", group[1], "--kept", str(file))[0] == 0
    document["entries"][20]["hash"] = "0" * 64
    other.write_text(json.dumps(document), "utf-8")
    assert (
        run("book", "verify", group[1], "--kept", str(other))[2]
        == f"{group[1]}: entry 21: is not the entry of that number in the book that was kept\n"
    )


@pytest.mark.parametrize(
    ("content", "words"), [(b"{", "is no JSON of ours"), (b"{}", "the file: rules is missing"), (None, "cannot be read: No such file")]
)
def test_no_book_no_traceback(run, tmp_path, content, words):
    path = tmp_path / "none.json"
    if content is not None:
        path.write_bytes(content)
    status, out, err = run("book", "verify", str(path))
    assert (status, out) == (1, "")
    assert err.startswith(f"{path}: {words}")


def test_a_file_needs_no_database(run, file, monkeypatch):
    from gateway import cli_common

    monkeypatch.setattr(cli_common, "settings", lambda: pytest.fail("the database was asked for"))
    assert run("book", "verify", str(file))[0] == 0
