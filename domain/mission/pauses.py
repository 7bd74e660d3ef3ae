"""A mission rests for a while: pause it, resume it."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from domain.event import Command
from domain.values import IsoDate, Text


class PauseMission(Command):
    """Let the mission rest from a date on."""

    NAME: ClassVar[str] = "pause_mission"
    from_on: IsoDate
    reason: Text
    expected_resume_on: IsoDate | None = None

    def business_date(self) -> date:
        return self.from_on


class ResumeMission(Command):
    """End the pause: the mission is active again from that date on."""

    NAME: ClassVar[str] = "resume_mission"
    on: IsoDate

    def business_date(self) -> date:
        return self.on
