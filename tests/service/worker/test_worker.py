"""The worker follows history whatever breaks: nothing is lost, nothing is folded twice, and one leads at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from datetime import date
from threading import Event as Flag
from typing import NamedTuple

import psycopg
import pytest

from domain.event import Event, Recorded
from domain.mission.events import DayDelivered
from projections.missions import MISSIONS
from projections.read_model import Ledger, ReadModel, read_model
from service.projections.generations import Accounts, Action, MovedByAnother
from service.projections.progress import Mark, Progress, follow, marks_of, read, written
from service.projections.status import Health, ask, outcome_of, status, status_now
from service.store.keys import KeyStore
from service.worker import READ_MODELS, Worker
from tests.projections.histories import Happened, client, delivered, signed
from tests.servers import Database
from tests.service.worker.conftest import SOON, Workers, leading, reached
from tests.service.worker.recording import Recorder


def some_days(first: int, count: int) -> list[Happened]:
    return [delivered(f"D-{number}", date(2026, 3, 3)) for number in range(first, first + count)]


class SeenRow(NamedTuple):
    """An event that was folded."""

    position: int
    day_id: str


def watched(interrupt: Flag, database: Database) -> ReadModel:
    """A read model in whose middle the server hangs up, once."""

    def seen(recorded: Recorded[Event]) -> Iterable[SeenRow]:
        assert isinstance(recorded.event, DayDelivered)
        if recorded.event.day_id == "D-15" and not interrupt.is_set():
            interrupt.set()
            hang_up(database)
        yield SeenRow(recorded.position, recorded.event.day_id)

    return read_model("seen", 1, [Ledger("seen", SeenRow, handles=[DayDelivered], write=seen)])


def hang_up(database: Database) -> None:
    """Every connection of every worker is cut by the server."""
    with psycopg.connect(database.superuser_url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name LIKE 'relais worker%'"
        )


def seen_days(database: Database, table: str = "seen") -> list[str]:
    with psycopg.connect(database.reader_url) as connection:
        return [row[0] for row in connection.execute(f"SELECT day_id FROM rm.{table} ORDER BY 1".encode()).fetchall()]


def test_what_is_recorded_can_be_read(database: Database, history: Recorder, worker: Workers) -> None:
    running = worker()
    assert reached(running, history.record([client(), signed(), delivered()]))
    assert reached(running, history.record([delivered("D-2")]))
    assert seen_days(database, "mission_days") == ["D-1", "D-2"]
    assert running.is_alive


def test_a_worker_killed_in_the_middle_of_a_batch_loses_nothing_and_doubles_nothing(
    database: Database, history: Recorder, worker: Workers
) -> None:
    interrupted = Flag()
    head = history.record(some_days(10, 10))
    running = worker(models=[MISSIONS, watched(interrupted, database)])
    assert reached(running, head)
    assert interrupted.is_set()
    assert seen_days(database) == [f"D-{number}" for number in range(10, 20)]
    assert seen_days(database, "mission_days") == [f"D-{number}" for number in range(10, 20)]


HANGS_UP_ONCE = """
    CREATE SEQUENCE rm.moves;
    GRANT USAGE ON SEQUENCE rm.moves TO relais_app;
    CREATE FUNCTION rm.hang_up_once() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF nextval('rm.moves') = 1 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
        RETURN new;
    END $$;
    CREATE TRIGGER hang_up_once BEFORE UPDATE OF position ON rm.projection_generations
        FOR EACH ROW EXECUTE FUNCTION rm.hang_up_once();
