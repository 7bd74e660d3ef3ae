-- The keys of history, in a database of their own that is backed up apart and briefly:
-- erasing a person is forgetting a key here, and no backup of the history brings it back.

create table public.migrations (
    number     int primary key,
    name       text not null,
    checksum   bytea not null,
    applied_at timestamptz not null default clock_timestamp()
);
comment on table public.migrations is 'Which migrations were applied, and the SHA-256 of their text.';

create table public.stream_keys (
    stream      text primary key,
    secret      bytea not null check (length(secret) = 32),
    subject_key bytea check (length(subject_key) = 32),
    created_at  timestamptz not null default clock_timestamp(),
    erased_at   timestamptz,
    check ((subject_key is null) = (erased_at is not null))
);
comment on table public.stream_keys is 'Per stream: the secret that blinds its leaves, and the key of its personal words until it is erased.';

create table public.network_secrets (
    name       text primary key,
    secret     bytea not null check (length(secret) = 32),
    created_at timestamptz not null default clock_timestamp()
);
comment on table public.network_secrets is 'Secrets of the whole network, by what they are for.';

-- A secret never changes and a key can only be erased: whoever could swap one could make old words unreadable
-- while history still says that they are kept.
create function public.refuse_other_changes() returns trigger language plpgsql set search_path = pg_catalog as $$
begin
    if tg_table_name = 'stream_keys' and tg_op = 'UPDATE' then
        if new.stream = old.stream and new.secret = old.secret and new.created_at = old.created_at
            and new.subject_key is null then
            return new;
        end if;
    end if;
    raise exception 'keys are created once and only ever erased' using errcode = 'restrict_violation';
end $$;

create trigger only_erased before update or delete on public.stream_keys
    for each row execute function public.refuse_other_changes();
create trigger never_emptied before truncate on public.stream_keys
    for each statement execute function public.refuse_other_changes();
create trigger never_changed before update or delete on public.network_secrets
    for each row execute function public.refuse_other_changes();
create trigger never_emptied before truncate on public.network_secrets
    for each statement execute function public.refuse_other_changes();
alter table public.stream_keys enable always trigger only_erased;
alter table public.stream_keys enable always trigger never_emptied;
alter table public.network_secrets enable always trigger never_changed;
alter table public.network_secrets enable always trigger never_emptied;

grant select, insert (stream, secret, subject_key), update (subject_key, erased_at) on public.stream_keys to relais_app;
grant select, insert (name, secret) on public.network_secrets to relais_app;
