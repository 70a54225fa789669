"""The whole meeting on a keypad, fast: keys typed ahead, everybody's shares in one row of digits, and a call that is cut and continued.
The measure is a meeting of twenty; every key that is typed is counted, the number that is dialled too."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from people import Call

from ledger import meetings
from menus.texts import LANGUAGES

DIALLED = "*384*77#"
KEEPER, CHAIR, TREASURER = 2, 1, 3
HOPS_MAX, KEYS_MAX = 30, 150
ROW = "53210451230015432123"  # shares of the twenty, in the order of their numbers


def today(db):
    return db.connection().execute("select (now() at time zone 'Asia/Ho_Chi_Minh')::date as d").fetchone().d


def twenty(village, db, **changes):
    """Twenty members; No.12 and No.9 owe, No.7 has saved enough to borrow."""
    day, roles = today(db), {1: ["chair"], 2: ["record_keeper"], 3: ["treasurer"]}
    dates = {"issued": str(day - timedelta(days=20)), "due": str(day + timedelta(days=100))}
    return village(
        members=tuple((number, f"Nguyen Thi {chr(64 + number)}a", roles.get(number, [])) for number in range(1, 21)),
        opening={"loan_fund_cash": 5_000_000, "social_fund_cash": 100_000, "shares": [{"member": number, "units": 40} for number in (7, 9, 12)],
                 "loans": [{"member": 12, "principal": 1_500_000, "charge_due": 15_000, **dates},
                           {"member": 9, "principal": 600_000, "charge_due": 6_000, **dates}]},
        **changes,
    )  # fmt: skip


class Counted:
    """A phone whose hops and keys are counted; the conversation is kept."""

    def __init__(self, village, member=KEEPER):
        self.village, self.hops, self.keys, self.said = village, 1, len(DIALLED), []
        self.call = Call(village, member)
        self.said.append((DIALLED, self.call.page))

    def press(self, *rows):
        for row in rows:
            page = self.call.press(row)
            self.hops, self.keys = self.hops + 1, self.keys + len(row)
            self.said.append((row, page))
        return self.call.page


def noted(v):
    """What has been noted, or None while no meeting is open."""
    with v.db.transaction() as conn:
        meeting = meetings.open_now(conn, v.group_id)
    return [(request.kind, request.member, request.body()) for request in meeting.requests()] if meeting else None


# The meeting as it is typed. Each row ends on a page that has to be read; `1` is always its Yes.
MEETING = (
    ("9525000000", "Count the social fund box."),  # our group, meeting, loan meeting, what is in the loan fund box
    ("100000", "Open: Loan meeting?\nLoan fund 5.000.000d\nSocial fund 100.000d"),
    ("1", "The meeting is open."),
    ("110417", "No.4, 17: late? Fine 5.000d each."),  # roll call, late: 4 and 17
    ("1", "Noted.\nEverybody counts as present, except:"),
    ("0220919", "18 members pay today's contribution: 90.000d in all?"),  # back, social fund, all but 9 and 19
    ("1", "Noted.\nMeeting"),
    ("3" + ROW, "1:5 2:3 3:2 4:1 5:0 6:4 7:5 8:1 9:2 10:3 11:0 12:0 13:1 14:5 15:4 16:3 17:2 18:1 19:2 20:3\nTogether 47 = 940.000d?"),
    ("1", "Noted.\nMeeting"),
    ("512520000", "No.12 La repays 520.000d: charge 15.000d, loan 505.000d, owes 995.000d?"),  # repayment: 12, 520.000
    ("1", "Noted.\nRepayment: member number?"),
    ("09306000", "No.9 Ia repays 306.000d: charge 6.000d, loan 300.000d, owes 300.000d?"),
    ("1", "Noted.\nRepayment: member number?"),
    ("0", "Meeting\n1. Roll call"),
    ("42051", "No.5 Ea: new fine"),  # fines, new: 5, the first of the table
    ("1", "Noted.\nNew fine: member number?"),
    ("0", "Fine:\n1. Fine paid"),
    ("06072000000", "No.7 Ga asks for 2.000.000d. The group gives:"),  # back, loan: 7, 2.000.000
    ("113", "20 are here, 14 must agree. How many say yes?"),  # all of it, for trade, three months
    ("18", "No.7 Ga: loan 2.000.000d until "),
    ("1", "Noted.\nNew loan: member number?"),
    ("0", "Meeting\n1. Roll call"),
    ("94766000", "Count the social fund box."),  # close: what is in the loan fund box
    ("190000", "Close the meeting?\nLoan fund 4.766.000d\nSocial fund 190.000d"),
    ("1", "Sent to the treasurer."),
)


def test_twenty_members_in_thirty_hops_and_150_keys(village, db):
    v = twenty(village, db)
    phone = Counted(v)
    for row, page in MEETING:
        assert page in phone.press(row), (row, phone.call.page)
    print("\n".join(f"> {row}\n{page[4:]}" for row, page in phone.said))
    print(f"{phone.hops} hops, {phone.keys} keys")
    assert phone.hops <= HOPS_MAX
    assert phone.keys <= KEYS_MAX
    assert phone.keys + phone.hops <= KEYS_MAX  # even with every Send counted
    v.text(TREASURER, f"OK {v.code_of(TREASURER)}")
    v.work()
    assert v.outcomes() == ["posted"]
    assert v.shares(7)[0] == 45
    assert v.debt(7)[0] == 2_000_000
    assert v.debt(12)[0] == 995_000
    v.verify()


# ---------------------------------------------------------------- calls that are cut

NOTED = ("CON Noted.", "CON Da ghi.", "CON Imeandikwa.", "CON C'est note.", "CON C'est noté.")
OFFER = "CON Your last call was cut in the middle of the meeting.\n1. Continue\n2. Start again"


def test_a_call_that_is_cut_after_any_hop_goes_on_at_the_next(village, db):
    """After every single hop the call is cut: the next one goes on at the very page, and the meeting comes to the same."""
    v = twenty(village, db)
    phone, before = Counted(v), None
    for row, page in MEETING:
        assert page in phone.press(row), (row, phone.call.page)
        shown, now = phone.call.page, noted(v)
        assert (now == before) is (row != "1" or "Sent to" in shown)  # only a Yes notes anything, and all of it
        before = now
        cut = Counted(v)
        if shown.startswith("END"):
            assert "1. My balance" in cut.call.page
            break
        assert cut.call.page == OFFER
        again = cut.press("1")
        assert again == shown.replace("CON Noted.\n", "CON ").replace("CON The meeting is open.\n", "CON ")
        assert noted(v) == before
        phone = cut
    v.text(TREASURER, f"OK {v.code_of(TREASURER)}")
    v.work()
    assert v.outcomes() == ["posted"]
    assert (v.shares(7)[0], v.debt(7)[0], v.debt(12)[0]) == (45, 2_000_000, 995_000)
    v.verify()


def at(v, *rows):
    """A call of the keeper's that stands on a page, and was cut there."""
    phone = Counted(v)
    if phone.call.page == OFFER:
        phone.press("2")
    phone.press(*rows)
    return phone


