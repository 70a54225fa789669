"""Figures as people read them: money as the country writes it, dates as the country writes them, never a letter outside GSM-7."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from ledger.checks import Figure, Refused
from ledger.money import EXPONENTS, Money
from menus.gsm7 import fold, unmarked
from menus.places import MONEY_STYLES, UNMARKED, is_marked
from menus.texts import catalogue, sentence

NO_BREAK = "\u00a0"


def money(amount: Money) -> str:
    """Digits in threes; the decimals only where there are any.

    >>> money(Money(1_515_000, "VND")), money(Money(125_050, "KES")), money(Money(600_000, "KES"))
    ('1.515.000d', 'KSh 1,250.50', 'KSh 6,000')
    """
    thousands, point, pattern = MONEY_STYLES.get(amount.currency, (",", ".", f"{amount.currency} #"))
    scale = 10 ** EXPONENTS[amount.currency]
    whole, part = divmod(abs(amount.minor), scale)
    digits = f"{whole:,}".replace(",", thousands) + (f"{point}{part:0{EXPONENTS[amount.currency]}d}" if part else "")
    return ("-" if amount.minor < 0 else "") + pattern.replace("#", digits)


def day(when: date) -> str:
    """Day, month, year, as all our countries write it.

    >>> day(date(2026, 9, 24))
    '24/09/2026'
    """
    return when.strftime("%d/%m/%Y")


def short_day(when: date) -> str:
    """Day and month, where the year is plain.

    >>> short_day(date(2026, 9, 24))
    '24/09'
    """
    return when.strftime("%d/%m")


def figure(value: Figure) -> str:
    """Any figure as text."""
    match value:
        case Money():
            return money(value)
        case date():
            return day(value)
        case _:
            return str(value)


def fill(name: str, form: str, language: str, figures: Mapping[str, Figure]) -> str:
    """A sentence of the catalogue with its figures, in the letters of its writing: names keep their marks only where the words do. There an
    amount holds together too, for the page will be cut at its spaces; it is folded when it is cut."""
    if is_marked(language):
        return sentence(name, form, language).fill({key: _held_together(value) for key, value in figures.items()})
    return in_letters(sentence(name, form, language).fill({key: figure(value) for key, value in figures.items()}), language)


def in_letters(text: str, language: str) -> str:
    """The text as a phone gets it in this writing: with all marks, with those of GSM-7, or with none.

    >>> in_letters("Đoàn Kết: déjà", "vi+"), in_letters("Đoàn Kết: déjà", "fr"), in_letters("Đoàn Kết: déjà", "vi")
    ('Đoàn Kết: déjà', 'Doàn Ket: déjà', 'Doan Ket: deja')
    """
    text = fold(text, is_marked(language))
    return text if text.isascii() or language not in UNMARKED else unmarked(text)


def _held_together(value: Figure) -> str:
    return figure(value).replace(" ", NO_BREAK) if isinstance(value, Money) else figure(value)


def reason(refused: Refused, language: str) -> str:
    """Why the book says no. At a meeting that is about another member than the one who types: then with her number, and not as if to her."""
    name, of = refused.reason, refused.figures.get("of")
    if not of:
        return fill(name, "page", language, refused.figures)
    about = f"{name}_of"
    words = fill(about if (about, "page", language) in catalogue() else name, "page", language, refused.figures)
    return fill("about_member", "page", language, {"of": of, "why": words})
