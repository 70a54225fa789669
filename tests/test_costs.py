"""What texts cost is known before they are sent, kept with them, and summed for the operator."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from config import Settings, settings
from workers.sending import claim


def test_the_cost_is_written_down_before_a_text_is_sent(village):
    v = village()
    v.dial(12, "2", "3", "1")
    with v.db.transaction() as conn:
        claim(conn, 60, "KES 0.80")
    [row] = v.rows("select parts, expected_cost, state from outbox where group_id = %s")
    assert (row.parts, row.expected_cost, row.state) == (1, "KES 0.80", "claimed")


def test_without_a_price_the_cost_is_unknown(village):
    v = village()
    v.dial(12, "2", "3", "1")
    v.work()
    [row] = v.rows("select expected_cost, state from outbox where group_id = %s")
    assert (row.expected_cost, row.state) == (None, "accepted")


@pytest.mark.parametrize("price", ["0.80", "KES", "KES 1,50", "kes 1", "KES -1", "KES 1 x"])
def test_a_price_that_cannot_be_meant_is_refused(price):
    with pytest.raises(ValueError, match="sms_part_price"):
        Settings(sms_part_price=price)


def test_the_list_shows_what_each_text_costs_and_all_of_them(app, village, monkeypatch):
    from gateway.cli_outbox import outbox_list

    v = village()
    v.dial(12, "2", "3", "1")
    monkeypatch.setattr(settings(), "sms_part_price", "KES 0.80")
    run = CliRunner()
    [row] = [row for row in json.loads(run.invoke(outbox_list, ["--json"]).output) if row["group"] == v.code]
    assert (row["parts"], row["expected_cost"], row["cost"]) == (1, "KES 0.80", None)
    sums = json.loads(run.invoke(outbox_list, ["--json", "--totals", "--limit", "1"]).output)
    assert sums == {"messages": 1, "parts": 1, "expected_cost": ["KES 0.80"], "cost": []}
    last = run.invoke(outbox_list, ["--limit", "1"]).output.rstrip().split("\n")[-1]
    assert last == "1 messages, 1 parts, expected cost KES 0.80"
