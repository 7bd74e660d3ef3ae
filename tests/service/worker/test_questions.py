"""The read models' answers are those of the events, page by page and filter by filter."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from functools import partial
from typing import Any, TypeVar

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings

from domain.event import Event, Recorded
from domain.mission import events as mission
from domain.party.events import Language
from domain.values import Function
from projections.missions.answers import Status, days_view, mission_view
from projections.reconciliation import compare, reconcile
from service.embedded import EmbeddedPostgres
from service.projections import questions
from service.store.door import Door
from service.store.keys import KeyStore
from service.store.opening import open_rows
from service.store.reader import Reader
from tests.projections.histories import (
    DATES,
    Happened,
    cadre,
    client,
    delivered,
    disputed,
    histories,
    of_mission,
    signed,
)
from tests.servers import Database, cloned_database
from tests.service.worker.conftest import leading
from tests.service.worker.recording import Recorder

T = TypeVar("T")
Connection = psycopg.AsyncConnection[tuple[Any, ...]]
TODAY = date(2026, 3, 20)


def asked(database: Database, question: Callable[[Connection], Awaitable[T]]) -> T:
    """The answer that a reader gets."""

    async def ask() -> T:
        async with await psycopg.AsyncConnection.connect(database.reader_url, autocommit=True) as connection:
            return await question(connection)

    return asyncio.run(ask())


HANDED_OVER = mission.HandedOver(to_cadre_id="C-2", effective_on=date(2026, 3, 12), accepted_by="Jeanne D.")
LIFE = [
    client(),
    client("E-2", "Garage du Nord"),
    cadre(),
    signed("M-1"),
    signed("M-2", "C-2"),
    signed("M-3"),
    of_mission(mission.MissionPaused(from_on=date(2026, 3, 10), reason="Congés"), mission_id="M-2"),
    of_mission(HANDED_OVER, mission_id="M-3"),
    delivered("D-2", date(2026, 3, 4)),
    delivered("D-1", date(2026, 3, 4)),
    delivered("D-3", date(2026, 4, 3), "0.5"),
    of_mission(disputed("D-3")),
    delivered("D-4", date(2026, 3, 5), mission_id="M-2"),
]


@pytest.fixture
def told(database: Database, keys: KeyStore, history: Recorder) -> Database:
    """A database in which a small history was folded."""
    history.record(LIFE)
    with leading(database, keys) as bench:
        bench.work()
    return database


def missions(database: Database, **filters: Any) -> list[str]:
    found = asked(database, lambda connection: questions.missions(connection, TODAY, **filters))
    return [each.mission_id for each in found]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, ["M-1", "M-2", "M-3"]),
        ({"limit": 2}, ["M-1", "M-2"]),
        ({"after": "M-1"}, ["M-2", "M-3"]),
        ({"client_id": "E-1"}, ["M-1", "M-2", "M-3"]),
        ({"client_id": "E-2"}, []),
        ({"cadre_id": "C-1"}, ["M-1", "M-3"]),
        ({"cadre_id": "C-2"}, ["M-2", "M-3"]),
        ({"mission_ids": ["M-2", "M-9"]}, ["M-2"]),
        ({"mission_ids": []}, []),
        ({"function": Function.FINANCE, "status": Status.RUNNING}, ["M-1", "M-3"]),
        ({"function": Function.SALES}, []),
        ({"status": Status.PAUSED}, ["M-2"]),
    ],
)
def test_missions_are_found_by_what_is_asked_for(told: Database, filters: dict[str, Any], expected: list[str]) -> None:
    assert missions(told, **filters) == expected


def test_one_mission_is_told_as_it_stands_on_a_date(told: Database) -> None:
    answer = asked(told, lambda connection: questions.mission(connection, "M-3", TODAY))
    assert answer is not None
    assert (answer.cadre_id, answer.title) == ("C-2", "Direction financière")
    assert asked(told, lambda connection: questions.mission(connection, "M-9", TODAY)) is None


def test_days_come_in_order_of_date_and_id_page_by_page(told: Database) -> None:
    def days(**asked_for: Any) -> list[str]:
        return [each.day_id for each in asked(told, lambda found: questions.days(found, "M-1", **asked_for))]

    assert days() == ["D-1", "D-2", "D-3"]
    assert days(limit=2) == ["D-1", "D-2"]
    assert days(after=(date(2026, 3, 4), "D-1")) == ["D-2", "D-3"]
    assert days(first=date(2026, 3, 5)) == ["D-3"]
    assert days(last=date(2026, 3, 31)) == ["D-1", "D-2"]
    assert asked(told, lambda connection: questions.days(connection, "M-9")) == []


def test_parties_are_found_by_kind_and_id(told: Database) -> None:
    def parties(*asked_for: Any) -> list[str | None]:
        return [each.name for each in asked(told, lambda found: questions.parties(found, *asked_for))]

    assert parties() == ["Anne A.", "Boulangerie du Port", "Garage du Nord"]
    assert parties("client") == ["Boulangerie du Port", "Garage du Nord"]
    assert parties(None, ["C-1"]) == ["Anne A."]


def test_the_audit_trail_of_a_mission_is_its_stream_with_the_hashes_that_prove_it(told: Database) -> None:
    trail = asked(told, lambda connection: questions.audit_trail(connection, "mission:M-1", language=Language.ENGLISH))
    assert [(each.version, each.type) for each in trail] == [
        (1, "mission.signed"),
        (2, "mission.day_delivered"),
        (3, "mission.day_delivered"),
        (4, "mission.day_delivered"),
        (5, "mission.day_disputed"),
    ]
    assert trail[4].sentence == "The client disputed day D-3: Absent."
    with psycopg.connect(told.reader_url) as connection:
        leaves = connection.execute(
            "SELECT encode(leaf, 'hex') FROM relais.events WHERE originator_id = 'mission:M-1' ORDER BY notification_id"
        ).fetchall()
    assert [each.hash for each in trail] == [leaf for (leaf,) in leaves]


def test_the_audit_trail_is_read_page_by_page_and_as_of_a_date(told: Database) -> None:
    def positions(*stream: str, **asked_for: Any) -> list[int]:
        return [each.position for each in asked(told, lambda found: questions.audit_trail(found, *stream, **asked_for))]

    assert positions() == list(range(1, len(LIFE) + 1))
    assert positions(limit=2) == [1, 2]
    assert positions(after=11) == [12, 13]
    assert positions("mission:M-1", as_of=date(2026, 3, 4)) == [4, 9, 10, 12]
    assert positions(streams={"client:E-1": None, "mission:M-2": None}) == [1, 5, 7, 13]
    assert positions(streams={"client:E-1": None, "mission:M-2": None}, limit=3) == [1, 5, 7]
    assert positions(streams={"mission:M-1": date(2026, 3, 4), "mission:M-2": None}, after=5) == [7, 9, 10, 12, 13]
    assert positions(streams={}) == []
    recorded_at = asked(told, lambda found: questions.audit_trail(found, limit=1))[0].recorded_at
    assert positions(known_at=recorded_at - timedelta(seconds=1)) == []


def test_the_reconciliation_is_asked_by_month_and_mission_and_page(told: Database) -> None:
    def lines(**asked_for: Any) -> list[tuple[str, str]]:
        answer = asked(told, lambda found: questions.reconciled(found, **asked_for))
        assert answer.balanced
        return [(line.mission_id, line.month) for line in answer.items]

    assert lines() == [("M-1", "2026-03"), ("M-1", "2026-04"), ("M-2", "2026-03")]
    assert lines(month="2026-03") == [("M-1", "2026-03"), ("M-2", "2026-03")]
    assert lines(mission_ids=["M-2"]) == [("M-2", "2026-03")]
    assert lines(after=("M-1", "2026-03"), limit=1) == [("M-1", "2026-04")]


def test_a_row_that_was_tampered_with_is_named_as_a_difference(told: Database) -> None:
    with psycopg.connect(told.app_url, autocommit=True) as connection:
        connection.execute("UPDATE rm.reconciliation_days__g1 SET quantity = 0.5 WHERE day_id = 'D-4'")
    answer = asked(told, questions.reconciled)
    assert [(each.mission_id, each.rows, each.events) for each in answer.differences] == [("M-2", "0.5", "1")]
    with psycopg.connect(told.app_url, autocommit=True) as connection:
        connection.execute("DELETE FROM rm.reconciliation_days__g1 WHERE day_id = 'D-4'")
    assert [each.rows for each in asked(told, questions.reconciled).differences] == ["0"]


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=histories(most=40))
def test_the_tables_answer_what_the_events_answer(postgres: EmbeddedPostgres, history: list[Happened]) -> None:
    with cloned_database(postgres) as database:
        keys, reader = KeyStore(database.keys_url, durable=False), Reader(database.app_url)
        with Door(database.app_url, durable=False) as door, leading(database, keys) as bench:
            Recorder(door, keys).record(history)
            bench.work()
            told = open_rows(reader.read_all(), reader, keys)
            assert_same_reconciliation(database, told)
            for mission_id in ("M-1", "M-2"):
                assert_same_mission(database, mission_id, [e for e in told if e.stream == f"mission:{mission_id}"])
        reader.close()
        keys.close()


def assert_same_reconciliation(database: Database, told: list[Recorded[Event]]) -> None:
    answer, folded = asked(database, questions.reconciled), reconcile(told)
    assert compare(answer.items, folded.items) == []
    assert [(line.values, line.facts) for line in answer.items] == [(line.values, line.facts) for line in folded.items]
    assert answer.differences == folded.differences


def assert_same_mission(database: Database, mission_id: str, told: list[Recorded[Event]]) -> None:
    assert asked(database, lambda found: questions.days(found, mission_id)) == days_view(told)
    for on in DATES[::3]:
        expected = mission_view(told, on)
        assert expected is not None
        assert asked(database, partial(questions.mission, mission_id=mission_id, on=on)) == expected
        assert expected in asked(database, partial(questions.missions, on=on, status=expected.status))
