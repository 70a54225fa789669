"""What pages need to know and where it comes from. Each function reads the book; a page that cannot be shown raises checks.Refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from ledger import checks, loans, requests
from ledger.books import LoanNow
from ledger.checks import Figure, Refused
from ledger.commands import BuyShares, Decide, GrantLoan, PayFine, PaySocialFund, Repay, Request, SetLanguage
from ledger.posting import fines_due
from ledger.recent import asked_lately
from menus.facts_group import offices_asked
from menus.kinds import Item
from menus.notices import asked_on_page, first_name, waiting_on_page
from menus.say import fill, in_letters
from menus.state import Ctx
from menus.telling_keywords import line_words
from menus.texts import LANGUAGES, label

LINES_SHOWN = 10
DECIDE_ROOM = 115  # characters of what is asked above Yes, No and the ways back, in the longest language


def balance(ctx: Ctx) -> Mapping[str, Figure]:
    """Shares first, money second; principal and charge apart; due dates."""
    units, paid = ctx.book.shares(ctx.me.member)
    return {
        "group": ctx.book.group.name,
        "number": ctx.me.member,
        "units": units,
        "savings": ctx.book.money(paid),
        "loans": "\n".join(_loan_lines(ctx)),
    }


def _loan_lines(ctx: Ctx) -> list[str]:
    running = ctx.book.loans(ctx.me.member)
    if not running:
        return [fill("balance_no_loan", "page", ctx.language, {})]
    return [fill("balance_loan", "page", ctx.language, _owes(ctx, loan)) for loan in running]


def _owes(ctx: Ctx, loan: LoanNow) -> dict[str, Figure]:
    late = fill("late", "page", ctx.language, {}) if loan.late else ""
    money = ctx.book.money
    return {"principal": money(loan.now.principal), "charge": money(loan.now.charge), "due": loan.due_on, "late": late}


def share_price(ctx: Ctx) -> Mapping[str, Figure]:
    """Price and the most of one purchase. Raises Refused: she has left, the cycle is over, or she has bought as many as she may."""
    book, number = ctx.book, ctx.me.member
    checks.check_cycle(book)
    if (me := book.member(number)) and me.left:
        raise Refused("member_left", number=number)
    if not (most := checks.shares_left(book, number)):
        raise Refused("shares_limit_now", most=most)
    return {"price": book.money(book.constitution.share_price), "most": most}


def shares_total(ctx: Ctx) -> Mapping[str, Figure]:
    """What the shares cost."""
    total = ctx.book.money(ctx.book.constitution.share_price).times(ctx.number("units"))
    return {"units": ctx.number("units"), "total": total, "twin": twin(ctx, buy_shares(ctx))}


def agreed_contribution(ctx: Ctx) -> Mapping[str, Figure]:
    """What the constitution asks of each member at each meeting."""
    return {"agreed": ctx.book.money(ctx.book.constitution.social_fund_contribution)}


def social_fund_amount(ctx: Ctx) -> Mapping[str, Figure]:
    """The amount typed."""
    return {"amount": ctx.book.money(ctx.number("amount")), "twin": twin(ctx, pay_social_fund(ctx))}


def fine_table(ctx: Ctx) -> Mapping[str, Figure]:
    """What she owes in fines; of who owes none the constitution's table."""
    if owed := fines_due(ctx.book, ctx.me.member):
        return {"fines": fill("fines_owed", "page", ctx.language, {"owed": ctx.book.money(owed)})}
    fines = ctx.book.constitution.fines
    named = [fill(f"fine_{why}", "page", ctx.language, {"amount": ctx.book.money(fines[why])}) for why in ("late", "absent") if fines.get(why)]
    return {"fines": fill("fines_are", "page", ctx.language, {"list": ", ".join(named)}) if named else ""}


def fine_amount(ctx: Ctx) -> Mapping[str, Figure]:
    """The amount typed."""
    return {"amount": ctx.book.money(ctx.number("amount")), "twin": twin(ctx, pay_fine(ctx))}


