"""What becomes of a request once its officers have spoken: posted with its receipts, refused, expired, or failed with the reason said."""

from __future__ import annotations

from ledger import deciding, disputes, requests
from ledger.books import Book
from ledger.checks import Refused
from ledger.commands import ABOUT_PEOPLE, DECIDED, Correct
from ledger.db import Conn, lock_group
from ledger.journal import NotEnoughCash, Receipt
from ledger.posting import carry_out
from ledger.requests import Asked
from menus import notices, telling
from menus.say import reason
from workers import about_people


def settle(conn: Conn, group_id: int, request_no: int, quiet: int | None = None) -> str:
    """Bring a request to its end if its words allow, in the caller's transaction; says what happened. `quiet` is an officer who is told so
    by the caller, with other requests in one text.

    Safe to run any number of times: the outcome is one row, the entry one command id.
    """
    lock_group(conn, group_id)
    asked = requests.find(conn, group_id, request_no)
    if asked is None or asked.outcome is not None:
        return "settled before"
    book = Book(conn, group_id)
    if asked.refused_by is not None:
        return _refuse(conn, book, asked, asked.refused_by, quiet)
    if asked.agreed:
        return _do(conn, book, asked, quiet) if asked.request.kind in ABOUT_PEOPLE else _post(conn, book, asked, quiet)
    if requests.expired(conn, asked) and not _word_under_way(conn, asked):
        return _expire(conn, book, asked)
    return "waiting"


def _do(conn: Conn, book: Book, asked: Asked, quiet: int | None) -> str:
    """Another PIN, another phone, a helper: no entry. Fails when the member or an office is gone meanwhile."""
    try:
        deciding.judge(conn, book, asked.request, asked.asked_on)
    except Refused as refused:
        return _fail(conn, book, asked, refused)
    about_people.carry_out(conn, book, asked, quiet)
    requests.close(conn, book.group_id, asked.request_no, "done", officer=asked.approvers[0].officer)
    return "done"


def _post(conn: Conn, book: Book, asked: Asked, quiet: int | None) -> str:
    """One balanced entry, its texts and the outcome: all committed together or not at all."""
    request, officers = asked.request, [a.officer for a in asked.approvers]
    receipt_no = next_entry_no(conn, book.group_id)
    on = deciding.posting_day(book, request, asked.asked_on)
    try:
        with conn.transaction():  # what the database itself refuses is taken back, and then said
            prepared = deciding.prepare(conn, book, request, on)
            texts = telling.before(book, request, prepared, receipt_no, on) + _told_it_is_done(book, asked, receipt_no, quiet)
            later = telling.after(book, request)
            posted = carry_out(conn, book, request, prepared, asked.request_no, on, officers, texts)
            _answer_disputes(conn, asked, posted.entry_no)
            requests.write_texts(conn, book.group_id, later(posted.entry_no), request_no=asked.request_no, entry_no=posted.entry_no)
    except Refused as refused:
        return _fail(conn, book, asked, refused)
    except NotEnoughCash:
        return _fail(conn, book, asked, Refused("not_enough_cash", cash=book.money(book.cash())))
    requests.close(conn, book.group_id, asked.request_no, "posted", entry_no=posted.entry_no, officer=officers[0])
    return "posted"


def _told_it_is_done(book: Book, asked: Asked, receipt_no: int, quiet: int | None) -> list[Receipt]:
    """Who agreed and who asked for somebody else hear that it is booked; of a decision they hear with everybody."""
    if asked.request.kind in DECIDED:
        return []
    others = [number for number in [*(a.officer for a in asked.approvers), asked.request.asked_by] if number not in (asked.request.member, quiet)]
    return notices.tell(book, asked.request, others, "done", receipt=receipt_no)


def _answer_disputes(conn: Conn, asked: Asked, entry_no: int) -> None:
    """A correction answers whoever contested the item."""
    request = asked.request
    if isinstance(request, Correct):
        officer = request.asked_by or asked.approvers[0].officer
        disputes.corrected(conn, request.group_id, request.entry_no, request.member, officer, entry_no)


def _word_under_way(conn: Conn, asked: Asked) -> bool:
    """A text from one of the officers that came in time and nobody has looked at yet: the request must not expire before that."""
    row = conn.execute(
        """select 1 from approver a join member_phone p on p.group_id = a.group_id and p.member = a.officer
             join inbound_sms i on i.sender = p.phone and i.handled_at is null and i.received_at < %s
            where a.group_id = %s and a.request_no = %s limit 1""",
        (asked.expires_at, asked.request.group_id, asked.request_no),
    ).fetchone()
    return row is not None


def _refuse(conn: Conn, book: Book, asked: Asked, officer: int, quiet: int | None) -> str:
    requests.close(conn, book.group_id, asked.request_no, "refused", officer=officer)
    texts = notices.tell(book, asked.request, [n for n in _concerned(asked) if n != officer], "refused", officer=officer)
    texts += notices.tell(book, asked.request, [officer], "refused_done") if officer != quiet else []
    requests.write_texts(conn, book.group_id, texts, request_no=asked.request_no)
    return "refused"


def _expire(conn: Conn, book: Book, asked: Asked) -> str:
    requests.close(conn, book.group_id, asked.request_no, "expired")
    requests.write_texts(conn, book.group_id, notices.tell(book, asked.request, _concerned(asked), "expired"), request_no=asked.request_no)
    return "expired"


def _fail(conn: Conn, book: Book, asked: Asked, refused: Refused) -> str:
    """The book no longer allows it (the debt was paid meanwhile, the box is empty): everybody concerned is told why."""
    requests.close(conn, book.group_id, asked.request_no, "failed", reason=refused.reason)
    request, members = asked.request, book.members()
    told = _concerned(asked) if request.kind in DECIDED else [request.member]
    texts: list[Receipt] = []
    for number in (number for number in dict.fromkeys(told) if number in members):
        texts += notices.tell(book, request, [number], "failed", why=reason(refused, members[number].language))
    texts += notices.tell(book, request, [number for number in _concerned(asked) if number not in told], "failed_for_officers")
    requests.write_texts(conn, book.group_id, texts, request_no=asked.request_no)
    return "failed"


def _concerned(asked: Asked) -> list[int]:
    """Whose money it is, who asked for it, and the officers who have said yes: they may hold the cash. 0, the operator, is nobody here."""
    return [asked.request.member, asked.request.asked_by, *(a.officer for a in asked.approvers if a.yes)]


def next_entry_no(conn: Conn, group_id: int) -> int:
    """The number the next entry of a locked group gets: it is the receipt's number."""
    row = conn.execute("select next_entry from book_head where group_id = %s", (group_id,)).fetchone()
    assert row is not None
    number: int = row.next_entry
    return number


def due(conn: Conn, limit: int) -> list[tuple[int, int]]:
    """(group, request) of waiting requests whose officers have all agreed, one of whom refused, or whose time is over."""
    rows = conn.execute(
        """select w.group_id, w.request_no from waiting w
            where w.expires_at <= clock_timestamp()
               or exists (select from approval p where p.group_id = w.group_id and p.request_no = w.request_no and not p.yes)
               or not exists (select from approver a left join approval p using (group_id, request_no, officer)
                               where a.group_id = w.group_id and a.request_no = w.request_no and p.officer is null)
            order by w.expires_at limit %s""",
        (limit,),
    )
    return [(row.group_id, row.request_no) for row in rows]
