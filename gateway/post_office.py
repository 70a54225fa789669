"""Texts in and reports about texts out, as they are stored. Everything is kept before anybody is answered; every function may run twice."""

from __future__ import annotations

from gateway.messages import DeliveryReport, InboundSms, OptOut
from ledger.db import Conn

# What a report makes of a message. A final state is never left again; a report that is not final changes nothing.
_SETTLED = {"delivered": "delivered", "failed": "failed", "rejected": "failed", "expired": "failed"}
JOIN_HOURS = 48
MISSED_MINUTES = 10


def keep_text(conn: Conn, sms: InboundSms) -> bool:
    """Store an incoming text; False when it was stored before. A text without a readable sender is kept and never looked at again."""
    row = conn.execute(
        """insert into inbound_sms (provider, provider_id, sender, recipient, text, sent_at, handled_at, result)
           values (%s, %s, %s, %s, %s, %s, case when %s then clock_timestamp() end, case when %s then 'no sender' else '' end)
           on conflict do nothing returning provider_id""",
        (sms.provider, sms.provider_id, sms.sender, sms.to, sms.text, sms.sent_at, not sms.sender, not sms.sender),
    ).fetchone()
    return row is not None


def keep_report(conn: Conn, report: DeliveryReport) -> None:
    """Store a delivery report and let it settle the message it is about, if that is known already."""
    conn.execute(
        """insert into delivery_report (provider, provider_id, status, raw_status, reason, phone, final)
           select %(provider)s, %(id)s, %(status)s, %(raw)s, %(reason)s, %(phone)s, %(final)s
            where not exists (select from delivery_report where provider = %(provider)s and provider_id = %(id)s and raw_status = %(raw)s)""",
        {"provider": report.provider, "id": report.provider_id, "status": report.status, "raw": report.raw_status, "reason": report.reason,
         "phone": report.phone, "final": report.final},
    )  # fmt: skip
    if report.final and report.status in _SETTLED:
        settle_by_report(conn, report.provider, report.provider_id)
        if report.phone:
            _join_uncertain(conn, report)


def settle_by_report(conn: Conn, provider: str, provider_id: str) -> None:
    """Bring a message to the state its final report gives; also right after a send, for the report that came first."""
    conn.execute(
        """with r as (select status, reason from delivery_report where provider = %s and provider_id = %s and final order by report_no limit 1)
           update outbox o set state = case r.status when 'delivered' then 'delivered' else 'failed' end::text_state, why = r.reason,
                               updated_at = clock_timestamp()
             from r where o.provider = %s and o.provider_id = %s and o.state in ('accepted', 'unknown', 'sending')""",
        (provider, provider_id, provider, provider_id),
    )


def settle_missed(conn: Conn) -> int:
    """Join reports that were stored in the very moment in which their message was: neither saw the other. How many were joined."""
    rows = conn.execute(
        """update outbox o set state = case r.status when 'delivered' then 'delivered' else 'failed' end::text_state, why = r.reason,
                               updated_at = clock_timestamp()
             from delivery_report r
            where r.final and r.received_at > clock_timestamp() - make_interval(mins => %s)
              and o.provider = r.provider and o.provider_id = r.provider_id and o.state = 'accepted'
           returning 1 as one""",
        (MISSED_MINUTES,),
    ).fetchall()
    return len(rows)


def _join_uncertain(conn: Conn, report: DeliveryReport) -> None:
    """A report nobody knows, for a phone with exactly one message whose fate is unknown, and none under way or sent again by hand (whose
    first sending it might be about): it is about that one."""
    conn.execute(
        """with one as (select min(group_id) as group_id, min(message_no) as message_no from outbox
                         where provider = %(provider)s and phone = %(phone)s and updated_at > clock_timestamp() - make_interval(hours => %(hours)s)
                           and ((state in ('unknown', 'sending') and provider_id is null) or why = 'sent again by hand')
                        having count(*) = 1 and min(state) = 'unknown' and min(why) <> 'sent again by hand')
           update outbox o set state = %(state)s, provider_id = %(id)s, why = %(reason)s, updated_at = clock_timestamp()
             from one where o.group_id = one.group_id and o.message_no = one.message_no
              and not exists (select from outbox known where known.provider = %(provider)s and known.provider_id = %(id)s)""",
        {"provider": report.provider, "phone": report.phone, "hours": JOIN_HOURS, "state": _SETTLED[report.status], "id": report.provider_id,
         "reason": report.reason},
    )  # fmt: skip


def keep_opt_out(conn: Conn, opt_out: OptOut, source: str = "provider") -> None:
    """No more texts to this phone until START comes from it."""
    if opt_out.phone:
        conn.execute("insert into suppressed (phone, source) values (%s, %s) on conflict do nothing", (opt_out.phone, source))
