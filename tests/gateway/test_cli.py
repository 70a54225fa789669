"""The commands people script against: what they print, where, and with which exit status."""

from __future__ import annotations

import json
import secrets
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from config import settings
from gateway import cli, cli_common
from gateway.cli import register

TEXT = """
group: {code: CODE, name: Doan Ket, country: KE, currency: KES, timezone: Africa/Nairobi, language: en}
constitution: {share_price: 12.50, service_charge: {method: declining, rate_bp: 100, period: month}}
cycle: {number: 1, start: 2026-01-07, end: 2026-12-24}
members:
  - {number: 1, name: Lan, phone: "+254700000001", roles: [chair]}
  - {number: 2, name: Mai, phone: "+254700000002", roles: [record_keeper]}
  - {number: 3, name: Thu, phone: "+254700000003", roles: [treasurer]}
  - {number: 12, name: Hoa, phone: "+254700000012"}
opening: {loan_fund_cash: 100, shares: [{member: 12, units: 10}], as_of: 2026-11-01}
"""


@pytest.fixture
def run(db):
    """`run("group", "list")` -> (exit status, standard output, standard error)."""
    app = Flask("x")
    register(app)

    def invoke(*arguments: str) -> tuple[int, str, str]:
        done = app.test_cli_runner().invoke(args=list(arguments))
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.exit_code, done.stdout, done.stderr

    return invoke


@pytest.fixture
def file(tmp_path: Path) -> tuple[Path, str]:
    """A group file nobody has loaded, and its code."""
    code = "C" + secrets.token_hex(5).upper()
    path = tmp_path / "group.yaml"
    path.write_text(TEXT.replace("CODE", code), "utf-8")
    return path, code


@pytest.fixture
def loaded(run, file) -> str:
    status, out, err = run("group", "load", str(file[0]))
    assert (status, out) == (0, f"{file[1]} Doan Ket: loaded, 4 members\n"), err
    return file[1]


