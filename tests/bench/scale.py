"""(f) The same figures on a short and on a long history: what grows with history, and what does not."""

from __future__ import annotations

import resource
from contextlib import closing
from dataclasses import replace
from itertools import count
from time import perf_counter

import psycopg

from service.projections.leading import Leader
from service.projections.telling import History
from service.store.door import Append, Door
from service.store.keys import KeyStore
from service.store.reader import Reader
from service.worker import READ_MODELS
from tests.bench import appends, histories, lag, package, serving
from tests.bench.catching_up import PEER_EVENTS, forget_read_models
from tests.bench.report import Figure, Row
from tests.bench.stage import Stage
from tests.bench.synthetic import days

GROUP = 500
_names = count(1)


def run(stage: Stage, sizes: tuple[int, ...]) -> list[Row | Figure]:
    """The figures of the other sections once history has so many events; the package's at the first size only."""
    found: list[Row | Figure] = []
    for size in sizes:
        _grow(stage, size)
        found += [
            replace(each, what=f"{size:,} events: {each.what}") for each in _at(stage, with_package=size == sizes[0])
        ]
    return found


def _at(stage: Stage, *, with_package: bool) -> list[Row | Figure]:
    name = f"scale{next(_names)}"
    with histories.commands(stage) as service:
        ids = histories.missions(service, name, 60, 10)
    with appends.relais(stage) as app:
        saves = {callers: appends.our_saves(app, callers) for callers in (1, 16)}
    commands = appends.our_commands(stage, ids)
    events, seconds = _caught_up(stage)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return [
        *(Figure(f"Application.save, {callers} callers", f"{rate:,.0f}/s") for callers, rate in saves.items()),
        Figure("command on 10 events", f"{commands:,.0f}/s"),
        Figure("all read models catch up", f"{events / seconds:,.0f} events/s ({seconds:.1f} s)"),
        Figure("largest memory of the process", f"{memory} MB"),
        *lag.run(stage),
        *serving.run(stage, 1),
        *(_of_the_package(stage) if with_package else ()),
    ]


def _of_the_package(stage: Stage) -> list[Figure]:
    with package.Missions(env=package.environment(stage.reference)) as theirs:
        saves = {callers: appends.their_saves(theirs, callers) for callers in (1, 16)}
        commands = appends.their_commands(theirs, appends.their_missions(theirs, 60, 10))
    catching_up = package.catch_up_rate(stage.reference, PEER_EVENTS)
    return [
        *(Figure(f"the package's save, {callers} callers", f"{rate:,.0f}/s") for callers, rate in saves.items()),
        Figure("the package's command on 10 events", f"{commands:,.0f}/s"),
        Figure("the package's runner catches up, one view", f"{catching_up:,.0f} events/s"),
    ]


def _grow(stage: Stage, size: int) -> None:
    with (
        closing(KeyStore(stage.keys)) as keys,
        closing(Door(stage.history)) as door,
        closing(Reader(stage.history)) as reader,
    ):
        while (missing := size - reader.head()) > 0:
            fresh = days(keys, f"grow{reader.head()}", min(missing, 20_000))
            for first in range(0, len(fresh), GROUP):
                door.append(Append(fresh[first : first + GROUP]))


def _caught_up(stage: Stage) -> tuple[int, float]:
    with (
        psycopg.connect(stage.history, autocommit=True) as connection,
        closing(KeyStore(stage.keys)) as keys,
        closing(History(Reader(stage.history), keys)) as history,
    ):
        forget_read_models(connection)
        leader = Leader(connection, READ_MODELS, history)
        started = perf_counter()
        while leader.work():
            pass
        return history.head(), perf_counter() - started
