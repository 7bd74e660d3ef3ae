-- The history: facts, how they are found, and which commands they answered. Nothing here is ever changed or removed,
-- but for the personal values, whose removal is the forgetting of a person.

set local search_path = pg_catalog;

create table relais.migrations (
    number     int primary key,
    name       text not null,
    checksum   bytea not null,
    applied_at timestamptz not null default clock_timestamp()
);
comment on table relais.migrations is 'Which migrations were applied, and the SHA-256 of their text.';

create table relais.events (
    originator_id      text not null check (originator_id <> ''),
    originator_version bigint not null check (originator_version >= 0),
    topic              text not null,
    state              bytea not null,
    notification_id    bigint not null check (notification_id > 0),
    envelope           bytea not null,
    recorded_at        timestamptz not null,
    leaf               bytea not null,
    primary key (originator_id, originator_version)
);
create unique index events_position on relais.events (notification_id);
comment on table relais.events is 'What happened. The columns have the names of the eventsourcing package, whose selects read them.';

create table relais.event_tags (
    tag      text not null,
    position bigint not null,
    primary key (tag, position)
);
comment on table relais.event_tags is 'What else an event concerns: a cadre''s day, a party, an invoice.';

create table relais.commands (
    command_id   text primary key,
    request_hash bytea not null,
    positions    bigint[] not null
);
comment on table relais.commands is 'Commands that were answered: a keyed hash of the request, and the positions of its facts.';

create table relais.personal_values (
    position   bigint not null,
    path       text not null,
    ciphertext bytea not null,
    primary key (position, path)
);
comment on table relais.personal_values is 'Encrypted personal words, outside the hash, removed when a person is forgotten.';

create table relais.log_head (
    position    bigint not null check (position >= 0),
    recorded_at timestamptz not null,
    only_row    boolean primary key default true check (only_row)
) with (fillfactor = 10);
comment on table relais.log_head is 'The last position and its instant. Its lock orders all appends.';
insert into relais.log_head (position, recorded_at) values (0, '-infinity');

create function relais.refuse_change() returns trigger language plpgsql set search_path = pg_catalog as $$
begin
    raise exception '% of relais.% is refused: history is only ever added to', lower(tg_op), tg_table_name
        using errcode = 'restrict_violation', hint = 'Record a correction instead.';
end $$;

create trigger no_change before update or delete on relais.events for each row execute function relais.refuse_change();
create trigger no_change before update or delete on relais.event_tags for each row execute function relais.refuse_change();
create trigger no_change before update or delete on relais.commands for each row execute function relais.refuse_change();
create trigger no_change before update or delete on relais.migrations for each row execute function relais.refuse_change();
create trigger no_change before update on relais.personal_values for each row execute function relais.refuse_change();
create trigger no_removal before delete on relais.log_head for each row execute function relais.refuse_change();
create trigger no_truncate before truncate on relais.events execute function relais.refuse_change();
create trigger no_truncate before truncate on relais.event_tags execute function relais.refuse_change();
create trigger no_truncate before truncate on relais.commands execute function relais.refuse_change();
create trigger no_truncate before truncate on relais.migrations execute function relais.refuse_change();
create trigger no_truncate before truncate on relais.personal_values execute function relais.refuse_change();
create trigger no_truncate before truncate on relais.log_head execute function relais.refuse_change();

-- ALWAYS: a session that calls itself a replica skips ordinary triggers.
alter table relais.events enable always trigger no_change, enable always trigger no_truncate;
alter table relais.event_tags enable always trigger no_change, enable always trigger no_truncate;
alter table relais.commands enable always trigger no_change, enable always trigger no_truncate;
alter table relais.migrations enable always trigger no_change, enable always trigger no_truncate;
alter table relais.personal_values enable always trigger no_change, enable always trigger no_truncate;
alter table relais.log_head enable always trigger no_removal, enable always trigger no_truncate;

revoke all on all functions in schema relais from public;
grant select on all tables in schema relais to relais_app, relais_reader;
