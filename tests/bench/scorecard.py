"""(h) The network's scorecard and signals beside one indexed read on the same server, on a short and a long history."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from tests.bench import serving
from tests.bench.growing import Growth
from tests.bench.measure import interleave, ratio, spread
from tests.bench.report import Row
from tests.bench.stage import SERVER, Stage, stage

ONE_READ = "/missions/{}"
"""A mission by its id: one row by its key."""
ASKED = {
    "the signals that stand, a page of 20": "/network/alerts?limit=20",
    "the signals that stand, a page of 100": "/network/alerts?limit=100",
    "the scorecard": "/network/indicators",
    "the signals as of a past date": "/network/alerts?as_of={past}&limit=100",
    "the scorecard as of a past date": "/network/indicators?as_of={past}",
}
PAST = {10_000: "2021-09-20"}
LONG_AGO = "2024-06-30"
CALLERS = 1


def run(folder: Path, sizes: Sequence[int], rounds: int, grown: Path | None = None) -> Iterator[Row]:
    """At each size the same server answers all of them, in turns."""
    for size in sizes:
        place = folder / str(size)
        if grown is not None and size == max(sizes):
            shutil.copytree(grown, place, symlinks=True)
        with stage(place, SERVER) as on:
            Growth().until(on.history, on.keys, size)
            yield from _beside_one_read(on, size, rounds)


def _beside_one_read(on: Stage, size: int, rounds: int) -> Iterator[Row]:
    past = PAST.get(size, LONG_AGO)
    with serving.relais_on(on) as served:
        asked = {what: path.replace("{past}", past) for what, path in ASKED.items()}
        series = interleave(
            {what: partial(served.gets, path, CALLERS) for what, path in {"one": ONE_READ, **asked}.items()}, rounds
        )
    for what in asked:
        yield Row(
            f"{size:,} events: {what}",
            "GET",
            series[what].median,
            "GET of a mission",
            series["one"].median,
            ratio(series[what], series["one"]),
            *spread(series[what], series["one"]),
        )
