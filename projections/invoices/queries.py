"""What the read model of billing is asked; each answers whole rows, in the order of their columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from projections.invoices.credit_notes import CREDIT_NOTES
from projections.invoices.expenses import EXPENSES
from projections.invoices.invoices import INVOICES
from projections.invoices.payments import PAYMENTS
from projections.invoices.sources import AGREED_TERMS
from projections.read_model import Cell, Query, rows_of

_INVOICES_ASKED = """
    WHERE occurred_on <= %(on)s
      AND (%(client_id)s::text IS NULL OR client_id = %(client_id)s)
      AND (%(issuer_id)s::text IS NULL OR issuer_id = %(issuer_id)s)
      AND (%(month)s::text IS NULL OR month = %(month)s)
      AND (%(mission_id)s::text IS NULL OR %(mission_id)s = ANY(mission_ids))
      AND (%(within)s::text[] IS NULL OR mission_ids <@ %(within)s)
"""
_ACCOUNTS = """
    WITH account AS (
        SELECT currency, due_on, gross - (
            SELECT coalesce(sum(moved.paid + moved.credited), 0)
            FROM jsonb_to_recordset(movements) AS moved (paid numeric, credited numeric, occurred_on date)
            WHERE moved.occurred_on <= %(on)s
        ) AS outstanding FROM rm.invoices
"""
_UNSETTLED = "AND (settled_on IS NULL OR settled_on > %(on)s)"
_SUMS = """
    ) SELECT currency, due_on, sum(outstanding) FROM account WHERE outstanding <> 0
    GROUP BY currency, due_on, outstanding > 0
"""


@dataclass(frozen=True, slots=True)
class InvoicesAsked:
    """Which invoices are asked for: of a client, an issuer, a month, on a mission."""

    client_id: str | None = None
    issuer_id: str | None = None
    month: str | None = None
    mission_id: str | None = None
    within: Sequence[str] | None = None
    """Only those that bill nothing but these missions."""

    def parameters(self, on: date) -> dict[str, Cell]:
        """What the question's SQL names."""
        return {
            "on": on,
            "client_id": self.client_id,
            "issuer_id": self.issuer_id,
            "month": self.month,
            "mission_id": self.mission_id,
            "within": None if self.within is None else list(self.within),
        }


ALL_INVOICES = InvoicesAsked()


def invoices_for(
    on: date, asked: InvoicesAsked = ALL_INVOICES, *, after: int | None = None, limit: int | None = None
) -> Query:
    """The invoices issued up to a date, in order of issue; `after` is a row's position."""
    return rows_of(
        INVOICES,
        _INVOICES_ASKED + "AND (%(after)s::bigint IS NULL OR position > %(after)s) ORDER BY position LIMIT %(limit)s",
        {**asked.parameters(on), "after": after, "limit": limit},
    )


def outstanding_of(on: date, asked: InvoicesAsked = ALL_INVOICES) -> Query:
    """What is outstanding of all that are asked for: currency, due date and sum, debts and credits apart."""
    return Query(_ACCOUNTS + _INVOICES_ASKED + _UNSETTLED + _SUMS, asked.parameters(on))


def invoice_by_number(invoice_number: str) -> Query:
    """One invoice."""
    return rows_of(INVOICES, "WHERE invoice_number = %(number)s", {"number": invoice_number})


def documents_of(party_id: str) -> Query:
    """What names a client or an issuer and stays when it is forgotten: kind, number and date, in order of date."""
    return Query(
        """
        SELECT kind, number, dated_on FROM (
            SELECT 'invoice' AS kind, invoice_number AS number, issued_on AS dated_on FROM rm.invoices
            WHERE client_id = %(party_id)s OR issuer_id = %(party_id)s
            UNION ALL
            SELECT 'credit_note', credit_note_number, issued_on FROM rm.credit_notes
            WHERE client_id = %(party_id)s OR issuer_id = %(party_id)s
            UNION ALL
            SELECT 'payment', payment_id, received_on FROM rm.payments WHERE client_id = %(party_id)s
        ) documents ORDER BY dated_on, kind, number
        """,
        {"party_id": party_id},
    )


