"""A mission rests for a while: pause it, resume it."""

from __future__ import annotations

from typing import ClassVar

from domain.event import Command, Context
from domain.mission.events import MissionPaused, MissionResumed
from domain.mission.period import reject_after_stop, reject_delivered_from, reject_outside_period
from domain.mission.rejections import AlreadyPaused, InvalidPeriod, NotPaused
from domain.mission.state import Mission
from domain.values import IsoDate, Text


class PauseMission(Command):
    """Let the mission rest from a date on."""

    NAME: ClassVar[str] = "pause_mission"
    DATED: ClassVar[str | None] = "from_on"
    from_on: IsoDate
    reason: Text
    expected_resume_on: IsoDate | None = None


class ResumeMission(Command):
    """End the pause: the mission is active again from that date on."""

    NAME: ClassVar[str] = "resume_mission"
    DATED: ClassVar[str | None] = "on"
    on: IsoDate


def pause_mission(mission: Mission, command: PauseMission, context: Context) -> MissionPaused:
    """A pause lies in the mission's period, overlaps no other and covers no delivered day."""
    reject_after_stop(mission, context.today)
    reject_outside_period(mission, command.from_on)
    for pause in mission.pauses:
        if pause.until_on is None or command.from_on < pause.until_on:
            raise AlreadyPaused(f"a pause starts on {pause.from_on}: let this one start once that one is over")
    reject_delivered_from(mission, command.from_on)
    return MissionPaused.model_validate(dict(command))


def resume_mission(mission: Mission, command: ResumeMission, context: Context) -> MissionResumed:
    """A pause ends after the date that it started on; the date of the resumption is active again."""
    reject_after_stop(mission, context.today)
    if not mission.pauses or mission.pauses[-1].until_on is not None:
        raise NotPaused("the mission is not paused: there is nothing to resume")
    from_on = mission.pauses[-1].from_on
    if command.on <= from_on:
        raise InvalidPeriod(f"the pause starts on {from_on}: resume the mission on a later date")
    return MissionResumed(on=command.on)
