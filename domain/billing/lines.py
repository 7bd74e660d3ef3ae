"""From what is ready to the lines of an invoice: pure arithmetic, each rule of the contract once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from domain.billing.engagement import Engagement, OpenExpense, ReadyDay, dates_of, months_through
from domain.billing.events import Line, LineDay, LineKind, LineUnit, TaxAmount
from domain.billing.law import exemption_on
from domain.values import Currency, DayRate, Hourly, Retainer, Tax, month_of

ZERO = Decimal(0)
ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Priced:
    """A day, or a part of it, at the price and tax that its date or its retainer set."""

    day: ReadyDay
    quantity: Decimal
    unit: LineUnit
    unit_price: Decimal
    tax: Tax
    included: bool = False
    """Whether a retainer pays for it."""


def lines_of(engagement: Engagement, month: str) -> tuple[Line, ...]:
    """A mission's lines for its days and retainer months up to a month's end: per month, the retainer first."""
    days: dict[str, list[ReadyDay]] = defaultdict(list)
    for day in sorted(engagement.ready, key=lambda ready: (ready.date, ready.day_id)):
        if month_of(day.date) <= month:
            days[month_of(day.date)].append(day)
    months = sorted({*days, *months_through(engagement.starts_on, month)})
    return tuple(line for each in months for line in _month(engagement, each, days[each]))


def expense_lines_of(engagement: Engagement, month: str) -> tuple[Line, ...]:
    """A mission's expenses up to a month's end, at cost, by date and id."""
    due = sorted(
        (expense for expense in engagement.expenses if month_of(expense.date) <= month),
        key=lambda expense: (expense.date, expense.expense_id),
    )
    return tuple(_expense(engagement, expense) for expense in due)


def taxes_of(lines: Iterable[Line], reasons: dict[Decimal, str | None], currency: Currency) -> tuple[TaxAmount, ...]:
    """The tax per rate: on the sum of the lines at that rate, rounded once; ascending."""
    nets: dict[Decimal, Decimal] = defaultdict(Decimal)
    schemes = {}
    for line in lines:
        nets[line.tax_rate] += line.net
        schemes.setdefault(line.tax_rate, line.tax_scheme)
    return tuple(
        TaxAmount(
            scheme=schemes[rate],
            rate=rate,
            net=nets[rate],
            tax=currency.round(nets[rate] * rate / 100),
            exemption_reason=reasons.get(rate),
        )
        for rate in sorted(nets)
    )


def exemptions_of(engagements: Sequence[Engagement], lines: Iterable[Line], currency: Currency) -> dict[Decimal, str | None]:
    """Why each untaxed rate is untaxed: what the terms of its lines say, else the law's own wording."""
    by_id = {engagement.mission_id: engagement for engagement in engagements}
    reasons: dict[Decimal, str | None] = {}
    for line in lines:
        on = dates_of(line.month)[-1]
        stated = by_id[line.mission_id].terms_on(on).tax.exemption_reason
        reasons.setdefault(line.tax_rate, exemption_on(line.tax_scheme, currency, stated, on))
    return reasons


def _month(engagement: Engagement, month: str, days: Sequence[ReadyDay]) -> Iterator[Line]:
    retainer = _retainer(engagement, month)
    if retainer is not None:
        yield retainer
    groups: dict[tuple[Decimal, Decimal], list[Priced]] = defaultdict(list)
    for priced in _priced(engagement, month, days):
        groups[priced.unit_price, priced.tax.rate].append(priced)
    for key in sorted(groups):
        yield _time(engagement, month, groups[key])


def _retainer(engagement: Engagement, month: str) -> Line | None:
    active = len(engagement.active_dates(month))
    agreed = engagement.retainer_in(month)
    if agreed is None or active == 0 or month in engagement.charged_months:
        return None
    retainer, terms = agreed
    total = len(dates_of(month))
    return Line(
        kind=LineKind.RETAINER,
        mission_id=engagement.mission_id,
        function=engagement.function,
        month=month,
        unit=LineUnit.MONTH,
        quantity=ONE,
        unit_price=retainer.monthly,
        tax_rate=terms.tax.rate,
        tax_scheme=terms.tax.scheme,
        net=engagement.currency.round(retainer.monthly * active / total),
        active_dates=active,
        dates_in_month=total,
    )


def _priced(engagement: Engagement, month: str, days: Sequence[ReadyDay]) -> Iterator[Priced]:
    agreed = engagement.retainer_in(month)
    if agreed is not None:
        left = max(ZERO, agreed[0].included_days - engagement.included.get(month, ZERO))
        yield from _split(engagement, agreed[0], left, days)
        return
    for day in days:
        terms = engagement.terms_on(day.date)
        match terms.billing:
            case DayRate(rate=rate):
                yield Priced(day, day.quantity, LineUnit.DAY, rate, terms.tax)
            case Hourly(rate=rate):
                yield Priced(day, day.quantity, LineUnit.HOUR, rate, terms.tax)
            case Retainer(extra_day_rate=rate):
                yield Priced(day, day.quantity, LineUnit.DAY, rate, terms.tax)


def _split(engagement: Engagement, retainer: Retainer, left: Decimal, days: Sequence[ReadyDay]) -> Iterator[Priced]:
    """Days use up what the retainer includes, in order; the one that straddles the limit is split."""
    for day in days:
        tax = engagement.terms_on(day.date).tax
        covered = min(left, day.quantity)
        left -= covered
        if covered > 0:
            yield Priced(day, covered, LineUnit.DAY, ZERO, tax, included=True)
        if day.quantity > covered:
            yield Priced(day, day.quantity - covered, LineUnit.DAY, retainer.extra_day_rate, tax)


def _time(engagement: Engagement, month: str, parts: Sequence[Priced]) -> Line:
    quantity = sum((part.quantity for part in parts), ZERO)
    first = parts[0]
    return Line(
        kind=LineKind.TIME,
        mission_id=engagement.mission_id,
        function=engagement.function,
        month=month,
        unit=first.unit,
        quantity=quantity,
        unit_price=first.unit_price,
        tax_rate=first.tax.rate,
        tax_scheme=first.tax.scheme,
        net=engagement.currency.round(quantity * first.unit_price),
        days=tuple(
            LineDay(day_id=part.day.day_id, date=part.day.date, quantity=part.quantity, cadre_id=part.day.cadre_id)
            for part in parts
        ),
    )


def _expense(engagement: Engagement, expense: OpenExpense) -> Line:
    tax = engagement.terms_on(expense.date).tax
    return Line(
        kind=LineKind.EXPENSE,
        mission_id=engagement.mission_id,
        function=engagement.function,
        month=month_of(expense.date),
        unit=LineUnit.PIECE,
        quantity=ONE,
        unit_price=expense.amount,
        tax_rate=tax.rate,
        tax_scheme=tax.scheme,
        net=engagement.currency.round(expense.amount),
        expense_id=expense.expense_id,
        spent_on=expense.date,
    )
