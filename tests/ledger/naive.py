"""A second book, written for the tests alone: plain sums in dictionaries, day after day, all of it counted again from the first day.

It knows no entries, no lines and no reversals: a correction is an edit of what is said to have happened (`instead`), and counting again.
What happened is said in the ledger's own words (`ledger/events.py`, `ledger/decisions.py`); what follows from it is said here, a second time.
Loans are charged by the rule in words at the top of ledger/loans.py, one morning after the other.
"""

from __future__ import annotations

import copy
import json
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction
from uuid import UUID

from ledger.accounts import Kind, account
from ledger.commands import Attend, BuyShares, ChargeFine, Entrust, Move, PaySocialFund, Request
from ledger.constitution import Constitution

DAY, WEEK = timedelta(days=1), timedelta(days=7)
ANYBODY = UUID(int=0)
# A meeting is reckoned in this order, whatever was said first: what brings money in, then what takes it out.
ORDER = (
    "attend", "receive_other", "borrow_outside", "from_bank", "pay_social_fund", "buy_shares", "charge_fine", "pay_fine", "waive_fine", "recover",
    "repay", "entrust", "redeem_shares", "spend", "grant", "pay_out", "repay_outside", "roll_over", "grant_loan", "entrust_back", "to_bank",
)  # fmt: skip
# What a correction calls what was said. The group's own things belong to nobody: member 0.
ITEM = {
    "buy_shares": "shares", "redeem_shares": "redemption", "pay_social_fund": "social_fund", "grant": "grant", "pay_fine": "fine",
    "charge_fine": "fine_charged", "waive_fine": "fine_waived", "repay": "repayment", "recover": "recovered", "pay_out": "payable",
    "spend": "expense", "receive_other": "other_income", "to_bank": "to_bank", "from_bank": "from_bank", "borrow_outside": "outside_loan",
    "repay_outside": "outside_repaid", "entrust": "entrusted", "entrust_back": "entrusted", "grant_loan": "loan",
}  # fmt: skip
OF_THE_GROUP = ("expense", "other_income", "to_bank", "from_bank", "outside_loan", "outside_repaid", "outside_interest", "entrusted")
Item = tuple[str, int, int]  # its name, the member, the loan


class No(Exception):
    """The group does not allow it."""


@dataclass
class Meeting:
    """A meeting that was closed. `opening`, `closing`: counted cash less what should be there, of both boxes. `instead`: figures put right.
    `fined`: what the table of fines said on that day; it is not said again when something is put right."""

    on: date
    loan_meeting: bool
    notes: list[Request]
    opening: tuple[int, int] = (0, 0)
    closing: tuple[int, int] = (0, 0)
    instead: dict[Item, int] = field(default_factory=dict)
    fined: list[Request] | None = None


@dataclass
class Alone:
    """Something that was asked and agreed to outside a meeting: a contribution by phone, a decision of the group."""

    on: date
    request: Request
    instead: dict[Item, int] = field(default_factory=dict)


@dataclass
class Looked:
    """The charge of a loan was booked on a day on which nothing else happened: it was corrected."""

    on: date
    loan_no: int


@dataclass
class Loan:
    """One loan. `booked`: what of the charge due the book has by now (rolled method)."""

    number: int
    member: int
    fund: str
    method: str
    rate_bp: int
    period: str
    late_rule: str
    original: int
    principal: int
    charge: int
    issued: date
    opened: date
    due: date
    booked: int = 0
    too_much: int = 0
    gone: bool = False

    def __post_init__(self):
        self.base, self.added, self.rolled = self.original, self.charge, None
        self.doubled = self.late_rule != "doubling" or self.due < self.opened  # for good
        self.last_end, self.used = self.issued, 0  # the end of the last period; how many ends of the calendar are used up
        self.calendar = [period_later(self.issued, self.period, count) for count in range(1, 61)]
        while self.calendar[self.used] < self.opened:
            self.last_end, self.used = self.calendar[self.used], self.used + 1

    @property
    def owed(self):
        return 0 if self.gone else self.principal + self.charge

    def dawn(self, yesterday, group):
        """A new day: what followed from the end of the day before."""
        if self.rolled:
            self.base, self.rolled = self.principal, None
        if not self.doubled and group.due_day_is_over(self.due, yesterday):
            self.doubled = True
            if self.owed:
                self.charge, self.added = self.charge + self.added, self.added * 2
        if self.period_ended(yesterday, group) and self.owed and (yesterday < self.due or self.late_rule == "extra_charge"):
            base = {"flat": self.base, "declining": self.principal, "rolled": self.principal + self.charge, "none": 0}[self.method]
            more = half_up(Fraction(base * self.rate_bp, 10_000))
            self.charge, self.added = self.charge + more, self.added + more

    def period_ended(self, day, group):
        if group.first_meeting is None or day < group.first_meeting:
            ended = day == self.calendar[self.used]
        else:
            expected = max(period_later(self.last_end, self.period, 1), self.calendar[self.used])
            ended = day in group.loan_days and day >= expected - WEEK
        if ended:
            by_now = sum(end - WEEK <= day for end in self.calendar) if day in group.loan_days else 0
            self.last_end, self.used = day, max(self.used + 1, by_now)
        return ended

    def pay(self, amount):
        """(charge, principal, too much)."""
        charge = min(amount, self.charge)
        principal = min(amount - charge, self.principal)
        self.charge, self.principal = self.charge - charge, self.principal - principal
        return charge, principal, amount - charge - principal


