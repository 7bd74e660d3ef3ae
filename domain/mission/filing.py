"""Where a mission's events are kept, and by which tags other decisions find them."""

from __future__ import annotations

from collections.abc import Iterable

from domain.event import Filed
from domain.mission.events import (
    DayDelivered,
    DaysCredited,
    DayWithdrawn,
    DisputeSettled,
    MissionEvent,
    MissionSigned,
    SettlementOutcome,
)
from domain.mission.state import Mission
from domain.streams import MISSIONS_TAG, cadre_day_tag, client_tag, day_tag, mission_stream


def filed_letter(event: MissionSigned) -> Filed:
    """A mission's first event: the network and the client find their missions by it."""
    return Filed(mission_stream(event.mission_id), event, (MISSIONS_TAG, client_tag(event.client_id)))


def filed(mission: Mission, event: MissionEvent) -> Filed:
    """A later event, tagged with each cadre's date that it takes or frees."""
    return Filed(mission_stream(mission.mission_id), event, _tags(mission, event))


def _tags(mission: Mission, event: MissionEvent) -> tuple[str, ...]:
    match event:
        case DayDelivered():
            return (day_tag(event.day_id), cadre_day_tag(event.cadre_id, event.date))
        case DayWithdrawn(day_id=day_id) | DisputeSettled(day_id=day_id, outcome=SettlementOutcome.WITHDRAWN):
            return _freed(mission, (day_id,))
        case DaysCredited(day_ids=day_ids):
            return _freed(mission, day_ids)
        case _:
            return ()


def _freed(mission: Mission, day_ids: Iterable[str]) -> tuple[str, ...]:
    days = [mission.days[day_id] for day_id in day_ids]
    return tuple(sorted({cadre_day_tag(day.cadre_id, day.date) for day in days}))
