"""The stand-in itself: other suites draw conclusions from its record."""

import json
import subprocess
import sys
from pathlib import Path

import requests
import stand_in
from stand_in import StandIn

FORM = {"to": "+254700072929", "message": "hello"}


def send(url, timeout=0.3):
    try:
        return requests.post(url + "/messaging", data=FORM, timeout=timeout).status_code
    except requests.RequestException as error:
        return type(error).__name__


def test_chaos_is_repeatable_and_keeps_its_own_record():
    def run(seed):
        with StandIn(fail_rate=0.5, seed=seed) as api:
            seen = [send(api.url) for _ in range(12)]
            return seen, len(api.requests), len(api.accepted)

    seen, asked, taken = run(seed=3)
    assert run(seed=3) == (seen, asked, taken)
    assert asked == 12
    assert set(seen) >= {201, 503}
    assert seen.count(201) < taken < 12  # it took some of those whose answer never came


def test_delivery_reports_follow_acceptance():
    with StandIn() as hook, StandIn(reports_to=hook.url + "/delivery", report_statuses=("Sent", "Success")) as api:
        hook.always(stand_in.Reply(status=200, body="ok"))
        send(api.url)
        assert api.wait_for(lambda: len(api.reports) == 2)
        assert [request.form["status"] for request in hook.requests] == ["Sent", "Success"]
        assert hook.requests[0].form["id"] == api.accepted[0].id
        assert [report["http"] for report in api.reports] == [200, 200]


def test_as_a_program(tmp_path):
    log = tmp_path / "log"
    program = [sys.executable, stand_in.__file__, "0", str(log)]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as process:
        url = process.stdout.readline().strip()
        assert send(url, timeout=5) == 201
        process.terminate()
        assert process.wait(5) == 0
    (line,) = map(json.loads, Path(log).read_text().splitlines())
    assert line["request"]["form"] == FORM
    assert line["accepted"].startswith("ATXid_")
