"""Each credit note (avoir) as it was issued."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from domain.billing.events import CreditEffect, CreditNoteIssued, Line, Mention, TaxAmount
from domain.event import Event, Recorded
from domain.values import Currency
from projections.invoices.invoices import months_of
from projections.read_model import Fold, words


class CreditNoteRow(NamedTuple):
    """One credit note; its parties are those of its invoice."""

    credit_note_number: str
    sequence: int
    invoice_number: str
    client_id: str
    issuer_id: str
    currency: Currency
    issued_on: date
    reason: str | None
    effect: CreditEffect
    whole: bool
    net: Decimal
    tax: Decimal
    gross: Decimal
    mission_ids: tuple[str, ...]
    months: tuple[str, ...]
    """The months of delivery whose time or retainer it takes back."""
    lines: tuple[Line, ...]
    taxes: tuple[TaxAmount, ...]
    mentions: tuple[Mention, ...]
    occurred_on: date
    recorded_at: datetime
    position: int


CREDIT_NOTES = Fold(
    "credit_notes",
    CreditNoteRow,
    key=("credit_note_number",),
    indexes=(("invoice_number",), ("client_id",), ("position",), ("mission_ids", "months")),
    personal=frozenset({"reason"}),
)


@CREDIT_NOTES.on(CreditNoteIssued, keys=lambda event, _recorded: [(event.credit_note_number,)])
def issued(_row: CreditNoteRow | None, event: CreditNoteIssued, recorded: Recorded[Event]) -> CreditNoteRow:
    return CreditNoteRow(
        credit_note_number=event.credit_note_number,
        sequence=event.sequence,
        invoice_number=event.invoice_number,
        client_id=event.client_id,
        issuer_id=event.issuer_id,
        currency=event.currency,
        issued_on=event.issued_on,
        reason=words(event.reason),
        effect=event.effect,
        whole=event.whole,
        net=event.net,
        tax=event.tax,
        gross=event.gross,
        mission_ids=tuple(sorted({line.mission_id for line in event.lines})),
        months=months_of(event.lines),
        lines=event.lines,
        taxes=event.taxes,
        mentions=event.mentions,
        occurred_on=recorded.occurred_on,
        recorded_at=recorded.recorded_at,
        position=recorded.position,
    )
