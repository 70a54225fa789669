"""One function for each thing that a compact text may note of one member or of the group: from what was typed to the request, by the rules
of the keypad's questions (menus/typed_meeting.py). The meeting itself is asked afterwards, for all of a text together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID, uuid5

from ledger import checks, meetings
from ledger.books import Book
from ledger.checks import Refused
from ledger.commands import (
    BorrowOutside,
    BuyShares,
    ChargeFine,
    Entrust,
    Grant,
    GrantLoan,
    Move,
    PayFine,
    PayOut,
    PaySocialFund,
    ReceiveOther,
    Recover,
    RedeemShares,
    Repay,
    RepayOutside,
    Request,
    RollOver,
    Spend,
    WaiveFine,
)
from ledger.meetings import Meeting, Noted
from ledger.reckoning import Reckoned
from menus import typed
from menus.at_meeting import word
from menus.compact import Item
from menus.facts_lending import PURPOSES
from menus.facts_noting import EXPENSES, HELP, INCOME
from menus.gsm7 import fold, units
from menus.noting import OTHER
from menus.say import money
from menus.state import Membership
from menus.typed_meeting import WORDS_MAX


@dataclass(slots=True)
class Saying:
    """A text on its way to being noted: what it has come to so far. The ids follow from the text's own, so that it is noted once however
    often it is confirmed."""

    book: Book
    keeper: Membership
    meeting: Meeting
    text_id: UUID
    requests: list[Request] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def about(self, member: int = 0) -> dict[str, Any]:
        """The next request: of whom (or of the group, by whoever keeps its book), noted by whom, under which id."""
        number = uuid5(self.text_id, str(len(self.requests)))
        return {"id": number, "group_id": self.keeper.group_id, "member": member or self.keeper.member, "asked_by": self.keeper.member}

    def so_far(self) -> Reckoned:
        """The meeting with what the text has said until now."""
        notes = (*self.meeting.notes, *(Noted(0, request) for request in self.requests))
        return meetings.so_far(self.book.conn, replace(self.meeting, notes=notes))

    def amount(self, item: Item, at: int = 0, least: int = 1) -> int:
        """Money as typed, in minor units."""
        return typed.money(item.amounts[at], self.book, least)

    def one_of(self, names: Sequence[str], place: int) -> str:
        """What stands at a place of one of the keypad's lists, by the number it has there. Raises Refused with the list."""
        if not 1 <= place <= len(names):
            listed = ", ".join(f"{at} {word(name, self.keeper.language)}" for at, name in enumerate(names, 1))
            raise Refused("texted_list", answer=listed)
        return names[place - 1]

    def loan_of_hers(self, item: Item, owed: Mapping[int, int]) -> int:
        """The loan that was named, or her only one; `owed`: {loan number: what she owes on it}. Raises Refused with the loans to choose from."""
        if item.loan in owed:
            return item.loan
        if len(owed) == 1 and not item.loan:
            return next(iter(owed))
        number = item.members[0]
        if not owed:
            raise Refused("she_owes_nothing", of=number)
        raise Refused("several_loans", of=number, answer=", ".join(f"{number}.{no} {money(self.book.money(due))}" for no, due in owed.items()))

    def due_after(self, periods: int) -> Any:
        """The day after so many periods from today, if the cycle still has them."""
        tally = self.so_far().tally
        most = checks.longest_term(tally)
        if not most:
            raise Refused("no_lending", end=tally.group.cycle_end)
        if not 1 <= periods <= most:
            raise Refused("texted_term", most=most)
        return checks.due_after(tally, periods)


def _her(saying: Saying, item: Item) -> dict[str, Any]:
    return saying.about(item.members[0])


def _running(saying: Saying, item: Item) -> int:
    return saying.loan_of_hers(item, {loan.loan_no: loan.now.owed for loan in saying.so_far().tally.loans(item.members[0])})


def _fine_of_table(saying: Saying, item: Item) -> ChargeFine:
    """By its place on the keypad's list, which is the constitution's table by name."""
    table = saying.book.constitution.fines
    why = saying.one_of([name for name in sorted(table) if name != OTHER], item.numbers[0])
    return ChargeFine(**_her(saying, item), why=why, amount=table[why])


