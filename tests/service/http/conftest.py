"""An application over a hand-made writing bank, for what HTTP does before and after it."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from tests.service.http.bench import Bench


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def web(bench: Bench) -> TestClient:
    """A client of the application, without a token."""
    return TestClient(bench.app(), raise_server_exceptions=False)
