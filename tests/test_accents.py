"""Vietnamese with its marks, for who asks for it: pages of 70 units read in parts, texts of two parts, and everything else as before."""

from __future__ import annotations

import pytest
from afternoon import about, meet
from people import MEMBERS, Call
from test_fast_meeting import twenty

from ledger.commands import BuyShares, PaySocialFund
from menus.gsm7 import units, unmarked

MY_THINGS = ("9", "9", "8")
MARKED_NAMES = tuple((number, {7: "Nguyễn Thị Nga", 12: "Đặng Thị Hoà"}.get(number, name), roles) for number, name, roles in MEMBERS)


@pytest.fixture
def v(village):
    return village(group={"language": "vi", "name": "Đoàn Kết"}, members=MARKED_NAMES)


def marks_on(v, member=12):
    assert "2. Co dau" in v.dial(member, *MY_THINGS, "7")
    return v.dial(member, *MY_THINGS, "7", "2")


def read_on(call):
    """Every part of the page that is open, without the carrier's word."""
    parts = [call.page[4:]]
    while "\n9. Tiếp" in parts[-1]:
        parts.append(call.press("9")[4:])
    assert all(units(part)[1] <= (70 if units(part)[0] == "UCS-2" else 160) for part in parts), parts
    return parts


def words(parts):
    """What all parts say, without marks, lines and the ways on and back."""
    lines = [line for part in parts for line in unmarked(part).split("\n") if line not in ("9. Tiep", "0. Ve", "00. Ve dau")]
    return " ".join(" ".join(lines).split())


def test_marks_are_chosen_and_taken_back(v):
    assert marks_on(v) == "CON Dialbook\n1. Số dư của tôi\n2. Mua cổ phần\n3. Góp quỹ XH\n9. Tiếp"
    assert v.dial(7).startswith("CON Dialbook\n1. So du cua toi"), "only hers"
    call = Call(v, 12)
    assert read_on(call)[1:] == ["4. Trả nợ vay\n5. Nộp phạt\n6. Ghi sổ gần đây\n7. Ngôn ngữ\n9. Tiếp\n0. Về", "9. Nhóm mình\n0. Về"]
    assert call.press("0").startswith("CON Dialbook\n1. Số dư"), "back to its first part"
    assert "\n2. Tieng Viet" in call.press("7"), "a choice may be pressed before its part is read"
    assert call.press("2").startswith("CON Dialbook\n1. So du cua toi"), "the plain language again"
    assert v.rows("select accents from member where group_id = %s and number = 12")[0].accents is False


def test_other_languages_have_one_writing(village):
    v = village()
    page = v.dial(12, *MY_THINGS)
    assert "6. Short or full texts" in page
    assert "7. " not in page
    assert v.dial(12, *MY_THINGS, "7") == page


def test_yes_is_taken_only_where_it_stands(v):
    marks_on(v)
    call = Call(v, 12)
    call.press("4")
    asked = read_on(call)
    assert "".join(asked).count("Chị nộp bao nhiêu?") == 1
    call.press("520000")
    assert "1. Có" not in call.page
    first = call.page
    assert "520.000d" in first
    assert call.press("1") == first, "asked again, cut where it was"
    assert v.outcomes() == []
    parts = read_on(call)
    assert [part.count("1. Có\n2. Không") for part in parts[:-1]] == [0] * (len(parts) - 1)
    assert "1. Có\n2. Không" in parts[-1]
    assert call.press("1").startswith("END Đã gửi thủ quỹ.")
    v.text(3, f"OK {v.code_of(3)}")
    v.work()
    assert v.outcomes() == ["posted"]
    receipt = v.texts(12)[-1]
    assert "trả nợ 520.000d (tiền lãi 15.000d, gốc 505.000d)" in receipt
    sizes = "select encoding, parts from outbox where group_id = %s and member = %s order by message_no desc limit 1"
    assert tuple(v.rows(sizes, 12)[0]) == ("UCS-2", 2)
    assert tuple(v.rows(sizes, 3)[0]) == ("GSM-7", 1)