def _recover(saying: Saying, item: Item) -> Recover:
    gone = saying.so_far().tally.written_off(item.members[0])
    return Recover(**_her(saying, item), loan_no=saying.loan_of_hers(item, gone), amount=saying.amount(item))


def _loan(saying: Saying, item: Item) -> GrantLoan:
    """A loan as it was agreed to. `N7 800000/1000000 3 18 4 +3,5 (goat)`: she asked for more, for school; two stand for it, one thing is pledged."""
    periods, votes, *purpose = item.numbers
    given, present = saying.amount(item), saying.so_far().present
    asked = saying.amount(item, 1) if item.amounts[1:] else given
    if given > asked:
        raise Refused("amount_limit", most=saying.book.money(asked))
    if not 1 <= votes <= present:
        raise Refused("texted_votes", present=present)
    fund: Any = item.fund
    return GrantLoan(
        **_her(saying, item), amount=given, due_on=saying.due_after(periods), requested=asked if asked != given else 0, votes=votes, fund=fund,
        purpose=saying.one_of(PURPOSES, purpose[0]) if purpose else OTHER, guarantors=tuple(sorted(item.more)), pledge=_words(item),
    )  # fmt: skip


def _words(item: Item) -> str:
    """What stood in brackets, short enough to be read back."""
    if item.words and (not item.words.isprintable() or units(fold(item.words))[1] > WORDS_MAX):
        raise Refused("words_limit", most=WORDS_MAX)
    return item.words


def _spend(saying: Saying, item: Item) -> Spend:
    fund: Any = item.fund
    return Spend(**saying.about(), amount=saying.amount(item), what=_words(item) or saying.one_of(EXPENSES, item.numbers[0]), fund=fund)


def _move(saying: Saying, item: Item) -> Move:
    fund: Any = item.fund
    return Move(**saying.about(), amount=saying.amount(item), to_bank=item.kind == "to_bank", fund=fund)


def _repay_outside(saying: Saying, item: Item) -> RepayOutside:
    return RepayOutside(**saying.about(), amount=saying.amount(item), interest=saying.amount(item, 1, least=0))


def _entrust_back(saying: Saying, item: Item) -> Entrust:
    return Entrust(**saying.about(), amount=saying.amount(item), back=True, charge=saying.amount(item, 1, least=0))


MAKERS: Mapping[str, Callable[[Saying, Item], Request]] = {
    "pay_social_fund": lambda saying, item: PaySocialFund(**_her(saying, item), amount=saying.amount(item)),
    "buy_shares": lambda saying, item: BuyShares(**_her(saying, item), units=item.numbers[0]),
    "redeem_shares": lambda saying, item: RedeemShares(**_her(saying, item), units=item.numbers[0]),
    "catch_up": lambda saying, item: BuyShares(**_her(saying, item), units=item.numbers[0], catch_up=True),
    "pay_fine": lambda saying, item: PayFine(**_her(saying, item), amount=saying.amount(item)),
    "fine_of_table": _fine_of_table,
    "charge_fine": lambda saying, item: ChargeFine(**_her(saying, item), why=OTHER, amount=saying.amount(item)),
    "waive_fine": lambda saying, item: WaiveFine(**_her(saying, item), amount=saying.amount(item)),
    "repay": lambda saying, item: Repay(**_her(saying, item), loan_no=_running(saying, item), amount=saying.amount(item)),
    "grant_loan": _loan,
    "roll_over": lambda saying, item: RollOver(**_her(saying, item), loan_no=_running(saying, item), due_on=saying.due_after(item.numbers[0])),
    "recover": _recover,
    "pay_out": lambda saying, item: PayOut(**_her(saying, item), amount=saying.amount(item)),
    "spend": _spend,
    "grant": lambda saying, item: Grant(**_her(saying, item), amount=saying.amount(item), what=saying.one_of(HELP, item.numbers[0])),
    "receive_other": lambda saying, item: ReceiveOther(**saying.about(), amount=saying.amount(item), what=saying.one_of(INCOME, item.numbers[0])),
    "to_bank": _move,
    "from_bank": _move,
    "borrow_outside": lambda saying, item: BorrowOutside(**saying.about(), amount=saying.amount(item)),
    "repay_outside": _repay_outside,
    "entrust": lambda saying, item: Entrust(**saying.about(), amount=saying.amount(item)),
    "entrust_back": _entrust_back,
}
