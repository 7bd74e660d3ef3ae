"""PostgreSQL is killed under load, again and again: what was acknowledged is there, once, where it was said to be."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Condition, Event
from time import monotonic

import pytest

from service.embedded import EmbeddedPostgres
from service.store.door import Door
from service.store.reader import Reader
from tests.servers import running_server
from tests.service.store.making import fact, request, until_known

KILLS = int(os.environ.get("RELAIS_TEST_KILLS", "8"))
CALLERS = 4


class Load:
    """Callers that append until told to stop, and remember every answer they were given."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._news = Condition()
        self._stopped = False
        self.told: dict[tuple[str, int], tuple[int, ...]] = {}

    def call(self, caller: int) -> None:
        version = 0
        while not self._stopped:
            version += 1
            stream = f"mission:{caller}"
            answer = until_known(self._door, request(fact(stream, version), command_id=f"http:{caller}:{version}"))
            with self._news:
                self.told[stream, version] = answer
                self._news.notify_all()

    def wait_for(self, more: int) -> None:
        """Until so many more were acknowledged."""
        with self._news:
            enough = len(self.told) + more
            assert self._news.wait_for(lambda: len(self.told) >= enough, timeout=60), "the server did not come back"

    def stop(self) -> None:
        self._stopped = True


def kill(postgres: EmbeddedPostgres) -> None:
    """Kills the server without warning, and waits until another stands in its place."""
    killed = server_of(postgres)
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    give_up = monotonic() + 60
    while server_of(postgres) in (None, killed) or not postgres.answers():
        assert monotonic() < give_up, "the server did not come back"
        Event().wait(0.02)


def server_of(postgres: EmbeddedPostgres) -> int | None:
    try:
        return int((postgres.cluster / "postmaster.pid").read_text().split()[0])
    except (FileNotFoundError, IndexError):
        return None


@pytest.fixture
def own_postgres() -> Iterator[EmbeddedPostgres]:
    """A server that this test may kill."""
    with running_server() as postgres:
        yield postgres


@pytest.mark.slow
def test_killing_the_server_loses_nothing_that_was_acknowledged(own_postgres: EmbeddedPostgres) -> None:
    url = own_postgres.url("relais_app", "relais")
    with Door(url) as door, ThreadPoolExecutor(CALLERS) as callers:
        load = Load(door)
        calls = [callers.submit(load.call, caller) for caller in range(CALLERS)]
        try:
            for _ in range(KILLS):
                load.wait_for(50)
                kill(own_postgres)
            load.wait_for(50)
        finally:
            load.stop()
        for call in calls:
            call.result()
    with Reader(url) as reader:
        rows = reader.read_all(limit=1_000_000)
    kept = {(row.stream, row.version): (row.position,) for row in rows}
    assert [row.position for row in rows] == [*range(1, len(rows) + 1)]
    assert len(kept) == len(rows)
    assert {place: kept.get(place) for place in load.told} == load.told
    assert len(kept) == len(load.told)
