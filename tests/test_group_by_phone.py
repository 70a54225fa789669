"""What a group does from its phones beside its meetings: check codes, leaving, giving up a debt, the share-out, the next cycle, its rules."""

from __future__ import annotations

import re

import pytest
from afternoon import about, agent, agree, counted_entry, decide, meet
from people import Call

from ledger.commands import BuyShares, Repay, WriteOff

CODE = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}")
ROLES = (
    (1, "Lan", ["chair"]),
    (2, "Mai", ["record_keeper"]),
    (3, "Thu", ["treasurer"]),
    (4, "Yen", ["money_counter"]),
    (7, "Nga", []),
    (12, "Hoa", []),
)


def code_from(v, member):
    """The code in the newest text that has one, as the member holds it."""
    return next(found[0] for text in reversed(v.texts(member)) if (found := CODE.findall(text)))


def say(v, member, words):
    message_id = v.text(member, words)
    v.work()
    with v.db.transaction() as conn:
        return conn.execute("select result from inbound_sms where provider_id = %s", (message_id,)).fetchone().result


def rewrite(owner, *commands):
    """What an insider could do: the triggers are off."""
    owner.execute("set session_replication_role = replica")
    for command, *values in commands:
        owner.execute(command, values)
    owner.execute("set session_replication_role = origin")


def page_of(v, member, *path):
    """All of a text that goes on under More."""
    call = Call(v, member)
    for key in path:
        call.press(key)
    pages = [call.page]
    while "9. More" in call.page and len(pages) < 40:
        pages.append(call.press("9"))
    return "\n".join(line for page in pages for line in page.removeprefix("CON ").split("\n") if not re.match(r"(0|00|9)\. ", line))


# ---------------------------------------------------------------- check codes


def test_a_code_of_a_meeting_is_answered_by_text_and_by_dialling(village):
    v = village()
    meet(v, BuyShares(**about(v, 12), units=2))
    code = code_from(v, 7)
    meet(v, BuyShares(**about(v, 12), units=1))
    for words in (code, code.lower(), code.replace("-", " "), f"code {code}", code.replace("-", "")):
        assert say(v, 7, words) in ("code_unchanged", "not answered")
    assert f"UNCHANGED. The book still holds everything up to {day_of(v, 2)} as it was when you got code {code}." in v.texts(7)[-1]
    assert v.dial(12, "9", "1", code.lower().replace("-", "")).startswith("CON UNCHANGED: the book still")
    assert v.dial(12, "9", "1", "04HM-ASW9").startswith("CON NOT FOUND: the book has no such code.")
    assert v.dial(12, "9", "1", "hello").startswith("CON A code has 8 letters and digits.")
    assert say(v, 12, "04HM-ASW9") == "code_unknown"


def day_of(v, entry_no):
    return v.rows("select to_char(happened_on, 'DD/MM/YYYY') as d from entry where group_id = %s and entry_no = %s", entry_no)[0].d


def test_a_rewritten_amount_is_found_by_a_members_old_code(village, owner):
    v = village()
    agent(v, owner)
    meet(v, BuyShares(**about(v, 12), units=2))
    code = code_from(v, 7)
    meet(v)
    line = v.rows("select line_no, amount from line where group_id = %s and entry_no = 2 and member = 12 order by line_no limit 1")[0]
    rewrite(owner, ("update line set amount = amount + 1 where group_id = %s and line_no = %s", v.group_id, line.line_no))
    assert say(v, 7, code) == "code_changed"
    assert v.texts(7)[-1].startswith(f"WARNING Doan Ket: the book is no longer as it was on {day_of(v, 2)}, code {code}. Keep this text")
    assert v.texts(0)[-1].startswith("WARNING Doan Ket: No.7 sent the code of")
    assert v.dial(12, "9", "1", code).startswith("CON WARNING: the book is no longer as it was on")
    rewrite(owner, ("update entry set hash = sha256(hash) where group_id = %s and entry_no = 2", v.group_id))  # chained anew behind our back
    assert say(v, 12, code) == "code_unknown"


def test_codes_by_text_are_bounded(village):
    v = village()
    meet(v)
    code = code_from(v, 7)
    assert [say(v, 7, code) for _ in range(6)] == ["code_unchanged"] * 5 + ["not answered"]
    assert say(v, 12, "asanteni") in ("help", "not understood"), "thanks of eight letters are no code"


