"""A village to test with: members who dial, officers who text, and workers who run when they are told to."""

from __future__ import annotations

import copy
import itertools
import re
import uuid
from dataclasses import dataclass, field
from typing import Any

import yaml
from flask.testing import FlaskClient

from ledger.books import Book
from ledger.db import Database

_COUNT = itertools.count(1)

BASE: dict[str, Any] = {
    "group": {"name": "Doan Ket", "country": "VN", "currency": "VND", "timezone": "Asia/Ho_Chi_Minh", "language": "en"},
    "constitution": {
        "share_price": 20000, "shares_per_meeting": [1, 5], "social_fund_contribution": 5000,
        "service_charge": {"method": "declining", "rate_bp": 100, "period": "month"},
        "loan": {"multiple": 3, "max_term_days": 180, "one_at_a_time": True},
        "fines": {"late": 5000, "absent": 10000}, "fines_to": "loan_fund", "confirmation": "treasurer",
        "share_out": {"method": "standard", "cash_unit": 1000},
    },
    "cycle": {"number": 1, "start": "2026-01-07", "end": "2030-12-24"},
    "opening": {
        "loan_fund_cash": 5000000, "social_fund_cash": 100000, "shares": [{"member": 12, "units": 10}, {"member": 7, "units": 40}],
        "loans": [{"member": 12, "principal": 1500000, "charge_due": 15000, "issued": "2026-03-24", "due": "2026-09-24"}],
    },
}  # fmt: skip
MEMBERS = ((1, "Lan", ["chair"]), (2, "Mai", ["record_keeper"]), (3, "Thu", ["treasurer"]), (7, "Nga", []), (12, "Hoa", []))
_PREFIX = {"VN": "+84912", "KE": "+254712", "UG": "+256772", "TZ": "+255754", "SN": "+221771", "RW": "+250788", "CI": "+2250712"}


