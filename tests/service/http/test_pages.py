"""Every list comes in pages: full while there is more, the last without a cursor, together the whole list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from domain.event import Event, Recorded
from service.embedded import EmbeddedPostgres
from service.http.policy import POLICY
from service.http.security import Principal, accountant, auditor, cadre, client, network_admin
from service.store.keys import KeyStore
from tests.servers import cloned_database
from tests.service.http.lives import LAST, Life
from tests.service.http.moments import Asker, Store
from tests.service.http.test_time_travel import addresses, named

ASKING: Sequence[Principal] = (
    network_admin(),
    client("E-1"),
    cadre("C-1"),
    accountant(),
    auditor(frozenset({"M-1", "M-3"})),
)
LISTS = sorted({path for path, _ in addresses("cursor")} - {"/log/checkpoints", "/log/entries"})
"""The log's own lists are of what is sealed, and nobody seals here."""


@pytest.fixture(scope="module")
def lived(postgres: EmbeddedPostgres) -> Iterator[tuple[Asker, list[Recorded[Event]]]]:
    """Somebody who asks about a random life."""
    with cloned_database(postgres) as database, closing(KeyStore(database.keys_url, durable=False)) as keys:
        store = Store(database, keys)
        store.record(Life(Random(7)).done)
        history = store.history()
        with store.asked(history, LAST + timedelta(days=40)) as asker:
            yield asker, history


@pytest.mark.parametrize("path", LISTS)
def test_pages_are_full_while_there_is_more_and_together_they_are_the_list(
    lived: tuple[Asker, list[Recorded[Event]]], path: str
) -> None:
    asker, history = lived
    dated = path in {each for each, _ in addresses("as_of")}
    middle = history[len(history) * 3 // 4]
    moments: Sequence[Mapping[str, str]] = (
        {},
        {"as_of": middle.occurred_on.isoformat()},
        {"known_at": middle.recorded_at.isoformat()},
    )
    told = 0
    for principal in (each for each in ASKING if each.role in POLICY["GET", path]):
        for address in named(path, history):
            for moment in moments if dated else moments[:1]:
                told += len(pages_of(asker, principal, address, moment))
    assert told > len(ASKING), "some lists are longer than a page"


def pages_of(asker: Asker, principal: Principal, address: str, moment: Mapping[str, str]) -> list[Any]:
    """The pages of a list, three to a page; none where it is not there."""
    status, whole = asker.get(principal, address, limit="500", **moment)
    if status == 404:
        return []
    assert (status, whole["next_cursor"]) == (200, None)
    pages: list[Any] = []
    cursor: Mapping[str, str] = {}
    while not pages or cursor:
        _, page = asker.get(principal, address, limit="3", **moment, **cursor)
        pages.append(page["items"])
        cursor = {} if page["next_cursor"] is None else {"cursor": page["next_cursor"]}
    about = f"{principal.name} {address} {moment}"
    assert [item for page in pages for item in page] == whole["items"], about
    assert [len(page) for page in pages[:-1]] == [3] * (len(pages) - 1), about
    assert len(pages[-1]) <= 3, about
    assert pages[-1] or not whole["items"], about
    return pages
