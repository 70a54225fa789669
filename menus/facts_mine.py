"""What a member's own pages need to know: her loan's cost, her last meetings, the funds as of the last close, what she wishes."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ledger import checks, wishes
from ledger.accounts import SUB, Kind
from ledger.books import Book, LoanNow
from ledger.checks import Figure, Refused
from ledger.commands import SetShortReceipts, Wish
from menus.kinds import Item
from menus.places import MARKED, language_of
from menus.say import day, fill
from menus.state import Ctx
from menus.telling_keywords import next_charge
from menus.telling_meeting import Held, did, held
from menus.telling_texts import agent_of, first_name, listed, officers

MEETINGS_SHOWN = 3
_LAST_CLOSES = "select entry_no from meeting_close where group_id = %s order by meeting_no desc limit %s"
_LENT_SINCE = """
select coalesce(sum(l.amount * ((l.debit / %(sub)s = %(loan)s)::int - (l.credit / %(sub)s = %(loan)s)::int)), 0)
         ::bigint as lent
  from entry e join line l on l.group_id = e.group_id and l.line_no >= e.first_line and l.line_no < e.first_line + e.line_count
 where e.group_id = %(group)s and e.entry_no > %(entry)s and (l.debit / %(sub)s = %(loan)s or l.credit / %(sub)s = %(loan)s)"""


def my_loan(ctx: Ctx) -> Mapping[str, Figure]:
    """What is owed today, when it is due, and what another period would add."""
    running = ctx.book.loans(ctx.me.member)
    if not running:
        raise Refused("nothing_owed")
    return {"lines": "\n".join(line for loan in running for line in _loan_lines(ctx, loan))}


def _loan_lines(ctx: Ctx, loan: LoanNow) -> list[str]:
    money = ctx.book.money
    late = fill("late", "page", ctx.language, {}) if loan.late else ""
    figures: dict[str, Figure] = {"principal": money(loan.now.principal), "charge": money(loan.now.charge), "due": loan.due_on, "late": late}
    lines = [fill("balance_loan", "page", ctx.language, figures)]
    more = next_charge(loan)
    return lines + ([fill("loan_then", "page", ctx.language, {"charge": money(more)})] if more else [])


def my_meetings(ctx: Ctx) -> Mapping[str, Figure]:
    """What she did at the last meetings, the newest first."""
    return {"lines": "\n".join(_meeting_line(ctx, meeting) for meeting in last_meetings(ctx.book, MEETINGS_SHOWN))}


def _meeting_line(ctx: Ctx, meeting: Held) -> str:
    what = " ".join(listed(did(meeting, ctx.me.member, ctx.language)))
    return fill("meeting_line", "page", ctx.language, {"day": day(meeting.on), "what": what})


def last_meetings(book: Book, count: int) -> list[Held]:
    """The last closed meetings, the newest first. Raises Refused before the first."""
    found = [held(book.conn, book.group_id, row.entry_no) for row in book.conn.execute(_LAST_CLOSES, (book.group_id, count))]
    if not found:
        raise Refused("no_meeting_yet")
    return found


def group_funds(ctx: Ctx) -> Mapping[str, Figure]:
    """What the last close counted. Raises Refused where the rules show it to officers only."""
    return funds(ctx.book, ctx.me.roles)


def funds(book: Book, roles: Collection[str]) -> Mapping[str, Figure]:
    """Both boxes as they were counted at the last close, what was lent then, and its check code: what has happened since is nobody's to know
    before the next. Raises Refused before the first, and where the rules show it to officers only."""
    if book.constitution.funds_seen_by == "officers" and not set(checks.OFFICERS) & set(roles):
        raise Refused("funds_for_officers")
    [meeting] = last_meetings(book, 1)
    _, closing = meeting.counts
    lent = sum(balance for number, (balance, _) in book.balances().items() if number // SUB == Kind.LOAN)
    figures = {"sub": SUB, "loan": int(Kind.LOAN), "group": book.group_id, "entry": meeting.entry_no}
    row = book.conn.execute(_LENT_SINCE, figures).fetchone()
    since = row.lent if row else 0
    money = book.money
    return {"day": day(meeting.on), "cash": money(closing[1]), "social": money(closing[3]), "owed": money(lent - since), "check": meeting.check}


# ---------------------------------------------------------------- wishes


def my_limit(ctx: Ctx) -> Mapping[str, Figure]:
    """What her shares allow; what is in the box is not said."""
    return {"limit": ctx.book.money(may_borrow(ctx.book, ctx.me.member))}


def may_borrow(book: Book, member: int) -> int:
    """Her limit by her shares. Raises Refused: nobody can be told, or she asked often enough today."""
    wishes.check(book.conn, book.group_id, member, "loan")
    if not [officer for officer in officers(book, "record_keeper", "chair") if officer.number != member]:
        raise Refused("nobody_to_ask")
    return _limit(book, member)


def _limit(book: Book, member: int) -> int:
    return checks.loan_limit(book, member, book.loans(member))


def check_wish(book: Book, member: int, minor: int) -> None:
    """Raises Refused above her limit."""
    limit = _limit(book, member)
    if minor > limit:
        raise Refused("wish_above_limit", limit=book.money(limit))


def wish_loan(ctx: Ctx) -> Wish:
    """The command behind the confirm page."""
    return Wish(id=ctx.command_id, group_id=ctx.me.group_id, member=ctx.me.member, what="loan", amount=ctx.number("amount"))


def wishing_loan(ctx: Ctx) -> Mapping[str, Figure]:
    """The amount typed."""
    return {"amount": ctx.book.money(ctx.number("amount"))}


def wish_call(ctx: Ctx) -> Wish:
    """The command behind the confirm page."""
    return Wish(id=ctx.command_id, group_id=ctx.me.group_id, member=ctx.me.member, what="call")


def whom_to_call(ctx: Ctx) -> Mapping[str, Figure]:
    """The agent's name. Raises Refused: there is none, or she was asked today."""
    return {"what": who_may_call(ctx.book, ctx.me.member)}


def who_may_call(book: Book, member: int) -> str:
    """The agent's name. Raises Refused: there is none, or she was asked today."""
    wishes.check(book.conn, book.group_id, member, "call")
    agent = agent_of(book)
    if agent is None:
        raise Refused("nobody_to_ask")
    return first_name(agent, book.group.country)


# ---------------------------------------------------------------- her texts


def choose_receipts(ctx: Ctx) -> SetShortReceipts:
    """The command behind the confirm page: what the page asked, which is the other than now."""
    return SetShortReceipts(ctx.me.group_id, ctx.me.member, not _short(ctx))


def other_receipts(ctx: Ctx) -> Mapping[str, Figure]:
    """What she would get instead."""
    return {"what": fill("receipts_whole" if _short(ctx) else "receipts_short", "page", ctx.language, {})}


def _short(ctx: Ctx) -> bool:
    row = ctx.book.conn.execute("select short_receipts from member where group_id = %s and number = %s", (ctx.me.group_id, ctx.me.member)).fetchone()
    return bool(row and row.short_receipts)


def writings(ctx: Ctx) -> list[Item]:
    """Her language without its marks and with them, each as it will be read. Raises Refused: it has no other writing."""
    plain = language_of(ctx.language)
    if plain not in MARKED:
        raise Refused("one_writing")
    return [Item(fill("accents_off", "page", plain, {}), plain), Item(fill("accents_on", "page", MARKED[plain], {}), MARKED[plain])]