def period_later(day, period, count):
    if period == "four_weeks":
        return day + 4 * WEEK * count
    year, month = day.year + (day.month - 1 + count) // 12, (day.month - 1 + count) % 12 + 1
    following = date(year + month // 12, month % 12 + 1, 1)
    return min(date(year, month, 1) + (day.day - 1) * DAY, following - DAY)


def half_up(exact):
    return (exact + Fraction(1, 2)).__floor__()


class Naive:
    """The group as it stands after all that happened. Nothing is judged here: what a group forbids is said further down."""

    def __init__(self, founding, history=()):
        self.founding, rules = founding, founding.constitution
        self.versions, self.today = [(date.min, rules)], founding.opened_on
        self.cycle, self.starts, self.ends, self.between_cycles = founding.cycle_number, founding.cycle_start, founding.cycle_end, False
        self.first_meeting = self.last_meeting = self.last_paid = self.sheet = None
        self.loan_days, self.met_in_cycle = set(), False
        self.members, self.left, self.loans = [m.number for m in founding.members], {}, {}
        self.box, self.social_box = founding.loan_fund_cash, founding.social_fund_cash
        self.bank, self.social_bank = founding.loan_fund_bank, founding.social_fund_bank
        self.outside, self.entrusted_box, self.entrusted, self.entrusted_charge = founding.outside_loan, 0, 0, 0
        self.shares, self.social_due, self.payable = Counter(), Counter(), Counter()
        self.fines_due = {"loan_fund": Counter(), "social_fund": Counter()}
        self.gained, self.social, self.social_fines, self.social_over = Counter(), 0, 0, 0  # gained: income, spending below nothing
        self.bought, self.contributed = Counter(), Counter()  # by phone since the last meeting
        self.charge_paid, self.given_up, self.granted, self.present = Counter(), {}, [], 0
        self.brought(founding, rules)
        for event in history:
            self.happened(event)

    def brought(self, founding, rules):
        for share in founding.shares:
            self.shares[share.member] += share.units
        for fine in founding.fines:
            self.fines_due[rules.fines_to][fine.member] += fine.amount
        for due in founding.social_fund_due:
            self.social_due[due.member] += due.amount
        for number, lent in enumerate(founding.loans, 1):
            free = lent.fund == "social_fund"
            terms = (
                ("none", 0, rules.charge_period, "none")
                if free
                else (rules.charge_method, rules.charge_rate_bp, rules.charge_period, rules.late_loan)
            )
            days = (lent.issued_on, founding.opened_on, lent.due_on)
            loan = Loan(number, lent.member, lent.fund, *terms, lent.original, lent.principal, 0 if free else lent.charge_due, *days)
            loan.booked = loan.charge if loan.method == "rolled" else 0
            self.loans[number] = loan
        ours = sum(loan.principal + loan.booked for loan in self.of_the_loan_fund()) + self.box + self.bank
        self.gained["surplus"] = ours + sum(self.fines_due["loan_fund"].values()) - sum(self.shares.values()) * rules.share_price - self.outside
        lent = sum(loan.principal for loan in self.loans.values() if loan.fund == "social_fund")
        self.social = self.social_box + self.social_bank + lent + sum(self.social_due.values()) + sum(self.fines_due["social_fund"].values())

    # ---- days

    def go_to(self, day):
        while self.today < day:
            for loan in self.loans.values():
                loan.dawn(self.today, self)
            self.today += DAY

    def due_day_is_over(self, due, day):
        """The due day; with meetings the first loan meeting on or after it."""
        if self.first_meeting is None or due < self.first_meeting:
            return due <= day
        return any(due <= meeting <= day for meeting in self.loan_days)

    # ---- what one asks of the group

    @property
    def rules(self) -> Constitution:
        return next(terms for day, terms in reversed(self.versions) if day <= self.today)

    @property
    def active(self):
        return [number for number in self.members if number not in self.left]

    def of_the_loan_fund(self):
        return [loan for loan in self.loans.values() if loan.fund == "loan_fund" and not loan.gone]

    def running(self, member):
        return [loan for loan in self.loans.values() if loan.member == member and loan.owed]

    def lent_to(self, member):
        return sum(loan.principal for loan in self.running(member) if loan.fund == "loan_fund")

    def late(self, loan):
        return self.due_day_is_over(loan.due, self.today - DAY)

    def multiple(self):
        return max(self.rules.loan_multiple, self.rules.outside_loan_multiple) if self.outside else self.rules.loan_multiple

    def limit(self, member):
        return max(0, self.multiple() * self.shares[member] * self.rules.share_price - self.lent_to(member))

    def worth(self):
        """Of the loan fund, every loan counted as good."""
        owed = sum(loan.owed for loan in self.of_the_loan_fund()) + sum(self.fines_due["loan_fund"].values())
        return self.box + self.bank + owed - self.outside - sum(self.payable.values())

    def contribution(self, member):
        """What is asked at a meeting today, beyond what she paid by phone."""
        same_month = self.last_meeting and (self.last_meeting.year, self.last_meeting.month) == (self.today.year, self.today.month)
        asked = 0 if self.rules.social_fund_every == "month" and same_month else self.rules.social_fund_contribution
        return max(0, asked - self.contributed[member])

    # ---- what happens

    def happened(self, event):
        self.go_to(event.on)
        if isinstance(event, Looked):
            self.book_charge(self.loans[event.loan_no])
        elif isinstance(event, Meeting):
            event.fined = self.fines_of_the_table(event) if event.fined is None else event.fined
            self.meet(event)
        else:
            for request in self.put_right([event.request], event.instead):
                self.by_phone(request, event.instead)

    def by_phone(self, request, instead=()):
        if isinstance(request, PaySocialFund):
            self.contributed[request.member] += max(0, request.amount - self.social_due[request.member])
            self.pay_social_fund(request.member, request.amount, self.social_due[request.member])
            return
        if isinstance(request, BuyShares) and not request.catch_up:
            self.bought[request.member] += request.units
        self.apply(request, instead)

    def meet(self, meeting, judge=None):
        """`judge(self, request)` is asked before each step; it raises No."""
        self.count(meeting.opening)
        self.present = sum(status in ("present", "late") for status in self.roll(meeting).values())
        said = [request for request in meeting.notes if isinstance(request, PaySocialFund)]
        for request in said if judge else ():
            judge(self, request)
        self.contributions(self.put_right(said, meeting.instead) + forgotten(said, meeting.instead))
        others = [request for request in meeting.notes if not isinstance(request, PaySocialFund)]
        by_hand = [(request.member, request.why) for request in others if isinstance(request, ChargeFine)]
        if judge and len(set(by_hand)) < len(by_hand):
            raise No("fined_already")
        others = self.put_right(others + (self.fines_of_the_table(meeting) if meeting.fined is None else meeting.fined), meeting.instead)
        for request in sorted(others, key=place):
            if judge:
                judge(self, request)
            if isinstance(request, BuyShares) and not request.catch_up:
                self.bought[request.member] += request.units
            self.apply(request, meeting.instead)
        if meeting.loan_meeting:
            for loan in self.loans.values():
                self.book_charge(loan)
        self.count(meeting.closing)
        self.first_meeting, self.last_meeting, self.met_in_cycle = self.first_meeting or meeting.on, meeting.on, True
        self.loan_days |= {meeting.on} if meeting.loan_meeting else set()
        self.bought.clear()
        self.contributed.clear()

    def put_right(self, requests, instead):
        """What was said, with corrected figures in the place of wrong ones; nothing where it never happened."""
        kept, placed = [], set()
        for request in requests:
            item = item_of(request)
            if item not in instead:
                kept.append(request)
            elif item not in placed and instead[item]:
                kept.append(with_figure(request, instead[item]))
            placed.add(item)
        return kept

    def roll(self, meeting):
        """How each member is there; the last word counts."""
        roll = dict.fromkeys(self.active, "present")
        roll.update((one.member, one.status) for one in meeting.notes if isinstance(one, Attend) and one.member in roll)
        return roll

    def fines_of_the_table(self, meeting):
        """For who is late or absent and, at a loan meeting, for a late loan where that is the rule; not where it was charged by hand."""
        by_hand = [(request.member, request.why) for request in meeting.notes if isinstance(request, ChargeFine)]
        found = [(member, status) for member, status in self.roll(meeting).items() if status in ("late", "absent")]
        late = {loan.member for loan in self.loans.values() if loan.owed and loan.late_rule == "fine" and self.late(loan)}
        found += [(member, "late_loan") for member in self.active if member in late and meeting.loan_meeting]
        found = [(member, why, self.rules.fines.get(why, 0)) for member, why in found if (member, why) not in by_hand]
        return [ChargeFine(id=ANYBODY, group_id=0, member=member, asked_by=0, why=why, amount=amount) for member, why, amount in found if amount]

    def contributions(self, said):
        paid = Counter()
        for request in said:
            paid[request.member] += request.amount
        for member in self.active:
            today = self.contribution(member)
            self.pay_social_fund(member, paid[member], min(self.social_due[member], max(0, paid[member] - today)))
            missed = max(0, today - paid[member])
            self.social_due[member] += missed
            self.social += missed

    def pay_social_fund(self, member, amount, due):
        old = min(amount, due)
        self.social_box, self.social = self.social_box + amount, self.social + amount - old
        self.social_due[member] -= old

    def count(self, over):
        self.box, self.gained["over_short"] = self.box + over[0], self.gained["over_short"] + over[0]
        self.social_box, self.social_over = self.social_box + over[1], self.social_over + over[1]

    def book_charge(self, loan):
        if loan.method == "rolled" and not loan.gone:
            self.gained["charge"] += loan.charge - loan.booked
            loan.booked = loan.charge

    def pay_loan(self, loan, amount):
        """Charge first; what was paid beyond the debt, when an old payment was put right, is hers."""
        self.book_charge(loan)
        charge, _, too_much = loan.pay(amount)
        loan.too_much += too_much
        self.payable[loan.member] += too_much if loan.fund == "loan_fund" else 0
        if loan.method == "rolled":
            loan.booked -= charge
        elif loan.fund == "loan_fund":
            self.gained["charge"] += charge
        else:
            self.entrusted_charge += charge
        self.charge_paid[loan.member] += charge if loan.fund == "loan_fund" else 0

    def set_off(self, member, amount):
        """Her loans are paid, the oldest first; what is left of the amount."""
        for loan in self.running(member):
            if loan.fund == "loan_fund":
                part = min(amount, loan.owed)
                self.pay_loan(loan, part) if part else None
                amount -= part
        return amount

    def apply(self, said, instead=()):
        """One event: the method of its kind, on the boxes."""
        getattr(self, said.kind)(said, dict(instead))

    def attend(self, said, _):
        """Nobody pays for being there."""

    def buy_shares(self, said, _):
        self.shares[said.member] += said.units
        self.box += said.units * self.rules.share_price

    def redeem_shares(self, said, _):
        self.shares[said.member] -= said.units
        self.box -= said.units * self.rules.share_price

    def charge_fine(self, said, _):
        self.fines_due[self.rules.fines_to][said.member] += said.amount
        self.earn_fine(said.amount)

    def pay_fine(self, said, _):
        old = min(said.amount, self.fines_due[self.rules.fines_to][said.member])
        self.fines_due[self.rules.fines_to][said.member] -= old
        self.earn_fine(said.amount - old)
        self.into(self.rules.fines_to, said.amount)

    def waive_fine(self, said, _):
        let_go = min(said.amount, self.fines_due[self.rules.fines_to][said.member])
        self.fines_due[self.rules.fines_to][said.member] -= let_go
        self.earn_fine(-let_go)

    def earn_fine(self, amount):
        if self.rules.fines_to == "loan_fund":
            self.gained["fines"] += amount
        else:
            self.social_fines += amount

    def repay(self, said, _):
        self.into(self.loans[said.loan_no].fund, said.amount)
        self.pay_loan(self.loans[said.loan_no], said.amount)

    def roll_over(self, said, _):
        self.book_charge(self.loans[said.loan_no])
        self.loans[said.loan_no].due = self.loans[said.loan_no].rolled = said.due_on

    def grant(self, said, _):
        self.social_box, self.social = self.social_box - said.amount, self.social - said.amount

    def pay_out(self, said, _):
        self.payable[said.member] -= said.amount
        self.box -= said.amount

    def recover(self, said, _):
        self.given_up[said.loan_no] -= said.amount
        self.earn(self.loans[said.loan_no].fund, "recovered", said.amount)

    def spend(self, said, _):
        self.earn(said.fund, "expenses", -said.amount)

    def receive_other(self, said, _):
        self.earn("loan_fund", "other", said.amount)

    def earn(self, fund, name, amount):
        """Into the box, and gained for good; spent when it is below nothing."""
        self.into(fund, amount)
        if fund == "loan_fund":
            self.gained[name] += amount
        else:
            self.social += amount

    def move(self, said, _):
        out = said.amount if said.to_bank else -said.amount
        self.into(said.fund, -out)
        if said.fund == "loan_fund":
            self.bank += out
        else:
            self.social_bank += out

    def borrow_outside(self, said, _):
        self.box, self.outside = self.box + said.amount, self.outside + said.amount

    def repay_outside(self, said, instead):
        interest = instead.get(("outside_interest", 0, 0), said.interest)
        self.box, self.outside = self.box - said.amount, self.outside - said.amount
        self.earn("loan_fund", "outside_interest", -interest)

    def entrust(self, said, _):
        if said.back:
            self.entrusted_box -= said.amount + said.charge
            self.entrusted, self.entrusted_charge = self.entrusted - said.amount, self.entrusted_charge - said.charge
        else:
            self.entrusted_box, self.entrusted = self.entrusted_box + said.amount, self.entrusted + said.amount

    def into(self, fund, amount):
        name = {"loan_fund": "box", "social_fund": "social_box", "entrusted": "entrusted_box"}[fund]
        setattr(self, name, getattr(self, name) + amount)

    def grant_loan(self, said, instead):
        number, rules = len(self.loans) + 1, self.rules
        amount = instead.get(("loan", said.member, number), said.amount)
        method, rate, late_rule = rules.charge_method, rules.charge_rate_bp, rules.late_loan
        if said.fund == "social_fund":
            method, rate, late_rule = "none", 0, "none"
        elif said.fund == "entrusted" and method == "rolled":
            method = "declining"
        charge = 0 if method == "none" else half_up(Fraction(amount * rate, 10_000))
        if said.fund == "loan_fund":
            self.granted.append((amount, self.limit(said.member)))
        days = (self.today, self.today, said.due_on)
        loan = Loan(number, said.member, said.fund, method, rate, rules.charge_period, late_rule, amount, amount, charge, *days)
        self.loans[number] = loan
        self.into(said.fund, -amount)
        self.book_charge(loan)

    # ---- decisions

    def settlement(self, request):
        """(what her shares bring, the cash of it, debts that survive) of a member who goes, or None where she waits."""
        rules, member = self.rules, request.member
        at_cost = request.why in ("expelled", "absconds") or rules.exit_rule == "at_cost"
        if not at_cost and rules.exit_rule == "wait":
            return None
        units = self.shares[member]
        value = Fraction(self.worth(), sum(self.shares.values())) if sum(self.shares.values()) else 0
        gross = units * rules.share_price if at_cost else max(0, int((units * value).__floor__()))
        debt = sum(loan.owed for loan in self.running(member) if loan.fund == "loan_fund") + self.fines_due["loan_fund"][member]
        return gross, (gross - min(gross, debt)) // rules.cash_unit * rules.cash_unit, debt - min(gross, debt)

    def leave(self, request, _):
        member, done = request.member, self.settlement(request)
        self.left[member] = request.why
        if done is None:
            return
        gross, payout, short = done
        self.gained["leavers"] -= gross - self.shares[member] * self.rules.share_price
        self.shares[member] = 0
        fines = self.fines_due["loan_fund"]
        paid = min(gross, fines[member]) if request.why == "expelled" else 0
        left = self.set_off(member, gross - paid)
        more = min(left, fines[member] - paid)
        fines[member] -= paid + more
        self.gained["leavers"] += left - more - payout
        cash = 0 if request.why == "absconds" else min(payout, self.box)
        self.box -= cash
        self.payable[member] += payout - cash
        if short and request.why == "dies" and self.rules.death_shortfall == "forgive":
            self.gained["written_off"] -= fines[member]
            fines[member] = 0
            for loan in self.running(member):
                self.give_up(loan) if loan.fund == "loan_fund" else None

    def write_off(self, request, _):
        self.give_up(self.loans[request.loan_no])

    def give_up(self, loan):
        self.book_charge(loan)
        self.given_up[loan.number] = loan.owed
        if loan.fund == "loan_fund":
            self.gained["written_off"] -= loan.principal + loan.booked
        else:
            self.social -= loan.principal
        loan.gone = True

    def change_rules(self, request, _):
        self.versions.append((request.from_on, Constitution.from_json(request.terms)))

    def share_out(self, wish, _):
        """The box is shared, not the paper. The sheet: {member: (what her shares bring, set off, cash)}."""
        self.count((wish.counted - self.box, 0))
        self.box, self.gained["expenses"] = self.box - wish.expenses, self.gained["expenses"] - wish.expenses
        for loan in self.loans.values():
            self.book_charge(loan)
        rules, available = self.rules, self.cash_to_share(wish)
        sheet = sheet_of(self.holders(), available, rules.share_out_method, rules.share_out_rounding, rules.cash_unit)
        for member, (_, set_off, payout) in sheet.items():
            self.fines_due["loan_fund"][member] -= self.set_off(member, set_off)
            self.box -= payout
            self.shares[member] = 0
        self.last_paid = sum(payout for _, _, payout in sheet.values())
        self.sheet, self.remainder = sheet, available - self.last_paid
        self.pool = available + sum(set_off for _, set_off, _ in sheet.values())
        self.outside += wish.outside_interest
        if wish.remainder_to == "social_fund":
            self.box, self.social_box, self.social = self.box - self.remainder, self.social_box + self.remainder, self.social + self.remainder
        kept = self.box + self.bank + sum(loan.principal + loan.booked for loan in self.of_the_loan_fund())
        self.gained.clear()
        self.gained["surplus"] = kept + sum(self.fines_due["loan_fund"].values()) - self.outside - sum(self.payable.values())
        self.between_cycles = True
        self.charge_paid.clear()

    def cash_to_share(self, wish):
        return self.box - self.outside - sum(self.payable.values()) - wish.outside_interest - wish.carried

    def holders(self):
        """{member: (shares, paid for them, owed to the loan fund, charge paid in this cycle)}."""
        found = {}
        for member in self.members:
            debt = sum(loan.owed for loan in self.running(member) if loan.fund == "loan_fund") + self.fines_due["loan_fund"][member]
            if self.shares[member] or debt:
                units = self.shares[member]
                found[member] = (units, units * self.rules.share_price, debt, self.charge_paid[member])
        return found

    def start_cycle(self, wish, _):
        self.versions.append((self.today, Constitution.from_json(wish.terms)))
        self.cycle, self.starts, self.ends, self.between_cycles, self.met_in_cycle = wish.number, wish.starts_on, wish.ends_on, False, False
        for member, units in wish.starting:
            self.shares[member] += units
            self.box += units * self.rules.share_price

    # ---- how the book should look

    def balances(self):
        """{account: (balance, units)}, debits minus credits, without accounts that hold nothing."""
        gained, price = self.gained, self.rules.share_price
        found = {
            account(Kind.LOAN_FUND_CASH): self.box, account(Kind.LOAN_FUND_BANK): self.bank, account(Kind.OUTSIDE_LOAN): -self.outside,
            account(Kind.SERVICE_CHARGE): -gained["charge"], account(Kind.FINES): -gained["fines"], account(Kind.OTHER_INCOME): -gained["other"],
            account(Kind.RECOVERED): -gained["recovered"], account(Kind.EXPENSES): -gained["expenses"], account(Kind.LEAVERS): -gained["leavers"],
            account(Kind.OUTSIDE_INTEREST): -gained["outside_interest"], account(Kind.WRITTEN_OFF): -gained["written_off"],
            account(Kind.OVER_SHORT): -gained["over_short"], account(Kind.SURPLUS_BROUGHT): -gained["surplus"],
            account(Kind.SOCIAL_FUND_CASH): self.social_box, account(Kind.SOCIAL_FUND_BANK): self.social_bank,
            account(Kind.SOCIAL_FUND): -self.social, account(Kind.SOCIAL_FUND_FINES): -self.social_fines,
            account(Kind.SOCIAL_FUND_OVER_SHORT): -self.social_over, account(Kind.ENTRUSTED_CASH): self.entrusted_box,
            account(Kind.ENTRUSTED_CAPITAL): -self.entrusted, account(Kind.ENTRUSTED_CHARGE): -self.entrusted_charge,
        }  # fmt: skip
        for member in self.members:
            found[account(Kind.SHARES, member)] = -self.shares[member] * price
            found[account(Kind.PAYABLE, member)] = -self.payable[member]
            found[account(Kind.FINE_DUE, member)] = self.fines_due["loan_fund"][member]
            found[account(Kind.SOCIAL_FUND_FINE_DUE, member)] = self.fines_due["social_fund"][member]
            found[account(Kind.SOCIAL_FUND_DUE, member)] = self.social_due[member]
        kinds = {"loan_fund": Kind.LOAN, "social_fund": Kind.SOCIAL_FUND_LOAN, "entrusted": Kind.ENTRUSTED_LOAN}
        for loan in self.loans.values():
            found[account(kinds[loan.fund], loan.number)] = 0 if loan.gone else loan.principal
            found[account(Kind.CHARGE_DUE, loan.number)] = 0 if loan.gone else loan.booked
        units = {account(Kind.SHARES, member): -count for member, count in self.shares.items()}
        return {number: (balance, units.get(number, 0)) for number, balance in found.items() if balance or units.get(number)}

    def copy(self):
        """Another book that stands where this one stands."""
        twin = copy.copy(self)
        for name, value in vars(self).items():
            if isinstance(value, dict | set | list):
                setattr(twin, name, value.copy())
        twin.fines_due = {fund: due.copy() for fund, due in self.fines_due.items()}
        twin.loans = {number: copy.copy(loan) for number, loan in self.loans.items()}
        return twin


def place(request):
    kind = kind_of(request)
    return ORDER.index(kind), request.member, json.dumps(request.body(), sort_keys=True)


def kind_of(request):
    if isinstance(request, Move):
        return "to_bank" if request.to_bank else "from_bank"
    return "entrust_back" if isinstance(request, Entrust) and request.back else request.kind


def item_of(request) -> Item | None:
    """What a correction would call it."""
    name = ITEM.get(kind_of(request))
    if name is None or name == "loan":
        return None  # a loan is found by its number, when it is given
    return name, 0 if name in OF_THE_GROUP else request.member, request.loan_no if name in ("repayment", "recovered") else 0


def forgotten(said, instead):
    """Contributions that were paid and not written down."""
    noted = {item_of(request) for request in said}
    found = [(item[1], right) for item, right in instead.items() if item[0] == "social_fund" and item not in noted and right]
    return [PaySocialFund(id=ANYBODY, group_id=0, member=member, asked_by=0, amount=right) for member, right in found]


def with_figure(request, figure):
    return replace(request, **({"units": figure} if hasattr(request, "units") else {"amount": figure}))


# ---------------------------------------------------------------- the share-out, by the highest level that the cash can pay


def sheet_of(holders, available, method, rounding, unit):
    """{member: (what her shares bring, set off, cash)}."""
    gain = sum(max(0, paid - debt) for units, paid, debt, _ in holders.values() if units) <= available
    bases, weights = {}, {}
    for member, (units, paid, _, charge_paid) in holders.items():
        bases[member] = {"standard": 0, "interest_to_payer": paid + charge_paid}.get(method, paid) if units else 0
        weights[member] = (1 if method == "per_head" and gain else units) if units else 0
    level = highest_level([(bases[m], weights[m], holders[m][2]) for m in holders if weights[m]], available)
    if rounding == "value_floor":
        level = Fraction(level // unit * unit)
    worth = {m: max(Fraction(0), bases[m] + weights[m] * level) for m in holders}
    set_off = {m: min(holders[m][2], worth[m].__floor__()) for m in holders}
    cash = {m: max(Fraction(0), worth[m] - holders[m][2]) for m in holders}
    step = 1 if rounding == "value_floor" else unit
    paid = {m: (amount / step).__floor__() * step for m, amount in cash.items()}
    if rounding == "largest_remainder":
        by_fraction = sorted(holders, key=lambda m: (paid[m] - cash[m], m))
        for m in by_fraction[: (available - sum(paid.values())) // unit]:
            paid[m] += unit
        return {m: (set_off[m] + paid[m], set_off[m], paid[m]) for m in holders}
    return {m: (worth[m].__floor__(), set_off[m], paid[m]) for m in holders}


def highest_level(parts, available):
    """The highest level at which all cash payouts, entitlement less debt where that is more than nothing, are no more than there is."""
    steps = sorted((Fraction(debt - base, weight), base, weight, debt) for base, weight, debt in parts)  # from here on she takes cash home
    for count in range(1, len(steps) + 1):
        level = Fraction(available - sum(base - debt for _, base, _, debt in steps[:count]), sum(weight for _, _, weight, _ in steps[:count]))
        if count == len(steps) or level <= steps[count][0]:
            return level
    raise AssertionError


# ---------------------------------------------------------------- what a group forbids


class Judge:
    """Raises No where the rules or the boxes do not allow what is said. `noting`: boxes and votes are looked at when the meeting closes."""

    def __init__(self, noting=False, at_meeting=True):
        self.noting, self.at_meeting = noting, at_meeting

    def __call__(self, group, said):
        number = said.member
        decided_by_all = said.kind in ("change_rules", "start_cycle", "share_out", "close_meeting")
        refuse_if(not (number == 0 and decided_by_all) and number not in group.members, "no_such_member")
        refuse_if(number in group.left and said.kind not in ("repay", "pay_out", "recover", "write_off"), "member_left")
        for name in ("amount", "interest", "charge", "expenses", "carried"):
            figure = getattr(said, name, 1)
            refuse_if(not (name == "amount") <= figure <= 99_999_999_999, "amount_limit")
        getattr(self, said.kind, lambda *_: None)(group, said)

    def enough(self, there, wanted):
        refuse_if(not self.noting and wanted > there, "not_enough_cash")

    def buy_shares(self, group, said):
        refuse_if(group.between_cycles, "between_cycles")
        if said.catch_up:
            refuse_if(group.rules.late_joining != "catch_up", "no_catch_up")
            most = max(group.shares[m] for m in group.members) - group.shares[said.member]
            refuse_if(not 1 <= said.units <= most, "shares_limit")
            return
        first = group.rules.shares_first_max and not group.met_in_cycle
        most = group.rules.shares_first_max if first else group.rules.shares_max
        before = group.bought[said.member] if self.at_meeting or group.last_meeting else 0
        refuse_if(not 1 <= said.units <= most - before, "shares_limit_now" if before else "shares_limit")

    def redeem_shares(self, group, said):
        refuse_if(not 1 <= said.units <= group.shares[said.member], "not_so_many_shares")
        left = (group.shares[said.member] - said.units) * group.rules.share_price
        refuse_if(group.lent_to(said.member) > group.multiple() * left, "shares_carry_loan")
        self.enough(group.box, said.units * group.rules.share_price)

    def waive_fine(self, group, said):
        refuse_if(said.amount > group.fines_due[group.rules.fines_to][said.member], "more_than_owed")

    def repay(self, group, said):
        refuse_if(said.amount > self.hers(group, said).owed, "more_than_owed")

    def hers(self, group, said):
        loan = group.loans.get(said.loan_no)
        refuse_if(loan is None or loan.member != said.member or not loan.owed, "nothing_owed")
        return loan

    def roll_over(self, group, said):
        self.hers(group, said)
        self.term(group, said.due_on)

    def term(self, group, due_on):
        refuse_if(not group.today < due_on <= latest_due(group), "term_too_long")

    def grant_loan(self, group, said):
        rules, running = group.rules, group.running(said.member)
        refuse_if(group.between_cycles, "between_cycles")
        refuse_if(self.at_meeting and not self.noting and said.votes * 100 < group.present * rules.quorum_percent, "votes_needed")
        another = any(loan.fund == said.fund for loan in running) and rules.one_loan_at_a_time
        refuse_if(another or any(group.late(loan) for loan in running), "loan_running")
        refuse_if(said.fund == "social_fund" and not rules.social_fund_loans, "no_social_fund_loans")
        refuse_if(said.fund == "loan_fund" and said.amount > group.limit(said.member), "loan_limit")
        self.enough({"loan_fund": group.box, "social_fund": group.social_box, "entrusted": group.entrusted_box}[said.fund], said.amount)
        refuse_if(rules.pledge and not said.pledge, "pledge_needed")
        named = set(said.guarantors)
        refuse_if(len(named) < rules.guarantors or said.member in named, "guarantors_needed")
        refuse_if(any(number not in group.active for number in named), "no_such_member")
        self.term(group, said.due_on)

    def grant(self, group, said):
        self.enough(group.social_box, said.amount)

    def spend(self, group, said):
        self.enough(group.box if said.fund == "loan_fund" else group.social_box, said.amount)

    def move(self, group, said):
        box, bank = (group.box, group.bank) if said.fund == "loan_fund" else (group.social_box, group.social_bank)
        self.enough(box if said.to_bank else bank, said.amount)

    def borrow_outside(self, group, said):
        refuse_if(not group.rules.outside_loan or group.last_paid is None, "no_outside_loan")
        refuse_if(said.amount > group.last_paid - group.outside, "loan_limit")

    def repay_outside(self, group, said):
        refuse_if(said.amount > group.outside, "more_than_owed")
        self.enough(group.box, said.amount + said.interest)

    def pay_out(self, group, said):
        refuse_if(said.amount > group.payable[said.member], "more_than_owed")
        self.enough(group.box, said.amount)

    def recover(self, group, said):
        loan = group.loans.get(said.loan_no)
        refuse_if(loan is None or loan.member != said.member or said.amount > group.given_up.get(said.loan_no, 0), "more_than_owed")

    def entrust(self, group, said):
        if said.back:
            refuse_if(said.amount > group.entrusted or said.charge > group.entrusted_charge, "more_than_owed")
            self.enough(group.entrusted_box, said.amount + said.charge)

    # ---- decisions

    def leave(self, group, said):
        done = group.settlement(said)
        refuse_if(said.why == "leaves" and done is not None and done[2], "debt_first")

    def write_off(self, group, said):
        refuse_if(self.hers(group, said).fund == "entrusted", "entrusted_money")

    def share_out(self, group, said):
        refuse_if(group.between_cycles, "between_cycles")
        refuse_if(group.bank, "money_in_bank")
        refuse_if(said.counted != group.box and not said.why, "reason_needed")
        after = group.copy()
        after.count((said.counted - group.box - said.expenses, 0))
        refuse_if(after.box < 0 or after.cash_to_share(said) < 0, "not_enough_cash")
        refuse_if(not any(group.shares.values()), "no_shares")

    def start_cycle(self, group, said):
        refuse_if(not group.between_cycles, "cycle_runs")
        refuse_if(said.number != group.cycle + 1 or not group.starts < said.starts_on < said.ends_on, "cycle_dates")
        refuse_if(any(member not in group.active for member, _ in said.starting), "no_such_member")

    def change_rules(self, group, said):
        refuse_if(not group.today <= said.from_on <= group.ends, "rules_from")
        new, old = Constitution.from_json(said.terms), group.rules
        frozen = (new.share_price, new.share_out_method) != (old.share_price, old.share_out_method) and not group.between_cycles
        refuse_if(frozen, "rules_frozen")


def refuse_if(wrong, reason):
    if wrong:
        raise No(reason)


def latest_due(group):
    """The longest term, the end of the cycle, or the last loan meeting that is planned in it."""
    planned = [day for day in planned_loan_meetings(group) if day <= group.ends]
    return min([group.today + group.rules.loan_max_term_days * DAY, group.ends, *planned[-1:]])


def planned_loan_meetings(group):
    """The days the rules plan, each n-th of them for loans; [] where they plan none."""
    rules, days = group.rules, [date.fromisoformat(day) for day in group.rules.meeting_dates]
    weeks = {"weekly": 1, "two_weekly": 2}.get(rules.meeting_frequency)
    if weeks:
        days = [group.starts + weeks * WEEK * count for count in range(60) if group.starts + weeks * WEEK * count <= group.ends]
    if rules.meeting_frequency == "monthly":
        days = [period_later(group.starts, "month", count) for count in range(24)]
    return days[rules.loan_meeting_every - 1 :: rules.loan_meeting_every]
