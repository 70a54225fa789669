"""The phone page without a browser: who has a phone, what arrived, trouble on order; nothing of it in production (tests/test_start.py)."""

from __future__ import annotations

import pytest


def inbox(v, member):
    return v.client.get("/phone/inbox", query_string={"phone": v.phones[member]}).json["texts"]


def test_the_page_uses_the_real_webhooks_and_nothing_from_elsewhere(client, village):
    v = village()
    answer = client.get("/phone")
    assert f"/hooks/{v.secret}/phone" in answer.get_data(as_text=True)
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert "http" not in answer.get_data(as_text=True).replace("http-equiv", "").replace("http://www.w3.org", "")


def test_everybody_with_a_phone_can_be_chosen(client, village):
    v = village()
    people = client.get("/phone/people").json
    ours = {person["phone"]: person for person in people["people"] if person["group_code"] == v.code}
    assert set(ours) == set(v.phones.values())
    assert ours[v.phones[3]]["roles"] == ["treasurer"]
    assert people["left"] != people["right"]


def test_texts_arrive_where_they_were_sent(village):
    v = village()
    v.dial(12, "2", "1", "1")
    v.work()
    [text] = inbox(v, 3)
    assert (text["text"], text["parts"], text["encoding"], text["state"]) == (v.texts(3)[0], 1, "GSM-7", "accepted")
    assert inbox(v, 12) == []
    report = {"id": text["provider_id"], "status": "Success", "phoneNumber": v.phones[3]}
    assert v.client.post(f"/hooks/{v.secret}/phone/delivery", data=report).status_code == 200
    assert inbox(v, 3)[0]["state"] == "delivered"


@pytest.mark.parametrize(("order", "state", "seen"), [("timeout", "unknown", 1), ("refuse", "failed_permanent", 0)])
def test_trouble_on_order_for_one_text(village, order, state, seen):
    v = village()
    assert v.client.post("/phone/trouble", json={"next_send": order}).status_code == 200
    v.dial(12, "2", "1", "1")
    v.work()
    assert [row.state for row in v.rows("select state from outbox where group_id = %s")] == [state]
    assert len(inbox(v, 3)) == seen
    v.dial(12, "2", "2", "1")
    v.work()
    assert [row.state for row in v.rows("select state from outbox where group_id = %s order by message_no")] == [state, "accepted"]


@pytest.mark.parametrize("wish", [{}, {"next_send": "explode"}, [], "timeout"])
def test_other_wishes_are_refused_with_what_was_expected(client, wish):
    answer = client.post("/phone/trouble", json=wish)
    assert answer.status_code == 400
    assert "next_send" in answer.get_data(as_text=True)


def test_an_inbox_needs_a_number(client):
    assert client.get("/phone/inbox?phone=MTN").status_code == 400
