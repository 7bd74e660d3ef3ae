"""The sample year as each stream's history, for the documents that are made of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache

from domain.event import Event, Recorded
from tests.journal_world import World, journal

LAST_DAY = date(2026, 1, 31)
Streams = Mapping[str, Sequence[Recorded[Event]]]


@lru_cache(maxsize=1)
def first_year() -> Streams:
    """All streams of the first year, by name; one that never began is empty."""
    streams: defaultdict[str, list[Recorded[Event]]] = defaultdict(list)
    for fact in World().run(journal("first-year")).network.recorded:
        streams[fact.stream].append(fact)
    return streams
