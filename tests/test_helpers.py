"""A member without a phone names a helper: whoever reads her texts to her. Said in the group's file, by the operator, or by two officers."""

from __future__ import annotations

import psycopg
import pytest
from people import Call, Village, new_group_file

from gateway import groupfile
from ledger.books import Book
from menus.gsm7 import units
from menus.texts import LANGUAGES

NAMES = ("9", "9", "7", "3")


@pytest.fixture
def hoa(village, owner) -> Village:
    """A village whose member 12 has no phone."""
    v = village()
    owner.execute("delete from member_phone where group_id = %s and member = 12", (v.group_id,))
    return v


def helper_of(v: Village, member: int) -> int:
    [row] = v.rows("select helper from member where group_id = %s and number = %s", member)
    return row.helper


def agree(v: Village, officer: int) -> None:
    v.text(officer, f"OK {v.code_of(officer)}")
    v.work()


def test_two_officers_name_her_helper_and_the_helper_is_told(hoa):
    v = hoa
    call = Call(v, 2)
    for key in NAMES:
        call.press(key)
    assert call.page.startswith("CON Who has no phone and names a helper")
    assert call.press("12").startswith("CON No.12 Hoa: who gets her SMS? Type that member's number. (000: nobody)")
    assert call.press("7").startswith("CON SMS of No.12 Hoa go to: No.7 Nga? Another officer must agree.")
    assert call.press("1") == "END Sent to the treasurer. You will get an SMS."
    assert call.again() == call.page
    assert v.texts(3)[-1].startswith("Doan Ket: No.12 Hoa gets her SMS through No.7 Nga. Reply OK ")
    assert helper_of(v, 12) == 0, "one officer is not enough"
    agree(v, 3)
    assert (v.outcomes(), helper_of(v, 12)) == (["done"], 7)
    assert v.texts(7) == [
        "Doan Ket: No.12 Hoa has no phone and named you: her SMS come to you. Please read them to her. Not agreed? Tell your group."
    ]
    assert v.texts(2)[-1] == "Doan Ket: done. No.12 Hoa gets her SMS through No.7 Nga."
    v.verify()


def test_another_helper_or_none(hoa):
    v = hoa
    for helper in ("7", "1", "000"):
        v.dial(2, *NAMES, "12", helper, "1")
        agree(v, 3)
    assert (v.outcomes(), helper_of(v, 12)) == (["done"] * 3, 0)
    assert v.texts(7)[-1] == v.texts(1)[-1] == "Doan Ket: the SMS of No.12 Hoa no longer come to you."
    assert v.texts(3)[-2].startswith("Doan Ket: No.12 Hoa has no helper for SMS now. Reply OK ")


def test_who_cannot_be_her_helper(hoa):
    v = hoa
    assert v.dial(2, *NAMES, "2").startswith("CON You cannot ask this for yourself")
    assert v.dial(2, *NAMES, "7", "3").startswith("CON No.7 has a phone of her own.")
    for helper, why in (
        ("12", "She cannot be her own helper."),
        ("99", "There is no member No.99"),
        ("x", "Please type"),
        ("0000000000", "Please type"),
    ):
        assert v.dial(2, *NAMES, "12", helper).startswith(f"CON {why}"), helper
    assert v.outcomes() == []


def test_a_helper_whose_phone_is_gone_meanwhile_is_not_named(hoa, owner):
    v = hoa
    v.dial(2, *NAMES, "12", "7", "1")
    owner.execute("delete from member_phone where group_id = %s and member = 7", (v.group_id,))
    agree(v, 3)
    assert (v.outcomes(), helper_of(v, 12)) == (["failed"], 0)
    assert v.dial(2, *NAMES, "12", "7").startswith("CON No.7 has no phone either.")


def test_no_is_no(hoa):
    hoa.dial(2, *NAMES, "12", "7", "1")
    hoa.text(3, f"NO {hoa.code_of(3)}")
    hoa.work()
    assert (hoa.outcomes(), helper_of(hoa, 12)) == (["refused"], 0)


