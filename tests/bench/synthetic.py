"""Histories made faster than commands can: days of a mission, sealed and blinded like any other."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from domain.event import Actor, Event, Role
from domain.mission.events import DayDelivered, Half, Place
from service.store.door import NewEvent
from service.store.filing import new_event
from service.store.keys import KeyStore
from service.store.record import Envelope, envelope_bytes
from tests.examples import EXAMPLES


def days(keys: KeyStore, network: str, events: int, *, a_mission: int = 500) -> list[NewEvent]:
    """Signed missions and their days, so many events in all."""
    found: list[NewEvent] = []
    signed = EXAMPLES["mission.signed"]
    for first in range(0, events, a_mission):
        mission_id = f"M-{network}-{first}"
        stream = f"mission:{mission_id}"
        secrets = keys.stream_secrets([stream], create=True)[stream]
        history: list[Event] = [signed.model_copy(update={"mission_id": mission_id})]
        history += [_day(mission_id, n) for n in range(min(a_mission, events - first) - 1)]
        for version, event in enumerate(history, 1):
            envelope = Envelope(actor=Actor(Role.CADRE, "C-001"), occurred_on=date(2025, 1, 6))
            found.append(new_event(event, stream, version, tags=(), envelope=envelope_bytes(envelope), secrets=secrets))
    return found


def _day(mission_id: str, n: int) -> DayDelivered:
    return DayDelivered(
        day_id=f"{mission_id}-{n}",
        date=date(2025, 1, 6) + timedelta(days=n),
        quantity=Decimal("0.5"),
        half=Half.AM,
        place=Place.ON_SITE,
        summary="Clôture mensuelle et tableau de bord",
        objective_ids=("O1",),
        cadre_id="C-001",
    )
