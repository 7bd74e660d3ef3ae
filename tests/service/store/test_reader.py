"""Reading history: by stream, by tag or all of it, always from where one stopped."""

from __future__ import annotations

import psycopg
import pytest

from service.store.connections import DatabaseUnreachable, DeadlineExceeded
from service.store.door import Door
from service.store.reader import Reader
from tests.servers import Database
from tests.service.store.making import fact, request
from tests.service.store.troubled_line import TroubledLine


@pytest.fixture
def filled(door: Door) -> None:
    door.append(request(*(fact("mission:1", version, tags=["a"]) for version in range(1, 4))))
    door.append(request(fact("client:1", 1), fact("mission:2", 1, tags=["a", "b"]), fact("mission:1", 4, tags=["b"])))


@pytest.mark.usefixtures("filled")
def test_a_stream_is_read_from_where_one_stopped(reader: Reader) -> None:
    assert [row.version for row in reader.read_stream("mission:1")] == [1, 2, 3, 4]
    assert [row.version for row in reader.read_stream("mission:1", after=1, upto=3)] == [2, 3]
    assert reader.read_stream("mission:1", after=4) == []
    assert reader.read_stream("mission:9") == []


@pytest.mark.usefixtures("filled")
def test_several_streams_are_read_at_once_each_from_its_own_place(reader: Reader) -> None:
    rows = reader.read_streams({"mission:1": 2, "client:1": 0, "mission:2": 1, "mission:9": 0})
    assert [(row.stream, row.version) for row in rows] == [("client:1", 1), ("mission:1", 3), ("mission:1", 4)]
    assert reader.read_streams({}) == []


@pytest.mark.usefixtures("filled")
def test_tagged_events_are_read_in_order_each_tag_from_its_own_place(reader: Reader) -> None:
    assert [row.position for row in reader.read_tags(["a"])] == [1, 2, 3, 5]
    assert sorted((row.tag, row.position) for row in reader.read_tags({"a": 2, "b": 5, "c": 0})) == [
        ("a", 3), ("a", 5), ("b", 6),
    ]  # fmt: skip


@pytest.mark.usefixtures("filled")
def test_all_of_history_is_read_in_pages(reader: Reader) -> None:
    pages = [[row.position for row in reader.read_all(after, limit=4)] for after in (0, 4, 6)]
    assert pages == [[1, 2, 3, 4], [5, 6], []]
    assert [row.stream for row in reader.read_positions([6, 4])] == ["client:1", "mission:1"]


@pytest.mark.usefixtures("filled")
def test_the_readers_role_reads_everything(database: Database) -> None:
    with Reader(database.reader_url) as auditor:
        assert (auditor.head(), len(auditor.read_all())) == (6, 6)


def test_forgotten_words_are_gone_and_the_rest_stays(database: Database, door: Door, reader: Reader) -> None:
    words = [("/name", b"n"), ("/email", b"e")]
    door.append(
        request(*(fact("client:1", version, side=words) for version in (1, 2)), fact("client:2", 1, side=words))
    )
    with psycopg.connect(database.app_url, autocommit=True) as connection:
        forget = "select relais.forget_values(%s::text[], %s::bigint[], %s::text[])"
        assert connection.execute(forget, (["client:1"], [3, 3], ["/email", "/none"])).fetchone() == (5,)
        assert connection.execute(forget, ([], [], [])).fetchone() == (0,)
    assert reader.personal_values([1, 2, 3]) == [(3, "/name", b"n")]
    assert len(reader.read_all()) == 3


@pytest.mark.usefixtures("filled")
def test_a_broken_connection_is_replaced(database: Database) -> None:
    with TroubledLine(database.app_url) as line, Reader(line.url) as distant:
        assert distant.head() == 6
        line.lose_next_reply()
        assert (distant.head(), line.cuts) == (6, 1)


@pytest.mark.usefixtures("filled")
def test_a_frozen_server_hangs_no_reader(database: Database) -> None:
    with TroubledLine(database.app_url) as line, Reader(line.url, deadline=0.3) as distant:
        assert distant.head() == 6
        line.freeze()
        with pytest.raises(DeadlineExceeded):
            distant.head()


def test_a_server_that_is_not_there_is_named(tmp_path: object) -> None:
    with Reader(f"host={tmp_path} dbname=relais") as nobody, pytest.raises(DatabaseUnreachable):
        nobody.head()
