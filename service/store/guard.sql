-- Run by the installer, a superuser, in the database of the history; running it again is harmless.
-- The owner of the history may add to it, but must not be able to loosen what protects it: whoever is no superuser may
-- define or drop things in schema rm only. A migration is let through by its text, which the installer has approved.

create schema if not exists guard;
revoke all on schema guard from public;

create table if not exists guard.approved_migrations (checksum bytea primary key, name text not null);
revoke all on guard.approved_migrations from public;

create or replace function guard.lets_pass() returns boolean
language sql security definer set search_path = pg_catalog, pg_temp as $$
    select current_setting('is_superuser') = 'on'
        or exists (select from guard.approved_migrations where checksum = sha256(convert_to(current_query(), 'UTF8')))
$$;

create or replace function guard.refuse(what text) returns void language plpgsql set search_path = pg_catalog as $$
begin
    raise exception '% is refused outside schema rm', what using errcode = 'insufficient_privilege',
        hint = 'The structure of the history changes by a migration that the installer has approved.';
end $$;

create or replace function guard.refuse_definition() returns event_trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    command record;
    count_  int := 0;
begin
    if guard.lets_pass() then
        return;
    end if;
    for command in select * from pg_event_trigger_ddl_commands() loop
        count_ := count_ + 1;
        -- No schema: grants, rules, policies, triggers, schemas, default privileges.
        if command.schema_name is null or command.schema_name not in ('rm', 'pg_temp') then
            perform guard.refuse(tg_tag);
        end if;
    end loop;
    -- What reports nothing is a drop, judged below, or a CREATE IF NOT EXISTS of what exists. All else is unknown.
    if count_ = 0 and tg_tag not like 'DROP %' and tg_tag !~ '^(CREATE|ALTER) (TABLE|INDEX|SEQUENCE|VIEW|MATERIALIZED VIEW)$' then
        perform guard.refuse(tg_tag);
    end if;
    -- A child in schema rm would add rows to the history that can be taken away again.
    perform from pg_inherits i join pg_class c on c.oid = i.inhparent join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'relais' and c.relkind in ('r', 'p');
    if found then
        perform guard.refuse('inheriting from the history');
    end if;
end $$;

create or replace function guard.refuse_drop() returns event_trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    dropped record;
begin
    if guard.lets_pass() then
        return;
    end if;
    for dropped in select * from pg_event_trigger_dropped_objects() loop
        -- A trigger, rule, policy or default has no schema of its own: its table's comes first in its address.
        if coalesce(dropped.schema_name, dropped.address_names[1], '') not in ('rm', 'pg_temp', 'pg_toast')
            or (dropped.schema_name is null and dropped.object_type not in ('trigger', 'rule', 'policy', 'default value'))
        then
            perform guard.refuse(tg_tag);
        end if;
    end loop;
end $$;

create or replace function guard.refuse_rewrite() returns event_trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if not guard.lets_pass() and (
        select n.nspname not in ('rm', 'pg_temp') from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.oid = pg_event_trigger_table_rewrite_oid())
    then
        perform guard.refuse(tg_tag);
    end if;
end $$;

revoke all on all functions in schema guard from public;

drop event trigger if exists guard_definition;
drop event trigger if exists guard_drop;
drop event trigger if exists guard_rewrite;
create event trigger guard_definition on ddl_command_end execute function guard.refuse_definition();
create event trigger guard_drop on sql_drop execute function guard.refuse_drop();
create event trigger guard_rewrite on table_rewrite execute function guard.refuse_rewrite();
alter event trigger guard_definition enable always;
alter event trigger guard_drop enable always;
alter event trigger guard_rewrite enable always;