def test_back_and_home_on_a_part(v):
    marks_on(v)
    call = Call(v, 12)
    first = call.press("1")
    second = call.press("9")
    assert second != first
    assert "0. Về" in second
    assert call.press("0").startswith("CON Dialbook\n1. Số dư"), "reading on is not a way deeper"


def test_the_parts_say_what_the_plain_page_says(v):
    plain = v.dial(12, "1")[4:]
    marks_on(v)
    call = Call(v, 12)
    call.press("1")
    assert words(read_on(call)) == words([plain])


def test_only_those_who_asked_get_marks(v):
    """Names with marks go out without them to everybody else: one letter would double the price of the text."""
    marks_on(v, 7)
    meet(v, BuyShares(**about(v, 7), units=3), PaySocialFund(**about(v, 7), amount=5_000), BuyShares(**about(v, 12), units=1))
    v.work()
    sent = v.rows("select member, encoding, parts, text from outbox where group_id = %s")
    assert {row.encoding for row in sent if row.member != 7} == {"GSM-7"}
    hers = [row for row in sent if row.member == 7]
    assert hers
    assert all(row.encoding == "UCS-2" and row.parts <= 2 for row in hers), hers
    assert "Đoàn Kết" in hers[-1].text
    assert all("Doan Ket" in row.text for row in sent if row.member == 12)
    v.verify()


def test_keys_typed_ahead_mean_the_same_over_parts(village, db, owner):
    """9 alone reads on; at the head of a row it is the choice 9, as without marks."""
    v = twenty(village, db)
    owner.execute("update member set language = 'vi' where group_id = %s and number = 2", (v.group_id,))
    plain = v.dial(2, "9525000000", "100000")[4:]
    owner.execute("update member set accents = true where group_id = %s and number = 2", (v.group_id,))
    assert "1. Co" in plain
    call = Call(v, 2)
    call.press("9525000000")
    call.press("100000")
    assert words(read_on(call)) == words([plain])


def test_marks_survive_a_lost_memory(v, redis_now):
    marks_on(v)
    call = Call(v, 12)
    call.press("4")
    call.press("520000")
    redis_now.flushall()
    while "1. Có" not in call.page:
        call.press("9")
    assert call.press("1").startswith("END Đã gửi")
    assert len(v.rows("select 1 from request where group_id = %s")) == 1


def test_another_language_by_text_has_no_marks(v):
    marks_on(v)
    v.text(12, "LANG en")
    v.work()
    assert v.dial(12).startswith("CON Dialbook\n1. My balance")
    v.text(12, "LANG vi")
    v.work()
    assert v.dial(12).startswith("CON Dialbook\n1. So du cua toi")


def test_what_was_wrong_is_said_before_the_question(v):
    marks_on(v)
    call = Call(v, 12)
    call.press("2")
    assert call.press("7") == "CON Hãy nhập số từ 1 đến 5.\n0. Về"
    assert call.press("3").startswith("CON Mua 3 cổ phần, 60.000d?\n1. Có\n2. Không")
    assert call.press("8").startswith("CON Mua 3 cổ phần"), "an answer that is none is asked for again"
    assert call.press("1").startswith("END Đã gửi")


def test_a_stray_wish_for_marks_costs_nobody_her_book(v, owner):
    """A program of an older release changed her language alone, and marks stay wished for in a language that has one writing."""
    owner.execute("update member set language = 'en', accents = true where group_id = %s and number = 12", (v.group_id,))
    owner.execute("update member set language = 'fr', accents = true where group_id = %s and number = 7", (v.group_id,))
    assert "My balance" in v.dial(12)
    assert "Mon solde" in v.dial(7)
    v.text(12, "BAL")
    v.text(7, "SOLDE")
    meet(v)
    assert "shares" in v.texts(12)[0]
    assert {row.state for row in v.rows("select distinct state from outbox where group_id = %s")} <= {"accepted", "delivered"}
    assert v.dial(12, *MY_THINGS, "7").startswith("CON ")
