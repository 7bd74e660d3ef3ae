"""What the worker's tests share: a history to write to, workers that end with the test, and a look at the tables."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest

from projections.read_model import Cells, Fold, ReadModel, Row, rows_of
from service.projections.leading import Forget, Leader
from service.projections.status import ModelStatus, status
from service.projections.telling import History
from service.store.door import Door
from service.store.keys import KeyStore
from service.store.reader import Reader
from service.worker import READ_MODELS, Worker
from tests.servers import Database
from tests.service.worker.recording import Recorder

Workers = Callable[..., Worker]
SOON = 20.0
"""Seconds in which anything that is to happen has happened, however busy the machine."""


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


def reached(worker: Worker, position: int, models: Sequence[str] | None = None) -> bool:
    """Whether a worker's read models get to a position."""
    return asyncio.run(worker.progress.wait_until(position, SOON, models))


@dataclass
class Bench:
    """A leader that works when it is told to, and the tables it fills."""

    leader: Leader
    connection: psycopg.Connection[tuple[Any, ...]]

    def work(self) -> None:
        """Does all there is to do."""
        while self.leader.work():
            pass

    def rows(self, table: str) -> list[tuple[Any, ...]]:
        """The rows that a view shows, in order."""
        return self.connection.execute(f"SELECT * FROM rm.{table} ORDER BY 1, 2".encode()).fetchall()

    def held(self, table: Fold[Row]) -> list[Row]:
        """The rows that a view shows, as the fold made them."""
        query, cells = rows_of(table, "", {}), Cells(table.row)
        with self.connection.cursor(binary=True) as cursor:
            return sorted(map(cells.read, cursor.execute(query.sql.encode()).fetchall()), key=str)

    def status(self, model: ReadModel) -> ModelStatus:
        """Where a read model stands."""
        return status(self.connection, [model])[0]


@contextmanager
def leading(
    database: Database,
    keys: KeyStore,
    models: Sequence[ReadModel] = READ_MODELS,
    batch_size: int = 5000,
    forget: Forget = lambda _: False,
) -> Iterator[Bench]:
    """Leads without a thread."""
    reader = Reader(database.app_url)
    with closing(reader), psycopg.connect(database.app_url, autocommit=True) as connection:
        history = History(reader, keys)
        yield Bench(Leader(connection, models, history, batch_size=batch_size, forget=forget), connection)