def loan_items(ctx: Ctx) -> list[Item]:
    """The running loans, oldest first."""
    running = ctx.book.loans(ctx.me.member)
    if not running:
        raise Refused("nothing_owed")
    return [Item(fill("balance_loan", "page", ctx.language, _owes(ctx, loan)).replace("\n", " "), loan.loan_no) for loan in running]


def the_loan(ctx: Ctx) -> LoanNow:
    """The loan this call is about."""
    for loan in ctx.book.loans(ctx.me.member):
        if loan.loan_no == ctx.number("loan"):
            return loan
    raise Refused("nothing_owed")


def debt(ctx: Ctx) -> Mapping[str, Figure]:
    """What is owed today, in all and apart."""
    now, money = the_loan(ctx).now, ctx.book.money
    return {"owed": money(now.owed), "principal": money(now.principal), "charge": money(now.charge)}


def repayment_split(ctx: Ctx) -> Mapping[str, Figure]:
    """How the amount typed divides: the charge due first."""
    amount = ctx.number("amount")
    charge, principal = loans.settle(the_loan(ctx).now, amount)
    money = ctx.book.money
    return {"amount": money(amount), "charge": money(charge), "principal": money(principal), "twin": twin(ctx, repay(ctx))}


def last_entries(ctx: Ctx) -> Mapping[str, Figure]:
    """The newest lines of the caller's passbook."""
    lines = ctx.book.last_lines(ctx.me.member, LINES_SHOWN)
    if not lines:
        raise Refused("no_entries")
    return {"lines": "\n".join(line_words(ctx.book, line, ctx.language) for line in lines)}


def language_items(ctx: Ctx) -> list[Item]:
    """The languages, each in itself."""
    return [Item(label(f"language_{language}", language), language) for language in LANGUAGES]


def book_items(ctx: Ctx) -> list[Item]:
    """The books of this phone, one of each group: group and number, never a name; no number where several members share the phone."""
    books = ctx.state.books
    several = {book.group_id for book in books if sum(one.group_id == book.group_id for one in books) > 1}
    found: dict[int, Item] = {}
    for index, book in enumerate(books):
        name = in_letters(book.group_name, ctx.language)
        found.setdefault(book.group_id, Item(name + ("" if book.group_id in several else f" No.{book.member}"), index))
    return list(found.values())


def waiting_items(ctx: Ctx) -> list[Item]:
    """What waits for the caller's word."""
    waiting = requests.waiting_for(ctx.book.conn, ctx.me.group_id, ctx.me.member)
    if not waiting:
        raise Refused("nothing_waits")
    return [Item(fill("waiting_one", "page", ctx.language, waiting_on_page(ctx.book, one.request, ctx.language)), one.request_no) for one in waiting]


def more_waits(ctx: Ctx) -> str:
    """Where a call goes after a word: to what else waits for the caller, if anything does."""
    waiting = requests.waiting_for(ctx.book.conn, ctx.me.group_id, ctx.me.member)
    return "decide_next" if any(one.request_no != ctx.number("request") for one in waiting) else "decided"


def the_request(ctx: Ctx) -> Mapping[str, Figure]:
    """Who asks and what."""
    asked = requests.find(ctx.book.conn, ctx.me.group_id, ctx.number("request"))
    if asked is None or asked.outcome is not None:
        raise Refused("nothing_waits")
    return asked_on_page(ctx.book, asked.request, ctx.language, DECIDE_ROOM)


def borrower(ctx: Ctx) -> Mapping[str, Figure]:
    """The borrower and the most she may have: her limit, and the cash in the box."""
    number = ctx.number("borrower")
    member = ctx.book.member(number)
    running = ctx.book.loans(number)
    if member is None:
        raise Refused("no_such_member", number=number)
    if running and ctx.book.constitution.one_loan_at_a_time:
        raise Refused("loan_running", owed=ctx.book.money(sum(loan.now.owed for loan in running)))
    most = min(checks.loan_limit(ctx.book, number, running), ctx.book.cash())
    return {"number": number, "name": first_name(member, ctx.book.group.country), "limit": ctx.book.money(most)}


