"""Texts around the vectors: the words of four languages, doubts, guesses, STOP and START, and answers that cross each other."""

from __future__ import annotations

import re
import threading
import uuid

import pytest
from people import Call
from stand_in import Reply, answer, recipient
from wire_site import at_once
from wire_stage import Stage
from wire_triggers import write_text


def ask(v, *path: str) -> str:
    """Hoa asks; the code that Thu gets."""
    assert v.dial(12, *(path or ("2", "3")), "1").startswith("END ")
    return v.code_of(3)


@pytest.mark.parametrize("language", ["en", "vi", "sw", "fr"])
@pytest.mark.parametrize("word", [0, 1])
def test_the_words_a_question_teaches_are_understood(site, language, word):
    v = site.found(group={"language": language})
    code = ask(v)
    taught = re.findall(rf"(\S+) {code}", v.texts(3)[-1])
    assert len(taught) == 2, v.texts(3)
    v.text(3, f"{taught[word]} {code}")
    site.work()
    assert v.outcomes() == [["posted", "refused"][word]]


@pytest.mark.parametrize(
    "words", ["OK {c}", "Ok, {c}.", "{c} có", "Đồng ý {c}", "dong y {c} nhe", "Ndiyo {c} asante", "Oui {c} merci", "ok\u200b {c}", "OK\r\n{c}"]
)
def test_harmless_spellings_of_yes(site, words):
    v = site.found()
    v.text(3, words.format(c=ask(v)))
    site.work()
    assert v.outcomes() == ["posted"]


@pytest.mark.parametrize(
    "words",
    [
        "OK {c} don't", "OK {c} don’t post it", "OK {c} I didn't get the money", "OK {c} can't", "OK {c}, but not yet", "NDIYO {c} bado", "OUI {c} je n'ai pas l'argent", "CO {c} chưa nhận",
        "OK {c} no", "no ok {c}", "OK 23456 no {c}", "is it OK {c}", "OK {c} " + "a " * 70 + "NO", "NOK {c}", "OK{c}0", "OK 0{c}",
    ],
    ids=lambda words: words[:30],
)  # fmt: skip
def test_a_doubt_has_no_effect_and_gets_one_help_text(site, words):
    v = site.found()
    v.text(3, words.format(c=ask(v)))
    site.work()
    assert v.outcomes() == ["waiting"]
    assert len(v.texts(3)) == 2, "the question, and a help text"
    assert v.entries() == 1


def test_guesses_lock_the_codes_of_a_phone_but_not_its_menu(site):
    v = site.found()
    code = ask(v)
    wrong = [f"{a}{a}{b}{b}{a}" for a, b in ("23", "45", "67", "89") if f"{a}{a}{b}{b}{a}" != code][:3]
    for guess in wrong:
        v.text(3, f"OK {guess}")
        site.work()
    purposes = [row.purpose for row in v.rows("select purpose from outbox where group_id = %s and member = 3 order by message_no")]
    assert purposes == ["ask_officer", "wrong_code", "wrong_code", "codes_locked"]
    told = len(v.texts(3))
    v.text(3, f"OK {code}")
    site.work()
    assert v.outcomes() == ["waiting"], "the right one is not even compared"
    assert len(v.texts(3)) == told, "and nothing is answered"
    assert v.dial(3, "8", "1", "1").startswith("END ")
    site.work()
    assert v.outcomes() == ["posted"]


def test_stop_ends_texts_not_decisions_and_start_brings_them_back(site):
    v = site.found()
    code = ask(v)
    site.work()
    v.text(3, "Stop.")
    v.text(3, f"OK {code}")
    site.work()
    assert v.outcomes() == ["posted"]
    states = "select state, member from outbox where group_id = %s order by message_no"
    assert [(row.state, row.member) for row in v.rows(states)] == [("accepted", 3), ("accepted", 12), ("suppressed", 3)]
    v.text(3, "START")
    site.work()
    ask(v)
    site.work()
    assert v.rows(states)[-1].state == "accepted"


