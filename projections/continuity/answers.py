"""Continuity of a client, or of the network: readiness pooled over the missions in force, and who depends on whom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from fractions import Fraction

from pydantic import BaseModel, ConfigDict

from domain.event import Event, Recorded
from domain.mission.events import Gap
from domain.values import IsoDate
from projections.continuity.course import COURSES, Course
from projections.continuity.dependency import DependencyAnswer, dependency
from projections.continuity.practitioners import PRACTITIONERS, Practitioner
from projections.continuity.readiness import ReadinessAnswer, gaps, readiness, share
from projections.read_model import as_known


class ContinuityAnswer(BaseModel):
    """Missions in force as of a date: `score` = 100 × held / counted over all of them; null without a mission."""

    model_config = ConfigDict(frozen=True)
    as_of: IsoDate
    client_id: str | None
    score: str | None
    counted: int
    held: int
    missing: dict[Gap, int]
    """How often each thing is missing."""
    missions: tuple[ReadinessAnswer, ...]
    """The least ready first."""
    dependency: DependencyAnswer


class ClientLine(BaseModel):
    """A client in the network's answer."""

    model_config = ConfigDict(frozen=True)
    client_id: str
    missions: int
    score: str
    functions: int
    depending: int


class MissionLine(BaseModel):
    """A mission in the network's answer; what it lacks is told by the mission's own."""

    model_config = ConfigDict(frozen=True)
    mission_id: str
    client_id: str
    cadre_id: str
    score: str
    missing: int


class NetworkContinuityAnswer(BaseModel):
    """The whole network as of a date, its clients in order of id, its missions the least ready first."""

    model_config = ConfigDict(frozen=True)
    as_of: IsoDate
    score: str | None
    counted: int
    held: int
    missing: dict[Gap, int]
    clients: tuple[ClientLine, ...]
    missions: tuple[MissionLine, ...]
    dependency: DependencyAnswer


def client_view(
    history: Iterable[Recorded[Event]], client_id: str, on: date, *, known_at: datetime | None = None
) -> ContinuityAnswer:
    """A client's continuity from history, as of a date, as known at an instant."""
    courses, practitioners = _folded(history, on, known_at)
    return client_answer(client_id, [each for each in courses if each.client_id == client_id], practitioners, on)


def network_view(
    history: Iterable[Recorded[Event]], on: date, *, known_at: datetime | None = None
) -> NetworkContinuityAnswer:
    """The network's continuity from history, as of a date, as known at an instant."""
    return network_answer(*_folded(history, on, known_at), on)


def client_answer(
    client_id: str, courses: Sequence[Course], practitioners: Sequence[Practitioner], on: date
) -> ContinuityAnswer:
    """A client's continuity, told from its missions' rows."""
    missions = _in_force(courses, on)
    counted, held = _counted(missions)
    return ContinuityAnswer(
        as_of=on,
        client_id=client_id,
        score=share(held, counted) if counted else None,
        counted=counted,
        held=held,
        missing=gaps(missions),
        missions=tuple(missions),
        dependency=dependency(courses, practitioners, on),
    )


def network_answer(
    courses: Sequence[Course], practitioners: Sequence[Practitioner], on: date
) -> NetworkContinuityAnswer:
    """The network's continuity, told from all missions' rows."""
    missions = _in_force(courses, on)
    counted, held = _counted(missions)
    depending = dependency(courses, practitioners, on)
    return NetworkContinuityAnswer(
        as_of=on,
        score=share(held, counted) if counted else None,
        counted=counted,
        held=held,
        missing=gaps(missions),
        clients=_clients(missions, depending),
        missions=tuple(
            MissionLine(
                mission_id=each.mission_id,
                client_id=each.client_id,
                cadre_id=each.cadre_id,
                score=each.score,
                missing=len(each.missing),
            )
            for each in missions
        ),
        dependency=depending,
    )


def _folded(
    history: Iterable[Recorded[Event]], on: date, known_at: datetime | None
) -> tuple[list[Course], list[Practitioner]]:
    told = COURSES.handles | PRACTITIONERS.handles
    known = as_known((each for each in history if type(each.event) in told), as_of=on, known_at=known_at)
    return list(COURSES.rows(known).values()), list(PRACTITIONERS.rows(known).values())


def _in_force(courses: Iterable[Course], on: date) -> list[ReadinessAnswer]:
    missions = [readiness(course, on) for course in courses if course.is_in_force(on)]
    return sorted(missions, key=lambda each: (Fraction(each.held, each.counted), each.mission_id))


def _counted(missions: Iterable[ReadinessAnswer]) -> tuple[int, int]:
    return sum(each.counted for each in missions), sum(each.held for each in missions)


def _clients(missions: Iterable[ReadinessAnswer], depending: DependencyAnswer) -> tuple[ClientLine, ...]:
    by_client: defaultdict[str, list[ReadinessAnswer]] = defaultdict(list)
    for mission in missions:
        by_client[mission.client_id].append(mission)
    return tuple(_client(client_id, by_client[client_id], depending) for client_id in sorted(by_client))


def _client(client_id: str, missions: Sequence[ReadinessAnswer], depending: DependencyAnswer) -> ClientLine:
    counted, held = _counted(missions)
    functions = [item for item in depending.items if item.client_id == client_id]
    return ClientLine(
        client_id=client_id,
        missions=len(missions),
        score=share(held, counted),
        functions=len(functions),
        depending=sum(item.depends_on_one for item in functions),
    )
