"""What every text out is made of: short names, bare figures, and sentences packed so that each text is one part."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ledger.books import Book, Member
from ledger.checks import Figure
from ledger.journal import Receipt
from ledger.money import Money
from menus.gsm7 import fold, segments, units
from menus.places import FAMILY_NAME_FIRST, language_of
from menus.say import fill, in_letters, money
from menus.texts import catalogue

NAME_MAX = 12
GROUP_MAX = 16
MARKED_PARTS = 2  # what who asks for marks may cost
WHY_MAX = 40  # characters of a reason somebody typed
AGENT = 0  # the field agent's number in the outbox
_CURRENCY = re.compile(r"[A-Za-z]+")


def phrase(name: str, language: str, /, **figures: Figure) -> str:
    """A sentence, or a piece of one, as texts say it."""
    return fill(name, "sms", language, figures)


def of_words(number: int, language: str, purpose: str, words: str) -> Receipt:
    """A text to a member, in the letters of her writing. Where even two parts do not hold the marks she asked for, it goes without them."""
    text = in_letters(words, language)
    text = text if one_text(text) else in_letters(words, language_of(language))
    return Receipt(number, purpose, text, units(text)[0], segments(text))


def text_to(member: Member, purpose: str, name: str, figures: dict[str, Figure]) -> Receipt:
    """A sentence as a text to a member, in her language."""
    return of_words(member.number, member.language, purpose, fill(name, "sms", member.language, figures))


def one_text(words: str) -> bool:
    """Whether the words are one text: one part, or two with their marks."""
    words = fold(words, keep_accents=True)
    return segments(words) <= (1 if units(words)[0] == "GSM-7" else MARKED_PARTS)


def pack(head: str, pieces: Iterable[str]) -> list[str]:
    """As few texts as hold all the pieces, in order, each under the same head.

    A piece ends in "," or "."; at the end of a text it is taken away. What follows a full stop begins with a capital.

    >>> pack("Umoja 24/08 No.12:", ["3 shares 6,000,", "social fund 500.", "owes 34."])
    ['Umoja 24/08 No.12: 3 shares 6,000, social fund 500. Owes 34']
    """
    texts: list[str] = []
    words = head
    for part in (part for piece in pieces for part in _parts(head, piece)):
        longer = f"{words} {part[:1].upper() + part[1:] if words.endswith('.') else part}"
        if words != head and not one_text(_ended(longer)):
            texts.append(_ended(words))
            longer = f"{head} {part}"
        words = longer
    return [*texts, _ended(words)] if words != head else texts


def _parts(head: str, piece: str) -> list[str]:
    """A piece that no text could hold, cut at its spaces."""
    if one_text(_ended(f"{head} {piece}")) or " " not in piece:
        return [piece]
    middle = piece.rfind(" ", 0, len(piece) // 2 + 1)
    middle = middle if middle > 0 else piece.index(" ")
    return [*_parts(head, piece[:middle]), *_parts(head, piece[middle + 1 :])]


def _ended(words: str) -> str:
    return words.rstrip(".,")


def listed(pieces: Sequence[str]) -> list[str]:
    """Pieces of one sentence: commas between them, a full stop at the end.

    >>> listed(["3 shares", "fine 500"]), listed([])
    (['3 shares,', 'fine 500.'], [])
    """
    return [f"{piece}," for piece in pieces[:-1]] + [f"{piece}." for piece in pieces[-1:]]


def bare(amount: Money) -> str:
    """Digits alone, where it is plain what they count.

    >>> bare(Money(1_515_000, "VND")), bare(Money(-600_000, "KES")), bare(Money(6_000, "XOF"))
    ('1.515.000', '-6,000', '6 000')
    """
    digits = _CURRENCY.sub("", money(amount)).strip()
    return f"-{digits[1:].strip()}" if digits.startswith("-") else digits


def first_name(member: Member | None, country: str) -> str:
    """How a member is named on screens and in texts: the name she is called by, never long enough to push a figure out.

    >>> first_name(Member(12, "Nguyễn Thị Hoa", "vi", ()), "VN"), first_name(Member(7, "Wanjiku Kamau", "sw", ()), "KE")
    ('Hoa', 'Wanjiku')
    """
    names = member.name.split() if member else []
    return names[-1 if country in FAMILY_NAME_FIRST else 0][:NAME_MAX] if names else ""


def person(book: Book, number: int, language: str) -> str:
    """`No.12 Hoa`; 0 is whoever runs Dialbook for the group."""
    if not number:
        return phrase("operator", language)
    return phrase("person", language, number=number, name=first_name(book.member(number), book.group.country)).strip()


def short_group(book: Book) -> str:
    """The group's name as texts begin with it."""
    return book.group.name[:GROUP_MAX].strip()


def why_words(why: str, language: str) -> str:
    """A reason chosen from a list, in words; one that somebody typed as it is."""
    for name, form in ((f"why_{why}", "sms"), (f"word_{why}", "label")):
        if (name, form, language) in catalogue():
            return fill(name, form, language, {})
    return why[:WHY_MAX].strip()


def agent_of(book: Book) -> Member | None:
    """The field agent who looks after the group, as whoever gets texts under number 0."""
    row = book.conn.execute("select name, language from agent where group_id = %s", (book.group_id,)).fetchone()
    return Member(AGENT, row.name, row.language, ()) if row else None


def officers(book: Book, *roles: str) -> list[Member]:
    """Members who hold one of these offices and have a phone, by number."""
    reached = book.hands()
    return [member for member in book.members().values() if set(roles) & set(member.roles) and member.number in reached]


def everybody(book: Book) -> list[Member]:
    """Members who have not left and are reached by texts, by number."""
    reached = book.reached()
    return [member for member in book.members().values() if not member.left and member.number in reached]
