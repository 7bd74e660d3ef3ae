-- The one door into history. A batch of requests goes through in one commit, each whole and with its own verdict.
--
-- Arrays come in flat: the n-th event belongs to request event_requests[n], the n-th tag to event tag_events[n], and so on,
-- all counted from 1. Events of a request stand together, in the order in which they happened.
-- Out come the position before the first new event, the instant, and what was refused: null when all was recorded.
-- Requests that are not named in `refusals` have their events at the next dense positions, in order.

set local search_path = pg_catalog;

create function relais.leaf(
    pseudonym bytea, version bigint, salt bytea, topic text, recorded_us bigint, envelope bytea, state bytea
) returns bytea language sql stable as $$
    select case when length(pseudonym) = 32 and length(salt) = 32 then
        sha256('\x00'::bytea || 'relais/v1/leaf\000'::bytea || pseudonym || int8send(version) || sha256(
            'relais/v1/event\000'::bytea || salt
            || int4send(octet_length(topic)) || convert_to(topic, 'UTF8')
            || int8send(recorded_us)
            || int4send(length(envelope)) || envelope
            || int4send(length(state)) || state))
    end
$$;
comment on function relais.leaf is 'The hash that stands for an event in the proof (docs/reference/record-format.md).';

create function relais.append(
    command_ids text[], request_hashes bytea[],
    event_requests int[], streams text[], versions bigint[], topics text[], states bytea[], envelopes bytea[],
    pseudonyms bytea[], salts bytea[],
    tag_events int[], tags text[],
    value_events int[], value_paths text[], value_ciphertexts bytea[],
    read_requests int[], read_streams text[], read_versions bigint[],
    condition_requests int[], condition_tags text[], condition_positions bigint[],
    out previous_position bigint, out recorded_us bigint, out refusals jsonb
) language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    requests int := cardinality(command_ids);
    events   int := cardinality(streams);
    instant  timestamptz;
    current  bigint;
    more     jsonb;
    refused  int[] := '{}';
    places   bigint[];
