"""What exports are made from: the rows of billing at one moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar, cast

from projections.invoices.credit_notes import CREDIT_NOTES, CreditNoteRow
from projections.invoices.expenses import EXPENSES, ExpenseRow
from projections.invoices.invoices import INVOICES, InvoiceRow
from projections.invoices.payments import PAYMENTS, PaymentRow
from projections.missions.days import DAYS, DayRow
from projections.missions.mission import MISSION, MissionRow
from projections.missions.parties import PARTIES, PartyRow
from projections.read_model import Cells, Query, rows_of

Answers = Sequence[Sequence[tuple[Any, ...]]]
Document: TypeAlias = InvoiceRow | CreditNoteRow
R = TypeVar("R", bound=tuple[object, ...])


@dataclass(frozen=True, slots=True)
class Books:
    """Invoices, credit notes and payments of all issuers, each in the order in which history took it."""

    invoices: Sequence[InvoiceRow] = ()
    credit_notes: Sequence[CreditNoteRow] = ()
    payments: Sequence[PaymentRow] = ()
    expenses: Sequence[ExpenseRow] = ()

    @property
    def documents(self) -> list[Document]:
        """Invoices and credit notes, in the order in which history took them."""
        documents: list[Document] = [*self.invoices, *self.credit_notes]
        return sorted(documents, key=lambda row: row.position)


BOOKS: tuple[Query, ...] = (
    rows_of(INVOICES, "ORDER BY position", {}),
    rows_of(CREDIT_NOTES, "ORDER BY position", {}),
    rows_of(PAYMENTS, "ORDER BY position", {}),
    rows_of(EXPENSES, "ORDER BY mission_id, expense_id", {}),
)


def books_of(answers: Answers) -> Books:
    """The rows, from the answers to `BOOKS`."""
    invoices, credit_notes, payments, expenses = answers
    return Books(
        invoices=_rows(InvoiceRow, invoices),
        credit_notes=_rows(CreditNoteRow, credit_notes),
        payments=_rows(PaymentRow, payments),
        expenses=_rows(ExpenseRow, expenses),
    )


@dataclass(frozen=True, slots=True)
class Delivered:
    """All delivered days, with the missions and the parties that they are of."""

    days: Sequence[DayRow] = ()
    missions: Sequence[MissionRow] = ()
    parties: Sequence[PartyRow] = ()


DELIVERED: tuple[Query, ...] = (
    rows_of(DAYS, "ORDER BY date, mission_id, day_id", {}),
    rows_of(MISSION, "ORDER BY mission_id", {}),
    rows_of(PARTIES, "ORDER BY party_id", {}),
)


def delivered_of(answers: Answers) -> Delivered:
    """The rows, from the answers to `DELIVERED`."""
    days, missions, parties = answers
    return Delivered(_rows(DayRow, days), _rows(MissionRow, missions), _rows(PartyRow, parties))


def _rows(row: type[R], answers: Sequence[tuple[Any, ...]]) -> list[R]:
    cells = Cells(row)
    return [cast("R", cells.read(answer)) for answer in answers]
