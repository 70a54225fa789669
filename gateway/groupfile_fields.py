"""The keys of a group file: what each may hold, its default, and the words that say so to whoever mistyped it.

Values arrive as text (`careful_yaml`). Amounts become minor units; the currency and the country, which other values depend on,
come in the validation context. A default that is a constant may never change: loading an old file again would no longer be
"the same file".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainValidator, ValidationInfo, model_validator

from gateway.phones import e164
from ledger.checks import AMOUNT_MINOR_MAX
from ledger.loans import Method, Period
from ledger.money import CURRENCIES_BY_COUNTRY, EXPONENTS, minor_units, plain

LANGUAGES = ("en", "vi", "sw", "fr")
MEMBERS_MAX = 500
UNITS_MAX = 1_000_000
_CODE = re.compile(r"[A-Z0-9]{2,12}")
_DAY = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}")
_DIGITS = re.compile(r"[0-9]{1,9}")
_FINE = re.compile(r"[a-z][a-z0-9_]{0,19}")


def amount(value: object, info: ValidationInfo) -> int:
    """Minor units of the group's currency; 0 while the currency itself is a mistake."""
    currency = (info.context or {}).get("currency")
    if currency is None:
        return 0
    minor = minor_units(value if isinstance(value, str) else "", currency)
    if minor > AMOUNT_MINOR_MAX:
        raise ValueError(f"an amount of at most {plain(AMOUNT_MINOR_MAX, currency)} {currency}")
    return minor


def more_than_nothing(value: object, info: ValidationInfo) -> int:
    """An amount that is not zero."""
    minor = amount(value, info)
    if minor == 0 and (info.context or {}).get("currency"):
        raise ValueError("an amount above 0")
    return minor


def whole(least: int, most: int) -> Callable[[object], int]:
    """A reader of whole numbers from `least` to `most`."""

    def read(value: object) -> int:
        if not isinstance(value, str) or not _DIGITS.fullmatch(value) or not least <= int(value) <= most:
            raise ValueError(f"a whole number from {least} to {most}")
        return int(value)

    return read


def text(most: int) -> Callable[[object], str]:
    """A reader of names: one line of printable characters, in the composed form, so that two spellings of ế are one."""

    def read(value: object) -> str:
        name = unicodedata.normalize("NFC", value).strip() if isinstance(value, str) else ""
        if not 1 <= len(name) <= most or not name.isprintable():
            raise ValueError(f"a name of 1 to {most} printable characters")
        return name

    return read


def known(of: Callable[[], Any], words: str) -> Callable[[object], str]:
    """A reader of words that are in a list."""

    def read(value: object) -> str:
        if not isinstance(value, str) or value not in of():
            raise ValueError(words)
        return value

    return read


def day(value: object) -> date:
    """A date of this century, written 2026-01-07."""
    try:
        if isinstance(value, str) and _DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise ValueError("a date such as 2026-01-07")


def truth(value: object) -> bool:
    """`true` or `false`, not the many other words YAML has for them."""
    if value not in ("true", "false"):
        raise ValueError("true or false")
    return value == "true"


def code(value: object) -> str:
    """A group's code."""
    if not isinstance(value, str) or not _CODE.fullmatch(value):
        raise ValueError("2 to 12 capital letters and digits, such as DK09")
    return value


def phone(value: object, info: ValidationInfo) -> str:
    """E.164; a national number is read as one of the group's country."""
    number = e164(value, (info.context or {}).get("country")) if isinstance(value, str) else ""
    if not number:
        raise ValueError("a phone number that exists, with its country code, such as +84912000001")
    return number


def fine_name(name: str) -> str:
    """What a fine is for."""
    if not _FINE.fullmatch(name):
        raise ValueError("a name of a fine in small letters, such as late or no_card")
    return name


def bounds(value: object) -> tuple[int, int]:
    """[least, most] shares a member may buy at a meeting."""
    try:
        least, most = (whole(0, 1000)(number) for number in value) if isinstance(value, list) else (1, 0)
    except ValueError:
        least, most = 1, 0
    if least > most or most < 1:
        raise ValueError("the least and the most shares, up to 1000, such as [1, 5]")
    return least, most


def each_once(roles: list[str]) -> list[str]:
    """Roles in a fixed order, none twice."""
    if len(set(roles)) < len(roles):
        raise ValueError("each role once")
    return sorted(roles)


