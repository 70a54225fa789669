"""What each property of the wire vectors means for pages, webhooks and the book. A property that is not here fails its vector."""

from __future__ import annotations

import re
from collections.abc import Callable

import gsm0338  # noqa: F401  registers the codec "gsm03.38", an oracle that is not ours
from wire_site import Answer
from wire_stage import MEMBER, OTHER, TREASURER, Stage

from ledger.books import Book

CHECKS: dict[str, Callable[..., None]] = {}
FAST_MS = 2000
SCREEN_SEPTETS, SCREEN_UNITS = 160, 70
WHO = {"PHONE_A": MEMBER, "PHONE_B": OTHER, "PHONE_T": TREASURER}
Answers = list[Answer]


def means(*names: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Says which property a check is for."""

    def keep(check: Callable[..., None]) -> Callable[..., None]:
        CHECKS.update(dict.fromkeys(names, check))
        return check

    return keep


def check(stage: Stage, prop: str, step: int, answers: Answers) -> None:
    """One property: `NAME` or `NAME:argument`."""
    name, _, argument = prop.partition(":")
    assert name in CHECKS, f"nobody here knows the property {name}"
    CHECKS[name](stage, answers, argument, step)


# ---------------------------------------------------------------- pages


def size(text: str) -> tuple[int, int]:
    """(what a text takes, what one screen has): septets, or UTF-16 units where a character is outside GSM-7."""
    try:
        return len(text.encode("gsm03.38")), SCREEN_SEPTETS
    except UnicodeEncodeError:
        return len(text.encode("utf-16-be")) // 2, SCREEN_UNITS


@means("VALID")
def valid(stage: Stage, answers: Answers, argument: str = "", step: int = 0) -> None:
    assert answers
    for answer in answers:
        assert answer.status == 200, answer
        assert answer.content_type.startswith("text/plain"), answer
        assert re.match(r"(CON|END) \S", answer.text), answer


@means("FIT")
def fit(stage: Stage, answers: Answers, argument: str = "", step: int = 0) -> None:
    for answer in answers:
        takes, has = size(answer.screen)
        assert takes <= has, answer.text


@means("CON", "END")
def goes_on(stage: Stage, answers: Answers, argument: str, step: int) -> None:
    assert all(answer.text.startswith("CON ") for answer in answers)


@means("FAST")
def fast(stage: Stage, answers: Answers, argument: str, step: int) -> None:
    under_ms(stage, answers, str(FAST_MS), step)


@means("UNDER_MS")
def under_ms(stage: Stage, answers: Answers, argument: str, step: int) -> None:
    assert max(answer.ms for answer in answers) < int(argument)


@means("SAME_BODY_AS")
def same_body(stage: Stage, answers: Answers, argument: str, step: int) -> None:
    assert {answer.body for answer in answers} == {stage.answers[int(argument)][0].body}


@means("SAME_SCREEN_AS")
def same_screen(stage: Stage, answers: Answers, argument: str, step: int) -> None:
    name, number = argument.split(".")
    other = Stage(stage.site, stage.kept["vectors"][name], stage.village)
    other.play(lambda *_: None)
    assert [answer.body for answer in answers] == [other.answers[int(number)][0].body]


@means("HANDLED_AS_NEW_TURN")
def new_turn(stage: Stage, answers: Answers, argument: str, step: int) -> None:
    assert answers[0].body != stage.answers[step - 1][0].body
    assert stage.ussd("1*1*0").text.startswith("CON "), "and the next answer is counted after it"


@means("OPTIONS_AVOID")
def options_avoid(stage: Stage, answers: Answers, argument: str, step: int) -> None:
    """Every screen in every language: 98 nowhere, 00 only as the way home."""
    assert argument == "98,00_UNLESS_NAV"
    home = {"en": "Home", "vi": "Ve dau", "vi+": "Về đầu", "sw": "Mwanzo", "fr": "Accueil"}
    valid(stage, answers)
    fit(stage, answers)
    for language, screen, page in stage.crawled:
        for key, label in re.findall(r"^ *(\d+)[.:) ] *(.*)$", page.screen, re.MULTILINE):
            assert key != "98", page
            assert key != "00" or label in (home[language], home[language.removesuffix("+")]), (language, screen, page)


@means("PICKS_WHAT_WAS_SHOWN")
def picks_what_was_shown(stage: Stage, answers: Answers, argument: str, step: int) -> None:
    chosen = {"U59": 2, "U60": 1}[stage.vector["id"]]  # the step that sent the last list
    shown = dict(re.findall(r"^(\d+)\. (.*)$", stage.answers[chosen][-1].text, re.MULTILINE))
    assert shown["1"].startswith("No."), shown
    assert shown["1"] in answers[0].text, (shown, answers[0].text)


# ---------------------------------------------------------------- webhooks


@means("STATUS")
def status(stage: Stage, answers: Answers, argument: str, step: int) -> None:
    assert {answer.status for answer in answers} <= {int(code) for code in argument.split("|")}


@means("NO_5XX")
def no_5xx(stage: Stage, answers: Answers, argument: str = "", step: int = 0) -> None:
    assert answers
    assert all(answer.status < 500 for answer in answers), answers


@means("NO_REDIRECT")
def no_redirect(stage: Stage, answers: Answers, argument: str, step: int) -> None:
    assert not any(300 <= answer.status < 400 for answer in answers)
    valid(stage, answers)


@means("ACK")
def ack(stage: Stage, answers: Answers, argument: str, step: int) -> None:
    for answer in answers:
        assert 200 <= answer.status < 300, answer
        assert len(answer.body) <= 40, answer
        assert not re.match("CON|END", answer.text), answer


@means("ACK200")
def ack200(stage: Stage, answers: Answers, argument: str, step: int) -> None:
    assert answers
    assert {answer.status for answer in answers} == {200}


@means("NOT_200")
def not_200(stage: Stage, answers: Answers, argument: str, step: int) -> None:
    assert all(answer.status != 200 for answer in answers)


@means("NOT_CONTAINS")
def not_contains(stage: Stage, answers: Answers, argument: str, step: int) -> None:
    assert not any(argument in answer.text for answer in answers)


@means("REFUSED")
def refused(stage: Stage, answers: Answers, argument: str = "", step: int = 0) -> None:
    for answer in answers:
        if not 400 <= answer.status < 500:
            valid(stage, [answer])
            assert answer.text.startswith("END "), answer
    assert stage.book() == stage.before
    assert stage.site.calls() <= stage.calls_before, "a call was kept"


@means("SAME_IDENTITY_OR_REFUSED")
def same_identity_or_refused(stage: Stage, answers: Answers, argument: str, step: int) -> None:
    """A first page is the same for everybody, so the page after it decides whose book was opened."""
    [answer] = answers
    if answer.status != 200 or answer.text.startswith("END "):
        return refused(stage, answers)
    given, hers = stage.vector["steps"][step - 1], stage.walk("1", "{{SESSION_4}}")
    assert answer.body == hers[0].body
    if "raw" in given:
        again = stage.send(given | {"raw": re.sub("text=$", "text=1", given["raw"])})
    else:
        again = stage.send(given | {"form": given["form"] | {"text": "1"}})
    assert again.body == hers[1].body


# ---------------------------------------------------------------- who may learn what


def secrets_of(stage: Stage, number: int) -> list[str]:
    """Patterns of what is a member's own: name, number, phone, codes, balances."""
    v = stage.village
    with v.db.transaction() as conn:
        book = Book(conn, v.group_id)
        member = book.member(number)
        figures = [book.shares(number)[1], *(n for loan in book.loans(number) for n in (loan.now.principal, loan.now.charge, loan.now.owed))]
    assert member is not None
    codes = [row.code for row in v.rows("select code from approver where group_id = %s and officer = %s", number)]
    money = [f"{figure:,}".replace(",", "[.,]?") for figure in figures if figure]
    return [rf"\b{member.name}\b", rf"\bNo\.{number}\b", re.escape(v.phones[number][1:]), *codes, *(rf"\b{one}d?\b" for one in money)]


@means("NO_DATA_OF")
def no_data_of(stage: Stage, answers: Answers, argument: str, step: int) -> None:
    numbers = list(stage.village.phones) if argument == "ANYONE" else [WHO[argument]]
    said = [answer.text for answer in answers]
    if not step:
        said += [row.text for row in stage.texts() if row.member not in numbers]
        assert len(said) > len(answers), "at the end of a vector about texts: what was replied counts too"
    for number in numbers:
        for pattern in secrets_of(stage, number):
            assert not any(re.search(pattern, text) for text in said), (number, pattern, said)
