"""What history says of a mission as of a date, question by question: a dossier is made of these answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from projections.continuity.readiness import ReadinessAnswer
from projections.continuity.rituals import Counts
from projections.dossier.lines import HandoverLine, PointsAnswer
from projections.kpi.objectives import ObjectiveAnswer
from projections.letter.shapes import LetterAnswer
from projections.missions.answers import MissionAnswer
from service.documents.open_points import handover_under_way
from service.owed import ExposureAnswer


@dataclass(frozen=True, slots=True)
class Told:
    """One mission, as of one date."""

    mission: MissionAnswer
    letter: LetterAnswer
    points: PointsAnswer
    objectives: Sequence[ObjectiveAnswer]
    money: ExposureAnswer
    readiness: ReadinessAnswer
    """What of the handover checklist holds."""
    rituals: Counts
    """Planned reviews against those that were held."""
    known_at: datetime | None = None

    @property
    def on(self) -> date:
        """The date."""
        return self.mission.as_of

    @property
    def handover(self) -> HandoverLine | None:
        """The handover that is under way."""
        return handover_under_way(self.points)
