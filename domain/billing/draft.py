"""A billing run's invoices before they have numbers: one per client, issuer and currency."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from domain.billing.engagement import Engagement
from domain.billing.events import Line, LineKind, TaxAmount
from domain.billing.lines import ZERO, expense_lines_of, lines_of, taxes_of
from domain.mission.events import DaysInvoiced
from domain.values import Currency


@dataclass(frozen=True, slots=True)
class Draft:
    """What one invoice will say."""

    client_id: str
    issuer_id: str
    currency: Currency
    due_on: date
    lines: tuple[Line, ...]
    taxes: tuple[TaxAmount, ...]

    @property
    def net(self) -> Decimal:
        """The sum of the lines."""
        return sum((line.net for line in self.lines), ZERO)

    @property
    def tax(self) -> Decimal:
        """The sum of the taxes, each rounded once."""
        return sum((amount.tax for amount in self.taxes), ZERO)

    @property
    def mission_ids(self) -> tuple[str, ...]:
        """The missions on it, in order."""
        return tuple(sorted({line.mission_id for line in self.lines}))


def drafts_of(engagements: Iterable[Engagement], month: str, issued_on: date) -> tuple[Draft, ...]:
    """The invoices of a run, by client, issuer and currency; none where nothing is billable or all is at 0."""
    groups: dict[tuple[str, str, Currency], list[Engagement]] = defaultdict(list)
    for engagement in sorted(engagements, key=lambda each: each.mission_id):
        groups[engagement.client_id, engagement.issuer_id, engagement.currency].append(engagement)
    drafts = [_draft(groups[key], month, issued_on) for key in sorted(groups)]
    return tuple(draft for draft in drafts if any(line.net for line in draft.lines))


def _draft(engagements: Sequence[Engagement], month: str, issued_on: date) -> Draft:
    time = tuple(line for each in engagements for line in lines_of(each, month))
    expenses = tuple(line for each in engagements for line in expense_lines_of(each, month))
    lines = (*time, *expenses)
    on_it = {line.mission_id for line in lines}
    payment_days = [each.terms_on(issued_on).payment_days for each in engagements if each.mission_id in on_it]
    first = engagements[0]
    return Draft(
        client_id=first.client_id,
        issuer_id=first.issuer_id,
        currency=first.currency,
        due_on=issued_on + timedelta(days=min(payment_days, default=0)),
        lines=lines,
        taxes=taxes_of(lines, first.currency, issued_on),
    )


def days_invoiced(draft: Draft, mission_id: str, invoice_number: str, month: str, issued_on: date) -> DaysInvoiced:
    """What the invoice means to one of its missions."""
    lines = [line for line in draft.lines if line.mission_id == mission_id]
    days = [day for line in lines for day in line.days]
    included: dict[str, Decimal] = defaultdict(Decimal)
    for day in days:
        if day.included:
            included[day.day_id] += day.quantity
    return DaysInvoiced(
        invoice_number=invoice_number,
        month=month,
        issued_on=issued_on,
        day_ids=tuple(dict.fromkeys(day.day_id for day in sorted(days, key=lambda day: (day.date, day.day_id)))),
        included=dict(included),
        retainer_months=tuple(line.month for line in lines if line.kind is LineKind.RETAINER),
        expense_ids=tuple(line.expense_id for line in lines if line.expense_id is not None),
    )
