-- The one door into history. A batch of requests goes through in one commit, each whole and with its own verdict.
--
-- Arrays come in flat: the n-th event belongs to request event_requests[n], the n-th tag to event tag_events[n], and so on,
-- all counted from 1. Events of a request stand together, in the order in which they happened.
-- Out come the position before the first new event, the instant, and what was refused: null when all was recorded.
-- Requests that are not named in `refusals` have their events at the next dense positions, in order.

set local search_path = pg_catalog;

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
    head     record;
    instant  timestamptz;
    current  bigint;
    found_   jsonb;
    refused  int[] := '{}';
    places   bigint[];
    recorded int;
begin
    select h.position, h.recorded_at into strict head from relais.log_head h for update;
    instant := greatest(clock_timestamp(), head.recorded_at);
    previous_position := head.position;
    recorded_us := (extract(epoch from instant) * 1000000)::bigint;

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
    if array_length(array_remove(command_ids, null), 1) > 0 then
        select jsonb_agg(jsonb_build_object('request', c.request, 'positions', k.positions, 'verdict',
                   case when k.request_hash = c.hash then 'replayed' else 'command_id_reused' end)),
               array_agg(c.request)
        into found_, refused
        from unnest(command_ids, request_hashes) with ordinality c(id, hash, request)
        cross join lateral (select * from relais.commands a where a.command_id = c.id limit 1) k;
        refusals := found_;
        refused := coalesce(refused, '{}');
    end if;

    if cardinality(refused) < requests and events > 0 then
        if events = 1 then
            select e.originator_version into current from relais.events e
            where e.originator_id = streams[1] order by e.originator_version desc limit 1;
            if versions[1] is distinct from current + 1 and not (current is null and versions[1] in (0, 1)) then
                found_ := jsonb_build_array(jsonb_build_object('request', event_requests[1], 'verdict', 'conflict',
                              'stream', streams[1], 'current', current));
            else
                found_ := null;
            end if;
        else
            select jsonb_agg(jsonb_build_object('request', w.request, 'verdict', 'conflict', 'stream', w.stream,
                       'current', c.current))
            into found_
            from (
                select e.request, e.stream, min(e.version - e.rank) as previous, max(e.version - e.rank) as other
                from (
                    select request, stream, version, row_number() over (partition by request, stream order by place) as rank
                    from unnest(event_requests, streams, versions) with ordinality e(request, stream, version, place)
                ) e group by e.request, e.stream
            ) w left join lateral (
                select v.originator_version as current from relais.events v
                where v.originator_id = w.stream order by v.originator_version desc limit 1
            ) c on true
            where w.request <> all (refused)
              and (w.previous <> w.other or w.previous <> coalesce(c.current, case w.previous when -1 then -1 else 0 end));
        end if;
        refusals := coalesce(refusals || found_, refusals, found_);
    end if;

    if cardinality(refused) < requests and cardinality(read_streams) > 0 then
        select jsonb_agg(jsonb_build_object('request', r.request, 'verdict', 'conflict', 'stream', r.stream,
                   'current', c.current))
        into found_
        from unnest(read_requests, read_streams, read_versions) r(request, stream, version)
        left join lateral (
            select v.originator_version as current from relais.events v
            where v.originator_id = r.stream order by v.originator_version desc limit 1
        ) c on true
        where r.request <> all (refused) and r.version <> coalesce(c.current, 0);
        refusals := coalesce(refusals || found_, refusals, found_);
    end if;

    if cardinality(refused) < requests and cardinality(condition_tags) > 0 then
        select jsonb_agg(jsonb_build_object('request', t.request, 'verdict', 'conflict', 'tag', t.tag, 'current', c.current))
        into found_
        from unnest(condition_requests, condition_tags, condition_positions) t(request, tag, position)
        cross join lateral (
            select g.position as current from relais.event_tags g
            where g.tag = t.tag and g.position > t.position order by g.position desc limit 1
        ) c
        where t.request <> all (refused);
        refusals := coalesce(refusals || found_, refusals, found_);
    end if;

    if refusals is null then
        recorded := events;
        places := array(select head.position + n from generate_series(1, events) n);
    else
        refused := array(select distinct (r ->> 'request')::int from jsonb_array_elements(refusals) r);
        places := array(
            select case when e.request <> all (refused)
                then head.position + count(*) filter (where e.request <> all (refused)) over (order by e.place) end
            from unnest(event_requests) with ordinality e(request, place) order by e.place);
        recorded := cardinality(array_remove(places, null));
        if cardinality(refused) = requests then
            return;
        end if;
    end if;

    if recorded > 0 then
        insert into relais.events (originator_id, originator_version, topic, state, notification_id, envelope, recorded_at, leaf)
        select e.stream, e.version, e.topic, e.state, places[e.place], e.envelope, instant,
            case when length(e.pseudonym) = 32 and length(e.salt) = 32 then
                sha256('\x00'::bytea || 'relais/v1/leaf\000'::bytea || e.pseudonym || int8send(e.version) || sha256(
                    'relais/v1/event\000'::bytea || e.salt
                    || int4send(octet_length(e.topic)) || convert_to(e.topic, 'UTF8')
                    || int8send(recorded_us)
                    || int4send(length(e.envelope)) || e.envelope
                    || int4send(length(e.state)) || e.state))
            end
        from unnest(streams, versions, topics, states, envelopes, pseudonyms, salts)
            with ordinality e(stream, version, topic, state, envelope, pseudonym, salt, place)
        where places[e.place] is not null;

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

        update relais.log_head set position = head.position + recorded, recorded_at = instant;
    end if;

    if requests = 1 then
        if command_ids[1] is not null then
            insert into relais.commands (command_id, request_hash, positions)
            values (command_ids[1], request_hashes[1], places);
        end if;
    else
        insert into relais.commands (command_id, request_hash, positions)
        select c.id, c.hash, coalesce(p.positions, '{}')
        from unnest(command_ids, request_hashes) with ordinality c(id, hash, request)
        left join (
            select e.request, array_agg(places[e.place] order by e.place) as positions
            from unnest(event_requests) with ordinality e(request, place) group by e.request
        ) p on p.request = c.request
        where c.id is not null and c.request <> all (refused);
    end if;
end $$;

revoke all on all functions in schema relais from public;
grant execute on function relais.append to relais_app;
