"""Servers on one history, each with memories and connections of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from service.command_service import CommandService
from service.store.reader import Reader
from tests.servers import Database
from tests.service.commands.asking import started_on


@pytest.fixture
def server(database: Database) -> Iterator[Callable[[], CommandService]]:
    """Starts servers on one history; each has memories and connections of its own."""
    with ExitStack() as running:
        yield lambda: running.enter_context(started_on(database))


@pytest.fixture
def service(server: Callable[[], CommandService]) -> CommandService:
    return server()


@pytest.fixture
def history(database: Database) -> Iterator[Reader]:
    reader = Reader(database.reader_url)
    yield reader
    reader.close()
