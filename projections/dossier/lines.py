"""The lines of a handover dossier (dossier de passation), each with the positions of the facts behind it."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from domain.mission.events import (
    Half,
    HandoverItem,
    Missing,
    ObjectiveOutcome,
    Place,
    ReviewKind,
    SettlementOutcome,
    Unit,
)
from domain.values import IsoDate, Number
from projections.delivered_days import Bucket


class Line(BaseModel):
    """A thing that was said of the mission. Words that were erased are null, and their fields are named."""

    model_config = ConfigDict(frozen=True)
    facts: tuple[int, ...]
    """Where all that was said of it stands in history."""
    erased: tuple[str, ...] = ()


class ActionLine(Line):
    """Something to be done, or done."""

    action_id: str
    text: str | None
    owner: str | None
    due_on: IsoDate
    opened_on: IsoDate
    closed_on: IsoDate | None = None
    note: str | None = None


class RiskLine(Line):
    """What may go wrong, and who or what takes over."""

    risk_id: str
    text: str | None
    likelihood: int
    impact: int
    mitigation: str | None
    backup: str | None
    identified_on: IsoDate
    closed_on: IsoDate | None = None
    note: str | None = None


class AccessLine(Line):
    """An access, who holds it, and where its procedure is written."""

    access_id: str
    system: str
    level: str
    custodian: str | None
    documented_at: str
    documented_on: IsoDate
    revoked_on: IsoDate | None = None


class DecisionLine(Line):
    """A decision, in a review or outside one."""

    decision_id: str
    text: str | None
    decided_on: IsoDate
    decided_by: str | None = None
    """Null for one that was taken in a review."""
    review_id: str | None = None


class ReviewLine(Line):
    """A meeting on the mission."""

    review_id: str
    held_on: IsoDate
    kind: ReviewKind
    attendees: tuple[str | None, ...]
    summary: str | None
    satisfaction: int | None
    acts_as_cadre: bool | None
    next_review_on: IsoDate | None


class DayLine(Line):
    """A delivered day, and the bucket in which it is counted."""

    day_id: str
    date: IsoDate
    cadre_id: str
    quantity: Number
    unit: Unit
    half: Half | None
    place: Place | None
    summary: str | None
    objective_ids: tuple[str, ...]
    bucket: Bucket


class DisputeLine(Line):
    """A day that the client disputed, and how it was settled."""

    day_id: str
    reason: str | None
    disputed_on: IsoDate
    settled_on: IsoDate | None = None
    outcome: SettlementOutcome | None = None
    note: str | None = None


class LessonKind(StrEnum):
    """What taught something."""

    OBJECTIVE_CLOSED = "objective_closed"
    OBJECTIVE_REVISED = "objective_revised"
    ACTION_CLOSED = "action_closed"
    RISK_CLOSED = "risk_closed"
    DISPUTE_SETTLED = "dispute_settled"


class LessonLine(Line):
    """What ended or was changed on the way, and what was said of it then."""

    kind: LessonKind
    id: str
    """The objective, action, risk or day."""
    about: str | None
    on: IsoDate
    outcome: ObjectiveOutcome | SettlementOutcome | None = None
    note: str | None


class ItemLine(Line):
    """An item of the handover."""

    item_id: HandoverItem
    completed_on: IsoDate | None = None
    note: str | None = None


class HandoverLine(Line):
    """A handover that was started, and how it ended where it did."""

    reason: str | None
    started_on: IsoDate
    leaving_on: IsoDate
    successor_id: str | None
    items: tuple[ItemLine, ...]
    to_cadre_id: str | None = None
    effective_on: IsoDate | None = None
    accepted_by: str | None = None
    override_reason: str | None = None
    missing: tuple[Missing, ...] = ()
    """What an override let pass."""


class PointsAnswer(BaseModel):
    """All lines of a mission as of a date, in the order in which they came up."""

    model_config = ConfigDict(frozen=True)
    actions: tuple[ActionLine, ...]
    risks: tuple[RiskLine, ...]
    accesses: tuple[AccessLine, ...]
    decisions: tuple[DecisionLine, ...]
    reviews: tuple[ReviewLine, ...]
    """In order of date."""
    days: tuple[DayLine, ...]
    """In order of date."""
    disputes: tuple[DisputeLine, ...]
    lessons: tuple[LessonLine, ...]
    handovers: tuple[HandoverLine, ...]
    position: int
    """Of the last fact that counts here."""