def opened(village, db):
    v = twenty(village, db)
    at(v, "9525000000", "100000", "1")
    return v


def test_the_offer_waits_until_it_is_answered(village, db):
    v = opened(village, db)
    at(v, "955", "12")
    for answer in ((), ("7",), ()):
        phone = Counted(v)
        assert phone.call.page == OFFER
        phone.press(*answer)
    assert phone.press("x") == OFFER.replace("CON ", "CON Please choose a number from the list.\n")
    assert "1. My balance" in phone.press("2")
    assert "1. My balance" in Counted(v).call.page


def test_a_yes_whose_answer_was_lost_is_not_taken_twice(village, db, redis_now):
    """The note was written, and the machine stopped before the call was kept: the next call says so, whatever is pressed."""
    v = opened(village, db)
    phone = at(v, "9", "5512520000")
    kept = {key: (redis_now.type(key), redis_now.dump(key)) for key in redis_now.keys("c*")}
    assert phone.press("1").startswith("CON Noted.")
    for key, (_, dump) in kept.items():
        redis_now.restore(key, 600_000, dump, replace=True)
    assert Counted(v).call.page.startswith("CON Noted.\nMeeting\n1. Roll call")
    assert len(noted(v)) == 1


def test_a_pin_is_asked_again_in_the_call_that_goes_on(village, db):
    v, pin = opened(village, db), "730518"
    assert v.dial(KEEPER, "2", "9", "9", "6", pin, pin).startswith("END Your PIN is set.")
    phone = Counted(v)
    asked = phone.press("95512520000", "1")
    assert "PIN" in asked
    assert phone.press(pin).startswith("CON Noted.")
    assert phone.press("09306000", "1").startswith("CON Noted.")  # once a call
    phone.press("09100000")
    for cut_at_the_pin in (True, False):
        again = Counted(v)
        assert again.call.page == OFFER
        assert again.press("1").startswith("CON No.9 Ia repays 100.000d")
        assert again.press("1") == asked
        assert len(noted(v)) == 2
        if not cut_at_the_pin:
            assert again.press(pin).startswith("CON Noted.")
    assert len(noted(v)) == 3


def test_memory_lost_in_a_call_that_was_gone_on_with(village, db, redis_now):
    """What was typed is not read as if the call had begun with the first page: it goes on at the meeting."""
    v = opened(village, db)
    at(v, "955", "12")
    for answer in ("1", "2"):
        phone = Counted(v)
        assert phone.call.page == OFFER
        phone.press(answer, "5")
        redis_now.flushall()
        assert phone.press("1").startswith("CON The call was cut. Look at 8.\nMeeting\n1. Roll call")
    assert noted(v) == []


