"""Group files: every mistake is named with its line; the same content is the same group however it is written."""

from __future__ import annotations

import re
import secrets
from datetime import date

import pytest
from group_files import DEMO, GOOD, KES, TODAY, mistakes, replaced

from gateway import groupfile
from gateway.groupfile import read
from ledger.books import Book
from ledger.groups import GroupExists


def test_the_example_of_the_documentation():
    file = read(GOOD, TODAY)
    new = file.new
    assert (new.code, new.name, new.currency) == ("DK09", "Doan Ket", "VND")
    assert (new.constitution.share_price, new.constitution.shares_min, new.constitution.shares_max) == (20_000, 1, 5)
    assert (new.constitution.charge_method, new.constitution.charge_rate_bp, new.constitution.charge_period) == ("declining", 100, "month")
    assert new.constitution.fines == {"late": 5_000, "absent": 10_000}
    assert file.phones == {1: "+84912000001", 2: "+84912000002", 3: "+84912000003", 12: "+84912000012"}
    assert new.members[2].roles == ("treasurer",)
    assert (new.loans[0].original, new.loans[0].principal, new.loans[0].charge_due) == (1_500_000, 1_500_000, 15_000)
    assert (new.opened_on, new.shares[0].units) == (None, 10)
    assert file.warnings == ("4 members; groups of 10 to 25 work best",)


