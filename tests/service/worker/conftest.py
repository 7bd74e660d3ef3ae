"""What the worker's tests share: a history to write to, and workers that end with the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from service.store.door import Door
from service.store.keys import KeyStore
from service.worker import Worker
from tests.servers import Database
from tests.service.worker.recording import Recorder

Workers = Callable[..., Worker]


@pytest.fixture
def keys(database: Database) -> Iterator[KeyStore]:
    """The keys of the test's history."""
    store = KeyStore(database.keys_url, durable=False)
    yield store
    store.close()


@pytest.fixture
def history(database: Database, keys: KeyStore) -> Iterator[Recorder]:
    """An empty history that events can be recorded in."""
    with Door(database.app_url, durable=False) as door:
        yield Recorder(door, keys)


@pytest.fixture
def worker(database: Database, keys: KeyStore) -> Iterator[Workers]:
    """Starts a worker; all are stopped when the test ends."""
    started: list[Worker] = []

    def start(**options: Any) -> Worker:
        begun = Worker(database.app_url, keys, **options)
        begun.start()
        started.append(begun)
        return begun

    yield start
    for each in started:
        each.stop()
