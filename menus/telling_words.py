"""What is asked and what stands in an entry, in words: `repays 520.000d`, `shares 3`, `share price: 20.000d -> 25.000d`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from ledger import correcting, deciding, ending
from ledger.books import Book
from ledger.checks import Figure
from ledger.commands import ChangeRules, CloseMeeting, Correct, Entrust, Leave, Move, NameHelper, Request, ShareOut, StartCycle, WriteOff
from ledger.constitution import Constitution
from ledger.money import Money
from ledger.tally import Tally
from menus.say import day, short_day
from menus.telling_texts import bare, person, phrase, why_words

IN_UNITS = ("shares", "redemption")  # items that are counted in shares
_AMOUNTS = ("share_price", "social_fund_contribution", "cash_unit")
_RATES = ("charge_rate_bp",)
_PERCENT = ("quorum_percent",)
_DAYS = ("loan_max_term_days",)
HIDDEN = ("meeting_dates",)  # too long for a phone; the paper has them


# ---------------------------------------------------------------- requests


def does(book: Book, request: Request, language: str) -> str:
    """What a request does, in words: `repays 520.000d`."""
    return phrase(f"does_{_name(request)}", language, **figures(book, request, language))


def brief(book: Book, request: Request, language: str) -> str:
    """The same in as few words as tell which one is meant; of a decision without its figures."""
    match request:
        case CloseMeeting(meeting_no=number):
            return phrase("brief_close_meeting", language, day=short_day(_held_on(book, number)))
        case Correct(entry_no=entry_no, item=item):
            return phrase("brief_correct", language, receipt=entry_no, item=item_words(item, language))
        case ChangeRules(from_on=on) | StartCycle(starts_on=on):
            return phrase(f"brief_{request.kind}", language, day=short_day(on))
        case Leave(why=how):
            return phrase(f"how_{how}", language)
        case WriteOff() | ShareOut():
            return phrase(f"brief_{request.kind}", language)
    return does(book, request, language)


def _name(request: Request) -> str:
    match request:
        case Move(to_bank=to_bank):
            return "to_bank" if to_bank else "from_bank"
        case Entrust(back=True):
            return "entrust_back"
        case NameHelper(helper=0):
            return "name_no_helper"
    return request.kind


def figures(book: Book, request: Request, language: str) -> dict[str, Figure]:
    """What the words of a request name."""
    match request:
        case CloseMeeting():
            day_held = short_day(_held_on(book, request.meeting_no))
            return {"day": day_held, "cash": book.money(request.loan_fund_counted), "social": book.money(request.social_fund_counted)}
        case Correct():
            return _correction(book, request, language)
        case Leave():
            done, leaver = deciding.settlement(Tally(book.conn, book.group_id, _today(book)), request)
            return {"how": phrase(f"how_{request.why}", language), "units": leaver.units, "amount": book.money(done.payout)}
        case WriteOff():
            return {"amount": book.money(sum(loan.now.owed for loan in book.loans(request.member) if loan.loan_no == request.loan_no))}
        case ShareOut():
            return {"amount": book.money(ending.preview(book.conn, request, _today(book)).sheet.paid)}
        case StartCycle():
            start = sum(units for _, units in request.starting)
            return {"count": request.number, "day": day(request.starts_on), "latest": day(request.ends_on), "units": start}
        case ChangeRules():
            return {"day": day(request.from_on)}
    return _plain_figures(book, request, language)


def _plain_figures(book: Book, request: Request, language: str) -> dict[str, Figure]:
    """Figures of what members do, by the names of the request's fields."""
    found: dict[str, Figure] = {}
    said: dict[str, Any] = request.body() | {name: getattr(request, name) for name in ("what", "interest") if hasattr(request, name)}
    for name, value in said.items():
        match name:
            case "amount" | "interest":
                found[name] = book.money(value)
            case "units":
                found |= {"units": value, "total": book.money(book.constitution.share_price).times(value)}
            case "due_on":
                found["due"] = date.fromisoformat(value)
            case "why":
                found["reason"] = why_words(value, language)
            case "what":
                found["purpose"] = value
            case "phone":
                found["phone"] = value
            case "helper":
                found["helper"] = person(book, value, language)
            case "status":
                found["status"] = phrase(f"was_{value}", language)
    return found