MISTAKES = [
    ("share_price: 20000", "share_price: 12.50", "line 3: constitution.share_price: a whole amount of VND, such as 20000"),
    ("share_price: 20000", "share_price: 20_000", "line 3: constitution.share_price: a whole amount of VND, such as 20000"),
    ("share_price: 20000", "share_price: 0x10", "line 3: constitution.share_price: a whole amount of VND, such as 20000"),
    ("share_price: 20000", "share_price: 0", "line 3: constitution.share_price: an amount above 0"),
    ("share_price: 20000", "share_price: 999999999999", "line 3: constitution.share_price: an amount of at most 99999999999 VND"),
    ("share_price: 20000", "share_price: ٢٠٠٠٠", "line 3: constitution.share_price: a whole amount of VND, such as 20000"),
    ("share_price: 20000", "share_price: [20000]", "line 3: constitution.share_price: a whole amount of VND, such as 20000"),
    ("share_price: 20000", "share_price:", "line 3: constitution.share_price: a value; this key is missing"),
    ("  share_price: 20000\n", "", "line 2: constitution.share_price: a value; this key is missing"),
    ("share_price: 20000", "share_prize: 20000", "line 3: constitution.share_prize: only the keys share_price, shares_per_meeting"),
    ("[1, 5]", "[5, 1]", "line 4: constitution.shares_per_meeting: the least and the most shares, up to 1000, such as [1, 5]"),
    ("[1, 5]", "[1, 1001]", "line 4: constitution.shares_per_meeting: the least and the most shares"),
    ("[1, 5]", "[1]", "line 4: constitution.shares_per_meeting: the least and the most shares"),
    ("[1, 5]", "5", "line 4: constitution.shares_per_meeting: the least and the most shares"),
    ("contribution: 5000", "contribution: -5000", "line 5: constitution.social_fund_contribution: a whole amount of VND"),
    ("method: declining", "method: compound", "line 6: constitution.service_charge.method: one of flat, declining, rolled or none"),
    ("rate_bp: 100", "rate_bp: 10001", "line 6: constitution.service_charge.rate_bp: a whole number from 0 to 10000"),
    ("rate_bp: 100", "rate_bp: 1.5", "line 6: constitution.service_charge.rate_bp: a whole number from 0 to 10000"),
    (", rate_bp: 100", "", "line 6: constitution.service_charge: rate_bp (basis points) and period with the method declining"),
    (", period: month", "", "line 6: constitution.service_charge: rate_bp (basis points) and period with the method declining"),
    ("period: month", "period: week", "line 6: constitution.service_charge.period: one of month or four_weeks"),
    ("declining, rate_bp: 100", "none, rate_bp: 100", "line 6: constitution.service_charge: no rate_bp with the method none"),
    ("multiple: 3", "multiple: 21", "line 7: constitution.loan.multiple: a whole number from 0 to 20"),
    ("max_term_days: 180", "max_term_days: 3651", "line 7: constitution.loan.max_term_days: a whole number from 1 to 3650"),
    ("one_at_a_time: true", "one_at_a_time: yes", "line 7: constitution.loan.one_at_a_time: true or false"),
    ("{multiple: 3, max_term_days: 180, one_at_a_time: true}", "3", "line 7: constitution.loan: keys with values"),
    ("late: 5000", "late: 0", "line 8: constitution.fines.late: an amount above 0"),
    ("late: 5000", "Too late: 5000", "line 8: constitution.fines.Too late: a name of a fine in small letters"),
    ("fines_to: loan_fund", "fines_to: chair", "line 9: constitution.fines_to: one of loan_fund or social_fund"),
    ("confirmation: treasurer", "confirmation: nobody", "line 10: constitution.confirmation: one of treasurer or treasurer_and_officer"),
    ("method: standard", "method: equal", "line 11: constitution.share_out.method: one of standard"),
    ("cash_unit: 1000", "cash_unit: 0", "line 11: constitution.share_out.cash_unit: an amount above 0"),
    ("number: 1, start", "number: 0, start", "line 12: cycle.number: a whole number from 1 to 999"),
    ("end: 2026-12-24", "end: 2026-01-07", "line 12: cycle: an end after the start, 2026-01-07"),
    ("end: 2026-12-24", "end: 24.12.2026", "line 12: cycle.end: a date such as 2026-01-07"),
    ("end: 2026-12-24", "end: 2026-02-30", "line 12: cycle.end: a date such as 2026-01-07"),
    ("end: 2026-12-24", "end: 20261224", "line 12: cycle.end: a date such as 2026-01-07"),
    ("code: DK09", "code: dk09", "line 1: group.code: 2 to 12 capital letters and digits, such as DK09"),
    ("code: DK09", "code: D", "line 1: group.code: 2 to 12 capital letters and digits, such as DK09"),
    ("name: Doan Ket", f"name: {'x' * 41}", "line 1: group.name: a name of 1 to 40 printable characters"),
    ("name: Doan Ket", 'name: "Doan\\nKet"', "line 1: group.name: a name of 1 to 40 printable characters"),
    ("name: Doan Ket", 'name: "Doan\\u202eKet"', "line 1: group.name: a name of 1 to 40 printable characters"),
    ("name: Doan Ket", 'name: " "', "line 1: group.name: a name of 1 to 40 printable characters"),
    ("country: VN", "country: NO", "line 1: group.country: a country: BF, BI,"),
    ("currency: VND", "currency: EUR", "line 1: group.currency: a currency: BIF, CDF,"),
    ("currency: VND", "currency: UGX", "line 1: group: the currency of VN, which is VND, not UGX"),
    ("Asia/Ho_Chi_Minh", "Asia/Hanoi", "line 1: group.timezone: a time zone such as Asia/Ho_Chi_Minh"),
    ("Asia/Ho_Chi_Minh", "../../etc/passwd", "line 1: group.timezone: a time zone such as Asia/Ho_Chi_Minh"),
    ("language: vi", "language: de", "line 1: group.language: a language: en, vi, sw, fr"),
    ("number: 12, name", "number: 0, name", "line 17: members[4].number: a whole number from 1 to 9999"),
    ("number: 12, name", "number: 10000, name", "line 17: members[4].number: a whole number from 1 to 9999"),
    ("number: 2, name", "number: 1, name", "line 15: members[2].number: a member number of her own; 1 is taken above"),
    ("name: Hoa", f"name: {'H' * 31}", "line 17: members[4].name: a name of 1 to 30 printable characters"),
    ("+84912000012", "+8491", "line 17: members[4].phone: a phone number that exists, with its country code"),
    ("+84912000012", "MTN", "line 17: members[4].phone: a phone number that exists, with its country code"),
    ('phone: "+84912000012"', "helper: 0", "line 17: members[4].helper: a whole number from 1 to 9999"),
    ('phone: "+84912000012"', "helper: 6", "line 17: members[4].helper: a member of this file; there is no 6"),
    ('phone: "+84912000012"', "helper: 12", "line 17: members[4].helper: another member: nobody is her own helper"),
    ('phone: "+84912000003", roles', "helper: 1, roles", None),
    ('12, name: Hoa, phone: "+84912000012"}', "12, name: Hoa, helper: 7}\n  - {number: 7, name: Nga}", "line 17: members[4].helper: a member with a phone; 7"),
    ('phone: "+84912000012"', 'phone: "+84912000012", helper: 1', "line 17: members[4].helper: nobody, for member 12 has a phone of her own"),
    ("roles: [chair]", "roles: [boss]", "line 14: members[1].roles[1]: one of chair, record_keeper, treasurer, money_counter or key_holder"),
    ("roles: [chair]", "roles: chair", "line 14: members[1].roles: a list, such as [first, second]"),
    ("roles: [chair]", "roles: [chair, chair]", "line 14: members[1].roles: each role once"),
    ("roles: [treasurer]", "roles: [key_holder]", "line 13: members: a member with the role treasurer"),
    ("confirmation: treasurer", "confirmation: treasurer_and_officer\n  #", None),
    ("shares: [{member: 12", "shares: [{member: 13", "line 21: opening.shares[1].member: a member of this file; there is no 13"),
    ("units: 10}", "units: 10}, {member: 12, units: 1}", "line 21: opening.shares[2].member: one line of shares a member; 12 is taken above"),
    ("units: 10}", "units: 0}", "line 21: opening.shares[1].units: a whole number from 1 to 1000000"),
    ("loans: [{member: 12", "loans: [{member: 13", "line 22: opening.loans[1].member: a member of this file; there is no 13"),
    ("principal: 1500000", "principal: 0", "line 22: opening.loans[1].principal: an amount above 0"),
    ("principal: 1500000", "principal: 1500000, original: 1499999", "line 22: opening.loans[1]: an original amount that is at least the principal"),
    ("due: 2026-09-24", "due: 2026-03-23", "line 22: opening.loans[1]: a due date not before 2026-03-24"),
    ("issued: 2026-03-24, due: 2026-09-24", "issued: 2026-11-22, due: 2026-12-01", "line 22: opening.loans[1].issued: a day not after 2026-11-21"),
    ("  loan_fund_cash: 0", "  as_of: 2026-03-20\n  loan_fund_cash: 0", "line 23: opening.loans[1].issued: a day not after 2026-03-20"),
    ("  loan_fund_cash: 0", "  as_of: 2026-11-22\n  loan_fund_cash: 0", "line 19: opening.as_of: a day not after today, 2026-11-21"),
    ("members:\n", "members: []\nmembers_before:\n", "line 13: members: at least one"),
    ("opening:\n", "opening: nothing\nx:\n", "line 18: opening: keys with values"),
    ("share_price: 20000", "share_price: 20000\n  share_price: 20000", "line 4: the file: each key once (share_price is there twice)"),
    ("share_price: 20000", "share_price: &price 20000", "line 3: the file: the value itself, without & or *"),
    ("share_price: 20000", "share_price: *price", "line 3: the file: the value itself, without & or *"),
    ("share_price: 20000", "share_price: !!int 20000", "line 3: the file: the value itself, without a ! tag"),
    ("share_price: 20000", "\tshare_price: 20000", "line 3: the file: keys and values in YAML (spaces, not tabs)"),
    ("share_price: 20000", "share_price: {a: {a: {a: {a: {a: {a: 1}}}}}}", "line 3: the file: at most 6 levels"),
    ("share_price: 20000", "? [a]\n  : 1", "line 3: the file: a plain word as the key"),
    ("opening:\n", "---\nopening:\n", "line 18: the file: one group per file"),
    ("opening:\n", "opening: \x07\n", "line 18: the file: only characters that can be printed"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "said"), MISTAKES, ids=[f"{i}-{new[:30]}" for i, (_, new, _) in enumerate(MISTAKES)])
