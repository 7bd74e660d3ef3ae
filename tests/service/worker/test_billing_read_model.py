"""A year's invoices and payments, told from PostgreSQL as the events alone tell them, filtered and paged."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar, cast

import psycopg
import pytest

from domain.event import Event, Recorded
from domain.mission.events import DayDelivered
from projections.invoices import BILLING
from projections.invoices.answers import (
    credit_note_answer,
    credit_notes_view,
    invoice_answer,
    invoices_view,
    payment_answer,
    payments_view,
)
from projections.invoices.credit_notes import CREDIT_NOTES
from projections.invoices.expenses import EXPENSES
from projections.invoices.invoices import INVOICES, InvoiceRow
from projections.invoices.payments import PAYMENTS
from projections.invoices.queries import (
    InvoicesAsked,
    credit_notes_for,
    expenses_of,
    invoice_by_number,
    invoices_for,
    payment_by_id,
    payments_for,
    terms_of,
)
from projections.invoices.sources import AGREED_TERMS, Sources
from projections.read_model import Cells, Fold, Query
from tests.journal_world import World, journal
from tests.projections.histories import Happened
from tests.servers import Database
from tests.service.worker.conftest import Workers
from tests.service.worker.recording import Recorder

TODAY = date(2025, 8, 31)
R = TypeVar("R", bound=tuple[object, ...])


@dataclass
class Told:
    """A history in PostgreSQL, its billing kept up to date, and the same history in memory."""

    connection: psycopg.Connection[tuple[Any, ...]]
    events: list[Recorded[Event]]

    def ask(self, table: Fold[R], query: Query) -> list[R]:
        cells = Cells(table.row)
        with self.connection.cursor(binary=True) as cursor:
            cursor.execute(query.sql.encode(), dict(query.parameters))
            return [cast(R, cells.read(row)) for row in cursor.fetchall()]

    def invoices(self, *, after: int | None = None, limit: int | None = None, **asked: Any) -> list[InvoiceRow]:
        return self.ask(INVOICES, invoices_for(TODAY, InvoicesAsked(**asked), after=after, limit=limit))


@pytest.fixture
def told(database: Database, history: Recorder, worker: Workers) -> Iterator[Told]:
    lived = World().run(journal("careless")).network.recorded
    head = history.record(Happened(each.stream, each.event, each.occurred_on) for each in lived)
    progress = worker(models=[BILLING]).progress
    assert asyncio.run(progress.wait_until(head, 30, [BILLING.name]))
    with psycopg.connect(database.app_url) as connection:
        yield Told(connection, lived)


def test_the_tables_tell_what_the_events_tell(told: Told) -> None:
    missions = sorted({mission_id for row in told.invoices() for mission_id in row.mission_ids})
    days = {each.event.day_id: each.position for each in told.events if isinstance(each.event, DayDelivered)}
    sources = Sources(told.ask(EXPENSES, expenses_of(missions)), told.ask(AGREED_TERMS, terms_of(missions)), days)
    assert [invoice_answer(row, TODAY, sources) for row in told.invoices()] == invoices_view(told.events, TODAY)
    notes = told.ask(CREDIT_NOTES, credit_notes_for(TODAY))
    assert [credit_note_answer(row, sources) for row in notes] == credit_notes_view(told.events, TODAY)
    payments = told.ask(PAYMENTS, payments_for(TODAY))
    assert [payment_answer(row, TODAY) for row in payments] == payments_view(told.events, TODAY)


def test_invoices_are_asked_for_by_what_they_bill_and_page_by_page(told: Told) -> None:
    everything = told.invoices()
    assert told.invoices(client_id="E-005") == [row for row in everything if row.client_id == "E-005"]
    assert told.invoices(issuer_id="I-001") == [row for row in everything if row.issuer_id == "I-001"]
    assert told.invoices(month="2025-03") == [row for row in everything if row.month == "2025-03"]
    one = told.invoices(mission_id="M-2025-003")
    assert one == [row for row in everything if "M-2025-003" in row.mission_ids]
    within = told.invoices(within=["M-2025-003", "M-2025-001"])
    assert within == [row for row in everything if set(row.mission_ids) <= {"M-2025-003", "M-2025-001"}]
    assert told.invoices(within=[]) == []
    first = told.invoices(limit=3)
    assert [*first, *told.invoices(after=first[-1].position)] == everything


def test_each_document_and_payment_is_found(told: Told) -> None:
    (invoice,) = told.ask(INVOICES, invoice_by_number("F-2025-00009"))
    assert invoice.credited == 163770
    notes = told.ask(CREDIT_NOTES, credit_notes_for(TODAY, invoice_number="F-I-001-2025-00001"))
    assert [note.credit_note_number for note in notes] == ["A-I-001-2025-00001", "A-I-001-2025-00002"]
    (payment,) = told.ask(PAYMENTS, payment_by_id("P-00704"))
    assert payment.amount - payment.allocated == 200859
    assert payment in told.ask(PAYMENTS, payments_for(TODAY, client_id="E-005"))