"""


def test_a_worker_killed_between_its_rows_and_its_position_begins_the_batch_anew(
    database: Database, history: Recorder, worker: Workers
) -> None:
    running = worker()
    assert running.leading.wait(SOON)
    assert reached(running, history.record([signed()]))
    with psycopg.connect(database.superuser_url, autocommit=True) as connection:
        connection.execute(HANGS_UP_ONCE)
    assert reached(running, history.record(some_days(1, 5)))
    assert seen_days(database, "mission_days") == [f"D-{number}" for number in range(1, 6)]
    with psycopg.connect(database.app_url) as connection:
        assert {each.state for each in status(connection, READ_MODELS)} == {Health.SERVING}


def test_a_worker_finds_its_way_back_after_every_connection_was_cut(
    database: Database, history: Recorder, worker: Workers
) -> None:
    running = worker()
    assert reached(running, history.record(some_days(1, 3)))
    for number in range(4, 7):
        hang_up(database)
        assert reached(running, history.record(some_days(number, 1)))
    assert seen_days(database, "mission_days") == [f"D-{number}" for number in range(1, 7)]


def test_one_worker_leads_and_another_takes_over(database: Database, history: Recorder, worker: Workers) -> None:
    first = worker()
    assert first.leading.wait(SOON)
    second = worker()
    assert reached(first, history.record(some_days(1, 2)))
    assert not second.leading.is_set()
    first.stop()
    assert not first.is_alive
    assert second.leading.wait(SOON)
    assert reached(second, history.record(some_days(3, 2)))
    assert seen_days(database, "mission_days") == ["D-1", "D-2", "D-3", "D-4"]


def test_a_worker_that_waits_to_lead_can_be_stopped(history: Recorder, worker: Workers) -> None:
    assert worker().leading.wait(SOON)
    waiting = worker(take_over=SOON)
    waiting.stop()
    assert not waiting.is_alive


def test_without_a_bell_the_worker_looks_for_itself(database: Database, history: Recorder, keys: KeyStore) -> None:
    deaf = Worker(database.app_url, keys, poll=0.05)
    history.door.close()
    with psycopg.connect(database.app_url):
        deaf.start()
        try:
            assert deaf.leading.wait(SOON)
            assert reached(deaf, history.record(some_days(1, 1)))
            deaf.ring()
        finally:
            deaf.stop()


def test_a_worker_waits_for_a_database_that_is_not_there(keys: KeyStore) -> None:
    lost = Worker("postgresql://nobody@localhost:1/nowhere", keys, poll=0.01)
    lost.start()
    assert not lost.leading.wait(0.2)
    lost.stop()
    assert not lost.is_alive


def test_a_fault_of_our_own_is_said_and_tried_again(history: Recorder, worker: Workers) -> None:
    failures: list[int] = []

    def fail_once(_connection: object) -> None:
        if not failures:
            failures.append(1)
            raise RuntimeError

    running = worker(watch=fail_once, take_over=0.01)
    assert reached(running, history.record(some_days(1, 1)))
    assert failures == [1]


def test_two_leaders_at_once_cannot_move_the_same_model(database: Database, keys: KeyStore, history: Recorder) -> None:
    with leading(database, keys, [MISSIONS]) as one, leading(database, keys, [MISSIONS]) as other:
        one.work()
        generations = Accounts(other.connection).generations([MISSIONS])
        history.record([signed()])
        one.work()
        with pytest.raises(MovedByAnother):
            Accounts(other.connection).move(generations, [1])


def test_models_that_stand_apart_meet_and_go_on_together(database: Database, keys: KeyStore, history: Recorder) -> None:
    history.record(some_days(1, 5))
    with leading(database, keys, [MISSIONS]) as bench:
        bench.work()
    history.record(some_days(6, 5))
    with leading(database, keys, batch_size=100) as bench:
        bench.leader.work()
        assert [bench.status(model).position for model in READ_MODELS[:2]] == [5, 5]
        bench.work()
        assert {bench.status(model).lag for model in READ_MODELS} == {0}


def test_before_any_worker_every_model_is_missing(database: Database) -> None:
    async def stands() -> list[Health]:
        async with await psycopg.AsyncConnection.connect(database.reader_url) as connection:
            return [each.state for each in await status_now(connection, READ_MODELS)]

    assert asyncio.run(stands()) == [Health.MISSING] * len(READ_MODELS)


def test_a_model_that_no_worker_has_begun_is_missing_beside_the_others(database: Database, keys: KeyStore) -> None:
    with leading(database, keys, [MISSIONS]) as bench:
        bench.work()
        assert [bench.status(model).state for model in READ_MODELS[:2]] == [Health.SERVING, Health.MISSING]

        async def stands() -> list[Health]:
            async with await psycopg.AsyncConnection.connect(database.reader_url) as connection:
                return [each.state for each in await status_now(connection, [MISSIONS])]

        assert asyncio.run(stands()) == [Health.SERVING]


def test_an_operator_waits_for_the_answer_of_whichever_worker_leads(database: Database, worker: Workers) -> None:
    assert worker().leading.wait(SOON)
    with psycopg.connect(database.app_url, autocommit=True) as connection:
        number = ask(connection, Action.REBUILD, "missions")
    assert asyncio.run(outcome_of(database.app_url, number, SOON, every=0.01)) == "building generation 2"


def test_a_reader_waits_for_its_own_write_and_no_longer(history: Recorder, worker: Workers) -> None:
    running = worker()
    assert reached(running, history.record([signed()]))
    assert asyncio.run(running.progress.wait_until(1, 0.01, ["missions"]))
    assert not asyncio.run(running.progress.wait_until(99, 0.01))
    assert not asyncio.run(running.progress.wait_until(1, 0.01, ["weather"]))


def test_another_process_hears_how_far_the_read_models_are(
    database: Database, history: Recorder, worker: Workers
) -> None:
    worker()
    elsewhere = Progress()

    async def hear() -> bool:
        following = asyncio.create_task(follow(database.reader_url, elsewhere, every=0.2))
        first = await asyncio.to_thread(history.record, [signed()])
        heard = await elsewhere.wait_until(first, SOON, ["missions"])
        with psycopg.connect(database.superuser_url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'relais progress'"
            )
        second = await asyncio.to_thread(history.record, [delivered()])
        heard = heard and await elsewhere.wait_until(second, SOON, ["missions"])
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following
        return heard

    assert asyncio.run(hear())
    assert elsewhere.positions()["missions"] == 2


def test_before_the_first_worker_there_is_nothing_to_hear(database: Database) -> None:
    elsewhere = Progress()

    async def hear() -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(0.3):
                await follow(database.reader_url, elsewhere, every=0.05)

    asyncio.run(hear())
    assert elsewhere.positions() == {}


def test_old_news_of_a_generation_changes_nothing_and_a_new_generation_s_may_step_back() -> None:
    progress = Progress()
    progress.told({"missions": Mark(1, 5)})
    progress.told({"missions": Mark(1, 4)})
    assert progress.positions() == {"missions": 5}
    progress.told({"missions": Mark(2, 3)})
    assert progress.positions() == {"missions": 3}


def test_marks_travel_as_text() -> None:
    marks = {"missions": Mark(1, 5), "audit_trail": Mark(2, 7)}
    assert read(written(marks)) == marks
    assert marks_of([]) == {}
