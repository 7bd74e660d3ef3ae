"""(c) From a command's commit to its visibility in the read models, at a steady rate of events."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from threading import Event as Signal
from threading import Thread
from time import monotonic

import psycopg

from service import working_beside
from service.projections.progress import PROGRESS_CHANNEL, read
from service.store.door import Append, Door, NewEvent
from service.store.keys import KeyStore
from service.store.reader import Reader
from tests.bench.measure import percentile
from tests.bench.report import Figure
from tests.bench.stage import Stage
from tests.bench.synthetic import days

RATE = 1000
SECONDS = 5


def run(stage: Stage) -> list[Figure]:
    """p50 and p99 in milliseconds, and how many events were never seen."""
    with closing(Reader(stage.history)) as reader:
        before = reader.head()
    with _worker_beside(stage):
        seen: list[tuple[float, int]] = []
        done = Signal()
        watcher = Thread(target=_watch, args=(stage.history, before, seen, done))
        watcher.start()
        committed = _write(stage, before, seen)
        watcher_deadline = monotonic() + 10
        while (not seen or seen[-1][1] < committed[-1][1]) and monotonic() < watcher_deadline:
            done.wait(0.01)
        done.set()
        watcher.join()
    return _figures(committed, seen)


@contextmanager
def _worker_beside(stage: Stage) -> Iterator[None]:
    """The worker in a process of its own, as `relais serve` starts it: it ends with its input."""
    command = [sys.executable, "-m", working_beside.__name__]
    where = {**os.environ, working_beside.HISTORY: stage.history, working_beside.KEYS: stage.keys}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, env=where):
        yield


def _figures(committed: list[tuple[float, int]], seen: list[tuple[float, int]]) -> list[Figure]:
    delays, index = [], 0
    for instant, position in committed:
        while index < len(seen) and seen[index][1] < position:
            index += 1
        if index < len(seen):
            delays.append(max(0.0, (seen[index][0] - instant) * 1000))
    rate = len(committed) / (committed[-1][0] - committed[0][0])
    return [
        Figure(f"commit to visible at {rate:,.0f} events/s, p50", f"{percentile(delays, 0.5):.1f} ms"),
        Figure(f"commit to visible at {rate:,.0f} events/s, p99", f"{percentile(delays, 0.99):.1f} ms", "10 ms"),
        Figure("events never seen", str(len(committed) - len(delays)), "0"),
    ]


def _write(stage: Stage, before: int, seen: list[tuple[float, int]]) -> list[tuple[float, int]]:
    """One event a millisecond through the door, once the worker is at work; the instant of each commit."""
    committed: list[tuple[float, int]] = []
    with closing(KeyStore(stage.keys)) as keys, closing(Door(stage.history)) as door:
        events: list[NewEvent] = days(keys, f"lag-{before}", RATE * SECONDS)
        pace = Signal()
        [probe] = door.append(Append(days(keys, f"probe-{before}", 1))).positions
        while not seen or seen[-1][1] < probe:
            pace.wait(0.05)
        begin = monotonic()
        for n, event in enumerate(events):
            pace.wait(max(0.0, begin + n / RATE - monotonic()))
            outcome = door.append(Append([event]))
            committed.append((monotonic(), outcome.positions[-1]))
    return committed


def _watch(history: str, before: int, seen: list[tuple[float, int]], done: Signal) -> None:
    with psycopg.connect(history, autocommit=True) as connection:
        connection.execute(f"LISTEN {PROGRESS_CHANNEL}".encode())
        slowest = before
        while not done.is_set():
            for notify in connection.notifies(timeout=0.05):
                slowest = min(mark.position for mark in read(notify.payload).values())
                seen.append((monotonic(), slowest))
