"""(a) Appends through Application.save, and whole commands, beside pgbench and the package."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from itertools import count
from time import perf_counter
from uuid import UUID

from domain.event import Actor, Role
from domain.mission.events import DayDelivered, Half, Place
from service.application import Fact, Relais
from service.store.record import Envelope
from tests.bench import histories, package
from tests.bench.measure import Series, interleave, ratio, spread
from tests.bench.report import Row
from tests.bench.stage import Stage

SLICE = 1.0
ENVELOPE = Envelope(actor=Actor(Role.CADRE, "C-001"), occurred_on=date(2026, 3, 3), correlation_id="bench")
_callers = count(1)


def for_a_slice(step: Callable[[], object]) -> Callable[[], int]:
    """Repeats a step for the length of a slice and counts."""

    def run() -> int:
        until, done = perf_counter() + SLICE, 0
        while perf_counter() < until:
            step()
            done += 1
        return done

    return run


def our_saves(app: Relais, callers: int) -> float:
    """Each caller adds days to a mission's stream of its own."""

    def caller() -> Callable[[], object]:
        number = next(_callers)
        versions = count(1)

        def step() -> None:
            version = next(versions)
            day = DayDelivered(
                day_id=f"D-{number}-{version}",
                date=date(2026, 3, 3),
                quantity=Decimal("0.5"),
                half=Half.AM,
                place=Place.ON_SITE,
                summary="Clôture mensuelle et tableau de bord",
                objective_ids=("O1",),
                cadre_id="C-001",
                exceptional=False,
            )
            app.save(
                Fact(f"mission:M-save-{number}", version, day, (f"cadre-day:C-{number}:{version}",)),
                envelope=ENVELOPE,
                command_id=f"http:bench:save-{number}-{version}",
                request_hash=b"h" * 32,
            )

        return step

    return package.concurrently([for_a_slice(caller()) for _ in range(callers)])


def their_saves(app: package.Missions, callers: int) -> float:
    """Each caller adds days to an aggregate that it holds in memory."""

    def caller() -> Callable[[], object]:
        mission, days = package.new_mission(), count(1)

        def step() -> None:
            mission.deliver_day(**package.day(next(days)))
            app.save(mission)

        return step

    return package.concurrently([for_a_slice(caller()) for _ in range(callers)])


def our_commands(stage: Stage, ids: Sequence[str]) -> float:
    """One command on each mission, by a service that has to read them all."""
    with histories.commands(stage) as service:
        service.execute(histories.measurement(ids[0], 0))  # connections are made
        started = perf_counter()
        for n, mission_id in enumerate(ids[1:]):
            service.execute(histories.measurement(mission_id, n))
        return (len(ids) - 1) / (perf_counter() - started)


def their_commands(app: package.Missions, ids: Sequence[UUID]) -> float:
    """The same through the package: get, trigger, save."""
    started = perf_counter()
    for n, mission_id in enumerate(ids):
        app.deliver(mission_id, n)
    return len(ids) / (perf_counter() - started)


def their_missions(app: package.Missions, how_many: int, events: int) -> list[UUID]:
    """Aggregates of so many events each."""
    ids = []
    for _ in range(how_many):
        mission = package.new_mission()
        for n in range(events - 1):
            mission.deliver_day(**package.day(n))
        app.save(mission)
        ids.append(mission.id)
    return ids


def run(fast: Stage, slow: Stage, rounds: int) -> list[Row]:
    """All figures of (a), as ratios within the rounds of one run."""
    return [*_saves(fast, rounds), *_whole_commands(fast, rounds), *_slow_disk(slow, rounds)]


def _saves(stage: Stage, rounds: int) -> list[Row]:
    with relais(stage) as ours, package.Missions(env=package.environment(stage.reference)) as theirs:
        series = interleave(
            {
                **{f"pgbench {c}": _bound(stage.pgbench.inserts_per_second, c) for c in (1, 4, 8, 16)},
                **{f"relais {c}": _bound(our_saves, ours, c) for c in (1, 8, 16, 32)},
                **{f"package {c}": _bound(their_saves, theirs, c) for c in (1, 8, 16)},
            },
            rounds,
        )
    rows = [
        _row(f"Application.save, {c} caller{'s' * (c > 1)}", series, f"relais {c}", f"pgbench {limit}", goal)
        for c, limit, goal in ((1, 1, 0.5), (8, 8, None), (16, 16, None), (32, 4, 1.0))
    ]
    rows += [
        _row(f"Application.save, {c} callers, to the package", series, f"relais {c}", f"package {c}")
        for c in (1, 8, 16)
    ]
    return rows + [_row(f"the package's save, {c}", series, f"package {c}", f"pgbench {c}") for c in (1, 8, 16)]


def _whole_commands(stage: Stage, rounds: int) -> list[Row]:
    with histories.commands(stage) as service:
        short = [histories.missions(service, f"short{n}", 120, 10) for n in range(rounds)]
        long = [histories.missions(service, f"long{n}", 20, 200) for n in range(rounds)]
    with package.Missions(env=package.environment(stage.reference)) as theirs:
        their_short, their_long = their_missions(theirs, 60, 10), their_missions(theirs, 10, 200)
        turns_short, turns_long = iter(short), iter(long)
        series = interleave(
            {
                "pgbench 1": _bound(stage.pgbench.inserts_per_second, 1),
                "relais 10": lambda: our_commands(stage, next(turns_short)),
                "relais 200": lambda: our_commands(stage, next(turns_long)),
                "package 10": _bound(their_commands, theirs, their_short),
                "package 200": _bound(their_commands, theirs, their_long),
            },
            rounds,
        )
    return [
        _row("command on 10 events, cold, 1 caller", series, "relais 10", "pgbench 1", 0.2),
        _row("the package's command on 10 events", series, "package 10", "pgbench 1"),
        _row("command on 10 events, to the package", series, "relais 10", "package 10"),
        _row("command on 200 events, to the package", series, "relais 200", "package 200", 8),
    ]


def _slow_disk(stage: Stage, rounds: int) -> list[Row]:
    with relais(stage) as ours, package.Missions(env=package.environment(stage.reference)) as theirs:
        series = interleave(
            {
                "pgbench 16": _bound(stage.pgbench.inserts_per_second, 16),
                "relais 16": _bound(our_saves, ours, 16),
                "package 16": _bound(their_saves, theirs, 16),
            },
            rounds,
        )
    return [
        _row("1 ms disk: Application.save, 16 callers", series, "relais 16", "pgbench 16", 0.6),
        _row("1 ms disk: the package's save, 16 callers", series, "package 16", "pgbench 16"),
    ]


def relais(stage: Stage) -> Relais:
    return Relais(env={"RELAIS_DATABASE_URL": stage.history, "RELAIS_KEYS_DATABASE_URL": stage.keys})


def _bound(measure: Callable[..., float], *arguments: object) -> Callable[[], float]:
    return lambda: measure(*arguments)


def _row(what: str, series: dict[str, Series], of: str, to: str, goal: float | None = None) -> Row:
    ours, theirs = series[of], series[to]
    return Row(what, of, ours.median, to, theirs.median, ratio(ours, theirs), *spread(ours, theirs), goal)