begin
    -- The row's lock orders all appends. That nothing will be refused is the rule: the head moves at once.
    update relais.log_head set position = position + events, recorded_at = greatest(clock_timestamp(), recorded_at)
    returning position - events, recorded_at into strict previous_position, instant;
    recorded_us := extract(epoch from instant) * 1000000;

    if requests > 1 then
        -- A stream that one request writes, another may neither write nor rely on; a tag that one adds, no other may rely on.
        perform from (
            select stream, request, true as writes from unnest(event_requests, streams) e(request, stream)
            union all
            select stream, request, false from unnest(read_requests, read_streams) r(request, stream)
        ) touched group by stream having min(request) <> max(request) and bool_or(writes)
        union all
        select from (
            select tag, event_requests[event] as request, false as relies from unnest(tag_events, tags) t(event, tag)
            union all
            select tag, request, true from unnest(condition_requests, condition_tags) c(request, tag)
        ) touched group by tag having min(request) <> max(request) and bool_or(relies) and not bool_and(relies)
        union all
        select from unnest(command_ids) c(id) where id is not null group by id having count(*) > 1;
        if found then
            raise exception 'two requests of one batch touch the same stream, tag or command id'
                using errcode = 'invalid_parameter_value', hint = 'Append them one after the other.';
        end if;
    end if;

    -- A command that was answered before keeps its answer, whatever else has changed since.
    if exists (select from unnest(command_ids) c(id)
               where exists (select from relais.commands k where k.command_id = c.id)) then
        select jsonb_agg(jsonb_build_object('request', c.request, 'positions', k.positions, 'verdict',
                   case when k.request_hash = c.hash then 'replayed' else 'command_id_reused' end)),
               array_agg(c.request)
        into strict refusals, refused
        from unnest(command_ids, request_hashes) with ordinality c(id, hash, request)
        join relais.commands k on k.command_id = c.id;
    end if;

    -- Each stream continues without a gap from where it is; a new one begins with version 1, or 0.
    if events = 1 then
        select e.originator_version into current from relais.events e
        where e.originator_id = streams[1] order by e.originator_version desc limit 1;
    end if;
    if events > 1 or versions[1] <> current + 1 or (current is null and versions[1] not in (0, 1)) then
        select jsonb_agg(jsonb_build_object('request', w.request, 'stream', w.stream, 'current', w.current))
        into more
        from (
            select e.request, e.stream, min(e.version - e.rank) as previous, max(e.version - e.rank) as other,
                (select v.originator_version from relais.events v
                 where v.originator_id = e.stream order by v.originator_version desc limit 1) as current
            from (
                select request, stream, version, row_number() over (partition by request, stream order by place) as rank
                from unnest(event_requests, streams, versions) with ordinality e(request, stream, version, place)
            ) e group by e.request, e.stream
        ) w
        where w.request <> all (refused)
          and (w.previous <> w.other or w.previous <> coalesce(w.current, case w.previous when -1 then -1 else 0 end));
        refusals := coalesce(refusals || more, refusals, more);
    end if;

    -- What was only read is still as it was read.
    if exists (
        select from unnest(read_streams, read_versions) r(stream, version)
        where r.version <> coalesce((select v.originator_version from relais.events v
            where v.originator_id = r.stream order by v.originator_version desc limit 1), 0)
    ) then
        select jsonb_agg(jsonb_build_object('request', r.request, 'stream', r.stream, 'current', r.current))
        into more
        from (
            select request, stream, version, (select v.originator_version from relais.events v
                where v.originator_id = r.stream order by v.originator_version desc limit 1) as current
            from unnest(read_requests, read_streams, read_versions) r(request, stream, version)
        ) r
        where r.request <> all (refused) and r.version <> coalesce(r.current, 0);
        refusals := coalesce(refusals || more, refusals, more);
    end if;

    -- No tag that was read was used since.
    if exists (
        select from unnest(condition_tags, condition_positions) c(tag, position)
        where exists (select from relais.event_tags g where g.tag = c.tag and g.position > c.position)
    ) then
        select jsonb_agg(jsonb_build_object('request', c.request, 'tag', c.tag, 'current', c.current))
        into more
        from (
            select request, tag, position, (select g.position from relais.event_tags g
                where g.tag = c.tag order by g.position desc limit 1) as current
            from unnest(condition_requests, condition_tags, condition_positions) c(request, tag, position)
        ) c
        where c.request <> all (refused) and c.current > c.position;
        refusals := coalesce(refusals || more, refusals, more);
    end if;

    if refusals is null then
        places := array(select previous_position + n from generate_series(1, events) n);
    else
        refused := array(select distinct (r ->> 'request')::int from jsonb_array_elements(refusals) r);
        places := array(
            select case when e.request <> all (refused)
                then previous_position + count(*) filter (where e.request <> all (refused)) over (order by e.place) end
            from unnest(event_requests) with ordinality e(request, place) order by e.place);
        update relais.log_head set position = previous_position + cardinality(array_remove(places, null));
    end if;

    if events > 0 then
        insert into relais.events
            (originator_id, originator_version, topic, state, notification_id, envelope, recorded_at, leaf)
        select e.stream, e.version, e.topic, e.state, places[e.place], e.envelope, instant,
            relais.leaf(e.pseudonym, e.version, e.salt, e.topic, recorded_us, e.envelope, e.state)
        from unnest(streams, versions, topics, states, envelopes, pseudonyms, salts)
            with ordinality e(stream, version, topic, state, envelope, pseudonym, salt, place)
        where places[e.place] is not null;
    end if;
    if cardinality(tags) > 0 then
        insert into relais.event_tags (tag, position)
        select t.tag, places[t.event] from unnest(tag_events, tags) t(event, tag) where places[t.event] is not null;
    end if;
    if cardinality(value_paths) > 0 then
        insert into relais.personal_values (position, path, ciphertext)
        select places[v.event], v.path, v.ciphertext
        from unnest(value_events, value_paths, value_ciphertexts) v(event, path, ciphertext)
        where places[v.event] is not null;
    end if;

    if requests > 1 then
        insert into relais.commands (command_id, request_hash, positions)
        select c.id, c.hash, coalesce(p.positions, '{}')
        from unnest(command_ids, request_hashes) with ordinality c(id, hash, request)
        left join (
            select e.request, array_agg(places[e.place] order by e.place) as positions
            from unnest(event_requests) with ordinality e(request, place) group by e.request
        ) p on p.request = c.request
        where c.id is not null and c.request <> all (refused);
    elsif command_ids[1] is not null and refusals is null then
        insert into relais.commands (command_id, request_hash, positions)
        values (command_ids[1], request_hashes[1], places);
    end if;
end $$;

revoke all on all functions in schema relais from public;
grant execute on function relais.append to relais_app;
