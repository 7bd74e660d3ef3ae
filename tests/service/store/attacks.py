"""Ways to change what history says: everything that has to fail for the application's and the readers' role.

The owner's role may get away with some, such as adding rows, but with none that changes or removes what was recorded.
"""

from __future__ import annotations

CHANGE_ROWS = {
    "change an event": "update relais.events set state = 'forged'",
    "change a topic": "update relais.events set topic = 'mission.stopped#1' where notification_id = 1",
    "backdate an event": "update relais.events set recorded_at = '2000-01-01'",
    "renumber events": "update relais.events set notification_id = notification_id + 1000",
    "reorder a stream": "update relais.events set originator_version = originator_version + 10",
    "move an event to another stream": "update relais.events set originator_id = 'mission:other'",
    "forge a leaf": "update relais.events set leaf = sha256('forged')",
    "forge an envelope": "update relais.events set envelope = '{}'",
    "delete an event": "delete from relais.events where notification_id = 2",
    "delete all events": "delete from relais.events",
    "delete by join": "delete from relais.events e using relais.event_tags t where t.position = e.notification_id",
    "delete and return": "with gone as (delete from relais.events returning *) select count(*) from gone",
    "empty events": "truncate relais.events",
    "empty everything": "truncate relais.events, relais.event_tags, relais.commands cascade",
    "empty and restart": "truncate relais.events restart identity cascade",
    "overwrite by upsert": "insert into relais.events select * from relais.events on conflict"
    " (originator_id, originator_version) do update set state = 'forged'",
    "overwrite by merge": "merge into relais.events e using (select 1) s on e.notification_id = 1"
    " when matched then update set state = 'forged'",
    "remove by merge": "merge into relais.events e using (select 1) s on e.notification_id = 1"
    " when matched then delete",
    "change a tag": "update relais.event_tags set tag = 'elsewhere'",
    "move a tag": "update relais.event_tags set position = 999",
    "delete a tag": "delete from relais.event_tags",
    "empty tags": "truncate relais.event_tags",
    "change a command's answer": "update relais.commands set positions = '{999}'",
    "change a command's request": "update relais.commands set request_hash = 'forged'",
    "delete a command": "delete from relais.commands",
    "empty commands": "truncate relais.commands",
    "change personal words": "update relais.personal_values set ciphertext = 'forged'",
    "empty personal words": "truncate relais.personal_values",
    "delete the head": "delete from relais.log_head",
    "empty the head": "truncate relais.log_head",
    "change the list of migrations": "update relais.migrations set checksum = 'forged'",
    "delete the list of migrations": "delete from relais.migrations",
    "change a seal": "update relais.seals set root = sha256('forged')",
    "delete a seal": "delete from relais.seals where number = 1",
    "empty the seals": "truncate relais.seals",
    "change a checkpoint": "update relais.checkpoints set note = 'forged'",
    "delete a checkpoint": "delete from relais.checkpoints",
    "change a tile": "update relais.tiles set nodes = nodes",
    "empty the tiles": "truncate relais.tiles",
    "change a stream's head": "update relais.stream_heads set count = 1",
    "delete a stream's head": "delete from relais.stream_heads",
    "change the heads map": "update relais.map_tiles set slots = 'forged'",
    "silence the sealer": "delete from relais.sealing_notices",
    "change as a replica": "set session_replication_role = replica; update relais.events set state = 'forged'",
    "delete as a replica": "set session_replication_role = replica; delete from relais.events",
    "change under a cursor": "begin; declare c cursor for select * from relais.events for update; fetch c;"
    " update relais.events set state = 'forged' where current of c; commit",
}

ADD_ROWS = {
    "insert an event": "insert into relais.events values ('mission:9', 1, 't', '', 999, '', now(), sha256(''))",
    "insert a backdated event": "insert into relais.events values ('mission:9', 1, 't', '', 998, '', '2000-01-01', '')",
    "copy events in": "copy relais.events from stdin",
    "insert a tag": "insert into relais.event_tags values ('forged', 900)",
    "insert a command": "insert into relais.commands values ('http:forged', 'h', '{1}')",
    "insert personal words": "insert into relais.personal_values values (1, '/forged', 'x')",
    "insert a migration": "insert into relais.migrations values (99, 'forged', 'x')",
    "insert a backdated seal": "insert into relais.seals values"
    " (2, 5, 3, sha256('forged'), 1, sha256('forged'), '2000-01-01')",
    "insert a seal out of turn": "insert into relais.seals (number, size, last_position, root, streams, map_root)"
    " values (3, 6, 3, sha256('forged'), 1, sha256('forged'))",
    "seal what is not there": "insert into relais.seals (number, size, last_position, root, streams, map_root)"
    " values (2, 102, 100, sha256('forged'), 1, sha256('forged'))",
    "insert a checkpoint in another's place": "insert into relais.checkpoints (id, size, note, level)"
    " overriding system value values (1, 3, 'forged', 'signed')",
    "turn the head back": "update relais.log_head set position = 0",
    "turn the clock back": "update relais.log_head set recorded_at = '-infinity'",
    "insert a second head": "insert into relais.log_head values (0, now(), false)",
}

