"""The door: what is acknowledged is recorded once, whole, in order; what is refused leaves no trace."""

from __future__ import annotations

import random
import signal
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from secrets import token_bytes

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from service.store.door import (
    Append,
    Appended,
    AppendRefused,
    CommandIdReused,
    Conflict,
    DatabaseUnreachable,
    Door,
    NewEvent,
    NotDurable,
    OutcomeUnknown,
    Replayed,
)
from service.store.reader import Reader
from service.store.record import commitment, leaf_entry, leaf_hash
from tests.servers import Database
from tests.service.store.making import fact, positions, request
from tests.service.store.troubled_line import TroubledLine


def test_facts_get_the_next_positions_in_the_order_in_which_they_happened(door: Door, reader: Reader) -> None:
    assert positions(door.append(request(fact("mission:1", 1), fact("mission:1", 2)))) == (1, 2)
    assert positions(door.append(request(fact("mission:2", 1), fact("mission:1", 3), fact("mission:2", 2)))) == (
        3,
        4,
        5,
    )
    found = [(row.position, row.stream, row.version) for row in reader.read_all()]
    assert found == [
        (1, "mission:1", 1),
        (2, "mission:1", 2),
        (3, "mission:2", 1),
        (4, "mission:1", 3),
        (5, "mission:2", 2),
    ]


def test_all_that_was_handed_in_is_kept(any_database: Database) -> None:
    event = fact("mission:1", 1, tags=("day:1", "mission"), side=[("/note", b"\0secret"), ("/owner", b"who")])
    with Door(any_database.app_url, durable=False) as door:
        appended = door.append(request(event, command_id="journal:1"))
    assert isinstance(appended, Appended)
    with Reader(any_database.app_url) as reader:
        (row,) = reader.read_stream("mission:1")
        assert (row.topic, row.state, row.envelope, row.recorded_at) == (
            event.topic, event.state, event.envelope, appended.recorded_at,
        )  # fmt: skip
        assert [(tagged.tag, tagged.position) for tagged in reader.read_tags(["mission", "day:1", "day:2"])] in (
            [("mission", 1), ("day:1", 1)],
            [("day:1", 1), ("mission", 1)],
        )
        assert reader.personal_values([1]) == [(1, "/note", b"\0secret"), (1, "/owner", b"who")]
        assert reader.answered(["journal:1", "journal:2"]) == {"journal:1": ("journal:1", b"journal:1", [1])}


def test_the_databases_leaf_is_the_leaf_of_the_record_format(any_database: Database) -> None:
    words = random.Random(7)
    events = [
        NewEvent(
            "mission:é", version, "mission.élu#3", words.randbytes(words.randrange(3000)), words.randbytes(version),
            (), (), token_bytes(32), token_bytes(32),
        )
        for version in range(1, 40)
    ]  # fmt: skip
    with Door(any_database.app_url, durable=False) as door:
        door.append(request(*events))
    with Reader(any_database.app_url) as reader:
        for event, row in zip(events, reader.read_stream("mission:é"), strict=True):
            committed = commitment(event.salt, event.topic, row.recorded_at, event.envelope, event.state)
            assert row.leaf == leaf_hash(leaf_entry(event.pseudonym, event.version, committed))


def test_a_repeated_command_gets_its_first_answer_and_adds_nothing(door: Door, reader: Reader) -> None:
    first = request(
        fact("mission:1", 1), fact("mission:1", 2), command_id="http:me:1", stream_versions={"mission:1": 0}
    )
    assert positions(door.append(first)) == (1, 2)
    assert door.append(request(fact("mission:1", 3))) != door.append(first)
    assert door.append(first) == Replayed((1, 2))
    assert reader.head() == 3


def test_a_command_that_added_nothing_is_remembered_too(door: Door) -> None:
    assert positions(door.append(request(command_id="http:me:1"))) == ()
    assert door.append(request(command_id="http:me:1")) == Replayed(())


def test_a_command_id_belongs_to_one_request(door: Door) -> None:
    door.append(request(fact("mission:1", 1), command_id="http:me:1"))
    with pytest.raises(CommandIdReused, match="http:me:1"):
        door.append(replace(request(fact("mission:1", 2), command_id="http:me:1"), request_hash=b"other"))


@pytest.mark.parametrize("versions", [(2,), (0, 2), (1, 3), (1, 1), (2, 1), (5,)])
def test_a_new_stream_begins_at_its_beginning_and_has_no_gaps(versions: tuple[int, ...], door: Door) -> None:
    with pytest.raises(Conflict, match="mission:1"):
        door.append(request(*(fact("mission:1", version) for version in versions)))
    assert positions(door.append(request(fact("mission:1", 1)))) == (1,)


