-- Meetings, corrections, disputes, decisions and the end of a cycle. Everything here is added to and never changed, like the book itself.

-- ---------------------------------------------------------------- the chart and the funds

alter table account_kind disable trigger append_only;      -- the chart grows; numbers that exist keep their meaning
delete from account_kind;
-- (the chart is filled in again by the migration, from ledger/accounts.py)
alter table account_kind enable trigger append_only;
update account set highest = 9007199254740991 where account = 7000000;

alter table line drop constraint moves_money_within_a_fund;
alter table line add constraint moves_money_within_a_fund check    -- three funds: below 50 the loan fund, to 79 the social fund, then entrusted
  (amount > 0 and amount <= 9007199254740991 and debit <> credit
   and (debit < 5000000) = (credit < 5000000) and (debit < 8000000) = (credit < 8000000));

alter table entry drop constraint entry_line_count_check;
alter table entry add constraint entry_line_count_check check (line_count > 0 or (line_count = 0 and annex <> ''));   -- rules move no money

alter table loan add column late_rule text not null default 'extra_charge' check (late_rule in ('none', 'extra_charge', 'fine', 'doubling'));
alter table loan add column fund text not null default 'loan_fund' check (fund in ('loan_fund', 'social_fund', 'entrusted'));

alter table book_head add column closed_on date not null default '-infinity';    -- the day of the last closed meeting

-- ---------------------------------------------------------------- rules in versions, cycles in numbers

alter table constitution add column entry_no int not null default 0;      -- the entry that says who agreed; 0: founded with it
alter table cycle add column entry_no int not null default 0;

create or replace function rules_law() returns trigger language plpgsql as $$
begin
  if not exists (select from savings_group g where g.group_id = new.group_id and g.sealed_in = pg_current_xact_id())
     and not exists (select from entry e where e.group_id = new.group_id and e.entry_no = new.entry_no and e.kind in (6, 10)
                        and e.sealed_in = pg_current_xact_id()) then
    raise exception 'the rules of group % come with the group or with an entry: % takes no more rows', new.group_id, tg_table_name using errcode = '55000';
  end if;
  return new;
end $$;

create table agent (                         -- the field agent who looks after the group; member 0 in its outbox
  group_id int primary key references savings_group, name text not null check (length(name) between 1 and 30),
  language char(2) not null, phone text not null check (phone ~ '^\+[0-9]{7,15}$')
);

create table share_out (                     -- the cycle has been shared out by this entry
  group_id int not null, cycle smallint not null, entry_no int not null, sheet jsonb not null,
  primary key (group_id, cycle), foreign key (group_id, cycle) references cycle, foreign key (group_id, entry_no) references entry
);

create table member_left (                   -- who left, how, and by which entry; her debts and what she is owed stay in the book
  group_id int not null, member smallint not null, entry_no int not null, why text not null check (why in ('leaves', 'dies', 'expelled', 'absconds')),
  waits boolean not null default false,      -- her shares stay until the share-out
  primary key (group_id, member), foreign key (group_id, member) references member, foreign key (group_id, entry_no) references entry
);

-- ---------------------------------------------------------------- a meeting: noted as it happens, posted when it closes

create table meeting (
  group_id int not null references savings_group, meeting_no smallint not null, loan_meeting boolean not null, held_on date not null,
  opened_by smallint not null, command_id uuid not null, why text not null default '',
  loan_fund_expected bigint not null, loan_fund_counted bigint not null, social_fund_expected bigint not null, social_fund_counted bigint not null,
  opened_at timestamptz not null default clock_timestamp(),
  primary key (group_id, meeting_no), constraint opened_once unique (group_id, command_id), foreign key (group_id, opened_by) references member
);

create index meeting_opened on meeting (opened_at);

create table meeting_note (
  group_id int not null, meeting_no smallint not null, note_no smallint not null, command_id uuid not null, kind text not null,
  member smallint not null, noted_by smallint not null, body jsonb not null, body_hash bytea not null,
  noted_at timestamptz not null default clock_timestamp(),
  primary key (group_id, meeting_no, note_no), constraint noted_once unique (group_id, command_id),
  foreign key (group_id, meeting_no) references meeting
);

create table meeting_undo (
  group_id int not null, meeting_no smallint not null, note_no smallint not null, undone_by smallint not null,
  undone_at timestamptz not null default clock_timestamp(),
  primary key (group_id, meeting_no, note_no), foreign key (group_id, meeting_no, note_no) references meeting_note
);

