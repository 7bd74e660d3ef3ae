"""A network for each journey, and the people in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from service.http.security import cadre, client, network_admin
from tests.journeys.network import Network, Person, network, served
from tests.servers import Database


@pytest.fixture
def net(database: Database) -> Iterator[Network]:
    with network(database) as running:
        yield running


@pytest.fixture
def address(net: Network) -> Iterator[str]:
    with served(net.app) as url:
        yield url


@pytest.fixture
def admin(address: str) -> Iterator[Person]:
    with Person(address, network_admin()) as person:
        yield person


@pytest.fixture
def jeanne(address: str) -> Iterator[Person]:
    """The cadre C-001."""
    with Person(address, cadre("C-001")) as person:
        yield person


@pytest.fixture
def baker(address: str) -> Iterator[Person]:
    """The dirigeant of the client E-001."""
    with Person(address, client("E-001")) as person:
        yield person
