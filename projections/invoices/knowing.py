"""How documents and money stood to whoever looked earlier: without the facts that were recorded since."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from decimal import Decimal

from domain.values import Currency
from projections.invoices.credit_notes import CreditNoteRow
from projections.invoices.invoices import InvoiceRow
from projections.invoices.payments import PaymentRow

ZERO = Decimal(0)


def invoices_known(rows: Iterable[InvoiceRow], upto: int) -> list[InvoiceRow]:
    """The invoices of which the issue was recorded by a position, each with what was recorded of it by then."""
    return [
        row._replace(movements=tuple(each for each in row.movements if each.position <= upto))
        for row in rows
        if row.position <= upto
    ]


def credit_notes_known(rows: Iterable[CreditNoteRow], upto: int) -> list[CreditNoteRow]:
    """The credit notes that were recorded by a position: nothing is added to them later."""
    return [row for row in rows if row.position <= upto]


def payments_known(rows: Iterable[PaymentRow], upto: int) -> list[PaymentRow]:
    """The payments that were recorded by a position, each with what was recorded of it by then."""
    return [
        row._replace(
            shares=tuple(each for each in row.shares if each.position <= upto),
            withdrawn=row.withdrawn if row.withdrawn is not None and row.withdrawn.position <= upto else None,
        )
        for row in rows
        if row.position <= upto
    ]


def owed_of(rows: Iterable[InvoiceRow], on: date) -> list[tuple[Currency, date, Decimal]]:
    """What each invoice has outstanding as of a date, with its currency and when it is due."""
    return [
        (row.currency, row.due_on, row.gross - sum((each.paid + each.credited for each in moved), ZERO))
        for row in rows
        for moved in [[each for each in row.movements if each.occurred_on <= on]]
    ]


def pays(row: PaymentRow, invoice_number: str, on: date) -> bool:
    """Whether an invoice was ever paid from it, up to a date."""
    return any(share.invoice_number == invoice_number for share in row.shares if share.occurred_on <= on)


def pays_only(row: PaymentRow, invoice_numbers: Collection[str], on: date) -> bool:
    """Whether it paid something up to a date, and nothing but these invoices."""
    paid = [share.invoice_number for share in row.shares if share.occurred_on <= on]
    return bool(paid) and all(number in invoice_numbers for number in paid)


def waits(row: PaymentRow, on: date) -> bool:
    """Whether money of it waits unallocated as of a date."""
    withdrawn = row.withdrawn is not None and row.withdrawn.occurred_on <= on
    return not withdrawn and row.amount != sum((each.amount for each in row.shares if each.occurred_on <= on), ZERO)