create table meeting_close (
  group_id int not null, meeting_no smallint not null, entry_no int not null, held_on date not null, loan_meeting boolean not null,
  closed_at timestamptz not null default clock_timestamp(),
  primary key (group_id, meeting_no), foreign key (group_id, meeting_no) references meeting, foreign key (group_id, entry_no) references entry
);

create table meeting_late (                  -- a meeting left open was reported, once
  group_id int not null, meeting_no smallint not null, reported_at timestamptz not null default clock_timestamp(),
  primary key (group_id, meeting_no), foreign key (group_id, meeting_no) references meeting
);

create function meeting_law() returns trigger language plpgsql as $$
begin
  perform 1 from book_head h where h.group_id = new.group_id for update;
  if exists (select from meeting m where m.group_id = new.group_id
                and not exists (select from meeting_close c where c.group_id = m.group_id and c.meeting_no = m.meeting_no)) then
    raise exception 'a meeting of group % is open', new.group_id using errcode = '55000';
  end if;
  if new.held_on < (select h.closed_on from book_head h where h.group_id = new.group_id) then
    raise exception 'a later meeting of group % is closed', new.group_id using errcode = '55000';
  end if;
  return new;
end $$;
create trigger one_at_a_time before insert on meeting for each row execute function meeting_law();

create function note_law() returns trigger language plpgsql as $$
begin
  if exists (select from meeting_close c where c.group_id = new.group_id and c.meeting_no = new.meeting_no) then
    raise exception 'the meeting is closed' using errcode = '55000';
  end if;
  return new;
end $$;
create trigger closed before insert on meeting_note for each row execute function note_law();
create trigger closed before insert on meeting_undo for each row execute function note_law();

-- What comes with an entry is sealed with it.
create function comes_with_entry() returns trigger language plpgsql as $$
begin
  if not exists (select from entry e where e.group_id = new.group_id and e.entry_no = new.entry_no and e.sealed_in = pg_current_xact_id()) then
    raise exception '% comes with its entry or not at all', tg_table_name using errcode = '55000';
  end if;
  return new;
end $$;
create trigger sealed before insert on meeting_close for each row execute function comes_with_entry();
create trigger sealed before insert on share_out for each row execute function comes_with_entry();
create trigger sealed before insert on member_left for each row execute function comes_with_entry();

-- A request may come from the operator or be about the group: 0 stands for nobody in particular.
alter table request drop constraint request_group_id_member_fkey;
alter table request drop constraint request_group_id_asked_by_fkey;
create function somebody_or_nobody() returns trigger language plpgsql as $$
begin
  if new.member <> 0 and not exists (select from member m where m.group_id = new.group_id and m.number = new.member) then
    raise exception 'group % has no member %', new.group_id, new.member using errcode = '23503';
  end if;
  return new;
end $$;
create trigger of_the_group before insert on request for each row execute function somebody_or_nobody();
create trigger of_the_group before insert on meeting_note for each row execute function somebody_or_nobody();

-- ---------------------------------------------------------------- what happens to loans and entries later

create table loan_event (                    -- a rollover (its new due date), a write-off (what was given up), a correction (the principal it should have had)
  group_id int not null, loan_no int not null, event_no smallint not null, entry_no int not null, kind text not null check (kind in ('rollover', 'written_off', 'reinstated', 'corrected')),
  happened_on date not null, due_before date not null, due_on date not null, principal bigint not null, charge bigint not null,
  primary key (group_id, loan_no, event_no), foreign key (group_id, loan_no) references loan, foreign key (group_id, entry_no) references entry
);
create trigger sealed before insert on loan_event for each row execute function comes_with_entry();

create table correction (                    -- a line that cancels a line of an old entry, or stands in its place (cancels null)
  group_id int not null, line_no int not null, entry_no int not null, corrects int not null, cancels int, happened_on date not null,
  primary key (group_id, line_no), constraint cancelled_once unique (group_id, cancels),
  foreign key (group_id, line_no) references line, foreign key (group_id, corrects) references entry, foreign key (group_id, cancels) references line
);
create index correction_of_entry on correction (group_id, corrects);
create trigger sealed before insert on correction for each row execute function comes_with_entry();

create table dispute (
  group_id int not null, dispute_no int not null, entry_no int not null, member smallint not null, command_id uuid not null, via text not null,
  opened_at timestamptz not null default clock_timestamp(),
  primary key (group_id, dispute_no), constraint contested_once unique (group_id, command_id),
  foreign key (group_id, entry_no) references entry, foreign key (group_id, member) references member
);
create index dispute_of_entry on dispute (group_id, entry_no);