CHANGE_STRUCTURE = {
    "drop the events": "drop table relais.events",
    "drop the events and all that needs them": "drop table relais.events cascade",
    "drop the schema": "drop schema relais cascade",
    "rename the events": "alter table relais.events rename to old_events",
    "move the events": "alter table relais.events set schema rm",
    "move the schema": "alter schema relais rename to old",
    "drop a column": "alter table relais.events drop column envelope",
    "rewrite a column": "alter table relais.events alter column state type bytea using 'forged'::bytea",
    "add a column": "alter table relais.events add column forged int",
    "replace a key": "alter table relais.events drop constraint events_pkey",
    "drop an index": "drop index relais.events_position",
    "drop the trigger": "drop trigger no_change on relais.events; delete from relais.events",
    "disable the trigger": "alter table relais.events disable trigger no_change; delete from relais.events",
    "disable all triggers": "alter table relais.events disable trigger all; delete from relais.events",
    "make the trigger ordinary": "alter table relais.events enable trigger no_change",
    "replace the trigger": "create or replace trigger no_change before insert on relais.events"
    " for each row execute function relais.refuse_change()",
    "rename the trigger": "alter trigger no_change on relais.events rename to zzz",
    "empty the trigger's function": "create or replace function relais.refuse_change() returns trigger"
    " language plpgsql as 'begin return null; end'; delete from relais.events",
    "drop the trigger's function": "drop function relais.refuse_change cascade; delete from relais.events",
    "alter the trigger's function": "alter function relais.refuse_change() rename to refuse_nothing",
    "add a trigger that swallows": "create trigger swallow before insert on relais.events"
    " for each row execute function relais.refuse_change()",
    "add a rule": "create rule hide as on select to relais.event_tags do instead select 'x'::text, 1::bigint",
    "add a silencing rule": "create rule quiet as on update to relais.events do instead nothing",
    "add a policy": "create policy hide on relais.events using (false)",
    "turn on row security": "alter table relais.events enable row level security",
    "replace the door": "create or replace function relais.append(text[]) returns void language sql as ''",
    "drop the door": "drop function relais.append",
    "open the door's search path": "alter function relais.append set search_path = rm",
    "own the events": "alter table relais.events owner to relais_app",
    "grant writing to the application": "grant insert, update, delete on relais.events to relais_app",
    "grant writing to everyone": "grant all on all tables in schema relais to public",
    "default grants": "alter default privileges in schema relais grant all on tables to public",
    "add rows by inheritance": "create table rm.child () inherits (relais.events);"
    " insert into rm.child values ('mission:9', 1, 't', '', 997, '', now(), '')",
    "add rows by inheritance at home": "create table relais.child () inherits (relais.events)",
    "become a child": "create table rm.parent (); alter table relais.events inherit rm.parent",
    "shadow in a temporary table": "create temporary table events (like relais.events)",
    "stage in public": "create table public.events (like relais.events)",
    "make a schema": "create schema mine",
    "make an index that lies": "create index lies on relais.events ((state is null))",
    "make a function in the history": "create function relais.f() returns int language sql as 'select 1'",
    "make a table in the history": "create table relais.scratch (x int)",
    "make a type in the history": "create type relais.t as (x int)",
    "make a view in the history": "create view relais.v as select 1",
    "comment on the history": "comment on table relais.events is 'forged'",
    "attach by foreign key": "alter table relais.events add foreign key (originator_id)"
    " references relais.commands on delete cascade",
    "make statistics": "create statistics relais.s on originator_id, topic from relais.events",
    "unlog the events": "alter table relais.events set unlogged",
    "drop what I own": "drop owned by current_user cascade",
    "give away what I own": "reassign owned by current_user to postgres",
}

SEIZE_POWER = {
    "become the superuser": "set role postgres",
    "become another session's user": "set session authorization postgres",
    "make myself a superuser": "alter role current_user superuser",
    "make a superuser": "create role mallory superuser",
    "inherit the superuser": "grant postgres to current_user",
    "look into the guard": "select * from guard.approved_migrations",
    "approve a migration": "insert into guard.approved_migrations values (sha256('drop table relais.events'), 'x')",
    "replace the guard": "create or replace function guard.lets_pass() returns boolean language sql as 'select true'",
    "drop the guard": "drop event trigger guard_drop",
    "disable the guard": "alter event trigger guard_definition disable",
    "make a guard of my own": "create event trigger mine on ddl_command_start execute function guard.refuse_drop()",
    "silence the guard": "set event_triggers = off; drop table relais.events",
    "drop the guard's schema": "drop schema guard cascade",
    "change the catalogue": "update pg_catalog.pg_trigger set tgenabled = 'D'",
    "empty the catalogue": "delete from pg_catalog.pg_class where relname = 'events'",
    "change the server": "alter system set fsync = off",
    "change the database": "alter database {database} set session_replication_role = replica",
    "drop the database": "drop database {database}",
    "read the server's files": "select pg_read_file('pg_hba.conf')",
    "write the server's files": "copy (select 1) to '/tmp/relais-attack'",
    "run a program": "copy (select 1) to program 'true'",
    "an untrusted language": "do language plpython3u $$ pass $$",
    "a function that runs in C": "create function rm.f() returns int language c as 'libc', 'system'",
    "an extension": "create extension dblink",
    "call the trigger": "select relais.refuse_change()",
    "an event without blinding": "select relais.append('{NULL}', '{NULL}', '{1}', '{mission:9}', '{1}', '{t}',"
    " '{x}', '{x}', '{short}', '{short}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}')",
    "an event without words": "select relais.append('{NULL}', '{NULL}', '{1}', '{mission:9}', '{1}', '{t}',"
    " '{NULL}', '{x}', '{x}', '{x}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}')",
    "two requests in one stream": "select relais.append('{NULL,NULL}', '{NULL,NULL}', '{1,2}', '{mission:9,mission:9}',"
    " '{1,2}', '{t,t}', '{x,x}', '{x,x}', '{x,x}', '{x,x}',"
    " '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}')",
    "hold the history's lock": "lock table relais.events in access exclusive mode",
    "hold the head": "select * from relais.log_head for update",
}

ATTACKS = CHANGE_ROWS | ADD_ROWS | CHANGE_STRUCTURE | SEIZE_POWER
