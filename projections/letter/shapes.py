"""The letter as it is told: every clause in force, where it comes from, and what each change replaced."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import TypeAlias

from pydantic import BaseModel, ConfigDict

from domain.mission.events import Indicator, ObjectiveOutcome, ReviewEvery, StopDecidedBy
from domain.values import Function, IsoDate, Letter, Money, Number, Rhythm, Scope, Terms


class Answer(BaseModel):
    """A part of the letter. Words that were erased are null."""

    model_config = ConfigDict(frozen=True)


Clause: TypeAlias = str | int | bool | tuple[str, ...] | None
"""What a clause says; several words for a list."""


class Replaced(Answer):
    """A clause that changed: what it said before, and since."""

    clause: str
    """Its place, such as `terms.billing.rate`."""
    before: Clause
    after: Clause


class ChangeKind(StrEnum):
    """How the letter was changed."""

    AMENDMENT = "amendment"
    EXTENSION = "extension"


class SignedChange(Answer):
    """An amendment (avenant) or an extension (prolongation), and the clauses that it changed."""

    kind: ChangeKind
    number: int
    """Amendments and extensions are counted apart, from 1."""
    effective_on: IsoDate
    letter: Letter
    reason: str | None
    in_force: bool
    """Whether it has taken effect on the date that is asked for."""
    replaced: tuple[Replaced, ...]
    position: int


class Revision(Answer):
    """A change to an objective."""

    on: IsoDate
    reason: str | None
    replaced: tuple[Replaced, ...]
    position: int


class AgreedObjective(Answer):
    """A result that the cadre answers for, as it stands on the date."""

    objective_id: str
    statement: str | None
    indicator: Indicator
    baseline: Number
    target: Number
    set_on: IsoDate
    due_on: IsoDate
    value_per_unit: Money | None
    revisions: tuple[Revision, ...] = ()
    outcome: ObjectiveOutcome | None = None
    closed_on: IsoDate | None = None
    facts: tuple[int, ...]


class AgreedPause(Answer):
    """A rest of the mission; the date on which it resumes is active again."""

    from_on: IsoDate
    resumed_on: IsoDate | None = None
    expected_resume_on: IsoDate | None = None
    reason: str | None
    facts: tuple[int, ...]

    def covers(self, on: date) -> bool:
        """Whether the mission rests on a date."""
        return self.from_on <= on and (self.resumed_on is None or on < self.resumed_on)


class AgreedStop(Answer):
    """The mission's last date, and who decided it."""

    on: IsoDate
    decided_by: StopDecidedBy
    reason: str | None
    position: int


class InCharge(Answer):
    """A cadre who holds the mission, and from when."""

    cadre_id: str
    from_on: IsoDate
    position: int


class LetterAnswer(Answer):
    """The letter of engagement (lettre de mission) as it binds on a date, from the facts known as of another."""

    mission_id: str
    as_of: IsoDate
    """The facts are those that had occurred by this date."""
    on: IsoDate
    """The terms are those in force on this date."""
    title: str | None
    function: Function
    client_id: str
    cadre_id: str
    """Who holds the mission on the date."""
    held_by: tuple[InCharge, ...]
    letter: Letter
    """The one that was signed first."""
    starts_on: IsoDate
    ends_on: IsoDate | None
    scope: Scope
    rhythm: Rhythm
    terms: Terms
    review_every: ReviewEvery
    objectives: tuple[AgreedObjective, ...]
    changes: tuple[SignedChange, ...]
    pauses: tuple[AgreedPause, ...]
    stop: AgreedStop | None
    facts: tuple[int, ...]
    """Where all that it says stands in history."""
