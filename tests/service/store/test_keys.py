"""Keys are made once, before what they protect, and can only be erased."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import psycopg
import pytest

from service.store.keys import BEARERS, REQUESTS, KeyStore
from tests.servers import Database


@pytest.fixture
def keys(database: Database) -> Iterator[KeyStore]:
    store = KeyStore(database.keys_url, durable=False)
    yield store
    store.close()


def test_a_stream_keeps_its_secrets_and_shares_them_with_no_other(keys: KeyStore) -> None:
    made = keys.stream_secrets(["mission:M-1", "client:C-1"], create=True)
    assert keys.stream_secrets(["client:C-1", "mission:M-1"]) == made
    different = {secret for secrets in made.values() for secret in (secrets.secret, secrets.key)}
    assert len(different) == 4
    assert all(secret is not None and len(secret) == 32 for secret in different)


def test_reading_makes_no_keys(keys: KeyStore) -> None:
    assert keys.stream_secrets(["mission:unheard-of"]) == {}


def test_another_server_reads_the_same_keys(database: Database, keys: KeyStore) -> None:
    made = keys.stream_secrets(["mission:M-1"], create=True)
    elsewhere = KeyStore(database.keys_url, durable=False)
    assert elsewhere.stream_secrets(["mission:M-1"], create=True) == made
    elsewhere.close()


def test_servers_that_race_agree_on_the_keys_of_every_stream(database: Database) -> None:
    streams = [f"mission:M-{n}" for n in range(30)]
    start = Barrier(8)

    def race(rotation: int) -> dict[str, object]:
        store = KeyStore(database.keys_url, durable=False)
        start.wait()
        made: dict[str, object] = dict(store.stream_secrets(streams[rotation:] + streams[:rotation], create=True))
        made[REQUESTS] = store.network_secret(REQUESTS)
        store.close()
        return made

    with ThreadPoolExecutor(8) as servers:
        first, *others = servers.map(race, range(8))
    assert len(first) == 31
    assert all(other == first for other in others)


def test_an_erased_key_is_gone_and_never_made_again(database: Database, keys: KeyStore) -> None:
    before = keys.stream_secrets(["client:C-1"], create=True)["client:C-1"]
    keys.erase("client:C-1")
    for store in (keys, KeyStore(database.keys_url, durable=False)):
        after = store.stream_secrets(["client:C-1"], create=True)["client:C-1"]
        assert (after.secret, after.key) == (before.secret, None)
        store.close()


def test_a_key_erased_elsewhere_does_not_outlive_its_time_in_memory(database: Database, keys: KeyStore) -> None:
    now = 0.0
    elsewhere = KeyStore(database.keys_url, durable=False, trusted_for=30, clock=lambda: now)
    assert elsewhere.stream_secrets(["client:C-1"], create=True)["client:C-1"].key is not None
    keys.erase("client:C-1")
    now = 30.1
    assert elsewhere.stream_secrets(["client:C-1"])["client:C-1"].key is None
    elsewhere.close()


def test_memory_holds_no_more_keys_than_it_may(database: Database) -> None:
    store = KeyStore(database.keys_url, durable=False, remembered=2)
    made = store.stream_secrets([f"mission:M-{n}" for n in range(5)], create=True)
    assert len(store._streams) == 2
    assert store.stream_secrets(made) == made
    store.close()


def test_the_network_has_one_secret_for_each_use(keys: KeyStore) -> None:
    assert keys.network_secret(REQUESTS) == keys.network_secret(REQUESTS)
    assert keys.network_secret(REQUESTS) != keys.network_secret(BEARERS)


@pytest.mark.parametrize(
    "tampering",
    [
        "update stream_keys set secret = decode(repeat('00', 32), 'hex')",
        "update stream_keys set subject_key = decode(repeat('00', 32), 'hex')",
        "update stream_keys set stream = 'client:other'",
        "delete from stream_keys",
        "truncate stream_keys",
        "update network_secrets set secret = decode(repeat('00', 32), 'hex')",
        "delete from network_secrets",
        "truncate network_secrets",
    ],
)
@pytest.mark.parametrize("role", ["keys_url", "keys_owner_url"])
def test_nobody_exchanges_or_loses_a_key(database: Database, keys: KeyStore, role: str, tampering: str) -> None:
    keys.stream_secrets(["client:C-1"], create=True)
    keys.network_secret(REQUESTS)
    with psycopg.connect(getattr(database, role)) as connection, pytest.raises(psycopg.Error) as refusal:
        connection.execute(tampering)
    assert refusal.value.sqlstate in ("42501", "23001")


def test_the_reader_of_history_reaches_no_key(database: Database) -> None:
    with pytest.raises(psycopg.Error), psycopg.connect(database.postgres.url("relais_reader", database.keys_name)) as c:
        c.execute("select * from stream_keys")
