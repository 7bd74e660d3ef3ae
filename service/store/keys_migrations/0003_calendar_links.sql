-- The secret links to calendars are derived from a network secret and a number that is kept here. A link that was
-- withdrawn stays so: its number only ever grows.

create table public.calendar_links (
    role         text not null check (role in ('cadre', 'client')),
    party_id     text not null,
    generation   bigint not null default 1 check (generation > 0),
    withdrawn_at timestamptz not null default clock_timestamp(),
    primary key (role, party_id)
);
comment on table public.calendar_links is 'How often the link to a calendar was withdrawn, and when it last was; none: never.';

create function public.refuse_old_links() returns trigger language plpgsql set search_path = pg_catalog as $$
begin
    if tg_op = 'UPDATE' then
        if new.role = old.role and new.party_id = old.party_id and new.generation = old.generation + 1 then
            return new;
        end if;
    end if;
    raise exception 'a link that was withdrawn stays so' using errcode = 'restrict_violation';
end $$;

create trigger only_forward before update or delete on public.calendar_links
    for each row execute function public.refuse_old_links();
create trigger never_emptied before truncate on public.calendar_links
    for each statement execute function public.refuse_old_links();
alter table public.calendar_links enable always trigger only_forward;
alter table public.calendar_links enable always trigger never_emptied;

grant select, insert (role, party_id), update (generation, withdrawn_at) on public.calendar_links to relais_app;
