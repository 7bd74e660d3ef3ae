"""What an invoice still asks for: since when something of it has been outstanding, on any date."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from domain.billing.events import (
    Allocation,
    CreditNoteIssued,
    InvoiceIssued,
    PaymentAllocated,
    PaymentDeallocated,
    PaymentRecorded,
    PaymentWithdrawn,
    RefundRecorded,
)
from domain.event import Event, Recorded
from domain.values import IsoDate, Sum, Value
from projections.read_model import Fold, Key


class Movement(Value):
    """What one event added to what is outstanding, or took off it."""

    occurred_on: IsoDate
    recorded_at: datetime
    amount: Sum


class InvoiceRow(NamedTuple):
    """An invoice and what moved its account."""

    invoice_number: str
    client_id: str
    mission_ids: tuple[str, ...]
    due_on: date
    movements: tuple[Movement, ...]
    """The first is its issue."""
    owed_from: date | None
    """Since when something has been outstanding, without a break; None: nothing is."""
    chased_on: date | None
    """When it is, or was, due, while something is outstanding."""
    occurred_on: date
    recorded_at: datetime
    moved_on: date
    """The latest date on which its account moved."""
    moved_at: datetime


INVOICES = Fold("network_invoices", InvoiceRow, key=("invoice_number",), indexes=(("chased_on",), ("client_id",)))


@INVOICES.on(InvoiceIssued, keys=lambda event, _recorded: [(event.invoice_number,)])
def issued(_row: InvoiceRow | None, event: InvoiceIssued, recorded: Recorded[Event]) -> InvoiceRow:
    on, at = recorded.occurred_on, recorded.recorded_at
    return _told(
        InvoiceRow(
            invoice_number=event.invoice_number,
            client_id=event.client_id,
            mission_ids=tuple(sorted({line.mission_id for line in event.lines})),
            due_on=event.due_on,
            movements=(Movement(occurred_on=on, recorded_at=at, amount=event.gross),),
            owed_from=None,
            chased_on=None,
            occurred_on=on,
            recorded_at=at,
            moved_on=on,
            moved_at=at,
        )
    )


def _named(allocations: Iterable[Allocation]) -> list[Key]:
    return [(number,) for number in dict.fromkeys(each.invoice_number for each in allocations)]


def _share(row: InvoiceRow | None, allocations: Iterable[Allocation]) -> Decimal:
    number = "" if row is None else row.invoice_number
    return sum((each.amount.amount for each in allocations if each.invoice_number == number), Decimal(0))


@INVOICES.on(CreditNoteIssued, keys=lambda event, _recorded: [(event.invoice_number,)])
def credited(row: InvoiceRow | None, event: CreditNoteIssued, recorded: Recorded[Event]) -> InvoiceRow | None:
    return _moved(row, -event.gross, recorded)


@INVOICES.on(PaymentRecorded, keys=lambda event, _recorded: _named(event.allocations))
def paid(row: InvoiceRow | None, event: PaymentRecorded, recorded: Recorded[Event]) -> InvoiceRow | None:
    return _moved(row, -_share(row, event.allocations), recorded)


@INVOICES.on(PaymentAllocated, keys=lambda event, _recorded: _named(event.allocations))
def allocated(row: InvoiceRow | None, event: PaymentAllocated, recorded: Recorded[Event]) -> InvoiceRow | None:
    return _moved(row, -_share(row, event.allocations), recorded)


@INVOICES.on(PaymentWithdrawn, keys=lambda event, _recorded: _named(event.undone))
def withdrawn(row: InvoiceRow | None, event: PaymentWithdrawn, recorded: Recorded[Event]) -> InvoiceRow | None:
    return _moved(row, _share(row, event.undone), recorded)


@INVOICES.on(PaymentDeallocated, keys=lambda event, _recorded: [(event.invoice_number,)])
def deallocated(row: InvoiceRow | None, event: PaymentDeallocated, recorded: Recorded[Event]) -> InvoiceRow | None:
    return _moved(row, event.amount.amount, recorded)


@INVOICES.on(RefundRecorded, keys=lambda event, _recorded: [(event.invoice_number,)])
def refunded(row: InvoiceRow | None, event: RefundRecorded, recorded: Recorded[Event]) -> InvoiceRow | None:
    return _moved(row, event.amount.amount, recorded)


def _moved(row: InvoiceRow | None, amount: Decimal, recorded: Recorded[Event]) -> InvoiceRow | None:
    if row is None:
        return None
    on, at = recorded.occurred_on, recorded.recorded_at
    movement = Movement(occurred_on=on, recorded_at=at, amount=amount)
    return _told(row._replace(movements=(*row.movements, movement), moved_on=max(row.moved_on, on), moved_at=at))


def _told(row: InvoiceRow) -> InvoiceRow:
    owed_from = owed_since(row)
    return row._replace(owed_from=owed_from, chased_on=None if owed_from is None else row.due_on)


def owed_since(row: InvoiceRow, as_of: date | None = None, known_at: datetime | None = None) -> date | None:
    """Since when something has been outstanding, of what had occurred by a date and was known at an instant."""
    moved: dict[date, Decimal] = {}
    for each in row.movements:
        if (as_of is None or each.occurred_on <= as_of) and (known_at is None or each.recorded_at <= known_at):
            moved[each.occurred_on] = moved.get(each.occurred_on, Decimal(0)) + each.amount
    outstanding, since = Decimal(0), None
    for on in sorted(moved):
        outstanding += moved[on]
        since = None if outstanding <= 0 else since or on
    return since
