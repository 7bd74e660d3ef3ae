"""What the store's tests share."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import ModuleType

import pytest

from service.store.door import Door
from service.store.reader import Reader
from tests.servers import Database

# The package's module of test suites imports its cipher, which needs a library that we do without; no recorder uses it.
if "eventsourcing.cipher" not in sys.modules:
    sys.modules["eventsourcing.cipher"] = ModuleType("eventsourcing.cipher")
    sys.modules["eventsourcing.cipher"].__dict__["AESCipher"] = object


@pytest.fixture
def door(database: Database) -> Iterator[Door]:
    """A door into an empty history."""
    with Door(database.app_url, durable=False) as opened:
        yield opened


@pytest.fixture
def reader(database: Database) -> Iterator[Reader]:
    """A reader of the same history."""
    with Reader(database.app_url) as opened:
        yield opened