create table dispute_answer (
  group_id int not null, dispute_no int not null, how text not null check (how in ('corrected', 'explained')), officer smallint not null,
  words text not null default '', entry_no int, answered_at timestamptz not null default clock_timestamp(),
  primary key (group_id, dispute_no), foreign key (group_id, dispute_no) references dispute, foreign key (group_id, entry_no) references entry
);

-- ---------------------------------------------------------------- laws that grew

do $$
declare t text;
begin
  foreach t in array array['share_out', 'member_left', 'meeting', 'meeting_note', 'meeting_undo', 'meeting_close', 'meeting_late', 'loan_event',
                           'correction', 'dispute', 'dispute_answer'] loop
    execute format('create trigger append_only before update or delete on %I for each row execute function refuse_rewrite()', t);
    execute format('create trigger never_emptied before truncate on %I for each statement execute function refuse_rewrite()', t);
  end loop;
end $$;

-- An entry has all the lines it announces by the time it is committed, and is not dated inside a closed meeting: before the day of the last one.
create or replace function entry_law() returns trigger language plpgsql as $$
begin
  if new.happened_on < (select h.closed_on from book_head h where h.group_id = new.group_id) then
    raise exception 'a meeting of group % was closed on a later day than %', new.group_id, new.happened_on using errcode = '55000';
  end if;
  if (select count(*) from line l where l.group_id = new.group_id and l.entry_no = new.entry_no
         and l.line_no between new.first_line and new.first_line + new.line_count - 1) <> new.line_count then
    raise exception 'entry % of group % lacks lines', new.entry_no, new.group_id using errcode = '23514';
  end if;
  return null;
end $$;

-- ---------------------------------------------------------------- the only writer

-- As before; many lines are hashed in one pass, a meeting's entry (kind 4) moves the day before which nothing is accepted any more, and a
-- share-out (kind 7) must leave its clearing account empty.
create or replace function post_entry(
  p_group int, p_command uuid, p_kind smallint, p_on date, p_asked smallint, p_confirmed smallint, p_second smallint,
  p_debit int[], p_credit int[], p_amount bigint[], p_reason smallint[], p_member smallint[], p_loan int[], p_units int[], p_annex text,
  m_member smallint[], m_purpose text[], m_text text[], m_encoding text[], m_parts smallint[], m_request int,
  out verdict text, out entry_no int)
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  n int := cardinality(p_amount); body bytea; old record; first int; new_head bytea; at timestamptz := clock_timestamp(); done int;
  d_after bigint; c_after bigint;
