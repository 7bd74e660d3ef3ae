"""Client and cadre meet, and decide."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from domain.event import NAMELESS, Command, Context
from domain.mission.events import DecisionRecorded, DecisionTaken, ReviewHeld, ReviewKind
from domain.mission.period import reject_after_stop
from domain.mission.rejections import MissionIsStopped
from domain.mission.state import Mission
from domain.rejections import AlreadyExists, InTheFuture
from domain.values import Id, IsoDate, NullIsLeftOut, Text, Value


class StatedDecision(Value):
    """A decision taken in a review, as stated."""

    decision_id: Id = NAMELESS
    text: Text


class HoldReview(Command):
    """Report a meeting on the mission, what it decided and what the dirigeant thinks."""

    NAME: ClassVar[str] = "hold_review"
    NAMES: ClassVar[str | None] = "review_id"
    NAMES_EACH: ClassVar[tuple[str, str] | None] = ("decisions", "decision_id")
    DATED: ClassVar[str | None] = "held_on"
    review_id: Id = NAMELESS
    held_on: IsoDate
    kind: ReviewKind
    attendees: tuple[Text, ...]
    summary: Text
    satisfaction: Annotated[int, Field(strict=True, ge=1, le=5)] | None = None
    acts_as_cadre: Annotated[bool, Field(strict=True)] | None = None
    decisions: Annotated[tuple[StatedDecision, ...], NullIsLeftOut] = ()
    next_review_on: IsoDate | None = None


class RecordDecision(Command):
    """Report a decision taken outside a review."""

    NAME: ClassVar[str] = "record_decision"
    NAMES: ClassVar[str | None] = "decision_id"
    DATED: ClassVar[str | None] = "decided_on"
    decision_id: Id = NAMELESS
    text: Text
    decided_on: IsoDate
    decided_by: Text


def hold_review(mission: Mission, command: HoldReview, context: Context) -> ReviewHeld:
    """A review is reported once it was held; after the stop, only earlier ones and the final one."""
    if command.review_id in mission.reviews:
        raise AlreadyExists(f"{command.review_id} is a review of the mission already: choose another id")
    if command.held_on > context.today:
        raise InTheFuture(f"the review is dated {command.held_on}: report it once it is held")
    if mission.is_over_on(command.held_on) and command.kind is not ReviewKind.FINAL:
        raise MissionIsStopped(f"the mission stopped on {mission.stopped_on}: only a final review comes after")
    decided = [decision.decision_id for decision in command.decisions]
    for decision_id in decided:
        if decision_id in mission.decisions or decided.count(decision_id) > 1:
            raise AlreadyExists(f"{decision_id} is a decision of the mission already: choose another id")
    decisions = tuple(DecisionTaken.model_validate(dict(decision)) for decision in command.decisions)
    return ReviewHeld.model_validate(dict(command) | {"decisions": decisions})


def record_decision(mission: Mission, command: RecordDecision, context: Context) -> DecisionRecorded:
    """A decision is reported once it was taken, while the mission runs."""
    reject_after_stop(mission, context.today)
    if command.decision_id in mission.decisions:
        raise AlreadyExists(f"{command.decision_id} is a decision of the mission already: choose another id")
    return DecisionRecorded.model_validate(dict(command))
