"""Would the mission notice if its cadre left today? The share of the handover checklist that holds, and what lacks.

The checklist is rule 13's, counted thing by thing: each open objective (measured in the last 45 days), each open
action (with an owner), each open risk (with a backup), each access in force (with a custodian), one review (held in
the last 45 days) and, while a handover is under way, each of its four items (completed).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from domain.event import Event, Recorded
from domain.mission.events import Gap, HandoverItem, Missing
from domain.values import Function, IsoDate
from projections.continuity.course import COURSES, Course, Handover, PointKind
from projections.read_model import as_known

FRESH_FOR = timedelta(days=45)
"""For how long a measurement and a review tell how things stand."""
TENTH = Decimal("0.1")


class Line(StrEnum):
    """A line of the checklist."""

    OBJECTIVES_MEASURED = "objectives_measured"
    ACTIONS_OWNED = "actions_owned"
    RISKS_BACKED_UP = "risks_backed_up"
    ACCESSES_IN_CUSTODY = "accesses_in_custody"
    RECENT_REVIEW = "recent_review"
    ITEMS_COMPLETED = "items_completed"


class LineAnswer(BaseModel):
    """A line: how many things it counts, for how many it holds, and which it lacks."""

    model_config = ConfigDict(frozen=True)
    line: Line
    counted: int
    held: int
    missing: tuple[Missing, ...]


class ReadinessAnswer(BaseModel):
    """A mission's readiness as of a date: `score` = 100 × held / counted, one decimal, half up."""

    model_config = ConfigDict(frozen=True)
    mission_id: str
    client_id: str
    cadre_id: str
    """Who holds the mission on that date."""
    function: Function
    as_of: IsoDate
    in_force: bool
    """Whether the mission has started and is not over: only then do its client's and the network's figures count it."""
    score: str
    counted: int
    held: int
    ready: bool
    lines: tuple[LineAnswer, ...]
    missing: tuple[Missing, ...]
    handover: Handover | None
    position: int
    """The last of the facts that this rests on."""


def readiness_view(
    history: Iterable[Recorded[Event]], on: date, *, known_at: datetime | None = None
) -> ReadinessAnswer | None:
    """A mission's readiness from its stream, as of a date, as known at an instant; None before it was signed."""
    rows = list(COURSES.rows(as_known(history, as_of=on, known_at=known_at)).values())
    return readiness(rows[0], on) if rows else None


def readiness(course: Course, on: date) -> ReadinessAnswer:
    """A mission's readiness as of a date, told from its row."""
    lines = _lines(course, on)
    counted, held = sum(line.counted for line in lines), sum(line.held for line in lines)
    return ReadinessAnswer(
        mission_id=course.mission_id,
        client_id=course.client_id,
        cadre_id=course.holder(on),
        function=course.function,
        as_of=on,
        in_force=course.is_in_force(on),
        score=share(held, counted),
        counted=counted,
        held=held,
        ready=held == counted,
        lines=lines,
        missing=tuple(lack for line in lines for lack in line.missing),
        handover=course.handover,
        position=course.position,
    )


def share(part: int, whole: int) -> str:
    """A part of a whole in percent, one decimal, half up."""
    return format((Decimal(100 * part) / whole).quantize(TENTH, rounding=ROUND_HALF_UP), "f")


def gaps(answers: Iterable[ReadinessAnswer]) -> dict[Gap, int]:
    """How often each thing is missing over several missions; what is never missing is not named."""
    return dict(Counter(lack.gap for answer in answers for lack in answer.missing))


def _lines(course: Course, on: date) -> tuple[LineAnswer, ...]:
    stale = [each.objective_id for each in course.objectives if not _is_fresh(each.measured_on, on)]
    reviewed = _is_fresh(max((review.held_on for review in course.reviews), default=None), on)
    lines = (
        _line(Line.OBJECTIVES_MEASURED, Gap.OBJECTIVE_NOT_MEASURED, len(course.objectives), stale),
        _of_points(Line.ACTIONS_OWNED, Gap.ACTION_WITHOUT_OWNER, course, PointKind.ACTION),
        _of_points(Line.RISKS_BACKED_UP, Gap.RISK_WITHOUT_BACKUP, course, PointKind.RISK),
        _of_points(Line.ACCESSES_IN_CUSTODY, Gap.ACCESS_WITHOUT_CUSTODIAN, course, PointKind.ACCESS),
        _line(Line.RECENT_REVIEW, Gap.NO_RECENT_REVIEW, 1, [] if reviewed else [None]),
    )
    if course.handover is None:
        return lines
    open_items = [item for item in HandoverItem if item not in course.handover.completed]
    return (*lines, _line(Line.ITEMS_COMPLETED, Gap.ITEM_NOT_COMPLETED, len(HandoverItem), open_items))


def _of_points(line: Line, gap: Gap, course: Course, kind: PointKind) -> LineAnswer:
    points = [point for point in course.points if point.kind is kind]
    return _line(line, gap, len(points), [point.id for point in points if not point.answered_for])


def _line(line: Line, gap: Gap, counted: int, lacking: Sequence[str | None]) -> LineAnswer:
    missing = tuple(Missing(gap=gap, id=each) for each in lacking)
    return LineAnswer(line=line, counted=counted, held=counted - len(missing), missing=missing)


def _is_fresh(seen: date | None, on: date) -> bool:
    return seen is not None and on - seen <= FRESH_FOR
