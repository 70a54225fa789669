"""The keys of a group file: what each may hold and its default.

A default that is a constant may never change: loading an old file again would no longer be "the same file".
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainValidator, model_validator

from gateway.groupfile_readers import (
    Amount,
    Code,
    Country,
    Currency,
    Day,
    Language,
    MemberNumber,
    Name,
    Phone,
    Positive,
    Timezone,
    Truth,
    bounds,
    each_once,
    fine_name,
    text,
    whole,
)  # fmt: skip
from ledger.constitution import Frequency
from ledger.leaving import ExitRule, Shortfall
from ledger.loans import LateRule, Method, Period
from ledger.money import CURRENCIES_BY_COUNTRY
from ledger.shareout import Method as ShareOutMethod
from ledger.shareout import Rounding

MEMBERS_MAX = 500
LOANS_MAX = 1000
UNITS_MAX = 1_000_000
MEETINGS_MAX = 400
Role = Literal["chair", "record_keeper", "treasurer", "money_counter", "key_holder"]


class Part(BaseModel):
    """A mapping of the file; a key nobody asked for is a mistake."""

    model_config = ConfigDict(extra="forbid")


class GroupPart(Part):
    """Who the group is."""

    code: Code
    name: Annotated[str, PlainValidator(text(40))]
    country: Country
    currency: Currency
    timezone: Timezone
    language: Language

    @model_validator(mode="after")
    def _money_of_the_country(self) -> GroupPart:
        if CURRENCIES_BY_COUNTRY[self.country] != self.currency:
            raise ValueError(f"the currency of {self.country}, which is {CURRENCIES_BY_COUNTRY[self.country]}, not {self.currency}")
        return self


class Meetings(Part):
    """When the group meets, by frequency or by dates, and which of its meetings are loan meetings."""

    frequency: Frequency | None = None
    dates: list[Day] = Field(default=[], max_length=MEETINGS_MAX)
    loan_meeting_every: Annotated[int, PlainValidator(whole(1, 52))] = 1

    @property
    def planned(self) -> bool:
        """Whether the file says when the group meets."""
        return bool(self.frequency or self.dates)

    @model_validator(mode="after")
    def _one_of_both(self) -> Meetings:
        if self.frequency and self.dates:
            raise ValueError("a frequency or dates, not both")
        if self.loan_meeting_every > 1 and not self.planned:
            raise ValueError("a frequency or dates beside loan_meeting_every")
        return self


class ServiceCharge(Part):
    """What a loan costs; `none` needs no rate and no period."""

    method: Method
    rate_bp: Annotated[int, PlainValidator(whole(0, 10_000))] = 0
    period: Period = "month"

    @model_validator(mode="after")
    def _complete(self) -> ServiceCharge:
        if self.method == "none" and self.rate_bp:
            raise ValueError("no rate_bp with the method none")
        if self.method != "none" and not {"rate_bp", "period"} <= self.model_fields_set:
            raise ValueError(f"rate_bp (basis points) and period with the method {self.method}")
        return self


class LoanRules(Part):
    """How much, how long, how many, on whose word, and what follows when one is late."""

    multiple: Annotated[int, PlainValidator(whole(0, 20))] = 3
    max_term_days: Annotated[int, PlainValidator(whole(1, 3650))] = 84
    one_at_a_time: Truth = True
    guarantors: Annotated[int, PlainValidator(whole(0, 20))] = 0
    pledge: Truth = False
    late: LateRule = "extra_charge"
    from_social_fund: Truth = False


class OutsideLoan(Part):
    """Whether the group may borrow from outside, and the multiple of shares a member may borrow while it does."""

    allowed: Truth = False
    multiple: Annotated[int, PlainValidator(whole(1, 20))] = 5


class Leaving(Part):
    """What a member takes who goes before the cycle ends, and who bears what a dead member's shares cannot pay."""

    rule: ExitRule = "at_cost"
    death_shortfall: Shortfall = "owed"


class ShareOut(Part):
    """How the cycle ends; `cash_unit` 0 stands for one whole unit of the currency until the file is understood."""

    method: ShareOutMethod = "standard"
    rounding: Rounding = "payout_floor"
    cash_unit: Positive = 0
    remainder: Literal["social_fund", "carried"] = "social_fund"


