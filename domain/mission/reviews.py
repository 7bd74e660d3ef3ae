"""Client and cadre meet, and decide."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated, ClassVar, Self

from pydantic import Field

from domain.event import NAMELESS, Command
from domain.mission.events import ReviewKind
from domain.values import Id, IsoDate, Text, Value


class StatedDecision(Value):
    """A decision taken in a review, as stated."""

    decision_id: Id = NAMELESS
    text: Text


class HoldReview(Command):
    """Report a meeting on the mission, what it decided and what the dirigeant thinks."""

    NAME: ClassVar[str] = "hold_review"
    NAMES: ClassVar[str | None] = "review_id"
    review_id: Id = NAMELESS
    held_on: IsoDate
    kind: ReviewKind
    attendees: tuple[Text, ...]
    summary: Text
    satisfaction: Annotated[int, Field(strict=True, ge=1, le=5)] | None = None
    acts_as_cadre: Annotated[bool, Field(strict=True)] | None = None
    decisions: tuple[StatedDecision, ...] = ()
    next_review_on: IsoDate | None = None

    def business_date(self) -> date:
        return self.held_on

    def named(self, new_id: Callable[[], str]) -> Self:
        decisions = tuple(
            decision if decision.decision_id else decision.model_copy(update={"decision_id": new_id()})
            for decision in self.decisions
        )
        return super().named(new_id).model_copy(update={"decisions": decisions})


class RecordDecision(Command):
    """Report a decision taken outside a review."""

    NAME: ClassVar[str] = "record_decision"
    NAMES: ClassVar[str | None] = "decision_id"
    decision_id: Id = NAMELESS
    text: Text
    decided_on: IsoDate
    decided_by: Text

    def business_date(self) -> date:
        return self.decided_on
