"""Turns around the vectors: other paths, whole texts of every shape, repeats in parallel, and pages whose subject is gone meanwhile."""

from __future__ import annotations

import contextlib
import json

import psycopg
import pytest
from people import Call, new_session
from wire_checks import fit, valid
from wire_site import Answer, at_once, said

# (who, answers up to the last page before the one that counts, the answer that counts)
COMMITS = {
    "shares": (12, ("2", "3"), "1"),
    "social fund": (12, ("3", "5000"), "1"),
    "repayment": (12, ("4", "520000"), "1"),
    "fine": (12, ("5", "5000"), "1"),
    "loan": (2, ("9", "6", "7", "100000", "3"), "1"),
}


def requests_of(v) -> list[tuple[str, dict]]:
    return [(row.kind, row.body) for row in v.rows("select kind, body from request where group_id = %s order by request_no")]


def hops(site, v, texts, member: int = 12) -> list[Answer]:
    """One call, its whole texts as given; every answer is a page that fits, or a 4xx."""
    session, found = new_session(), []
    for text in texts:
        form = {"sessionId": session, "phoneNumber": v.phones[member], "serviceCode": "*384*77#", "text": text}
        found.append(site.client.post(f"/hooks/{site.secret}/africastalking/ussd", form))
        if not 400 <= found[-1].status < 500:
            valid(None, found[-1:])
            fit(None, found[-1:])
    return found


WHOLE_TEXTS = [
    (["", "2", "2*3", "2*3*"], []),  # nothing typed is not a yes
    (["", "2*3*1"], []),  # two answers got lost
    (["", "2", "2*3", "2*3*1*1"], []),  # the page between was never answered
    (["", "2", "2*3", "2*4*1"], []),  # another past
    (["", "2", "2*3", "2*3*2", "2*3*2*1"], []),  # no, and then more
    (["", "2", "2*3", "2*3*00", "2*3*00*1"], []),  # home, where 1 is the balance
    (["", "2", "2*3", "2", "2*1"], []),  # shorter: back in time
    (["*2*3*1"], []),
    (["2*3*1"], []),
    (["2*3*1*1*1*1*1"], []),
    (["", "2", "2*3", "2*3*11"], []),
    (["", "2", "2*3", "2*3*1 1"], []),
    (["", "2", "2*6", "2*6*1"], []),  # more than the constitution allows
    (["", "2", "2*0", "2*0*1"], []),
    (["", "5", "5*-5000", "5*-5000*1"], []),
    (["", "4", "4*1515001", "4*1515001*1"], []),  # more than she owes
    (["x" * 4097], []),
    (["2*3", "2*3*1"], [3]),  # dialled straight to the confirmation, which was shown
    (["2*3*1", "2*3*1*1"], [3]),  # dialled through it: shown, not crossed, then answered
    (["", "2", "2*3", "2*3* 1 "], [3]),
    (["", "2", "2*3", "2*3*１"], [3]),
    (["", "2", "2*3", "2*3*7", "2*3*7*1"], [3]),  # a wrong key, then yes
    (["", "2", "2*3", "2*3*0", "2*3*0*4", "2*3*0*4*1"], [4]),  # back, another number, yes: only that one counts
    (["", "2", "2*３", "2*３*1"], [3]),
    (["", "2", "2*003", "2*003*1"], [3]),
    (["", "2", "2*3", "2*3*1", "2*3*1*1", "2*3*1*0*1"], [3]),  # nothing after the end
]


@pytest.mark.parametrize(("texts", "units"), WHOLE_TEXTS, ids=lambda value: " ".join(map(repr, value))[:60])
def test_a_whole_text_counts_only_past_a_confirmation_that_was_shown(site, texts, units):
    v = site.found()
    hops(site, v, texts)
    assert [body["units"] for _, body in requests_of(v)] == units
    assert v.entries() == 1


