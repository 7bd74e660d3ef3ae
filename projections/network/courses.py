"""A mission's course: its engagement, the days that count, what is open, what its reviews said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from projections.network.days import DayRow
from projections.network.engagements import Engagement
from projections.network.points import PointRow


@dataclass(frozen=True, slots=True)
class Reviews:
    """What the reviews of a mission add up to."""

    last_on: date | None = None
    next_on: date | None = None
    satisfaction: int | None = None
    answers: int = 0
    as_cadre: int = 0


NONE_HELD = Reviews()


@dataclass(frozen=True, slots=True)
class Course:
    """All that is known of a mission at one moment of knowing."""

    engagement: Engagement
    first_day_on: date | None
    last_day_on: date | None
    open_days: Sequence[DayRow]
    points: Sequence[PointRow]
    measured: Mapping[str, date]
    reviews: Reviews
    as_of: date | None = None
    known_at: datetime | None = None


class StandingRow(NamedTuple):
    """What each indicator needs to know of a mission."""

    mission_id: str
    client_id: str
    signed_on: date
    starts_on: date
    over_on: date | None
    first_day_on: date | None
    """Its first delivered day that was not taken back."""
    satisfaction: int | None
    answers: int
    as_cadre: int


def standing_of(course: Course) -> StandingRow:
    """What the indicators count of a mission."""
    engagement, reviews = course.engagement, course.reviews
    return StandingRow(
        mission_id=engagement.mission_id,
        client_id=engagement.client_id,
        signed_on=engagement.signed_on,
        starts_on=engagement.starts_on,
        over_on=engagement.over_on,
        first_day_on=course.first_day_on,
        satisfaction=reviews.satisfaction,
        answers=reviews.answers,
        as_cadre=reviews.as_cadre,
    )
