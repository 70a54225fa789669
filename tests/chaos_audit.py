"""After the storm: what people were told, what the carrier took and what the book says are compared, each with the others."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import psycopg
from chaos_people import Answered, Call
from psycopg.rows import namedtuple_row
from stand_in import Accepted

from ledger.entry import Reason
from ledger.verify import verify

PRICE = 20_000
REASONS = {"buy_shares": (Reason.SHARE,), "pay_social_fund": (Reason.SOCIAL_FUND,), "pay_fine": (Reason.FINE,),
           "repay": (Reason.SERVICE_CHARGE, Reason.PRINCIPAL)}  # fmt: skip

_REQUESTS = """
select g.code, r.group_id, r.request_no, r.command_id, r.kind, r.member, r.turn, o.outcome, o.entry_no,
       (select array_agg(array[t.phone, t.text]) from outbox t
         where t.group_id = r.group_id and t.request_no = r.request_no and t.purpose = 'ask_officer') as asked
  from request r join savings_group g using (group_id) left join outcome o using (group_id, request_no)"""


@dataclass
class Audit:
    """Everything there is to compare. `broken` names each promise that was not kept."""

    conn: psycopg.Connection[Any]
    calls: list[Call]
    answered: list[Answered]
    accepted: list[Accepted]
    broken: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.conn.row_factory = namedtuple_row
        self.requests = self.conn.execute(_REQUESTS).fetchall()
        self.by_turn = {bytes(row.turn): row for row in self.requests if row.turn}

    def run(self) -> Audit:
        """All comparisons."""
        self._acknowledged_is_kept()
        self._asked_once()
        self._confirmations_have_one_outcome()
        self._money_is_what_was_confirmed()
        self._one_command_an_entry()
        self._books_verify()
        self._receipts_are_written()
        self.duplicates = self._texts_arrived()
        self.not_joined = self._reports_not_joined()
        return self

    def _need(self, right: bool, what: str) -> None:
        if not right:
            self.broken.append(what)

    def _acknowledged_is_kept(self) -> None:
        """`Sent to the treasurer` means that the request is in the book's inbox; so does the page that says so on the second call."""
        for call in self.calls:
            if call.sent:
                self._need(call.digest(call.texts[-1]) in self.by_turn, f"acknowledged and lost: {call}")
            if call.stopped_at_twin:
                made = [c for c in self.calls if c.wish == call.wish and self._made(c)]
                self._need(bool(made), f"told that it was sent before, and lost: {call}")

    def _made(self, call: Call) -> list[Any]:
        return [self.by_turn[digest] for text in call.texts if (digest := call.digest(text)) in self.by_turn]

    def _asked_once(self) -> None:
        wishes = Counter(call.wish for call in self.calls for _ in self._made(call))
        for wish, times in wishes.items():
            self._need(times == 1, f"asked {times} times: {wish}")
        self._need(sum(wishes.values()) == len(self.requests), "requests that nobody asked for")

    def _confirmations_have_one_outcome(self) -> None:
        """Every acknowledged text was handled once, and a request is what its officers said of it."""
        handled = {
            row.provider_id: row.result for row in self.conn.execute("select provider_id, result from inbound_sms where handled_at is not null")
        }
        for text in self.answered:
            self._need(handled.get(text.message_id) in ("posted", "refused", "waiting", "already"), f"{text}: {handled.get(text.message_id)}")
        words = {(text.phone, text.asked): text.yes for text in self.answered}
        for row in self.requests:
            said = [words.get((phone, asked)) for phone, asked in row.asked]
            meant = "refused" if False in said else "posted" if all(said) else "waiting"
            self._need(row.outcome == meant, f"{row.code} request {row.request_no}: officers said {said}, outcome {row.outcome}")

    def _money_is_what_was_confirmed(self) -> None:
        """Member by member and kind by kind, what came in is what she typed and her officers confirmed."""
        meant: Counter[tuple[str, int, str]] = Counter()
        for call in self.calls:
            for row in self._made(call):
                figure = call.wish.figure * (PRICE if call.wish.kind == "buy_shares" else 1)
                meant[(row.code, row.member, row.kind)] += figure if row.outcome == "posted" else 0
        kinds = {reason: kind for kind, reasons in REASONS.items() for reason in reasons}
        booked: Counter[tuple[str, int, str]] = Counter()
        query = "select g.code, l.member, l.reason, sum(l.amount)::bigint as amount from line l join savings_group g using (group_id) where l.entry_no > 1 group by 1, 2, 3"
        for row in self.conn.execute(query):
            booked[(row.code, row.member, kinds[Reason(row.reason)])] += row.amount
        for who in meant.keys() | booked.keys():
            self._need(meant[who] == booked[who], f"{who}: confirmed {meant[who]}, booked {booked[who]}")

    def _one_command_an_entry(self) -> None:
        entries = {(row.group_id, row.entry_no): row.command_id for row in self.conn.execute("select * from entry where entry_no > 1")}
        posted = {(row.group_id, row.entry_no): row.command_id for row in self.requests if row.outcome == "posted"}
        self._need(entries == posted, "entries and posted requests differ")
        self._need(len(set(entries.values())) == len(entries), "a command was posted twice")
        self.entries = len(entries)
        self._need(self.conn.execute("select from command_conflict").fetchone() is None, "a command came with two bodies")

    def _books_verify(self) -> None:
        for row in self.conn.execute("select group_id, code from savings_group").fetchall():
            problem = verify(self.conn, row.group_id).problem
            self._need(problem is None, f"{row.code}: {problem}")

    def _receipts_are_written(self) -> None:
        query = """select e.group_id, e.entry_no, count(o.message_no) as n from entry e
          left join outbox o on o.group_id = e.group_id and o.entry_no = e.entry_no and o.purpose = 'receipt'
         where e.entry_no > 1 group by 1, 2 having count(o.message_no) <> 1"""
        for row in self.conn.execute(query):
            self._need(False, f"group {row.group_id} entry {row.entry_no} has {row.n} receipts")

    def _texts_arrived(self) -> int:
        """Every text written reached the carrier at least once; how often one did again."""
        written = self.conn.execute("select group_id, message_no, purpose, phone, text, state, provider_id from outbox").fetchall()
        wanted, taken = Counter((row.phone, row.text) for row in written), Counter((one.to, one.text) for one in self.accepted)
        for row in written:
            short = taken[(row.phone, row.text)] < wanted[(row.phone, row.text)]
            self._need(not short, f"{row.purpose} {row.group_id}/{row.message_no} never reached the carrier, but is {row.state} as {row.provider_id}")
        for phone, text in taken.keys() - wanted.keys():
            self._need(False, f"a text that nobody wrote: {phone} {text}")
        return sum((taken - wanted).values())

    def _reports_not_joined(self) -> int:
        """Messages whose final report is kept and which do not say so."""
        query = """select o.message_no from outbox o join delivery_report r using (provider, provider_id) where r.final and o.state = 'accepted'"""
        return len(self.conn.execute(query).fetchall())
