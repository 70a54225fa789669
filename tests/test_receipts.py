"""Who is told what when something is posted: receipts of a meeting, decisions, the field agent; every text in one part, in four languages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from afternoon import about, agent, agree, ask, counted_entry, decide, meet, note_all

from ledger.commands import (
    DECIDED,
    KINDS,
    Attend,
    BuyShares,
    ChangeRules,
    ChargeFine,
    GrantLoan,
    Leave,
    PayFine,
    PaySocialFund,
    RedeemShares,
    Repay,
    ShareOut,
    StartCycle,
    WriteOff,
)
from ledger.db import lock_group
from menus.gsm7 import fold, segments, units
from menus.longest import LONGEST, longest
from menus.places import WRITINGS, is_marked, language_of
from menus.telling_words import HIDDEN
from menus.texts import LANGUAGES, catalogue, sentence

PERSON = {"en": "No.9999 Nguyet Minh", "vi": "so 9999 Nguyet Minh", "sw": "Na.9999 Nguyet Minh", "fr": "No 9999 Nguyet Minh"}
FIGURES = dict(LONGEST) | {
    "reason": "counted wrong before", "item": "shares sold back", "was": "999,999,999", "right": "999,999,999", "purpose": "p" * 24,
    "status": "represented", "how": "is expelled", "count": "99", "interest": "USh 999,999", "day": "24/12/2027", "code": "98765",
    "answer": "w" * 60, "person": "No.9999 Nguyet Minh", "check": "04HM-ASW9", "loan_fund": "-99,999,999", "social": "USh 99,999,999",
}  # fmt: skip


def meeting_of_everybody(v):
    """Hoa buys, repays and contributes, Nga contributes and borrows, Thu is late and pays, the others sit there."""
    due = v.rows("select (now() at time zone timezone)::date as d from savings_group where group_id = %s")[0].d + timedelta(days=70)
    return meet(
        v,
        BuyShares(**about(v, 12), units=3), Repay(**about(v, 12), loan_no=1, amount=520_000), PaySocialFund(**about(v, 12), amount=5_000),
        PaySocialFund(**about(v, 7), amount=5_000), GrantLoan(**about(v, 7), amount=1_000_000, due_on=due, votes=5),
        RedeemShares(**about(v, 7), units=2), Attend(**about(v, 3), status="late"), PayFine(**about(v, 3), amount=5_000),
        Attend(**about(v, 1), status="absent"), ChargeFine(**about(v, 2), why="phone_rang", amount=1_000),
    )  # fmt: skip


def hash_code(v, entry_no):
    from ledger.checkcode import code_of

    return code_of(bytes(v.rows("select hash from entry where group_id = %s and entry_no = %s", entry_no)[0].hash))


# ---------------------------------------------------------------- the close of a meeting


def test_on_the_close_every_member_gets_what_she_did_where_she_stands_and_both_funds(village):
    v = village()
    assert meeting_of_everybody(v) == "posted"
    day = v.rows("select to_char(happened_on, 'DD/MM') as d from entry where group_id = %s and entry_no = 2")[0].d
    due = v.rows("select to_char(due_on, 'DD/MM/YY') as d from loan where group_id = %s and loan_no = 2")[0].d
    check = hash_code(v, 2)
    hoa, closing = v.texts(12)
    assert hoa == (
        f"Doan Ket {day} No.12: 3 shares = 60.000, repaid 520.000 (charge 15.000, loan 505.000), social fund 5.000. Total 13, owes 995.000. Wrong? NO 2"
    )
    funds = "Loan fund 4.545.000, social fund 110.000"
    assert closing == f"Doan Ket {day} CLOSED: {funds}, lent out 1.995.000. Code {check}. Remember these figures"
    nga, closing_too = v.texts(7)
    assert nga == (
        f"Doan Ket {day} No.7: 2 shares sold back = 40.000, loan 1.000.000 due {due}, social fund 5.000. Total 38, owes 1.010.000. Wrong? NO 2"
    )
    assert closing_too == closing
    assert v.texts(3)[-1] == (
        f"Doan Ket {day} No.3: fine paid 5.000, late. No shares, no debt, social fund due 5.000. Wrong? NO 2. {funds}. Code {check}"
    )
    assert "No.2: fined 1.000. No shares, no debt, fines due 1.000, social fund due 5.000. Wrong? NO 2" in v.texts(2)[0]
    assert "No.1: fined 10.000, absent." in v.texts(1)[0]
    v.verify()


def test_who_did_nothing_gets_her_position(village):
    v = village()
    meet(v)
    assert "No.7: nothing entered. Total 40, no debt, social fund due 5.000. Wrong? NO 2." in v.texts(7)[0]
    assert "No.12: nothing entered. Total 10, owes 1.515.000, social fund due 5.000. Wrong? NO 2." in v.texts(12)[0]


def test_receipts_are_written_with_the_entry_or_not_at_all(village, monkeypatch):
    from menus import telling_meeting

    v = village()
    officers = ask(v, note_all(v, BuyShares(**about(v, 12), units=1)))
    monkeypatch.setattr(telling_meeting, "closed", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        settle_after_words(v, officers)
    assert v.entries() == 1
    monkeypatch.undo()
    v.work()
    assert v.entries() == 2
    assert [row.entry_no for row in v.rows("select entry_no from outbox where group_id = %s and member = 12")] == [2]


def settle_after_words(v, officers):
    from ledger import requests
    from workers.settling import settle

    with v.db.transaction() as conn:
        lock_group(conn, v.group_id)
        for officer in officers:
            requests.give_word(conn, v.group_id, 1, officer, True, "test")
    with v.db.transaction() as conn:
        settle(conn, v.group_id, 1)


def test_who_has_no_phone_is_read_aloud(village, owner):
    v = village()
    owner.execute("delete from member_phone where group_id = %s and member in (7, 12)", (v.group_id,))
    meeting_of_everybody(v)
    assert not v.texts(12)
    nga, hoa = (text for text in v.texts(2) if "READ ALOUD" in text)
    assert "READ ALOUD: No.7: 2 shares sold back = 40.000, loan 1.000.000 due" in nga
    assert nga.endswith(", social fund 5.000. Total 38, owes 1.010.000")
    assert "READ ALOUD: No.12: 3 shares = 60.000, repaid 520.000" in hoa
    pages = [v.dial(2, "9", "9", "3", *"9" * more) for more in range(3)]
    assert "No.7: 2 shares sold back = 40.000" in pages[0]
    assert "No.12: 3 shares = 60.000" in "".join(pages)


def test_whose_texts_do_not_arrive_is_read_to_as_well(village, owner):
    """A number that changed hands: the texts still go there, and the record-keeper reads hers aloud until one arrives."""
    v = village()
    meet(v)
    meet(v)

    def fate(*states):
        sent = v.rows("select message_no from outbox where group_id = %s and member = 12 order by message_no desc limit 2")
        for row, state in zip(sent, states, strict=True):
            owner.execute("update outbox set state = %s where group_id = %s and message_no = %s", (state, v.group_id, row.message_no))

    def read_to():
        before = len(v.texts(2))
        meet(v, BuyShares(**about(v, 12), units=2))
        return "No.12: 2 shares" in " ".join(v.texts(2)[before:])

    fate("failed", "delivered")
    assert not read_to(), "one that was lost may be bad luck"
    fate("failed", "failed_permanent")
    before = len(v.texts(12))
    assert read_to()
    assert len(v.texts(12)) > before, "and is sent all the same"
    fate("delivered", "failed")
    assert not read_to()


def test_many_to_read_to_are_a_few_texts_and_the_rest_on_the_screen(village, owner):
    members = (
        (1, "Lan", ["chair"]),
        (2, "Mai", ["record_keeper"]),
        (3, "Thu", ["treasurer"]),
        (7, "Nga", []),
        *((n, f"Hoa {n}", []) for n in range(12, 40)),
    )
    v = village(members=members)
    owner.execute("delete from member_phone where group_id = %s and member > 12", (v.group_id,))
    v.text(12, "STOP")
    meet(v, *(BuyShares(**about(v, number), units=2) for number in range(12, 40)))
    read = [text for text in v.texts(2) if "READ ALOUD" in text]
    assert len(read) == 3
    assert "No.12: 2 shares = 40.000." in read[0], "who said STOP is read to as well"
    told = sum(text.count("No.") for text in read)
    assert f"{28 - told} more members: dial, 9, 9, 3" in read[-1]


def test_the_agent_hears_of_money_that_is_short_and_everybody_sees_it(village, owner):
    v = village()
    phone = agent(v, owner)
    assert meet(v, short=2_000, why="money_missing") == "posted"
    [text] = v.texts(0)
    assert text.endswith("the boxes did not agree with the book. Loan fund -2.000, social fund 0. Reason: money is missing")
    assert "Loan fund differs -2.000" in v.texts(7)[-1]
    told, asked = v.texts(1)[:2]
    assert "loan fund counted 4.998.000, the book says 5.000.000: -2.000. Reason: money is missing" in told
    assert "closes the meeting" in asked
    sent = v.rows("select phone, state from outbox where group_id = %s and member = 0")
    assert [(row.phone, row.state) for row in sent] == [(phone, "accepted")]


def test_stop_holds_for_the_agent_too(village, owner):
    v = village()
    phone = agent(v, owner, phone="+84900000098")  # hers alone: a START is answered in one of the groups she looks after
    sent = "select purpose, state from outbox where group_id = %s and member = 0 order by message_no"
    v.text(phone, "STOP")
    v.work()
    meet(v, short=2_000, why="money_missing")
    assert [tuple(row) for row in v.rows(sent)] == [("agent_short", "suppressed")]
    v.text(phone, "START")
    v.work()
    meet(v, short=1_000, why="money_missing")
    assert [tuple(row) for row in v.rows(sent)] == [("agent_short", "suppressed"), ("started", "accepted"), ("agent_short", "accepted")]


def test_a_meeting_left_open_is_reported_once(village, owner):
    from workers.late import report_late

    v = village()
    agent(v, owner)
    wish = note_all(v, BuyShares(**about(v, 12), units=1))
    report_late(v.db)
    assert not v.texts(0)
    owner.execute("set session_replication_role = replica")
    owner.execute("update meeting set opened_at = now() - interval '25 hours' where group_id = %s", (v.group_id,))
    owner.execute("set session_replication_role = origin")
    report_late(v.db)
    report_late(v.db)
    assert len(v.texts(0)) == len(v.texts(1)) == len(v.texts(2)) == 1
    assert "was not closed within a day" in v.texts(0)[0]
    assert "is still open. Please count both boxes and close it." in v.texts(2)[0]
    assert not v.texts(3)
    assert decide(v, wish) == "posted"


# ---------------------------------------------------------------- decisions


def terms_with(v, **changes):
    from ledger.books import Book

    with v.db.transaction() as conn:
        return Book(conn, v.group_id).constitution.as_json() | changes


def today(v):
    return v.rows("select (now() at time zone timezone)::date as d from savings_group where group_id = %s")[0].d


def test_new_rules_from_the_operator_are_agreed_by_two_officers_and_told_to_all(village):
    v = village()
    start = today(v) + timedelta(days=7)
    new = terms_with(v, charge_rate_bp=150, shares_max=10, fines={"late": 6_000}, funds_seen_by="officers")
    wish = ChangeRules(**about(v, 0, asked_by=0), from_on=start, terms=new)
    officers = ask(v, wish)
    assert len(officers) == 2
    before = [text for text in v.texts(officers[0]) if "rules asked" in text]
    assert "Charge rate: 1% -> 1.5%" in before[0]
    assert f"Doan Ket: The operator asks for new rules from {start:%d/%m/%Y}. Reply OK" in v.texts(officers[0])[-1]
    agree(v, officers)
    assert v.outcomes() == ["posted"]
    for member in (1, 2, 3, 7, 12):
        told = " ".join(text for text in v.texts(member) if " RULES from " in text)
        assert f"RULES from {start:%d/%m/%Y}" in told
        for change in ("Most shares: 5 -> 10", "Charge rate: 1% -> 1.5%", "Fine absent: 10.000 -> 0", "Fine late: 5.000 -> 6.000",
                       "Who sees the funds: all members -> officers only"):  # fmt: skip
            assert change in told
    v.verify()


def test_what_the_operator_brings_may_be_refused_expire_or_fail(village, owner):
    v = village()
    wish = ChangeRules(**about(v, 0, asked_by=0), from_on=today(v) + timedelta(days=7), terms=terms_with(v, shares_max=10))
    first, second = ask(v, wish)
    v.text(first, f"OK {v.code_of(first)}")
    v.work()
    assert v.texts(first)[-1].startswith("Noted. Another officer must confirm too: The operator asks for new rules ")
    v.text(second, f"NO {v.code_of(second)}")
    v.work()
    assert v.outcomes() == ["refused"]
    assert v.texts(first)[-1].startswith(f"Not recorded: No.{second} said no. The operator asks for new rules ")
    late = ChangeRules(**about(v, 0, asked_by=0), from_on=today(v) + timedelta(days=7), terms=terms_with(v, shares_max=9))
    officers = ask(v, late)
    owner.execute("set session_replication_role = replica")
    owner.execute("update request set body = jsonb_set(body, '{from_on}', '\"2020-01-01\"') where group_id = %s and request_no = 2", (v.group_id,))
    owner.execute("set session_replication_role = origin")
    assert v.dial(officers[0], "8", "1").startswith("CON The operator: asks for new rules from 01/01/2020. Do you agree?")
    agree(v, officers)
    assert v.outcomes() == ["refused", "failed"]
    assert "Not recorded: The operator asks for new rules 01/01. New rules begin at a meeting to come" in v.texts(officers[0])[-1]


def test_a_member_who_leaves_is_told_with_everybody_what_it_is(village):
    v = village()
    meet(v, Repay(**about(v, 12), loan_no=1, amount=1_515_000), BuyShares(**about(v, 3), units=5))
    wish = Leave(**about(v, 7, asked_by=1), why="leaves")
    officers = ask(v, wish)
    assert any("No.7 Nga leaves, 40 shares = 800.000, paid out 800.000" in text for text in v.texts(officers[0]))
    agree(v, officers)
    assert v.outcomes()[-1] == "posted"
    for member in (1, 2, 3, 7, 12):
        assert "No.7 Nga leaves, 40 shares = 800.000, paid out 800.000. One share: " in v.texts(member)[-1]
        assert v.texts(member)[-1].endswith(f"Wrong? NO {counted_entry(v)}")
    v.verify()


def test_a_debt_given_up_and_paid_after_all(village):
    v = village()
    assert decide(v, WriteOff(**about(v, 12, asked_by=1), loan_no=1)) == "posted"
    for member in (1, 2, 3, 7, 12):
        assert "debt of No.12 Hoa given up: 1.515.000. One share loses 30.300. She still owes it, outside the book." in v.texts(member)[-1]
    assert v.debt(12) == (0, 0)
    assert "You still owe 1.515.000d on a debt the group gave up." in v.dial(12, "9", "9", "2")
    assert v.dial(12, "9", "9", "2", "1515001").startswith("CON That is more than you owe.")
    assert v.dial(12, "9", "9", "2", "100000", "1") == "END Sent to the treasurer. You will get an SMS."
    agree(v, [3])
    assert v.texts(12)[-1].startswith("Doan Ket receipt 3, ")
    assert "100.000d paid on a debt given up. Still owed 1.415.000d" in v.texts(12)[-1]
    v.verify()


def test_share_out_and_next_cycle_are_told_to_every_member(village):
    v = village()
    meet(v, Repay(**about(v, 12), loan_no=1, amount=1_515_000), BuyShares(**about(v, 3), units=5))
    cash = v.rows("select balance from account where group_id = %s and account = 1000000")[0].balance
    officers = ask(v, ShareOut(**about(v, 0, asked_by=2), counted=cash))
    assert len(officers) == 2, "with who asks three officers"
    assert any("counted 6.615.000, expenses 0, kept 0. 1 share = 120.273 (price 20.000). In all 6.615.000" in text for text in v.texts(officers[0]))
    agree(v, officers)
    assert v.outcomes()[-1] == "posted"
    entry_no = counted_entry(v)
    check = hash_code(v, entry_no)
    told = {member: v.texts(member)[-1] for member in (1, 3, 7, 12)}
    assert told[7].endswith(f"No.7: 1 share = 120.273 (price 20.000). 40 shares = 4.810.909, you get 4.810.000d. Wrong? NO {entry_no}. Code {check}")
    assert "You had no shares" in told[1]
    sheet = v.rows("select sheet from share_out where group_id = %s")[0].sheet
    assert {row[0]: row[6] for row in sheet["rows"]} == {3: 601_000, 7: 4_810_000, 12: 1_202_000}
    start = today(v)
    wish = StartCycle(
        **about(v, 0, asked_by=2), number=2, starts_on=start, ends_on=start + timedelta(days=300), terms=terms_with(v, share_price=25_000),
        starting=((7, 5), (12, 5), (3, 2)),
    )  # fmt: skip
    officers = ask(v, wish)
    assert any("starting shares 5: 7,12; 2: 3" in text and "Share price: 20.000d -> 25.000d" in text for text in v.texts(officers[0]))
    agree(v, officers)
    assert v.outcomes()[-1] == "posted"
    nga = v.texts(7)[-2:]
    assert f"CYCLE 2, No.7: {start:%d/%m/%Y} to " in nga[0]
    assert "share 25.000. You start with 5 shares = 125.000. Wrong? NO" in nga[0]
    assert "Share price: 20.000d -> 25.000d" in nga[1]
    assert "ou start with no shares" in v.texts(1)[-2]
    assert v.shares(7) == (5, 125_000)
    v.verify()


# ---------------------------------------------------------------- lengths


def filled(name, language, **more):
    wanted = sentence(name, "sms", language)
    figures = FIGURES | {"person": PERSON[language]} | more
    return fold(wanted.fill({figure: figures.get(figure) or "USh 99,999,999" for figure in wanted.figures}))


def words_of(kinds, prefix):
    return sorted(
        {name for name, form, _ in catalogue() if form == "sms" and name.startswith(prefix) and (not kinds or name.removeprefix(prefix) in kinds)}
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_request_has_words_and_every_notice_about_it_is_one_part(language):
    assert set(KINDS) - {"move"} <= {name.removeprefix("does_") for name in words_of((), "does_")}
    for name in words_of((), "does_"):
        asked = filled("ask_officer", language, what=filled(name, language))
        assert segments(asked) == 1, (units(asked), asked)
    noted = [name for name in words_of((), "does_") if name.removeprefix("does_") not in DECIDED] + words_of((), "brief_") + words_of((), "how_")
    for notice in ("one_more", "refused", "refused_done", "expired", "done", "failed_for_officers"):
        for name in noted:
            told = filled(notice, language, what=filled(name, language))
            assert segments(told) == 1, (units(told), told)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_why_not_fits_beside_every_decision(language):
    from menus.screens import SCREENS

    problems = sorted({name for name, form, _ in catalogue() if form == "page"} - set(SCREENS))
    reasons = [name for name in problems if any(name in file.read_text() for file in problem_files())]
    assert len(reasons) > 40
    for name in [*words_of((), "brief_"), *words_of((), "how_")]:
        for why in reasons:
            told = filled("failed", language, what=filled(name, language), why=longest(why, "page", language))
            assert segments(told) == 1, (units(told), told)


def problem_files():
    from menus.texts import FOLDER

    return list(FOLDER.glob("problems*.toml"))


def test_every_rule_has_a_name_and_every_value_its_words():
    from ledger.constitution import Constitution

    fields = set(Constitution.__dataclass_fields__) - set(HIDDEN)
    assert fields == {name.removeprefix("rule_") for name in words_of((), "rule_")} - {"line", "change", "fine"}


@pytest.mark.parametrize("writing", WRITINGS)
def test_whatever_happens_every_text_is_one_part(village, owner, writing):
    """A group with long names and large figures: everything a meeting can do to one member, and every decision after it. With marks a text
    has two parts."""
    language = language_of(writing)
    v = village(
        group={"country": "UG", "currency": "UGX", "timezone": "Africa/Kampala", "name": "Nhom Doan Ket Ba Le", "language": language},
        constitution={"share_price": 2_000_000, "social_fund_contribution": 500_000, "share_out": {"cash_unit": 1}, "fines": {"late": 999_999}},
        opening={"loan_fund_cash": 88_888_888, "social_fund_cash": 9_999_999, "shares": [{"member": 12, "units": 30}, {"member": 7, "units": 4}],
                 "loans": [{"member": 12, "principal": 77_777_777, "charge_due": 7_777_777, "issued": "2026-03-24", "due": "2027-09-24"}]},
        members=((1, "Nguyet-Minh-Anh", ["chair"]), (2, "Wanjiku-Nakato", ["record_keeper"]), (3, "Thu", ["treasurer"]), (7, "Nga", []),
                 (12, "Nguyet-Minh-Anh", [])),
    )  # fmt: skip
    agent(v, owner, phone="+256772000099", language=language)
    owner.execute("update member set accents = %s where group_id = %s", (is_marked(writing), v.group_id))
    due = today(v) + timedelta(days=70)
    owner.execute("delete from member_phone where group_id = %s and member = 7", (v.group_id,))
    assert meet(
        v, BuyShares(**about(v, 12), units=5), Repay(**about(v, 12), loan_no=1, amount=66_666_666), PaySocialFund(**about(v, 12), amount=499_999),
        Attend(**about(v, 12), status="late"), PayFine(**about(v, 12), amount=888_888), ChargeFine(**about(v, 12), why="phone_rang", amount=777_777),
        GrantLoan(**about(v, 7), amount=22_222_222, due_on=due, votes=5), Attend(**about(v, 7), status="represented"),
        short=1_111_111, why="w" * 60,
    ) == "posted"  # fmt: skip
    assert decide(v, Leave(**about(v, 7, asked_by=1), why="absconds")) == "posted"
    assert decide(v, WriteOff(**about(v, 12, asked_by=1), loan_no=1)) == "posted"
    new = terms_with(v, **{"charge_rate_bp": 1666, "shares_max": 10, "quorum_percent": 51, "late_loan": "doubling", "exit_rule": "current_value",
                           "fines": {"late": 999_999, "absent": 888_888, "phone_rang": 777_777}, "guarantors": 2, "pledge": True, "outside_loan": True,
                           "social_fund_loans": True, "social_fund_every": "month", "loan_max_term_days": 365, "death_shortfall": "forgive",
                           "share_out_rounding": "largest_remainder", "late_joining": "catch_up", "confirmation": "treasurer_and_officer"})  # fmt: skip
    assert decide(v, ChangeRules(**about(v, 0, asked_by=0), from_on=today(v) + timedelta(days=1), terms=new)) == "posted"
    cash = v.rows("select balance from account where group_id = %s and account = 1000000")[0].balance
    assert decide(v, ShareOut(**about(v, 0, asked_by=2), counted=cash - 3, expenses=1_234_567, carried=2_345_678, why="miscounted")) == "posted"
    terms = terms_with(v, share_price=3_000_000, charge_rate_bp=1666)
    wish = StartCycle(
        **about(v, 0, asked_by=2), number=2, starts_on=today(v), ends_on=today(v) + timedelta(days=300), terms=terms, starting=((12, 20),)
    )
    assert decide(v, wish) == "posted"
    told = v.rows("select member, purpose, parts, encoding, text from outbox where group_id = %s")
    assert {row.purpose for row in told} >= {"receipt", "closing", "read_aloud", "agent_short", "left", "given_up", "rules", "share_out", "cycle"}
    parts = {"GSM-7": 1, "UCS-2": 2 if is_marked(writing) else 0}
    assert [(row.member, row.text) for row in told if row.parts > parts[row.encoding]] == []
    assert is_marked(writing) is any(row.encoding == "UCS-2" for row in told)
    v.verify()
