"""How fast read models catch up with a long history: one alone, and all of them in one pass."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from time import perf_counter

import psycopg

from domain.mission import events as mission
from projections.read_model import ReadModel
from service.projections.leading import Leader
from service.projections.telling import History
from service.store.door import Door
from service.store.keys import KeyStore
from service.store.reader import Reader
from service.worker import READ_MODELS
from tests.projections.histories import Happened, approved, cadre, client, delivered, invoiced, of_mission, signed
from tests.servers import Database, cloned_database, running_server
from tests.service.worker.recording import Recorder


def long_history(events: int, missions: int = 200) -> Iterator[Happened]:
    """Missions in which days are worked, approved and invoiced, month after month, side by side."""
    yield client()
    yield cadre()
    for number in range(missions):
        yield signed(f"M-{number}")
    written, week = missions + 2, 0
    while written < events:
        for number in range(missions):
            ids = [f"D-{number}-{week}-{each}" for each in range(4)]
            first = date(2026, 3, 2) + timedelta(weeks=week % 400)
            for each, day_id in enumerate(ids):
                yield delivered(day_id, first + timedelta(days=each), mission_id=f"M-{number}")
            yield of_mission(approved(*ids), first, f"M-{number}")
            measured = mission.IndicatorMeasured(objective_id="O-1", value=Decimal(week), measured_on=first)
            yield of_mission(measured, first, f"M-{number}")
            yield of_mission(invoiced(*ids), first, f"M-{number}")
            written += 7
        week += 1


def caught_up(database: Database, keys: KeyStore, models: Sequence[ReadModel], batch_size: int = 5000) -> float:
    """Seconds to bring these read models from nothing to the end of history."""
    with psycopg.connect(database.app_url, autocommit=True) as connection:
        history = History(Reader(database.app_url), keys)
        leader = Leader(connection, models, history, batch_size=batch_size)
        started = perf_counter()
        while leader.work():
            pass
        seconds = perf_counter() - started
        for model in models:
            for table in model.tables:
                connection.execute(f"DROP VIEW rm.{table.name}".encode())
                connection.execute(f"DROP TABLE rm.{table.name}__g1".encode())
        connection.execute("TRUNCATE rm.projection_generations, rm.projection_parked")
        history.close()
    return seconds


def main(events: int = 50_000) -> None:
    with running_server() as server, cloned_database(server) as database:
        keys = KeyStore(database.keys_url, durable=False)
        with Door(database.app_url, durable=False) as door:
            started = perf_counter()
            head = Recorder(door, keys).record(long_history(events))
            sys.stdout.write(f"{head} events recorded in {perf_counter() - started:.1f} s\n")
        for models in [[each] for each in READ_MODELS] + [list(READ_MODELS)]:
            seconds = caught_up(database, keys, models)
            names = " + ".join(model.name for model in models)
            sys.stdout.write(f"{names}: {seconds:.2f} s, {head / seconds:,.0f} events/s\n")
        keys.close()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
