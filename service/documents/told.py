"""What history says of a mission as of a date, question by question: a dossier is made of these answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from domain.mission.events import HandoverItem, Missing
from domain.mission.handover import missing_on
from domain.mission.state import Handover, Mission
from projections.dossier.lines import HandoverLine, PointsAnswer
from projections.kpi.objectives import ObjectiveAnswer
from projections.letter.shapes import LetterAnswer
from projections.missions.answers import MissionAnswer
from service.documents.open_points import handover_under_way
from service.owed import ExposureAnswer


@dataclass(frozen=True, slots=True)
class Told:
    """One mission, as of one date."""

    state: Mission
    """As decisions see it: the checklist of a handover is theirs."""
    mission: MissionAnswer
    letter: LetterAnswer
    points: PointsAnswer
    objectives: Sequence[ObjectiveAnswer]
    money: ExposureAnswer
    known_at: datetime | None = None

    @property
    def on(self) -> date:
        """The date."""
        return self.mission.as_of

    @property
    def handover(self) -> HandoverLine | None:
        """The handover that is under way."""
        return handover_under_way(self.points)

    @property
    def gaps(self) -> tuple[Missing, ...]:
        """What the checklist lacks; its items count while a handover is under way."""
        nothing_started = Handover(frozenset(HandoverItem))
        return missing_on(self.state, self.state.handover or nothing_started, self.on)
