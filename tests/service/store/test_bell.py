"""The bell: news is announced after the commit, and many commits at once are one ring."""

from __future__ import annotations

import psycopg
import pytest

from service.store.bell import CHANNEL, Bell
from service.store.door import Door
from service.store.reader import Reader
from tests.servers import Database
from tests.service.store.making import fact, request


def test_who_listens_hears_of_an_append_and_finds_it(database: Database, door: Door, reader: Reader) -> None:
    with psycopg.connect(database.app_url, autocommit=True) as listener:
        listener.execute(f"listen {CHANNEL}")
        door.append(request(fact("mission:1", 1)))
        assert [ring.channel for ring in listener.notifies(timeout=10, stop_after=1)] == [CHANNEL]
    assert reader.head() == 1


def test_the_last_of_many_appends_is_announced_too(database: Database, door: Door, reader: Reader) -> None:
    """A listener that looks at every ring, and only then, sees everything in the end."""
    with psycopg.connect(database.app_url, autocommit=True) as listener:
        listener.execute(f"listen {CHANNEL}")
        for version in range(1, 301):
            door.append(request(fact("mission:1", version)))
        rings = 0
        for _ in listener.notifies(timeout=10):
            rings += 1
            if reader.head() == 300:
                break
    assert 1 <= rings < 300


def test_a_refusal_rings_nothing(database: Database, door: Door) -> None:
    door.append(request(fact("mission:1", 1)))
    with psycopg.connect(database.app_url, autocommit=True) as listener:
        listener.execute(f"listen {CHANNEL}")
        list(listener.notifies(timeout=0.1))
        with pytest.raises(Exception, match="mission:1 is at version 1"):
            door.append(request(fact("mission:1", 1)))
        assert list(listener.notifies(timeout=0.1)) == []


def test_closing_waits_for_the_ring_that_was_asked_for(database: Database) -> None:
    with psycopg.connect(database.app_url, autocommit=True) as listener:
        listener.execute(f"listen {CHANNEL}")
        bell = Bell(database.app_url)
        bell.ring()
        bell.close()
        assert len(list(listener.notifies(timeout=10, stop_after=1))) == 1


def test_a_bell_that_cannot_ring_stops_nobody(database: Database, reader: Reader) -> None:
    with Door(database.app_url, durable=False, bell=Bell("host=/nowhere dbname=relais")) as door:
        door.append(request(fact("mission:1", 1)))
    assert reader.head() == 1