def credit_notes_for(
    on: date,
    *,
    client_id: str | None = None,
    invoice_number: str | None = None,
    mission_id: str | None = None,
    within: Sequence[str] | None = None,
    after: int | None = None,
    limit: int | None = None,
) -> Query:
    """The credit notes issued up to a date, in order of issue; `within`: that credit nothing but these missions."""
    return rows_of(
        CREDIT_NOTES,
        """
        WHERE occurred_on <= %(on)s
          AND (%(client_id)s::text IS NULL OR client_id = %(client_id)s)
          AND (%(invoice_number)s::text IS NULL OR invoice_number = %(invoice_number)s)
          AND (%(mission_id)s::text IS NULL OR %(mission_id)s = ANY(mission_ids))
          AND (%(within)s::text[] IS NULL
               OR (SELECT mission_ids <@ %(within)s FROM rm.invoices i
                   WHERE i.invoice_number = credit_notes.invoice_number))
          AND (%(after)s::bigint IS NULL OR position > %(after)s)
        ORDER BY position LIMIT %(limit)s
        """,
        {
            "on": on,
            "client_id": client_id,
            "invoice_number": invoice_number,
            "mission_id": mission_id,
            "within": None if within is None else list(within),
            "after": after,
            "limit": limit,
        },
    )


def payments_for(
    on: date,
    *,
    client_id: str | None = None,
    seen_by: str | None = None,
    invoice_number: str | None = None,
    unallocated: bool | None = None,
    after: int | None = None,
    limit: int | None = None,
) -> Query:
    """The payments and refunds recorded up to a date, in order; `unallocated`: whether money of them waits then.

    `seen_by` leaves those that a client sees: its own, and those that pay no invoice but its own.
    """
    return rows_of(
        PAYMENTS,
        """
        WHERE occurred_on <= %(on)s
          AND (%(client_id)s::text IS NULL OR client_id = %(client_id)s)
          AND (%(seen_by)s::text IS NULL OR client_id = %(seen_by)s OR client_id IS NULL AND (
               SELECT bool_and(i.client_id IS NOT DISTINCT FROM %(seen_by)s)
               FROM jsonb_to_recordset(shares) AS share (invoice_number text, occurred_on date)
               LEFT JOIN rm.invoices i USING (invoice_number) WHERE share.occurred_on <= %(on)s))
          AND (%(invoice_number)s::text IS NULL OR EXISTS (
               SELECT FROM jsonb_to_recordset(shares) AS share (invoice_number text, occurred_on date)
               WHERE share.invoice_number = %(invoice_number)s AND share.occurred_on <= %(on)s))
          AND (%(unallocated)s::boolean IS NULL OR %(unallocated)s = (
               coalesce((withdrawn ->> 'occurred_on')::date > %(on)s, true) AND amount <> (
               SELECT coalesce(sum(share.amount), 0)
               FROM jsonb_to_recordset(shares) AS share (amount numeric, occurred_on date)
               WHERE share.occurred_on <= %(on)s)))
          AND (%(after)s::bigint IS NULL OR position > %(after)s)
        ORDER BY position LIMIT %(limit)s
        """,
        {
            "on": on,
            "client_id": client_id,
            "seen_by": seen_by,
            "invoice_number": invoice_number,
            "unallocated": unallocated,
            "after": after,
            "limit": limit,
        },
    )


def payment_by_id(payment_id: str) -> Query:
    """One payment or refund."""
    return rows_of(PAYMENTS, "WHERE payment_id = %(id)s", {"id": payment_id})


def expenses_of(mission_ids: Sequence[str]) -> Query:
    """The expenses of missions, for the labels of their lines."""
    return rows_of(EXPENSES, "WHERE mission_id = ANY(%(ids)s)", {"ids": list(mission_ids)})


def terms_of(mission_ids: Sequence[str]) -> Query:
    """Where history set the terms of missions."""
    return rows_of(AGREED_TERMS, "WHERE mission_id = ANY(%(ids)s)", {"ids": list(mission_ids)})


def billed_in(mission_ids: Sequence[str], months: Sequence[str]) -> Query:
    """Mission, month of delivery and net billed for its time and retainer, credit notes taken off."""
    return Query(
        """
        SELECT line.mission_id, line.month, sum(document.sign * line.net) FROM (
            SELECT 1 AS sign, lines FROM rm.invoices WHERE mission_ids && %(ids)s AND months && %(months)s
            UNION ALL
            SELECT -1, lines FROM rm.credit_notes WHERE mission_ids && %(ids)s AND months && %(months)s
        ) AS document, jsonb_to_recordset(document.lines) AS line (mission_id text, month text, kind text, net numeric)
        WHERE line.kind <> 'expense' AND line.mission_id = ANY(%(ids)s) AND line.month = ANY(%(months)s) GROUP BY 1, 2
        """,
        {"ids": list(mission_ids), "months": list(months)},
    )
