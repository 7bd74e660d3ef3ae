"""What may go wrong, and who or what takes over then."""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field

from domain.event import NAMELESS, Command
from domain.values import Id, IsoDate, OptionalText, Text

OneToFive = Annotated[int, Field(strict=True, ge=1, le=5)]


class IdentifyRisk(Command):
    """Name a risk; one without a backup is a weak signal and stands in the way of a handover."""

    NAME: ClassVar[str] = "identify_risk"
    NAMES: ClassVar[str | None] = "risk_id"
    risk_id: Id = NAMELESS
    text: Text
    likelihood: OneToFive
    impact: OneToFive
    mitigation: OptionalText = ""
    backup: OptionalText = ""


class CloseRisk(Command):
    """Close a risk that is over."""

    NAME: ClassVar[str] = "close_risk"
    risk_id: Id
    on: IsoDate
    note: Text | None = None

    def business_date(self) -> date:
        return self.on
