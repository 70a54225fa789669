"""What is asked of the tables of one group's book; `ledger/books.py` says what it means."""

from __future__ import annotations

GROUP = """
select g.group_id, g.code, g.name, g.country, g.currency, g.timezone, g.language, d.today, k.terms, k.version, c.number, c.starts_on, c.ends_on,
       nullif(h.closed_on, '-infinity') as closed_on,
       exists (select from share_out s where s.group_id = g.group_id and s.cycle = c.number) as shared_out,
       not exists (select from meeting_close m where m.group_id = g.group_id and m.entry_no > c.entry_no) as first_meeting
  from savings_group g
  join book_head h on h.group_id = g.group_id
  cross join lateral (select coalesce(%(today)s::date, (now() at time zone g.timezone)::date) as today) d
  join lateral (select terms, version from constitution k where k.group_id = g.group_id and (version = 1 or from_on <= d.today)
                 order by version desc limit 1) k on true
  join lateral (select number, starts_on, ends_on, entry_no from cycle c where c.group_id = g.group_id order by number desc limit 1) c on true
 where g.group_id = %(group)s"""

# What was paid on a loan: lines that were not cancelled, on the day they count for. The two arrays are read once for the whole query.
LOANS = """
select n.loan_no, n.member, n.original, n.principal, n.opening_charge, n.method, n.rate_bp, n.period, n.issued_on, n.opened_on, n.due_on,
       n.late_rule, n.fund, ev.rolled_on, ev.rolled_to, ev.corrected_to, ev.gone,
       coalesce(c.corrects, l.entry_no) as entry_no, l.amount, coalesce(c.happened_on, e.happened_on) as happened_on,
       (select min(held_on) from meeting_close where group_id = %(group)s) as first_meeting,
       (select array_agg(held_on order by held_on) from meeting_close where group_id = %(group)s and loan_meeting) as loan_meetings
  from loan n
  left join lateral (select array_agg(happened_on order by event_no) filter (where kind = 'rollover') as rolled_on,
                            array_agg(due_on order by event_no) filter (where kind = 'rollover') as rolled_to,
                            (array_agg(principal order by event_no desc) filter (where kind = 'corrected'))[1] as corrected_to,
                            (array_agg(kind order by event_no desc) filter (where kind in ('written_off', 'reinstated')))[1] = 'written_off' as gone
                       from loan_event v where v.group_id = n.group_id and v.loan_no = n.loan_no) ev on true
  left join line l on l.group_id = n.group_id and l.loan_no = n.loan_no and l.loan_no <> 0 and l.reason in (41, 42)
        and not exists (select from correction x where x.group_id = l.group_id
                           and (x.cancels = l.line_no or (x.line_no = l.line_no and x.cancels is not null)))
  left join correction c on c.group_id = l.group_id and c.line_no = l.line_no
  left join entry e on e.group_id = l.group_id and e.entry_no = l.entry_no
 where n.group_id = %(group)s {only} order by n.loan_no, l.line_no"""
ALL_LOANS = LOANS.replace("{only}", "and n.member = %(member)s")
# Charge is settled before principal, so who owes no principal owes nothing; the lines of old loans, more each year, are left unread.
STILL_OPEN = """ and (select a.balance from account a where a.group_id = n.group_id
  and a.account = n.loan_no + case n.fund when 'loan_fund' then 2000000 when 'social_fund' then 6200000 else 8100000 end) > 0"""
RUNNING_LOANS = LOANS.replace("{only}", "and n.member = %(member)s" + STILL_OPEN)
RUNNING_LOANS_OF_ALL = LOANS.replace("{only}", STILL_OPEN)

MEMBERS = """
select m.number, m.name, m.language || case when m.accents then '+' else '' end as language, m.roles, l.why from member m
  left join member_left l on l.group_id = m.group_id and l.member = m.number where m.group_id = %s"""

LAST = """
select l.line_no, l.entry_no, e.happened_on, l.reason, l.amount, l.units, e.kind = 5 as corrected, c.cancels is not null as taken_back
  from (select * from line where group_id = %(group)s and line_no >= (select next_line from book_head where group_id = %(group)s) - %(seen)s
         order by group_id, line_no desc) l
  join entry e on e.group_id = l.group_id and e.entry_no = l.entry_no
  left join correction c on c.group_id = l.group_id and c.line_no = l.line_no
 where l.member = %(member)s and l.reason not in (43, 44) order by l.line_no desc limit %(count)s"""


AS_OF = """
select account, sum(amount)::bigint as balance, sum(units)::int as units from (
  select l.debit as account, l.amount, l.units from line l join entry e using (group_id, entry_no)
   where group_id = %(group)s and e.happened_on <= %(day)s
  union all
  select l.credit, -l.amount, -l.units from line l join entry e using (group_id, entry_no)
   where group_id = %(group)s and e.happened_on <= %(day)s) legs
 group by account order by account"""

WRITTEN_OFF = """
select v.loan_no, v.principal + v.charge - coalesce((select sum(l.amount) from line l where l.group_id = v.group_id and l.loan_no = v.loan_no
       and l.loan_no <> 0 and l.reason = 46), 0)::bigint as owed
  from loan_event v join loan n on n.group_id = v.group_id and n.loan_no = v.loan_no
 where v.group_id = %(group)s and v.kind = 'written_off' and n.member = %(member)s
   and not exists (select from loan_event r where r.group_id = v.group_id and r.loan_no = v.loan_no and r.kind = 'reinstated'
                      and r.event_no > v.event_no) order by v.loan_no"""
