-- The book. The group is the first column of every key, so that the group can be the shard key.
-- What PostgreSQL refuses here it refuses to everybody: the laws do not depend on the application.
-- Signs: a balance is debits minus credits, so a cash box is positive and a member's shares are negative.

-- ---------------------------------------------------------------- who

create table savings_group (
  group_id   int primary key,
  code       text not null unique check (code ~ '^[A-Z0-9]{2,12}$'),
  name       text not null check (length(name) between 1 and 40),
  country    char(2) not null,
  currency   char(3) not null,
  timezone   text not null,
  language   char(2) not null,
  genesis    bytea not null,                 -- what the first entry's hash is chained to
  file_hash  bytea not null,                 -- of the group file as understood: loading it again changes nothing
  demo       boolean not null default false,
  sealed_in  xid8 not null default pg_current_xact_id(),     -- its rules and members come with it
  created_at timestamptz not null default clock_timestamp()
);

create table constitution (                  -- versioned; a change is a new row
  group_id int not null references savings_group, version smallint not null,
  from_on  date not null, terms jsonb not null, made_at timestamptz not null default clock_timestamp(),
  primary key (group_id, version)
);

create table cycle (
  group_id int not null references savings_group, number smallint not null,
  starts_on date not null, ends_on date not null, primary key (group_id, number), check (ends_on > starts_on)
);

create table member (
  group_id int not null references savings_group, number smallint not null check (number between 1 and 9999),
  name text not null check (length(name) between 1 and 30), language char(2) not null, roles text[] not null default '{}',
  primary key (group_id, number)
);

create table member_phone (                  -- the directory: which books a phone may open
  phone text not null check (phone ~ '^\+[0-9]{7,15}$'), group_id int not null, member smallint not null,
  primary key (phone, group_id, member), foreign key (group_id, member) references member
);
create index member_phone_by_member on member_phone (group_id, member);

-- ---------------------------------------------------------------- the book

create table book_head (                     -- one row a group: its lock, its counters, the head of its chain
  group_id int primary key references savings_group,
  next_line int not null default 1, next_entry int not null default 1, head bytea not null,
  lockable boolean not null default true     -- says nothing; PostgreSQL lets a role lock a row only if it may update something in it
) with (fillfactor = 50);

create table account_kind (                  -- the chart of accounts, from ledger/accounts.py
  kind smallint primary key, name text not null, lowest bigint not null, highest bigint not null
);

create table account (                       -- cached balances: the only money that changes in place
  group_id int not null, account int not null,               -- kind * 100000 + member or loan number
  balance bigint not null default 0, units int not null default 0,
  lowest bigint not null, highest bigint not null,
  primary key (group_id, account),
  constraint never_below_zero check (balance between lowest and highest)
) with (fillfactor = 70);

create table entry (
  group_id int not null, entry_no int not null, first_line int not null,
  line_count smallint not null check (line_count > 0), kind smallint not null,
  asked_by smallint not null, confirmed_by smallint not null, second_by smallint not null,   -- 0: nobody
  happened_on date not null, posted_at timestamptz not null,
  sealed_in xid8 not null default pg_current_xact_id(),      -- lines may enter only in this transaction
  command_id uuid not null,
  body_hash bytea not null, hash bytea not null,
  annex text not null default '',            -- terms that come with the entry (of loans), hashed with it
  primary key (group_id, entry_no),
  constraint posted_once unique (group_id, command_id)
);

create table line (                          -- a transfer between two accounts: it cannot be out of balance
  group_id int not null, line_no int not null, entry_no int not null,
  debit int not null, credit int not null,
  amount bigint not null,
  debit_after bigint not null, credit_after bigint not null,
  units int not null default 0, loan_no int not null default 0,
  reason smallint not null, member smallint not null default 0,
  primary key (group_id, line_no),
  -- between two accounts of one fund (kinds below 50 are the loan fund's, the others the social fund's: no line joins the two boxes);
  -- one constraint, because each is compiled anew for every posting
  constraint moves_money_within_a_fund check
    (amount > 0 and amount <= 9007199254740991 and debit <> credit and (debit < 5000000) = (credit < 5000000))
);
create index line_of_loan on line (group_id, loan_no, line_no) where loan_no <> 0;

