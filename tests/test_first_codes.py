"""The first PIN on a shared phone: a code that an officer tells her face to face, so that nobody else in the house chooses it for her."""

from __future__ import annotations

import re

import psycopg
import pytest
from people import Call, Village

from menus.gsm7 import units
from menus.texts import LANGUAGES

PIN, NGAS = "730518", "40927"
GIVE = ("9", "9", "7", "4")


@pytest.fixture
def house(village, owner) -> Village:
    """Hoa's phone is Nga's too."""
    v = village()
    owner.execute("update member_phone set phone = %s where group_id = %s and member = 7", (v.phones[12], v.group_id))
    return v


def wrong_for(code: str) -> str:
    """Six digits that are not this code."""
    return f"{(int(code) + 1) % 1_000_000:06}"


def tries(v: Village) -> list[bool]:
    return [row.was_right for row in v.rows("select was_right from first_code_try where group_id = %s order by tried_at")]


def test_an_officer_reads_the_code_on_her_own_screen_only(house):
    v = house
    call = Call(v, 2)
    for key in GIVE:
        call.press(key)
    assert call.page.startswith("CON Who shares a phone and has no PIN yet?")
    assert call.press("12").startswith("CON A first code for No.12 Hoa? An older one is void.")
    page = call.press("1")
    assert re.fullmatch(r"END First code of No\.12 Hoa: [0-9]{6}\. For 7 days, once\. Tell it to her face to face, to nobody else\.", page)
    assert call.again() == page
    assert len(v.rows("select 1 from first_code where group_id = %s")) == 1
    assert v.rows("select 1 from outbox where group_id = %s") == [], "no text has it"


def test_with_the_code_she_chooses_her_pin_and_the_code_is_used_up(house, owner):
    v = house
    code = v.first_code(12)
    assert v.dial(12, "12", code).startswith("CON This phone is shared. Choose a PIN")
    assert v.dial(12, "12", code, PIN, PIN).startswith("CON Dialbook\n1. My balance"), "a call that was cut has not used it up"
    assert v.dial(12, "12").startswith("CON Your PIN?")
    for officer in (1, 2):
        told = v.texts(officer)[-1]
        assert told.startswith("Doan Ket: No.12 Hoa chose her first PIN on a shared phone.")
        assert v.dial(officer, *re.findall(r"[0-9]", told.split("dial")[1])).startswith("CON Who needs a new PIN?"), "the keys it teaches"
    owner.execute("delete from member_pin where group_id = %s", (v.group_id,))
    assert v.dial(12, "12").startswith("CON This phone is shared and you have no PIN yet."), "the old code opens nothing any more"


def test_nobody_who_holds_the_phone_gets_past_the_code(house):
    v = house
    code = v.first_code(12)
    call = Call(v, 12)
    call.press("12")
    assert call.press("1234").startswith("CON A first code has 6 digits.")
    assert call.press(wrong_for(code)).startswith("CON Wrong code. Tries left: 4.")
    assert call.again() == call.page
    assert call.press("00").startswith("CON A first code has 6 digits."), "there is no home yet"
    for left in (3, 2, 1):
        assert v.dial(12, "12", wrong_for(code)).startswith(f"CON Wrong code. Tries left: {left}.")
    assert v.dial(12, "12", wrong_for(code)).startswith("CON Too many wrong codes today.")
    assert v.dial(12, "12").startswith("CON Too many wrong codes today. Ask an officer for a new code.")
    assert call.press(code).startswith("CON Too many wrong codes today."), "locked is locked, for the right one too"
    assert tries(v) == [False] * 5
    again = v.first_code(12)
    assert v.dial(12, "12", code).startswith("CON Wrong code. Tries left: 4."), "the old one is void"
    assert v.dial(12, "12", again, PIN, PIN).startswith("CON Dialbook")


def test_a_code_of_one_member_is_not_another_s(house):
    v = house
    hoas, _ = v.first_code(12), v.first_code(7)
    assert v.dial(12, "7", hoas).startswith("CON Wrong code.")


def test_a_lock_of_yesterday_is_over_and_a_code_of_last_week_is_too(house, owner):
    v = house
    code = v.first_code(12)
    for _ in range(5):
        v.dial(12, "12", wrong_for(code))
    older = "alter table {t} disable trigger all; update {t} set {c} = {c} - interval '{days} days' where group_id = {g}; alter table {t} enable trigger all"
    owner.execute(older.format(t="first_code_try", c="tried_at", days=1, g=v.group_id))
    assert v.dial(12, "12", code).startswith("CON This phone is shared. Choose a PIN")
    owner.execute(older.format(t="first_code", c="given_at", days=7, g=v.group_id))
    assert v.dial(12, "12").startswith("CON This phone is shared and you have no PIN yet.")


