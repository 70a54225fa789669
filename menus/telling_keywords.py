"""What a member is told when she asks by text: her figures in one part, the most important first."""

from __future__ import annotations

from ledger import loans
from ledger.books import Book, BookLine, LoanNow, Member
from ledger.checks import Figure
from ledger.entry import Reason
from ledger.tally import Tally
from menus.say import day, fill, short_day
from menus.telling_meeting import stands
from menus.telling_texts import bare, listed, pack, phrase, short_group
from menus.texts import label

LINES_SHOWN = 5


def answer(book: Book, member: Member, asked: str) -> str:
    """The words for `balance`, `loan` or `last`: one part, what does not fit is left to be read on the menu."""
    language = member.language
    head = phrase("close_head", language, group=short_group(book), day=short_day(book.group.today), number=member.number)
    pieces = {"balance": balance, "loan": loan, "last": last}[asked](book, member.number, language)
    return pack(head, pieces)[0]


def balance(book: Book, number: int, language: str) -> list[str]:
    """Shares and what was paid for them, debts, what is due."""
    units, paid = book.shares(number)
    about = stands(Tally(book.conn, book.group_id), number, language)
    shares = phrase("has_savings", language, units=units, savings=bare(book.money(paid))) if units else about[0]
    return listed([shares, *about[1:]])


def loan(book: Book, number: int, language: str) -> list[str]:
    """Each running loan: what is owed today, when it is due, and what another period would add."""
    running = book.loans(number)
    return [piece for one in running for piece in listed(_loan(book, one, language))] or listed([phrase("has_no_debt", language)])


def _loan(book: Book, one: LoanNow, language: str) -> list[str]:
    principal, charge = (bare(book.money(amount)) for amount in (one.now.principal, one.now.charge))
    late = fill("late", "page", language, {}) if one.late else ""
    said = [phrase("owes_loan", language, principal=principal, charge=charge, due=day(one.due_on), late=late)]
    more = next_charge(one)
    return said + ([phrase("owes_then", language, charge=bare(book.money(more)))] if more else [])


def next_charge(one: LoanNow) -> int:
    """What another period would add to it as it stands."""
    base = {"none": 0, "flat": one.terms.original, "declining": one.now.principal}.get(one.terms.method, one.now.owed)
    return loans.charge_on(base, one.terms.rate_bp)


def last(book: Book, number: int, language: str) -> list[str]:
    """The newest lines of her passbook."""
    lines = book.last_lines(number, LINES_SHOWN)
    return [f"{line_words(book, line, language)}." for line in lines] or listed([phrase("did_nothing", language)])


def line_words(book: Book, line: BookLine, language: str) -> str:
    """One line of a passbook, as pages and texts show it; with a minus what cancels an older line."""
    sign = -1 if line.taken_back else 1
    figures: dict[str, Figure] = {"day": short_day(line.happened_on), "amount": book.money(sign * line.amount)}
    name = _line_name(line)
    words = fill(name, "page", language, figures | {"units": sign * line.units} if name == "line_share" else figures)
    return fill("line_corrected", "page", language, {"line": words}) if line.corrected else words


def _line_name(line: BookLine) -> str:
    """A book begins with what members bring: shares they have, and debts, which are not counted in shares."""
    if line.reason is Reason.OPENING and not line.units:
        return "line_opening_debt"
    return "line_handed_in" if line.reason is Reason.PAYOUT and line.units else f"line_{line.reason.name.lower()}"


def language_set(book: Book, chosen: str) -> str:
    """In the new language, that it is chosen."""
    return phrase("language_set", chosen, group=short_group(book), name=label(f"language_{chosen}", chosen))
