"""The main job, through every folder: dial, ask, confirm by text, post, receipt, dial again."""

from __future__ import annotations


def test_a_repayment_from_phone_to_book_and_back(village):
    v = village()
    assert "Loan 1.500.000d + charge 15.000d" in v.dial(12, "1")

    assert v.dial(12, "4", "520000").startswith("CON Repay 520.000d?\nCharge 15.000d, loan 505.000d\n1. Yes\n2. No")
    assert v.dial(12, "4", "520000", "1").startswith("END ")
    assert v.outcomes() == ["waiting"], "the request is in PostgreSQL before she is answered"
    assert v.entries() == 1, "nothing is posted before it is confirmed"
    assert v.texts(3) == [f"Doan Ket: No.12 Hoa repays 520.000d. Reply OK {v.code_of(3)} or NO {v.code_of(3)}"]

    v.text(3, f" ok  {v.code_of(3)}. ")
    v.work()

    assert v.outcomes() == ["posted"]
    assert v.debt(12) == (995_000, 0)
    [receipt] = v.texts(12)
    assert "repaid 520.000d (charge 15.000d, loan 505.000d). Owed 995.000d." in receipt
    assert "Loan 995.000d + charge 0d" in v.dial(12, "1")
    v.verify()


def test_no_refuses_and_the_member_is_told(village):
    v = village()
    v.dial(12, "2", "3", "1")
    v.text(3, f"NO {v.code_of(3)}")
    v.work()
    assert v.outcomes() == ["refused"]
    assert v.entries() == 1
    assert v.texts(12) == ["Not recorded: No.3 said no. No.12 Hoa buys shares: 3 = 60.000d."]


def test_the_treasurers_own_money_goes_to_another_officer(village):
    v = village()
    assert v.dial(3, "2", "2", "1") == "END Sent to the chair. You will get an SMS."
    assert not v.texts(3)
    v.text(1, f"co {v.code_of(1)}")
    v.work()
    assert v.shares(3) == (2, 40_000)


def test_two_officers_in_any_order(village):
    v = village(constitution={"confirmation": "treasurer_and_officer"})
    assert v.dial(7, "3", "5000", "1") == "END Sent to the treasurer and the chair. You will get an SMS."
    v.text(1, f"oui {v.code_of(1)}")
    v.work()
    assert v.outcomes() == ["waiting"]
    v.text(3, f"NDIYO {v.code_of(3)}")
    v.work()
    assert v.outcomes() == ["posted"]
    v.verify()
