"""A page of a long history is read along an index, however little of that history the reader may see."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import date
from typing import Any

import psycopg
import pytest

from domain.billing.events import BILLING_EVENTS, PaymentRecorded
from domain.mission.events import MissionSigned
from projections.audit_trail import WIDTH, EntryRow
from projections.audit_trail.queries import Search, entries_for
from service.embedded import EmbeddedPostgres
from service.http.questions import read
from service.store.door import Door
from service.store.keys import KeyStore
from tests.examples import EXAMPLES
from tests.projections.histories import Happened, delivered, signed
from tests.servers import cloned_database
from tests.service.worker.conftest import leading
from tests.service.worker.recording import Recorder

Connection = psycopg.Connection[tuple[Any, ...]]
PAGE = 5
BILLED = [event_type.TOPIC for event_type in BILLING_EVENTS]
RARE = Search(streams={"mission:M-2": None, "client:E-1": None})
LEFT = Search(streams={"mission:M-1": date(2026, 3, 3), "mission:M-2": None})
SEEN = {
    "all": Search(),
    "one mission": Search("mission:M-2"),
    "one mission's letter": Search("mission:M-2", types=[MissionSigned.TOPIC]),
    "what is billed": Search(types=BILLED),
    "a client's own": RARE,
    "a cadre's own, one mission up to the eve of its handover": LEFT,
    "nothing": Search(streams={}),
    "up to a position": Search(streams=RARE.streams, upto=1_200),
}


@pytest.fixture(scope="module")
def long(postgres: EmbeddedPostgres) -> Iterator[Connection]:
    """Three thousand days of one mission; now and then a payment, or a day of another."""
    payment = EXAMPLES[PaymentRecorded.TOPIC]
    assert isinstance(payment, PaymentRecorded)
    life = [signed("M-1"), signed("M-2")]
    for number in range(3_000):
        life.append(delivered(f"D-{number}", date(2026, 3, 3)))
        if number % 300 == 0:
            payment_id = f"P-{number}"
            life.append(Happened(f"payment:{payment_id}", payment.model_copy(update={"payment_id": payment_id})))
            life.append(delivered(f"D-2-{number}", mission_id="M-2"))
    with cloned_database(postgres) as database, closing(KeyStore(database.keys_url, durable=False)) as keys:
        with Door(database.app_url, durable=False) as door:
            Recorder(door, keys).record(life)
        with leading(database, keys) as bench:
            bench.work()
            bench.connection.execute("ANALYZE")
            yield bench.connection


def asked(connection: Connection, search: Search, after: int, limit: int | None) -> list[EntryRow]:
    query = entries_for(search, after=after, limit=limit)
    with connection.cursor(binary=True) as cursor:
        rows = cursor.execute(query.sql.encode(), dict(query.parameters)).fetchall()
    return [read(EntryRow, cells[:WIDTH]) for cells in rows]


@pytest.mark.parametrize("search", SEEN.values(), ids=SEEN.keys())
def test_pages_are_full_while_there_is_more_and_together_they_are_the_whole(long: Connection, search: Search) -> None:
    whole = asked(long, search, 0, None)
    pages = [asked(long, search, 0, PAGE)]
    while len(pages[-1]) == PAGE and len(pages) < 10:
        pages.append(asked(long, search, pages[-1][-1].position, PAGE))
    read_so_far = [entry for page in pages for entry in page]
    assert read_so_far == whole[: len(read_so_far)]
    assert len(pages) == 10 or len(read_so_far) == len(whole)
    assert all(len(page) == PAGE for page in pages[:-1])


@pytest.mark.parametrize("search", SEEN.values(), ids=SEEN.keys())
def test_a_page_looks_at_no_more_than_it_holds_of_each_stream_or_type(long: Connection, search: Search) -> None:
    groups = len(search.streams if search.streams is not None else search.types or "1")
    for after in (0, 1_000, 2_900):
        assert looked_at(long, search, after) <= PAGE * max(groups, 1)


def looked_at(connection: Connection, search: Search, after: int) -> int:
    """How many entries the database touches to make a page, those that it leaves out among them."""
    query = entries_for(search, after=after, limit=PAGE)
    with connection.cursor() as cursor:
        sql = f"EXPLAIN (ANALYZE, FORMAT JSON) {query.sql}"
        [[[plan]]] = cursor.execute(sql.encode(), dict(query.parameters)).fetchall()
    scans = [node for node in _nodes(plan["Plan"]) if node.get("Relation Name", "").startswith("audit_trail")]
    assert not [node for node in scans if node["Node Type"] == "Seq Scan"]
    touched = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck")
    return sum(round(node["Actual Loops"] * sum(node.get(name, 0) for name in touched)) for node in scans)


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for each in plan.get("Plans", ()):
        yield from _nodes(each)
