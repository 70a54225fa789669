"""How soon a program that ended is started again."""

from __future__ import annotations

import subprocess
import sys

from runner.keeper import Keeper


def quitter() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-I", "-S", "-c", "raise SystemExit(1)"], process_group=0)


def test_the_pause_grows_and_a_long_life_resets_it() -> None:
    keeper, now, pauses = Keeper("quitter", quitter), 0.0, []
    for alive in [0, 0, 0, 0, 0, 0, 31, 0]:
        assert keeper.look(now) is None
        assert keeper.process
        keeper.process.wait()
        now += alive
        news = keeper.look(now)
        assert news
        pauses.append(news.rsplit(" ", 2)[1])
        assert keeper.look(now) is None
        assert keeper.process is None, "started before the pause was over"
        now += float(pauses[-1])
    assert pauses == ["0.2", "0.4", "0.8", "1.6", "3.2", "5", "0.2", "0.4"]
