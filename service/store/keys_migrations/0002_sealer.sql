-- The sealer blinds events anew to check them, and opens no word of anybody's.
grant select (stream, secret) on public.stream_keys to relais_sealer;
