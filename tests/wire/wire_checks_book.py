"""What each property of the wire vectors means for requests, entries and the people who are told of them."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from people import new_session
from wire_checks import Answers, means
from wire_site import said
from wire_stage import MEMBER, TREASURER, UNITS_OF_MONEY_PATH, Stage

CONFIRM = f"?\n1. {said('yes', field='label')}\n2. {said('no', field='label')}\n"  # how a page ends whose 1 would count


@means("NO_EFFECT")
def no_effect(stage: Stage, answers: Answers = (), argument: str = "", step: int = 0) -> None:  # type: ignore[assignment]
    assert stage.book() == stage.before
    assert stage.effects() == 0


@means("LOCKED")
def locked(stage: Stage, answers: Answers, argument: str, step: int) -> None:
    """Five tries were compared, no more; the right PIN opens nothing now."""
    v = stage.village
    tries = v.rows("select was_right from pin_try where group_id = %s and member = %s", MEMBER)
    assert [one.was_right for one in tries] == [False] * 5
    pages = stage.walk(f"{stage.bindings['PIN_PATH']}*{stage.bindings['PIN_OK']}", new_session())
    assert pages[-2].text == f"END {said('pin_locked')}"
    assert stage.effects() == 0


@means("ONE_EFFECT")
def one_effect(stage: Stage, answers: Answers = (), argument: str = "", step: int = 0) -> None:  # type: ignore[assignment]
    """One request of that very purchase and one text that asks for its confirmation; or one entry of it and one receipt."""
    assert stage.effects() == 1, (stage.village.outcomes(), stage.village.entries())
    asked: list[Any] = stage.village.rows("select kind, member, body from request where group_id = %s order by request_no")
    assert (asked[0].kind, asked[0].member, asked[0].body["units"]) == ("buy_shares", MEMBER, UNITS_OF_MONEY_PATH)
    purposes = Counter((row.member, row.purpose) for row in stage.texts())
    if stage.village.entries() == stage.entries_before:
        assert purposes == {(TREASURER, "ask_officer"): 1}
        assert stage.village.outcomes() == ["waiting"]
    else:
        assert stage.village.outcomes()[0] == "posted"
        assert stage.village.shares(MEMBER)[0] == 10 + UNITS_OF_MONEY_PATH
        assert purposes[(MEMBER, "receipt")] == 1
        assert purposes[(TREASURER, "done")] == 1


@means("AT_MOST_ONE_EFFECT")
def at_most_one_effect(stage: Stage, answers: Answers, argument: str, step: int) -> None:
    if stage.effects():
        one_effect(stage)


@means("NO_EFFECT_OR_ONE_EFFECT_WITH_CONFIRM_PROOF")
def no_effect_without_proof(stage: Stage, answers: Answers, argument: str, step: int) -> None:
    """The proof that the confirm page was sent is in Redis, which has just been emptied: so nothing may be written down."""
    assert stage.effects() == 0
    assert CONFIRM in stage.answers[3][0].text, "the confirm page is shown again instead"


@means("ONE_EFFECT_OR_HELP_REPLY")
def one_effect_or_help(stage: Stage, answers: Answers, argument: str, step: int) -> None:
    if stage.effects():
        return one_effect(stage)
    assert stage.book() == stage.before
    assert [row.purpose for row in stage.texts(TREASURER)] in (["help"], ["wrong_code"])


@means("ALL_OR_NONE")
def all_or_none(stage: Stage, answers: Answers, argument: str, step: int) -> None:
    assert stage.effects() in (0, 2)
    [reply] = stage.texts(TREASURER) if stage.effects() == 0 else [None]
    assert reply is None or (reply.purpose == "help")


@means("ONE_FINAL_DECISION")
def one_final_decision(stage: Stage, answers: Answers, argument: str, step: int) -> None:
    [outcome] = stage.village.outcomes()
    assert outcome in ("posted", "refused")
    assert stage.effects() == (outcome == "posted")
    told = sorted(row.purpose for row in stage.texts(TREASURER))
    assert told == sorted(["already", "done" if outcome == "posted" else "refused_done"])


@means("ONE_SMS_PER_PARTY")
def one_sms_per_party(stage: Stage, answers: Answers, argument: str, step: int) -> None:
    assert max(Counter(row.member for row in stage.texts()).values()) == 1
    assert max(Counter(sent.form["to"] for sent in stage.sends()).values()) == 1


@means("ONE_REPLY")
def one_reply(stage: Stage, answers: Answers, argument: str, step: int) -> None:
    assert len(stage.texts(TREASURER)) == 1
    assert [sent.form["to"] for sent in stage.sends()].count(stage.village.phones[TREASURER]) == 1


@means("NO_REPLY")
def no_reply(stage: Stage, answers: Answers, argument: str, step: int) -> None:
    assert stage.site.rows("select count(*) as n from outbox")[0].n == stage.all_texts_before
    assert not stage.site.stand_in.requests


@means("HELP_REPLY_AT_MOST_ONE")
def at_most_one_help(stage: Stage, answers: Answers, argument: str, step: int) -> None:
    assert len(stage.texts()) <= 1
    assert {row.member for row in stage.texts()} <= {TREASURER}


@means("NO_NEW_MEMBER")
def no_new_member(stage: Stage, answers: Answers, argument: str, step: int) -> None:
    assert stage.people() == stage.people_before
    assert stage.book() == stage.before


@means("SESSION_CLOSED_BY_TTL")
def closed_by_ttl(stage: Stage, answers: Answers, argument: str, step: int) -> None:
    assert not stage.kept["calls"] & stage.site.calls()
    again = stage.ussd("{{MONEY_PATH}}*{{COMMIT}}")
    assert CONFIRM in again.text, "unseen again: a direct dial, which stops at the confirmation"
    assert stage.effects() == 0


@means("AMOUNT_SHOWN_EXACT_OR_REPROMPT")
def amount_exact(stage: Stage, answers: Answers, argument: str, step: int) -> None:
    """Either the question again, or a page with the very amount that a yes would book: said yes to in another village."""
    question = stage.answers[step - 1][-1].screen
    [answer] = answers
    if answer.screen.endswith(question):
        return
    path = stage.fill(stage.vector["steps"][step - 1]["form"]["text"])
    no_effect(stage)
    elsewhere = Stage(stage.site, stage.vector | {"steps": [], "expect": [], "final": []})
    elsewhere.walk(f"{path}*{stage.bindings['COMMIT']}")
    [row] = elsewhere.village.rows("select (body->>'amount')::bigint as amount from request where group_id = %s")
    shown = [int(re.sub("[.,]", "", number)) for number in re.findall(r"\d[\d.,]*", answer.screen.split("\n")[0])]
    assert shown == [row.amount], (answer.text, row.amount)
    stage.look()
