"""The peer: the same mission's days through the eventsourcing package as its manual shows it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from threading import Thread
from time import perf_counter
from typing import Any
from uuid import UUID, uuid4

import psycopg
from eventsourcing.application import Application
from eventsourcing.dispatch import singledispatchmethod
from eventsourcing.domain import Aggregate, event
from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from eventsourcing.utils import get_topic
from psycopg.conninfo import conninfo_to_dict
from typing_extensions import override

FIRST_DAY = date(2025, 1, 6)


class Mission(Aggregate):
    """A mission that takes days, as the package's manual writes an aggregate with explicit events."""

    class Signed(Aggregate.Created):
        """The mission begins."""

        client_id: str
        cadre_id: str
        title: str
        rate: str

    class DayDelivered(Aggregate.Event):
        """A day was worked."""

        day_id: str
        on: str
        quantity: str
        half: str
        place: str
        summary: str
        objective_ids: list[str]

    @event(Signed)
    def __init__(self, client_id: str, cadre_id: str, title: str, rate: str) -> None:
        self.client_id, self.cadre_id, self.title, self.rate = client_id, cadre_id, title, rate
        self.days: dict[str, tuple[str, str, str, str, Decimal]] = {}

    @event(DayDelivered)
    def deliver_day(
        self, day_id: str, on: str, quantity: str, half: str, place: str, summary: str, objective_ids: list[str]
    ) -> None:
        """Adds a day to the mission."""
        assert summary
        assert objective_ids
        self.days[day_id] = (on, half, place, self.cadre_id, Decimal(quantity))


class Missions(Application[UUID]):
    """Signs missions and delivers their days."""

    def sign(self) -> UUID:
        mission = new_mission()
        self.save(mission)
        return mission.id

    def deliver(self, mission_id: UUID, n: int) -> None:
        mission: Mission = self.repository.get(mission_id)
        mission.deliver_day(**day(n))
        self.save(mission)


def new_mission() -> Mission:
    """A mission with nothing but its signature."""
    return Mission(client_id="E-001", cadre_id="C-001", title="Direction financière à temps partagé", rate="85000")


def day(n: int) -> dict[str, Any]:
    """The n-th day of a mission, as many bytes as ours."""
    return {
        "day_id": f"D-{n:08d}-{uuid4().hex[:8]}",
        "on": (FIRST_DAY + timedelta(days=n)).isoformat(),
        "quantity": "0.5",
        "half": "am",
        "place": "on_site",
        "summary": "Clôture mensuelle et tableau de bord",
        "objective_ids": ["O1"],
    }


def environment(url: str) -> dict[str, str]:
    """The package's settings for a database, otherwise its defaults."""
    at = conninfo_to_dict(url)
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": str(at["dbname"]),
        "POSTGRES_HOST": str(at["host"]),
        "POSTGRES_PORT": str(at.get("port", "5432")),
        "POSTGRES_USER": str(at["user"]),
        "POSTGRES_PASSWORD": str(at.get("password", "none")),
        "POSTGRES_POOL_SIZE": "20",
    }


class DaysView(PostgresTrackingRecorder):
    """Days per mission: one upsert and one tracking row per event."""

    @override
    def _create_table(self, curs: Any) -> None:
        super()._create_table(curs)
        curs.execute("CREATE TABLE IF NOT EXISTS bench_days_view (mission uuid PRIMARY KEY, quantity numeric)")

    def add(self, mission: UUID, quantity: Decimal, tracking: Any) -> None:
        with self.datastore.transaction(commit=True) as curs:
            self._insert_tracking(curs, tracking=tracking)
            curs.execute(
                "INSERT INTO bench_days_view VALUES (%s, %s) "
                "ON CONFLICT (mission) DO UPDATE SET quantity = bench_days_view.quantity + excluded.quantity",
                (mission, quantity),
            )


class DaysProjection(Projection[DaysView]):
    """Feeds the view from the application's events."""

    name = "benchdays"
    topics = (get_topic(Mission.DayDelivered),)

    @override
    @singledispatchmethod
    def process_event(self, _: Any, tracking: Any) -> None:
        """Nothing to count."""

    @process_event.register
    def _(self, delivered: Mission.DayDelivered, tracking: Any) -> None:
        self.view.add(delivered.originator_id, Decimal(delivered.quantity), tracking)


def catch_up_rate(url: str, events: int) -> float:
    """Events per second of the package's ProjectionRunner over a history of so many events."""
    env = environment(url)
    with Missions(env=env) as missions:
        already = missions.recorder.max_notification_id() or 0
        while already < events:
            mission = new_mission()
            for n in range(min(100, events - already)):
                mission.deliver_day(**day(n))
            missions.save(mission)
            already = missions.recorder.max_notification_id() or 0
    _forget_view(url)
    with ProjectionRunner(
        application_class=Missions, projection_class=DaysProjection, view_class=DaysView, env=env
    ) as runner:
        started = perf_counter()
        runner.wait(already, timeout=600)
        return already / (perf_counter() - started)


def _forget_view(url: str) -> None:
    """The view is made from nothing each time."""
    with psycopg.connect(url, autocommit=True) as connection:
        tables = connection.execute(
            "select format('%I', tablename) from pg_tables where schemaname = 'public'"
            " and (tablename = 'bench_days_view' or tablename like '%tracking')"
        ).fetchall()
        for (table,) in tables:
            connection.execute(f"DROP TABLE {table}".encode())


def concurrently(work: list[Any]) -> float:
    """Runs one callable per thread until each has returned its count; operations per second over all."""
    counts = [0] * len(work)

    def run(index: int) -> None:
        counts[index] = work[index]()

    threads = [Thread(target=run, args=(i,)) for i in range(len(work))]
    started = perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (perf_counter() - started)