@pytest.mark.parametrize("versions", [(1,), (2,), (4,), (3, 5), (4, 3), (3, 3)])
def test_a_stream_goes_on_where_it_is(versions: tuple[int, ...], door: Door) -> None:
    door.append(request(fact("mission:1", 1), fact("mission:1", 2)))
    with pytest.raises(Conflict) as conflict:
        door.append(request(*(fact("mission:1", version) for version in versions)))
    assert conflict.value.streams == {"mission:1": 2}
    assert positions(door.append(request(fact("mission:1", 3)))) == (3,)


def test_a_decision_falls_when_a_stream_that_it_only_read_has_moved_on(door: Door) -> None:
    door.append(request(fact("client:1", 1)))
    with pytest.raises(Conflict) as conflict:
        door.append(request(fact("mission:1", 1), stream_versions={"client:1": 0, "cadre:9": 1, "cadre:1": 0}))
    assert conflict.value.streams == {"client:1": 1, "cadre:9": 0}
    door.append(request(fact("mission:1", 1), stream_versions={"client:1": 1, "cadre:1": 0}))


def test_a_decision_falls_when_a_tag_that_it_read_was_used_since(door: Door) -> None:
    door.append(request(fact("mission:1", 1, tags=["cadre-day:1:2026-01-05"])))
    with pytest.raises(Conflict) as conflict:
        door.append(request(fact("mission:2", 1), tag_positions={"cadre-day:1:2026-01-05": 0}))
    assert conflict.value.tags == {"cadre-day:1:2026-01-05": 1}
    door.append(request(fact("mission:2", 1), tag_positions={"cadre-day:1:2026-01-05": 1, "other": 0}))


def test_refusals_leave_no_gap(door: Door, reader: Reader) -> None:
    door.append(request(fact("mission:1", 1), command_id="journal:1"))
    outcomes = door.append_many([
        request(fact("mission:2", 1), fact("mission:2", 2), command_id="journal:2"),
        request(fact("mission:1", 1), command_id="journal:3"),
        request(fact("mission:1", 2), command_id="journal:1"),
        request(fact("mission:3", 1), fact("mission:4", 1), command_id="journal:4"),
        replace(request(fact("mission:5", 1), command_id="journal:5"), request_hash=None),
        request(fact("mission:6", 1), tag_positions={"x": 0}, stream_versions={"mission:1": 7}),
        request(fact("mission:7", 1), command_id="journal:7"),
    ])  # fmt: skip
    assert [type(outcome) for outcome in outcomes] == [
        Appended, Conflict, Replayed, Appended, AppendRefused, Conflict, Appended,
    ]  # fmt: skip
    kept = [positions(outcome) for outcome in outcomes if isinstance(outcome, Appended)]
    assert sorted(position for group in kept for position in group) == [2, 3, 4, 5, 6]
    assert [row.position for row in reader.read_all()] == [*range(1, reader.head() + 1)]
    assert set(reader.answered([f"journal:{n}" for n in range(1, 8)])) == {
        "journal:1",
        "journal:2",
        "journal:4",
        "journal:7",
    }


def test_requests_of_one_call_that_touch_each_other_go_one_after_the_other(door: Door) -> None:
    outcomes = door.append_many([
        request(fact("mission:1", 1, tags=["t"]), tag_positions={"t": 0}),
        request(fact("mission:1", 2)),
        request(fact("mission:2", 1), stream_versions={"mission:1": 2}),
        request(fact("mission:3", 1, tags=["t"]), tag_positions={"t": 1}),
        request(fact("mission:4", 1), command_id="journal:1"),
        request(fact("mission:4", 1), command_id="journal:1"),
    ])  # fmt: skip
    assert [type(outcome) for outcome in outcomes] == [Appended] * 5 + [Replayed]


def test_a_request_of_one_call_waits_for_those_before_it_that_wait_themselves(door: Door) -> None:
    outcomes = door.append_many([
        request(fact("mission:1", 1)),
        request(fact("mission:1", 2), fact("mission:2", 1)),
        request(fact("mission:2", 2)),
    ])  # fmt: skip
    assert [type(outcome) for outcome in outcomes] == [Appended] * 3


def test_a_batch_whose_requests_touch_each_other_is_refused_by_the_database_itself(database: Database) -> None:
    with psycopg.connect(database.app_url) as connection, pytest.raises(psycopg.errors.InvalidParameterValue):
        connection.execute(
            "select relais.append(array['a', 'a'], '{h,h}'::bytea[], '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}',"
            " '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}')"
        )


