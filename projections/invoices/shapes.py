"""The forms in which questions about billing are answered."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from domain.billing.events import CreditEffect, LineKind, LineUnit, MatchedBy, Mention
from domain.party.events import RegistrationScheme
from domain.values import Currency, Function, IsoDate, Month, Number, TaxScheme
from projections.invoices.invoices import MovementKind


class Answer(BaseModel):
    """What a question about billing is answered with; amounts are strings with the currency's digits."""

    model_config = ConfigDict(frozen=True)


class Age(StrEnum):
    """How late an outstanding amount is."""

    NOT_DUE = "not_due"
    LATE_1_30 = "late_1_30"
    LATE_31_60 = "late_31_60"
    LATE_61_90 = "late_61_90"
    LATE_OVER_90 = "late_over_90"


class Aging(Answer):
    """An outstanding amount, or the sum of many, by how late it is."""

    currency: Currency
    not_due: str
    late_1_30: str
    late_31_60: str
    late_61_90: str
    late_over_90: str


class LineDayAnswer(Answer):
    """A delivered day, or the part of it that a line bills."""

    day_id: str
    date: IsoDate
    quantity: Number
    cadre_id: str
    included: bool


class LineAnswer(Answer):
    """One line of an invoice or a credit note, tied to the days behind it."""

    kind: LineKind
    mission_id: str
    function: Function
    month: Month
    unit: LineUnit
    quantity: Number
    unit_price: str
    tax_scheme: TaxScheme
    tax_rate: Number
    net: str
    days: tuple[LineDayAnswer, ...]
    active_dates: int | None
    dates_in_month: int | None
    expense_id: str | None
    spent_on: IsoDate | None
    label: str | None
    facts: tuple[int, ...]
    """Where the days or the expense and the terms that priced them stand in history."""


class TaxAnswer(Answer):
    """The tax at one rate."""

    scheme: TaxScheme
    rate: Number
    net: str
    tax: str
    exemption_reason: str | None


class PartyAnswer(Answer):
    """A party as the document names it; null where it says nothing, or its words were erased."""

    party_id: str
    name: str | None
    registration_scheme: RegistrationScheme | None
    registration_number: str | None
    address: str | None
    tax_number: str | None
    iban: str | None


class MovementAnswer(Answer):
    """What was paid, given back or credited, by which payment, refund or credit note."""

    kind: MovementKind
    source_id: str
    occurred_on: IsoDate
    position: int
    paid: str
    credited: str


class InvoiceAnswer(Answer):
    """An invoice as of a date: gross = paid + credited + outstanding."""

    invoice_number: str
    client_id: str
    issuer_id: str
    currency: Currency
    month: Month
    issued_on: IsoDate
    due_on: IsoDate
    net: str
    tax: str
    gross: str
    paid: str
    credited: str
    outstanding: str
    days_late: int
    age: Age
    aging: Aging
    mission_ids: tuple[str, ...]
    lines: tuple[LineAnswer, ...]
    taxes: tuple[TaxAnswer, ...]
    mentions: tuple[Mention, ...]
    issuer: PartyAnswer
    client: PartyAnswer
    movements: tuple[MovementAnswer, ...]
    facts: tuple[int, ...]
    """Where its issue, and each payment, refund and credit note, stand in history."""
    position: int


class CreditNoteAnswer(Answer):
    """A credit note."""

    credit_note_number: str
    invoice_number: str
    client_id: str
    issuer_id: str
    currency: Currency
    issued_on: IsoDate
    reason: str | None
    effect: CreditEffect
    whole: bool
    net: str
    tax: str
    gross: str
    mission_ids: tuple[str, ...]
    lines: tuple[LineAnswer, ...]
    taxes: tuple[TaxAnswer, ...]
    mentions: tuple[Mention, ...]
    facts: tuple[int, ...]
    position: int


class AllocationAnswer(Answer):
    """What of a payment pays one invoice."""

    invoice_number: str
    amount: str


class PaymentAnswer(Answer):
    """A payment or a refund as of a date: amount = allocated + unallocated."""

    payment_id: str
    is_refund: bool
    received_on: IsoDate
    currency: Currency
    amount: str
    allocated: str
    unallocated: str
    allocations: tuple[AllocationAnswer, ...]
    payer: str | None
    client_id: str | None
    reference: str | None
    matched_by: MatchedBy | None
    withdrawn_on: IsoDate | None
    facts: tuple[int, ...]
    """Where it, its allocations and what undid them stand in history."""
    position: int


class InvoiceList(Answer):
    """Invoices in order of issue, and what all that were asked for have outstanding, by how late it is."""

    items: tuple[InvoiceAnswer, ...]
    aging: tuple[Aging, ...]
    next_cursor: str | None = None


class CreditNoteList(Answer):
    """Credit notes in order of issue."""

    items: tuple[CreditNoteAnswer, ...]
    next_cursor: str | None = None


class PaymentList(Answer):
    """Payments and refunds in the order in which they were recorded."""

    items: tuple[PaymentAnswer, ...]
    next_cursor: str | None = None
