"""EVERY screen, in the order a person meets them. The name is the key of its words in texts/; no sentence, no `if`, no query in here."""

from __future__ import annotations

from ledger.checks import OFFICERS
from menus import facts, typed
from menus.kinds import Ask, Choice, Confirm, End, Fork, Menu, Pick, Screen, Show
from menus.screens_group import GROUP_ROWS
from menus.screens_meeting import MEETING_ROWS
from menus.screens_person import PERSON_ROWS

ROWS: tuple[Screen, ...] = (
    Pick("which_book", facts.book_items, saves="book", then="home"),
    Menu(
        "home",
        (
            Choice("1", "balance"),
            Choice("2", "shares"),
            Choice("3", "social_fund"),
            Choice("4", "repay"),
            Choice("5", "fine"),
            Choice("6", "entries"),
            Choice("7", "language"),
            Choice("8", "waiting", OFFICERS),
            Choice("9", "group_menu"),
        ),
    ),
    Show("balance", facts.balance),
    Ask("shares", typed.shares, saves="units", then="shares_confirm", facts=facts.share_price),
    Confirm("shares_confirm", facts.buy_shares, then="sent", facts=facts.shares_total),
    Ask("social_fund", typed.amount, saves="amount", then="social_fund_confirm", facts=facts.agreed_contribution),
    Confirm("social_fund_confirm", facts.pay_social_fund, then="sent", facts=facts.social_fund_amount),
    Pick("repay", facts.loan_items, saves="loan", then="repay_amount", skips_one=True),
    Ask("repay_amount", typed.repayment, saves="amount", then="repay_confirm", facts=facts.debt),
    Confirm("repay_confirm", facts.repay, then="sent", facts=facts.repayment_split),
    Ask("fine", typed.amount, saves="amount", then="fine_confirm", facts=facts.fine_table),
    Confirm("fine_confirm", facts.pay_fine, then="sent", facts=facts.fine_amount),
    Show("entries", facts.last_entries),
    Pick("language", facts.language_items, saves="language", then="home", sends=facts.set_language),
    Pick("waiting", facts.waiting_items, saves="request", then="decide"),
    Confirm("decide", facts.agree, then="after_decision", facts=facts.the_request, no_sends=facts.refuse, no_then="after_decision"),
    Fork("after_decision", facts.more_waits, ("decided", "decide_next")),
    Menu("decide_next", (Choice("1", "waiting"),)),
    Ask("loan_member", typed.member_number, saves="borrower", then="loan_amount"),
    Ask("loan_amount", typed.loan_amount, saves="amount", then="loan_term", facts=facts.borrower),
    Ask("loan_term", typed.term, saves="due", then="loan_confirm", facts=facts.term),
    Confirm("loan_confirm", facts.grant_loan, then="sent", facts=facts.new_loan),
    End("sent", facts.sent_to),
    End("decided"),
    End("not_sent"),
    *GROUP_ROWS,
    *MEETING_ROWS,
    *PERSON_ROWS,
)
SCREENS: dict[str, Screen] = {row.name: row for row in ROWS}
FIRST = "home"
