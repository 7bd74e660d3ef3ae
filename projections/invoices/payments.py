"""Each payment and refund, the invoices that it pays, and what of it waits."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from domain.billing.events import (
    Allocation,
    MatchedBy,
    PaymentAllocated,
    PaymentDeallocated,
    PaymentRecorded,
    PaymentWithdrawn,
    RefundRecorded,
)
from domain.event import Event, Recorded
from domain.values import Currency, IsoDate, Number, Value
from projections.read_model import Fold, words


class Share(Value):
    """What an event gave to an invoice of a payment's money, or took from it again."""

    invoice_number: str
    amount: Number
    occurred_on: IsoDate
    recorded_at: datetime
    position: int


class Withdrawal(Value):
    """A payment was recorded by mistake: when that was said."""

    occurred_on: IsoDate
    recorded_at: datetime
    position: int


class PaymentRow(NamedTuple):
    """One payment, or one refund: money that came in, or went back."""

    payment_id: str
    is_refund: bool
    received_on: date
    currency: Currency
    amount: Decimal
    allocated: Decimal
    payer: str | None
    client_id: str | None
    reference: str | None
    matched_by: MatchedBy | None
    withdrawn: Withdrawal | None
    shares: tuple[Share, ...]
    occurred_on: date
    recorded_at: datetime
    position: int


PAYMENTS = Fold(
    "payments",
    PaymentRow,
    key=("payment_id",),
    indexes=(("client_id",), ("received_on", "payment_id"), ("position",)),
    personal=frozenset({"payer", "reference"}),
)


@PAYMENTS.on(PaymentRecorded, keys=lambda event, _recorded: [(event.payment_id,)])
def recorded_payment(_row: PaymentRow | None, event: PaymentRecorded, recorded: Recorded[Event]) -> PaymentRow:
    row = PaymentRow(
        payment_id=event.payment_id,
        is_refund=False,
        received_on=event.received_on,
        currency=event.amount.currency,
        amount=event.amount.amount,
        allocated=Decimal(0),
        payer=words(event.payer),
        client_id=event.client_id,
        reference=words(event.reference),
        matched_by=event.matched_by,
        withdrawn=None,
        shares=(),
        occurred_on=recorded.occurred_on,
        recorded_at=recorded.recorded_at,
        position=recorded.position,
    )
    return _shared(row, _shares(event.allocations, recorded))


@PAYMENTS.on(RefundRecorded, keys=lambda event, _recorded: [(event.refund_id,)])
def refunded(_row: PaymentRow | None, event: RefundRecorded, recorded: Recorded[Event]) -> PaymentRow:
    row = PaymentRow(
        payment_id=event.refund_id,
        is_refund=True,
        received_on=event.paid_on,
        currency=event.amount.currency,
        amount=event.amount.amount,
        allocated=Decimal(0),
        payer=None,
        client_id=None,
        reference=words(event.reference),
        matched_by=None,
        withdrawn=None,
        shares=(),
        occurred_on=recorded.occurred_on,
        recorded_at=recorded.recorded_at,
        position=recorded.position,
    )
    return _shared(row, [_share(event.invoice_number, event.amount.amount, recorded)])


@PAYMENTS.on(PaymentAllocated, keys=lambda event, _recorded: [(event.payment_id,)])
def allocated(row: PaymentRow | None, event: PaymentAllocated, recorded: Recorded[Event]) -> PaymentRow | None:
    return None if row is None else _shared(row, _shares(event.allocations, recorded))


@PAYMENTS.on(PaymentDeallocated, keys=lambda event, _recorded: [(event.payment_id,)])
def deallocated(row: PaymentRow | None, event: PaymentDeallocated, recorded: Recorded[Event]) -> PaymentRow | None:
    return None if row is None else _shared(row, [_share(event.invoice_number, -event.amount.amount, recorded)])


@PAYMENTS.on(PaymentWithdrawn, keys=lambda event, _recorded: [(event.payment_id,)])
def withdrawn(row: PaymentRow | None, event: PaymentWithdrawn, recorded: Recorded[Event]) -> PaymentRow | None:
    if row is None:
        return None
    undone = [_share(each.invoice_number, -each.amount.amount, recorded) for each in event.undone]
    withdrawal = Withdrawal(
        occurred_on=recorded.occurred_on, recorded_at=recorded.recorded_at, position=recorded.position
    )
    return _shared(row, undone)._replace(withdrawn=withdrawal)


def _share(invoice_number: str, amount: Decimal, recorded: Recorded[Event]) -> Share:
    return Share(
        invoice_number=invoice_number,
        amount=amount,
        occurred_on=recorded.occurred_on,
        recorded_at=recorded.recorded_at,
        position=recorded.position,
    )


def _shares(allocations: Iterable[Allocation], recorded: Recorded[Event]) -> list[Share]:
    return [_share(each.invoice_number, each.amount.amount, recorded) for each in allocations]


def _shared(row: PaymentRow, shares: list[Share]) -> PaymentRow:
    more = sum((share.amount for share in shares), Decimal(0))
    return row._replace(allocated=row.allocated + more, shares=(*row.shares, *shares))