def with_settings(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> None:
    changed = settings().model_copy(update=changes)
    for module in (cli, cli_common):
        monkeypatch.setattr(module, "settings", lambda: changed)


def test_load_and_load_again(run, file):
    path, code = file
    status, out, err = run("group", "load", str(path))
    assert (status, out, err) == (0, f"{code} Doan Ket: loaded, 4 members\n", "note: 4 members; groups of 10 to 25 work best\n")
    assert run("group", "load", str(path))[:2] == (0, f"{code} Doan Ket: unchanged\n")
    path.write_text(path.read_text("utf-8").replace("Hoa", "Hai"), "utf-8")
    status, out, err = run("group", "load", str(path))
    assert (status, out) == (1, "")
    assert f"{code}: this code is taken" in err


def test_mistakes_go_to_standard_error(run, file):
    path, code = file
    path.write_text(path.read_text("utf-8").replace("12.50", "12.505").replace("Lan", "'"), "utf-8")
    status, out, err = run("group", "load", str(path))
    assert (status, out) == (1, "")
    assert err.startswith("line ")
    assert code not in run("group", "list")[1]
    path.write_bytes(b"group:\n  name: \xff\n")
    assert run("group", "load", str(path)) == (1, "", "line 2: the file: text in UTF-8\n")


def test_if_empty_does_nothing_in_a_book_that_is_used(run, loaded, file, tmp_path):
    other = tmp_path / "other.yaml"
    other.write_text(TEXT.replace("CODE", "NEVER" + secrets.token_hex(2).upper()), "utf-8")
    status, out, _ = run("group", "load", str(other), "--if-empty")
    assert (status, out) == (0, "")


def test_no_demo_in_production(run, file, monkeypatch):
    with_settings(monkeypatch, dialbook_env="production")
    status, _, err = run("group", "load", str(file[0]), "--demo")
    assert status == 1
    assert "production" in err


def test_the_demo_says_whom_to_be(run, file):
    path, _ = file
    assert run("group", "load", str(path), "--demo")[0] == 0
    status, out, _ = run("group", "demo")
    assert status == 0
    assert settings().dial_code in out
    assert [line.split()[0] for line in out.splitlines()[1:]] == ["+254700000012", "+254700000003", "+254700000002"]


def test_list_and_show(run, loaded):
    listed = json.loads(run("group", "list", "--json")[1])
    assert {"code": loaded, "members": 4, "entries": 1}.items() <= next(g for g in listed if g["code"] == loaded).items()
    assert loaded in run("group", "list")[1]
    status, out, err = run("group", "show", loaded.lower(), "--json")
    shown = json.loads(out)
    assert (status, err) == (0, "")
    assert (shown["currency"], shown["constitution"]["share_price"]) == ("KES", 1250)
    assert shown["members"][3] == {
        "number": 12, "name": "Hoa", "language": "en", "accents": False, "roles": [], "phones": ["+254..012"], "helper": None,
    }  # fmt: skip
    human = run("group", "show", loaded)[1]
    assert "share_price              12.50" in human
    assert "+254700000012" not in human


def test_balances(run, loaded):
    document = json.loads(run("book", "balances", loaded, "--json")[1])
    assert (document["group"], document["currency"], document["as_of"]) == (loaded, "KES", None)
    assert {row["name"]: row["balance"] for row in document["accounts"]} == {
        "assets:loan fund:cash box": 10_000,
        "equity:shares:12": -12_500,
        "equity:surplus brought": 2_500,
    }
    assert json.loads(run("book", "balances", loaded, "--as-of", "2026-10-31", "--json")[1])["accounts"] == []
    assert len(run("book", "balances", loaded, "--as-of", "2026-11-01")[1].splitlines()) == 3
    assert "-125.00 KES  10 shares" in run("book", "balances", loaded)[1]


def test_export(run, loaded):
    assert json.loads(run("book", "export", loaded, "--format", "json")[1])["group"]["code"] == loaded
    assert run("book", "export", loaded, "--format", "csv")[1].startswith("group_id,group,entry,")
    journal = run("book", "export", loaded, "--format", "hledger")[1]
    if shutil.which("hledger"):
        assert subprocess.run(["hledger", "check", "--strict", "-f", "-"], input=journal, text=True, check=False).returncode == 0


def test_verify(run, loaded, owner):
    assert run("book", "verify", loaded) == (0, f"{loaded}: 1 entries, 2 lines, unbroken\n", "")
    change = "update line set amount = amount + %s where group_id = (select group_id from savings_group where code = %s) and line_no = 2"
    with owner.transaction():
        owner.execute("set local session_replication_role = replica")
        owner.execute(change, (1, loaded))
    try:
        status, _, err = run("book", "verify", loaded)
        assert (status, err) == (1, f"{loaded}: entry 1: its lines are not what was posted\n")
        assert run("book", "verify")[0] == 1
    finally:
        with owner.transaction():
            owner.execute("set local session_replication_role = replica")
            owner.execute(change, (-1, loaded))


def test_statement(run, loaded):
    status, out, _ = run("member", "statement", loaded, "12")
    assert status == 0
    assert "Shares: 10, worth 125.00 KES as paid" in out
    assert run("member", "statement", loaded, "5") == (1, "", f"{loaded} has no member 5\n")


@pytest.fixture
def message(loaded, owner) -> int:
    """Number of a text whose fate is unknown."""
    owner.execute(
        """insert into outbox (group_id, message_no, member, purpose, text, encoding, parts, state, attempts, phone, provider_id)
           select group_id, 1, 12, 'receipt', 'SECRET WORDS', 'gsm7', 1, 'unknown', 3, '+254700000012', 'ATX' from savings_group where code = %s""",
        (loaded,),
    )
    return 1


def test_outbox_without_words_or_numbers(run, loaded, message):
    rows = [row for row in json.loads(run("outbox", "list", "--json")[1]) if row["group"] == loaded]
    assert {"message": 1, "member": 12, "state": "unknown", "attempts": 3, "provider_id": "ATX"}.items() <= rows[0].items()
    for out in (run("outbox", "list")[1], run("outbox", "list", "--json", "--state", "unknown")[1]):
        assert "SECRET" not in out
        assert "+254700000012" not in out
    assert len(json.loads(run("outbox", "list", "--json", "--limit", "1")[1])) == 1
    assert loaded not in run("outbox", "list", "--state", "held")[1]


def test_an_operator_settles_or_sends_again(run, loaded, message, db):
    assert run("outbox", "resend", loaded, "1") == (0, f"{loaded} 1: pending\n", "")
    query = "select o.state, o.attempts from outbox o join savings_group g using (group_id) where g.code = %s"
    assert tuple(db.connection().execute(query, (loaded,)).fetchone()) == ("pending", 0)
    status, _, err = run("outbox", "settle", loaded, "1", "--as", "delivered")
    assert status == 1
    assert "is pending" in err


@pytest.mark.parametrize("state", ["delivered", "failed"])
def test_settle(run, loaded, message, db, state):
    assert run("outbox", "settle", loaded, "1", "--as", state) == (0, f"{loaded} 1: {state}\n", "")
    assert run("outbox", "settle", loaded, "9", "--as", state) == (1, "", f"{loaded} has no message 9\n")


@pytest.mark.parametrize(
    "command",
    [("group", "show", "NOPE"), ("book", "balances", "NOPE"), ("book", "export", "NOPE", "--format", "json"), ("book", "verify", "NOPE"),
     ("member", "statement", "NOPE", "1"), ("outbox", "resend", "NOPE", "1"), ("outbox", "settle", "NOPE", "1", "--as", "failed")],
)  # fmt: skip
def test_unknown_code(run, command):
    assert run(*command) == (1, "", "no group with the code NOPE; `flask group list` shows all\n")


def test_no_database_no_password_no_traceback(run, monkeypatch):
    from pydantic import SecretStr

    with_settings(monkeypatch, database_url=SecretStr("postgresql://me:topsecret@127.0.0.1:1/dialbook"))
    status, out, err = run("group", "list")
    assert (status, out) == (1, "")
    assert err == "PostgreSQL does not answer at 127.0.0.1:1/dialbook: start `make run`, or set DATABASE_URL\n"
    with_settings(monkeypatch, database_url=SecretStr("topsecret"))
    status, out, err = run("group", "list")
    assert (status, "topsecret" in err, "DATABASE_URL" in err) == (1, False, True)


def test_upgrade_is_idempotent(run):
    assert run("db", "upgrade")[0] == 0