def _correction(book: Book, request: Correct, language: str) -> dict[str, Figure]:
    was = sum(row[3] for row in correcting.items(book.conn, book.group_id, request.entry_no, request.member) if row[1:3] == _key(request))
    return {
        "receipt": request.entry_no, "item": item_words(request.item, language), "was": item_figure(book, request.item, was),
        "right": item_figure(book, request.item, request.right), "reason": why_words(request.why, language),
    }  # fmt: skip


def _key(request: Correct) -> tuple[str, int]:
    return request.item, request.loan_no


def _held_on(book: Book, meeting_no: int) -> date:
    row = book.conn.execute("select held_on from meeting where group_id = %s and meeting_no = %s", (book.group_id, meeting_no)).fetchone()
    return row.held_on if row else book.group.today


def _today(book: Book) -> date:
    return max(book.group.today, book.group.closed_on)


# ---------------------------------------------------------------- items of an entry


def item_words(item: str, language: str) -> str:
    """What people call an item of an entry."""
    return phrase(f"item_{item}", language)


def item_figure(book: Book, item: str, figure: int) -> Figure:
    """Shares as a number, everything else as money."""
    return figure if item in IN_UNITS else book.money(figure)


# ---------------------------------------------------------------- rules


def rule_lines(terms: Constitution, currency: str, language: str) -> list[str]:
    """Every rule with its value, one a line."""
    said = {name: (phrase(f"rule_{name}", language), rule_value(terms, name, currency, language)) for name in _rules()}
    return [phrase("rule_line", language, rule=rule, value=value) for rule, value in said.values()]


def rule_changes(old: Constitution, new: Constitution, currency: str, language: str) -> list[str]:
    """Each rule that differs: what it was and what it becomes; each fine is a rule of its own."""
    said = []
    for name in _rules():
        before, after = (rule_value(terms, name, currency, language) for terms in (old, new))
        if getattr(old, name) == getattr(new, name) or before == after:
            continue
        if name == "fines":
            said += _fine_changes(old.fines, new.fines, currency, language)
        else:
            said.append(phrase("rule_change", language, rule=phrase(f"rule_{name}", language), before=before, after=after))
    return said


def _fine_changes(old: Mapping[str, int], new: Mapping[str, int], currency: str, language: str) -> list[str]:
    changed = [why for why in sorted({*old, *new}) if old.get(why, 0) != new.get(why, 0)]
    return [
        phrase("rule_change", language, rule=phrase("rule_fine", language, reason=_fined_for(why, language)),
               before=bare(Money(old.get(why, 0), currency)), after=bare(Money(new.get(why, 0), currency)))
        for why in changed
    ]  # fmt: skip


def _rules() -> list[str]:
    return [name for name in Constitution.__dataclass_fields__ if name not in HIDDEN]


def rule_value(terms: Constitution, name: str, currency: str, language: str) -> str:
    """One rule's value in words."""
    value = getattr(terms, name)
    if name == "shares_first_max":
        value = value or terms.shares_max
    match value:
        case bool():
            return phrase("value_yes" if value else "value_no", language)
        case int():
            return _number(name, value, currency, language)
        case str():
            return phrase(f"value_{value or 'free'}", language)
        case Mapping():
            return ", ".join(_fine(why, Money(amount, currency), language) for why, amount in sorted(value.items())) or phrase("value_no", language)
    raise TypeError(f"no words for the rule {name}")


def _number(name: str, value: int, currency: str, language: str) -> str:
    if name in _AMOUNTS:
        return phrase("value_money", language, amount=Money(value, currency))
    if name in _RATES:
        return f"{percent(value)}%"
    if name in _PERCENT:
        return f"{value}%"
    return phrase("value_days", language, count=value) if name in _DAYS else str(value)


def percent(basis_points: int) -> str:
    """Without trailing zeros.

    >>> percent(100), percent(150), percent(1666)
    ('1', '1.5', '16.66')
    """
    whole, part = divmod(basis_points, 100)
    return f"{whole}.{part:02d}".rstrip("0").rstrip(".")


def _fine(why: str, amount: Money, language: str) -> str:
    return phrase("fine_for", language, reason=_fined_for(why, language), amount=amount)


def _fined_for(why: str, language: str) -> str:
    return why_words(why, language).replace("_", " ")
