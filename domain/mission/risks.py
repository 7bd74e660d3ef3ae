"""What may go wrong, and who or what takes over then."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from domain.event import NAMELESS, Command, Context
from domain.mission.events import RiskClosed, RiskIdentified
from domain.mission.period import reject_after_stop
from domain.mission.rejections import RiskIsClosed, UnknownRisk
from domain.mission.state import Mission
from domain.rejections import AlreadyExists
from domain.values import Id, IsoDate, NullIsLeftOut, OptionalText, Text, said

OneToFive = Annotated[int, Field(strict=True, ge=1, le=5)]


class IdentifyRisk(Command):
    """Name a risk; one without a backup is a weak signal and stands in the way of a handover."""

    NAME: ClassVar[str] = "identify_risk"
    NAMES: ClassVar[str | None] = "risk_id"
    risk_id: Id = NAMELESS
    text: Text
    likelihood: OneToFive
    impact: OneToFive
    mitigation: Annotated[OptionalText, NullIsLeftOut] = ""
    backup: Annotated[OptionalText, NullIsLeftOut] = ""


class CloseRisk(Command):
    """Close a risk that is over."""

    NAME: ClassVar[str] = "close_risk"
    DATED: ClassVar[str | None] = "on"
    risk_id: Id
    on: IsoDate
    note: Text | None = None


def identify_risk(mission: Mission, command: IdentifyRisk, context: Context) -> RiskIdentified:
    """Something may go wrong while the mission runs."""
    reject_after_stop(mission, context.today)
    if command.risk_id in mission.risks:
        raise AlreadyExists(f"{command.risk_id} is a risk of the mission already: choose another id")
    stated = {"mitigation": said(command.mitigation), "backup": said(command.backup)}
    return RiskIdentified.model_validate(dict(command) | stated)


def close_risk(mission: Mission, command: CloseRisk) -> RiskClosed:
    """A risk ends once."""
    risk = mission.risks.get(command.risk_id)
    if risk is None:
        raise UnknownRisk(f"the mission has no risk {command.risk_id}: name one that was identified")
    if risk.over:
        raise RiskIsClosed(f"the risk {command.risk_id} is closed already")
    return RiskClosed.model_validate(dict(command))
