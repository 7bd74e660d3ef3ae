"""What of a mission was billed: net per document, months of a retainer, time that one includes, expenses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from domain.billing.events import CreditNoteIssued, InvoiceIssued, Line
from domain.event import Event, Recorded
from domain.mission.events import DaysCredited, DaysInvoiced, DaysReleased, ExpenseRecorded, ExpenseWithdrawn
from domain.values import Currency, Number, Sum, Value
from projections.read_model import Fold, Key, stream_id


class DocumentKind(StrEnum):
    """What bills, and what takes back."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


class BilledMission(Value):
    """The net of a document's lines for one mission."""

    mission_id: str
    net: Sum


class DocumentRow(NamedTuple):
    """One invoice or credit note, as far as its missions are concerned."""

    number: str
    kind: DocumentKind
    client_id: str
    currency: Currency
    missions: tuple[BilledMission, ...]
    occurred_on: date
    recorded_at: datetime
    position: int

    def net_of(self, mission_id: str) -> Decimal:
        """What it says of a mission."""
        return next((each.net for each in self.missions if each.mission_id == mission_id), Decimal(0))

    def names(self, mission_id: str) -> bool:
        """Whether it has a line for a mission."""
        return any(each.mission_id == mission_id for each in self.missions)


DOCUMENTS = Fold("kpi_documents", DocumentRow, key=("number",), indexes=(("client_id",),))


@DOCUMENTS.on(InvoiceIssued, keys=lambda event, _: [(event.invoice_number,)])
def invoiced(_row: DocumentRow | None, event: InvoiceIssued, recorded: Recorded[Event]) -> DocumentRow:
    return _document(DocumentKind.INVOICE, event.invoice_number, event, recorded)


@DOCUMENTS.on(CreditNoteIssued, keys=lambda event, _: [(event.credit_note_number,)])
def credited(_row: DocumentRow | None, event: CreditNoteIssued, recorded: Recorded[Event]) -> DocumentRow:
    return _document(DocumentKind.CREDIT_NOTE, event.credit_note_number, event, recorded)


def _document(
    kind: DocumentKind, number: str, event: InvoiceIssued | CreditNoteIssued, recorded: Recorded[Event]
) -> DocumentRow:
    return DocumentRow(
        number=number,
        kind=kind,
        client_id=event.client_id,
        currency=event.currency,
        missions=_by_mission(event.lines),
        occurred_on=recorded.occurred_on,
        recorded_at=recorded.recorded_at,
        position=recorded.position,
    )


def _by_mission(lines: Iterable[Line]) -> tuple[BilledMission, ...]:
    nets: dict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        nets[line.mission_id] += line.net
    return tuple(BilledMission(mission_id=mission_id, net=nets[mission_id]) for mission_id in sorted(nets))


Billed: TypeAlias = DaysInvoiced | DaysCredited | DaysReleased


class ChargeRow(NamedTuple):
    """What a mission's retainer was charged for."""

    mission_id: str
    months: tuple[str, ...]
    """Those that an invoice charged, and none gave back to be billed again."""
    included: Mapping[str, Number]
    """By day: the quantity that an invoice counted as included."""


CHARGES = Fold("kpi_charges", ChargeRow, key=("mission_id",))


def _charged(event: Billed, recorded: Recorded[Event]) -> Iterable[Key]:
    concerned = event.included if isinstance(event, DaysInvoiced) else event.day_ids
    return [(stream_id(recorded),)] if event.retainer_months or concerned else []


@CHARGES.on(DaysInvoiced, keys=_charged)
def charged(row: ChargeRow | None, event: DaysInvoiced, recorded: Recorded[Event]) -> ChargeRow:
    before = row or ChargeRow(stream_id(recorded), (), {})
    months = sorted({*before.months, *event.retainer_months})
    return before._replace(months=tuple(months), included={**before.included, **event.included})


@CHARGES.on(DaysCredited, keys=_charged)
def taken_back(row: ChargeRow | None, event: DaysCredited, _recorded: Recorded[Event]) -> ChargeRow | None:
    """The days no longer use up the retainer; its months stay charged."""
    return None if row is None else row._replace(included=_without(row.included, event.day_ids))


@CHARGES.on(DaysReleased, keys=_charged)
def released(row: ChargeRow | None, event: DaysReleased, _recorded: Recorded[Event]) -> ChargeRow | None:
    if row is None:
        return None
    months = tuple(month for month in row.months if month not in event.retainer_months)
    return row._replace(months=months, included=_without(row.included, event.day_ids))


def _without(included: Mapping[str, Decimal], day_ids: tuple[str, ...]) -> dict[str, Decimal]:
    return {day_id: quantity for day_id, quantity in included.items() if day_id not in day_ids}


class ExpenseStanding(StrEnum):
    """Where an expense stands between its entry and its invoice."""

    OPEN = "open"
    WITHDRAWN = "withdrawn"
    INVOICED = "invoiced"
    CREDITED = "credited"


class ExpenseRow(NamedTuple):
    """One expense, and the last thing said of it."""

    mission_id: str
    expense_id: str
    date: date
    currency: Currency
    amount: Decimal
    standing: ExpenseStanding
    position: int


EXPENSES = Fold("kpi_expenses", ExpenseRow, key=("mission_id", "expense_id"))


@EXPENSES.on(ExpenseRecorded, keys=lambda event, recorded: [(stream_id(recorded), event.expense_id)])
def spent(_row: ExpenseRow | None, event: ExpenseRecorded, recorded: Recorded[Event]) -> ExpenseRow:
    return ExpenseRow(
        mission_id=stream_id(recorded),
        expense_id=event.expense_id,
        date=event.date,
        currency=event.amount.currency,
        amount=event.amount.amount,
        standing=ExpenseStanding.OPEN,
        position=recorded.position,
    )


_BILLS: dict[type[Event], ExpenseStanding] = {
    ExpenseWithdrawn: ExpenseStanding.WITHDRAWN,
    DaysInvoiced: ExpenseStanding.INVOICED,
    DaysCredited: ExpenseStanding.CREDITED,
    DaysReleased: ExpenseStanding.OPEN,
}


def _expenses(event: Billed | ExpenseWithdrawn, recorded: Recorded[Event]) -> Iterable[Key]:
    expense_ids = (event.expense_id,) if isinstance(event, ExpenseWithdrawn) else event.expense_ids
    return [(stream_id(recorded), expense_id) for expense_id in expense_ids]


def _stands(row: ExpenseRow | None, event: Billed | ExpenseWithdrawn, _recorded: Recorded[Event]) -> ExpenseRow | None:
    return None if row is None else row._replace(standing=_BILLS[type(event)])


_MOVING: tuple[type[Billed | ExpenseWithdrawn], ...] = (ExpenseWithdrawn, DaysInvoiced, DaysCredited, DaysReleased)
for _event_type in _MOVING:
    EXPENSES.on(_event_type, keys=_expenses)(_stands)