create table loan (                          -- the terms as agreed; what is owed follows from them and the lines
  group_id int not null, loan_no int not null, member smallint not null, entry_no int not null,
  original bigint not null check (original > 0), principal bigint not null check (principal > 0 and principal <= original),
  opening_charge bigint not null check (opening_charge >= 0),
  method text not null check (method in ('flat', 'declining', 'rolled', 'none')), rate_bp int not null check (rate_bp between 0 and 10000),
  period text not null check (period in ('month', 'four_weeks')),
  issued_on date not null, opened_on date not null, due_on date not null,
  primary key (group_id, loan_no), foreign key (group_id, entry_no) references entry, foreign key (group_id, member) references member
);
create index loan_of_member on loan (group_id, member, loan_no);

create table command_conflict (              -- the same id with another body: refused, and kept as evidence
  group_id int not null, seen_no bigint generated always as identity, command_id uuid not null,
  kept_hash bytea not null, other_hash bytea not null, seen_at timestamptz not null default clock_timestamp(),
  primary key (group_id, seen_no)
);

-- ---------------------------------------------------------------- what is asked, and what became of it

create table request (
  group_id int not null references savings_group, request_no int not null, command_id uuid not null,
  kind text not null, member smallint not null, asked_by smallint not null, body jsonb not null, body_hash bytea not null,
  turn bytea, answer text,                   -- which hop asked, and the page it was answered with
  asked_on date not null, asked_at timestamptz not null default clock_timestamp(), expires_at timestamptz not null,
  primary key (group_id, request_no), constraint asked_once unique (group_id, command_id),
  foreign key (group_id, member) references member, foreign key (group_id, asked_by) references member
);
create unique index request_of_turn on request (group_id, turn) where turn is not null;

create table approver (                      -- whose word a request needs, and her short code
  group_id int not null, request_no int not null, officer smallint not null, code char(5) not null check (code ~ '^[2-9]{5}$'),
  primary key (group_id, request_no, officer), foreign key (group_id, request_no) references request,
  foreign key (group_id, officer) references member
);

create table approval (                      -- her word, once
  group_id int not null, request_no int not null, officer smallint not null, yes boolean not null, via text not null,
  decided_at timestamptz not null default clock_timestamp(),
  primary key (group_id, request_no, officer), foreign key (group_id, request_no, officer) references approver
);

create table outcome (                       -- what became of the request, once
  group_id int not null, request_no int not null, outcome text not null check (outcome in ('posted', 'refused', 'expired', 'failed')),
  entry_no int, officer smallint not null default 0, reason text not null default '', at timestamptz not null default clock_timestamp(),
  primary key (group_id, request_no), foreign key (group_id, request_no) references request, foreign key (group_id, entry_no) references entry,
  check ((outcome = 'posted') = (entry_no is not null))
);

create table waiting (                       -- work list: requests without an outcome
  group_id int not null, request_no int not null, expires_at timestamptz not null,
  primary key (group_id, request_no), foreign key (group_id, request_no) references request
);
create index waiting_by_expiry on waiting (expires_at);

-- ---------------------------------------------------------------- texts in and out

create type text_state as enum
  ('pending', 'claimed', 'sending', 'accepted', 'delivered', 'retry', 'held', 'unknown', 'failed_permanent', 'failed', 'suppressed');

create table outbox (
  group_id int not null, message_no int not null, member smallint not null,
  purpose text not null, text text not null, encoding text not null, parts smallint not null,
  entry_no int, request_no int,
  state text_state not null default 'pending',
  attempts smallint not null default 0, not_before timestamptz not null default clock_timestamp(), lease_until timestamptz,
  provider text, provider_id text, phone text, cost text, why text not null default '',
  created_at timestamptz not null default clock_timestamp(), updated_at timestamptz not null default clock_timestamp(),
  primary key (group_id, message_no)
);
create index outbox_due on outbox (not_before) where state in ('pending', 'retry', 'claimed', 'sending');
create index outbox_by_provider_id on outbox (provider, provider_id) where provider_id is not null;
create index outbox_uncertain on outbox (state, updated_at) where state in ('unknown', 'held', 'failed_permanent', 'failed');
create index help_said on outbox (group_id, member, created_at) where purpose = 'help';

create table inbound_sms (
  provider text not null, provider_id text not null, sender text not null, recipient text not null, text text not null,
  sent_at text not null default '', received_at timestamptz not null default clock_timestamp(),
  handled_at timestamptz, result text not null default '',
  tries smallint not null default 0, not_before timestamptz not null default clock_timestamp(), primary key (provider, provider_id)
);
create index inbound_due on inbound_sms (not_before) where handled_at is null;
create index inbound_of_sender on inbound_sms (sender, received_at);

