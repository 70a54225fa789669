"""Texts that are read back and wait for an OK: what may happen in between, from whatever side, and that it is never another thing that is done."""

from __future__ import annotations

import re
import threading

import pytest
from afternoon import agent
from test_compact_texts import texts
from test_fast_meeting import KEEPER, noted, opened
from test_requests_by_text import HOA, THU, older, say

from gateway.directory import books_of
from menus.replies import understand
from workers import jobs
from workers.office import office
from workers.whose import addressed


def wrong_codes(v, member):
    return v.rows("select count(*) as n from wrong_code where %s > 0 and phone = %s", v.phones[member])[0].n


def at_once(workers):
    """Each answers texts until none is left."""

    def work():
        jobs.answer_texts()
        office().db.close()

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    jobs.answer_texts()


# ---------------------------------------------------------------- which group


def test_who_keeps_two_groups_says_which_meeting_she_means(village, owner):
    here, there = village(), village()
    owner.execute("update member_phone set phone = %s where group_id = %s and member = %s", (here.phones[KEEPER], there.group_id, KEEPER))
    assert "Open: Loan meeting?" not in texts(here, "M OL 5000000 100000")
    assert "Open: Loan meeting?" not in texts(here, "XX99 M OL 5000000 100000")
    for v in (here, there):
        before = len(v.texts(KEEPER))
        here.text(KEEPER, f"{v.code.lower()} m ol 5000000 100000")
        here.work()
        assert v.texts(KEEPER)[before:][0].startswith("Open: Loan meeting?")
        here.text(KEEPER, f"OK {v.code_of(KEEPER)}")
        here.work()
        assert noted(v) == []
    here.text(KEEPER, f"{there.code}: M F7 5000")
    here.work()
    here.text(KEEPER, f"{there.code} OK {there.code_of(KEEPER)}")
    here.work()
    assert (noted(here), len(noted(there))) == ([], 1)
    here.text(KEEPER, f"{here.code} M X9")
    here.work()
    assert here.texts(KEEPER)[-1].startswith("Not understood: X9.")


def test_a_code_in_front_of_what_is_not_understood_chooses_nothing(village):
    v = village()
    with v.db.transaction() as conn:
        books = books_of(conn, v.phones[HOA])
        assert addressed(conn, books, f"{v.code} good morning") == (books, f"{v.code} good morning")


def test_a_group_whose_code_is_half_a_word_leaves_the_word_whole(village):
    """`TRA NO 5000` repays; it is no NO to receipt 5000 in the group TRA."""
    v = village(group={"code": "TRA"})
    assert say(v, HOA, "TRA NO 5000") == "wanted"
    assert "Repay 5.000d" in v.texts(HOA)[-1]
    assert say(v, HOA, "TRA TRA NO 5000") == "wanted"
    assert say(v, HOA, "TRA SO DU") == "asked_balance"


@pytest.mark.parametrize("code", ["DN09", "D1046", "X12T"])
def test_a_group_code_that_looks_like_half_a_check_code_is_a_group_code(village, code):
    v = village(group={"code": code})
    with v.db.transaction() as conn:
        books = books_of(conn, v.phones[HOA])
        for words in ("LOAN", "HISA", "NO 1", "M L4", "OK 48213", "LANG vi"):
            assert addressed(conn, books, f"{code} {words}") == (books, words)


def test_an_agent_who_keeps_the_book_keeps_meetings_by_text(village, owner):
    v = village()
    agent(v, owner)
    owner.execute("update agent set phone = %s where group_id = %s", (v.phones[KEEPER], v.group_id))
    assert texts(v, "M OL 5000000 100000").startswith("Open: Loan meeting?")


# ---------------------------------------------------------------- what she saw


def test_an_ok_notes_what_was_read_back_and_nothing_else(village, db):
    """Hoa pays by phone while the record-keeper looks at her own text: one member fewer has to pay."""
    v = village()
    texts(v, "M OL 5000000 100000")
    texts(v, f"OK {v.code_of(KEEPER)}")
    assert texts(v, "M SF").startswith("Social fund 5 = 25.000d.")
    code = v.code_of(KEEPER)
    say(v, HOA, "SOCIAL 5000")
    say(v, HOA, f"OK {v.code_of(HOA)}")
    assert say(v, THU, f"OK {v.code_of(THU)}") == "posted"
    assert texts(v, f"OK {code}").startswith("Something else was noted since.")
    assert noted(v) == []
    assert texts(v, "M SF").startswith("Social fund 4 = 20.000d.")
    assert texts(v, f"OK {v.code_of(KEEPER)}").startswith("Noted: 4.")


# ---------------------------------------------------------------- too late


def test_an_ok_to_a_text_of_the_meeting_that_comes_too_late_is_no_guess(village, db, owner):
    v = opened(village, db)
    codes = []
    for words in ("M F7 1000", "M F8 1000", "M F9 1000"):
        texts(v, words)
        codes.append(v.code_of(KEEPER))
    older(owner, v, KEEPER, 3)
    for code in codes:
        assert texts(v, f"OK {code}") == "That code no longer counts. Nothing was noted. Send your text again."
    assert wrong_codes(v, KEEPER) == 0
    assert noted(v) == []
    older(owner, v, KEEPER, 72)
    assert texts(v, f"OK {codes[0]}").startswith("That code is not known")
    assert wrong_codes(v, KEEPER) == 1


