"""Who follows history sees every event once, in order, without a gap, however many write at once."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from time import monotonic
from uuid import uuid4

import psycopg
from eventsourcing.persistence import Notification, StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from psycopg.conninfo import conninfo_to_dict

from service.store.door import Append, Appended, Conflict, Door, Replayed
from service.store.reader import Reader
from tests.servers import Database
from tests.service.store.making import fact, request

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
            told = [positions for writer in writers for positions in writer.result()]
        finally:
            written.set()
        seen = follower.result()
    assert len(seen) >= EVENTS
    assert seen == [*range(1, len(seen) + 1)]
    assert sorted(position for positions in told for position in positions) == seen


def test_the_packages_unsafe_mode_fails_the_same_test(database: Database) -> None:
    """The negative control: were this test too weak to notice lost events, it would not notice these either."""
    with psycopg.connect(database.superuser_url, autocommit=True) as administrator:
        administrator.execute("create schema unsafe")
    datastore = unsafe_datastore(database)
    recorder = PostgresApplicationRecorder(datastore, events_table_name="stored_events")
    recorder.create_table()
    missed, give_up = Event(), monotonic() + 60

    def write_unsafely(writer: int) -> None:
        chance = random.Random(writer)
        while not missed.is_set() and monotonic() < give_up:
            batch = [StoredEvent(str(uuid4()), 1, "topic", b"state") for _ in range(chance.choice([1, 2, 300]))]
            recorder.insert_events(batch)

    def follow_until_one_is_missed() -> bool:
        seen: set[int] = set()
        last = 0
        while monotonic() < give_up:
            new: list[Notification] = [*recorder.select_notifications(last + 1, 500)]
            seen |= {notification.id for notification in new}
            last = new[-1].id if new else last
            if not new or len(new) < 500:
                passed_over = recorder.select_notifications(1, 10_000_000, stop=last)
                if any(notification.id not in seen for notification in passed_over):
                    missed.set()
                    return True
        return False

    with datastore, ThreadPoolExecutor(WRITERS + 1) as pool:
        follower = pool.submit(follow_until_one_is_missed)
        writers = [pool.submit(write_unsafely, n) for n in range(WRITERS)]
        assert follower.result(), "the unsafe mode lost nothing: the test above proves nothing"
        for writer in writers:
            writer.result()


def unsafe_datastore(database: Database) -> PostgresDatastore:
    parts = conninfo_to_dict(database.superuser_url)
    return PostgresDatastore(
        str(parts["dbname"]),
        str(parts["host"]),
        str(parts["port"]),
        str(parts["user"]),
        "",
        pool_size=WRITERS + 1,
        schema="unsafe",
        originator_id_type="text",
        enable_db_functions=True,
    )
