-- Helpers that officers name for a member without a phone and what becomes of one who leaves, when PINs were chosen, and first codes on shared
-- phones.

alter table member add constraint nobody_helps_herself check (helper <> number);

-- The request, if it is of this kind, everybody whose word it needs has said yes, and it has not been done. What is done about a person asks here.
create function agreed(the_group int, the_request int, the_kind text) returns request language plpgsql set search_path = public, pg_temp as $$
declare wanted request%rowtype;
begin
  select * into wanted from request r where r.group_id = the_group and r.request_no = the_request;
  if wanted.kind is distinct from the_kind
     or exists (select from outcome o where o.group_id = the_group and o.request_no = the_request)
     or not exists (select from approver a where a.group_id = the_group and a.request_no = the_request)
     or exists (select from approver a left join approval p using (group_id, request_no, officer)
                 where a.group_id = the_group and a.request_no = the_request and p.yes is not true) then
    raise exception 'nobody has agreed to this %', the_kind using errcode = '42501';
  end if;
  return wanted;
end $$;
revoke all on function agreed from public;

create or replace function change_phone(the_group int, the_request int) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
declare wanted request%rowtype := agreed(the_group, the_request, 'change_phone');
begin
  delete from member_phone p where p.group_id = the_group and p.member = wanted.member;
  insert into member_phone (phone, group_id, member) values (wanted.body->>'phone', the_group, wanted.member);
end $$;

-- The helper of a member; nobody else names one.
create function name_helper(the_group int, the_request int) returns void language plpgsql security definer set search_path = public, pg_temp as $$
declare wanted request%rowtype := agreed(the_group, the_request, 'name_helper');
begin
  update member m set helper = (wanted.body->>'helper')::smallint where m.group_id = the_group and m.number = wanted.member;
end $$;
revoke all on function name_helper from public;

-- A helper who has left the group gets nobody's texts any more.
create or replace view text_reaches as
  select p.group_id, p.member, p.phone from member_phone p
  union all
  select m.group_id, m.number, p.phone from member m join member_phone p on p.group_id = m.group_id and p.member = m.helper
   where m.helper <> 0 and not exists (select from member_phone o where o.group_id = m.group_id and o.member = m.number)
     and not exists (select from member_left l where l.group_id = m.group_id and l.member = m.helper)
  union all
  select a.group_id, 0::smallint, a.phone from agent a;

create table pin_chosen (                    -- by the hop, by a keyed hash: its repeat chooses nothing and tells nobody again
  group_id int not null, member smallint not null, hop bytea not null, chosen_at timestamptz not null default clock_timestamp(),
  codes_void int not null default 0,         -- her first codes up to this one have had their use
  primary key (group_id, member, hop), foreign key (group_id, member) references member
);

create table first_code (                    -- argon2id with a pepper that is not in the database; the newest counts
  group_id int not null, member smallint not null, code_no int not null, command_id uuid not null, given_by smallint not null,  -- 0: the operator
  given_at timestamptz not null default clock_timestamp(), code_hash text not null,
  primary key (group_id, member, code_no), unique (group_id, command_id), foreign key (group_id, member) references member,
  check (given_by <> member)
);

create table first_code_try (                -- every try, right or wrong; never the digits
  group_id int not null, member smallint not null, code_no int not null, tried_at timestamptz not null default clock_timestamp(),
  call text not null, hop bytea not null, was_right boolean not null,          -- the hop by a keyed hash: its repeat is no second try
  primary key (group_id, member, code_no, hop), foreign key (group_id, member, code_no) references first_code
);

do $$
declare t text;
begin
  foreach t in array array['pin_chosen', 'first_code', 'first_code_try'] loop
    execute format('create trigger append_only before update or delete on %I for each row execute function refuse_rewrite()', t);
    execute format('create trigger never_emptied before truncate on %I for each statement execute function refuse_rewrite()', t);
  end loop;
end $$;

do $$
begin
  if exists (select from pg_roles where rolname = 'dialbook_app') then
    grant execute on function name_helper to dialbook_app;
    grant select, insert on pin_chosen, first_code, first_code_try to dialbook_app;
  end if;
end $$;
