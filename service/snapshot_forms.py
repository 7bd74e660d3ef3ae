"""How what a stream adds up to is written in a snapshot: as JSON, and so that it is quick to read again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from itertools import groupby
from typing import Any, Final, Generic, TypeVar

from pydantic import TypeAdapter

from domain.billing.series import Series
from domain.event import State
from domain.mission.state import Day, Mission

S = TypeVar("S", bound=State)
W = TypeVar("W")

OWN: Final = ("day_id", "date")
SHARED: Final = tuple(field.name for field in fields(Day) if field.name not in OWN)


@dataclass(frozen=True)
class AlikeDays:
    """Days one after the other that differ in nothing but id and date, as those of one invoice mostly do."""

    first: Day
    dates: dict[str, date]


@dataclass(frozen=True)
class WrittenMission:
    """A mission beside its days: a mission of years has thousands of them, and nearly all are alike."""

    without_days: Mission
    days: tuple[AlikeDays, ...]


@dataclass(frozen=True)
class Form(Generic[S, W]):
    """What is written of one kind of stream, and how it is what was."""

    written: TypeAdapter[W]
    write: Callable[[S], W]
    read: Callable[[W], S]

    def dumped(self, state: S) -> bytes:
        """The state as JSON."""
        return self.written.dump_json(self.write(state), by_alias=True)

    def loaded(self, data: bytes) -> S:
        """The state again; a ValidationError where it is no such JSON."""
        return self.read(self.written.validate_json(data))


def _written(mission: Mission) -> WrittenMission:
    alike = (list(days) for _, days in groupby(mission.days.values(), key=_shared))
    return WrittenMission(
        without_days=replace(mission, days={}),
        days=tuple(AlikeDays(days[0], {day.day_id: day.date for day in days}) for days in alike),
    )


def _read(written: WrittenMission) -> Mission:
    return replace(written.without_days, days=dict(_days(written.days)))


def _days(written: Iterable[AlikeDays]) -> Iterable[tuple[str, Day]]:
    for alike in written:
        shared = _shared(alike.first)
        for day_id, on in alike.dates.items():
            yield day_id, Day(day_id, on, *shared)


def _shared(day: Day) -> tuple[Any, ...]:
    return tuple(getattr(day, name) for name in SHARED)


def _as_it_is(series: Series) -> Series:
    return series


_SERIES: Final = Form(TypeAdapter(Series), _as_it_is, _as_it_is)
FORMS: Final[Mapping[str, Form[Any, Any]]] = {
    "mission": Form(TypeAdapter(WrittenMission), _written, _read),
    "invoices": _SERIES,
    "credit-notes": _SERIES,
}
"""The kinds of stream that go on for years. A party's is short and holds what stands for personal words: never kept."""
