-- PINs, and what officers decide about people rather than money.

create table member_pin (                    -- argon2id with a pepper that is not in the database
  group_id int not null, member smallint not null, pin_hash text not null, set_at timestamptz not null default clock_timestamp(),
  primary key (group_id, member), foreign key (group_id, member) references member
);

create table pin_try (                       -- every try, right or wrong; never the digits
  group_id int not null, member smallint not null, tried_at timestamptz not null default clock_timestamp(), call text not null, was_right boolean not null
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

-- What a member chose: accents in Vietnamese, short receipts.
alter table member add column accents boolean not null default false;
alter table member add column short_receipts boolean not null default false;
alter table member add column helper smallint not null default 0;       -- who gets the texts of a member without a phone; 0: nobody

do $$
begin
  if exists (select from pg_roles where rolname = 'dialbook_app') then
    grant select, insert on member_pin, pin_try, pin_unlock to dialbook_app;
    grant update (pin_hash, set_at), delete on member_pin to dialbook_app;
    grant update (accents, short_receipts) on member to dialbook_app;
    grant delete on member_phone to dialbook_app;
  end if;
end $$;
