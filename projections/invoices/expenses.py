"""What each expense was for, as an invoice's line tells it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from domain.event import Event, Recorded
from domain.mission.events import ExpenseRecorded
from domain.values import Currency
from projections.read_model import Fold, stream_id, words


class ExpenseRow(NamedTuple):
    """One expense of a mission."""

    mission_id: str
    expense_id: str
    date: date
    currency: Currency
    amount: Decimal
    label: str | None
    receipt_sha256: str | None
    position: int


EXPENSES = Fold("invoice_expenses", ExpenseRow, key=("mission_id", "expense_id"), personal=frozenset({"label"}))


@EXPENSES.on(ExpenseRecorded, keys=lambda event, recorded: [(stream_id(recorded), event.expense_id)])
def spent(_row: ExpenseRow | None, event: ExpenseRecorded, recorded: Recorded[Event]) -> ExpenseRow:
    return ExpenseRow(
        mission_id=stream_id(recorded),
        expense_id=event.expense_id,
        date=event.date,
        currency=event.amount.currency,
        amount=event.amount.amount,
        label=words(event.label),
        receipt_sha256=event.receipt_sha256,
        position=recorded.position,
    )
