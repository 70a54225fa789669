"""The house rules that no linter knows: lengths, and no float where money is."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from sharing import FIRST

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("gateway", "menus", "ledger", "workers", "console", "runner", "bench")
FILES = sorted([*ROOT.glob("*.py"), *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))])
LINES_MAX, FUNCTION_LINES_MAX = 300, 40


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(ROOT)) for path in FILES])
def test_a_file_and_its_functions_fit(path):
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= LINES_MAX
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    assert [f"{f.name}: {f.end_lineno - f.lineno + 1}" for f in functions if f.end_lineno - f.lineno + 1 > FUNCTION_LINES_MAX] == []


def test_no_float_comes_near_money():
    """Durations live in ledger/db.py; everywhere else in the book a float is a mistake."""
    for path in (ROOT / "ledger").rglob("*.py"):
        if path.name == "db.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            assert not (isinstance(node, ast.Constant) and isinstance(node.value, float)), path
            assert not (isinstance(node, ast.Name) and node.id in ("float", "Decimal")), path
            if "migrat" not in str(path):  # where / joins paths
                assert not isinstance(node, ast.Div), path


@pytest.mark.parametrize("start", [start for line in FIRST for start in line])
def test_what_is_begun_first_is_there(start):
    """A file that moved would be begun last, and everybody would wait for it."""
    assert (ROOT / start).exists()
