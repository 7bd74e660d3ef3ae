"""What is owed on a date: invoices with their aging, payments with what of them waits, totals per currency."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from domain.billing.events import Line, LineKind, PartyDetails, TaxAmount
from domain.event import Event, Recorded
from domain.values import Currency
from projections.invoices.credit_notes import CREDIT_NOTES, CreditNoteRow
from projections.invoices.invoices import INVOICES, InvoiceRow, Movement
from projections.invoices.payments import PAYMENTS, PaymentRow
from projections.invoices.shapes import (
    Age,
    Aging,
    AllocationAnswer,
    CreditNoteAnswer,
    InvoiceAnswer,
    LineAnswer,
    LineDayAnswer,
    MovementAnswer,
    PartyAnswer,
    PaymentAnswer,
    TaxAnswer,
)
from projections.invoices.sources import NOTHING, Sources, sources_of
from projections.read_model import as_known, words

ZERO = Decimal(0)


def invoices_view(history: Iterable[Recorded[Event]], on: date) -> list[InvoiceAnswer]:
    """The invoices as the events alone give them, as of a date; in order of issue."""
    known = as_known(history, as_of=on)
    sources = sources_of(known)
    rows = sorted(INVOICES.rows(known).values(), key=lambda row: row.position)
    return [invoice_answer(row, on, sources) for row in rows]


def payments_view(history: Iterable[Recorded[Event]], on: date) -> list[PaymentAnswer]:
    """The payments as the events alone give them, as of a date; in the order in which they were recorded."""
    rows = PAYMENTS.rows(as_known(history, as_of=on)).values()
    return [payment_answer(row, on) for row in sorted(rows, key=lambda row: row.position)]


def credit_notes_view(history: Iterable[Recorded[Event]], on: date) -> list[CreditNoteAnswer]:
    """The credit notes as the events alone give them, as of a date; in order of issue."""
    known = as_known(history, as_of=on)
    sources = sources_of(known)
    rows = sorted(CREDIT_NOTES.rows(known).values(), key=lambda row: row.position)
    return [credit_note_answer(row, sources) for row in rows]


def invoice_answer(row: InvoiceRow, on: date, sources: Sources = NOTHING) -> InvoiceAnswer:
    """An invoice's row, told as of a date."""
    money = row.currency.text
    moved = [movement for movement in row.movements if movement.occurred_on <= on]
    paid = sum((movement.paid for movement in moved), ZERO)
    credited = sum((movement.credited for movement in moved), ZERO)
    outstanding = row.gross - paid - credited
    age = age_of(row.due_on, outstanding, on)
    return InvoiceAnswer(
        invoice_number=row.invoice_number,
        client_id=row.client_id,
        issuer_id=row.issuer_id,
        currency=row.currency,
        month=row.month,
        issued_on=row.issued_on,
        due_on=row.due_on,
        net=money(row.net),
        tax=money(row.tax),
        gross=money(row.gross),
        paid=money(paid),
        credited=money(credited),
        outstanding=money(outstanding),
        days_late=days_late(row.due_on, outstanding, on),
        age=age,
        aging=aging(row.currency, {age: outstanding}),
        mission_ids=row.mission_ids,
        lines=tuple(_line(line, row.currency, sources) for line in row.lines),
        taxes=tuple(_tax(tax, row.currency) for tax in row.taxes),
        mentions=row.mentions,
        issuer=_party(row.issuer),
        client=_party(row.client),
        movements=tuple(_movement(movement, row.currency) for movement in moved),
        facts=(row.position, *(movement.position for movement in moved)),
        position=row.position,
    )


def credit_note_answer(row: CreditNoteRow, sources: Sources = NOTHING) -> CreditNoteAnswer:
    """A credit note's row, told."""
    money = row.currency.text
    return CreditNoteAnswer(
        credit_note_number=row.credit_note_number,
        invoice_number=row.invoice_number,
        client_id=row.client_id,
        issuer_id=row.issuer_id,
        currency=row.currency,
        issued_on=row.issued_on,
        reason=row.reason,
        effect=row.effect,
        whole=row.whole,
        net=money(row.net),
        tax=money(row.tax),
        gross=money(row.gross),
        mission_ids=row.mission_ids,
        lines=tuple(_line(line, row.currency, sources) for line in row.lines),
        taxes=tuple(_tax(tax, row.currency) for tax in row.taxes),
        mentions=row.mentions,
        facts=(row.position,),
        position=row.position,
    )