def term(ctx: Ctx) -> Mapping[str, Figure]:
    """The unit of a term and its longest."""
    most = checks.longest_term(ctx.book)
    if not most:
        raise Refused("no_lending", end=ctx.book.group.cycle_end)
    unit = "months" if ctx.book.constitution.charge_period == "month" else "four_weeks"
    return {"unit": fill(unit, "page", ctx.language, {}), "most": most}


def new_loan(ctx: Ctx) -> Mapping[str, Figure]:
    """The loan as it would be given, with the charge of one period: the cost is said before it is agreed."""
    request = grant_loan(ctx)
    member = ctx.book.member(request.member)
    terms = ctx.book.constitution
    charge = 0 if terms.charge_method == "none" else loans.charge_on(request.amount, terms.charge_rate_bp)
    return {
        "amount": ctx.book.money(request.amount), "number": request.member, "name": first_name(member, ctx.book.group.country), "due": request.due_on,
        "charge": ctx.book.money(charge), "twin": twin(ctx, request),
    }  # fmt: skip


def sent_to(ctx: Ctx) -> Mapping[str, Figure]:
    """The officers who will be asked, by their office."""
    return {"who": offices_asked(ctx.book, _the_command(ctx), ctx.language)}


def twin(ctx: Ctx, request: Request) -> str:
    """A warning when the caller sent the very same a short while ago. Also refuses at once what the rules do not allow."""
    checks.judge(ctx.book, request)
    checks.approvers(ctx.book, request)
    again = asked_lately(ctx.book.conn, request)
    return fill("twin", "page", ctx.language, {}) if again else ""


def buy_shares(ctx: Ctx) -> BuyShares:
    """The command behind the confirm page."""
    return BuyShares(**_who(ctx), units=ctx.number("units"))


def pay_social_fund(ctx: Ctx) -> PaySocialFund:
    """The command behind the confirm page."""
    return PaySocialFund(**_who(ctx), amount=ctx.number("amount"))


def pay_fine(ctx: Ctx) -> PayFine:
    """The command behind the confirm page."""
    return PayFine(**_who(ctx), amount=ctx.number("amount"))


def repay(ctx: Ctx) -> Repay:
    """The command behind the confirm page."""
    return Repay(**_who(ctx), loan_no=ctx.number("loan"), amount=ctx.number("amount"))


def grant_loan(ctx: Ctx) -> GrantLoan:
    """The command behind the confirm page: entered by the caller for another member."""
    who = _who(ctx) | {"member": ctx.number("borrower")}
    return GrantLoan(**who, amount=ctx.number("amount"), due_on=date.fromisoformat(str(ctx.state.data["due"])))


def agree(ctx: Ctx) -> Decide:
    """The caller's yes."""
    return Decide(ctx.me.group_id, ctx.number("request"), ctx.me.member, True)


def refuse(ctx: Ctx) -> Decide:
    """The caller's no."""
    return replace(agree(ctx), yes=False)


def set_language(ctx: Ctx) -> SetLanguage:
    """The language chosen."""
    return SetLanguage(ctx.me.group_id, ctx.me.member, str(ctx.state.data["language"]))


def _who(ctx: Ctx) -> dict[str, Any]:
    return {"id": ctx.command_id, "group_id": ctx.me.group_id, "member": ctx.me.member, "asked_by": ctx.me.member}


def _the_command(ctx: Ctx) -> Request:
    """The request that was just sent, from the screen it was sent on."""
    makers = {"shares_confirm": buy_shares, "social_fund_confirm": pay_social_fund, "fine_confirm": pay_fine, "repay_confirm": repay,
              "loan_confirm": grant_loan}  # fmt: skip
    return makers[ctx.state.stack[-1]](ctx)
