"""An application over a hand-made writing bank, for what HTTP does before and after it."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from typing import Any

import pytest
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from tests.service.http.bench import Bench


@pytest.fixture(autouse=True)
def lines() -> Iterator[list[MutableMapping[str, Any]]]:
    """What the service logs during a test."""
    with capture_logs() as logged:
        yield logged


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def web(bench: Bench) -> TestClient:
    """A client of the application, without a token."""
    return TestClient(bench.app(), raise_server_exceptions=False)