def test_a_text_and_a_call_decide_at_the_same_moment(served_site):
    v = served_site.found()
    code = ask(v)
    call = Call(v, 3)
    call.press("8"), call.press("1")
    at_once([lambda: v.text(3, f"OK {code}"), lambda: call.press("1")])
    served_site.work()
    assert v.outcomes() == ["posted"]
    assert v.entries() == 2
    assert len(v.texts(12)) == 1


def test_six_yeses_under_their_own_ids_at_once(served_site):
    v = served_site.found()
    code = ask(v)
    at_once([lambda: v.text(3, f"OK {code}")] * 6)
    served_site.work()
    assert v.entries() == 2
    replies = [row.purpose for row in v.rows("select purpose from outbox where group_id = %s and member = 3 order by message_no")]
    assert sorted(replies) == ["already"] * 5 + ["ask_officer", "done"]


def test_two_officers_say_yes_at_the_same_moment(served_site):
    v = served_site.found(constitution={"confirmation": "treasurer_and_officer"})
    words = {3: f"OK {ask(v)}", 1: f"OK {v.code_of(1)}"}
    at_once([lambda officer=officer: v.text(officer, words[officer]) for officer in words])
    served_site.work()
    assert v.outcomes() == ["posted"]
    assert v.entries() == 2
    assert len(v.texts(12)) == 1


def test_a_report_overtaking_its_answer_settles_no_other_text(site, wire_office):
    """An older text to the same phone is uncertain; the report of the one under way must not be taken for its report."""
    vector = {"id": "overtaken", "area": "dlr", "setup": [], "steps": [], "expect": [], "final": []}
    stage = Stage(site, vector)
    write_text(stage)
    site.work()
    older = stage.text_no
    site.rewrite("update outbox set state = 'unknown', provider_id = null where group_id = %s and message_no = %s", stage.village.group_id, older)
    took = answer(recipient(stage.bindings["PHONE_A"], message_id=stage.bindings["OUT_ID"]))
    site.stand_in.clear()
    site.stand_in.script(Reply(delay=0.5, json=took))
    write_text(stage)
    sender = threading.Thread(target=lambda: (site.work(), wire_office.db.close()))
    sender.start()
    assert site.stand_in.wait_for(lambda: site.stand_in.requests)
    form = {"id": "{{OUT_ID}}", "status": "Success", "phoneNumber": "{{PHONE_A}}", "networkCode": "{{NETWORK}}", "retryCount": "0"}
    assert stage.send({"to": "DLR", "form": form}).status == 200
    sender.join()
    assert stage.text_row().state == "delivered"
    stage.text_no = older
    assert stage.text_row().state == "unknown"


@pytest.mark.parametrize(
    ("statuses", "state"),
    [
        (["Success", "Failed"], "delivered"), (["Failed", "Success"], "failed"), (["Success", "Success"], "delivered"), (["Sent", "Buffered"], "accepted"),
        (["AbsentSubscriber", "Success"], "delivered"), (["Rejected"], "failed"), (["Expired"], "failed"), (["Borked"], "accepted"),
    ],
)  # fmt: skip
def test_the_first_final_report_decides(site, statuses, state):
    stage = Stage(site, {"id": "reports", "area": "dlr", "setup": [], "steps": [], "expect": [], "final": ["OUT_STATE_UNCHANGED"]})
    for status in statuses:
        form = {"id": "{{OUT_ID}}", "status": status, "phoneNumber": "{{PHONE_A}}", "networkCode": "{{NETWORK}}", "retryCount": "0"}
        assert stage.send({"to": "DLR", "form": form}).status == 200
    assert stage.text_row().state == state


def test_one_id_with_two_texts_is_one_text(site):
    v, message = site.found(), str(uuid.uuid4())
    code = ask(v)
    v.text(3, f"NO {code}", message)
    v.text(3, f"OK {code}", message)
    site.work()
    assert v.outcomes() == ["refused"]