def test_the_agent_may_give_a_code_too(village, owner):
    v = village()
    phone = agent(v, owner)
    meet(v)
    assert say(v, phone, code_from(v, 7)) == "code_unchanged"
    assert "UNCHANGED" in v.texts(0)[-1]
    assert v.dial(phone, "1").startswith("END So dien thoai nay khong co trong so nhom nao."), "she opens no book"


# ---------------------------------------------------------------- leaving


def settled(v, rule):
    """A group that has earned: 60 shares, 15,000 of service charge and no debt but Hoa's."""
    return v(
        members=ROLES, constitution={"leaving": {"rule": rule}},
        opening={"loan_fund_cash": 1_600_000, "social_fund_cash": 0, "shares": [{"member": 12, "units": 20}, {"member": 7, "units": 40}],
                 "loans": [{"member": 12, "principal": 100_000, "charge_due": 10_000, "issued": "2026-11-01", "due": "2027-03-24"}]},
    )  # fmt: skip


@pytest.mark.parametrize(("rule", "gross"), [("at_cost", 400_000), ("current_value", 570_000)])
def test_leaving_shows_before_what_is_booked_after(village, rule, gross):
    v = settled(village, rule)
    debt = sum(v.debt(12))
    worth = 1_600_000 + debt
    gross = 20 * worth // 60 if rule == "current_value" else gross
    page = v.dial(1, "9", "8", "12", "1")
    paid = (gross - debt) // 1_000 * 1_000
    after = (worth - debt - paid) / 40
    assert page.startswith(
        f"CON No.12 Hoa: 20 shares = {thousands(gross)} - debts {thousands(debt)}, gets {thousands(paid)}. A share {thousands(round(worth / 60))}"
    )
    assert f" -> {thousands(int(after + 0.5))}\n1. Yes" in page
    assert v.dial(1, "9", "8", "12", "1", "1") == "END Sent to the treasurer and the record-keeper. You will get an SMS."
    cash = cash_of(v)
    agree(v, [3, 2])
    assert v.outcomes() == ["posted"]
    assert cash - cash_of(v) == paid
    assert v.shares(12) == (0, 0)
    assert v.debt(12) == (0, 0)
    assert f"No.12 Hoa leaves, 20 shares = {thousands(gross)}, less debts {thousands(debt)}, paid out {thousands(paid)}." in v.texts(7)[-1]
    assert v.dial(1, "9", "8", "12").startswith("CON Member No.12 has left the group.")
    v.verify()


def test_leaving_with_the_rule_to_wait_moves_nothing_yet(village):
    v = settled(village, "wait")
    assert "Paid at the share-out." in v.dial(1, "9", "8", "12", "1")
    v.dial(1, "9", "8", "12", "1", "1")
    agree(v, [3, 2])
    assert v.shares(12) == (20, 400_000)
    assert "No.12 Hoa leaves, shares stay until the share-out" in v.texts(7)[-1]
    v.verify()


def test_who_absconds_owing_more_than_her_shares_keeps_the_debt(village):
    v = village(members=ROLES)
    assert v.dial(1, "9", "8", "12", "1").startswith("CON Her shares do not cover her debt: 1.315.000d must be paid first.")
    page = v.dial(1, "9", "8", "12", "4")
    assert page.startswith("CON No.12 Hoa: 10 shares = 200.000 - debts 200.000, gets 0. A share")
    v.dial(1, "9", "8", "12", "4", "1")
    agree(v, [3, 2])
    assert "No.12 Hoa has gone away, 10 shares = 200.000, less debts 200.000, paid out 0, debt left 1.315.000." in v.texts(7)[-1]
    assert sum(v.debt(12)) == 1_315_000
    v.verify()


def thousands(amount):
    return f"{amount:,}".replace(",", ".")


def cash_of(v):
    return v.rows("select balance from account where group_id = %s and account = 1000000")[0].balance


# ---------------------------------------------------------------- giving up a debt


