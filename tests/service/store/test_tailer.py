"""Who follows history sees every event once, in order, without a gap, however many write at once."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event

import psycopg
import pytest
from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from psycopg.conninfo import conninfo_to_dict

from service.store.door import Append, Appended, Conflict, Door, OutcomeUnknown, Replayed
from service.store.reader import Reader
from tests.servers import Database
from tests.service.store.making import fact, positions, request

EVENTS = int(os.environ.get("RELAIS_TEST_TAILED_EVENTS", "100000"))
WRITERS = 8


def batches(writer: int, chance: random.Random) -> Iterator[list[Append]]:
    """Batches of all sizes, one command in ten doomed: its stream has moved on, or its id was used."""
    written = 0
    while True:
        batch = []
        for _ in range(chance.choice([1, 1, 2, 10, 100, 300])):
            written += 1
            stream = f"mission:{writer}-{written}"
            doomed = chance.randrange(10) == 0
            events = [fact(stream, version) for version in range(1, chance.randrange(2, 5))]
            if doomed:
                batch.append(request(*events, fact(stream, 9), command_id=f"http:{writer}:{written}"))
            else:
                repeated = chance.randrange(20) == 0 and written > 500
                batch.append(request(*events, command_id=f"http:{writer}:{written - 400 if repeated else written}"))
        yield batch


def write(database: Database, writer: int) -> list[tuple[int, ...]]:
    """Appends until this writer has done its share; the positions that it was told."""
    told: list[tuple[int, ...]] = []
    with Door(database.app_url, durable=False, deadline=60) as door:
        for batch in batches(writer, random.Random(writer)):
            outcomes = door.append_many(batch)
            assert all(isinstance(outcome, Appended | Conflict | Replayed) for outcome in outcomes), outcomes
            told += [outcome.positions for outcome in outcomes if isinstance(outcome, Appended)]
            if sum(map(len, told)) >= EVENTS / WRITERS:
                return told
    return told


def follow(database: Database, written: Event) -> list[int]:
    """Reads what is new, over and over, until the writers are done and nothing is."""
    seen: list[int] = []
    with Reader(database.app_url) as reader:
        while True:
            done = written.is_set()
            rows = reader.read_all(after=seen[-1] if seen else 0, limit=500)
            seen += [row.position for row in rows]
            if done and not rows:
                return seen


def test_a_follower_misses_nothing_under_eight_writers(database: Database) -> None:
    written = Event()
    with ThreadPoolExecutor(WRITERS + 1) as pool:
        follower = pool.submit(follow, database, written)
        writers: list[Future[list[tuple[int, ...]]]] = [pool.submit(write, database, n) for n in range(WRITERS)]
        try:
            told = [place for writer in writers for place in writer.result()]
        finally:
            written.set()
        seen = follower.result()
    assert len(seen) >= EVENTS
    assert seen == [*range(1, len(seen) + 1)]
    assert sorted(position for place in told for position in place) == seen


SLOW_APPEND = """
select relais.append('{NULL}', '{NULL}', '{1}', '{mission:slow}', '{1}', '{topic}', '{state}', '{envelope}',
    array[sha256('name')], array[sha256('salt')], '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}')
"""


def test_no_append_overtakes_another(database: Database) -> None:
    """A writer halts between its insert and its commit: the next waits, so that no follower passes over the first."""
    quick = request(fact("mission:quick", 1), command_id="http:me:1")
    with Reader(database.app_url) as reader, Door(database.app_url, durable=False, deadline=0.5) as door:
        with psycopg.connect(database.app_url) as slow:
            slow.execute(SLOW_APPEND)
            with pytest.raises(OutcomeUnknown):
                door.append(quick)
            assert reader.read_all() == []
        assert positions(door.append(quick)) == (2,)
        assert [(row.position, row.stream) for row in reader.read_all()] == [(1, "mission:slow"), (2, "mission:quick")]


def test_in_the_packages_unsafe_mode_one_does(database: Database) -> None:
    """The negative control: there the quick writer goes ahead, and who follows never sees what the slow one wrote."""
    with psycopg.connect(database.superuser_url, autocommit=True) as administrator:
        administrator.execute("create schema unsafe")
    with unsafe_datastore(database) as datastore:
        recorder = PostgresApplicationRecorder(datastore, events_table_name="stored_events")
        recorder.create_table()
        with datastore.transaction(commit=True) as slow:
            event = recorder.construct_pg_stored_event("mission:slow", 1, "topic", b"state")
            slow.execute(recorder.sql_invoke_pg_function_insert_events, ([event],))
            recorder.insert_events([StoredEvent("mission:quick", 1, "topic", b"state")])
            seen = [notification.id for notification in recorder.select_notifications(1, 100)]
        assert seen == [2]
        assert recorder.select_notifications(seen[-1] + 1, 100) == []
        assert [notification.id for notification in recorder.select_notifications(1, 100)] == [1, 2]


def unsafe_datastore(database: Database) -> PostgresDatastore:
    parts = conninfo_to_dict(database.superuser_url)
    return PostgresDatastore(
        str(parts["dbname"]),
        str(parts["host"]),
        str(parts["port"]),
        str(parts["user"]),
        "",
        pool_size=2,
        schema="unsafe",
        originator_id_type="text",
        enable_db_functions=True,
    )
