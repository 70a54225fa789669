"""A code is for one request, one group, one officer, at most three wrong tries, and expires. Nobody confirms her own money."""

from __future__ import annotations

import pytest


def ask(v, member=12, *path):
    v.dial(member, *(path or ("2", "1", "1")))


def result_of(v, message_id):
    """What the worker noted beside a text."""
    with v.db.transaction() as conn:
        return conn.execute("select result from inbound_sms where provider_id = %s", (message_id,)).fetchone().result


def say(v, member, words):
    message_id = v.text(member, words)
    v.work()
    return result_of(v, message_id)


@pytest.mark.parametrize(
    "words",
    [
        "OK {}",
        "ok{}",
        " Ok   {} .",
        "YES {}!",
        "CO {}",
        "Có {}",
        "có, {}",
        "Đồng ý {}",
        "NDIYO {}",
        "ndio-{}",
        "OUI {}",
        "oui : {}",
        "{} OK",
        "\ufeffOK\t{}",
    ],
)
def test_yes_in_every_language_case_and_spacing(village, words):
    v = village()
    ask(v)
    assert say(v, 3, words.format(v.code_of(3))) == "posted"


@pytest.mark.parametrize("words", ["NO {}", "no{}", "KHONG {}", "Không {}", "HAPANA {}", "NON {}", "{} non"])
def test_no_in_every_language(village, words):
    v = village()
    ask(v)
    assert say(v, 3, words.format(v.code_of(3))) == "refused"
    assert v.entries() == 1


@pytest.mark.parametrize("words", ["{}", "OK", "OK NO {}", "not OK {}", "OK {} NO {other}", "hello", "OK 1234", "OK {} khong phai", "si ndiyo {}"])
def test_anything_doubtful_means_nothing(village, words):
    v = village()
    ask(v)
    assert say(v, 3, words.format(v.code_of(3), other="22222")) in ("help", "not understood")
    assert v.outcomes() == ["waiting"]


def test_a_code_is_one_officers(village):
    v = village()
    ask(v)
    assert say(v, 1, f"OK {v.code_of(3)}") == "wrong_code"
    assert say(v, 12, f"OK {v.code_of(3)}") == "help"
    assert v.outcomes() == ["waiting"]
    assert v.code_of(3) not in "".join(v.texts(1) + v.texts(12))


def test_a_code_is_one_groups(village):
    here, there = village(), village()
    ask(here)
    ask(there)
    assert say(there, 3, f"OK {here.code_of(3)}") in ("wrong_code",)
    assert here.outcomes() == ["waiting"]


def test_a_code_works_once(village):
    v = village()
    ask(v)
    assert say(v, 3, f"OK {v.code_of(3)}") == "posted"
    code = v.code_of(3)
    assert say(v, 3, f"OK {code}") == "already"
    assert say(v, 3, f"NO {code}") == "already"
    assert v.outcomes() == ["posted"]


def test_three_wrong_codes_lock_the_phones_codes_and_dialling_still_works(village):
    v = village()
    ask(v)
    wrong = [code for code in ("22222", "33333", "44444", "55555") if code != v.code_of(3)][:3]
    assert [say(v, 3, f"OK {code}") for code in wrong] == ["wrong_code", "wrong_code", "codes_locked"]
    texts_before = len(v.texts(3))
    assert say(v, 3, f"OK {v.code_of(3)}") == "locked", "not even compared"
    assert len(v.texts(3)) == texts_before, "and not answered"
    assert v.outcomes() == ["waiting"]
    assert v.dial(3, "8", "1", "1") == "END Noted. You will get an SMS."
    v.work()
    assert v.outcomes() == ["posted"]


def test_a_right_code_forgives_the_wrong_ones_before_it(village):
    v = village()
    for _ in range(3):
        ask(v)
        wrong = next(code for code in ("22222", "33333") if code != v.code_of(3))
        assert [say(v, 3, f"OK {code}") for code in (wrong, wrong, v.code_of(3))] == ["wrong_code", "wrong_code", "posted"]


def test_a_request_expires_and_the_member_is_told(village, owner):
    v = village()
    ask(v)
    owner.execute("set session_replication_role = replica")
    owner.execute("update request set expires_at = now() - interval '1 minute' where group_id = %s", (v.group_id,))
    owner.execute("update waiting set expires_at = now() - interval '1 minute' where group_id = %s", (v.group_id,))
    assert v.dial(3, "8").startswith("CON Nothing waits for you.")
    assert say(v, 3, f"OK {v.code_of(3)}") == "too_late"
    assert v.outcomes() == ["expired"]
    assert "Not recorded: nobody confirmed in time" in v.texts(12)[-1]
    assert v.entries() == 1


