"""How what a stream adds up to is written in a snapshot: as JSON, and so that it is quick to read again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from functools import cached_property
from itertools import groupby
from typing import Any, ClassVar, Final, Generic, TypeVar

from pydantic import ConfigDict, TypeAdapter
from typing_extensions import override

from domain.billing.series import Series
from domain.event import State
from domain.mission.state import SETTLED, Day, Days, Mission

S = TypeVar("S", bound=State)
W = TypeVar("W")

OWN: Final = ("day_id", "date")
SHARED: Final = tuple(each.name for each in fields(Day) if each.name not in OWN)


@dataclass(frozen=True)
class AlikeDays:
    """Days one after the other that differ in nothing but id and date, as those of one invoice mostly do."""

    first: Day
    dates: dict[str, date]


@dataclass(frozen=True)
class WrittenMission:
    """A mission beside its days: a mission of years has thousands of them, and nearly all are settled and alike."""

    __pydantic_config__: ClassVar = ConfigDict(arbitrary_types_allowed=True)

    without_days: Mission
    unsettled: tuple[AlikeDays, ...]
    settled: str
    """JSON within JSON: it is read when somebody asks for a settled day."""


_ALIKE: Final = TypeAdapter(tuple[AlikeDays, ...])


class SettledDays(Mapping[str, Day]):
    """The settled days of a snapshot, read when the first of them is asked for."""

    def __init__(self, written: str) -> None:
        self._written = written

    @cached_property
    def _days(self) -> dict[str, Day]:
        return _read_days(_ALIKE.validate_json(self._written))

    @override
    def __getitem__(self, day_id: str) -> Day:
        return self._days[day_id]

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(self._days)

    @override
    def __len__(self) -> int:
        return len(self._days)


@dataclass(frozen=True)
class Form(Generic[S, W]):
    """What is written of one kind of stream, and how it is what was."""

    written: TypeAdapter[W]
    write: Callable[[S], W]
    read: Callable[[W], S]
    apart: Mapping[str, set[str]] = field(default_factory=dict)
    """What is written in another place than its own."""

    def dumped(self, state: S) -> bytes:
        """The state as JSON."""
        return self.written.dump_json(self.write(state), by_alias=True, exclude=dict(self.apart))

    def loaded(self, data: bytes) -> S:
        """The state again; a ValidationError where it is no such JSON."""
        return self.read(self.written.validate_json(data))


def _written(mission: Mission) -> WrittenMission:
    settled = [day for day in mission.days.values() if day.status in SETTLED]
    return WrittenMission(
        without_days=mission,
        unsettled=_alike(mission.days.unsettled()),
        settled=_ALIKE.dump_json(_alike(settled)).decode(),
    )


def _read(written: WrittenMission) -> Mission:
    return replace(written.without_days, days=Days(_read_days(written.unsettled), SettledDays(written.settled)))


def _alike(days: Iterable[Day]) -> tuple[AlikeDays, ...]:
    groups = (list(group) for _, group in groupby(days, key=_shared))
    return tuple(AlikeDays(group[0], {day.day_id: day.date for day in group}) for group in groups)


def _read_days(written: Iterable[AlikeDays]) -> dict[str, Day]:
    days: dict[str, Day] = {}
    for alike in written:
        shared = _shared(alike.first)
        days |= {day_id: Day(day_id, on, *shared) for day_id, on in alike.dates.items()}
    return days


def _shared(day: Day) -> tuple[Any, ...]:
    return tuple(getattr(day, name) for name in SHARED)


def _as_it_is(series: Series) -> Series:
    return series


_SERIES: Final = Form(TypeAdapter(Series), _as_it_is, _as_it_is)
FORMS: Final[Mapping[str, Form[Any, Any]]] = {
    "mission": Form(TypeAdapter(WrittenMission), _written, _read, apart={"without_days": {"days"}}),
    "invoices": _SERIES,
    "credit-notes": _SERIES,
}
"""The kinds of stream that go on for years. A party's is short and holds what stands for personal words: never kept."""