def test_a_code_made_void_between_the_code_and_the_pin_sets_nothing(house):
    v = house
    call = Call(v, 12)
    code = v.first_code(12)
    for key in ("12", code, PIN):
        call.press(key)
    v.first_code(12)
    assert call.press(PIN).startswith("CON Your first code no longer counts. Ask an officer for a new one.")
    assert v.rows("select 1 from member_pin where group_id = %s") == []
    assert v.rows("select 1 from pin_chosen where group_id = %s") == []


def test_a_hop_that_is_walked_again_uses_nothing_up(house, redis_now):
    """Redis forgets the call: its text is walked again, and the code in it is neither a second try nor spent."""
    v = house
    code = v.first_code(12)
    call = Call(v, 12)
    call.press("12")
    call.press(wrong_for(code))
    redis_now.flushall()
    assert call.again().startswith("CON Wrong code. Tries left: 4.")
    call.press(code)
    redis_now.flushall()
    assert call.again() == call.page
    assert tries(v) == [False, True]
    call.press(PIN)
    redis_now.flushall()
    assert call.again().startswith("CON This phone is shared. Choose a PIN"), "a direct dial is never read for a PIN"
    assert v.dial(12, "12", code, PIN, PIN).startswith("CON Dialbook")


def test_the_officers_page_again_after_memory_was_lost(house, redis_now):
    """The confirm page comes again with the id it had: the same code, not another."""
    v = house
    call = Call(v, 2)
    for key in (*GIVE, "12", "1"):
        call.press(key)
    redis_now.flushall()
    assert call.again().startswith("CON A first code for No.12 Hoa?")
    assert call.press("1").startswith("END First code of No.12 Hoa: ")
    assert len(v.rows("select 1 from first_code where group_id = %s")) == 1
    code = re.findall(r"\b[0-9]{6}\b", call.page)[0]
    assert v.dial(12, "12", code, PIN, PIN).startswith("CON Dialbook")


def test_who_gives_whom_a_code(house, owner):
    v = house
    assert v.dial(2, *GIVE, "2").startswith("CON You cannot ask this for yourself")
    assert v.dial(2, *GIVE, "3").startswith("CON No.3 shares no phone and needs no code.")
    assert "First PIN code" not in v.dial(12, "7")
    owner.execute("update member set roles = '{money_counter}' where group_id = %s and number = 1", (v.group_id,))
    page = v.dial(1, *GIVE[:3])
    assert "New phone number" in page
    assert "First PIN code" not in page
    v.dial(12, "12", v.first_code(12, officer=3), PIN, PIN)
    assert v.dial(2, *GIVE, "12").startswith("CON No.12 has a PIN. If she forgot it, two officers can take it away.")


def test_an_officer_gets_no_code_for_who_uses_her_own_phone(house, owner):
    v = house
    owner.execute("insert into member_phone values (%s, %s, 7)", (v.phones[3], v.group_id))
    page = v.dial(3, "3", v.first_code(3, officer=2), NGAS, NGAS, *GIVE, "7")
    assert page.startswith("CON No.7 uses the same phone as you. Another officer must ask for her code.")
    assert v.first_code(7, officer=2)


def test_an_officer_with_a_pin_types_it_first(house):
    v = house
    v.dial(2, "9", "9", "6", PIN, PIN)
    assert v.dial(2, *GIVE, "12", "1").startswith("CON Your PIN, so that it counts:")
    assert v.rows("select 1 from first_code where group_id = %s") == []
    code = re.findall(r"\b[0-9]{6}\b", v.dial(2, *GIVE, "12", "1", PIN))[0]
    assert v.dial(12, "12", code, NGAS, NGAS).startswith("CON Dialbook")


def test_five_codes_a_day_are_enough(house):
    v = house
    for _ in range(5):
        v.first_code(12)
    assert v.dial(2, *GIVE, "12", "1").startswith("END No.12 was given five codes today.")


def test_who_has_a_pin_keeps_it_when_her_phone_becomes_shared(village, owner):
    v = village()
    v.dial(12, "9", "9", "6", PIN, PIN)
    begun = Call(v, 7)
    for key in ("9", "9", "6", NGAS):
        begun.press(key)
    owner.execute("insert into member_phone values (%s, %s, 12), (%s, %s, 7)", (v.phones[7], v.group_id, v.phones[12], v.group_id))
    assert v.dial(12, "12", PIN).startswith("CON Dialbook")
    assert v.dial(12, "7").startswith("CON This phone is shared and you have no PIN yet.")
    assert begun.press(NGAS).startswith("CON Your first code no longer counts."), "also in a call that began before"
    assert v.rows("select member from member_pin where group_id = %s")[0].member == 12


