"""The step before every make target."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from config import ROOT
from runner import venv

SCRIPT = ROOT / "runner" / "venv.py"


def prepare(folder: Path) -> str:
    command = [sys.executable, str(SCRIPT), "requirements.txt"]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


def test_made_once_and_again_after_a_move(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = tmp_path / "here"
    here.mkdir()
    (here / "requirements.txt").write_text("# nothing\n")
    assert "Making .venv" in prepare(here)
    assert prepare(here) == "", "nothing changed, so nothing is to be done"
    (here / "requirements.txt").write_text("# nothing yet\n")
    assert prepare(here) == "Installing requirements.txt into .venv ...\n"
    monkeypatch.chdir(here)
    assert venv.made_by() == venv.maker()
    monkeypatch.chdir(here.rename(tmp_path / "there"))
    assert venv.made_by() != venv.maker(), "its scripts still lead to the old place"