def test_the_application_names_no_helper_by_itself(hoa, db):
    hoa.dial(2, *NAMES, "12", "7", "1")
    for forbidden in ("select name_helper(%s, 1)", "update member set helper = 7 where group_id = %s"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), db.transaction() as conn:
            conn.execute(forbidden, (hoa.group_id,))
    agree(hoa, 3)
    with pytest.raises(psycopg.errors.InsufficientPrivilege), db.transaction() as conn:
        conn.execute("select name_helper(%s, 1)", (hoa.group_id,))
    hoa.dial(2, "9", "9", "7", "1", "12", "1")
    hoa.text(3, f"OK {hoa.code_of(3)}")
    with pytest.raises(psycopg.errors.InsufficientPrivilege), db.transaction() as conn:
        conn.execute("select name_helper(%s, 2)", (hoa.group_id,))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_of_it_in_every_language(hoa, owner, language):
    owner.execute("update member set language = %s where group_id = %s", (language, hoa.group_id))
    call = Call(hoa, 2)
    pages = [call.press(key) for key in (*NAMES, "12", "12", "3", "7", "1")]
    assert pages[-1].startswith("END ")
    assert all(units(page[4:])[1] <= 160 for page in pages)
    agree(hoa, 3)
    told = hoa.rows("select parts, encoding from outbox where group_id = %s")
    assert {(row.parts, row.encoding) for row in told} == {(1, "GSM-7")}


# ---------------------------------------------------------------- the operator, the file


def test_a_member_without_a_phone_hears_through_her_helper(village, owner, app):
    v = village()
    owner.execute("delete from member_phone where group_id = %s and member = 12", (v.group_id,))
    runner = app.test_cli_runner()
    assert "She cannot be her own helper" in runner.invoke(args=["member", "helper", v.code, "12", "12"]).output
    assert runner.invoke(args=["member", "helper", v.code, "12", "7"]).output == f"{v.code} 12: texts to member 7 while she has no phone\n"
    call = Call(v, 2)
    for key in ("9", "5", "2", "5000000", "100000", "1", "3", "12", "2", "1", "0", "9", "5040000", "100000", "1"):
        call.press(key)
    v.text(3, f"OK {v.code_of(3)}")
    v.work()
    assert v.outcomes() == ["posted"], call.page
    receipts = v.rows("select phone, text from outbox where group_id = %s and member = 12")
    assert {row.phone for row in receipts} == {v.phones[7]}
    assert any("No.12" in row.text for row in receipts)


def test_the_operator_names_nobody_whom_no_text_reaches(hoa, app):
    runner = app.test_cli_runner()
    for number, helper, why in ((12, 99, "no member"), (7, 3, "has a phone of her own"), (99, 7, "has no member 99")):
        said = runner.invoke(args=["member", "helper", hoa.code, str(number), str(helper)])
        assert (said.exit_code, why in said.output) == (1, True), said.output
    assert runner.invoke(args=["member", "helper", hoa.code, "7", "0"]).output == f"{hoa.code} 7: texts to nobody else\n"


def test_the_file_names_her_helper_and_group_show_says_so(client, db, app):
    code, _, text = new_group_file()
    text = text.replace("name: Hoa\n", "name: Hoa\n  helper: 7\n")
    at = text.index("  helper: 7\n") + len("  helper: 7\n")
    text = text[:at] + text[text.index("  roles", at) :]
    for again in (False, True):
        with db.transaction() as conn:
            group_id, created = groupfile.load(conn, groupfile.read(text))
        assert created is not again
    v = Village(client, db, "", code, group_id, {}, text)
    assert helper_of(v, 12) == 7
    runner = app.test_cli_runner()
    [line] = [line for line in runner.invoke(args=["group", "show", code]).output.splitlines() if " Hoa " in line]
    assert line.split() == ["12", "Hoa", "en", "7"]


def test_a_helper_who_leaves_the_group_gets_nobodys_texts_any_more(hoa, owner):
    """What Hoa saves and owes is no longer hers to read; at the close it is read to Hoa, as to everybody whom no text reaches."""
    hoa.dial(2, *NAMES, "12", "7", "1")
    agree(hoa, 3)
    with hoa.db.transaction() as conn:
        assert 12 in Book(conn, hoa.group_id).reached()
    hoa.dial(1, "9", "8", "7", "1", "1")
    for officer in (3, 2):
        agree(hoa, officer)
    assert hoa.outcomes() == ["done", "posted"]
    with hoa.db.transaction() as conn:
        assert Book(conn, hoa.group_id).reached() == {1, 2, 3, 7}
    hoa.dial(2, *NAMES, "12", "1", "1")
    agree(hoa, 3)
    with hoa.db.transaction() as conn:
        assert Book(conn, hoa.group_id).reached() == {1, 2, 3, 7, 12}