create table delivery_report (
  provider text not null, provider_id text not null, report_no bigint generated always as identity,
  status text not null, raw_status text not null, reason text not null default '', phone text not null default '', final boolean not null,
  received_at timestamptz not null default clock_timestamp(), primary key (provider, provider_id, report_no)
);

create index report_lately on delivery_report (received_at) where final;

create table wrong_code (phone text not null, tried_at timestamptz not null default clock_timestamp(), provider_id text not null,
  primary key (phone, tried_at, provider_id));

create table suppressed (phone text primary key, since timestamptz not null default clock_timestamp(), source text not null);

-- All that the book needs to know of phones: who would be answering with the same hand, and who can be asked at all.
create view hand as
  select p.group_id, p.member, md5(p.phone) as hand, not exists (select from suppressed s where s.phone = p.phone) as hears from member_phone p;

-- ---------------------------------------------------------------- laws

create function refuse_rewrite() returns trigger language plpgsql as $$
begin
  raise exception 'the book is append-only: % on % is refused, post a reversal', tg_op, tg_table_name using errcode = '55000';
end $$;

do $$
declare t text;
begin
  foreach t in array array['entry', 'line', 'loan', 'request', 'approver', 'approval', 'outcome', 'constitution', 'cycle',
                           'savings_group', 'command_conflict', 'account_kind', 'delivery_report'] loop
    execute format('create trigger append_only before update or delete on %I for each row execute function refuse_rewrite()', t);
    execute format('create trigger never_emptied before truncate on %I for each statement execute function refuse_rewrite()', t);
  end loop;
  foreach t in array array['account', 'book_head', 'inbound_sms', 'outbox'] loop
    execute format('create trigger never_deleted before delete on %I for each row execute function refuse_rewrite()', t);
    execute format('create trigger never_emptied before truncate on %I for each statement execute function refuse_rewrite()', t);
  end loop;
end $$;

-- Sealed: a line enters only in the transaction that made its entry, and only under the numbers that entry announced,
-- so an old entry takes no more lines however well they balance.
create function line_law() returns trigger language plpgsql as $$
begin
  if not exists (select from new_lines n     -- one look by key for each; what is wrong is asked only when something is
                  where (select e.sealed_in = pg_current_xact_id() and n.line_no >= e.first_line and n.line_no < e.first_line + e.line_count
                           from entry e where e.group_id = n.group_id and e.entry_no = n.entry_no) is not true
                     or (select true from account d where d.group_id = n.group_id and d.account = n.debit) is null
                     or (select true from account c where c.group_id = n.group_id and c.account = n.credit) is null) then
    return null;
  end if;
  if exists (select from new_lines n left join entry e on e.group_id = n.group_id and e.entry_no = n.entry_no
              where e.sealed_in is distinct from pg_current_xact_id()
                 or n.line_no < e.first_line or n.line_no >= e.first_line + e.line_count) then
    raise exception 'the entry is sealed: its lines come with it or not at all' using errcode = '55000';
  end if;
  raise exception 'a line names an account that is not its group''s' using errcode = '23503';
end $$;
create trigger sealed after insert on line referencing new table as new_lines for each statement execute function line_law();

-- An entry has all the lines it announces by the time it is committed.
create function entry_law() returns trigger language plpgsql as $$
begin
  if (select count(*) from line l where l.group_id = new.group_id and l.entry_no = new.entry_no
         and l.line_no between new.first_line and new.first_line + new.line_count - 1) <> new.line_count then
    raise exception 'entry % of group % lacks lines', new.entry_no, new.group_id using errcode = '23514';
  end if;
  return null;
end $$;
create constraint trigger complete after insert on entry deferrable initially deferred for each row execute function entry_law();

-- The rules a group lives by come with the group. A later version will come with an entry that says who voted for it.
create function rules_law() returns trigger language plpgsql as $$
begin
  if not exists (select from savings_group g where g.group_id = new.group_id and g.sealed_in = pg_current_xact_id()) then
    raise exception 'group % was founded with its rules: % takes no more rows', new.group_id, tg_table_name using errcode = '55000';
  end if;
  return new;
end $$;
create trigger sealed before insert on constitution for each row execute function rules_law();
create trigger sealed before insert on cycle for each row execute function rules_law();

-- Members, offices and phones of a group that exists are an operator's to change, never the web's or a worker's.
create function people_law() returns trigger language plpgsql as $$
begin
  if current_user = 'dialbook_app'
     and not exists (select from savings_group g where g.group_id = new.group_id and g.sealed_in = pg_current_xact_id()) then
    raise exception 'the application adds nobody to group %', new.group_id using errcode = '42501';
  end if;
  return new;
