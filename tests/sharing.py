"""How the whole suite is shared among processes (`pytest -n 2`): file by file, those that take longest first."""

from __future__ import annotations

from typing import Any

import pytest

# The files of one line stay in one process, one after the other: they share a running service, or would disturb each other.
FIRST = (
    ("tests/chaos/", "tests/browser/", "tests/runner/"),  # services that are killed, and whoever looks at a clock
    ("tests/ledger/test_tampering.py",),
    ("tests/ledger/test_properties.py",),
    ("tests/wire/",),
    ("tests/ledger/test_verify.py",),
    ("tests/ledger/test_year.py",),
)


def place(nodeid: str) -> int:
    """When the file of a test is begun."""
    return next((number for number, starts in enumerate(FIRST) if nodeid.startswith(starts)), len(FIRST))


def share(nodeid: str) -> str:
    """What is given to one process as a whole.

    >>> share("tests/runner/test_venv.py::test_made_once") == share("tests/chaos/test_races.py::test_copies[3]")
    True
    >>> share("tests/test_pins.py::test_a_pin[::]")
    'tests/test_pins.py'
    """
    number = place(nodeid)
    return " ".join(FIRST[number]) if number < len(FIRST) else nodeid.partition("::")[0]


def scheduler(config: pytest.Config, log: Any) -> Any:
    """xdist's own, with shares of ours."""
    from xdist.scheduler import LoadScopeScheduling

    class ByShares(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return share(nodeid)

    config.option.loadscopereorder = False  # by the number of tests, which says nothing about how long they take
    return ByShares(config, log)
