"""A whole network at work, as people meet it: a real PostgreSQL, the worker, and HTTP over a real socket."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self
from zoneinfo import ZoneInfo

import httpx2
import uvicorn
from fastapi import FastAPI

from domain.calendar import WorkingCalendar
from service.calendars.links import CalendarLinks
from service.command_service import CommandService
from service.http.app import create_app
from service.http.questions import Questions
from service.http.records import Records
from service.http.security import Principal, issue_token, token_key
from service.http.services import Services
from service.projections.progress import Progress
from service.proof.bundles import Bundles
from service.proof.entries import Entries
from service.proof.log import Log
from service.store.keys import KeyStore
from service.store.reader import Reader
from service.worker import Worker
from tests.servers import Database

NOW = datetime(2026, 6, 30, 1, 0, tzinfo=UTC)
"""Noon in Nouméa."""


@dataclass
class Network:
    """The application over a database of its own, and a clock that a test may set."""

    app: FastAPI
    commands: CommandService
    worker: Worker
    clock: list[datetime] = field(default_factory=lambda: [NOW])


@contextmanager
def network(database: Database) -> Iterator[Network]:
    """A network with nobody in it yet."""
    clock = [NOW]
    with ExitStack() as closing:
        commands = closing.enter_context(
            CommandService.on(database.app_url, database.keys_url, WorkingCalendar("FR-NC"), durable=False)
        )
        keys = KeyStore(database.keys_url, durable=False)
        closing.callback(keys.close)
        links = CalendarLinks(database.keys_url, keys, durable=False)
        closing.callback(links.close)
        reader = Reader(database.app_url)
        closing.callback(reader.close)
        log = closing.enter_context(Log(database.app_url))
        worker = Worker(database.app_url, keys, progress=Progress())
        worker.start()
        closing.callback(worker.stop)
        services = Services(
            commands=commands,
            questions=Questions(database.app_url),
            records=Records(reader, keys),
            progress=worker.progress,
            token_key=KEY,
            clock=lambda: clock[0],
            zone=ZoneInfo("Pacific/Noumea"),
            log=log,
            bundles=Bundles(reader, keys, log),
            entries=Entries(reader, keys, log),
            links=links,
        )
        yield Network(create_app(services), commands, worker, clock)


KEY = token_key(b"journeys" * 4)


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The application on a port of this machine; its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(
            uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=1, lifespan="on")
        )
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join()


class Person:
    """Somebody with a token, who sends what people send."""

    def __init__(self, address: str, principal: Principal, *, seconds: int = 3_600) -> None:
        token = issue_token(KEY, principal, seconds=seconds)
        self.http = httpx2.Client(base_url=address, headers={"Authorization": f"Bearer {token}"}, timeout=20)
        self.position = 0

    def does(self, path: str, body: dict[str, Any] | None = None, key: str | None = None, **headers: str) -> Any:
        """A command that is carried out; where it stands."""
        response = self.tries(path, body or {}, key, **headers)
        assert response.status_code in {200, 201}, response.text
        self.position = max(self.position, response.json()["position"])
        return response.json()

    def tries(self, path: str, body: dict[str, Any] | None = None, key: str | None = None, **headers: str) -> Any:
        """A command, whatever becomes of it."""
        named = {} if key is None else {"Idempotency-Key": key}
        return self.http.post(
            path, json=body or {}, headers=named | {n.replace("_", "-"): v for n, v in headers.items()}
        )

    def is_refused(self, path: str, body: dict[str, Any], **headers: str) -> tuple[int, str]:
        """How a command is refused."""
        response = self.tries(path, body, **headers)
        assert response.status_code >= 400, response.text
        return response.status_code, response.json()["code"]

    def reads(self, path: str, *, after: Person | None = None, **asked: Any) -> Any:
        """An answer that has seen all that this person, or another, did last."""
        response = self.asks(path, min_position=max(self.position, (after or self).position), **asked)
        assert response.status_code == 200, response.text
        return response.json()

    def asks(self, path: str, headers: dict[str, str] | None = None, **asked: Any) -> Any:
        """A question, whatever the answer."""
        return self.http.get(path, params=asked or None, headers=headers)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.http.close()
