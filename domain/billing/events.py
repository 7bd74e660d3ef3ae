"""What can happen in billing. This is a storage format: a shipped event only ever gains optional fields.

An invoice holds all that its document says, frozen at issue: parties, lines, rates, mentions. A credit note names the
parties of its invoice.
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar, TypeAlias, get_args

from domain.event import Event, PersonalText
from domain.party.events import Registration
from domain.values import Currency, Function, IsoDate, Money, Month, Number, Sum, Tax, TaxScheme, Value


class LineKind(StrEnum):
    """What a line bills: a retainer's month, delivered time, or an expense at cost."""

    RETAINER = "retainer"
    TIME = "time"
    EXPENSE = "expense"
    ROUNDING = "rounding"
    """On a credit note that gives back the rest: what rounding left on a line whose days were credited before."""


class LineUnit(StrEnum):
    """What a line's quantity counts."""

    MONTH = "month"
    DAY = "day"
    HOUR = "hour"
    PIECE = "piece"


class CreditEffect(StrEnum):
    """What becomes of credited days: `withdraw`, the time was wrong; `rebill`, the invoice was wrong."""

    WITHDRAW = "withdraw"
    REBILL = "rebill"


class MatchedBy(StrEnum):
    """How a payment found its invoices: as stated, by the number in its reference, by its payer and exact amount."""

    STATED = "stated"
    REFERENCE = "reference"
    AMOUNT = "amount"


class PartyDetails(Value):
    """A party as the document names it, whatever is corrected later."""

    party_id: str
    name: PersonalText | None = None
    registration: Registration | None = None
    address: PersonalText | None = None
    tax_number: PersonalText | None = None
    iban: PersonalText | None = None


class LineDay(Value):
    """A delivered day, or the part of it, that a line bills."""

    day_id: str
    date: IsoDate
    quantity: Number
    cadre_id: str
    included: bool = False
    """Whether the month's retainer pays for it."""


class Line(Value):
    """One line: quantity × unit price, rounded once, each quantity tied to the days behind it."""

    kind: LineKind
    mission_id: str
    function: Function
    month: Month
    """The month of delivery."""
    unit: LineUnit
    quantity: Number
    unit_price: Number
    tax: Tax
    net: Sum
    days: tuple[LineDay, ...] = ()
    active_dates: int | None = None
    """Of a retainer's month: on how many of its dates the mission was active."""
    dates_in_month: int | None = None
    expense_id: str | None = None
    spent_on: IsoDate | None = None


class TaxAmount(Value):
    """The tax at one rate: on the sum of the lines at that rate, rounded once."""

    scheme: TaxScheme
    rate: Number
    net: Sum
    tax: Sum
    exemption_reason: str | None = None


class Mention(Value):
    """A sentence that the law asks a document to carry, as it was worded at issue."""

    code: str
    text: str


class Allocation(Value):
    """The part of a payment that pays one invoice."""

    invoice_number: str
    amount: Money


class InvoiceIssued(Event):
    """An invoice (facture) was issued to a client for what was delivered up to a month's end."""

    TOPIC: ClassVar[str] = "billing.invoice_issued"
    invoice_number: str
    sequence: int
    issuer_id: str
    client_id: str
    currency: Currency
    month: Month
    issued_on: IsoDate
    due_on: IsoDate
    issuer: PartyDetails
    client: PartyDetails
    lines: tuple[Line, ...]
    taxes: tuple[TaxAmount, ...]
    net: Sum
    tax: Sum
    gross: Sum
    mentions: tuple[Mention, ...] = ()


class CreditNoteIssued(Event):
    """A credit note (avoir) took back days of an invoice, or all that was left of it."""

    TOPIC: ClassVar[str] = "billing.credit_note_issued"
    credit_note_number: str
    sequence: int
    invoice_number: str
    issuer_id: str
    client_id: str
    currency: Currency
    issued_on: IsoDate
    reason: PersonalText
    effect: CreditEffect
    whole: bool
    """Whether nothing is left of the invoice after it."""
    lines: tuple[Line, ...]
    taxes: tuple[TaxAmount, ...]
    net: Sum
    tax: Sum
    gross: Sum
    mentions: tuple[Mention, ...] = ()


class PaymentRecorded(Event):
    """Money came in from a client; what its allocations do not use waits, unallocated."""

    TOPIC: ClassVar[str] = "billing.payment_recorded"
    payment_id: str
    received_on: IsoDate
    amount: Money
    payer: PersonalText | None = None
    client_id: str | None = None
    """The client that the payer's name is the id of."""
    reference: PersonalText | None = None
    allocations: tuple[Allocation, ...] = ()
    matched_by: MatchedBy | None = None


class PaymentAllocated(Event):
    """Waiting money of a payment was allocated to invoices."""

    TOPIC: ClassVar[str] = "billing.payment_allocated"
    payment_id: str
    allocations: tuple[Allocation, ...]


class PaymentDeallocated(Event):
    """An allocation, or a part of it, was undone: that money waits again."""

    TOPIC: ClassVar[str] = "billing.payment_deallocated"
    payment_id: str
    invoice_number: str
    amount: Money
    reason: PersonalText


class PaymentWithdrawn(Event):
    """A payment was recorded by mistake: it never came in, and its allocations are undone."""

    TOPIC: ClassVar[str] = "billing.payment_withdrawn"
    payment_id: str
    reason: PersonalText
    undone: tuple[Allocation, ...] = ()


class RefundRecorded(Event):
    """What an invoice had been overpaid was given back to the client."""

    TOPIC: ClassVar[str] = "billing.refund_recorded"
    refund_id: str
    invoice_number: str
    amount: Money
    paid_on: IsoDate
    reference: PersonalText | None = None


BillingEvent: TypeAlias = (
    InvoiceIssued
    | CreditNoteIssued
    | PaymentRecorded
    | PaymentAllocated
    | PaymentDeallocated
    | PaymentWithdrawn
    | RefundRecorded
)

BILLING_EVENTS: tuple[type[Event], ...] = get_args(BillingEvent)