@cache
def _timezones() -> frozenset[str]:
    return frozenset(name for name in available_timezones() if "/" in name or name == "UTC")


Amount = Annotated[int, PlainValidator(amount)]
Positive = Annotated[int, PlainValidator(more_than_nothing)]
Day = Annotated[date, PlainValidator(day)]
MemberNumber = Annotated[int, PlainValidator(whole(1, 9999))]
Name = Annotated[str, PlainValidator(text(30))]
Code = Annotated[str, PlainValidator(code)]
Phone = Annotated[str, PlainValidator(phone)]
Language = Annotated[str, PlainValidator(known(lambda: LANGUAGES, f"a language: {', '.join(LANGUAGES)}"))]
Role = Literal["chair", "record_keeper", "treasurer", "money_counter", "key_holder"]


class Part(BaseModel):
    """A mapping of the file; a key nobody asked for is a mistake."""

    model_config = ConfigDict(extra="forbid")


class GroupPart(Part):
    """Who the group is."""

    code: Code
    name: Annotated[str, PlainValidator(text(40))]
    country: Annotated[str, PlainValidator(known(lambda: CURRENCIES_BY_COUNTRY, f"a country: {', '.join(sorted(CURRENCIES_BY_COUNTRY))}"))]
    currency: Annotated[str, PlainValidator(known(lambda: EXPONENTS, f"a currency: {', '.join(sorted(EXPONENTS))}"))]
    timezone: Annotated[str, PlainValidator(known(_timezones, "a time zone such as Asia/Ho_Chi_Minh"))]
    language: Language

    @model_validator(mode="after")
    def _money_of_the_country(self) -> GroupPart:
        if CURRENCIES_BY_COUNTRY[self.country] != self.currency:
            raise ValueError(f"the currency of {self.country}, which is {CURRENCIES_BY_COUNTRY[self.country]}, not {self.currency}")
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
    """How much, how long, how many."""

    multiple: Annotated[int, PlainValidator(whole(0, 20))] = 3
    max_term_days: Annotated[int, PlainValidator(whole(1, 3650))] = 84
    one_at_a_time: Annotated[bool, PlainValidator(truth)] = True


class ShareOut(Part):
    """How the cycle ends; `cash_unit` 0 stands for one whole unit of the currency until the file is understood."""

    method: Literal["standard"] = "standard"
    cash_unit: Positive = 0


class ConstitutionPart(Part):
    """The group's own rules."""

    share_price: Positive
    shares_per_meeting: Annotated[tuple[int, int], PlainValidator(bounds)] = (1, 5)
    social_fund_contribution: Amount = 0
    service_charge: ServiceCharge
    loan: LoanRules = LoanRules()
    fines: dict[Annotated[str, AfterValidator(fine_name)], Positive] = Field(default={}, max_length=20)
    fines_to: Literal["loan_fund", "social_fund"] = "loan_fund"
    confirmation: Literal["treasurer", "treasurer_and_officer"] = "treasurer"
    share_out: ShareOut = ShareOut()


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


class SharesBrought(Part):
    """Shares a member already has."""

    member: MemberNumber
    units: Annotated[int, PlainValidator(whole(1, UNITS_MAX))]


class LoanBrought(Part):
    """What is left of a loan; `original` 0 stands for the principal until the file is understood."""

    member: MemberNumber
    principal: Positive
    charge_due: Amount
    issued: Day
    due: Day
    original: Positive = 0

    @model_validator(mode="after")
    def _plausible(self) -> LoanBrought:
        if self.due < self.issued:
            raise ValueError(f"a due date not before {self.issued}, the day it was issued")
        if self.original and self.original < self.principal:
            raise ValueError("an original amount that is at least the principal still owed")
        return self


class OpeningPart(Part):
    """The figures a group brings; `as_of` is the day they were true, by default the day the file is loaded."""

    as_of: Day | None = None
    loan_fund_cash: Amount = 0
    social_fund_cash: Amount = 0
    shares: list[SharesBrought] = Field(default=[], max_length=MEMBERS_MAX)
    loans: list[LoanBrought] = Field(default=[], max_length=1000)


class FilePart(Part):
    """The whole file."""

    group: GroupPart
    constitution: ConstitutionPart
    cycle: CyclePart
    members: list[MemberPart] = Field(min_length=1, max_length=MEMBERS_MAX)
    opening: OpeningPart = OpeningPart()
