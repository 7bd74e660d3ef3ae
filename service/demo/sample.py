"""What the demonstration asks of the read models, once the sample year is in history."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import psycopg

from domain.mission.events import Unit
from domain.party.events import Language
from domain.values import Currency, Hourly
from projections.audit_trail import Entry
from projections.delivered_days import Bucket
from projections.invoices.invoices import InvoiceRow
from projections.invoices.queries import invoices_for
from projections.missions.answers import MissionAnswer
from projections.read_model import Cells
from projections.reconciliation import Reconciliation
from service.demo.pages import BilledLine, BucketLine, Fact, MissionLine, Trail
from service.projections import questions

SHOWN = 20
"""How many facts of the audit trail are shown: the first of each kind."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A year of a network, as of its last day."""

    on: date
    missions: Sequence[MissionLine]
    buckets: Sequence[BucketLine]
    differences: Sequence[str]
    billed: Sequence[BilledLine]
    trail: Trail


async def read_sample(database_url: str, language: Language) -> Sample:
    """Everything that is shown, read from the read models."""
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
        history = await questions.audit_trail(connection)
        on = max(entry.occurred_on for entry in history)
        missions = await questions.missions(connection, on)
        names = {party.party_id: party.name or party.party_id for party in await questions.parties(connection)}
        reconciled = await questions.reconciled(connection)
        billed = await _billed(connection, on)
        told = max(missions, key=lambda mission: (len(mission.holders), mission.version)).mission_id
        trail = await questions.audit_trail(connection, f"mission:{told}", language=language)
    return Sample(
        on=on,
        missions=[
            MissionLine(each.mission_id, names[each.client_id], names[each.cadre_id], each.function, each.status)
            for each in missions
        ],
        buckets=_buckets(reconciled, missions),
        differences=[f"{each.mission_id} {each.month} {each.figure}" for each in reconciled.differences],
        billed=billed,
        trail=_trail(told, trail),
    )


def _buckets(reconciled: Reconciliation, missions: Sequence[MissionAnswer]) -> list[BucketLine]:
    """The months of each mission together."""
    quantities: dict[str, dict[Bucket, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for line in reconciled.items:
        for bucket in Bucket:
            quantities[line.mission_id][bucket] += dict(line)[bucket.value]
    return [
        BucketLine(
            mission.mission_id,
            Unit.HOUR if isinstance(mission.terms.billing, Hourly) else Unit.DAY,
            quantities[mission.mission_id],
        )
        for mission in missions
        if mission.mission_id in quantities
    ]


async def _billed(connection: questions.Connection, on: date) -> list[BilledLine]:
    """The invoices of each currency together."""
    query, cells = invoices_for(on), Cells(InvoiceRow)
    async with connection.cursor(binary=True) as cursor:
        await cursor.execute(query.sql.encode(), dict(query.parameters))
        found = [cells.read(row) for row in await cursor.fetchall()]
    lines = []
    for currency in Currency:
        rows = [row for row in found if isinstance(row, InvoiceRow) and row.currency is currency]
        gross, credited, paid = (
            sum((getattr(row, name) for row in rows), Decimal(0)) for name in ("gross", "credited", "paid")
        )
        overdue = [row.gross - row.credited - row.paid for row in rows if row.due_on < on]
        late = sum((amount for amount in overdue if amount > 0), Decimal(0))
        lines.append(BilledLine(currency, len(rows), gross, credited, paid, late))
    return [line for line in lines if line.invoices]


def _trail(mission_id: str, entries: Sequence[Entry]) -> Trail:
    first_of_each = {entry.type: entry for entry in reversed(entries)}.values()
    shown = sorted(first_of_each, key=lambda entry: entry.version)[:SHOWN]
    facts = [Fact(entry.position, entry.version, entry.occurred_on, entry.sentence, entry.hash) for entry in shown]
    return Trail(mission_id, len(entries), facts)
