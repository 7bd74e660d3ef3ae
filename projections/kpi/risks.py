"""What may go wrong in a mission, how likely and how bad, and who or what takes over."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from domain.event import Event, Recorded
from domain.mission.events import RiskClosed, RiskIdentified
from domain.values import IsoDate
from projections.read_model import Fold, stream_id, words


class RiskRow(NamedTuple):
    """One risk; closed once it is over."""

    mission_id: str
    risk_id: str
    text: str | None
    likelihood: int
    impact: int
    mitigation: str | None
    backup: str | None
    identified_on: date
    closed_on: date | None
    position: int


class RiskAnswer(BaseModel):
    """An open risk; its severity is likelihood times impact, 1 to 25. Erased words are null."""

    model_config = ConfigDict(frozen=True)
    mission_id: str
    risk_id: str
    text: str | None
    likelihood: int
    impact: int
    severity: int
    mitigation: str | None
    backup: str | None
    identified_on: IsoDate
    position: int


RISKS = Fold("kpi_risks", RiskRow, key=("mission_id", "risk_id"), personal=frozenset({"text", "mitigation", "backup"}))


@RISKS.on(RiskIdentified, keys=lambda event, recorded: [(stream_id(recorded), event.risk_id)])
def identified(_row: RiskRow | None, event: RiskIdentified, recorded: Recorded[Event]) -> RiskRow:
    return RiskRow(
        mission_id=stream_id(recorded),
        risk_id=event.risk_id,
        text=words(event.text),
        likelihood=event.likelihood,
        impact=event.impact,
        mitigation=words(event.mitigation),
        backup=words(event.backup),
        identified_on=recorded.occurred_on,
        closed_on=None,
        position=recorded.position,
    )


@RISKS.on(RiskClosed, keys=lambda event, recorded: [(stream_id(recorded), event.risk_id)])
def closed(row: RiskRow | None, event: RiskClosed, _recorded: Recorded[Event]) -> RiskRow | None:
    return None if row is None else row._replace(closed_on=event.on)


def open_risks(rows: Iterable[RiskRow]) -> list[RiskAnswer]:
    """The risks that are not over, the worst first."""
    answers = [_answer(row) for row in rows if row.closed_on is None]
    return sorted(answers, key=lambda risk: (-risk.severity, risk.mission_id, risk.position))


def _answer(row: RiskRow) -> RiskAnswer:
    return RiskAnswer(
        mission_id=row.mission_id,
        risk_id=row.risk_id,
        text=row.text,
        likelihood=row.likelihood,
        impact=row.impact,
        severity=row.likelihood * row.impact,
        mitigation=row.mitigation,
        backup=row.backup,
        identified_on=row.identified_on,
        position=row.position,
    )
