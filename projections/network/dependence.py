"""How much a client depends on one cadre: how many of its functions the same person holds at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from projections.network.engagements import Engagement


class DependenceRow(NamedTuple):
    """That a client had one cadre for so many functions or more, from a date on."""

    client_id: str
    cadre_id: str
    functions: int
    from_on: date
    until_on: date | None
    missions: tuple[str, ...]
    """The missions, each with its first date and the first date after it: `2026-03-02 2026-06-01 M-1`."""


def dependences_of(engagements: Iterable[Engagement]) -> Iterator[DependenceRow]:
    """For each client and cadre: when the cadre held two functions, three and so on."""
    held: dict[tuple[str, str], list[_Charge]] = {}
    for engagement in engagements:
        for charge in _charges(engagement):
            held.setdefault((engagement.client_id, charge.cadre_id), []).append(charge)
    for (client_id, cadre_id), charges in held.items():
        for level in range(2, len({charge.function for charge in charges}) + 1):
            for begins, ends in _stretches(charges, level):
                missions = tuple(sorted(charge.dated for charge in charges if charge.overlaps(begins, ends)))
                yield DependenceRow(client_id, cadre_id, level, begins, ends, missions)


class _Charge(NamedTuple):
    """A cadre had a function, from a date to another."""

    mission_id: str
    cadre_id: str
    function: str
    from_on: date
    until_on: date | None

    def covers(self, on: date) -> bool:
        return self.from_on <= on and (self.until_on is None or on < self.until_on)

    def overlaps(self, begins: date, ends: date | None) -> bool:
        return (ends is None or self.from_on < ends) and (self.until_on is None or begins < self.until_on)

    @property
    def dated(self) -> str:
        """The mission's id with its dates before it."""
        return f"{self.from_on} {self.until_on or '-'} {self.mission_id}"


def _charges(engagement: Engagement) -> Iterator[_Charge]:
    ends = [from_on for from_on, _ in engagement.holders[1:]]
    for (from_on, cadre_id), until in zip(engagement.holders, [*ends, None], strict=True):
        for begins, stops in engagement.in_force((from_on, until)):
            yield _Charge(engagement.mission_id, cadre_id, engagement.function, begins, stops)


def _stretches(charges: Sequence[_Charge], level: int) -> Iterator[tuple[date, date | None]]:
    """When so many functions or more were held at once."""
    turns = sorted({charge.from_on for charge in charges} | {end for each in charges if (end := each.until_on)})
    begun: date | None = None
    for on in turns:
        enough = len({charge.function for charge in charges if charge.covers(on)}) >= level
        if enough and begun is None:
            begun = on
        elif not enough and begun is not None:
            yield begun, on
            begun = None
    if begun is not None:
        yield begun, None