def merged(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """`base` with `changes` laid over it, section by section."""
    result = copy.deepcopy(base)
    for key, value in changes.items():
        result[key] = merged(result[key], value) if isinstance(value, dict) and isinstance(result.get(key), dict) else value
    return result


@dataclass
class Village:
    """One group. Members are named by their number."""

    client: FlaskClient
    db: Database
    secret: str
    code: str
    group_id: int
    phones: dict[int, str]
    file: str
    calls: dict[str, str] = field(default_factory=dict)

    @classmethod
    def found(cls, client: FlaskClient, db: Database, secret: str, **changes: Any) -> Village:
        """Load a fresh group through the real loader."""
        from gateway import groupfile

        code, phones, text = new_group_file(**changes)
        with db.transaction() as conn:
            group_id, _ = groupfile.load(conn, groupfile.read(text))
        return cls(client, db, secret, code, group_id, phones, text)

    # ---- USSD

    def hop(self, member: int | str, session: str, text: str, **fields: str) -> str:
        """One request as Africa's Talking sends it; the raw answer."""
        phone = self.phones[member] if isinstance(member, int) else member
        form = {"sessionId": session, "phoneNumber": phone, "networkCode": "63902", "serviceCode": "*384*77#", "text": text} | fields
        answer = self.client.post(f"/hooks/{self.secret}/africastalking/ussd", data=form)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer.get_data(as_text=True)

    def dial(self, member: int | str, *answers: str) -> str:
        """A call: the page after the last answer."""
        call = Call(self, member)
        page = call.page
        for answer in answers:
            page = call.press(answer)
        return page

    # ---- SMS

    def text(self, member: int | str, words: str, message_id: str | None = None, **fields: str) -> str:
        """A text from a phone; the id it was sent with."""
        phone = self.phones[member] if isinstance(member, int) else member
        message_id = message_id or str(uuid.uuid4())
        form = {"date": "2026-01-05 09:00:00", "from": phone, "id": message_id, "linkId": "", "text": words, "to": "20880",
                "networkCode": "63902"} | fields  # fmt: skip
        answer = self.client.post(f"/hooks/{self.secret}/africastalking/sms", data=form)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return message_id

    def texts(self, member: int) -> list[str]:
        """All texts written for a member, oldest first."""
        return [row.text for row in self.rows("select text from outbox where group_id = %s and member = %s order by message_no", member)]

    def code_of(self, officer: int) -> str:
        """The newest code sent to an officer."""
        found = [re.findall(r"\b[2-9]{5}\b", text) for text in self.texts(officer)]
        return next(codes[0] for codes in reversed(found) if codes)

    # ---- first codes

    def first_code(self, member: int, officer: int = 2) -> str:
        """The code for a member's first PIN on a shared phone, as an officer reads it."""
        page = self.dial(officer, "9", "9", "7", "4", str(member), "1")
        found = re.findall(r"\b[0-9]{6}\b", page)
        assert (page[:4], len(found)) == ("END ", 1), page
        return found[0]

    # ---- the back office

    def work(self) -> None:
        """Run the jobs as a worker would."""
        from workers import jobs

        jobs.answer_texts()
        jobs.settle_requests()
        jobs.send_texts()

    # ---- the book

    def rows(self, query: str, *values: Any) -> list[Any]:
        """Rows of a query whose first parameter is the group."""
        with self.db.transaction() as conn:
            return conn.execute(query, (self.group_id, *values)).fetchall()

    def entries(self) -> int:
        """How many entries the book has."""
        return self.rows("select count(*) as n from entry where group_id = %s")[0].n

    def shares(self, member: int) -> tuple[int, int]:
        """(units, minor units)."""
        with self.db.transaction() as conn:
            return Book(conn, self.group_id).shares(member)

    def debt(self, member: int) -> tuple[int, int]:
        """(principal, charge) of all running loans."""
        with self.db.transaction() as conn:
            loans = Book(conn, self.group_id).loans(member)
        return sum(loan.now.principal for loan in loans), sum(loan.now.charge for loan in loans)

    def outcomes(self) -> list[str]:
        """What became of the requests, oldest first."""
        query = "select o.outcome from request r left join outcome o using (group_id, request_no) where r.group_id = %s order by r.request_no"
        return [row.outcome or "waiting" for row in self.rows(query)]

    def verify(self) -> None:
        """The book is what it says."""
        from ledger.verify import verify

        with self.db.transaction() as conn:
            report = verify(conn, self.group_id)
        assert report.problem is None, report.problem


class Call:
    """One call: keeps the whole text, as the carrier does."""

    def __init__(self, village: Village, member: int | str, first: str = ""):
        self.village, self.member, self.session, self.text = village, member, new_session(), first
        self.page = village.hop(member, self.session, first)

    def press(self, answer: str) -> str:
        """Answer the page; the next one."""
        self.text = f"{self.text}*{answer}" if self.text else answer
        self.page = self.village.hop(self.member, self.session, self.text)
        return self.page

    def again(self) -> str:
        """The same request once more."""
        return self.village.hop(self.member, self.session, self.text)


def new_session() -> str:
    """A session id as Africa's Talking mints them."""
    return "ATUid_" + uuid.uuid4().hex


def new_phone(country: str, group: int, member: int) -> str:
    """The number of a phone that belongs to one member of one group."""
    return f"{_PREFIX[country]}{group % 1000:03d}{member:03d}"


def new_group_file(**changes: Any) -> tuple[str, dict[int, str], str]:
    """(code, phones by member number, YAML) of a group nobody has loaded yet; `members` may be given as (number, name, roles) rows, `who` as what
    is different about some: `{7: {"language": "vi", "phone": 12}}`, who uses the phone of 12 (0: has none). `phones_of` is a group whose phones
    these are, too."""
    number = next(_COUNT)
    rows, who, lender = changes.pop("members", MEMBERS), changes.pop("who", {}), changes.pop("phones_of", number)
    content = merged(BASE, changes)
    country = content["group"]["country"]
    code = content["group"].setdefault("code", f"T{number:05d}")
    phones = {member: new_phone(country, lender, who.get(member, {}).get("phone", member)) for member, _, _ in rows}
    phones = {member: phone for member, phone in phones.items() if who.get(member, {}).get("phone") != 0}
    if "agent" in content:
        phones[0] = content["agent"].setdefault("phone", new_phone(country, lender, 0))
    content["members"] = []
    for m, name, roles in rows:
        phone = {"phone": phones[m]} if m in phones else {}
        different = {key: value for key, value in who.get(m, {}).items() if key != "phone"}
        content["members"].append({"number": m, "name": name} | phone | {"roles": roles} | different)
    return code, phones, yaml.safe_dump(content, sort_keys=False, allow_unicode=True)
