"""The phone in the terminal: it says what the service says, and what it saves is a story the tests can play."""

from __future__ import annotations

from people import Village

from gateway.cli_phone import Handset, caller


def test_a_call_is_heard_and_kept(village):
    v: Village = village()

    def send(form: dict[str, str]) -> str:
        answer = v.client.post(f"/hooks/{v.secret}/africastalking/ussd", data=form)
        return answer.get_data(as_text=True)

    handset = Handset(send, v.phones[12], "12")
    assert handset.dial().startswith("Dialbook\n1. My balance")
    assert "Shares: 10 = 200.000d" in handset.press("1")
    assert handset.in_call
    handset.press("0")
    assert handset.press("2").startswith("One share is")
    assert handset.press("3").startswith("Buy shares: 3")
    assert handset.press("1").startswith("Sent to the treasurer")
    assert not handset.in_call
    assert handset.heard[0] == "12 dials"
    assert [line for line in handset.heard if line.startswith(">")] == ["> 1", "> 0", "> 2", "> 3", "> 1"]
    assert "| Shares: 10 = 200.000d" in handset.heard


def test_who_calls_and_in_which_group_her_story_plays(village, owner):
    v: Village = village()
    assert caller(v.phones[3]) == (v.phones[3], "12", "group"), "the tests have no such member of hers; she is No.12 there"
    owner.execute("set session_replication_role = replica")
    owner.execute("update savings_group set demo = group_id = %s", (v.group_id,))
    assert caller(None) == (v.phones[7], "7", "group demo"), "somebody without an office"
    assert caller(v.phones[3]) == (v.phones[3], "3", "group demo")
    owner.execute("update savings_group set demo = false")
    owner.execute("set session_replication_role = origin")
