"""Screens of the record-keeper at a meeting, in the order a meeting goes; any order is accepted. Nothing counts before it was read back."""

from __future__ import annotations

from menus import facts_confirming as back
from menus import facts_lending as lending
from menus import facts_meeting as meeting
from menus import facts_noting as facts
from menus import facts_row as row
from menus import noting, typed
from menus import typed_meeting as meant
from menus.facts_confirming import shown
from menus.kinds import Ask, Choice, Confirm, End, Facts, Fork, Menu, Pick, Screen, Show
from menus.noting import note


def confirm(name: str, maker: noting.Maker, then: str, figures: Facts | None = None) -> Confirm:
    """The row of a page that notes one thing and goes on at `then`; after a No, at the meeting's menu."""
    return Confirm(name, note(maker), then, figures or shown(maker), no_then="meeting_now", says="noted", no_says="not_noted")


OPENING: tuple[Screen, ...] = (
    Fork("meeting", meeting.stage, ("meeting_now", "meeting_waits", "meeting_kind")),
    Pick("meeting_kind", meeting.kinds, saves="kind", then="open_loan_fund"),
    Ask("open_loan_fund", meant.count, saves="loan_fund", then="open_social_fund"),
    Ask("open_social_fund", meant.count, saves="social_fund", then="open_compare"),
    Fork("open_compare", meeting.compare_opening, ("open_confirm", "open_why")),
    Pick("open_why", meeting.reasons, saves="why", then="open_confirm", facts=meeting.opening_differs),
    Confirm("open_confirm", meeting.open_meeting, "meeting_now", meeting.opening, no_then="not_opened", says="meeting_opened"),
    End("not_opened"),
)
NOW: tuple[Screen, ...] = (
    Menu(
        "meeting_now",
        (
            Choice("1", "roll_call"),
            Choice("2", "note_contributions"),
            Choice("3", "note_shares"),
            Choice("4", "note_fines"),
            Choice("5", "note_repaid"),
            Choice("6", "note_loan"),
            Choice("7", "note_other"),
            Choice("8", "meeting_so_far"),
            Choice("9", "close_loan_fund"),
        ),
    ),
    Show("meeting_waits"),
    Menu(
        "meeting_so_far",
        (Choice("1", "meeting_totals"), Choice("2", "meeting_notes"), Choice("3", "meeting_notes_of"), Choice("4", "keys_in_a_row")),
    ),
    Show("keys_in_a_row"),
    Show("meeting_totals", meeting.totals),
    Pick("meeting_notes", meeting.notes, saves="note", then="meeting_undo"),
    Ask("meeting_notes_of", meant.anybody, saves="member", then="meeting_notes_hers", first=meant.number_first),
    Pick("meeting_notes_hers", meeting.notes_of_hers, saves="note", then="meeting_undo", facts=meeting.of_hers),
    Confirm("meeting_undo", meeting.undo, "meeting_now", meeting.the_note, no_then="meeting_now", says="undone", no_says="not_undone"),
)
MEMBERS: tuple[Screen, ...] = (
    Pick("roll_call", facts.words("late", "absent", "excused", "represented", "present"), saves="status", then="roll_numbers"),
    Ask("roll_numbers", meant.members, saves="numbers", then="roll_confirm", facts=facts.status),
    Confirm("roll_confirm", noting.attend, "roll_call", back.roll, no_then="meeting_now", says="noted", no_says="not_noted"),
    Menu(
        "note_contributions",
        (Choice("1", "note_contributions_here"), Choice("2", "note_contributions_but"), Choice("3", "note_contribution")),
    ),
    Pick("note_contributions_here", facts.contributions_here, saves="due", then="note_contributions_confirm", skips_one=True),
    Ask("note_contributions_but", meant.members, saves="numbers", then="note_contributions_rest"),
    Pick("note_contributions_rest", facts.contributions_but, saves="due", then="note_contributions_confirm", skips_one=True),
    Confirm(
        "note_contributions_confirm",
        noting.contributions,
        "meeting_now",
        back.contributions,
        no_then="meeting_now",
        says="noted",
        no_says="not_noted",
    ),
    Ask("note_contribution", meant.member, saves="member", then="note_contribution_amount", first=meant.number_first),
    Pick("note_contribution_amount", facts.contribution_items, saves="contribution", then="note_contribution_how", facts=facts.contribution),
    Fork("note_contribution_how", facts.typed_or_picked, ("note_contribution_other", "note_contribution_confirm")),
    Ask("note_contribution_other", typed.amount, saves="amount", then="note_contribution_confirm", facts=facts.hers),
    confirm("note_contribution_confirm", noting.contribution, "note_contribution"),
    Ask("note_shares", meant.member_or_row, saves="member", then="note_shares_how"),
    Fork("note_shares_how", row.one_or_all, ("note_shares_count", "note_row_again", "note_row_read")),
    Ask("note_shares_count", meant.brought, saves="brought", then="note_shares_confirm", facts=facts.held),
    confirm("note_shares_confirm", noting.shares, "note_shares", back.shares),
    Pick("note_row_again", lending.is_right, saves="again", then="note_row_read", facts=row.already),
    Fork("note_row_read", row.rest_fits, ("note_row_part", "note_row_confirm")),
    Pick("note_row_part", row.next_part, saves="part", then="note_row_read", facts=row.part),
    Confirm("note_row_confirm", noting.shares_in_a_row, "meeting_now", row.rest, no_then="meeting_now", says="noted", no_says="not_noted"),
)
FINES: tuple[Screen, ...] = (
    Menu("note_fines", (Choice("1", "note_fine_paid"), Choice("2", "note_fine_charged"), Choice("3", "note_fine_waived"))),
    Ask("note_fine_paid", meant.member, saves="member", then="note_fine_paid_amount", first=meant.number_first),
    Ask("note_fine_paid_amount", typed.amount, saves="amount", then="note_fine_paid_confirm", facts=facts.fines),
    confirm("note_fine_paid_confirm", noting.fine_paid, "note_fine_paid"),
    Ask("note_fine_charged", meant.member, saves="member", then="note_fine_why", first=meant.number_first),
    Pick("note_fine_why", facts.fine_items, saves="fine", then="note_fine_how", facts=facts.hers),
    Fork("note_fine_how", facts.fine_typed_or_picked, ("note_fine_other", "note_fine_confirm")),
    Ask("note_fine_other", typed.amount, saves="amount", then="note_fine_confirm", facts=facts.hers),
    confirm("note_fine_confirm", noting.fine_charged, "note_fine_charged"),
    Ask("note_fine_waived", meant.member, saves="member", then="note_fine_waived_amount", first=meant.number_first),
    Ask("note_fine_waived_amount", typed.amount, saves="amount", then="note_fine_waived_confirm", facts=facts.fines),
    confirm("note_fine_waived_confirm", noting.fine_waived, "note_fine_waived"),
)
LOANS: tuple[Screen, ...] = (
    Ask("note_repaid", meant.anybody, saves="member", then="note_repaid_loan", first=meant.number_first),
    Pick("note_repaid_loan", lending.loan_items, saves="loan", then="note_repaid_amount", facts=facts.hers, skips_one=True),
    Ask("note_repaid_amount", meant.repaid, saves="amount", then="note_repaid_confirm", facts=lending.debt),
    confirm("note_repaid_confirm", noting.repaid, "note_repaid", back.repaid),
    Ask("note_loan", meant.member, saves="member", then="note_loan_from", first=meant.number_first),
    Fork("note_loan_from", lending.which_fund, ("note_loan_fund", "note_loan_asked")),
    Pick("note_loan_fund", lending.lender_items, saves="lender", then="note_loan_asked", facts=facts.hers),
    Ask("note_loan_asked", typed.amount, saves="requested", then="note_loan_granted", facts=lending.may_borrow),
    Pick("note_loan_granted", lending.granted_items, saves="granted", then="note_loan_how", facts=lending.requested),
    Fork("note_loan_how", lending.all_or_less, ("note_loan_less", "note_loan_purpose")),
    Ask("note_loan_less", meant.given, saves="less", then="note_loan_purpose", facts=lending.may_borrow),
    Pick("note_loan_purpose", facts.words(*lending.PURPOSES), saves="purpose", then="note_loan_term", facts=facts.hers),
    Ask("note_loan_term", meant.term, saves="due_on", then="note_loan_stands", facts=lending.term),
    Fork("note_loan_stands", lending.needs_guarantors, ("note_loan_guarantors", "note_loan_pledge", "note_loan_votes")),
    Ask("note_loan_guarantors", meant.guarantors, saves="guarantors", then="note_loan_pledges", facts=lending.guarantors),
    Fork("note_loan_pledges", lending.needs_pledge, ("note_loan_pledge", "note_loan_votes")),
    Ask("note_loan_pledge", meant.words, saves="pledge", then="note_loan_votes", facts=facts.hers),
    Ask("note_loan_votes", meant.votes, saves="votes", then="note_loan_end", facts=lending.to_vote_on),
    Fork("note_loan_end", lending.how_secured, ("note_loan_secured", "note_loan_confirm")),
    Pick("note_loan_secured", lending.is_right, saves="secured", then="note_loan_confirm", facts=lending.secured),
    confirm("note_loan_confirm", noting.loan, "note_loan", back.loan),
    Ask("note_rolled", meant.member, saves="member", then="note_rolled_loan", first=meant.number_first),
    Pick("note_rolled_loan", lending.loan_items, saves="loan", then="note_rolled_term", facts=facts.hers, skips_one=True),
    Ask("note_rolled_term", meant.term, saves="due_on", then="note_rolled_confirm", facts=lending.running_on),
    confirm("note_rolled_confirm", noting.rolled, "meeting_now", back.rolled),
)
OTHER: tuple[Screen, ...] = (
    Menu(
        "note_other",
        (
            Choice("1", "note_redeemed"),
            Choice("2", "note_spent"),
            Choice("3", "note_grant"),
            Choice("4", "note_rolled"),
            Choice("5", "note_bank"),
            Choice("6", "note_income"),
            Choice("7", "note_outside"),
            Choice("8", "note_debts"),
            Choice("9", "note_catch_up"),
        ),
    ),
    Ask("note_redeemed", meant.member, saves="member", then="note_redeemed_count", first=meant.number_first),
    Ask("note_redeemed_count", meant.redeemed, saves="units", then="note_redeemed_confirm", facts=facts.held_by_all),
    confirm("note_redeemed_confirm", noting.redeemed, "meeting_now"),
    Pick("note_spent", facts.funds("loan_fund", "social_fund"), saves="spender", then="note_spent_amount"),
    Ask("note_spent_amount", typed.amount, saves="amount", then="note_spent_what", facts=facts.fund_spent),
    Pick("note_spent_what", facts.expense_items, saves="what", then="note_spent_how"),
    Fork("note_spent_how", facts.words_or_picked, ("note_spent_words", "note_spent_confirm")),
    Ask("note_spent_words", meant.words, saves="words", then="note_spent_confirm"),
    confirm("note_spent_confirm", noting.spent, "meeting_now"),
    Ask("note_grant", meant.member, saves="member", then="note_grant_amount", first=meant.number_first),
    Ask("note_grant_amount", typed.amount, saves="amount", then="note_grant_why", facts=facts.social_fund_cash),
    Pick("note_grant_why", facts.words(*facts.HELP), saves="what", then="note_grant_confirm", facts=facts.hers),
    confirm("note_grant_confirm", noting.grant, "meeting_now"),
    Pick("note_bank", facts.bank_items, saves="bank", then="note_bank_amount"),
    Ask("note_bank_amount", typed.amount, saves="amount", then="note_bank_confirm", facts=facts.bank_way),
    confirm("note_bank_confirm", noting.moved, "meeting_now"),
    Ask("note_income", typed.amount, saves="amount", then="note_income_what"),
    Pick("note_income_what", facts.words(*facts.INCOME), saves="what", then="note_income_confirm"),
    confirm("note_income_confirm", noting.income, "meeting_now"),
    Ask("note_catch_up", meant.member, saves="member", then="note_catch_up_count", first=meant.number_first),
    Ask("note_catch_up_count", meant.catch_up, saves="units", then="note_catch_up_confirm", facts=facts.held_by_all),
    confirm("note_catch_up_confirm", noting.catch_up, "meeting_now"),
)
OUTSIDE: tuple[Screen, ...] = (
    Menu(
        "note_outside",
        (Choice("1", "note_borrowed"), Choice("2", "note_outside_repaid"), Choice("3", "note_entrusted"), Choice("4", "note_entrusted_back")),
    ),
    Ask("note_borrowed", typed.amount, saves="amount", then="note_borrowed_confirm"),
    confirm("note_borrowed_confirm", noting.borrowed, "meeting_now"),
    Ask("note_outside_repaid", typed.amount, saves="amount", then="note_outside_interest", facts=facts.outside_debt),
    Ask("note_outside_interest", meant.count, saves="interest", then="note_outside_confirm"),
    confirm("note_outside_confirm", noting.outside_repaid, "meeting_now"),
    Ask("note_entrusted", typed.amount, saves="amount", then="note_entrusted_confirm"),
    confirm("note_entrusted_confirm", noting.entrusted, "meeting_now"),
    Ask("note_entrusted_back", typed.amount, saves="amount", then="note_entrusted_charge", facts=facts.entrusted),
    Ask("note_entrusted_charge", meant.count, saves="charge", then="note_entrusted_back_confirm", facts=facts.entrusted),
    confirm("note_entrusted_back_confirm", noting.entrusted_back, "meeting_now"),
    Menu("note_debts", (Choice("1", "note_paid_out"), Choice("2", "note_recovered"))),
    Ask("note_paid_out", meant.anybody, saves="member", then="note_paid_out_amount", first=meant.number_first),
    Ask("note_paid_out_amount", typed.amount, saves="amount", then="note_paid_out_confirm", facts=facts.owed_to_her),
    confirm("note_paid_out_confirm", noting.paid_out, "meeting_now"),
    Ask("note_recovered", meant.anybody, saves="member", then="note_recovered_loan", first=meant.number_first),
    Pick("note_recovered_loan", lending.written_off_items, saves="loan", then="note_recovered_amount", facts=facts.hers, skips_one=True),
    Ask("note_recovered_amount", typed.amount, saves="amount", then="note_recovered_confirm", facts=lending.written_off),
    confirm("note_recovered_confirm", noting.recovered, "meeting_now"),
)
CLOSING: tuple[Screen, ...] = (
    Ask("close_loan_fund", meant.count, saves="loan_fund", then="close_social_fund"),
    Ask("close_social_fund", meant.closing_count, saves="social_fund", then="close_compare"),
    Fork("close_compare", meeting.compare_closing, ("close_confirm", "close_why")),
    Pick("close_why", meeting.reasons, saves="why", then="close_confirm", facts=meeting.closing_differs),
    Confirm("close_confirm", meeting.close_meeting, "close_sent", meeting.closing_shown, no_then="meeting_now", no_says="not_closed"),
    End("close_sent", meeting.close_asked),
)
MEETING_ROWS: tuple[Screen, ...] = (*OPENING, *NOW, *MEMBERS, *FINES, *LOANS, *OTHER, *OUTSIDE, *CLOSING)