@pytest.mark.parametrize("name", COMMITS)
def test_a_repeat_of_any_commit_is_answered_alike_even_without_memory(site, name):
    v = site.found()
    who, path, yes = COMMITS[name]
    call = Call(v, who)
    for answer in path:
        call.press(answer)
    assert call.press(yes).startswith("END ")
    assert call.again() == call.page
    with site.redis() as client:
        client.flushall()
    assert call.again() == call.page, "the request remembers what its hop was answered"
    assert len(requests_of(v)) == 1


@pytest.mark.parametrize("name", [*COMMITS, "decision", "language"])
def test_ten_copies_of_any_commit_at_once(served_site, name):
    v = served_site.found()
    v.dial(12, "3", "1000", "1")
    who, path, yes = COMMITS.get(name) or {"decision": (3, ("8", "1"), "1"), "language": (12, ("7",), "2")}[name]
    call = Call(v, who)
    for answer in path:
        call.press(answer)
    text = f"{call.text}*{yes}"
    [page] = set(at_once([lambda: v.hop(who, call.session, text)] * 10))
    served_site.work()
    assert len(v.outcomes()) == 1 + (name in COMMITS)
    assert v.entries() == 1 + (name == "decision")
    assert f"\n1. {said('balance', 'vi', 'label')}\n" in page if name == "language" else page.startswith("END ")


def test_ten_copies_of_a_first_hop_at_once(served_site):
    v, session = served_site.found(), new_session()
    assert len(set(at_once([lambda: v.hop(12, session, "")] * 10))) == 1
    assert v.hop(12, session, "1").count("200.000d") == 1, "her savings"


def test_another_phone_cannot_say_yes_in_somebody_elses_call(site):
    v = site.found()
    call = Call(v, 12)
    call.press("2"), call.press("3")
    assert v.hop(7, call.session, "2*3*1").startswith("END ")
    assert requests_of(v) == []
    assert call.press("1").startswith("END "), "and her own call is not disturbed"


def test_the_same_in_two_calls_is_warned_of_and_counts_twice(site):
    v = site.found()
    v.dial(12, "5", "5000", "1")
    warned = v.dial(12, "5", "5000")
    assert warned.startswith("CON " + said("twin"))
    assert "5.000d" in warned
    v.dial(12, "5", "5000", "1")
    assert len(requests_of(v)) == 2
    assert said("twin") not in v.dial(12, "5", "5001")


def test_language_is_changed_once_and_the_call_goes_on_in_it(site):
    v = site.found()
    call = Call(v, 12)
    call.press("7")
    vietnamese = call.press("2")
    assert f"\n1. {said('balance', 'vi', 'label')}\n" in vietnamese
    assert call.again() == vietnamese
    call.press("2")
    assert f"60.000d?\n1. {said('yes', 'vi', 'label')}" in call.press("3")
    assert v.dial(12).startswith(vietnamese), "the next call too"
    assert f"\n1. {said('balance', 'en', 'label')}\n" in v.dial(7), "hers alone"


# ---------------------------------------------------------------- lists


@pytest.mark.parametrize("typed", ["12", "23", "123", "4", "", "1.", "-1", "²²"])
def test_what_stands_at_no_line_picks_nothing(site, typed):
    v = site.found()
    for amount in ("1000", "2000", "3000"):
        v.dial(12, "3", amount, "1")
    page = v.dial(3, "8", typed)
    assert page.startswith(f"CON {said('choose')}\n{said('waiting')}\n"), page


def settle_behind_her_back(site, v) -> None:
    v.text(3, f"OK {v.code_of(3)}")
    site.work()
    assert v.outcomes()[-1] == "posted"


def test_a_debt_paid_meanwhile_is_said_at_the_question(site):
    v = site.found(group={"language": "fr"})
    call = Call(v, 12)
    call.press("4")
    v.dial(12, "4", "1515000", "1")
    settle_behind_her_back(site, v)
    assert said("nothing_owed", "fr") in call.press("1000")


