"""The facts that an invoice follows from: the document, its days, their approval, what set their price."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from domain.billing.events import CreditNoteIssued, InvoiceIssued
from domain.billing.series import invoice_tag
from domain.event import Event
from domain.mission.events import (
    DayDelivered,
    DaysApproved,
    DaysCredited,
    DaysInvoiced,
    DaysReleased,
    DisputeSettled,
    ExpenseRecorded,
    MissionAmended,
    MissionExtended,
    MissionPaused,
    MissionResumed,
    MissionSigned,
    MissionStopped,
    SettlementOutcome,
)
from domain.streams import mission_stream
from domain.values import Retainer
from service.store.opening import sealed_row
from service.store.reader import Reader, StoredRow, TaggedRow


def facts_of(invoice_number: str, reader: Reader, upto: int) -> list[list[StoredRow]] | None:
    """The rows of an invoice's bundle, stream by stream, up to a position; None where the invoice is not there yet.

    First the series that the invoice stands in, then its missions, then the series of its credit notes.
    """
    tagged = [row for row in reader.read_tags([invoice_tag(invoice_number)]) if row.position <= upto]
    documents = [(row, sealed_row(row).event) for row in tagged]
    issued = [(row, event) for row, event in documents if isinstance(event, InvoiceIssued)]
    if not issued:
        return None
    row, invoice = issued[0]
    notes: dict[str, list[StoredRow]] = {}
    for other, event in documents:
        if isinstance(event, CreditNoteIssued):
            notes.setdefault(other.stream, []).append(_stored(other))
    missions = [
        [each for each in reader.read_stream(mission_stream(mission_id)) if each.position <= upto]
        for mission_id in sorted({line.mission_id for line in invoice.lines})
    ]
    billed = [list(_behind(invoice, rows)) for rows in missions]
    return [[_stored(row)], *billed, *notes.values()]


def _behind(invoice: InvoiceIssued, rows: Sequence[StoredRow]) -> Iterator[StoredRow]:
    """What the invoice follows from in one mission, and what it and its credit notes made of it there."""
    facts = [(row, sealed_row(row).event) for row in rows]
    number = invoice.invoice_number
    at = next(row.version for row, event in facts if isinstance(event, DaysInvoiced) and event.invoice_number == number)
    signed = facts[0][1]
    retained = isinstance(signed, MissionSigned) and isinstance(signed.terms.billing, Retainer)
    days = {day.day_id for line in invoice.lines for day in line.days}
    expenses = {line.expense_id for line in invoice.lines}
    for row, event in facts:
        behind = _sets_the_price(event, retained=retained) or _is_billed(event, days, expenses)
        if (behind and row.version < at) or _bears_on(event, number):
            yield row


def _sets_the_price(event: Event, *, retained: bool) -> bool:
    """The letter, amendments of its terms, and for a retainer whatever says on which dates the mission was active."""
    match event:
        case MissionSigned():
            return True
        case MissionAmended(terms=terms):
            return terms is not None
        case MissionExtended() | MissionPaused() | MissionResumed() | MissionStopped():
            return retained
        case _:
            return False


def _is_billed(event: Event, days: set[str], expenses: set[str | None]) -> bool:
    """The time and the expenses on the invoice, the approval of that time, and what made it ready again."""
    match event:
        case DayDelivered(day_id=day_id):
            return day_id in days
        case DaysApproved(day_ids=day_ids) | DaysInvoiced(day_ids=day_ids) | DaysReleased(day_ids=day_ids):
            return not days.isdisjoint(day_ids)
        case DisputeSettled(day_id=day_id, outcome=SettlementOutcome.APPROVED):
            return day_id in days
        case ExpenseRecorded(expense_id=expense_id):
            return expense_id in expenses
        case _:
            return False


def _bears_on(event: Event, number: str) -> bool:
    return isinstance(event, (DaysInvoiced, DaysCredited, DaysReleased)) and event.invoice_number == number


def _stored(row: TaggedRow) -> StoredRow:
    return StoredRow(*row[:8])
