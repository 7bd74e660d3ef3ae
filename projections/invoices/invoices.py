"""Each invoice as it was issued, and what was paid, given back and credited since."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from domain.billing.events import (
    Allocation,
    CreditNoteIssued,
    InvoiceIssued,
    Line,
    LineKind,
    Mention,
    PartyDetails,
    PaymentAllocated,
    PaymentDeallocated,
    PaymentRecorded,
    PaymentWithdrawn,
    RefundRecorded,
    TaxAmount,
)
from domain.event import Event, Recorded
from domain.values import Currency, IsoDate, Sum, Value
from projections.read_model import Fold, Key


class MovementKind(StrEnum):
    """What changes what is outstanding."""

    PAYMENT = "payment"
    """Allocated; a negative one: its allocation undone."""
    REFUND = "refund"
    CREDIT_NOTE = "credit_note"


class Movement(Value):
    """What one event did to an invoice: `paid` and `credited` add up."""

    kind: MovementKind
    source_id: str
    """The payment, refund or credit note."""
    occurred_on: IsoDate
    position: int
    paid: Sum = Decimal(0)
    credited: Sum = Decimal(0)


class InvoiceRow(NamedTuple):
    """One invoice: its document, frozen at issue, and its account."""

    invoice_number: str
    sequence: int
    client_id: str
    issuer_id: str
    currency: Currency
    month: str
    issued_on: date
    due_on: date
    net: Decimal
    tax: Decimal
    gross: Decimal
    paid: Decimal
    """What payments allocate to it, less what was refunded."""
    credited: Decimal
    settled_on: date | None
    """Since when nothing is outstanding; None while something is."""
    mission_ids: tuple[str, ...]
    months: tuple[str, ...]
    """The months of delivery whose time or retainer it bills."""
    lines: tuple[Line, ...]
    taxes: tuple[TaxAmount, ...]
    mentions: tuple[Mention, ...]
    issuer: PartyDetails
    client: PartyDetails
    movements: tuple[Movement, ...]
    occurred_on: date
    recorded_at: datetime
    position: int


INVOICES = Fold(
    "invoices",
    InvoiceRow,
    key=("invoice_number",),
    indexes=(
        ("client_id", "issued_on"),
        ("issued_on", "invoice_number"),
        ("position",),
        ("settled_on",),
        ("mission_ids", "months"),
    ),
    personal=frozenset({"issuer", "client"}),
)


@INVOICES.on(InvoiceIssued, keys=lambda event, _recorded: [(event.invoice_number,)])
def issued(_row: InvoiceRow | None, event: InvoiceIssued, recorded: Recorded[Event]) -> InvoiceRow:
    return InvoiceRow(
        invoice_number=event.invoice_number,
        sequence=event.sequence,
        client_id=event.client_id,
        issuer_id=event.issuer_id,
        currency=event.currency,
        month=event.month,
        issued_on=event.issued_on,
        due_on=event.due_on,
        net=event.net,
        tax=event.tax,
        gross=event.gross,
        paid=Decimal(0),
        credited=Decimal(0),
        settled_on=None,
        mission_ids=tuple(sorted({line.mission_id for line in event.lines})),
        months=months_of(event.lines),
        lines=event.lines,
        taxes=event.taxes,
        mentions=event.mentions,
        issuer=event.issuer,
        client=event.client,
        movements=(),
        occurred_on=recorded.occurred_on,
        recorded_at=recorded.recorded_at,
        position=recorded.position,
    )


def months_of(lines: Iterable[Line]) -> tuple[str, ...]:
    """The months of delivery whose time or retainer a document's lines are about."""
    return tuple(sorted({line.month for line in lines if line.kind is not LineKind.EXPENSE}))


@INVOICES.on(CreditNoteIssued, keys=lambda event, _recorded: [(event.invoice_number,)])
def credited(row: InvoiceRow | None, event: CreditNoteIssued, recorded: Recorded[Event]) -> InvoiceRow | None:
    return _moved(row, MovementKind.CREDIT_NOTE, event.credit_note_number, recorded, credited=event.gross)


def _named(allocations: Iterable[Allocation]) -> list[Key]:
    return [(number,) for number in dict.fromkeys(each.invoice_number for each in allocations)]


@INVOICES.on(PaymentRecorded, keys=lambda event, _recorded: _named(event.allocations))
def paid(row: InvoiceRow | None, event: PaymentRecorded, recorded: Recorded[Event]) -> InvoiceRow | None:
    return _moved(row, MovementKind.PAYMENT, event.payment_id, recorded, paid=_share(row, event.allocations))


@INVOICES.on(PaymentAllocated, keys=lambda event, _recorded: _named(event.allocations))
def allocated(row: InvoiceRow | None, event: PaymentAllocated, recorded: Recorded[Event]) -> InvoiceRow | None:
    return _moved(row, MovementKind.PAYMENT, event.payment_id, recorded, paid=_share(row, event.allocations))


@INVOICES.on(PaymentWithdrawn, keys=lambda event, _recorded: _named(event.undone))
def withdrawn(row: InvoiceRow | None, event: PaymentWithdrawn, recorded: Recorded[Event]) -> InvoiceRow | None:
    return _moved(row, MovementKind.PAYMENT, event.payment_id, recorded, paid=-_share(row, event.undone))


@INVOICES.on(PaymentDeallocated, keys=lambda event, _recorded: [(event.invoice_number,)])
def deallocated(row: InvoiceRow | None, event: PaymentDeallocated, recorded: Recorded[Event]) -> InvoiceRow | None:
    return _moved(row, MovementKind.PAYMENT, event.payment_id, recorded, paid=-event.amount.amount)


@INVOICES.on(RefundRecorded, keys=lambda event, _recorded: [(event.invoice_number,)])
def refunded(row: InvoiceRow | None, event: RefundRecorded, recorded: Recorded[Event]) -> InvoiceRow | None:
    return _moved(row, MovementKind.REFUND, event.refund_id, recorded, paid=-event.amount.amount)


def _share(row: InvoiceRow | None, allocations: Iterable[Allocation]) -> Decimal:
    number = "" if row is None else row.invoice_number
    return sum((each.amount.amount for each in allocations if each.invoice_number == number), Decimal(0))


def _moved(
    row: InvoiceRow | None,
    kind: MovementKind,
    source_id: str,
    recorded: Recorded[Event],
    *,
    paid: Decimal = Decimal(0),
    credited: Decimal = Decimal(0),
) -> InvoiceRow | None:
    if row is None:
        return None
    movement = Movement(
        kind=kind,
        source_id=source_id,
        occurred_on=recorded.occurred_on,
        position=recorded.position,
        paid=paid,
        credited=credited,
    )
    movements = (*row.movements, movement)
    account = row._replace(paid=row.paid + paid, credited=row.credited + credited, movements=movements)
    settled = account.gross == account.paid + account.credited
    return account._replace(settled_on=max(each.occurred_on for each in movements) if settled else None)
