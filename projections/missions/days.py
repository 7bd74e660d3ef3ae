"""The days of a mission: what was done, when, by whom, and where each stands."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from domain.event import Event, Recorded
from domain.mission.events import DayDelivered, DaysCredited, DaysInvoiced, DaysReleased, Half, Place, Unit
from projections.delivered_days import DAY_EVENTS, DayEvent, Standing, day_keys, moves
from projections.read_model import Fold, stream_id, words


class DayRow(NamedTuple):
    """One delivered day, and the last thing said of it."""

    mission_id: str
    day_id: str
    date: date
    cadre_id: str
    quantity: Decimal
    unit: Unit
    half: Half | None
    place: Place | None
    summary: str | None
    objective_ids: tuple[str, ...]
    exceptional: bool
    standing: Standing
    invoice_number: str | None
    credit_note_number: str | None


DAYS = Fold(
    "mission_days",
    DayRow,
    key=("mission_id", "day_id"),
    indexes=(("mission_id", "date", "day_id"), ("cadre_id", "date")),
    personal=frozenset({"summary"}),
)


@DAYS.on(DayDelivered, keys=lambda event, recorded: [(stream_id(recorded), event.day_id)])
def delivered(_row: DayRow | None, event: DayDelivered, recorded: Recorded[Event]) -> DayRow:
    return DayRow(
        mission_id=stream_id(recorded),
        day_id=event.day_id,
        date=event.date,
        cadre_id=event.cadre_id,
        quantity=event.quantity,
        unit=event.unit,
        half=event.half,
        place=event.place,
        summary=words(event.summary),
        objective_ids=event.objective_ids,
        exceptional=event.exceptional,
        standing=Standing.DELIVERED,
        invoice_number=None,
        credit_note_number=None,
    )


def moved(row: DayRow | None, event: DayEvent, _recorded: Recorded[Event]) -> DayRow | None:
    """The day where the event puts it; the last invoice and credit note that name it stay with it."""
    if row is None:
        return None
    return row._replace(
        standing=moves(event),
        invoice_number=_invoice_number(event, row),
        credit_note_number=event.credit_note_number
        if isinstance(event, DaysCredited | DaysReleased)
        else row.credit_note_number,
    )


def _invoice_number(event: DayEvent, row: DayRow) -> str | None:
    if isinstance(event, DaysInvoiced):
        return event.invoice_number
    return None if isinstance(event, DaysReleased) else row.invoice_number


for _event_type in DAY_EVENTS:
    DAYS.on(_event_type, keys=day_keys)(moved)
