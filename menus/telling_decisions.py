"""What the group decided, told to everybody: new rules, a member who leaves, a debt that is given up. Each function reads the book before the
posting and gives a function that writes the texts after it."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from ledger import deciding
from ledger.accounts import Kind, account
from ledger.books import Book
from ledger.commands import ChangeRules, Leave, WriteOff
from ledger.constitution import Constitution
from ledger.journal import Receipt
from ledger.leaving import Settlement
from ledger.tally import Tally
from menus.say import day, short_day
from menus.telling_texts import bare, everybody, listed, of_words, pack, person, phrase, short_group
from menus.telling_words import rule_changes

Later = Callable[[int], list[Receipt]]  # the texts of a decision, once its entry has a number
RULES_TEXTS_MAX = 3


# ---------------------------------------------------------------- rules


def rules_changed(book: Book, request: ChangeRules) -> Later:
    """Every member: what changes, and from when."""
    old, new = book.constitution, Constitution.from_json(request.terms)

    def texts(_entry_no: int) -> list[Receipt]:
        said = {member.language: rules_texts(book, "rules_head", request, old, new, member.language) for member in everybody(book)}
        return [of_words(member.number, member.language, "rules", words) for member in everybody(book) for words in said[member.language]]

    return texts


def rules_texts(book: Book, head: str, request: ChangeRules, old: Constitution, new: Constitution, language: str) -> list[str]:
    """A head and each rule that differs; what a few texts cannot hold is counted."""
    begin = phrase(head, language, group=short_group(book), day=day(request.from_on))
    return few(begin, rule_changes(old, new, book.group.currency, language), language)


def few(head: str, pieces: list[str], language: str) -> list[str]:
    """Pieces in at most RULES_TEXTS_MAX texts; the rest is counted, for who dials to read."""
    for shown in range(len(pieces), 0, -1):
        left = len(pieces) - shown
        texts = pack(head, [*listed(pieces[:shown]), *([phrase("rules_more", language, count=left)] if left else [])])
        if len(texts) <= RULES_TEXTS_MAX:
            return texts
    return [head.rstrip(":")]


# ---------------------------------------------------------------- leaving


def left(book: Book, request: Leave) -> Later:
    """Everybody, and her: what she gets, and what it does to a share of the others."""
    tally = Tally(book.conn, book.group_id)
    done, leaver = deciding.settlement(tally, request)
    hers = [member for number, member in book.members().items() if number == request.member and number in book.reached()]

    def texts(entry_no: int) -> list[Receipt]:
        told = {member.number: member for member in [*hers, *everybody(book)]}
        owed = -Book(book.conn, book.group_id).balance(account(Kind.PAYABLE, request.member))
        return [
            of_words(number, member.language, "left", words)
            for number, member in told.items()
            for words in pack(
                phrase("decided_head", member.language, group=short_group(book), day=short_day(book.group.today)),
                [
                    *leaving_pieces(book, request, done, leaver.units, owed, member.language),
                    phrase("wrong", member.language, receipt=entry_no) + ".",
                ],
            )
        ]

    return texts


def leaving_pieces(book: Book, request: Leave, done: Settlement, units: int, owed: int, language: str) -> list[str]:
    """What she gets and what the others gain or lose. `owed`: of her payout, what the box cannot pay."""
    who = phrase("left_member", language, person=person(book, request.member, language), how=phrase(f"how_{request.why}", language))
    if done.rule == "wait":
        return listed([who, phrase("left_waits", language)])
    amounts = {
        "left_set_off": done.set_off, "left_paid": done.payout - owed, "left_owed": owed, "left_forgiven": done.forgiven, "left_debt": done.surviving,
    }  # fmt: skip
    said = [who, phrase("left_shares", language, units=units, gross=bare(book.money(done.gross)))]
    said += [phrase(name, language, amount=bare(book.money(amount))) for name, amount in amounts.items() if amount or name == "left_paid"]
    return [*listed(said), *value_pieces(book, done, language)]


def value_pieces(book: Book, done: Settlement, language: str) -> list[str]:
    """A share of the others before and after; nothing when none is left."""
    if done.value_after is None:
        return []
    return listed([phrase("left_value", language, before=per_share(book, done.value_before), after=per_share(book, done.value_after))])


def per_share(book: Book, value: Fraction) -> str:
    """Rounded to the minor unit, half up: to be read, never to be booked."""
    return bare(book.money((2 * value.numerator + value.denominator) // (2 * value.denominator)))


# ---------------------------------------------------------------- giving up a debt


def given_up(book: Book, request: WriteOff) -> Later:
    """Everybody: whose debt, how much, and what a share loses by it."""
    tally = Tally(book.conn, book.group_id)
    loan = next(loan for loan in tally.loans(request.member) if loan.loan_no == request.loan_no)
    hers = [member for number, member in book.members().items() if number == request.member and number in book.reached()]

    def texts(entry_no: int) -> list[Receipt]:
        told = {member.number: member for member in [*hers, *everybody(book)]}
        return [
            of_words(number, member.language, "given_up", words) for number, member in told.items() for words in _given_up(member.language, entry_no)
        ]

    def _given_up(language: str, entry_no: int) -> list[str]:
        who = person(book, request.member, language)
        pieces = listed([phrase("given_up", language, person=who, amount=bare(book.money(loan.now.owed)))])
        pieces += listed([phrase("given_up_cost", language, amount=per_share(book, loss))]) if (loss := loss_per_share(tally, request)) else []
        pieces += [phrase("given_up_stays", language) + ".", phrase("wrong", language, receipt=entry_no) + "."]
        return pack(phrase("decided_head", language, group=short_group(book), day=short_day(book.group.today)), pieces)

    return texts


def loss_per_share(tally: Tally, request: WriteOff) -> Fraction:
    """What a share is worth less without the debt; 0 for a loan of another fund."""
    loan = next((loan for loan in tally.loans(request.member) if loan.loan_no == request.loan_no), None)
    if loan is None or loan.terms.fund != "loan_fund" or not tally.units():
        return Fraction(0)
    return Fraction(loan.now.owed, tally.units())
