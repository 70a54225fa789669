"""Screens of what is a member's own: what her loan will cost, her last meetings, the group's funds, what she wishes."""

from __future__ import annotations

from menus import facts_mine as facts
from menus import typed
from menus.facts import set_language
from menus.kinds import Ask, Choice, Confirm, End, Menu, Pick, Screen, Show

MINE_ROWS: tuple[Screen, ...] = (
    Menu(
        "my_menu",
        (
            Choice("1", "my_loan"),
            Choice("2", "my_meetings"),
            Choice("3", "group_funds"),
            Choice("4", "wish_loan"),
            Choice("5", "wish_call"),
            Choice("6", "short_receipts"),
            Choice("7", "accents", marks=True),
        ),
    ),
    Show("my_loan", facts.my_loan),
    Show("my_meetings", facts.my_meetings),
    Show("group_funds", facts.group_funds),
    Ask("wish_loan", typed.wished, saves="amount", then="wish_loan_confirm", facts=facts.my_limit),
    Confirm("wish_loan_confirm", facts.wish_loan, then="wish_loan_sent", facts=facts.wishing_loan),
    End("wish_loan_sent"),
    Confirm("wish_call", facts.wish_call, then="wish_call_sent", facts=facts.whom_to_call),
    End("wish_call_sent"),
    Confirm("short_receipts", facts.choose_receipts, then="receipts_chosen", facts=facts.other_receipts),
    End("receipts_chosen"),
    Pick("accents", facts.writings, saves="language", then="home", sends=set_language),
)