def test_a_mistake_is_named_with_its_line(old, new, said):
    if said is None:  # this one is right: three officers are enough for two words, one of them may have a helper
        assert read(replaced(old, new), TODAY) != read(GOOD, TODAY)
        return
    assert any(line.startswith(said) for line in mistakes(replaced(old, new))), mistakes(replaced(old, new))


@pytest.mark.parametrize("text", ["", "- 1", "just text", "[" * 100_000, "a: 'b", "%YAML 9\n"])
def test_what_is_no_group_file_at_all(text):
    assert re.match(r"line 1: |line \d+: the file: keys and values in YAML", mistakes(text)[0])


def test_all_mistakes_at_once_in_the_order_of_the_file():
    text = GOOD.replace("share_price: 20000", "share_price: 1.5").replace("Asia/Ho_Chi_Minh", "X").replace("+84912000012", "12")
    assert [line.split(": ")[:2] for line in mistakes(text)] == [
        ["line 1", "group.timezone"],
        ["line 3", "constitution.share_price"],
        ["line 17", "members[4].phone"],
    ]


def test_nobody_to_confirm():
    alone = replaced(", roles: [chair]", "", replaced(", roles: [record_keeper]", ""))
    assert mistakes(alone) == [
        "line 13: members: 2 officers (treasurer and chair, record_keeper, money_counter): nobody could confirm what the treasurer pays herself"
    ]
    two = replaced(", roles: [chair]", "", replaced("confirmation: treasurer", "confirmation: treasurer_and_officer"))
    assert "3 officers" in mistakes(two)[0]


