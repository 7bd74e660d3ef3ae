"""What a mission's client owes on a date, as programs and people are told it: not invoiced yet, and not paid."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from pydantic import BaseModel, ConfigDict

from domain.billing.exposure import Exposure, Part, exposure_of
from domain.event import Event, Recorded
from domain.mission.events import DayDelivered
from domain.mission.state import Mission
from domain.values import Currency, IsoDate, Number
from projections.invoices.answers import days_late
from projections.invoices.invoices import InvoiceRow

AHEAD = timedelta(days=731)
"""How far ahead a stop is reckoned with."""


Owed = tuple[InvoiceRow, Decimal]
"""An invoice, and what is outstanding of it."""


class PartAnswer(BaseModel):
    """Delivered days that no invoice bears, and what they add."""

    model_config = ConfigDict(frozen=True)
    quantity: Number
    net: str
    day_ids: tuple[str, ...]
    facts: tuple[int, ...]
    """Where they were delivered in history."""


class OwedInvoice(BaseModel):
    """An invoice with something outstanding."""

    model_config = ConfigDict(frozen=True)
    invoice_number: str
    due_on: IsoDate
    outstanding: str
    days_late: int
    position: int


class ExposureAnswer(BaseModel):
    """What is owed if the mission stops on a date: total = net + tax + outstanding."""

    model_config = ConfigDict(frozen=True)
    mission_id: str
    on: IsoDate
    currency: Currency
    approved: PartAnswer
    awaiting_approval: PartAnswer
    disputed: PartAnswer
    retainer: str
    expenses: str
    net: str
    tax: str
    invoices: tuple[OwedInvoice, ...]
    outstanding: str
    total: str
    notice_days: int | None
    notice_ends_on: IsoDate | None
    """The last date of a notice that is given today, two years ahead at most."""


def exposure_answer(
    mission: Mission, on: date, today: date, owed: Sequence[Owed], history: Sequence[Recorded[Event]]
) -> ExposureAnswer:
    """What is owed if the mission stops on a date: `owed` are its invoices and what is outstanding of each."""
    exposure = exposure_of(mission, on)
    money = exposure.currency.text
    outstanding = sum((amount for _, amount in owed), Decimal(0))
    notice = mission.terms_on(today).notice_days
    approved, waiting, disputed = _parts(exposure, history)
    return ExposureAnswer(
        mission_id=mission.mission_id,
        on=on,
        currency=exposure.currency,
        approved=approved,
        awaiting_approval=waiting,
        disputed=disputed,
        retainer=money(exposure.retainer),
        expenses=money(exposure.expenses),
        net=money(exposure.net),
        tax=money(exposure.tax),
        invoices=tuple(_owed(row, amount, today) for row, amount in owed if amount),
        outstanding=money(outstanding),
        total=money(exposure.net + exposure.tax + outstanding),
        notice_days=notice,
        notice_ends_on=None if notice is None else today + timedelta(days=min(notice, AHEAD.days)),
    )


def _parts(exposure: Exposure, history: Sequence[Recorded[Event]]) -> tuple[PartAnswer, PartAnswer, PartAnswer]:
    positions = {each.event.day_id: each.position for each in history if isinstance(each.event, DayDelivered)}

    def told(part: Part) -> PartAnswer:
        return PartAnswer(
            quantity=part.quantity,
            net=exposure.currency.text(part.net),
            day_ids=tuple(day.day_id for day in part.days),
            facts=tuple(positions[day.day_id] for day in part.days),
        )

    return told(exposure.ready), told(exposure.awaiting_approval), told(exposure.disputed)


def _owed(row: InvoiceRow, outstanding: Decimal, today: date) -> OwedInvoice:
    return OwedInvoice(
        invoice_number=row.invoice_number,
        due_on=row.due_on,
        outstanding=row.currency.text(outstanding),
        days_late=days_late(row.due_on, outstanding, today),
        position=row.position,
    )