def test_a_debt_is_given_up_by_phone(village):
    v = village(members=ROLES)
    page = v.dial(2, "9", "9", "4", "12")
    assert page.startswith("CON Give up 1.515.000d of No.12 Hoa? A share loses 30.300. She still owes it.")
    assert v.dial(2, "9", "9", "4", "12", "1") == "END Sent to the treasurer and the chair. You will get an SMS."
    agree(v, [3, 1])
    assert v.debt(12) == (0, 0)
    assert v.dial(2, "9", "9", "4", "12").startswith("CON That loan is fully repaid.")
    assert v.dial(7, "9", "9", "4").startswith("CON Please choose")
    v.verify()


# ---------------------------------------------------------------- the share-out and the next cycle


def ready(village, **changes):
    v = village(members=ROLES, **changes)
    assert meet(v, Repay(**about(v, 12), loan_no=1, amount=1_515_000), BuyShares(**about(v, 4), units=5)) == "posted"
    return v


def test_every_member_sees_what_a_share_out_would_bring_her(village):
    v = ready(village)
    page = v.dial(7, "9", "4")
    assert page == "CON 1 share = 120.273. Your 40: 4.810.909, less debt 0, you get 4.810.000d\n0. Back\n00. Home"
    assert v.dial(1, "9", "4").startswith("CON You have no shares\n1. Whole list\n2. Share out now")
    sheet = page_of(v, 3, "9", "4", "1")
    assert sheet.split("\n") == [
        "In all 6.615.000, paid 6.613.000, left 2.000", "1 share = 120.273 (price 20.000)", "4: 5 = 601.363 - 0 = 601.000",
        "7: 40 = 4.810.909 - 0 = 4.810.000", "12: 10 = 1.202.727 - 0 = 1.202.000",
    ]  # fmt: skip


def test_a_share_out_by_phone_confirmed_by_three_officers(village):
    v = ready(village)
    call = Call(v, 2)
    for key in ("9", "4", "2"):
        call.press(key)
    assert call.page.startswith("CON Count the loan fund box. How much is in it? The book says 6.615.000d.")
    assert call.press("6614000").startswith("CON Counted 6.614.000, expenses 0, kept 0\n1. Last expenses\n2. Keep for next cycle")
    call.press("1")
    assert call.press("64000").startswith("CON Counted 6.614.000, expenses 64.000, kept 0")
    call.press("2")
    assert call.press("50000").startswith("CON Counted 6.614.000, expenses 64.000, kept 50.000")
    assert call.press("3").startswith("CON Small coins that are left over go to:\n1. social fund\n2. next cycle")
    call.press("1")
    assert call.press("4").startswith("CON The count differs by -1.000d. Why?\n1. miscounted")
    page = call.press("2")
    assert page.startswith("CON Share out 6.498.000d, left over 2.000d? Two more officers are asked.")
    assert call.press("1") == "END Sent to the treasurer and the chair. You will get an SMS."
    asked = v.texts(3)[-2:]
    assert "counted 6.614.000, expenses 64.000, kept 50.000. 1 share = 118.182 (price 20.000). In all 6.500.000" in asked[0]
    assert "Doan Ket: No.2 Mai shares out 6.498.000d now. Reply OK" in asked[1]
    assert v.dial(1, "8", "1").startswith("CON No.2 Mai: shares out 6.498.000d now. Do you agree?")
    agree(v, [3, 1])
    assert v.outcomes()[-1] == "posted"
    sheet = v.rows("select sheet from share_out where group_id = %s")[0].sheet
    booked = {row[0]: row for row in sheet["rows"]}
    for member in (4, 7, 12):
        _, units, _, _, gross, set_off, payout, _ = booked[member]
        assert set_off == 0
        assert f"{units} shares = {thousands(gross)}, you get {thousands(payout)}d. Wrong? NO 3. Code " in v.texts(member)[-1]
        assert v.shares(member) == (0, 0)
    assert sum(row[6] for row in booked.values()) + sheet["remainder"] == sheet["available"]
    assert cash_of(v) == 50_000
    assert all("CHIA" not in text and "SHARE-OUT" in text for text in (v.texts(member)[-1] for member in (1, 2, 3)))
    assert v.dial(7, "9", "4").startswith("CON The cycle has been shared out.")
    v.verify()