def test_limits_of_size():
    assert "at most 1,000,000 bytes" in mistakes(GOOD + "#" * 1_000_000)[0]
    members = "".join(f"  - {{number: {n}, name: M}}\n" for n in range(100, 597))
    assert mistakes(replaced("opening:\n", members + "opening:\n")) == ["line 13: members: at most 500 of them"]
    assert "shares at this price" in mistakes(replaced("price: 20000", "price: 99999999999"))[0]


def test_cents():
    file = read(replaced("20000", "12.50", KES), TODAY)
    assert file.new.constitution.share_price == 1250
    assert file.new.constitution.cash_unit == 100_000
    assert mistakes(replaced("20000", "12.505", KES)) == ["line 3: constitution.share_price: an amount of KES, such as 12.50"]
    assert mistakes(replaced("20000", "1e3", KES)) == ["line 3: constitution.share_price: an amount of KES, such as 12.50"]


def test_national_numbers_and_shared_phones():
    file = read(GOOD.replace('"+84912000012"', "0912 000 001"), TODAY)
    assert file.phones[12] == file.phones[1] == "+84912000001"


WRITTEN_OTHERWISE = {
    "comments": GOOD.replace("cycle:", "# a remark\n\ncycle:"),
    "quotes": GOOD.replace("share_price: 20000", "share_price: '20000'").replace("Doan Ket", '"Doan Ket"').replace('"+84912000001"', "+84912000001"),
    "order of keys": GOOD.replace("fines: {late: 5000, absent: 10000}", "fines: {absent: 10000, late: 5000}"),
    "order of parts": "opening:" + GOOD.split("opening:")[1] + GOOD.split("opening:")[0],
    "order of members": GOOD.replace("members:\n", "members:\n  - {number: 12, name: Hoa, phone: \"+84912000012\"}\n").replace(
        '  - {number: 12, name: Hoa, phone: "+84912000012"}\nopening', "opening"),
    "blocks": GOOD.replace("{number: 1, start: 2026-01-07, end: 2026-12-24}", "\n  number: 1\n  start: 2026-01-07\n  end: 2026-12-24"),
    "defaults spelled out": GOOD.replace("principal: 1500000", "principal: 1500000, original: 1500000").replace("Hoa,", "Hoa, language: vi, roles: [],"),
    "defaults left out": GOOD.replace("  shares_per_meeting: [1, 5]\n", "").replace("  fines_to: loan_fund\n  confirmation: treasurer\n", "").replace(
        "  loan_fund_cash: 0\n  social_fund_cash: 0\n", "").replace(", one_at_a_time: true", ""),
    "windows": GOOD.replace("\n", "\r\n"),
    "byte order mark": "\ufeff" + GOOD,
    "decomposed letters": GOOD,
}  # fmt: skip


@pytest.mark.parametrize("way", WRITTEN_OTHERWISE)
def test_the_same_content_is_the_same_file(way):
    again = read(WRITTEN_OTHERWISE[way], TODAY)
    assert again.file_hash == read(GOOD, TODAY).file_hash
    assert again.new == read(GOOD, TODAY).new


def test_names_in_two_spellings_are_one():
    assert read(replaced("Doan", "Đoa\u0300n"), TODAY).file_hash == read(replaced("Doan", "Đo\u00e0n"), TODAY).file_hash


@pytest.mark.parametrize(
    ("old", "new"),
    [("20000", "20001"), ("Hoa", "Hoà"), ("+84912000012", "+84912000013"), ("[chair]", "[money_counter]"), ("late: 5000", "late: 5001"),
     ("one_at_a_time: true", "one_at_a_time: false"), ("units: 10", "units: 11"), ("due: 2026-09-24", "due: 2026-09-25"),
     ("  loan_fund_cash: 0", "  as_of: 2026-11-01")],
)  # fmt: skip
def test_other_content_is_another_file(old, new):
    assert read(replaced(old, new), TODAY).file_hash != read(GOOD, TODAY).file_hash