def test_a_pin_taken_away_on_a_shared_phone_needs_a_code_again(house):
    v = house
    v.dial(12, "12", v.first_code(12), PIN, PIN)
    v.dial(2, "9", "9", "7", "1", "12", "1")
    v.text(3, f"OK {v.code_of(3)}")
    v.work()
    assert v.texts(12)[-1].startswith("Doan Ket: No.12, two officers took away your PIN. Get a first code from an officer")
    assert v.dial(12, "12").startswith("CON This phone is shared and you have no PIN yet.")


def test_the_operator_prints_one_where_nobody_has_a_phone_of_her_own(house, owner, app):
    v = house
    owner.execute("update member_phone set phone = %s where group_id = %s", (v.phones[12], v.group_id))
    runner = app.test_cli_runner()
    said = runner.invoke(args=["member", "first-code", v.code, "1"]).output
    found = re.fullmatch(rf"{v.code} 1: ([0-9]{{6}}), once, for 7 days\. Tell it to her face to face\.\n", said)
    assert found, said
    assert v.dial(12, "1", found[1], PIN, PIN).startswith("CON Dialbook")
    again = runner.invoke(args=["member", "first-code", v.code, "1"])
    assert (again.exit_code, again.output) == (1, "No.1 has a PIN. If she forgot it, two officers can take it away.\n")
    assert runner.invoke(args=["member", "first-code", v.code, "99"]).output == "There is no member No.99.\n"


def test_no_code_is_left_anywhere(house, redis_now, owner, capsys):
    """Redis, every table, every log line, after a code was given, mistyped and typed, with the carrier's own end-of-session events."""
    v = house
    given = Call(v, 2)
    for key in (*GIVE, "12", "1"):
        given.press(key)
    given.again()
    code = re.findall(r"\b[0-9]{6}\b", given.page)[0]
    typed = Call(v, 12)
    for key in ("12", wrong_for(code), code):
        typed.press(key)
    for call, member in ((given, 2), (typed, 12)):
        v.client.post(
            f"/hooks/{v.secret}/africastalking/ussd-events",
            data={"sessionId": call.session, "phoneNumber": v.phones[member], "status": "Success", "input": call.text, "lastAppResponse": call.page},
        )
    v.work()
    log = capsys.readouterr()
    kept = b" ".join(b" ".join(pair) for key in redis_now.keys("call:*") for pair in redis_now.hgetall(key).items())
    assert b"First code of" in kept, "the page is kept, with a place for the code"
    tables = [row[0] for row in owner.execute("select table_name from information_schema.tables where table_schema = 'public'").fetchall()]
    rows = " ".join(str(row) for table in tables for row in owner.execute(f'select t::text from "{table}" t').fetchall())
    for digits in (code, wrong_for(code)):
        assert digits not in log.out + log.err
        assert not re.search(rb"(?<![0-9a-f.])%s(?![0-9a-f])" % digits.encode(), kept)
        assert not re.search(rf"(?<![0-9a-f.]){digits}(?![0-9a-f])", rows)


def test_codes_and_their_tries_are_never_rewritten(house, owner, db):
    v = house
    v.dial(12, "12", wrong_for(v.first_code(12)))
    v.dial(12, "12", v.first_code(12), PIN, PIN)
    for table in ("first_code", "first_code_try", "pin_chosen"):
        for deed in ("delete from {t}", "update {t} set member = member", "truncate {t} cascade"):
            with pytest.raises(psycopg.Error, match="append-only"):
                owner.execute(deed.format(t=table))
            with pytest.raises(psycopg.errors.InsufficientPrivilege), db.transaction() as conn:
                conn.execute(deed.format(t=table))
    v.verify()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_of_it_in_every_language(house, owner, language):
    v = house
    owner.execute("update member set language = %s where group_id = %s", (language, v.group_id))
    pages = [v.dial(12, "12"), v.dial(2, *GIVE, "2"), v.dial(2, *GIVE, "3")]
    call = Call(v, 2)
    pages += [call.press(key) for key in (*GIVE, "12", "1")]
    code = re.findall(r"\b[0-9]{6}\b", pages[-1])[0]
    call = Call(v, 12)
    pages += [call.press(key) for key in ("12", "x", wrong_for(code), code, PIN, PIN)]
    pages += [v.dial(2, *GIVE, "12")]
    assert all(units(page[4:]) == ("GSM-7", len(page[4:])) and len(page[4:]) <= 160 for page in pages), pages
    assert v.dial(12, "12", PIN).startswith("CON Dialbook")
