-- PINs, and what officers decide about people rather than money.

create table member_pin (                    -- argon2id with a pepper that is not in the database
  group_id int not null, member smallint not null, pin_hash text not null, set_at timestamptz not null default clock_timestamp(),
  primary key (group_id, member), foreign key (group_id, member) references member
);

create table pin_try (                       -- every try, right or wrong; never the digits
  group_id int not null, member smallint not null, tried_at timestamptz not null default clock_timestamp(), call text not null,
  hop bytea not null, was_right boolean not null,              -- the hop by a keyed hash: its repeat is no second try
  primary key (group_id, member, hop), foreign key (group_id, member) references member
);
create index pin_try_lately on pin_try (group_id, member, tried_at);

create table pin_unlock (                    -- two officers let her try again
  group_id int not null, member smallint not null, unlocked_at timestamptz not null default clock_timestamp(), request_no int not null,
  primary key (group_id, member, unlocked_at)
);

do $$
declare t text;
begin
  foreach t in array array['pin_try', 'pin_unlock'] loop
    execute format('create trigger append_only before update or delete on %I for each row execute function refuse_rewrite()', t);
    execute format('create trigger never_emptied before truncate on %I for each statement execute function refuse_rewrite()', t);
  end loop;
end $$;

-- A request may be about a person: a PIN forgotten, another phone. It ends without an entry.
alter table outcome drop constraint outcome_outcome_check;
alter table outcome add constraint outcome_outcome_check check (outcome in ('posted', 'done', 'refused', 'expired', 'failed'));

-- Another phone for a member, when everybody whose word the request needs has said yes and it has not been done. Nobody else changes one.
create function change_phone(the_group int, the_request int) returns void language plpgsql security definer set search_path = public, pg_temp as $$
declare wanted request%rowtype;
begin
  select * into wanted from request r where r.group_id = the_group and r.request_no = the_request;
  if wanted.kind is distinct from 'change_phone'
     or exists (select from outcome o where o.group_id = the_group and o.request_no = the_request)
     or not exists (select from approver a where a.group_id = the_group and a.request_no = the_request)
     or exists (select from approver a left join approval p using (group_id, request_no, officer)
                 where a.group_id = the_group and a.request_no = the_request and p.yes is not true) then
    raise exception 'nobody has agreed to this change of a phone' using errcode = '42501';
  end if;
  delete from member_phone p where p.group_id = the_group and p.member = wanted.member;
  insert into member_phone (phone, group_id, member) values (wanted.body->>'phone', the_group, wanted.member);
end $$;
revoke all on function change_phone from public;

-- A text for a number rather than for a member: the old number hears that it is no longer hers.
alter table outbox add column to_phone text;

-- What a member chose: accents in Vietnamese, short receipts.
alter table member add column accents boolean not null default false;
alter table member add column short_receipts boolean not null default false;
alter table member add column helper smallint not null default 0;       -- who gets the texts of a member without a phone; 0: nobody

-- Where the texts to a member go: to her phones, or to the helper she named while she has none; those to 0 to the field agent.
create view text_reaches as
  select p.group_id, p.member, p.phone from member_phone p
  union all
  select m.group_id, m.number, p.phone from member m join member_phone p on p.group_id = m.group_id and p.member = m.helper
   where m.helper <> 0 and not exists (select from member_phone o where o.group_id = m.group_id and o.member = m.number)
  union all
  select a.group_id, 0::smallint, a.phone from agent a;

do $$
begin
  if exists (select from pg_roles where rolname = 'dialbook_app') then
    grant select, insert on member_pin, pin_try, pin_unlock to dialbook_app;
    grant select on text_reaches to dialbook_app;
    grant update (pin_hash, set_at), delete on member_pin to dialbook_app;
    grant update (accents, short_receipts) on member to dialbook_app;
    grant execute on function change_phone to dialbook_app;
  end if;
end $$;

-- What a text will cost, known before it is sent; empty where nobody said what a part costs.
alter table outbox add column expected_cost text;

create table wish (                          -- a member wants to be called, or to borrow: said, never booked
  group_id int not null, command_id uuid not null, member smallint not null, what text not null check (what in ('call', 'loan')),
  amount bigint not null default 0 check (amount >= 0), wished_at timestamptz not null default clock_timestamp(),
  primary key (group_id, command_id), foreign key (group_id, member) references member
);
create index wish_lately on wish (group_id, member, wished_at);
create trigger append_only before update or delete on wish for each row execute function refuse_rewrite();
create trigger never_emptied before truncate on wish for each statement execute function refuse_rewrite();

do $$
begin
  if exists (select from pg_roles where rolname = 'dialbook_app') then
    grant select, insert on wish to dialbook_app;
    grant update (expected_cost) on outbox to dialbook_app;
  end if;
end $$;
