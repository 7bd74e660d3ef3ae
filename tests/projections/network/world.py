"""What a history says of the network, told in memory: the same courses that the service reads from its tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta

from domain.event import Event, Recorded
from projections.network.alerts import Alert, alert_answer, alerts_then
from projections.network.courses import Course, Reviews, standing_of
from projections.network.days import DAYS, GONE, DayRow
from projections.network.engagements import engagement_of
from projections.network.indicators import WEEKS, Scorecard, Worked, scorecard
from projections.network.invoices import INVOICES
from projections.network.parties import PARTIES
from projections.network.points import MEASUREMENTS, POINTS, REVIEWS, ReviewRow
from projections.network.signals import Code, Thresholds
from projections.network.sources import NOW
from projections.network.turns import MISSIONS
from tests.projections.histories import Happened, recorded

LIMITS = Thresholds()
History = Sequence[Recorded[Event]]


def courses_in(history: History) -> list[Course]:
    """The course of every mission."""
    days: dict[str, list[DayRow]] = defaultdict(list)
    reviews: dict[str, list[ReviewRow]] = defaultdict(list)
    measured: dict[str, dict[str, date]] = defaultdict(dict)
    for day in DAYS.rows(history).values():
        days[day.mission_id].append(day)
    for event in history:
        for review in REVIEWS.rows(event):
            reviews[review.mission_id].append(review)
        for row in MEASUREMENTS.rows(event):
            read = measured[row.mission_id]
            read[row.objective_id] = max(row.measured_on, read.get(row.objective_id, row.measured_on))
    points = [point for point in POINTS.rows(history).values() if point.closed_on is None]
    return [
        Course(
            engagement=engagement_of(row),
            first_day_on=min(_counting(days[row.mission_id]), default=None),
            last_day_on=max(_counting(days[row.mission_id]), default=None),
            open_days=days[row.mission_id],
            points=[point for point in points if point.mission_id == row.mission_id],
            measured=measured[row.mission_id],
            reviews=_reviews(reviews[row.mission_id]),
        )
        for row in MISSIONS.rows(history).values()
    ]


def _counting(days: Sequence[DayRow]) -> list[date]:
    return [day.date for day in days if not {move.standing for move in day.moves} & {*GONE}]


def _reviews(held: Sequence[ReviewRow]) -> Reviews:
    ordered = sorted(held, key=lambda review: (review.held_on, review.position))
    scores = [review.satisfaction for review in ordered if review.satisfaction is not None]
    answers = [review.acts_as_cadre for review in ordered if review.acts_as_cadre is not None]
    return Reviews(
        last_on=ordered[-1].held_on if ordered else None,
        next_on=ordered[-1].next_review_on if ordered else None,
        satisfaction=scores[-1] if scores else None,
        answers=len(answers),
        as_cadre=sum(answers),
    )


def alerts_on(history: History, on: date, limits: Thresholds = LIMITS) -> list[Alert]:
    """The signals that all of a history raises on a date."""
    return alerts_then(courses_in(history), INVOICES.rows(history).values(), on, limits, moment=NOW)


def told(history: History, on: date, limits: Thresholds = LIMITS) -> list[tuple[str, str, tuple[str, ...]]]:
    """Code, since when, and what about: as a list tells them."""
    answers = [alert_answer(alert, on, limits) for alert in alerts_on(history, on, limits)]
    return [(answer.code.value, answer.since.isoformat(), answer.subject_ids) for answer in answers]


def scorecard_on(history: History, on: date) -> Scorecard:
    """The scorecard of all of a history on a date."""
    worked: dict[str, list[DayRow]] = defaultdict(list)
    for day in DAYS.rows(history).values():
        if 0 <= (on - day.date).days < 7 * WEEKS and _counting([day]):
            worked[day.cadre_id].append(day)
    parties = PARTIES.rows(history).values()
    return scorecard(
        [standing_of(course) for course in courses_in(history)],
        [
            Worked(
                cadre_id,
                sum((day.days for day in days), start=days[0].days * 0),
                sorted({day.mission_id for day in days}),
            )
            for cadre_id, days in worked.items()
        ],
        [party.party_id for party in parties if party.kind == "cadre"],
        [party.party_id for party in parties if party.kind == "client"],
        on,
    )


def since(code: Code, when: date, *history: Happened, limits: Thresholds = LIMITS) -> str | None:
    """Since when a signal stands on a date; None: it does not."""
    found = [begun for name, begun, _ in told(recorded(history), when, limits) if name == code]
    assert len(found) <= 1, found
    return found[0] if found else None


def begins(code: Code, when: date, *history: Happened, limits: Thresholds = LIMITS) -> None:
    """The signal stands on a date, since that date, and not on its eve."""
    assert since(code, when - timedelta(days=1), *history, limits=limits) is None
    assert since(code, when, *history, limits=limits) == when.isoformat()
