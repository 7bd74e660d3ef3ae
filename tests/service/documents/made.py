"""Dossiers made from histories in memory, without a database: of the sample year, or of a few facts."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar, cast

from domain.event import Event, Recorded
from domain.party.events import Language
from projections.invoices.invoices import INVOICES
from projections.read_model import Query
from service.documents.dossier_shapes import DossierAnswer
from service.documents.gathering import Wanted, gathered
from tests.projections.histories import Happened, recorded
from tests.sample_year import LAST_DAY, Streams, first_year

R = TypeVar("R", bound=tuple[object, ...])
T = TypeVar("T")


@dataclass(frozen=True)
class Memory:
    """History and accounts, folded where they are asked for."""

    streams: Streams

    async def stream(self, stream: str) -> Sequence[Recorded[Event]]:
        return self.streams.get(stream, ())

    async def rows(self, query: Query, row: type[R]) -> list[R]:
        assert row is INVOICES.row
        history = sorted((fact for facts in self.streams.values() for fact in facts), key=lambda fact: fact.position)
        asked = query.parameters
        found = [each for each in INVOICES.rows(history).values() if asked["mission_id"] in each.mission_ids]
        return cast("list[R]", [each for each in found if each.occurred_on <= cast("date", asked["on"])])

    async def ask(self, query: Query) -> Sequence[tuple[object, ...]]:
        raise NotImplementedError("nobody asks here what was known at another instant")


def dossier_of(
    mission_id: str, on: date = LAST_DAY, language: Language = Language.FRENCH, streams: Streams | None = None
) -> DossierAnswer:
    """A mission's dossier."""
    memory = Memory(streams or first_year())
    dossier = at_once(gathered(Wanted(mission_id, on, language=language), memory, memory))
    assert dossier is not None
    return dossier


def dossier_after(*facts: Happened, on: date, language: Language = Language.FRENCH) -> DossierAnswer:
    """The dossier of M-1 after a few facts."""
    streams: dict[str, list[Recorded[Event]]] = {}
    for fact in recorded(facts):
        streams.setdefault(fact.stream, []).append(fact)
    return dossier_of("M-1", on, language, streams)


def at_once(waiting: Coroutine[object, None, T]) -> T:
    """What comes of something that has nothing to wait for; a browser's tests have an event loop of their own."""
    try:
        waiting.send(None)
    except StopIteration as done:
        return cast("T", done.value)
    raise AssertionError("it waits for something")
