"""The letter of engagement: sign a mission, amend it, extend it."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from pydantic import model_validator

from domain.event import NAMELESS, Command
from domain.mission.events import ReviewEvery
from domain.values import Function, Id, IsoDate, Letter, Rhythm, Scope, Terms, Text


class SignMission(Command):
    """Give a cadre charge of a function at a client, as the signed letter says."""

    NAME: ClassVar[str] = "sign_mission"
    NAMES: ClassVar[str | None] = "mission_id"
    mission_id: Id = NAMELESS
    client_id: Id
    cadre_id: Id
    function: Function
    title: Text
    scope: Scope
    letter: Letter
    starts_on: IsoDate
    ends_on: IsoDate | None = None
    rhythm: Rhythm
    terms: Terms
    review_every: ReviewEvery

    def business_date(self) -> date:
        return self.letter.signed_on


class AmendMission(Command):
    """Change terms, rhythm or scope from a date on, as the signed amendment says."""

    NAME: ClassVar[str] = "amend_mission"
    effective_on: IsoDate
    letter: Letter
    terms: Terms | None = None
    rhythm: Rhythm | None = None
    scope: Scope | None = None
    reason: Text

    @model_validator(mode="after")
    def _changes_something(self) -> AmendMission:
        if self.terms is None and self.rhythm is None and self.scope is None:
            raise ValueError("name what the amendment changes: terms, rhythm or scope")
        return self

    def business_date(self) -> date:
        return self.letter.signed_on


class ExtendMission(Command):
    """Move the mission's end later, or remove it with `null`, as the signed letter says."""

    NAME: ClassVar[str] = "extend_mission"
    ends_on: IsoDate | None
    letter: Letter

    def business_date(self) -> date:
        return self.letter.signed_on
