"""What the demonstration asks of the read models, once the sample year is in history."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import psycopg

from domain.mission.events import Unit
from domain.party.events import Language
from projections.audit_trail import Entry, EntryRow, entries_for, entry_of
from projections.delivered_days import Bucket
from projections.missions.answers import holder, status
from projections.missions.mission import MissionRow
from projections.missions.parties import PartyRow
from projections.missions.queries import missions_for, parties_for
from projections.read_model import Cells, Query
from projections.reconciliation import counts_for, portion_of, portions_for
from service.demo.pages import BucketLine, Fact, MissionLine, Trail

SHOWN_FIRST, SHOWN_LAST = 9, 6
"""How many facts of the audit trail stand at its top and at its end."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A year of a network, as of its last day."""

    on: date
    missions: Sequence[MissionLine]
    buckets: Sequence[BucketLine]
    differences: Sequence[str]
    trail: Trail


def read_sample(history: psycopg.Connection, language: Language) -> Sample:
    """Everything that is shown, read from the read models."""
    on = _last_day(history)
    missions, names = _missions(history, on), _names(history)
    return Sample(
        on=on,
        missions=[
            MissionLine(
                mission_id=row.mission_id,
                client=names[row.client_id],
                cadre=names[holder(row, on)],
                function=row.function,
                status=status(row, on),
            )
            for row in missions
        ],
        buckets=_buckets(history),
        differences=_differences(history),
        trail=_trail(history, _most_eventful(missions), language),
    )


def _last_day(history: psycopg.Connection) -> date:
    """The sample's own last day: what it says of a later one, such as today, would be beside the point."""
    (last,) = history.execute("SELECT max(occurred_on) FROM rm.audit_trail").fetchall()[0]
    if not isinstance(last, date):
        raise TypeError("the sample year has no day: its journal was not imported")
    return last


def _missions(history: psycopg.Connection, on: date) -> list[MissionRow]:
    cells = Cells(MissionRow)
    rows = (cells.read(row) for row in _ask(history, missions_for(on)))
    return [row for row in rows if isinstance(row, MissionRow)]


def _names(history: psycopg.Connection) -> dict[str, str]:
    """What the parties are called; the id of one that was forgotten."""
    cells = Cells(PartyRow)
    rows = (cells.read(row) for row in _ask(history, parties_for()))
    return {row.party_id: row.name or row.party_id for row in rows if isinstance(row, PartyRow)}


def _most_eventful(missions: Sequence[MissionRow]) -> str:
    """A mission that changed hands tells most; else the one with the longest history."""
    return max(missions, key=lambda row: (len(row.holders), row.version)).mission_id


def _buckets(history: psycopg.Connection) -> list[BucketLine]:
    quantities: dict[str, dict[Bucket, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for mission_id, month, standing, required, currency, price, quantity in _ask(history, portions_for()):
        portion = portion_of((mission_id, month, standing, required, currency, price, quantity))
        quantities[portion.mission_id][portion.bucket] += portion.quantity
    by_the_hour = {
        mission_id for (mission_id,) in history.execute("SELECT mission_id FROM rm.mission_days WHERE unit = 'hour'")
    }
    return [
        BucketLine(mission_id, Unit.HOUR if mission_id in by_the_hour else Unit.DAY, held)
        for mission_id, held in sorted(quantities.items())
    ]


def _differences(history: psycopg.Connection) -> list[str]:
    return [f"{mission_id} {month}" for mission_id, month, _, _ in _ask(history, counts_for())]


def _trail(history: psycopg.Connection, mission_id: str, language: Language) -> Trail:
    entries = [
        entry_of(EntryRow(*row[:-1]), row[-1], language) for row in _ask(history, entries_for(f"mission:{mission_id}"))
    ]
    facts = [_fact(entry) for entry in entries]
    return Trail(mission_id, len(facts), facts[:SHOWN_FIRST], facts[SHOWN_FIRST:][-SHOWN_LAST:])


def _fact(entry: Entry) -> Fact:
    return Fact(entry.position, entry.occurred_on, entry.sentence, entry.hash)


def _ask(history: psycopg.Connection, query: Query) -> list[tuple[Any, ...]]:
    return history.execute(query.sql.encode(), query.parameters).fetchall()
