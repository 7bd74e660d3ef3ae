"""One store asked twice: with all its history, and with the part of it that had occurred or was known at a moment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
from starlette.testclient import TestClient
from typing_extensions import override

from domain.event import Event, Recorded
from service.http.app import create_app
from service.http.questions import Questions
from service.http.records import Records
from service.http.security import Principal
from service.http.services import Services
from service.projections.layout import Connection
from service.projections.leading import Leader
from service.projections.progress import Progress
from service.projections.telling import Batch, History, Told, Wanted
from service.store.door import Door
from service.store.keys import KeyStore
from service.store.opening import open_rows
from service.store.reader import Reader
from service.worker import READ_MODELS
from tests.projections.histories import Happened
from tests.servers import Database
from tests.service.http.bench import KEY, Bench, bearer
from tests.service.worker.recording import Recorder

NOUMEA = ZoneInfo("Pacific/Noumea")


class Part(History):
    """A part of history, told to the worker as if it were all there is."""

    def __init__(self, events: Sequence[Recorded[Event]]) -> None:
        self._events = events

    @override
    def head(self) -> int:
        return self._events[-1].position if self._events else 0

    @override
    def after(self, position: int, limit: int, wanted: Wanted) -> Batch | None:
        rest = [each for each in self._events if each.position > position][:limit]
        return Batch(rest, rest[-1].position, len(rest)) if rest else None

    @override
    def stream(self, stream: str, upto: int, wanted: Wanted, *, since: int = 0) -> list[Told]:
        return [each for each in self._events if each.stream == stream and since <= each.position <= upto]


class PartOfRecords(Records):
    """The same part, told to the routes."""

    def __init__(self, events: Sequence[Recorded[Event]]) -> None:
        self._events = events

    @override
    def _stream(self, stream: str) -> Sequence[Recorded[Event]]:
        return [each for each in self._events if each.stream == stream]

    @override
    def _streams(self, streams: Sequence[str]) -> Mapping[str, Sequence[Recorded[Event]]]:
        return {stream: self._stream(stream) for stream in streams}

    @override
    def _all(self) -> Iterator[Recorded[Event]]:
        return iter(self._events)


@dataclass
class Store:
    """A history in a database, whose read models may be made of any part of it."""

    database: Database
    keys: KeyStore

    def record(self, done: Sequence[Sequence[Recorded[Event]]]) -> None:
        """Records what each command decided, in one append a command."""
        with Door(self.database.app_url, durable=False) as door:
            recorder = Recorder(door, self.keys)
            for group in done:
                recorder.record([Happened(each.stream, each.event, each.occurred_on) for each in group])

    def history(self) -> list[Recorded[Event]]:
        """All that was recorded, with its words."""
        reader = Reader(self.database.app_url)
        try:
            return open_rows(reader.read_all(0, 100_000), reader, self.keys)
        finally:
            reader.close()

    @contextmanager
    def asked(self, events: Sequence[Recorded[Event]], today: date) -> Iterator[Asker]:
        """Somebody who asks when history is these events and the date is today."""
        with psycopg.connect(self.database.app_url, autocommit=True) as connection:
            _forget(connection)
            leader = Leader(connection, READ_MODELS, Part(events))
            while leader.work():
                pass
        services = Services(
            commands=Bench(),
            questions=Questions(self.database.app_url),
            records=PartOfRecords(events),
            progress=Progress(),
            token_key=KEY,
            clock=lambda: datetime.combine(today, time(12), NOUMEA).astimezone(UTC),
            zone=NOUMEA,
        )
        with TestClient(create_app(services)) as web:
            yield Asker(web)


def _forget(connection: Connection) -> None:
    """The read models are gone: what serves is built anew."""
    for kind, catalogue in (("VIEW", "pg_views"), ("TABLE", "pg_tables")):
        column = catalogue.removeprefix("pg_").removesuffix("s") + "name"
        names = connection.execute(f"SELECT {column} FROM {catalogue} WHERE schemaname = 'rm'".encode()).fetchall()
        for (name,) in names:
            connection.execute(f'DROP {kind} rm."{name}"'.encode())


@dataclass
class Asker:
    """Asks over HTTP."""

    web: TestClient

    def get(self, principal: Principal, path: str, **asked: str) -> tuple[int, Any]:
        """An answer: how it fared, and what it says."""
        response = self.web.get(path, params=asked, headers=bearer(principal))
        said = response.json() if "json" in response.headers["content-type"] else response.text
        return response.status_code, said
