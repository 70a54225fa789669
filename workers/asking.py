"""A member asks by text: her figures, the group's, what may be asked; or says in which language and how she wants her texts. One short answer,
a few an hour, and nothing private to a phone that several people share."""

from __future__ import annotations

from dataclasses import replace

from gateway.at_once import choose
from ledger import requests
from ledger.books import Book, Member
from ledger.checks import Refused
from ledger.commands import SetLanguage, SetShortReceipts
from ledger.db import Conn, lock_group
from menus import telling_keywords, telling_questions
from menus.places import MARKED, language_of
from menus.say import reason
from menus.state import Membership
from menus.telling_texts import of_words
from workers.heard import Heard, said_lately, say
from workers.whose import the_book, turn_away

AN_HOUR_MAX = 6  # answers to one phone
PRIVATE = ("balance", "loan", "last", "meetings", "funds", "rules", "waiting")
OF_HERS = ("balance", "loan", "last")  # what telling_keywords says; telling_questions the others
ANSWERS = tuple(f"asked_{name}" for name in (*PRIVATE, "help", "help_pay", "language", "accents", "receipts"))


def answer(conn: Conn, heard: Heard, dial: str) -> str:
    """Answer a keyword; what is noted beside the text."""
    helps = heard.reply.meaning in ("help", "help_pay")
    mine = the_book(heard)
    if mine is None and not helps:
        return turn_away(conn, heard, dial)
    to = mine or next((book for book in heard.books if book.member), heard.books[0])
    if said_lately(conn, to, ANSWERS, 1) >= AN_HOUR_MAX:
        return "not answered"
    return _help(conn, heard, to, dial) if helps else _of_hers(conn, heard, to)


def _help(conn: Conn, heard: Heard, to: Membership, dial: str) -> str:
    """What she may text: what she may ask, and on the second page what she may ask for."""
    if not to.member:
        return say(conn, to, "asked_help", {"dial": dial}, words="help")
    second = heard.reply.meaning == "help_pay" or heard.reply.number > 1
    return say(conn, to, "asked_help", {} if second else {"dial": dial}, words="help_pay_words" if second else "help_words")


def _of_hers(conn: Conn, heard: Heard, to: Membership) -> str:
    match heard.reply.meaning:
        case "language":
            return _language(conn, to, heard.reply.language)
        case "accents" | "no_accents" as wish:
            return _accents(conn, to, wish == "accents")
        case "short" | "full" as wish:
            lock_group(conn, to.group_id)
            choose(conn, SetShortReceipts(to.group_id, to.member, wish == "short"))
            return say(conn, to, "asked_receipts", {}, words=f"receipts_now_{wish}")
        case asked:
            return _private(conn, to, asked, heard.reply.number)


def _private(conn: Conn, to: Membership, asked: str, page: int) -> str:
    lock_group(conn, to.group_id)
    book, member = Book(conn, to.group_id), Member(to.member, "", to.language, to.roles)
    try:
        words = telling_keywords.answer(book, member, asked) if asked in OF_HERS else telling_questions.answer(book, member, asked, page)
    except Refused as nothing:
        words = reason(nothing, to.language)
    requests.write_texts(conn, to.group_id, [of_words(to.member, to.language, f"asked_{asked}", words)])
    return f"asked_{asked}"


def _language(conn: Conn, to: Membership, chosen: str) -> str:
    """Her texts and pages are in another language from now on; without one she is told how to choose."""
    if not chosen:
        return say(conn, to, "asked_language", {}, words="which_language")
    lock_group(conn, to.group_id)
    choose(conn, SetLanguage(to.group_id, to.member, chosen))
    words = telling_keywords.language_set(Book(conn, to.group_id), chosen)
    requests.write_texts(conn, to.group_id, [of_words(to.member, chosen, "asked_language", words)])
    return "asked_language"


def _accents(conn: Conn, to: Membership, wanted: bool) -> str:
    """With or without marks from now on; in a language that is written in one way only there is nothing to choose."""
    plain = language_of(to.language)
    if plain not in MARKED:
        return say(conn, to, "asked_accents", {}, words="accents_none")
    now = replace(to, language=MARKED[plain] if wanted else plain)
    lock_group(conn, to.group_id)
    choose(conn, SetLanguage(to.group_id, to.member, now.language))
    return say(conn, now, "asked_accents", {}, words="accents_now_on" if wanted else "accents_now_off")