def test_an_officer_who_lost_her_office_confirms_nothing(village, owner):
    v = village()
    ask(v)
    owner.execute("update member set roles = '{}' where group_id = %s and number = 3", (v.group_id,))
    assert say(v, 3, f"OK {v.code_of(3)}") == "help"
    assert v.outcomes() == ["waiting"]


def test_nobody_confirms_her_own_money_by_phone_either(village):
    v = village()
    ask(v, 3)
    assert v.dial(3, "8").startswith("CON Nothing waits for you.")
    assert "1. No.3 Thu: buys shares: 1 = 20.000d" in v.dial(1, "8")


def test_a_loan_is_never_confirmed_by_the_borrower_or_by_who_entered_it(village):
    v = village()
    for borrower, approver in ((7, 3), (3, 1)):
        if borrower == 3:
            buy = v.dial(3, "2", "5", "1")
            assert buy == "END Sent to the chair. You will get an SMS."
            assert say(v, 1, f"OK {v.code_of(1)}") == "posted"
        assert v.dial(2, "9", "6", str(borrower), "100000", "3", "1").startswith("END Sent to the ")
        assert say(v, approver, f"OK {v.code_of(approver)}") == "posted"
    approvers = v.rows("select r.kind, r.member, a.officer from approver a join request r using (group_id, request_no) where group_id = %s")
    assert {(row.member, row.officer) for row in approvers if row.kind == "grant_loan"} == {(7, 3), (3, 1)}
    v.verify()


def test_a_shared_phone_never_confirms_its_own_payment(village, owner):
    """The treasurer's phone is also Hoa's: whoever holds it may not answer for Hoa's money, so the chair is asked."""
    v = village()
    owner.execute("insert into member_phone values (%s, %s, 12)", (v.phones[3], v.group_id))
    ask(v, 12, "2", "1", "1")
    assert [row.officer for row in v.rows("select officer from approver where group_id = %s")] == [1]


def test_two_officers_with_one_phone_are_one_word(village, owner):
    v = village(constitution={"confirmation": "treasurer_and_officer"})
    owner.execute("insert into member_phone values (%s, %s, 1)", (v.phones[3], v.group_id))
    owner.execute("delete from member_phone where phone = %s", (v.phones[1],))
    ask(v)
    assert sorted(row.officer for row in v.rows("select officer from approver where group_id = %s")) == [2, 3]


def test_an_officer_without_a_phone_is_not_waited_for(village, owner):
    v = village()
    owner.execute("delete from member_phone where group_id = %s and member = 3", (v.group_id,))
    assert v.dial(12, "2", "1", "1") == "END Sent to the chair. You will get an SMS."


def test_a_group_whose_only_other_officer_asks_is_told_so(village, owner):
    v = village()
    owner.execute("update member set roles = '{}' where group_id = %s and number in (1, 2)", (v.group_id,))
    assert v.dial(3, "2", "1").startswith("CON No other officer can confirm this.")
    assert v.outcomes() == []


def test_a_debt_paid_meanwhile_fails_the_second_payment_and_says_why(village):
    v = village()
    ask(v, 12, "4", "1515000", "1")
    first = v.code_of(3)
    ask(v, 12, "4", "1000000", "1")
    second = v.code_of(3)
    assert say(v, 3, f"OK {first}") == "posted"
    assert say(v, 3, f"OK {second}") == "failed"
    assert v.outcomes() == ["posted", "failed"]
    assert v.texts(12)[-1].endswith("You have no loan.")
    assert v.debt(12) == (0, 0)
    v.verify()


def test_help_is_said_once_an_hour(village):
    v = village()
    assert [say(v, 12, words) for words in ("hello", "hello?", "???")] == ["help", "not understood", "not understood"]
    assert len(v.texts(12)) == 1


def test_stop_and_start(village):
    v = village()
    assert say(v, 12, " Stop. ") == "stopped"
    ask(v)
    say(v, 3, f"OK {v.code_of(3)}")
    states = [row.state for row in v.rows("select state from outbox where group_id = %s and member = 12")]
    assert states == ["suppressed"]
    assert say(v, 12, "START") == "started"