def test_the_next_cycle_by_phone_with_starting_shares(village):
    v = ready(village)
    assert v.dial(2, "9", "9", "5").startswith("CON This cycle still runs. Share out first.")
    v.dial(2, "9", "4", "2", "6615000", "4", "1")
    agree(v, [3, 1])
    call = Call(v, 2)
    for key in ("9", "9", "5"):
        call.press(key)
    assert call.page.startswith("CON Cycle 2, ")
    assert "Starting shares 0 = 0d\n1. Shares for all\n2. For one member\n3. Start it" in call.page
    call.press("1")
    assert "Starting shares 30 = 600.000d" in call.press("5")
    call.press("2")
    assert call.press("7").startswith("CON With how many shares does No.7 Nga start?")
    assert "Starting shares 33 = 660.000d" in call.press("8")
    call.press("2")
    call.press("1")
    assert "Starting shares 28 = 560.000d" in call.press("000")
    assert call.press("3").startswith("CON Start cycle 2 with 28 shares = 560.000d? The rules stay.")
    assert call.press("1") == "END Sent to the treasurer. You will get an SMS."
    assert "starting shares 8: 7; 5: 2-4,12" in v.texts(3)[-2]
    agree(v, [3])
    assert v.outcomes()[-1] == "posted"
    assert v.shares(7) == (8, 160_000)
    assert v.shares(1) == (0, 0)
    assert "CYCLE 2, No.7:" in v.texts(7)[-1]
    assert "You start with 8 shares = 160.000. Wrong? NO 4" in v.texts(7)[-1]
    assert v.dial(12, "2", "5", "1").startswith("END Sent to"), "members buy again"
    v.verify()


# ---------------------------------------------------------------- what is known


def test_the_rules_in_force_are_read_by_everybody(village):
    v = village()
    rules = page_of(v, 7, "9", "9", "1")
    for line in ("Share price: 20.000d", "Most shares: 5", "Charge rate: 1%", "Charge counted: on what is left", "Fines: absent 10.000d, late 5.000d",
                 "Who leaves gets: price paid", "Left over goes to: social fund", "Votes for a loan: 67%"):  # fmt: skip
        assert line in rules
    assert v.dial(7, "9", "9", "3").startswith("CON Please choose")


def test_reading_aloud_when_nobody_needs_it(village):
    v = village()
    assert v.dial(2, "9", "9", "3").startswith("CON No meeting has been closed yet.")
    meet(v)
    assert v.dial(2, "9", "9", "3").startswith("CON Every member gets her SMS.")


@pytest.mark.parametrize("language", ["en", "vi", "sw", "fr"])
def test_every_page_of_the_group_is_shown_in_every_language(village, owner, language):
    """Not one of them is too long with a member's and a group's real figures."""
    v = ready(village, group={"language": language})
    say(v, 12, "NO 2")
    for path in (
        ("9",), ("9", "2"), ("9", "2", "2"), ("9", "3"), ("9", "3", "1"), ("9", "3", "1", "1"), ("9", "3", "1", "2", "1"), ("9", "3", "1", "2", "1", "1"),
        ("9", "3", "1", "2", "1", "2", "1"), ("9", "4"), ("9", "4", "1"), ("9", "4", "2"), ("9", "4", "2", "1000", "4"), ("9", "4", "2", "6615000", "4"),
        ("9", "7", "2"), ("9", "8", "7"), ("9", "8", "7", "1"), ("9", "8", "7", "2"), ("9", "9"), ("9", "9", "1"), ("9", "9", "2"), ("9", "9", "3"),
        ("9", "9", "4"), ("9", "9", "5"),
    ):  # fmt: skip
        page = v.dial(1, *path)
        assert page.startswith(("CON ", "END ")), (path, page)
        assert len(page) <= 164
    assert counted_entry(v) == 2


def test_a_decision_that_the_book_no_longer_allows_says_why(village):
    v = village(members=ROLES)
    v.dial(2, "9", "9", "4", "12", "1")
    assert decide(v, WriteOff(**about(v, 12, asked_by=1), loan_no=1)) == "posted"
    agree(v, [1])
    v.text(3, f"OK {next(re.findall(r'OK ([0-9]{5})', text)[0] for text in v.texts(3) if 'OK ' in text)}")
    v.work()
    assert v.outcomes() == ["failed", "posted"]
    assert "Not recorded: No.12 Hoa debt is given up. " in v.texts(2)[-1]
