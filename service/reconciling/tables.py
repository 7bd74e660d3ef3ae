"""What the read models say, row by row, held against the books."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, TypeAlias

import psycopg

from projections.invoices import BILLING
from projections.missions import MISSIONS
from projections.reconciliation import RECONCILIATION
from service.reconciling.identities import Difference
from service.reconciling.refold import Books

Connection = psycopg.Connection[tuple[Any, ...]]

DAYS: Final = """
    SELECT d.mission_id || '/' || d.day_id, d.quantity, d.month,
           CASE d.standing WHEN 'approved' THEN 'ready' WHEN 'released' THEN 'ready'
                WHEN 'delivered' THEN CASE WHEN coalesce((
                    SELECT t.approval_required FROM rm.reconciliation_terms t
                    WHERE t.mission_id = d.mission_id AND t.effective_on <= d.date
                    ORDER BY t.effective_on DESC LIMIT 1), true) THEN 'awaiting_approval' ELSE 'ready' END
                ELSE d.standing END
    FROM rm.reconciliation_days d
"""
MISSION_DAYS: Final = "SELECT mission_id || '/' || day_id, quantity, invoice_number FROM rm.mission_days"
INVOICES: Final = """
    SELECT invoice_number, net, tax, gross, paid, credited, gross - paid - credited,
           jsonb_array_length(lines) FROM rm.invoices
"""
CREDIT_NOTES: Final = "SELECT credit_note_number, net, tax, gross FROM rm.credit_notes"
PAYMENTS: Final = "SELECT payment_id, amount, allocated, withdrawn IS NOT NULL FROM rm.payments"

Row: TypeAlias = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """Rows of one table, and what they must say."""

    kind: str
    sql: str
    figures: tuple[str, ...]
    expected: Mapping[str, Row]


def differing(connection: Connection, books: Books, model: str) -> Iterator[Difference]:
    """Every figure of a read model that the events do not confirm, and every row that is missing or too many."""
    months = {f"day {'/'.join(key)}": day.date.isoformat()[:7] for key, day in books.days.items()}
    months |= {f"invoice {number}": account.issued.month for number, account in books.accounts.items()}
    for check in CHECKS[model](books):
        found = {row[0]: row[1:] for row in connection.execute(check.sql.encode()).fetchall()}
        for name in sorted({*check.expected, *found}):
            subject = f"{check.kind} {name}"
            for figure, told, read in _compared(check, check.expected.get(name), found.get(name)):
                if told != read:
                    yield Difference(subject, figure, _plain(told), _plain(read), months.get(subject))


def _compared(check: Check, expected: Row | None, found: Row | None) -> Iterator[tuple[str, object, object]]:
    if expected is None or found is None:
        yield "row", "none" if expected is None else "one", "none" if found is None else "one"
    else:
        yield from zip(check.figures, expected, found, strict=True)


def _days(books: Books) -> list[Check]:
    told = {
        "/".join(key): (day.quantity, day.date.isoformat()[:7], books.bucket(key)) for key, day in books.days.items()
    }
    return [Check("day", DAYS, ("quantity", "month", "bucket"), told)]


def _mission_days(books: Books) -> list[Check]:
    told = {"/".join(key): (day.quantity, day.invoice_number) for key, day in books.days.items()}
    return [Check("day", MISSION_DAYS, ("quantity in its mission", "invoice"), told)]


def _accounts(books: Books) -> list[Check]:
    invoices = {
        number: (
            each.issued.net,
            each.issued.tax,
            each.issued.gross,
            each.paid,
            each.credited,
            each.outstanding,
            len(each.issued.lines),
        )
        for number, each in books.accounts.items()
    }
    notes = {number: (note.net, note.tax, note.gross) for number, note in books.notes.items()}
    payments = {name: (each.amount, each.allocated, each.withdrawn) for name, each in books.payments.items()}
    return [
        Check("invoice", INVOICES, ("net", "tax", "gross", "paid", "credited", "outstanding", "lines"), invoices),
        Check("credit-note", CREDIT_NOTES, ("net", "tax", "gross"), notes),
        Check("payment", PAYMENTS, ("amount", "allocated", "withdrawn"), payments),
    ]


CHECKS: Final[Mapping[str, Callable[[Books], list[Check]]]] = {
    RECONCILIATION.name: _days,
    MISSIONS.name: _mission_days,
    BILLING.name: _accounts,
}
"""By read model, what is compared."""


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    return "-" if value is None else f"{value}"