@pytest.mark.parametrize(("path", "typed"), [(("8",), "7"), (("8",), "9"), (("8", "1"), "7"), (("8",), "1"), (("8", "1"), "2")])
def test_a_request_settled_meanwhile_is_said_on_the_list_and_on_its_page(site, path, typed):
    v = site.found(group={"language": "fr"})
    v.dial(12, "3", "1000", "1")
    call = Call(v, 3)
    for answer in path:
        call.press(answer)
    settle_behind_her_back(site, v)
    assert said("nothing_waits", "fr") in call.press(typed)
    assert v.outcomes() == ["posted"]


@pytest.mark.parametrize("change", ["role", "time"])
def test_a_yes_on_the_page_comes_too_late(site, change):
    v = site.found()
    v.dial(12, "3", "1000", "1")
    call = Call(v, 3)
    call.press("8"), call.press("1")
    if change == "role":
        site.rewrite("update member set roles = '{}' where group_id = %s and number = 3", v.group_id)
    else:
        for table in ("request", "waiting"):
            site.rewrite(f"update {table} set expires_at = clock_timestamp() - interval '1 second' where group_id = %s", v.group_id)
    assert call.press("1") == "END " + said("nothing_waits")
    site.work()
    assert v.entries() == 1


def test_two_confirmed_repayments_of_one_debt(site):
    v = site.found()
    codes = []
    for _ in range(2):
        v.dial(12, "4", "1515000", "1")
        codes.append(v.code_of(3))
    for code in codes:
        v.text(3, f"OK {code}")
    site.work()
    assert sorted(v.outcomes()) == ["failed", "posted"]
    assert v.debt(12) == (0, 0)
    assert any(said("nothing_owed") in text for text in v.texts(12))
    v.verify()


# ---------------------------------------------------------------- the web


def test_connections_that_died_while_idle_are_replaced_before_anything_is_asked(site):
    def cut() -> None:
        site.owner.execute("select pg_terminate_backend(pid, 2000) from pg_stat_activity where application_name in ('web', 'worker')")

    v = site.found()
    call = Call(v, 12)
    try:
        for answer, page in (("2", "20.000d"), ("3", "60.000d"), ("1", said("treasurer"))):
            cut()
            assert page in call.press(answer)
        cut()
        v.text(3, f"OK {v.code_of(3)}")
        cut()
        site.work()
    finally:
        with contextlib.suppress(psycopg.Error):
            site.work()
    assert v.outcomes() == ["posted"]


NOT_THEIRS = {
    "json": {"data": json.dumps({"sessionId": "s", "phoneNumber": "+84912000012", "text": ""}).encode(), "content_type": "application/json"},
    "no body": {"data": b""},
    "17 kB": {"data": b"sessionId=s&phoneNumber=%2B84912000012&text=" + b"1" * 17_000},
    "no phone": {"data": b"sessionId=s&text="},
    "a name for a phone": {"data": b"sessionId=s&phoneNumber=MTN&text="},
    "NULs only": {"data": b"sessionId=%00&phoneNumber=%2B84912000012&text="},
    "PUT": {"data": b"sessionId=s&phoneNumber=%2B84912000012&text=", "method": "PUT"},
}


@pytest.mark.parametrize("name", NOT_THEIRS)
def test_what_cannot_be_the_carriers_is_refused_with_a_4xx(site, name):
    answer = site.client.open(f"/hooks/{site.secret}/africastalking/ussd", **NOT_THEIRS[name])
    assert 400 <= answer.status < 500
    assert len(answer.body) < 200


@pytest.mark.parametrize("text", ["1%002", "%FF%FE", "%ZZ", "%ED%A0%80", "1%0A", "%E2%80%AE1", "%F0%9F%91%8D", "1%2A%2A%2A%2A", "98", "98%2A98"])
def test_odd_bytes_in_a_text_are_answered_with_a_page(site, text):
    v = site.found()
    body = f"sessionId={new_session()}&phoneNumber=%2B{v.phones[12][1:]}&text={text}"
    answer = site.client.open(f"/hooks/{site.secret}/africastalking/ussd", data=body.encode())
    valid(None, [answer])
    fit(None, [answer])
    assert said("try_again", "vi") not in answer.text
    assert said("try_again") not in answer.text
