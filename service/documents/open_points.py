"""What of a mission's points is not settled, each kind in the order in which it presses."""

from __future__ import annotations

from collections.abc import Sequence

from projections.delivered_days import Bucket
from projections.dossier.lines import (
    ActionLine,
    DayLine,
    DisputeLine,
    HandoverLine,
    PointsAnswer,
    RiskLine,
)
from projections.kpi.objectives import ObjectiveAnswer


def open_actions(points: PointsAnswer) -> tuple[ActionLine, ...]:
    """By due date."""
    return tuple(sorted((each for each in points.actions if each.closed_on is None), key=lambda each: each.due_on))


def open_risks(risks: Sequence[RiskLine]) -> tuple[RiskLine, ...]:
    """The heaviest first."""
    known = (each for each in risks if each.closed_on is None)
    return tuple(sorted(known, key=lambda each: -each.likelihood * each.impact))


def open_disputes(points: PointsAnswer) -> tuple[DisputeLine, ...]:
    """Those of days that are disputed still: a credited day is disputed no more."""
    disputed = {day.day_id for day in points.days if day.bucket is Bucket.DISPUTED}
    return tuple(each for each in points.disputes if each.settled_on is None and each.day_id in disputed)


def waiting_days(points: PointsAnswer) -> tuple[DayLine, ...]:
    """The days that wait for the client's approval, the oldest first."""
    return tuple(day for day in points.days if day.bucket is Bucket.AWAITING_APPROVAL)


def open_objectives(objectives: Sequence[ObjectiveAnswer]) -> tuple[ObjectiveAnswer, ...]:
    """As they were set."""
    return tuple(each for each in objectives if each.outcome is None)


def handover_under_way(points: PointsAnswer) -> HandoverLine | None:
    """The last one, unless the mission has changed hands since."""
    last = points.handovers[-1] if points.handovers else None
    return last if last is not None and last.effective_on is None else None
