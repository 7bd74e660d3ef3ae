"""(e) Folding a stream of 500 events: from stored bytes to a mission, ours and the package's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from time import thread_time

from eventsourcing.application import project_aggregate
from eventsourcing.persistence import StoredEvent

from domain.catalogue import read_event, stored_topic
from domain.deciding import fold_stream
from domain.mission.events import DayDelivered, Half, Place
from service.store.sealing import seal_fields
from tests.bench import package
from tests.bench.measure import interleave, ratio, spread
from tests.bench.report import Row
from tests.bench.stage import Stage
from tests.examples import EXAMPLES

EVENTS = 500
REPEATS = 5


def run(stage: Stage, rounds: int) -> list[Row]:
    """Events folded per second of processor time."""
    ours = _our_stream()
    with package.Missions(env=package.environment(stage.reference)) as app:
        mission = package.new_mission()
        for n in range(EVENTS - 1):
            mission.deliver_day(**package.day(n))
        theirs = [app.mapper.to_stored_event(each) for each in mission.collect_events()]
        series = interleave(
            {
                "relais": lambda: _rate(lambda: _fold_ours(ours)),
                "package": lambda: _rate(lambda: _fold_theirs(app, theirs)),
            },
            rounds,
        )
    mine, peers = series["relais"], series["package"]
    return [
        Row(
            f"folding {EVENTS} events",
            "relais",
            mine.median,
            "package",
            peers.median,
            ratio(mine, peers),
            *spread(mine, peers),
            5,
        )
    ]


def _rate(fold: Callable[[], object]) -> float:
    started = thread_time()
    for _ in range(REPEATS):
        fold()
    return REPEATS * EVENTS / (thread_time() - started)


def _our_stream() -> list[tuple[str, bytes]]:
    stream, key = "mission:M-fold", b"k" * 32
    signed = EXAMPLES["mission.signed"]
    days = (
        DayDelivered(
            day_id=f"D-{n}",
            date=date(2025, 1, 6) + timedelta(days=n),
            quantity=Decimal("0.5"),
            half=Half.AM,
            place=Place.ON_SITE,
            summary="Clôture mensuelle et tableau de bord",
            objective_ids=("O1",),
            cadre_id="C-001",
        )
        for n in range(EVENTS - 1)
    )
    return [
        (stored_topic(type(event)), seal_fields(event, stream, version, key)[0])
        for version, event in enumerate((signed, *days), 1)
    ]


def _fold_ours(stored: list[tuple[str, bytes]]) -> object:
    return fold_stream("mission:M-fold", None, (read_event(topic, state) for topic, state in stored))


def _fold_theirs(app: package.Missions, stored: list[StoredEvent]) -> object:
    return project_aggregate(None, map(app.mapper.to_domain_event, stored))
