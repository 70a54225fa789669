"""What the questions about loans at a meeting need to know: limits, debts, terms and cost, with everything noted so far."""

from __future__ import annotations

from collections.abc import Mapping

from ledger import checks, loans
from ledger.accounts import Kind, account
from ledger.books import Book, LoanNow
from ledger.checks import Figure, Refused
from ledger.posting import terms_of
from menus import noting
from menus.at_meeting import loan_of, so_far
from menus.facts_noting import funds, her, listed
from menus.kinds import Item
from menus.noting import OTHER
from menus.say import fill, money
from menus.state import Ctx
from menus.texts import label

PURPOSES = ("trade", "farming", "animals", "school", "health", "house", OTHER)


def loan_items(ctx: Ctx) -> list[Item]:
    """Her running loans, oldest first."""
    running = so_far(ctx).tally.loans(ctx.number("member"))
    if not running:
        raise Refused("she_owes_nothing")
    return [Item(fill("note_loan_line", "page", ctx.language, _owes(ctx.book, loan)), loan.loan_no) for loan in running]


def _owes(book: Book, loan: LoanNow) -> dict[str, Figure]:
    now = loan.now
    return {"owed": book.money(now.owed), "principal": book.money(now.principal), "charge": book.money(now.charge), "due": loan.due_on}


def debt(ctx: Ctx) -> Mapping[str, Figure]:
    """What she owes on this loan at this meeting."""
    return {"member": her(ctx)} | _owes(ctx.book, loan_of(so_far(ctx).tally, ctx.number("member"), ctx.number("loan")))


def running_on(ctx: Ctx) -> Mapping[str, Figure]:
    """What she owes, and how long it may run on."""
    figures: dict[str, Figure] = dict(debt(ctx))
    figures.update(term(ctx))
    return figures


def lenders(ctx: Ctx) -> list[str]:
    """The funds that lend: the social fund where the constitution says so, entrusted capital while there is some."""
    tally, names = so_far(ctx).tally, ["loan_fund"]
    if tally.constitution.social_fund_loans:
        names.append("social_fund")
    if tally.balance(account(Kind.ENTRUSTED_CAPITAL)):
        names.append("entrusted")
    return names


def lender_items(ctx: Ctx) -> list[Item]:
    """The funds to choose from."""
    return funds(*lenders(ctx))(ctx)


def may_borrow(ctx: Ctx) -> Mapping[str, Figure]:
    """Her limit, and what is in the box so far. Refused at once when she may have none."""
    tally, number, fund = so_far(ctx).tally, ctx.number("member"), noting.fund(ctx)
    checks.check_cycle(tally)
    checks.check_loan(tally, number, 0, fund)
    cash = tally.balance(account(checks.BOX[fund]))
    limit = checks.loan_limit(tally, number, tally.loans(number)) if fund == "loan_fund" else cash
    return {"member": her(ctx), "limit": ctx.book.money(limit), "cash": ctx.book.money(cash)}


def granted_items(ctx: Ctx) -> list[Item]:
    """All she asked for, where her limit allows it, or less."""
    asked, tally = ctx.number("requested"), so_far(ctx).tally
    less = Item(label("less", ctx.language), OTHER)
    try:
        checks.check_loan(tally, ctx.number("member"), asked, noting.fund(ctx))
    except Refused:
        return [less]
    return [Item(money(ctx.book.money(asked)), "same"), less]


def requested(ctx: Ctx) -> Mapping[str, Figure]:
    """What she asked for."""
    return {"member": her(ctx), "amount": ctx.book.money(ctx.number("requested"))}


def all_or_less(ctx: Ctx) -> str:
    """Less is asked for."""
    return "note_loan_less" if noting.said(ctx, "granted") == OTHER else "note_loan_purpose"


def term(ctx: Ctx) -> Mapping[str, Figure]:
    """The unit of a term and the longest from the day of the meeting."""
    tally = so_far(ctx).tally
    most = checks.longest_term(tally)
    if not most:
        raise Refused("no_lending", end=tally.group.cycle_end)
    unit = "months" if tally.constitution.charge_period == "month" else "four_weeks"
    return {"unit": fill(unit, "page", ctx.language, {}), "most": most}


def which_fund(ctx: Ctx) -> str:
    """Asked only where there is a choice."""
    return "note_loan_fund" if len(lenders(ctx)) > 1 else "note_loan_asked"


def needs_guarantors(ctx: Ctx) -> str:
    """Guarantors, a pledge, or straight to the vote: as the constitution says."""
    return "note_loan_guarantors" if ctx.book.constitution.guarantors else needs_pledge(ctx)


def needs_pledge(ctx: Ctx) -> str:
    """A pledge, or straight to the vote."""
    return "note_loan_pledge" if ctx.book.constitution.pledge else "note_loan_votes"


def secured(ctx: Ctx) -> Mapping[str, Figure]:
    """Who stands for it and what is pledged, read back by themselves: they would not fit beside the loan."""
    request = noting.loan(ctx)
    members = listed(list(request.guarantors)) or label("nobody", ctx.language)
    pledge = fill("is_pledged", "page", ctx.language, {"pledged": request.pledge}) if request.pledge else ""
    return {"member": her(ctx), "members": members, "pledge": pledge}


def is_right(ctx: Ctx) -> list[Item]:
    """One key to go on."""
    return [Item(label("right", ctx.language), "right")]


def how_secured(ctx: Ctx) -> str:
    """Straight to the loan where the constitution asks for neither guarantors nor a pledge."""
    rules = ctx.book.constitution
    return "note_loan_secured" if rules.guarantors or rules.pledge else "note_loan_confirm"


def guarantors(ctx: Ctx) -> Mapping[str, Figure]:
    """How many must stand for it."""
    return {"count": ctx.book.constitution.guarantors}


def written_off_items(ctx: Ctx) -> list[Item]:
    """Debts of hers that the group has given up."""
    gone = so_far(ctx).tally.written_off(ctx.number("member"))
    if not gone:
        raise Refused("she_owes_nothing")
    return [Item(money(ctx.book.money(owed)), loan_no) for loan_no, owed in gone.items()]


def written_off(ctx: Ctx) -> Mapping[str, Figure]:
    """What is left of it."""
    owed = so_far(ctx).tally.written_off(ctx.number("member")).get(ctx.number("loan"), 0)
    return {"member": her(ctx), "owed": ctx.book.money(owed)}


def cost(ctx: Ctx) -> int:
    """The charge of the loan in all if nothing is paid before it falls due, in minor units: what the group hears before it votes."""
    request, tally = noting.loan(ctx), so_far(ctx).tally
    return loans.position(terms_of(tally, request, tally.group.today), [], request.due_on).charge


def quorum(ctx: Ctx) -> tuple[int, int]:
    """(members in the room, yes votes a loan needs)."""
    present = so_far(ctx).present
    return present, -(-present * ctx.book.constitution.quorum_percent // 100)


def to_vote_on(ctx: Ctx) -> Mapping[str, Figure]:
    """The loan with all it will cost, and how many are there to vote."""
    request, (present, needed), money = noting.loan(ctx), quorum(ctx), ctx.book.money
    return {
        "member": her(ctx), "amount": money(request.amount), "due": request.due_on, "charge": money(cost(ctx)), "present": present, "needed": needed,
    }  # fmt: skip
