"""What the read models are asked about payments: those of a statement, those that wait, and what is open."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from projections.invoices.invoices import INVOICES, InvoiceRow
from projections.invoices.payments import PAYMENTS
from projections.missions.parties import PartyRow
from projections.read_model import Query, rows_of
from service.banking.matching import OpenInvoice

OPEN_INVOICES = rows_of(INVOICES, "WHERE gross > paid + credited ORDER BY position", {})


def payments_near(payment_ids: Sequence[str], dates: Iterable[date | None]) -> Query:
    """The payments of these ids, and all that came in on these dates."""
    return rows_of(
        PAYMENTS,
        "WHERE payment_id = ANY(%(ids)s) OR received_on = ANY(%(dates)s::date[]) ORDER BY position",
        {"ids": list(payment_ids), "dates": sorted({each.isoformat() for each in dates if each is not None})},
    )


def payments_waiting(after: int, limit: int) -> Query:
    """Payments of which something waits to be allocated, in the order in which they were recorded."""
    return rows_of(
        PAYMENTS,
        """
        WHERE NOT is_refund AND withdrawn IS NULL AND allocated < amount AND position > %(after)s
        ORDER BY position LIMIT %(limit)s
        """,
        {"after": after, "limit": limit},
    )


def open_invoice(row: InvoiceRow, outstanding: Decimal | None = None) -> OpenInvoice:
    """An invoice as a suggestion needs it; left out, what is outstanding is what is so now."""
    owed = row.gross - row.paid - row.credited if outstanding is None else outstanding
    return OpenInvoice(row.invoice_number, row.client_id, row.currency, owed, row.due_on)


def client_names(rows: Iterable[PartyRow]) -> dict[str, str]:
    """The names of the clients that are not forgotten."""
    return {row.party_id: row.name for row in rows if row.kind == "client" and row.name is not None}