end $$;
create trigger sealed before insert on member for each row execute function people_law();
create trigger sealed before insert on member_phone for each row execute function people_law();

-- A loan's terms come with the entry that gives it.
create function loan_law() returns trigger language plpgsql as $$
begin
  if not exists (select from entry e where e.group_id = new.group_id and e.entry_no = new.entry_no and e.sealed_in = pg_current_xact_id()) then
    raise exception 'the terms of a loan come with its entry or not at all' using errcode = '55000';
  end if;
  return new;
end $$;
create trigger sealed before insert on loan for each row execute function loan_law();

-- ---------------------------------------------------------------- the only writer

-- Posts one entry: takes the group's lock, gives it the next numbers, moves the cached balances, chains it, writes its
-- receipts. Returns 'posted', 'repeated' (this command was posted before, with this very body) or 'conflict' (with another
-- body: kept in command_conflict, nothing posted). READ COMMITTED is enough: every statement after the lock sees what it guards. Of two
-- transactions that bring the same new command at once the slower meets `posted_once`, is rolled back, and finds it posted when it asks again.
create function post_entry(
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
  for i in 1..n loop
    body := body || int4send(p_debit[i]) || int4send(p_credit[i]) || int8send(p_amount[i]) || int2send(p_reason[i]) || int2send(p_member[i])
                 || int4send(p_loan[i]) || int4send(p_units[i]);
  end loop;
  body := sha256(body || convert_to(p_annex, 'UTF8'));
  select e.entry_no, e.body_hash into old from entry e where e.group_id = p_group and e.command_id = p_command;
  if found then
    entry_no := old.entry_no;
    if old.body_hash = body then verdict := 'repeated'; return; end if;
    insert into command_conflict (group_id, command_id, kept_hash, other_hash) values (p_group, p_command, old.body_hash, body);
    verdict := 'conflict'; return;
  end if;

  update book_head h set next_line = h.next_line + n, next_entry = h.next_entry + 1,
         head = sha256(h.head || body || int4send(h.next_entry) || int4send(h.next_line) || int4send(n) || timestamptz_send(at))
   where h.group_id = p_group returning h.next_entry - 1, h.next_line - n, h.head into entry_no, first, new_head;
  if not found then raise exception 'no book of group %', p_group using errcode = '23503'; end if;
  insert into entry (group_id, entry_no, first_line, line_count, kind, asked_by, confirmed_by, second_by, happened_on, posted_at,
                     command_id, body_hash, hash, annex)
  values (p_group, post_entry.entry_no, first, n, p_kind, p_asked, p_confirmed, p_second, p_on, at, p_command, body, new_head, p_annex);

  if n <= 4 then                               -- one by one is quicker for a few lines, all at once for many
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
  verdict := 'posted';
end $$;
revoke all on function post_entry from public;

-- ---------------------------------------------------------------- the application's role owns nothing

do $$
begin
  if not exists (select from pg_roles where rolname = 'dialbook_app') then
    begin
      create role dialbook_app nologin;
    exception when insufficient_privilege then
      raise warning 'may not create the role dialbook_app: the application will log in as the owner of the tables';
      return;
    end;
  end if;
  begin
    if current_setting('server_version_num')::int >= 160000 then   -- who creates a role may hand it out there, but not take it on
      if not pg_has_role(current_user, 'dialbook_app', 'set') then
        execute format('grant dialbook_app to %I with set true, inherit false', current_user);
      end if;
    elsif not pg_has_role(current_user, 'dialbook_app', 'member') then
      execute format('grant dialbook_app to %I', current_user);
    end if;
  exception when insufficient_privilege then null;   -- a login of its own may be used instead
  end;
  grant usage on schema public to dialbook_app;
  grant select on all tables in schema public to dialbook_app;
  grant execute on function post_entry to dialbook_app;
  grant insert on request, approver, approval, outcome, waiting, outbox, inbound_sms, delivery_report, wrong_code, suppressed,
                  loan, savings_group, constitution, cycle, member, member_phone, book_head, command_conflict to dialbook_app;
  grant delete on waiting, suppressed to dialbook_app;
  grant update (lockable) on book_head to dialbook_app;
  grant update (language) on member to dialbook_app;
  grant update (handled_at, result, tries, not_before) on inbound_sms to dialbook_app;
  grant update (state, attempts, not_before, lease_until, provider, provider_id, phone, cost, why, updated_at) on outbox to dialbook_app;
end $$;
