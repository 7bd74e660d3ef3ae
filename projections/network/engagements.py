"""A mission as its turns leave it: from when to when it is in force, at rest, held by whom, in which rhythm."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from domain.mission.events import ReviewEvery
from domain.values import Function, followed_by
from projections.network.dates import day_after, earlier
from projections.network.turns import MissionRow, Turn, TurnKind

Stretch = tuple[date, date | None]
"""From a date, included, to a date, excluded; None: for as long as is known."""


class Holder(NamedTuple):
    """A cadre who holds a mission, from a date on."""

    from_on: date
    cadre_id: str


@dataclass(slots=True)
class Engagement:
    """What is known of a mission's course, at one moment of knowing."""

    mission_id: str
    client_id: str
    function: Function
    signed_on: date
    starts_on: date
    review_every: ReviewEvery
    holders: list[Holder]
    """Who holds it from when on, the first from the start."""
    ends_on: date | None = None
    stopped_on: date | None = None
    pauses: list[Stretch] = field(default_factory=list)
    visits: list[tuple[date, int]] = field(default_factory=list)
    """How often a week the cadre comes, from when on."""
    approvals: list[tuple[date, bool]] = field(default_factory=list)
    """Whether days need the client's approval, from when on."""
    leaving: tuple[date, date] | None = None
    """When the cadre leaves, and when that was said, while no successor is named."""

    @property
    def over_on(self) -> date | None:
        """The first date on which the mission is in force no more; its end and its stop are its last dates."""
        lasts = [last for last in (self.ends_on, self.stopped_on) if last is not None]
        return day_after(min(lasts)) if lasts else None

    def needs_approval(self, on: date) -> bool:
        """Whether a day of that date waits for the client."""
        agreed = [required for from_on, required in self.approvals if from_on <= on]
        return agreed[-1] if agreed else self.approvals[0][1]

    def at_work(self) -> Iterator[Stretch]:
        """The stretches in which the mission is in force and not at rest."""
        begins: date | None = self.starts_on
        for from_on, until in self.pauses:
            if begins is not None and begins < from_on:
                yield from self.in_force((begins, from_on))
            begins = until
        if begins is not None:
            yield from self.in_force((begins, None))

    def in_force(self, stretch: Stretch) -> Iterator[Stretch]:
        """The part of a stretch in which the mission is in force."""
        begins, ends = max(stretch[0], self.starts_on), earlier(stretch[1], self.over_on)
        if ends is None or begins < ends:
            yield begins, ends


def engagement_of(row: MissionRow, as_of: date | None = None, known_at: datetime | None = None) -> Engagement:
    """A mission from the turns that had occurred by a date and were known at an instant."""
    engagement = Engagement(
        mission_id=row.mission_id,
        client_id=row.client_id,
        function=row.function,
        signed_on=row.signed_on,
        starts_on=row.starts_on,
        review_every=row.review_every,
        holders=[Holder(row.starts_on, row.cadre_id)],
    )
    for turn in row.turns:
        if (as_of is None or turn.occurred_on <= as_of) and (known_at is None or turn.recorded_at <= known_at):
            _take(engagement, turn)
    return engagement


def _take(engagement: Engagement, turn: Turn) -> None:
    match turn:
        case Turn(kind=TurnKind.ENDS):
            engagement.ends_on = turn.on
        case Turn(kind=TurnKind.STOPPED):
            engagement.stopped_on = turn.on
        case Turn(kind=TurnKind.AGREED, on=date() as on):
            if turn.visits is not None:
                engagement.visits.append((on, turn.visits))
            if turn.approval_required is not None:
                engagement.approvals.append((on, turn.approval_required))
        case Turn(kind=TurnKind.PAUSED, on=date() as on):
            engagement.pauses.append((on, None))
        case Turn(kind=TurnKind.RESUMED) if engagement.pauses:
            engagement.pauses[-1] = (engagement.pauses[-1][0], turn.on)
        case Turn(kind=TurnKind.LEAVING, on=date() as on):
            engagement.leaving = (on, turn.occurred_on) if turn.cadre_id is None else None
        case Turn(kind=TurnKind.HANDED_OVER, on=date() as on, cadre_id=str() as cadre_id):
            engagement.holders = [*followed_by(engagement.holders, Holder(on, cadre_id))]
            engagement.leaving = None
        case _:  # a resumption whose pause had not occurred by then
            pass


def held_on(holders: Sequence[tuple[date, str]], on: date) -> str:
    """Who holds a mission on a date; before its start, who is to."""
    held = [cadre_id for from_on, cadre_id in holders if from_on <= on]
    return held[-1] if held else holders[0][1]
