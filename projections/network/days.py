"""The days that a network delivers: when, by whom, and when each was approved, disputed or taken back."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import NamedTuple

from domain.event import Event, Recorded
from domain.mission.events import DayDelivered, Unit
from domain.values import IsoDate, Value
from projections.delivered_days import DAY_EVENTS, DayEvent, Standing, day_keys, moves
from projections.read_model import Fold, stream_id

HOURS_A_DAY = 8
GONE = (Standing.WITHDRAWN, Standing.CREDITED)
"""A day that was taken back, by word or by credit note, was not delivered; it does not come back."""


class Move(Value):
    """What was said of a day, when that occurred, and from when it was known."""

    standing: Standing
    occurred_on: IsoDate
    recorded_at: dt.datetime


class DayRow(NamedTuple):
    """One delivered day, in days."""

    mission_id: str
    day_id: str
    date: dt.date
    cadre_id: str
    days: Decimal
    occurred_on: dt.date
    recorded_at: dt.datetime
    moves: tuple[Move, ...]
    open_on: dt.date | None
    """Its date, while the client has neither approved it nor agreed what becomes of a dispute."""
    gone_on: dt.date | None
    gone_at: dt.datetime | None
    moved_on: dt.date | None
    """The latest date on which something was said of it."""
    moved_at: dt.datetime | None


DAYS = Fold(
    "network_days",
    DayRow,
    key=("mission_id", "day_id"),
    indexes=(("mission_id", "date"), ("mission_id", "open_on"), ("date",)),
)


@DAYS.on(DayDelivered, keys=lambda event, recorded: [(stream_id(recorded), event.day_id)])
def delivered(_row: DayRow | None, event: DayDelivered, recorded: Recorded[Event]) -> DayRow:
    return DayRow(
        mission_id=stream_id(recorded),
        day_id=event.day_id,
        date=event.date,
        cadre_id=event.cadre_id,
        days=event.quantity / HOURS_A_DAY if event.unit is Unit.HOUR else event.quantity,
        occurred_on=recorded.occurred_on,
        recorded_at=recorded.recorded_at,
        moves=(),
        open_on=event.date,
        gone_on=None,
        gone_at=None,
        moved_on=None,
        moved_at=None,
    )


def moved(row: DayRow | None, event: DayEvent, recorded: Recorded[Event]) -> DayRow | None:
    """The day with one more thing said of it."""
    if row is None:
        return None
    move = Move(standing=moves(event), occurred_on=recorded.occurred_on, recorded_at=recorded.recorded_at)
    gone = move.standing in GONE
    return row._replace(
        moves=(*row.moves, move),
        open_on=row.date if move.standing is Standing.DISPUTED else None,
        gone_on=move.occurred_on if gone else row.gone_on,
        gone_at=move.recorded_at if gone else row.gone_at,
        moved_on=max(row.moved_on or move.occurred_on, move.occurred_on),
        moved_at=move.recorded_at,
    )


for _event_type in DAY_EVENTS:
    DAYS.on(_event_type, keys=day_keys)(moved)


def last_word(row: DayRow, as_of: dt.date | None = None, known_at: dt.datetime | None = None) -> Move | None:
    """The last thing said of a day, of what had occurred by a date and was known at an instant; None: nothing."""
    said = [
        move
        for move in row.moves
        if (as_of is None or move.occurred_on <= as_of) and (known_at is None or move.recorded_at <= known_at)
    ]
    return said[-1] if said else None
