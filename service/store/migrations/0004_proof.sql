-- The proof: the tree over history, the map of its streams' heads, and what the log signed. Blinded: no name, no id.
-- Only the sealer's role adds to it; nobody changes or removes anything of it.

set local search_path = pg_catalog;

create table relais.seals (
    number        bigint primary key check (number > 0),
    size          bigint not null unique,
    last_position bigint not null unique,
    root          bytea not null check (length(root) = 32),
    streams       bigint not null check (streams > 0),
    map_root      bytea not null check (length(map_root) = 32),
    sealed_at     timestamptz not null default clock_timestamp(),
    -- Each seal adds one entry of its own, the heads entry, after the events that it covers.
    check (size = last_position + number)
);
comment on table relais.seals is 'Each sealed tree: how many entries, the last event in it, its root, and the root of the heads map.';

create table relais.checkpoints (
    id        bigint generated always as identity primary key,
    size      bigint not null,
    note      text not null check (note <> ''),
    level     text not null check (level in ('signed', 'witnessed')),
    witnessed int not null default 0 check (witnessed >= 0),
    of        int not null default 0 check (of >= witnessed),
    made_at   timestamptz not null default clock_timestamp()
);
create index checkpoints_size on relais.checkpoints (size, id);
comment on table relais.checkpoints is 'What the log signed of a sealed tree; later rows of one size have more signatures.';

create table relais.tiles (
    level  int not null check (level >= 0),
    index  bigint not null check (index >= 0),
    nodes  bytea not null check (length(nodes) = 16352),
    primary key (level, index)
);
-- Hashes do not compress, and a proof wants a few of them at known places.
alter table relais.tiles alter column nodes set storage external;
comment on table relais.tiles is 'Whole subtrees of height 8: 256 hashes, then the 128 above them, up to the one at the top.';

create table relais.stream_heads (
    pseudonym bytea not null check (length(pseudonym) = 32),
    seal      bigint not null,
    count     bigint not null check (count > 0),
    frontier  bytea not null,
    primary key (pseudonym, seal)
);
comment on table relais.stream_heads is 'How long each stream was at a seal that it changed in, and the roots of its whole subtrees.';

create table relais.map_tiles (
    prefix text collate "C" not null,
    seal   bigint not null,
    slots  bytea not null,
    primary key (prefix, seal)
);
comment on table relais.map_tiles is 'The heads map in pieces of four bits: the newest up to a seal are the map at that seal.';

create table relais.sealing_notices (
    id       bigint generated always as identity primary key,
    code     text,
    detail   text,
    position bigint,
    made_at  timestamptz not null default clock_timestamp()
);
comment on table relais.sealing_notices is 'Why sealing stopped, and, without a code, that it went on.';

-- Seals follow each other without a gap, and none covers what is not there.
create function relais.next_seal() returns trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
declare
    before record;
begin
    select coalesce(max(number), 0) as number, coalesce(max(last_position), 0) as last_position
    into before from relais.seals;
    if new.number <> before.number + 1 or new.last_position <= before.last_position
        or new.last_position > (select position from relais.log_head)
    then
        raise exception 'seal % does not follow seal %', new.number, before.number using errcode = 'unique_violation';
    end if;
    return new;
end $$;
create trigger next_seal before insert on relais.seals for each row execute function relais.next_seal();
alter table relais.seals enable always trigger next_seal;

create trigger no_change before update or delete on relais.seals for each row execute function relais.refuse_change();
create trigger no_change before update or delete on relais.checkpoints for each row execute function relais.refuse_change();
create trigger no_change before update or delete on relais.tiles for each row execute function relais.refuse_change();
create trigger no_change before update or delete on relais.stream_heads for each row execute function relais.refuse_change();
create trigger no_change before update or delete on relais.map_tiles for each row execute function relais.refuse_change();
create trigger no_change before update or delete on relais.sealing_notices for each row execute function relais.refuse_change();
create trigger no_truncate before truncate on relais.seals execute function relais.refuse_change();
create trigger no_truncate before truncate on relais.checkpoints execute function relais.refuse_change();
create trigger no_truncate before truncate on relais.tiles execute function relais.refuse_change();
create trigger no_truncate before truncate on relais.stream_heads execute function relais.refuse_change();
create trigger no_truncate before truncate on relais.map_tiles execute function relais.refuse_change();
create trigger no_truncate before truncate on relais.sealing_notices execute function relais.refuse_change();
alter table relais.seals enable always trigger no_change, enable always trigger no_truncate;
alter table relais.checkpoints enable always trigger no_change, enable always trigger no_truncate;
alter table relais.tiles enable always trigger no_change, enable always trigger no_truncate;
alter table relais.stream_heads enable always trigger no_change, enable always trigger no_truncate;
alter table relais.map_tiles enable always trigger no_change, enable always trigger no_truncate;
alter table relais.sealing_notices enable always trigger no_change, enable always trigger no_truncate;

revoke all on function relais.next_seal from public;
grant select on relais.seals, relais.checkpoints, relais.tiles, relais.stream_heads, relais.map_tiles, relais.sealing_notices
    to relais_app, relais_reader, relais_sealer;
grant select on relais.events, relais.log_head to relais_sealer;
-- By column: what the database says itself, an id or an instant, nobody states.
grant insert (number, size, last_position, root, streams, map_root) on relais.seals to relais_sealer;
grant insert (size, note, level, witnessed, of) on relais.checkpoints to relais_sealer;
grant insert (level, index, nodes) on relais.tiles to relais_sealer;
grant insert (pseudonym, seal, count, frontier) on relais.stream_heads to relais_sealer;
grant insert (prefix, seal, slots) on relais.map_tiles to relais_sealer;
grant insert (code, detail, position) on relais.sealing_notices to relais_sealer;
