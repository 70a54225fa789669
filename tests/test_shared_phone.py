"""One phone for several members: the member number first, never a list of names, then her PIN. And what strangers see of all this: nothing."""

from __future__ import annotations

import statistics
import time

import pytest
from people import Call, Village

PIN, NGAS = "730518", "40927"
STRANGER = "+84999000111"


def choose(v: Village, member: int, pin: str = PIN, *more: str) -> str:
    """Her first PIN on Hoa's phone, with the code of an officer."""
    return v.dial(12, str(member), v.first_code(member), pin, pin, *more)


@pytest.fixture
def house(village, owner) -> Village:
    """Hoa's phone is Nga's too."""
    v = village()
    owner.execute("delete from member_phone where group_id = %s and member = 7", (v.group_id,))
    owner.execute("insert into member_phone values (%s, %s, 7)", (v.phones[12], v.group_id))
    return v


def test_the_number_first_then_the_pin_then_her_book(house):
    v = house
    call = Call(v, 12)
    assert call.page == "CON Your member number?"
    for name in ("Hoa", "Nga", "12", "7"):
        assert name not in call.page
    assert call.press("3").startswith("CON No.3 does not use this phone.")
    assert call.press("99").startswith("CON No.99 does not use this phone."), "as for one who exists"
    assert call.press("12").startswith("CON This phone is shared and you have no PIN yet. Ask the record-keeper,")
    assert call.press("0") == "CON Your member number?"
    code = v.first_code(12)
    assert call.press("12").startswith("CON This phone is shared. Type your first code: the 6 digits")
    assert call.press(code).startswith("CON This phone is shared. Choose a PIN")
    assert call.press(PIN).startswith("CON The same PIN once more:")
    assert call.press(PIN).startswith("CON Dialbook\n1. My balance")
    assert call.press("1").startswith("CON Doan Ket No.12")
    for officer in (1, 2):
        assert v.texts(officer)[-1].startswith("Doan Ket: No.12 Hoa chose her first PIN on a shared phone.")
    assert v.texts(3) == []
    [told] = v.texts(12)
    assert told.startswith("Doan Ket: No.12, your PIN was set on ")
    assert v.dial(12, "12").startswith("CON Your PIN?")
    assert v.dial(12, "12", PIN, "1").startswith("CON Doan Ket No.12")
    assert choose(v, 7, NGAS, "1").startswith("CON Doan Ket No.7")


def test_nothing_is_read_or_moved_before_the_pin(house):
    v = house
    choose(v, 12)
    call = Call(v, 12)
    call.press("12")
    assert call.press(NGAS).startswith("CON Wrong PIN. Tries left: 2.")
    assert call.press("00").startswith("CON A PIN has 4 to 6 digits."), "there is no other home yet"
    assert v.dial(12, "12", "0") == "CON Your member number?"
    assert v.dial(12, "12", "0", "12").startswith("CON Your PIN?")
    assert Call(v, 12, first=f"12*{PIN}*1").page.startswith("CON Your PIN?"), "a direct dial stops at the PIN"
    assert v.dial(12, "12", NGAS, "4092", "409275").startswith("END Three wrong PINs.") or v.dial(12, "12").startswith("CON Your PIN is locked")
    assert v.dial(12, "12", NGAS).startswith(("END Your PIN is locked", "CON Your PIN is locked"))
    assert v.dial(12, "12").startswith("CON Your PIN is locked")


def test_what_counts_asks_again(house):
    v = house
    choose(v, 12)
    assert v.dial(12, "12", PIN, "2", "3", "1").startswith("CON Your PIN, so that it counts:")
    assert v.dial(12, "12", PIN, "2", "3", "1", PIN) == "END Sent to the treasurer. You will get an SMS."
    [request] = v.rows("select member, asked_by from request where group_id = %s")
    assert (request.member, request.asked_by) == (12, 12)


def test_home_and_language_stay_hers(house):
    v = house
    choose(v, 12)
    assert v.dial(12, "12", PIN, "1", "0", "6", "0").startswith("CON Dialbook")
    assert v.dial(12, "12", PIN, "9", "1", "00").startswith("CON Dialbook")
    assert v.dial(12, "12", PIN, "7", "3").startswith("CON Dialbook\n1. Salio langu")
    v.first_code(7)
    assert v.dial(12, "7").startswith("CON This phone is shared."), "her language is her own"


def test_several_groups_and_a_shared_one(house, village, owner):
    v, other = house, village(group={"name": "Upendo"})
    owner.execute("insert into member_phone values (%s, %s, 12)", (v.phones[12], other.group_id))
    assert v.dial(12) == "CON Which group?\n1. Doan Ket\n2. Upendo No.12"
    assert v.dial(12, "2").startswith("CON Dialbook")
    assert v.dial(12, "1").startswith("CON Your member number?")
    assert v.dial(12, "1", "7").startswith("CON This phone is shared and you have no PIN yet.")
    assert v.dial(12, "1", "7", v.first_code(7), NGAS, NGAS, "1").startswith("CON Doan Ket No.7")
    assert v.dial(12, "1", "0").startswith("CON Which group?")


def test_strangers_meet_the_first_page_of_everybody_as_fast(village):
    v = village()
    assert v.dial(STRANGER) == v.dial("+84999000112")
    v.db.transaction()
    first = [line.split(". ")[0] for line in v.dial(STRANGER).split("\n")[1:]]
    assert first == [line.split(". ")[0] for line in v.dial(12).split("\n")[1:]], "the same choices as a member without an office"
    assert v.dial(STRANGER, "1").startswith("END ")
    v.dial(12, "9", "9", "6", PIN, PIN)

    def median(phone) -> float:
        times = []
        for _ in range(30):
            started = time.perf_counter()
            Call(v, phone)
            times.append(time.perf_counter() - started)
        return statistics.median(times)

    median(12)
    hers, theirs = median(12), median(STRANGER)
    assert abs(hers - theirs) < 0.5 * max(hers, theirs), (hers, theirs)