def test_an_ok_that_came_in_time_notes_however_late_it_is_read(village, db, owner):
    v = opened(village, db)
    texts(v, "M F7 1000")
    v.text(KEEPER, f"OK {v.code_of(KEEPER)}")
    older(owner, v, KEEPER, 5)
    v.work()
    assert len(noted(v)) == 1


def test_a_text_that_lay_for_hours_waits_for_its_ok_from_when_it_was_read_back(village, db, owner):
    v = opened(village, db)
    v.text(KEEPER, "M F7 1000")
    older(owner, v, KEEPER, 5)
    v.work()
    assert texts(v, f"OK {v.code_of(KEEPER)}").startswith("Noted: 1.")
    v.text(5, "SOCIAL 5000")
    older(owner, v, 5, 5)
    v.work()
    assert say(v, 5, f"OK {v.code_of(5)}") == "wanted sent"


def test_a_no_after_the_ok_is_told_that_it_was_done(village, db):
    v = opened(village, db)
    texts(v, "M F7 1000")
    code = v.code_of(KEEPER)
    texts(v, f"OK {code}")
    assert texts(v, f"NO {code}") == "Too late: that was done before. M ? shows what was noted."
    assert len(noted(v)) == 1


def test_an_ok_after_the_no_is_told_that_it_counts_no_longer(village, db):
    v = opened(village, db)
    texts(v, "M F7 1000")
    code = v.code_of(KEEPER)
    texts(v, f"NO {code}")
    assert texts(v, f"OK {code}").startswith("That code no longer counts.")
    assert noted(v) == []


def test_an_ok_that_the_meeting_refuses_is_not_answered_for_ever(village, db):
    v = opened(village, db)
    texts(v, "M F7 1000")
    code = v.code_of(KEEPER)
    texts(v, "M F8 1000")
    texts(v, f"OK {v.code_of(KEEPER)}")
    before = len(v.texts(KEEPER))
    for _ in range(60):
        v.text(KEEPER, f"OK {code}")
        v.work()
    assert len(v.texts(KEEPER)) - before == 48, "fifty an hour, and two that were read back"
    assert len(noted(v)) == 1


def test_two_workers_with_the_same_ok_note_it_once(village, db):
    v = opened(village, db)
    texts(v, "M F7 1000 B8 2")
    for _ in range(4):
        v.text(KEEPER, f"OK {v.code_of(KEEPER)}")
    at_once(4)
    assert len(noted(v)) == 2
    assert sum(text.startswith("Noted: 2.") for text in v.texts(KEEPER)) == 1


def test_two_workers_with_two_texts_that_overtake_each_other_note_one(village, db):
    v = opened(village, db)
    for words in ("M F7 1000", "M F8 1000"):
        texts(v, words)
    for text in v.texts(KEEPER)[-2:]:
        v.text(KEEPER, re.findall("OK [2-9]{5}", text)[0])
    at_once(2)
    assert len(noted(v)) == 1


def test_one_ok_to_several_that_are_nobodys_any_more_is_answered(village, owner):
    """Her phone is Nga's, too, by now: neither of the two is hers to answer."""
    v = village()
    codes = []
    for words in ("BUY 1", "SOCIAL 5000"):
        say(v, HOA, words)
        codes.append(v.code_of(HOA))
    owner.execute("update member_phone set phone = %s where group_id = %s and member = 7", (v.phones[HOA], v.group_id))
    assert say(v, HOA, f"OK {codes[0]} {codes[1]}") == "help"
    assert v.outcomes() == []


# ---------------------------------------------------------------- codes


def test_who_reads_her_codes_may_mistype_one_now_and_then(village, db):
    """A right answer shows that she reads the texts of this phone; what she mistyped before it is forgotten."""
    v = opened(village, db)
    for member in range(5, 10):
        texts(v, "OK 22222")
        texts(v, f"M F{member} 1000")
        assert texts(v, f"OK {v.code_of(KEEPER)}").startswith("Noted: 1.")
    for _ in range(3):
        texts(v, "OK 22222")
    texts(v, "M F11 1000")
    assert texts(v, f"OK {v.code_of(KEEPER)}") == ""
    assert len(noted(v)) == 5


def test_a_request_gets_no_code_that_was_read_back_to_its_officer(village, monkeypatch):
    """Her OK to her own would be her OK to somebody else's."""
    import ledger.requests as drawing

    v = village()
    say(v, THU, "BUY 1")
    own = v.code_of(THU)
    digits = iter(own + "22233")
    monkeypatch.setattr(drawing.secrets, "choice", lambda _: next(digits))
    v.dial(HOA, "2", "1", "1")
    v.work()
    assert v.rows("select code from approver where group_id = %s")[0].code == "22233"


@pytest.mark.parametrize("words", ["Fine OK 48213", "Fine, ok 48213", "Social no 48213", "Fine at 5", "Buy me 3", "Call me at 5"])
def test_a_friendly_sentence_asks_for_nothing(words):
    assert understand(words).meaning == "other"
