-- Forgetting a person: their encrypted words go, the facts and their proof stay.

set local search_path = pg_catalog;

create function relais.forget_values(whole_streams text[], positions bigint[], paths text[])
returns bigint language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    of_streams bigint;
    by_name    bigint;
begin
    delete from relais.personal_values v using relais.events e
    where v.position = e.notification_id and e.originator_id = any (whole_streams);
    get diagnostics of_streams = row_count;
    delete from relais.personal_values v using unnest(positions, paths) n(position, path)
    where v.position = n.position and v.path = n.path;
    get diagnostics by_name = row_count;
    return of_streams + by_name;
end $$;

revoke all on function relais.forget_values from public;
grant execute on function relais.forget_values to relais_app;
