"""A mission ends for good."""

from __future__ import annotations

from typing import ClassVar

from domain.event import Command
from domain.mission.events import MissionStopped, StopDecidedBy
from domain.mission.period import reject_delivered_after, reject_outside_period
from domain.mission.rejections import MissionIsStopped
from domain.mission.state import Mission
from domain.values import IsoDate, Text


class StopMission(Command):
    """End the mission for good; the date is its last one."""

    NAME: ClassVar[str] = "stop_mission"
    DATED: ClassVar[str | None] = "on"
    on: IsoDate
    decided_by: StopDecidedBy
    reason: Text


def stop_mission(mission: Mission, command: StopMission) -> MissionStopped:
    """There is one stop, within the mission's period and after every delivered day; a pause is no obstacle."""
    if mission.stopped_on is not None:
        raise MissionIsStopped(f"the mission stops on {mission.stopped_on} already, for good")
    reject_outside_period(mission, command.on)
    reject_delivered_after(mission, command.on)
    return MissionStopped.model_validate(dict(command))
