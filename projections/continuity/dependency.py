"""Which functions stand or fall with one person: held by one cadre alone, and nobody named to take over.

A function counts once per client, while a mission with it is in force there. It is backed up by a second cadre who
holds a mission with it, by a successor who is named in a handover, or by an open risk that names a backup.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from domain.values import Function, IsoDate
from projections.continuity.course import Course, PointKind
from projections.continuity.practitioners import Practitioner
from projections.continuity.readiness import share


class Backup(StrEnum):
    """What keeps a function from depending on one person."""

    SECOND_HOLDER = "second_holder"
    NAMED_SUCCESSOR = "named_successor"
    RISK_BACKUP = "risk_backup"


class FunctionAnswer(BaseModel):
    """A function at a client: who holds it, what backs it up, and how many others in the network practise it."""

    model_config = ConfigDict(frozen=True)
    client_id: str
    function: Function
    mission_ids: tuple[str, ...]
    cadre_ids: tuple[str, ...]
    backups: tuple[Backup, ...]
    depends_on_one: bool
    could_take_over: int
    """Cadres of the network who practise the function and do not hold it at this client."""


class DependencyAnswer(BaseModel):
    """The dependency index as of a date: `index` = 100 × depending / functions, one decimal; null without any."""

    model_config = ConfigDict(frozen=True)
    as_of: IsoDate
    functions: int
    depending: int
    index: str | None
    items: tuple[FunctionAnswer, ...]


def dependency(courses: Iterable[Course], practitioners: Sequence[Practitioner], on: date) -> DependencyAnswer:
    """The functions of clients as of a date, in order of client and function."""
    missions: defaultdict[tuple[str, Function], list[Course]] = defaultdict(list)
    for course in courses:
        if course.is_in_force(on):
            missions[course.client_id, course.function].append(course)
    items = tuple(_function(*key, missions[key], practitioners, on) for key in sorted(missions))
    depending = sum(item.depends_on_one for item in items)
    return DependencyAnswer(
        as_of=on,
        functions=len(items),
        depending=depending,
        index=share(depending, len(items)) if items else None,
        items=items,
    )


def _function(
    client_id: str, function: Function, courses: Sequence[Course], practitioners: Sequence[Practitioner], on: date
) -> FunctionAnswer:
    holders = sorted({course.holder(on) for course in courses})
    backups = tuple(_backups(courses, holders))
    able = {each.cadre_id for each in practitioners if function.value in each.functions}
    return FunctionAnswer(
        client_id=client_id,
        function=function,
        mission_ids=tuple(sorted(course.mission_id for course in courses)),
        cadre_ids=tuple(holders),
        backups=backups,
        depends_on_one=not backups,
        could_take_over=len(able - set(holders)),
    )


def _backups(courses: Sequence[Course], holders: Sequence[str]) -> Iterable[Backup]:
    if len(holders) > 1:
        yield Backup.SECOND_HOLDER
    if any(course.handover is not None and course.handover.successor_id is not None for course in courses):
        yield Backup.NAMED_SUCCESSOR
    if any(point.kind is PointKind.RISK and point.answered_for for course in courses for point in course.points):
        yield Backup.RISK_BACKUP
