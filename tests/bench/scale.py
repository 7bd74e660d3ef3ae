"""(f) The same figures on a short and on a long history, turn by turn: what grows with history, and what does not."""

from __future__ import annotations

import os
import subprocess
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path
from time import perf_counter
from typing import Generic, NamedTuple, TypeAlias, TypeVar

from tests.bench import appends, histories, lag, package, serving
from tests.bench.alone import caught_up
from tests.bench.catching_up import PEER_EVENTS
from tests.bench.growing import Growth
from tests.bench.measure import Series, interleave, ratio, spread
from tests.bench.processor import server_of, spent_by
from tests.bench.report import Figure, Row
from tests.bench.stage import SERVER, Stage, stage

READS = {
    "a mission": "/missions/{}",
    "its days": "/missions/{}/days?limit=50",
    "its audit trail, a page": "/missions/{}/audit-trail?limit=50",
    "missions, a page": "/missions?limit=20",
    "invoices, a page": "/invoices?limit=20",
    "payments, a page": "/payments?limit=20",
    "the reconciliation of a month, a page": "/billing/reconciliation?month=2021-10&limit=20",
    "the feed's last events": "/events?after={head}&limit=50",
}
"""What is read over HTTP at either size; the mission has ten events."""
CALLERS = 8
_names = count(1)
T_co = TypeVar("T_co", covariant=True)
Measure: TypeAlias = Callable[[], float]


def run(folder: Path, sizes: tuple[int, ...], rounds: int, grown: Path | None = None) -> list[Row | Figure]:
    """Each figure at the largest size beside the same at the smallest, within each round."""
    with ExitStack() as stack:
        stages = {}
        for size in sizes:
            place = folder / str(size)
            if grown is not None and size == max(sizes):
                folder.mkdir(mode=0o755, exist_ok=True)
                subprocess.run(["cp", "-a", grown, place], check=True)  # with its owners: the server is not root's
            stages[size] = stack.enter_context(stage(place, SERVER))
            Growth().until(stages[size].history, stages[size].keys, size)
        short, long = min(sizes), max(sizes)
        found = [*_catching_up(stages[short], stages[long]), *_writing(stages[short], stages[long], rounds)]
        found += [
            replace(each, what=f"{size:,} events: {each.what}") for size in sizes for each in lag.run(stages[size])
        ]
        return [*found, *_reading(stages[short], stages[long], rounds), *_of_the_package(stages[short])]


def _catching_up(short: Stage, long: Stage) -> list[Row | Figure]:
    """All read models from nothing, in a process of their own each, to the end of either history."""
    few, many = (caught_up(each.history, each.keys) for each in (short, long))
    return [
        Figure("all read models catch up from nothing", f"{many.events:,} events in {many.seconds:.0f} s"),
        _row("catching up, events", Series([many.rate]), Series([few.rate])),
        _row("catching up, events by processor time of the worker", Series([many.cpu_rate]), Series([few.cpu_rate])),
        _row("largest memory of the worker", Series([many.megabytes]), Series([few.megabytes]), " MB"),
    ]


def _writing(short: Stage, long: Stage, rounds: int) -> Iterator[Row]:
    with appends.relais(short) as few, appends.relais(long) as many:
        measures: dict[str, _Pair[Measure]] = {
            "Application.save, 1 caller": _Pair(
                partial(appends.our_saves, many, 1), partial(appends.our_saves, few, 1)
            ),
            "Application.save, 16 callers": _Pair(
                partial(appends.our_saves, many, 16), partial(appends.our_saves, few, 16)
            ),
            "command on 10 events, cold": _Pair(_commands(long, rounds), _commands(short, rounds)),
        }
        ours = os.getpid()
        at_work = _Pair((ours, server_of(long.superuser)), (ours, server_of(short.superuser)))
        yield from _turn_by_turn(measures, at_work, rounds)


def _commands(on: Stage, rounds: int) -> Measure:
    """Each round has missions of its own that nobody has read yet."""
    with histories.commands(on) as service:
        fresh = iter([histories.missions(service, f"scale{next(_names)}", 60, 10) for _ in range(rounds)])
    return lambda: appends.our_commands(on, next(fresh))


def _reading(short: Stage, long: Stage, rounds: int) -> Iterator[Row]:
    """Over HTTP, with the worker at work beside, and what that takes of memory."""
    with serving.relais_on(short) as few, serving.relais_on(long) as many:
        measures: dict[str, _Pair[Measure]] = {
            "POST of a command": _Pair(partial(many.posts, CALLERS), partial(few.posts, CALLERS))
        }
        measures |= {
            f"GET {what}": _Pair(partial(many.gets, path, CALLERS), partial(few.gets, path, CALLERS))
            for what, path in READS.items()
        }
        at_work = _Pair(
            (many.process, server_of(long.superuser)),
            (few.process, server_of(short.superuser)),
        )
        yield from _turn_by_turn(measures, at_work, rounds)
    yield _row("largest memory of serve and its worker", Series([many.megabytes]), Series([few.megabytes]), " MB")


class _Pair(NamedTuple, Generic[T_co]):
    """The same of either history."""

    long: T_co
    short: T_co


def _turn_by_turn(
    measures: Mapping[str, _Pair[Measure]], at_work: _Pair[tuple[int, ...]], rounds: int
) -> Iterator[Row]:
    """By the clock, and by the processor time of the service and its database, which neighbours do not change."""
    costs: dict[tuple[str, str], Series] = defaultdict(Series)

    def noted(what: str, size: str, measure: Measure, processes: tuple[int, ...]) -> float:
        spent, started = spent_by(*processes), perf_counter()
        rate = measure()
        seconds = perf_counter() - started
        costs[what, size].rates.append(rate * seconds / (spent_by(*processes) - spent))
        return rate

    turns = {
        (what, size): partial(noted, what, size, getattr(pair, size), getattr(at_work, size))
        for what, pair in measures.items()
        for size in _Pair._fields
    }
    series = interleave(turns, rounds)
    for what in measures:
        yield _row(what, series[what, "long"], series[what, "short"])
        yield _row(f"{what}, by processor time", costs[what, "long"], costs[what, "short"])


def _row(what: str, long: Series, short: Series, unit: str = "/s") -> Row:
    return Row(
        what, "long", long.median, "short", short.median, ratio(long, short), *spread(long, short), goal=1.0, unit=unit
    )


def _of_the_package(on: Stage) -> Sequence[Figure]:
    """The package's, on as short a history of its own."""
    with package.Missions(env=package.environment(on.reference)) as theirs:
        saves = {callers: appends.their_saves(theirs, callers) for callers in (1, 16)}
        commands = appends.their_commands(theirs, appends.their_missions(theirs, 60, 10))
    catching_up = package.catch_up_rate(on.reference, PEER_EVENTS)
    return [
        *(Figure(f"the package's save, {callers} callers", f"{rate:,.0f}/s") for callers, rate in saves.items()),
        Figure("the package's command on 10 events", f"{commands:,.0f}/s"),
        Figure("the package's runner catches up, one view", f"{catching_up:,.0f} events/s"),
    ]