def test_a_stranger_and_a_name_are_never_answered(village):
    v = village()
    assert say(v, "+84999888777", "OK 22222") == "stranger"
    assert result_of(v, v.text("MTN", "OK 22222")) == "no sender"


def test_the_same_just_now_is_pointed_out(village):
    v = village()
    ask(v)
    assert v.dial(12, "2", "1").startswith("CON You sent the same just now. Buy shares: 1")
    assert not v.dial(12, "2", "2").startswith("CON You sent")


def test_an_answer_that_came_in_time_counts_however_late_it_is_read(village, owner):
    v = village()
    ask(v)
    v.text(3, f"OK {v.code_of(3)}")
    owner.execute("set session_replication_role = replica")
    for table in ("request", "waiting"):
        owner.execute(f"update {table} set expires_at = now() where group_id = %s", (v.group_id,))
    owner.execute("update inbound_sms set received_at = now() - interval '1 minute' where handled_at is null")
    from workers import jobs

    jobs.settle_requests()
    assert v.outcomes() == ["waiting"], "not expired over a text nobody has read"
    v.work()
    assert v.outcomes() == ["posted"]


def test_an_old_code_of_one_book_does_not_hide_an_open_one_of_another(village, owner):
    """One treasurer keeps two boxes; by chance the same five digits were used before in the first."""
    here, there = village(), village()
    owner.execute("insert into member_phone values (%s, %s, 3)", (here.phones[3], there.group_id))
    ask(here)
    assert say(here, 3, f"OK {here.code_of(3)}") == "posted"
    ask(there)
    owner.execute("set session_replication_role = replica")
    owner.execute("update approver set code = (select code from approver where group_id = %s) where group_id = %s", (there.group_id, here.group_id))
    assert say(here, 3, f"OK {there.code_of(3)}") == "posted"
    assert there.outcomes() == ["posted"]


def test_cancel_in_any_language_is_not_stop(village):
    v = village()
    assert [say(v, 3, word) for word in ("Hủy", "acha", "arret")] == ["help", "not understood", "not understood"]


def test_an_officer_who_said_stop_is_not_waited_for(village):
    v = village()
    assert say(v, 3, "STOP") == "stopped"
    assert v.dial(12, "2", "1", "1") == "END Sent to the chair. You will get an SMS."


def test_who_acted_hears_the_end(village):
    v = village(constitution={"confirmation": "treasurer_and_officer"})
    ask(v)
    say(v, 3, f"OK {v.code_of(3)}")
    assert say(v, 1, f"NO {v.code_of(1)}") == "refused"
    assert v.texts(3)[-1] == "Not recorded: No.1 said no. No.12 Hoa buys shares: 1 = 20.000d."
    w = village()
    w.dial(2, "9", "6", "7", "600000", "3", "1")
    say(w, 3, f"OK {w.code_of(3)}")
    assert w.texts(2)[-1].startswith("Recorded, receipt 2: No.7 Nga borrows 600.000d until ")


def test_a_member_has_a_bounded_number_of_requests_waiting(village):
    v = village()
    for amount in range(1, 21):
        assert v.dial(7, "3", str(amount), "1").startswith("END Sent to")
    assert v.dial(7, "3", "21", "1").startswith("END You have 20 requests waiting.")
    assert len(v.texts(3)) == 20


def test_a_code_typed_in_groups_of_digits(village):
    v = village()
    ask(v)
    code = v.code_of(3)
    assert say(v, 3, f"OK {code[:2]} {code[2:]}") == "posted"


def test_more_skips_nothing_when_the_list_shrinks(village):
    v = village()
    for amount in range(1001, 1006):
        v.dial(7, "3", str(amount), "1")
    from people import Call

    call = Call(v, 3)
    shown = call.press("8")
    assert "1.001d" in shown
    with v.db.transaction() as conn:
        codes = [row.code for row in conn.execute("select code from approver where group_id = %s order by request_no limit 1", (v.group_id,))]
    assert say(v, 3, f"OK {codes[0]}") == "posted"
    seen = shown + "".join(call.press("9") for _ in range(4))
    assert all(f"{amount // 1000}.{amount % 1000:03d}d" in seen for amount in range(1001, 1006))


def test_a_loan_is_confirmed_with_the_question_of_a_loan(village):
    v = village()
    v.dial(2, "9", "6", "7", "600000", "3", "1")
    assert "Was the money given?" in v.dial(3, "8", "1")
    ask(v)
    assert "Did you get the money?" in v.dial(3, "8", "2")
