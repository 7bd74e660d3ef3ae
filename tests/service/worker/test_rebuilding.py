"""Rebuilt equals lived: beside what serves, compared with it, switched to in one moment, and back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import date
from threading import Event as Pause
from time import monotonic

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.event import Event, Recorded
from domain.mission.events import ReviewHeld, ReviewKind
from projections.missions import MISSIONS
from projections.read_model import Fold, Query, ReadModel
from service.embedded import EmbeddedPostgres
from service.forgetting import Forgetting
from service.http.questions import Questions
from service.projections.generations import Action
from service.projections.status import Building, Health, ask, outcome
from service.store.door import Door
from service.store.keys import KeyStore
from service.store.opening import open_rows
from service.store.reader import Reader
from service.worker import READ_MODELS
from tests.projections.histories import (
    Happened,
    approved,
    cadre,
    client,
    delivered,
    forgotten,
    histories,
    of_mission,
    signed,
)
from tests.servers import Database, cloned_database
from tests.service.worker.conftest import Bench, leading
from tests.service.worker.recording import Recorder

NEWER = MISSIONS.version + 1
REVIEW = ReviewHeld(
    review_id="R-1",
    held_on=date(2026, 3, 9),
    kind=ReviewKind.MONTHLY,
    attendees=("Mme Moreau", "Le fournil va bien"),
    summary="Revue avec élise MOREAU",
)
LIFE = [client(), signed(), delivered(), delivered("D-2", date(2026, 3, 4)), of_mission(approved("D-1"))]


def asked(bench: Bench, action: Action, model: str = "missions") -> str | None:
    """What came of a request, once the leader has done it."""
    number = ask(bench.connection, action, model)
    bench.work()
    return outcome(bench.connection, number)


@contextmanager
def fresh(postgres: EmbeddedPostgres) -> Iterator[tuple[Database, KeyStore, Recorder]]:
    """A database for one history of many."""
    with cloned_database(postgres) as database:
        keys = KeyStore(database.keys_url, durable=False)
        with Door(database.app_url, durable=False) as door:
            yield database, keys, Recorder(door, keys)
        keys.close()


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=histories(most=40), batch_size=st.integers(1, 7))
def test_rebuilt_equals_lived_for_any_history(
    postgres: EmbeddedPostgres, history: list[Happened], batch_size: int
) -> None:
    with fresh(postgres) as (database, keys, recorder), leading(database, keys, READ_MODELS, batch_size) as bench:
        bench.work()
        for start in range(0, len(history), 9):
            recorder.record(history[start : start + 9])
            bench.work()
        for model in READ_MODELS:
            ask(bench.connection, Action.REBUILD, model.name)
        bench.work()
        for model in READ_MODELS:
            stands = bench.status(model)
            assert (stands.state, stands.lag) == (Health.SERVING, 0), stands
            assert (stands.generation or 0) >= 2, "more often where somebody was forgotten"
        reader = Reader(database.app_url)
        told = open_rows(reader.read_all(), reader, keys)
        reader.close()
        for model in READ_MODELS:
            assert_rows_are_the_fold(bench, model, told)


def assert_rows_are_the_fold(bench: Bench, model: ReadModel, history: list[Recorded[Event]]) -> None:
    """The tables hold what folding the events in memory gives."""
    for table in model.tables:
        if isinstance(table, Fold):
            assert bench.held(table) == sorted(table.rows(history).values(), key=str)


def test_a_rebuild_fills_its_own_tables_while_the_old_ones_serve(
    database: Database, keys: KeyStore, history: Recorder
) -> None:
    history.record(LIFE)
    with leading(database, keys, [MISSIONS], batch_size=2) as bench:
        bench.work()
        before = bench.rows("mission_days")
        ask(bench.connection, Action.REBUILD, "missions")
        bench.leader.work()
        assert bench.status(MISSIONS).beside == (Building(2, MISSIONS.version, 2, "building", None),)
        assert bench.rows("mission_days") == before
        bench.work()
        assert bench.rows("mission_days") == before
        assert bench.status(MISSIONS).beside == (Building(1, MISSIONS.version, 5, "retired", None),)


def test_a_switch_gives_way_to_a_reader_of_several_tables(
    database: Database, keys: KeyStore, history: Recorder
) -> None:
    first, *_, last = sorted(table.name for table in MISSIONS.tables)
    history.record(LIFE)
    with (
        leading(database, keys, [MISSIONS]) as bench,
        psycopg.connect(database.app_url) as reading,
        ThreadPoolExecutor(1) as thread,
    ):
        bench.work()
        ask(bench.connection, Action.REBUILD, "missions")
        reading.execute(f"SELECT * FROM rm.{last}".encode())
        working = thread.submit(bench.work)
        until_somebody_waits_for(database, last)
        reading.execute(f"SELECT * FROM rm.{first}".encode())
        reading.commit()
        working.result()
        assert bench.status(MISSIONS).generation == 2


def until_somebody_waits_for(database: Database, view: str) -> None:
    until_somebody_waits(database, "relation = %s::regclass", f"rm.{view}")


def until_somebody_waits(database: Database, what: str, *of: object) -> None:
    waiting = f"SELECT count(*) FROM pg_locks WHERE NOT granted AND {what}"
    give_up = monotonic() + 60
    with psycopg.connect(database.superuser_url, autocommit=True) as looking:
        while looking.execute(waiting.encode(), of).fetchone() == (0,):
            assert monotonic() < give_up, "nobody waits"
            Pause().wait(0.005)


def test_questions_about_one_moment_are_answered_from_tables_that_were_full_at_that_moment(
    database: Database, keys: KeyStore, history: Recorder
) -> None:
    held_up = Query("SELECT pg_advisory_lock_shared(%(number)s)", {"number": 42})
    days = Query("SELECT count(*) FROM rm.mission_days", {})

    async def counted() -> Sequence[Sequence[tuple[object, ...]]]:
        async with Questions(database.app_url) as questions:
            return await questions.together([held_up, days])

    history.record(LIFE)
    with (
        leading(database, keys, [MISSIONS]) as bench,
        psycopg.connect(database.app_url, autocommit=True) as holding,
        ThreadPoolExecutor(2) as threads,
    ):
        bench.work()
        holding.execute("SELECT pg_advisory_lock(42)")
        told = threads.submit(asyncio.run, counted())
        until_somebody_waits(database, "locktype = 'advisory' AND objid = 42")
        ask(bench.connection, Action.REBUILD, "missions")
        working = threads.submit(bench.work)
        until_somebody_waits(database, "locktype = 'advisory' AND objid <> 42")
        holding.execute("SELECT pg_advisory_unlock(42)")
        assert told.result()[1] == [(2,)]
        working.result()
        assert bench.status(MISSIONS).generation == 2


def test_a_newer_version_is_built_by_itself_and_then_serves(
    database: Database, keys: KeyStore, history: Recorder
) -> None:
    history.record(LIFE)
    with leading(database, keys, [MISSIONS]) as bench:
        bench.work()
    newer = replace(MISSIONS, version=MISSIONS.version + 1)
    with leading(database, keys, [newer], batch_size=2) as bench:
        bench.leader.work()
        assert bench.status(newer).state is Health.BEHIND
        history.record([delivered("D-3", date(2026, 3, 5))])
        bench.work()
        assert (bench.status(newer).version, bench.status(newer).state) == (newer.version, Health.SERVING)
        assert len(bench.rows("mission_days")) == 3


def test_an_older_release_leaves_a_newer_version_alone(database: Database, keys: KeyStore, history: Recorder) -> None:
    history.record(LIFE)
    newer = replace(MISSIONS, version=MISSIONS.version + 1)
    with leading(database, keys, [newer]) as bench:
        bench.work()
    history.record([delivered("D-3", date(2026, 3, 5))])
    with leading(database, keys, [MISSIONS]) as bench:
        bench.work()
        assert (bench.status(MISSIONS).state, bench.status(MISSIONS).lag) == (Health.BEHIND, 1)


def test_tables_that_changed_without_a_new_version_are_not_touched(
    database: Database, keys: KeyStore, history: Recorder
) -> None:
    history.record(LIFE)
    with leading(database, keys, [MISSIONS]) as bench:
        bench.work()
    changed = replace(MISSIONS, tables=MISSIONS.tables[:2])
    history.record([delivered("D-3", date(2026, 3, 5))])
    with leading(database, keys, [changed]) as bench:
        bench.work()
        assert (bench.status(changed).state, bench.status(changed).lag) == (Health.CHANGED, 1)


def test_rows_that_differ_under_the_same_version_are_refused_and_counted(
    database: Database, keys: KeyStore, history: Recorder
) -> None:
    history.record(LIFE)
    with leading(database, keys, [MISSIONS]) as bench:
        bench.work()
        bench.connection.execute("UPDATE rm.mission_days__g1 SET quantity = 9 WHERE day_id = 'D-1'")
        bench.connection.execute("DELETE FROM rm.mission_days__g1 WHERE day_id = 'D-2'")
        assert asked(bench, Action.REBUILD) == "building generation 2"
        assert bench.status(MISSIONS).generation == 1
        assert bench.status(MISSIONS).beside == (Building(2, MISSIONS.version, 5, "refused", "mission_days:2+1"),)
        assert asked(bench, Action.REBUILD) == "building generation 3"
        assert [each.generation for each in bench.status(MISSIONS).beside] == [3]


def test_a_generation_can_be_gone_back_to_and_catches_up(database: Database, keys: KeyStore, history: Recorder) -> None:
    history.record(LIFE)
    with leading(database, keys, [MISSIONS]) as bench:
        bench.work()
        asked(bench, Action.REBUILD)
        history.record([delivered("D-3", date(2026, 3, 5))])
        bench.work()
        assert asked(bench, Action.ROLLBACK) == "generation 1 serves"
        assert (bench.status(MISSIONS).generation, bench.status(MISSIONS).lag) == (1, 0)
        assert len(bench.rows("mission_days")) == 3
        asked(bench, Action.REBUILD)
        assert bench.status(MISSIONS).beside == (Building(1, MISSIONS.version, 6, "retired", None),)


def test_without_a_generation_to_go_back_to_nothing_changes(database: Database, keys: KeyStore) -> None:
    with leading(database, keys, [MISSIONS]) as bench:
        bench.work()
        assert asked(bench, Action.ROLLBACK) == "nothing_to_go_back_to"
        assert asked(bench, Action.REBUILD, "weather") == "unknown_model"


def test_a_model_that_loses_a_table_loses_its_view(database: Database, keys: KeyStore, history: Recorder) -> None:
    history.record(LIFE)
    with leading(database, keys, [MISSIONS]) as bench:
        bench.work()
    newer = replace(MISSIONS, version=MISSIONS.version + 1, tables=MISSIONS.tables[:2])
    with leading(database, keys, [newer]) as bench:
        bench.work()
        with pytest.raises(psycopg.errors.UndefinedTable):
            bench.rows("parties")


def test_a_rebuild_begun_anew_gives_up_the_one_before(database: Database, keys: KeyStore, history: Recorder) -> None:
    history.record(LIFE)
    with leading(database, keys, [MISSIONS], batch_size=1) as bench:
        bench.work()
        ask(bench.connection, Action.REBUILD, "missions")
        bench.leader.work()
        assert asked(bench, Action.REBUILD) == "building generation 3"
        assert bench.status(MISSIONS).generation == 3


def test_the_words_of_who_is_forgotten_leave_the_tables_and_a_rebuild_agrees(
    database: Database, keys: KeyStore, history: Recorder
) -> None:
    history.record(LIFE)
    with leading(database, keys) as bench:
        bench.work()
        assert "Boulangerie" in str(bench.rows("audit_trail"))
        history.record([forgotten("client:E-1")])
        bench.work()
        everything = [row for model in READ_MODELS for table in model.tables for row in bench.rows(table.name)]
        assert "Boulangerie" not in str(everything)
        assert "Jeanne" not in str(everything)
        keys.erase("client:E-1")
        for model in READ_MODELS:
            ask(bench.connection, Action.REBUILD, model.name)
        bench.work()
        assert {each.state for model in READ_MODELS for each in bench.status(model).beside} <= {"retired"}
        assert all(bench.status(model).is_healthy for model in READ_MODELS)


def test_words_that_were_erased_one_by_one_leave_the_tables_and_nothing_is_kept_that_had_them(
    database: Database, keys: KeyStore, history: Recorder
) -> None:
    history.record([*LIFE, cadre("C-1", "Élise Moreau"), of_mission(REVIEW)])
    with leading(database, keys) as bench, closing(Forgetting(database.app_url, keys, durable=False)) as forgetting:
        bench.work()
        asked(bench, Action.REBUILD)
        assert "Moreau" in str(bench.rows("audit_trail")), "a review names the cadre"
        history.record([forgotten("cadre:C-1")])
        forgetting.forget("cadre:C-1")
        bench.work()
        assert "Moreau" not in str(_all_rows(database))
        assert "Le fournil va bien" in str(_all_rows(database))
        assert [each for model in READ_MODELS for each in bench.status(model).beside] == []
        assert bench.status(MISSIONS).is_healthy
        generation = bench.status(MISSIONS).generation
        bench.work()
        assert bench.status(MISSIONS).generation == generation, "once is enough"


def test_a_forgetting_that_a_crash_cut_short_is_carried_out_by_the_worker(
    database: Database, keys: KeyStore, history: Recorder
) -> None:
    history.record([*LIFE, cadre("C-1", "Élise Moreau"), of_mission(REVIEW)])
    with closing(Forgetting(database.app_url, keys, durable=False)) as forgetting:
        with leading(database, keys, forget=forgetting.carry_out) as bench:
            bench.work()
            history.record([forgotten("cadre:C-1")])
            assert forgetting.findings("cadre:C-1").mentions
            bench.work()
            assert keys.stream_secrets(["cadre:C-1"])["cadre:C-1"].key is None
            assert "Moreau" not in str(_all_rows(database))
        assert "Le fournil va bien" in str(_all_rows(database))


def test_who_is_forgotten_does_not_live_on_in_a_generation_kept_for_a_rollback(
    database: Database, keys: KeyStore, history: Recorder
) -> None:
    history.record(LIFE)
    with leading(database, keys, [MISSIONS]) as bench:
        bench.work()
        asked(bench, Action.REBUILD)
        assert [each.state for each in bench.status(MISSIONS).beside] == ["retired"]
        history.record([forgotten("client:E-1")])
        bench.work()
        assert bench.status(MISSIONS).beside == ()
    history.record([forgotten("cadre:C-1")])
    with leading(database, keys, [replace(MISSIONS, version=MISSIONS.version + 1)]) as bench:
        bench.work()
        assert bench.status(MISSIONS).beside == ()


def test_the_reader_s_role_may_read_what_serves(database: Database, keys: KeyStore, history: Recorder) -> None:
    history.record(LIFE)
    with leading(database, keys) as bench:
        bench.work()
        asked(bench, Action.REBUILD)
    with psycopg.connect(database.reader_url) as connection:
        assert connection.execute("SELECT count(*) FROM rm.mission_days").fetchone() == (2,)


def _all_rows(database: Database) -> list[str]:
    """Every row of every table beside history, whether it serves or not."""
    with psycopg.connect(database.superuser_url) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'rm'").fetchall()
        return [str(row) for (table,) in tables for row in connection.execute(f"SELECT * FROM rm.{table}".encode())]
