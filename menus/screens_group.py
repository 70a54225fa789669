"""Screens of what concerns the whole group: check codes, contested entries, corrections, who leaves, the share-out, the next cycle."""

from __future__ import annotations

from ledger.checks import OFFICERS
from menus import facts_disputes as wrong
from menus import facts_ending as ending
from menus import facts_group as facts
from menus import typed, typed_group
from menus.kinds import Ask, Choice, Confirm, End, Fork, Menu, Pick, Screen, Show
from menus.screens_mine import MINE_ROWS

DISPUTES: tuple[Screen, ...] = (
    Ask("check_code", typed_group.check_code, saves="code", then="check_answer"),
    Show("check_answer", facts.check_answer),
    Ask("report_error", typed_group.my_receipt, saves="entry", then="contest", facts=wrong.my_receipts),
    Confirm("contest", wrong.contest, then="contest_sent", facts=wrong.contested_receipt),
    End("contest_sent", wrong.receipt_number),
    Pick("contested", wrong.contested_items, saves="dispute", then="dispute"),
    Menu("dispute", (Choice("1", "explain"), Choice("2", "correct_item")), wrong.about_dispute),
    Ask("explain", typed_group.words, saves="words", then="explain_confirm", facts=wrong.who_contests),
    Confirm("explain_confirm", wrong.explain, then="explained", facts=wrong.answer_typed),
    End("explained"),
    Ask("correct", typed_group.receipt, saves="entry", then="correct_whose"),
    Pick("correct_whose", wrong.whose_items, saves="whose", then="correct_item", facts=wrong.receipt_of, skips_one=True),
    Pick("correct_item", wrong.item_items, saves="item", then="correct_how", facts=wrong.whose_it_is, skips_one=True),
    Menu("correct_how", (Choice("1", "correct_right"), Choice("2", "correct_why")), wrong.wrong_item),
    Ask("correct_right", typed_group.right, saves="right", then="correct_why", facts=wrong.wrong_item),
    Pick("correct_why", wrong.reason_items, saves="why", then="correct_confirm"),
    Confirm("correct_confirm", wrong.correct, then="correct_sent", facts=wrong.correcting_it),
    End("correct_sent", wrong.correct_asked),
)
ENDING: tuple[Screen, ...] = (
    Menu("share_out", (Choice("1", "share_out_list", OFFICERS), Choice("2", "share_out_count", OFFICERS)), ending.my_share_out),
    Show("share_out_list", ending.whole_sheet),
    Ask("share_out_count", typed_group.counted, saves="counted", then="share_out_plan", facts=ending.cash),
    Menu(
        "share_out_plan",
        (
            Choice("1", "share_out_expenses"),
            Choice("2", "share_out_carried"),
            Choice("3", "share_out_rest"),
            Choice("4", "share_out_compare"),
        ),
        ending.plan,
    ),
    Ask("share_out_expenses", typed_group.counted, saves="expenses", then="share_out_plan"),
    Ask("share_out_carried", typed_group.counted, saves="carried", then="share_out_plan"),
    Pick("share_out_rest", ending.rest_items, saves="rest", then="share_out_plan"),
    Fork("share_out_compare", ending.compare, ("share_out_confirm", "share_out_why")),
    Pick("share_out_why", ending.why_items, saves="why", then="share_out_confirm", facts=ending.difference),
    Confirm("share_out_confirm", ending.share_out, then="share_out_sent", facts=ending.sharing_out),
    End("share_out_sent", ending.share_out_asked),
    Menu("next_cycle", (Choice("1", "cycle_each"), Choice("2", "cycle_member"), Choice("3", "cycle_confirm")), ending.cycle),
    Ask("cycle_each", typed_group.starting_each, saves="each", then="next_cycle"),
    Ask("cycle_member", typed_group.leaver, saves="starter", then="cycle_units"),
    Ask("cycle_units", typed_group.starting_one, saves="starting", then="next_cycle", facts=ending.starter),
    Confirm("cycle_confirm", ending.start_cycle, then="cycle_sent", facts=ending.starting_cycle),
    End("cycle_sent", ending.cycle_asked),
)
MEMBERS: tuple[Screen, ...] = (
    Ask("leave", typed_group.leaver, saves="leaver", then="leave_why"),
    Pick("leave_why", facts.how_items, saves="how", then="leave_confirm", facts=facts.leaver),
    Confirm("leave_confirm", facts.leave, then="leave_sent", facts=facts.leaving),
    End("leave_sent", facts.leave_asked),
    Menu(
        "more_menu",
        (
            Choice("1", "rules_now"),
            Choice("2", "old_debt"),
            Choice("3", "read_aloud", OFFICERS),
            Choice("4", "write_off", OFFICERS),
            Choice("5", "next_cycle", OFFICERS),
            Choice("6", "pin"),
            Choice("7", "person_menu", OFFICERS),
            Choice("8", "my_menu"),
        ),
    ),
    Show("rules_now", facts.rules_now),
    Show("read_aloud", facts.read_aloud),
    Pick("old_debt", facts.old_debt_items, saves="loan", then="old_debt_amount", skips_one=True),
    Ask("old_debt_amount", typed_group.old_debt, saves="amount", then="old_debt_confirm", facts=facts.old_debt),
    Confirm("old_debt_confirm", facts.recover, then="old_debt_sent", facts=facts.recovering),
    End("old_debt_sent", facts.recover_asked),
    Ask("write_off", typed.member_number, saves="debtor", then="write_off_loan"),
    Pick("write_off_loan", facts.debt_items, saves="given_up", then="write_off_confirm", facts=facts.debtor, skips_one=True),
    Confirm("write_off_confirm", facts.write_off, then="write_off_sent", facts=facts.writing_off),
    End("write_off_sent", facts.write_off_asked),
)
GROUP_ROWS: tuple[Screen, ...] = (
    Menu(
        "group_menu",
        (
            Choice("1", "check_code"),
            Choice("2", "report_error"),
            Choice("3", "contested", OFFICERS),
            Choice("4", "share_out"),
            Choice("5", "meeting", ("record_keeper", "chair")),
            Choice("6", "loan_member", ("record_keeper",)),
            Choice("7", "correct", OFFICERS),
            Choice("8", "leave", OFFICERS),
            Choice("9", "more_menu"),
        ),
    ),
    *DISPUTES,
    *ENDING,
    *MEMBERS,
    *MINE_ROWS,
)