begin
  body := int4send(p_group) || uuid_send(p_command) || int2send(p_kind) || date_send(p_on)
          || int2send(p_asked) || int2send(p_confirmed) || int2send(p_second);
  if n <= 4 then
    for i in 1..n loop
      body := body || int4send(p_debit[i]) || int4send(p_credit[i]) || int8send(p_amount[i]) || int2send(p_reason[i]) || int2send(p_member[i])
                   || int4send(p_loan[i]) || int4send(p_units[i]);
    end loop;
  else
    select body || string_agg(int4send(d) || int4send(c) || int8send(a) || int2send(r) || int2send(m) || int4send(ln) || int4send(u), ''::bytea order by i)
      into body from unnest(p_debit, p_credit, p_amount, p_reason, p_member, p_loan, p_units) with ordinality x(d, c, a, r, m, ln, u, i);
  end if;
  body := sha256(body || convert_to(p_annex, 'UTF8'));
  select e.entry_no, e.body_hash into old from entry e where e.group_id = p_group and e.command_id = p_command;
  if found then
    entry_no := old.entry_no;
    if old.body_hash = body then verdict := 'repeated'; return; end if;
    insert into command_conflict (group_id, command_id, kept_hash, other_hash) values (p_group, p_command, old.body_hash, body);
    verdict := 'conflict'; return;
  end if;

  update book_head h set next_line = h.next_line + n, next_entry = h.next_entry + 1,
         closed_on = case when p_kind = 4 then p_on else h.closed_on end,
         head = sha256(h.head || body || int4send(h.next_entry) || int4send(h.next_line) || int4send(n) || timestamptz_send(at))
   where h.group_id = p_group returning h.next_entry - 1, h.next_line - n, h.head into entry_no, first, new_head;
  if not found then raise exception 'no book of group %', p_group using errcode = '23503'; end if;
  insert into entry (group_id, entry_no, first_line, line_count, kind, asked_by, confirmed_by, second_by, happened_on, posted_at,
                     command_id, body_hash, hash, annex)
  values (p_group, post_entry.entry_no, first, n, p_kind, p_asked, p_confirmed, p_second, p_on, at, p_command, body, new_head, p_annex);

  if n <= 4 and p_kind in (2, 3) then                               -- one by one is quicker for a few lines, all at once for many
    for i in 1..n loop
      update account set balance = balance + p_amount[i], units = units + p_units[i]
       where group_id = p_group and account = p_debit[i] returning balance into d_after;
      if not found then                        -- opened by the chart at its first use
        insert into account (group_id, account, balance, units, lowest, highest)
        select p_group, p_debit[i], p_amount[i], p_units[i], k.lowest, k.highest from account_kind k where k.kind = p_debit[i] / 100000
        returning balance into d_after;
      end if;
      update account set balance = balance - p_amount[i], units = units - p_units[i]
       where group_id = p_group and account = p_credit[i] returning balance into c_after;
      if not found then
        insert into account (group_id, account, balance, units, lowest, highest)
        select p_group, p_credit[i], -p_amount[i], -p_units[i], k.lowest, k.highest from account_kind k where k.kind = p_credit[i] / 100000
        returning balance into c_after;
      end if;
      if d_after is null or c_after is null then raise exception 'unknown account in group %', p_group using errcode = '23503'; end if;
      insert into line (group_id, line_no, entry_no, debit, credit, amount, debit_after, credit_after, units, loan_no, reason, member)
      values (p_group, first + i - 1, post_entry.entry_no, p_debit[i], p_credit[i], p_amount[i], d_after, c_after,
              p_units[i], p_loan[i], p_reason[i], p_member[i]);
    end loop;
  else
    insert into account (group_id, account, lowest, highest)
    select p_group, a, k.lowest, k.highest from unnest(p_debit || p_credit) a join account_kind k on k.kind = a / 100000
     where not exists (select from account t where t.group_id = p_group and t.account = a)
    on conflict do nothing;
    with l as materialized (
           select i::int, d, c, a, r, m, ln, u from unnest(p_debit, p_credit, p_amount, p_reason, p_member, p_loan, p_units)
                  with ordinality x(d, c, a, r, m, ln, u, i)),
         leg as (select i, d as acct, a as delta, u from l union all select i, c, -a, -u from l),
         run as (select i, acct, sum(delta) over (partition by acct order by i)::bigint as so_far from leg),
         net as (select acct, sum(delta)::bigint as delta, sum(u)::int as u from leg group by acct),
         moved as (update account t set balance = t.balance + net.delta, units = t.units + net.u from net
                    where t.group_id = p_group and t.account = net.acct returning t.account, t.balance - net.delta as before)
    insert into line (group_id, line_no, entry_no, debit, credit, amount, debit_after, credit_after, units, loan_no, reason, member)
    select p_group, first + l.i - 1, post_entry.entry_no, l.d, l.c, l.a, md.before + rd.so_far, mc.before + rc.so_far, l.u, l.ln, l.r, l.m
      from l join run rd on rd.i = l.i and rd.acct = l.d join run rc on rc.i = l.i and rc.acct = l.c
      join moved md on md.account = l.d join moved mc on mc.account = l.c;
    get diagnostics done = row_count;
    if done <> n then raise exception 'unknown account in group %', p_group using errcode = '23503'; end if;
  end if;

  for i in 1..cardinality(m_member) loop
    insert into outbox (group_id, message_no, member, purpose, text, encoding, parts, entry_no, request_no)
    values (p_group, coalesce((select max(o.message_no) from outbox o where o.group_id = p_group), 0) + 1, m_member[i], m_purpose[i], m_text[i],
            m_encoding[i], m_parts[i], post_entry.entry_no, m_request);
  end loop;
  if p_kind = 7 and exists (select from account t where t.group_id = p_group and t.account = 3600000 and t.balance <> 0) then
    raise exception 'the share-out of group % does not come out even', p_group using errcode = '23514';
  end if;
  verdict := 'posted';
end $$;

do $$
begin
  if exists (select from pg_roles where rolname = 'dialbook_app') then
    grant select on agent, share_out, member_left, meeting, meeting_note, meeting_undo, meeting_close, meeting_late, loan_event, correction, dispute,
                    dispute_answer to dialbook_app;
    grant insert on agent, share_out, member_left, meeting, meeting_note, meeting_undo, meeting_close, meeting_late, loan_event, correction, dispute,
                    dispute_answer to dialbook_app;
  end if;
end $$;
