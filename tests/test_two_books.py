"""One phone, two groups: from one book back to the list, and what a STOP and a START say."""

from __future__ import annotations

from people import Call


def both(village, owner):
    v, other = village(), village(group={"name": "Upendo"})
    owner.execute("insert into member_phone values (%s, %s, 7)", (v.phones[12], other.group_id))
    return v, other


def test_back_on_the_first_page_leads_to_the_other_book(village, owner):
    v, other = both(village, owner)
    call = Call(v, 12)
    first, second = (line.partition(" ")[2] for line in call.page.split("\n")[1:3])
    assert {first, second} == {"Doan Ket No.12", "Upendo No.7"}
    page = call.press("1")
    assert page.endswith("\n9. Our group\n0. Back")
    assert call.press("1").endswith("0. Back\n00. Home")
    assert call.press("00") == page
    assert "Which group?" in call.press("0")
    call.press("2")
    assert f"{second.partition(' No.')[0]} No.{second.partition(' No.')[2]}" in call.press("1")
    call.press("00")
    call.press("3")
    call.press("5000")
    call.press("1")
    assert [len(one.rows("select 1 from request where group_id = %s")) for one in (v, other)] in ([0, 1], [1, 0])
    asked = next(one for one in (v, other) if one.rows("select 1 from request where group_id = %s"))
    assert (asked is other) is second.startswith("Upendo"), "it is asked in the book that was chosen last"


def test_who_has_one_book_has_no_way_back_from_the_first_page(village):
    assert "0. Back" not in village().dial(12)


def test_a_start_is_said_once_and_a_stop_is_the_last_she_hears(village):
    v = village()
    for words in ("STOP", "STOP", "BAL"):
        v.text(12, words)
        v.work()
    sent = "select purpose, state from outbox where group_id = %s and member = 12 order by message_no"
    assert [tuple(row) for row in v.rows(sent)] == [("asked_balance", "suppressed")]
    for words in ("START", "anza", "START"):
        v.text(12, words)
        v.work()
    assert [row.purpose for row in v.rows(sent)] == ["asked_balance", "started"]
    assert v.texts(12)[-1] == "You get texts from your group again."
    assert v.rows(sent)[-1].state == "accepted"
