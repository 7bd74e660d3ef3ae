"""What a client would owe beyond its invoices if its mission stopped on a date: priced by the rules that bill."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from domain.billing.engagement import Engagement, ReadyDay, engagement_of
from domain.billing.events import Line, LineKind, TaxAmount
from domain.billing.lines import ZERO, expense_lines_of, lines_of, taxes_of
from domain.mission.state import Day, DayStatus, Mission
from domain.values import Currency, month_of


@dataclass(frozen=True, slots=True)
class Part:
    """Delivered days that no invoice bears, and what they add to what is owed."""

    days: tuple[ReadyDay, ...]
    net: Decimal

    @property
    def quantity(self) -> Decimal:
        """How much time they are."""
        return sum((day.quantity for day in self.days), ZERO)


@dataclass(frozen=True, slots=True)
class Exposure:
    """What is not invoiced yet: what is certain, what waits for the client, what it disputes."""

    currency: Currency
    ready: Part
    awaiting_approval: Part
    disputed: Part
    lines: tuple[Line, ...]
    """What an invoice would say if the client accepted everything."""
    taxes: tuple[TaxAmount, ...]

    @property
    def retainer(self) -> Decimal:
        """The retainer's months not charged yet, the last one up to the date."""
        return self._of(LineKind.RETAINER)

    @property
    def expenses(self) -> Decimal:
        """The expenses not invoiced yet."""
        return self._of(LineKind.EXPENSE)

    @property
    def net(self) -> Decimal:
        """The sum of the lines."""
        return sum((line.net for line in self.lines), ZERO)

    @property
    def tax(self) -> Decimal:
        """The tax on it, per rate, each rounded once."""
        return sum((amount.tax for amount in self.taxes), ZERO)

    def _of(self, kind: LineKind) -> Decimal:
        return sum((line.net for line in self.lines if line.kind is kind), ZERO)


def exposure_of(mission: Mission, on: date) -> Exposure:
    """What would be billed for a mission whose last date is `on`; each part is what it adds to those before it."""
    engagement = _ended(engagement_of(mission, month_of(on)), on)
    ready = engagement.ready
    unsettled = [day for day in mission.days.unsettled() if day.date <= on]
    waiting = tuple(_as_ready(day) for day in unsettled if mission.awaits_approval(day))
    contested = tuple(_as_ready(day) for day in unsettled if day.status is DayStatus.DISPUTED)
    none, certain, accepted, everything = (
        lines_of(replace(engagement, ready=days), month_of(on))
        for days in ((), ready, (*ready, *waiting), (*ready, *waiting, *contested))
    )
    lines = (*everything, *expense_lines_of(engagement, month_of(on)))
    return Exposure(
        currency=engagement.currency,
        ready=Part(ready, _net(certain) - _net(none)),
        awaiting_approval=Part(waiting, _net(accepted) - _net(certain)),
        disputed=Part(contested, _net(everything) - _net(accepted)),
        lines=lines,
        taxes=taxes_of(lines, engagement.currency, on),
    )


def _ended(engagement: Engagement, on: date) -> Engagement:
    """The mission as if it ended on a date, or earlier where it does."""
    return replace(
        engagement,
        last_on=on if engagement.last_on is None else min(on, engagement.last_on),
        ready=tuple(day for day in engagement.ready if day.date <= on),
        expenses=tuple(expense for expense in engagement.expenses if expense.date <= on),
    )


def _as_ready(day: Day) -> ReadyDay:
    return ReadyDay(day.day_id, day.date, day.quantity, day.cadre_id)


def _net(lines: tuple[Line, ...]) -> Decimal:
    return sum((line.net for line in lines), ZERO)
