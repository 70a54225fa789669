"""Every wire vector against the real application: real PostgreSQL and Valkey, and real processes where they matter."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import wire_checks_book  # noqa: F401  registers its checks
import wire_checks_texts  # noqa: F401  registers its checks
from wire_checks import CHECKS, check
from wire_stage import Stage

VECTORS = {vector["id"]: vector for vector in json.loads((Path(__file__).parents[1] / "data" / "wire-vectors.json").read_text())["vectors"]}

# What the service does not have.
SKIPPED: dict[str, str] = {}
# Where real concurrency, a kill or a hanging server is the point.
PROCESSES = re.compile('"group"|"fault"|hang_database|kill_worker')


@pytest.mark.parametrize("name", VECTORS)
def test_vector(name, request):
    if name in SKIPPED:
        pytest.skip(SKIPPED[name])
    vector = VECTORS[name]
    site = request.getfixturevalue("served_site" if PROCESSES.search(json.dumps(vector)) else "site")
    stage = Stage(site, vector)
    stage.kept["vectors"] = VECTORS
    stage.play(check)


def test_every_property_is_really_checked():
    used = {
        prop.partition(":")[0]
        for v in VECTORS.values()
        if v["id"] not in SKIPPED
        for prop in [*v["final"], *(p for e in v["expect"] for p in e["props"])]
    }
    assert used <= CHECKS.keys()
    assert SKIPPED.keys() <= VECTORS.keys()
    with pytest.raises(AssertionError, match="nobody here knows"):
        check(None, "NO_SUCH_PROPERTY:1", 1, [])  # type: ignore[arg-type]
