-- Helpers that officers name for a member without a phone, and when PINs were chosen.

alter table member add constraint nobody_helps_herself check (helper <> number);

-- The helper of a member, when everybody whose word the request needs has said yes and it has not been done. Nobody else names one.
create function name_helper(the_group int, the_request int) returns void language plpgsql security definer set search_path = public, pg_temp as $$
declare wanted request%rowtype;
begin
  select * into wanted from request r where r.group_id = the_group and r.request_no = the_request;
  if wanted.kind is distinct from 'name_helper'
     or exists (select from outcome o where o.group_id = the_group and o.request_no = the_request)
     or not exists (select from approver a where a.group_id = the_group and a.request_no = the_request)
     or exists (select from approver a left join approval p using (group_id, request_no, officer)
                 where a.group_id = the_group and a.request_no = the_request and p.yes is not true) then
    raise exception 'nobody has agreed to this helper' using errcode = '42501';
  end if;
  update member m set helper = (wanted.body->>'helper')::smallint where m.group_id = the_group and m.number = wanted.member;
end $$;
revoke all on function name_helper from public;

create table pin_chosen (                    -- by the hop, by a keyed hash: its repeat chooses nothing and tells nobody again
  group_id int not null, member smallint not null, hop bytea not null, chosen_at timestamptz not null default clock_timestamp(),
  primary key (group_id, member, hop), foreign key (group_id, member) references member
);
create trigger append_only before update or delete on pin_chosen for each row execute function refuse_rewrite();
create trigger never_emptied before truncate on pin_chosen for each statement execute function refuse_rewrite();

do $$
begin
  if exists (select from pg_roles where rolname = 'dialbook_app') then
    grant execute on function name_helper to dialbook_app;
    grant select, insert on pin_chosen to dialbook_app;
  end if;
end $$;
