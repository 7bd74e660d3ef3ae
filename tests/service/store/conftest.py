"""What the store's tests share."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import ModuleType

import pytest

from service.store.door import Door
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
