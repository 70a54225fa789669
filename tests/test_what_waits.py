"""Several requests wait for the treasurer: she gives her word on one after the other in a single call."""

from __future__ import annotations

from people import Call


def asked(v, *amounts):
    for amount in amounts:
        v.dial(12, "3", str(amount), "1")


def test_one_after_the_other(village):
    v = village()
    asked(v, 1000, 2000, 3000)
    call = Call(v, 3)
    call.press("8")
    call.press("1")
    assert call.press("1") == "CON Noted. You will get an SMS. More is waiting for your word.\n1. Waiting for me\n0. Back"
    page = call.press("1")
    assert "1.000d" not in page, "the first is decided"
    assert "2.000d" in page
    assert "2.000d" in call.press("1")
    assert call.press("2").startswith("CON Noted."), "a no is a word too"
    assert "3.000d" in call.press("1"), "a list of one is still a list"
    call.press("1")
    assert call.press("1") == "END Noted. You will get an SMS."
    v.work()
    assert v.outcomes() == ["posted", "refused", "posted"]
    assert v.entries() == 3, "the opening and two"


def test_a_repeat_of_the_word_changes_nothing(village):
    v = village()
    asked(v, 1000, 2000)
    call = Call(v, 3)
    call.press("8")
    call.press("1")
    first = call.press("1")
    assert v.hop(3, call.session, "8*1*1") == first
    v.work()
    assert v.outcomes() == ["posted", "waiting"]


def test_back_leads_home(village):
    v = village()
    asked(v, 1000, 2000)
    page = v.dial(3, "8", "1", "1", "0")
    assert page.startswith("CON Dialbook\n1. My balance")


def test_only_what_waits_for_her_counts(village):
    """The other requests wait for somebody else: hers is done."""
    v = village(constitution={"confirmation": "treasurer_and_officer"})
    asked(v, 1000)
    assert v.dial(1, "8", "1", "1") == "END Noted. You will get an SMS."
