"""(f) The same figures on a short and on a long history: what grows with history, and what does not."""

from __future__ import annotations

import resource
from contextlib import closing
from itertools import count
from time import perf_counter

import psycopg

from service.projections.leading import Leader
from service.projections.telling import History
from service.store.door import Append, Door
from service.store.keys import KeyStore
from service.store.reader import Reader
from service.worker import READ_MODELS
from tests.bench import appends, histories
from tests.bench.catching_up import forget_read_models
from tests.bench.report import Figure
from tests.bench.stage import Stage
from tests.bench.synthetic import days

GROUP = 500
_names = count(1)


def run(stage: Stage, sizes: tuple[int, ...]) -> list[Figure]:
    """Appends, commands, catching up and memory once history has so many events."""
    found: list[Figure] = []
    for size in sizes:
        _grow(stage, size)
        found += _at(stage, f"{size:,} events")
    return found


def _at(stage: Stage, size: str) -> list[Figure]:
    name = f"scale{next(_names)}"
    with histories.commands(stage) as service:
        ids = histories.missions(service, name, 60, 10)
    with appends.relais(stage) as app:
        one = appends.our_saves(app, 1)
    commands = appends.our_commands(stage, ids)
    events, seconds = _caught_up(stage)
    return [
        Figure(f"{size}: Application.save, 1 caller", f"{one:,.0f}/s"),
        Figure(f"{size}: command on 10 events", f"{commands:,.0f}/s"),
        Figure(f"{size}: all read models catch up", f"{events / seconds:,.0f} events/s ({seconds:.1f} s)"),
        Figure(
            f"{size}: largest memory of the process", f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB"
        ),
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