def test_only_who_keeps_the_book_is_asked_and_only_in_a_meeting(village, db):
    v = opened(village, db)
    for member, rows in ((KEEPER, ("2",)), (KEEPER, ("9",)), (5, ("2", "3")), (TREASURER, ("2", "3"))):
        v.dial(member, *rows)
        assert "1. My balance" in v.dial(member)
    at(v, "955", "12")
    close = Counted(v)
    close.press("2", "9595000000", "100000", "1")
    v.text(TREASURER, f"OK {v.code_of(TREASURER)}")
    v.work()
    assert "1. My balance" in v.dial(KEEPER)


# ---------------------------------------------------------------- typed ahead


def test_a_row_ends_at_the_first_page_that_has_to_be_read(village, db):
    v = opened(village, db)
    assert at(v, "95512520000").call.page.startswith("CON No.12 La repays 520.000d")
    assert at(v, "955129999999").call.page.startswith("CON No.12: That is more than is owed: 1.515.000d.\nNo.12 La owes")
    assert at(v, "95599520000").call.page.startswith("CON There is no member No.99.\nRepayment: member number?")
    assert at(v, "951111").call.page.startswith("CON No.11: late?")
    assert at(v, "111111").call.page.startswith("CON Doan Ket No.2")  # the balance is read before anything else
    assert "1. My balance" in at(v, "0000").call.page  # nothing to go back to
    assert at(v, "9", "5", "5", "12 520000").call.page.startswith("CON No.12 La repays 520.000d")
    assert noted(v) == []


def test_others_type_nothing_ahead(village, db):
    v = twenty(village, db)
    for member in (TREASURER, 5):
        assert "1. My balance" in v.dial(member, "23")


# ---------------------------------------------------------------- everybody's shares


def test_a_row_that_does_not_fit_says_why_and_asks_again(village, db):
    v = opened(village, db)
    assert at(v, "953" + ROW[:-1]).call.page.startswith("CON 19 digits typed, but 20 members are here.")
    assert at(v, "953" + "9" + ROW[1:]).call.page.startswith("CON No.1: Please type a number from 1 to 5.")
    assert at(v, "953" + "0" * 20).call.page.startswith("CON Nobody buys shares.")
    at(v, "95120304", "1")  # absent
    assert at(v, "953" + ROW).call.page.startswith("CON 20 digits typed, but 18 members are here.")
    page = at(v, "953" + ROW[:18]).call.page
    assert page.startswith("CON 1:5 2:3 5:2 6:1 7:0")
    assert [kind for kind, _, _ in noted(v)] == ["attend", "attend"]


def test_shares_noted_before_are_pointed_out(village, db):
    v = opened(village, db)
    at(v, "953", "4", "1", "1")
    phone = at(v, "953" + "00010000000000000002")
    assert phone.call.page.startswith("CON Shares of No.4 are noted already. These are added.\n1. That is right")
    assert phone.press("1").startswith("CON 1:0 2:0")
    assert phone.press("1").startswith("CON Noted.\nMeeting")
    assert [(member, body["units"]) for kind, member, body in noted(v)] == [(4, 1), (4, 1), (20, 2)]


@pytest.mark.parametrize("language", ["en", "vi", "sw", "fr"])
def test_a_row_of_forty_is_read_back_on_several_pages(village, language):
    roles = {1: ["chair"], 2: ["record_keeper"], 3: ["treasurer"]}
    v = village(group={"language": language}, members=tuple((n + 100, f"Nguyen Thi {n}", roles.get(n, [])) for n in range(1, 41)),
                opening={"shares": [], "loans": []})  # fmt: skip
    phone = Counted(v, 102)
    phone.press("9525000000", "100000", "1", "3" + "5" * 39 + "0")
    read, keys = phone.call.page, 0
    while not phone.press("1").startswith(NOTED):
        read += phone.call.page
        keys += 1
        assert keys < 5
    assert keys == 2
    assert re.findall(r"\d{3}:\d", read) == [f"{n + 100}:{0 if n == 40 else 5}" for n in range(1, 41)]
    assert len(noted(v)) == 39


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_keys_that_the_phone_teaches_work(village, db, owner, language):
    v = twenty(village, db)
    owner.execute("update member set language = %s where group_id = %s", (language, v.group_id))
    Counted(v).press("9525000000", "100000", "1")
    phone = Counted(v)
    phone.press("2")  # not on with the call that opened the meeting
    repaid, members = re.findall(r"\b\d{6,}\b", phone.press("95", "8", "4"))
    assert re.search(r"12\D+52[.]000", phone.press("00", "95" + repaid))
    listed = phone.press("00", "9511", members)
    assert re.search(r"\b4, 17, 19\b", listed), listed
