"""Where a mission's course is read: the few rows that matter of what had occurred by a date and was known then.

Of a day or a point, only the rows that were open then, or whose account moved since, are read: it is not a scan of
what was ever delivered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import TypeVar, cast

from projections.network.courses import Course, Reviews, StandingRow, standing_of
from projections.network.days import DAYS, DayRow
from projections.network.dependence import DependenceRow, dependences_of
from projections.network.engagements import engagement_of
from projections.network.points import POINTS, PointRow
from projections.network.turns import MISSIONS, MissionRow
from projections.network.watches import WatchRow, watches_of
from projections.read_model import Cells, Parameters, Query, Row, rows_of

Answers = Sequence[Sequence[Row]]
R = TypeVar("R", bound=tuple[object, ...])
_MISSIONS, _DAYS, _POINTS = Cells(MissionRow), Cells(DayRow), Cells(PointRow)


class Moment:
    """What had occurred by a date and was known at an instant: all there is, where neither is given."""

    def __init__(self, as_of: date | None = None, known_at: datetime | None = None) -> None:
        self.as_of, self.known_at = as_of, known_at
        self.parameters: Parameters = {"as_of": as_of, "known_at": known_at}

    def has(self, row: str, occurred_on: str = "occurred_on", recorded_at: str = "recorded_at") -> str:
        """The condition that an event had occurred and was known."""
        conditions = []
        if self.as_of is not None:
            conditions.append(f"{row}.{occurred_on} <= %(as_of)s::date")
        if self.known_at is not None:
            conditions.append(f"{row}.{recorded_at} <= %(known_at)s::timestamptz")
        return " AND ".join(conditions) or "true"

    def may_differ(self, row: str, moved_on: str = "moved_on", moved_at: str = "moved_at") -> str:
        """The condition that something was said of a row since: it may have stood otherwise then."""
        conditions = []
        if self.as_of is not None:
            conditions.append(f"{row}.{moved_on} > %(as_of)s::date")
        if self.known_at is not None:
            conditions.append(f"{row}.{moved_at} > %(known_at)s::timestamptz")
        return " OR ".join(conditions) or "false"


NOW = Moment()
"""All that is recorded."""


def sources(mission_ids: Sequence[str] | None, moment: Moment = NOW) -> list[Query]:
    """All that the courses of some missions, or of all, are read from."""
    parameters = {**moment.parameters, "ids": None if mission_ids is None else list(mission_ids)}

    def among(row: str) -> str:
        return "true" if mission_ids is None else f"{row}.mission_id = ANY(%(ids)s)"

    return [
        rows_of(MISSIONS, f"m WHERE {among('m')} AND {moment.has('m')}", parameters),
        Query(_days(among("m"), moment), parameters),
        rows_of(
            DAYS,
            f"d WHERE {among('d')} AND {moment.has('d')} AND (d.open_on IS NOT NULL OR {moment.may_differ('d')})",
            parameters,
        ),
        rows_of(
            POINTS,
            f"p WHERE {among('p')} AND {moment.has('p')}"
            f" AND (p.closed_on IS NULL OR {moment.may_differ('p', 'closed_on', 'closed_at')})",
            parameters,
        ),
        Query(_measured(among("m"), moment), parameters),
        Query(_reviewed(among("r"), moment), parameters),
    ]


def _days(among: str, moment: Moment) -> str:
    """The first and the last day of each mission that count: two looks into an index for each."""
    counts = f"{moment.has('d')} AND (d.gone_on IS NULL OR NOT ({moment.has('d', 'gone_on', 'gone_at')}))"
    one = said("SELECT d.date FROM rm.network_days d WHERE d.mission_id = m.mission_id AND", counts, "ORDER BY d.date")
    return said(
        "SELECT m.mission_id,", f"({one} LIMIT 1), ({one} DESC LIMIT 1)", "FROM rm.network_missions m WHERE", among
    )


def _measured(among: str, moment: Moment) -> str:
    return said(
        "SELECT m.mission_id, m.objective_id, max(m.measured_on) FROM rm.network_measurements m",
        f"WHERE {among} AND {moment.has('m')} GROUP BY 1, 2",
    )


def _reviewed(among: str, moment: Moment) -> str:
    """Of each mission the last review and the last score, by date, then by the order of recording; and the answers."""
    latest = "ORDER BY r.held_on DESC, r.position DESC"
    score = f"(array_agg(r.satisfaction {latest}) FILTER (WHERE r.satisfaction IS NOT NULL))[1]"
    counted = "count(r.acts_as_cadre), count(*) FILTER (WHERE r.acts_as_cadre)"
    told = ", ".join(("max(r.held_on)", f"(array_agg(r.next_review_on {latest}))[1]", score, counted))
    conditions = f"WHERE {among} AND {moment.has('r')}"
    return said("SELECT r.mission_id,", told, "FROM rm.network_reviews r", conditions, "GROUP BY 1")


def said(*parts: str) -> str:
    """A question from its parts, none of which a caller chooses."""
    return " ".join(parts)


def courses(answers: Answers, moment: Moment = NOW) -> Iterator[Course]:
    """The courses that the answers tell."""
    missions, days, open_days, points, measured, reviews = answers
    delivered = {cast(str, mission_id): (first, last) for mission_id, first, last in days}
    held = {cast(str, mission_id): Reviews(*cast("tuple[date]", rest)) for mission_id, *rest in reviews}
    read: dict[str, dict[str, date]] = {}
    for mission_id, objective_id, on in measured:
        read.setdefault(cast(str, mission_id), {})[cast(str, objective_id)] = cast(date, on)
    waiting = _by_mission(cast("list[DayRow]", [_DAYS.read(cells) for cells in open_days]))
    still = _by_mission(cast("list[PointRow]", [_POINTS.read(cells) for cells in points]))
    for cells in missions:
        row = cast(MissionRow, _MISSIONS.read(cells))
        first, last = delivered.get(row.mission_id, (None, None))
        yield Course(
            engagement=engagement_of(row, moment.as_of, moment.known_at),
            first_day_on=cast("date | None", first),
            last_day_on=cast("date | None", last),
            open_days=waiting.get(row.mission_id, ()),
            points=still.get(row.mission_id, ()),
            measured=read.get(row.mission_id, {}),
            reviews=held.get(row.mission_id, Reviews()),
            as_of=moment.as_of,
            known_at=moment.known_at,
        )


def _by_mission(rows: Iterable[R]) -> Mapping[str, Sequence[R]]:
    ordered = sorted(rows, key=lambda row: str(row[0]))
    return {str(mission_id): list(own) for mission_id, own in groupby(ordered, key=lambda row: row[0])}


def make_watches(answers: Answers) -> Iterator[WatchRow]:
    """What is watched in the missions whose rows these are."""
    for course in courses(answers):
        yield from watches_of(course)


def standing_sources(mission_ids: Sequence[str]) -> list[Query]:
    """What the indicators count of some missions."""
    missions, days, _, _, _, reviews = sources(mission_ids)
    return [missions, days, reviews]


def make_standings(answers: Answers) -> Iterator[StandingRow]:
    """The same, row by row."""
    missions, days, reviews = answers
    return map(standing_of, courses([missions, days, (), (), (), reviews]))


CLIENTS_OF = "client_id IN (SELECT client_id FROM rm.network_missions WHERE mission_id = ANY(%(ids)s))"


def dependence_sources(mission_ids: Sequence[str]) -> list[Query]:
    """All missions of the clients of some."""
    return [rows_of(MISSIONS, f"WHERE {CLIENTS_OF}", {"ids": list(mission_ids)})]


def make_dependences(answers: Answers) -> Iterator[DependenceRow]:
    """Which of those clients had one cadre for several functions, and when."""
    [missions] = answers
    return dependences_of(engagement_of(cast(MissionRow, _MISSIONS.read(cells))) for cells in missions)