def test_the_hash_of_a_known_file_stays():
    """Groups that were loaded long ago must be recognised by every later release."""
    assert read(GOOD, TODAY).file_hash.hex() == "567ae8fea1557611090ec9c723ce2a561b33da73d751d78b38a7dd666e2125e3"


def test_defaults():
    bare = "group:" + GOOD.split("group:")[1].split("constitution:")[0]
    bare += "constitution: {share_price: 20000, service_charge: {method: none}}\n"
    bare += GOOD[GOOD.index("cycle:") : GOOD.index("opening:")].replace(', phone: "+84912000012"', "")
    file = read(bare, TODAY)
    c = file.new.constitution
    assert (c.shares_min, c.shares_max, c.social_fund_contribution, c.fines, c.fines_to, c.confirmation) == (1, 5, 0, {}, "loan_fund", "treasurer")
    assert (c.charge_method, c.charge_rate_bp, c.charge_period) == ("none", 0, "month")
    assert (c.loan_multiple, c.loan_max_term_days, c.one_loan_at_a_time, c.share_out_method, c.cash_unit) == (3, 84, True, "standard", 1)
    assert file.phones[12] is None
    assert {m.language for m in file.new.members} == {"vi"}


@pytest.mark.parametrize(
    ("rate", "period", "warned"),
    [(160, "month", False), (166, "month", False), (167, "month", True), (170, "month", True), (150, "four_weeks", False), (160, "four_weeks", True)],
)
def test_the_ceiling_of_viet_nam(rate, period, warned):
    text = replaced("rate_bp: 100, period: month", f"rate_bp: {rate}, period: {period}")
    assert any("20 %" in warning for warning in read(text, TODAY).warnings) is warned
    in_kenya = replaced("rate_bp: 100, period: month", f"rate_bp: {rate}, period: {period}", KES)
    assert not any("20 %" in warning for warning in read(in_kenya, TODAY).warnings)


def test_other_warnings():
    text = replaced(
        "[1, 5]",
        "[1, 6]",
        replaced("due: 2026-09-24}", "due: 2026-09-24}, {member: 12, principal: 1, charge_due: 0, issued: 2026-04-01, due: 2026-05-01}"),
    )
    warnings = " / ".join(read(text, TODAY).warnings)
    assert "up to 6 shares" in warnings
    assert "member 12 brings several loans" in warnings


def test_the_demo_group():
    file = read(DEMO.read_text("utf-8"))
    assert (file.new.code, file.new.currency, len(file.new.members), file.warnings) == ("DEMO", "KES", 12, ())
    assert {m.language for m in file.new.members} == {"en", "sw", "fr", "vi"}


def fresh(text: str = GOOD) -> str:
    return text.replace("DK09", "G" + secrets.token_hex(5).upper())


def test_loading_twice_changes_nothing(db):
    text = fresh()
    with db.transaction() as conn:
        group_id, created = groupfile.load(conn, read(text))
    assert created
    query = """select (select count(*) from member_phone where group_id = g.group_id) as phones, (select count(*) from savings_group) as groups,
      (select count(*) from entry where group_id = g.group_id) as entries, h.xmin::text as version
      from savings_group g join book_head h using (group_id) where g.group_id = %s"""
    with db.transaction() as conn:
        before = conn.execute(query, (group_id,)).fetchone()
        assert groupfile.load(conn, read("# again\n" + text)) == (group_id, False)
        assert conn.execute(query, (group_id,)).fetchone() == before
    assert (before.phones, before.entries) == (4, 1)


def test_another_file_with_the_same_code_is_refused(db):
    text = fresh()
    with db.transaction() as conn:
        groupfile.load(conn, read(text))
    with pytest.raises(GroupExists), db.transaction() as conn:
        groupfile.load(conn, read(text.replace("Hoa", "Hai")))


def test_the_opening_is_in_the_book(db):
    text = replaced("20000", "12.50", fresh(KES)).replace("social_fund_cash: 0", "social_fund_cash: 99.05\n  as_of: 2026-11-20")
    with db.transaction() as conn:
        group_id, _ = groupfile.load(conn, read(text))
        book = Book(conn, group_id)
        assert book.shares(12) == (10, 125_00)
        assert book.balance(6000000) == 99_05
        assert [(n.terms.opened_on, n.terms.principal) for n in book.all_loans(12)] == [(date(2026, 11, 20), 1_500_000_00)]