def payment_answer(row: PaymentRow, on: date) -> PaymentAnswer:
    """A payment's row, told as of a date."""
    money = row.currency.text
    shares: dict[str, Decimal] = defaultdict(Decimal)
    for share in row.shares:
        if share.occurred_on <= on:
            shares[share.invoice_number] += share.amount
    withdrawn_on = row.withdrawn.occurred_on if row.withdrawn and row.withdrawn.occurred_on <= on else None
    allocated = sum(shares.values(), ZERO)
    return PaymentAnswer(
        payment_id=row.payment_id,
        is_refund=row.is_refund,
        received_on=row.received_on,
        currency=row.currency,
        amount=money(row.amount),
        allocated=money(allocated),
        unallocated=money(row.amount - allocated if withdrawn_on is None else ZERO),
        allocations=tuple(
            AllocationAnswer(invoice_number=number, amount=money(amount))
            for number, amount in sorted(shares.items())
            if amount
        ),
        payer=row.payer,
        client_id=row.client_id,
        reference=row.reference,
        matched_by=row.matched_by,
        withdrawn_on=withdrawn_on,
        facts=_facts_of_payment(row, on),
        position=row.position,
    )


def _facts_of_payment(row: PaymentRow, on: date) -> tuple[int, ...]:
    moved = (*row.shares, *(() if row.withdrawn is None else (row.withdrawn,)))
    return tuple(sorted({row.position, *(each.position for each in moved if each.occurred_on <= on)}))


def days_late(due_on: date, outstanding: Decimal, on: date) -> int:
    """How many days what is owed is late; 0 where it is not due, or nothing is owed."""
    return max(0, (on - due_on).days) if outstanding > 0 else 0


_LIMITS = ((0, Age.NOT_DUE), (30, Age.LATE_1_30), (60, Age.LATE_31_60), (90, Age.LATE_61_90))


def age_of(due_on: date, outstanding: Decimal, on: date) -> Age:
    """In which bucket an outstanding amount stands; what is owed to the client is never late."""
    late = days_late(due_on, outstanding, on)
    return next((age for limit, age in _LIMITS if late <= limit), Age.LATE_OVER_90)


def aging(currency: Currency, outstanding: Mapping[Age, Decimal]) -> Aging:
    """Outstanding amounts by how late they are."""
    return Aging(currency=currency, **{age.value: currency.text(outstanding.get(age, ZERO)) for age in Age})


def aging_of(accounts: Iterable[tuple[Currency, date, Decimal]], on: date) -> tuple[Aging, ...]:
    """What is outstanding, by currency and due date, as it stands on a date: currencies are never added."""
    totals: dict[Currency, dict[Age, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for currency, due_on, outstanding in accounts:
        totals[currency][age_of(due_on, outstanding, on)] += outstanding
    return tuple(aging(currency, totals[currency]) for currency in sorted(totals))


def billed_by_month(documents: Iterable[InvoiceRow | CreditNoteRow]) -> dict[tuple[str, str], Decimal]:
    """The net billed for time and retainers, per mission and month of delivery, credit notes taken off."""
    billed: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in documents:
        sign = -1 if isinstance(row, CreditNoteRow) else 1
        for line in row.lines:
            if line.kind is not LineKind.EXPENSE:
                billed[line.mission_id, line.month] += sign * line.net
    return dict(billed)


def _line(line: Line, currency: Currency, sources: Sources) -> LineAnswer:
    return LineAnswer(
        kind=line.kind,
        mission_id=line.mission_id,
        function=line.function,
        month=line.month,
        unit=line.unit,
        quantity=line.quantity,
        unit_price=currency.text(line.unit_price),
        tax_scheme=line.tax.scheme,
        tax_rate=line.tax.rate,
        net=currency.text(line.net),
        days=tuple(LineDayAnswer.model_validate(day, from_attributes=True) for day in line.days),
        active_dates=line.active_dates,
        dates_in_month=line.dates_in_month,
        expense_id=line.expense_id,
        spent_on=line.spent_on,
        label=sources.label(line),
        facts=sources.facts(line),
    )


def _tax(tax: TaxAmount, currency: Currency) -> TaxAnswer:
    return TaxAnswer(
        scheme=tax.scheme,
        rate=tax.rate,
        net=currency.text(tax.net),
        tax=currency.text(tax.tax),
        exemption_reason=tax.exemption_reason,
    )


def _party(party: PartyDetails) -> PartyAnswer:
    registration = party.registration
    return PartyAnswer(
        party_id=party.party_id,
        name=words(party.name),
        registration_scheme=None if registration is None else registration.scheme,
        registration_number=None if registration is None else words(registration.number),
        address=words(party.address),
        tax_number=words(party.tax_number),
        iban=words(party.iban),
    )


def _movement(movement: Movement, currency: Currency) -> MovementAnswer:
    return MovementAnswer(
        kind=movement.kind,
        source_id=movement.source_id,
        occurred_on=movement.occurred_on,
        position=movement.position,
        paid=currency.text(movement.paid),
        credited=currency.text(movement.credited),
    )