class ConstitutionPart(Part):
    """The group's own rules; `shares_at_first_meeting` 0 stands for as many as at any meeting."""

    share_price: Positive
    shares_per_meeting: Annotated[tuple[int, int], PlainValidator(bounds)] = (1, 5)
    shares_at_first_meeting: Annotated[int, PlainValidator(whole(1, 1000))] = 0
    meetings: Meetings = Meetings()
    social_fund_contribution: Amount = 0
    social_fund_every: Literal["meeting", "month"] = "meeting"
    service_charge: ServiceCharge
    loan: LoanRules = LoanRules()
    outside_loan: OutsideLoan = OutsideLoan()
    fines: dict[Annotated[str, AfterValidator(fine_name)], Positive] = Field(default={}, max_length=20)
    fines_to: Literal["loan_fund", "social_fund"] = "loan_fund"
    confirmation: Literal["treasurer", "treasurer_and_officer"] = "treasurer"
    quorum_percent: Annotated[int, PlainValidator(whole(1, 100))] = 67
    leaving: Leaving = Leaving()
    late_joining: Literal["cycle_start", "catch_up"] = "cycle_start"
    share_out: ShareOut = ShareOut()
    funds_seen_by: Literal["members", "officers"] = "members"


class CyclePart(Part):
    """The period after which the group shares out."""

    number: Annotated[int, PlainValidator(whole(1, 999))]
    start: Day
    end: Day

    @model_validator(mode="after")
    def _forward(self) -> CyclePart:
        if self.end <= self.start:
            raise ValueError(f"an end after the start, {self.start}")
        return self


class MemberPart(Part):
    """One member; `language` "" stands for the group's until the file is understood."""

    number: MemberNumber
    name: Name
    phone: Phone | None = None
    roles: Annotated[list[Role], AfterValidator(each_once)] = []
    language: Language = ""
    helper: MemberNumber | None = None


class AgentPart(Part):
    """The field agent who looks after the group, no member of it; `language` as with a member."""

    name: Name
    phone: Phone
    language: Language = ""


class SharesBrought(Part):
    """Shares a member already has."""

    member: MemberNumber
    units: Annotated[int, PlainValidator(whole(1, UNITS_MAX))]


class AmountDue(Part):
    """What a member owes: all of one kind, as one amount."""

    member: MemberNumber
    amount: Positive


class SocialFundLoanBrought(Part):
    """What is left of a loan from the social fund, free of charge."""

    member: MemberNumber
    principal: Positive
    issued: Day
    due: Day

    @model_validator(mode="after")
    def _forward(self) -> SocialFundLoanBrought:
        if self.due < self.issued:
            raise ValueError(f"a due date not before {self.issued}, the day it was issued")
        return self


class LoanBrought(SocialFundLoanBrought):
    """What is left of a loan; `original` 0 stands for the principal until the file is understood."""

    charge_due: Amount
    original: Positive = 0

    @model_validator(mode="after")
    def _part_of_it(self) -> LoanBrought:
        if self.original and self.original < self.principal:
            raise ValueError("an original amount that is at least the principal still owed")
        return self


class OpeningPart(Part):
    """The figures a group brings; `as_of` is the day they were true, by default the day the file is loaded."""

    as_of: Day | None = None
    loan_fund_cash: Amount = 0
    loan_fund_bank: Amount = 0
    social_fund_cash: Amount = 0
    social_fund_bank: Amount = 0
    outside_loan: Amount = 0
    shares: list[SharesBrought] = Field(default=[], max_length=MEMBERS_MAX)
    loans: list[LoanBrought] = Field(default=[], max_length=LOANS_MAX)
    fines: list[AmountDue] = Field(default=[], max_length=MEMBERS_MAX)
    social_fund_due: list[AmountDue] = Field(default=[], max_length=MEMBERS_MAX)
    social_fund_loans: list[SocialFundLoanBrought] = Field(default=[], max_length=LOANS_MAX)


class FilePart(Part):
    """The whole file."""

    group: GroupPart
    constitution: ConstitutionPart
    cycle: CyclePart
    members: list[MemberPart] = Field(min_length=1, max_length=MEMBERS_MAX)
    agent: AgentPart | None = None
    opening: OpeningPart = OpeningPart()


class ChangePart(Part):
    """A file that holds nothing but new rules for a group that exists."""

    constitution: ConstitutionPart