def test_what_the_database_cannot_keep_harms_nobody_else(door: Door) -> None:
    broken = replace(fact("mission:1", 1), salt=b"short")
    outcomes = door.append_many(
        [request(fact("mission:2", 1)), request(broken), request(fact("mission:3", 1, topic="a\0b"))]
    )
    assert [type(outcome) for outcome in outcomes] == [Appended, AppendRefused, AppendRefused]


def test_time_never_runs_backwards(database: Database, door: Door) -> None:
    with psycopg.connect(database.owner_url, autocommit=True) as owner:
        owner.execute("update relais.log_head set recorded_at = '2999-01-01T00:00:00Z'")
    appended = door.append(request(fact("mission:1", 1)))
    assert isinstance(appended, Appended)
    assert appended.recorded_at == datetime(2999, 1, 1, tzinfo=UTC)


def test_of_many_who_book_the_same_half_day_at_once_one_wins(door: Door, reader: Reader) -> None:
    """Each reads the tag, decides that the time is free, and books it: exactly one may be right each time."""

    def book(number: int) -> int:
        conflicts = 0
        for day in range(5):
            tag = f"cadre-day:1:{day}"
            try:
                door.append(request(fact(f"mission:{number}-{day}", 1, tags=[tag]), tag_positions={tag: 0}))
            except Conflict:
                conflicts += 1
        return conflicts

    with ThreadPoolExecutor(40) as callers:
        conflicts = sum(callers.map(book, range(40)))
    assert conflicts == 39 * 5
    assert [len(reader.read_tags([f"cadre-day:1:{day}"])) for day in range(5)] == [1] * 5
    assert [row.position for row in reader.read_all()] == [1, 2, 3, 4, 5]


def test_two_servers_keep_one_order(database: Database) -> None:
    def write(server: int) -> list[int]:
        with Door(database.app_url, durable=False) as door:
            return [positions(door.append(request(fact(f"mission:{server}-{n}", 1))))[0] for n in range(50)]

    with ThreadPoolExecutor(4) as servers:
        told = [position for found in servers.map(write, range(4)) for position in found]
    assert sorted(told) == [*range(1, 201)]


def test_a_server_that_could_forget_is_not_written_to(database: Database, reader: Reader) -> None:
    forgetful = make_conninfo(database.app_url, options="-c synchronous_commit=off")
    with Door(forgetful) as door, pytest.raises(NotDurable, match=r"synchronous_commit = off .* set it to on"):
        door.append(request(fact("mission:1", 1)))
    assert reader.head() == 0


def test_a_server_that_cannot_be_reached_was_sent_nothing() -> None:
    with Door("host=/nowhere dbname=relais", durable=False) as door, pytest.raises(DatabaseUnreachable):
        door.append(request(fact("mission:1", 1)))


def test_a_frozen_server_hangs_nobody(database: Database) -> None:
    with TroubledLine(database.app_url) as line, Door(line.url, durable=False, deadline=0.5) as door:
        door.append(request(fact("mission:1", 1)))
        line.freeze()
        with pytest.raises(OutcomeUnknown, match="same command id"):
            door.append(request(fact("mission:1", 2), command_id="http:me:1"))
        line.thaw()
        assert positions(door.append(request(fact("mission:1", 2), command_id="http:me:1"))) == (2,)


def test_a_connection_that_the_server_closed_while_nobody_asked_is_replaced(database: Database, door: Door) -> None:
    door.append(request(fact("mission:1", 1)))
    with psycopg.connect(database.superuser_url, autocommit=True) as administrator:
        ended = administrator.execute(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name = 'relais door'"
            " and datname = current_database()"
        ).fetchall()
    assert ended == [(True,)]
    assert positions(door.append(request(fact("mission:1", 2)))) == (2,)


def test_an_interrupted_caller_leaves_no_answer_behind_for_the_next(database: Database, door: Door) -> None:
    class Interrupted(BaseException):
        pass

    def interrupt(number: int, frame: object) -> None:
        raise Interrupted

    door.append(request(fact("mission:1", 1)))
    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        with psycopg.connect(database.owner_url) as owner:
            owner.execute("select from relais.log_head for update")
            signal.setitimer(signal.ITIMER_REAL, 0.2)
            with pytest.raises(Interrupted):
                door.append(request(fact("mission:1", 2), command_id="http:me:1"))
    finally:
        signal.signal(signal.SIGALRM, before)
    assert positions(door.append(request(fact("mission:1", 2), command_id="http:me:1"))) == (2,)
    assert positions(door.append(request(fact("mission:2", 1), command_id="http:me:2"))) == (3,)


def test_nothing_asked_is_nothing_done(door: Door, reader: Reader) -> None:
    assert door.append_many([]) == []
    assert positions(door.append(Append([]))) == ()
    assert reader.head() == 0
