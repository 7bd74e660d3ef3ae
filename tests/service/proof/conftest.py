"""What the proof's tests share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import Database
from tests.service.proof.sealed import Network, network


@pytest.fixture
def sealed(database: Database, tmp_path: Path) -> Iterator[Network]:
    """An empty history that can be sealed."""
    with network(database, tmp_path / "proof") as found:
        yield found
