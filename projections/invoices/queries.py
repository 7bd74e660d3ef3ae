"""What the read model of billing is asked; each answers whole rows, in the order of their columns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from projections.invoices.credit_notes import CREDIT_NOTES
from projections.invoices.expenses import EXPENSES
from projections.invoices.invoices import INVOICES
from projections.invoices.payments import PAYMENTS
from projections.read_model import Query, rows_of


def invoices_for(
    on: date,
    *,
    client_id: str | None = None,
    issuer_id: str | None = None,
    month: str | None = None,
    mission_ids: Sequence[str] | None = None,
    after: int | None = None,
    limit: int | None = None,
) -> Query:
    """The invoices issued up to a date, in order of issue; `after` is a row's position."""
    return rows_of(
        INVOICES,
        """
        WHERE occurred_on <= %(on)s
          AND (%(client_id)s::text IS NULL OR client_id = %(client_id)s)
          AND (%(issuer_id)s::text IS NULL OR issuer_id = %(issuer_id)s)
          AND (%(month)s::text IS NULL OR month = %(month)s)
          AND (%(mission_ids)s::text[] IS NULL OR mission_ids && %(mission_ids)s)
          AND (%(after)s::bigint IS NULL OR position > %(after)s)
        ORDER BY position LIMIT %(limit)s
        """,
        {
            "on": on,
            "client_id": client_id,
            "issuer_id": issuer_id,
            "month": month,
            "mission_ids": None if mission_ids is None else list(mission_ids),
            "after": after,
            "limit": limit,
        },
    )


def invoice_by_number(invoice_number: str) -> Query:
    """One invoice."""
    return rows_of(INVOICES, "WHERE invoice_number = %(number)s", {"number": invoice_number})


def credit_notes_for(
    on: date,
    *,
    client_id: str | None = None,
    invoice_number: str | None = None,
    mission_ids: Sequence[str] | None = None,
    after: int | None = None,
    limit: int | None = None,
) -> Query:
    """The credit notes issued up to a date, in order of issue; `after` is a row's position."""
    return rows_of(
        CREDIT_NOTES,
        """
        WHERE occurred_on <= %(on)s
          AND (%(client_id)s::text IS NULL OR client_id = %(client_id)s)
          AND (%(invoice_number)s::text IS NULL OR invoice_number = %(invoice_number)s)
          AND (%(mission_ids)s::text[] IS NULL OR mission_ids && %(mission_ids)s)
          AND (%(after)s::bigint IS NULL OR position > %(after)s)
        ORDER BY position LIMIT %(limit)s
        """,
        {
            "on": on,
            "client_id": client_id,
            "invoice_number": invoice_number,
            "mission_ids": None if mission_ids is None else list(mission_ids),
            "after": after,
            "limit": limit,
        },
    )


def payments_for(
    on: date, *, client_id: str | None = None, after: int | None = None, limit: int | None = None
) -> Query:
    """The payments and refunds recorded up to a date, in order; `after` is a row's position."""
    return rows_of(
        PAYMENTS,
        """
        WHERE occurred_on <= %(on)s
          AND (%(client_id)s::text IS NULL OR client_id = %(client_id)s)
          AND (%(after)s::bigint IS NULL OR position > %(after)s)
        ORDER BY position LIMIT %(limit)s
        """,
        {"on": on, "client_id": client_id, "after": after, "limit": limit},
    )


def payment_by_id(payment_id: str) -> Query:
    """One payment or refund."""
    return rows_of(PAYMENTS, "WHERE payment_id = %(id)s", {"id": payment_id})


def expenses_of(mission_ids: Sequence[str]) -> Query:
    """The expenses of missions, for the labels of their lines."""
    return rows_of(EXPENSES, "WHERE mission_id = ANY(%(ids)s)", {"ids": list(mission_ids)})
