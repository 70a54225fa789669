"""PINs on the phone: chosen, asked last, counted, locked, taken away by two officers; and never seen again after they were typed."""

from __future__ import annotations

import re
import threading

import pytest
from people import Call, Village

from gateway.pins import acceptable
from ledger.persons import ChangePhone

PIN, OTHER, BAD = "730518", "40927", "8264"
PIN_KEYS = ("9", "9", "6")


def together(jobs, v: Village) -> None:
    """All at once, each in a thread that closes what it opened."""

    def one(job) -> None:
        try:
            job()
        finally:
            v.client.application.extensions["db"].close()

    threads = [threading.Thread(target=one, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def choose(v: Village, member: int, pin: str = PIN) -> str:
    return v.dial(member, *PIN_KEYS, pin, pin)


@pytest.fixture
def hoa(village) -> Village:
    """A village whose member 12 has a PIN."""
    v = village()
    assert choose(v, 12) == "END Your PIN is set. Tell it to nobody."
    return v


def test_a_pin_is_chosen_twice_and_changed_with_the_old_one(village):
    v = village()
    call = Call(v, 12)
    for key in PIN_KEYS:
        call.press(key)
    assert call.page.startswith("CON Choose a PIN: 4 to 6 digits")
    for easy in ("1234", "1987", "111111", "121212"):
        assert call.press(easy).startswith("CON Easy to guess.")
    for wrong in ("12", "7305a", "7305182"):
        assert call.press(wrong).startswith("CON A PIN has 4 to 6 digits.")
    assert call.press(PIN) == "CON The same PIN once more:\n0. Back\n00. Home"
    assert call.press(OTHER).startswith("CON The two were not the same.\nChoose a PIN")
    assert call.press(PIN).startswith("CON The same PIN once more:")
    assert call.press(PIN) == "END Your PIN is set. Tell it to nobody."
    assert call.again() == call.page
    change = Call(v, 12)
    for key in PIN_KEYS:
        change.press(key)
    assert change.page.startswith("CON Your PIN now?")
    assert change.press(BAD).startswith("CON Wrong PIN. Tries left: 2.")
    assert change.press(PIN).startswith("CON Choose a PIN")
    change.press(OTHER)
    assert change.press(OTHER).startswith("END Your PIN is set.")
    assert v.dial(12, "2", "1", "1", PIN).startswith("CON Wrong PIN.")
    assert v.dial(12, "2", "1", "1", OTHER) == "END Sent to the treasurer. You will get an SMS."


def test_she_is_told_of_every_pin_she_sets_and_never_what_it_is(village):
    v = village()
    day = v.rows("select to_char(now() at time zone timezone, 'DD/MM') as d from savings_group where group_id = %s")[0].d
    choose(v, 12)
    assert v.texts(12) == [f"Doan Ket: No.12, your PIN was set on {day}. Not you? Tell the chair or the record-keeper at once."]
    call = Call(v, 12)
    for key in (*PIN_KEYS, PIN, OTHER, OTHER):
        call.press(key)
    assert v.texts(12)[1:] == [f"Doan Ket: No.12, your PIN was changed on {day}. Not you? Tell the chair or the record-keeper at once."]
    assert call.again() == call.page
    v.dial(12, *PIN_KEYS, OTHER, PIN, BAD)
    assert len(v.texts(12)) == 2, "a repeat tells nothing, nor does a PIN that was not typed twice"


def test_copies_of_the_last_hop_set_one_pin_and_send_one_text(village, redis_now):
    v = village()
    call = Call(v, 12)
    for key in (*PIN_KEYS, PIN):
        call.press(key)
    call.text += f"*{PIN}"
    together([call.again] * 3, v)
    redis_now.flushall()
    assert call.again().startswith("CON Your PIN now?"), "walked again from its text, and stopped at the PIN"
    assert len(v.texts(12)) == 1


def test_it_is_asked_last_directly_before_what_counts(hoa):
    call = Call(hoa, 12)
    call.press("2")
    assert call.press("3").startswith("CON Buy shares: 3 = 60.000d?\n1. Yes")
    assert call.press("1") == "CON Your PIN, so that it counts:\n0. Back\n00. Home"
    assert hoa.outcomes() == []
    assert call.press(PIN) == "END Sent to the treasurer. You will get an SMS."
    assert hoa.outcomes() == ["waiting"]
    assert call.again() == call.page
    assert hoa.outcomes() == ["waiting"]


def test_no_is_free_and_so_is_reading(hoa):
    assert hoa.dial(12, "1").startswith("CON Doan Ket No.12")
    assert hoa.dial(12, "2", "3", "2").startswith("END ")
    assert hoa.outcomes() == []


def test_back_from_the_pin_is_the_confirm_page(hoa):
    call = Call(hoa, 12)
    for key in ("2", "3", "1", "0"):
        call.press(key)
    assert call.page.startswith("CON Buy shares: 3 = 60.000d?")
    call.press("1")
    assert call.press("00").startswith("CON Dialbook")


def test_a_direct_dial_is_never_read_for_a_pin(hoa):
    call = Call(hoa, 12, first=f"2*3*1*{PIN}")
    assert call.page.startswith("CON Buy shares: 3 = 60.000d?")
    change = Call(hoa, 12, first=f"9*9*6*{PIN}*{OTHER}*{OTHER}")
    assert change.page.startswith("CON Your PIN now?")
    assert hoa.outcomes() == []
    assert hoa.rows("select 1 from pin_try where group_id = %s") == []


def test_the_repeat_after_memory_was_lost_gets_the_same_answer(hoa, redis_now):
    call = Call(hoa, 12)
    for key in ("2", "3", "1", PIN):
        call.press(key)
    redis_now.flushall()
    assert call.again() == call.page == "END Sent to the treasurer. You will get an SMS."
    assert hoa.outcomes() == ["waiting"]


def test_three_wrong_end_the_call_and_five_in_a_day_lock(hoa):
    call = Call(hoa, 12)
    for key in ("2", "3", "1"):
        call.press(key)
    assert call.press(BAD).startswith("CON Wrong PIN. Tries left: 2.\nYour PIN")
    assert call.again() == call.page
    assert call.press(BAD).startswith("CON Wrong PIN. Tries left: 1.")
    assert call.press("x").startswith("CON A PIN has 4 to 6 digits."), "no try"
    assert call.press("7305181").startswith("CON A PIN has 4 to 6 digits.")
    assert call.press(OTHER).startswith("END Three wrong PINs. Nothing was recorded.")
    again = Call(hoa, 12)
    for key in ("2", "3", "1"):
        again.press(key)
    assert again.press(BAD).startswith("CON Wrong PIN. Tries left: 1.")
    assert again.press(BAD).startswith("END Your PIN is locked")
    assert hoa.dial(12, "2", "3", "1").startswith("END Your PIN is locked")
    assert hoa.dial(12, *PIN_KEYS).startswith("CON Your PIN is locked")
    assert hoa.dial(12, "1").startswith("CON Doan Ket No.12"), "reading needs none"
    assert len(hoa.rows("select 1 from pin_try where group_id = %s and not was_right")) == 5
    assert hoa.outcomes() == []


def test_many_at_once_are_counted_one_by_one(hoa):
    """Seven calls stand at the PIN and type at once: five are compared, no more."""
    calls = [Call(hoa, 12) for _ in range(7)]
    for call in calls:
        for key in ("2", "3", "1"):
            call.press(key)
    together([lambda call=call: call.press(BAD) for call in calls], hoa)
    assert len(hoa.rows("select 1 from pin_try where group_id = %s")) == 5


def test_copies_of_one_hop_are_one_try(hoa):
    call = Call(hoa, 12)
    for key in ("2", "3", "1"):
        call.press(key)
    call.text += f"*{BAD}"
    together([call.again] * 3, hoa)
    assert len(hoa.rows("select 1 from pin_try where group_id = %s")) == 1


def lock(v: Village, member: int) -> None:
    for _ in range(2):
        call = Call(v, member)
        for key in ("2", "3", "1", BAD, BAD, BAD):
            if call.page.startswith("CON"):
                call.press(key)
    assert v.dial(member, "2", "3", "1").startswith("END Your PIN is locked")


def ask_reset(v: Village, officer: int, member: int) -> str:
    return v.dial(officer, "9", "9", "7", "1", str(member), "1")


def test_two_officers_unlock(hoa):
    lock(hoa, 12)
    assert ask_reset(hoa, 2, 12) == "END Sent to the treasurer. You will get an SMS."
    assert hoa.texts(3)[-1].startswith("Doan Ket: No.12 Hoa needs a new PIN. Reply OK ")
    hoa.text(3, f"OK {hoa.code_of(3)}")
    hoa.work()
    assert hoa.outcomes() == ["done"]
    assert hoa.texts(12)[-1].startswith("Doan Ket: No.12, two officers took away your PIN.")
    assert hoa.texts(2)[-1] == "Doan Ket: done. No.12 Hoa needs a new PIN."
    assert choose(hoa, 12, OTHER) == "END Your PIN is set. Tell it to nobody."
    assert hoa.dial(12, "2", "3", "1", OTHER) == "END Sent to the treasurer. You will get an SMS."
    hoa.verify()


def test_nobody_unlocks_herself_and_one_officer_is_not_enough(hoa):
    assert hoa.dial(2, "9", "9", "7", "1", "2").startswith("CON You cannot ask this for yourself")
    assert "PIN, phone of" not in hoa.dial(12, "9", "9")
    ask_reset(hoa, 2, 12)
    hoa.work()
    assert hoa.outcomes() == ["waiting"]
    assert [row.officer for row in hoa.rows("select officer from approver where group_id = %s")] == [3]
    ask_reset(hoa, 1, 3)
    assert [row.officer for row in hoa.rows("select officer from approver where group_id = %s and request_no = 2")] == [2], "not the member"
    hoa.text(3, f"NO {hoa.code_of(3)}")
    hoa.work()
    assert hoa.outcomes() == ["refused", "waiting"]
    assert hoa.dial(12, "2", "3", "1").startswith("CON Your PIN, so that it counts")


def test_an_officer_types_her_pin_for_her_word(hoa):
    choose(hoa, 3, OTHER)
    hoa.dial(12, "2", "3", "1", PIN)
    assert hoa.dial(3, "8", "1", "1") == "CON Your PIN, so that it counts:\n0. Back\n00. Home"
    hoa.work()
    assert hoa.outcomes() == ["waiting"]
    hoa.dial(3, "8", "1", "1", OTHER)
    hoa.work()
    assert hoa.outcomes() == ["posted"]
    hoa.dial(12, "2", "1", "1", PIN)
    assert hoa.dial(3, "8", "1", "2").startswith("CON Your PIN, so that it counts"), "her no is a word, too"
    hoa.dial(3, "8", "1", "2", OTHER)
    hoa.work()
    assert hoa.outcomes() == ["posted", "refused"]


def test_a_meeting_asks_once_a_call(village):
    v = village()
    choose(v, 2)
    call = Call(v, 2)
    for key in ("9", "5", "2", "5000000", "100000", "1"):
        call.press(key)
    assert call.page.startswith("CON Your PIN")
    assert call.press(PIN).startswith("CON The meeting is open")
    for key in ("4", "1", "7", "5000", "1"):
        call.press(key)
    assert call.page.startswith("CON Noted.")
    assert len(v.rows("select 1 from meeting_note where group_id = %s")) == 1
    call.press("00")
    for key in ("2", "1"):
        call.press(key)
    assert call.press("1").startswith("CON Your PIN"), "a purchase of her own is no note"


def test_another_phone_by_two_officers(hoa):
    v, old, new = hoa, hoa.phones[12], "+84987654321"
    page = v.dial(2, "9", "9", "7", "2", "12", "0987654321")
    assert page.startswith(f"CON No.12 Hoa: phone {new}? Another officer must agree")
    v.dial(2, "9", "9", "7", "2", "12", "0987654321", "1")
    assert v.texts(3)[-1].startswith(f"Doan Ket: No.12 Hoa has a new phone: {new}. Reply OK ")
    v.text(3, f"OK {v.code_of(3)}")
    v.work()
    assert v.outcomes() == ["done"]
    assert [row.phone for row in v.rows("select phone from member_phone where group_id = %s and member = 12")] == [new]
    sent = {row.purpose: row.phone for row in v.rows("select purpose, phone from outbox where group_id = %s and member = 12")}
    assert (sent["phone_was"], sent["phone_is"]) == (old, new)
    assert v.dial(old, "1").startswith("END ")
    assert v.dial(new, "2", "3", "1", PIN) == "END Sent to the treasurer. You will get an SMS.", "her PIN came with her"
    v.verify()


def test_the_application_changes_no_phone_by_itself(hoa, db):
    import psycopg

    assert hoa.dial(2, "9", "9", "7", "2", "12", "12").startswith("CON That cannot be a phone number.")
    hoa.dial(2, "9", "9", "7", "2", "12", "0987654321", "1")
    for forbidden in ("select change_phone(%s, 1)", "update member_phone set phone = '+84987654321' where group_id = %s",
                      "delete from member_phone where group_id = %s"):  # fmt: skip
        with pytest.raises(psycopg.errors.InsufficientPrivilege), db.transaction() as conn:
            conn.execute(forbidden, (hoa.group_id,))
    assert ChangePhone.kind == "change_phone"


def test_no_digit_of_a_pin_is_left_anywhere(village, redis_now, owner, capsys):
    """After a session with right and wrong PINs and the carrier's end-of-session event: Redis, every table, every log line."""
    v = village()
    right, wrong = "583916", "947203"
    choose(v, 12, right)
    call = Call(v, 12)
    for key in ("2", "3", "1", wrong, right):
        call.press(key)
    v.client.post(
        f"/hooks/{v.secret}/africastalking/ussd-events",
        data={"sessionId": call.session, "phoneNumber": v.phones[12], "status": "Success", "input": call.text, "lastAppResponse": call.page},
    )
    Call(v, 12, first=f"2*3*1*{right}")
    v.work()
    log = capsys.readouterr()
    keys = redis_now.keys("*")
    stored = b" ".join([*(redis_now.dump(key) or b"" for key in keys), *(b" ".join(pair) for key in keys if redis_now.type(key) == b"hash"
                                                                          for pair in redis_now.hgetall(key).items())])  # fmt: skip
    tables = [row[0] for row in owner.execute("select table_name from information_schema.tables where table_schema = 'public'").fetchall()]
    rows = " ".join(str(row) for table in tables for row in owner.execute(f'select t::text from "{table}" t').fetchall())
    assert len(rows) > 1000
    for digits in (right, wrong):
        assert digits not in log.out + log.err
        assert digits.encode() not in stored
        assert not re.search(rf"(?<![0-9a-f.]){digits}(?![0-9a-f])", rows), "beside hashes and fractions of a second, where any digits stand"


@pytest.mark.parametrize("pin", ["0000", "4321", "890123", "1999", "3535", "353535", "123", "1234567", "12a4", "１２９４"])
def test_what_anybody_would_try_is_refused(pin):
    assert not acceptable(pin)


def test_tries_are_never_rewritten(hoa, owner):
    import psycopg

    hoa.dial(12, "2", "3", "1", BAD)
    for forbidden in ("delete from pin_try", "update pin_try set was_right = true", "truncate pin_try", "delete from pin_unlock"):
        if forbidden == "delete from pin_unlock":
            owner.execute("insert into pin_unlock (group_id, member, request_no) values (%s, 12, 1)", (hoa.group_id,))
        with pytest.raises(psycopg.Error, match="append-only"):
            owner.execute(forbidden)


@pytest.mark.parametrize("language", ["en", "vi", "sw", "fr"])
def test_every_page_of_it_is_shown_in_every_language(hoa, owner, language):
    """Walked on a keypad; what each page says is in the catalogue, and none is longer than a phone shows."""
    from menus.gsm7 import units

    owner.execute("update member set language = %s where group_id = %s", (language, hoa.group_id))
    pages = []
    for member, keys in (
        (12, ("2", "3", "1", BAD, "x", PIN)),
        (12, (*PIN_KEYS, PIN, "1234", OTHER, PIN, OTHER, OTHER)),
        (2, ("9", "9", "7", "1", "2", "12", "1")),
        (2, ("9", "9", "7", "2", "12", "1", "0987654321", "1")),
        (12, ("2", "1", "1", BAD, BAD, BAD)),
    ):
        call = Call(hoa, member)
        pages += [call.page, *(call.press(key) for key in keys)]
    lock(hoa, 12) if language == "en" else None
    assert all(units(page[4:])[1] <= 160 for page in pages)
    assert {page[:4] for page in pages} == {"CON ", "END "}
