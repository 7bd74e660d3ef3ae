"""From what is ready to the lines of an invoice: pure arithmetic, each rule of the contract once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import assert_never

from domain.billing.engagement import Engagement, OpenExpense, ReadyDay, dates_of, months_through
from domain.billing.events import Line, LineDay, LineKind, LineUnit, TaxAmount
from domain.billing.mentions import exemption_on
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
    return tuple(line for each in months for line in _lines_in(engagement, each, days[each]))


def expense_lines_of(engagement: Engagement, month: str) -> tuple[Line, ...]:
    """A mission's expenses up to a month's end, at cost, by date and id."""
    due = [expense for expense in engagement.expenses if month_of(expense.date) <= month]
    due.sort(key=lambda expense: (expense.date, expense.expense_id))
    return tuple(_expense(engagement, expense) for expense in due)


def taxes_of(lines: Iterable[Line], currency: Currency, issued_on: date) -> tuple[TaxAmount, ...]:
    """The tax per rate, ascending: on the sum of the lines at that rate, rounded once."""
    by_rate: dict[Decimal, list[Line]] = defaultdict(list)
    for line in lines:
        by_rate[line.tax.rate].append(line)
    return tuple(_tax(by_rate[rate], currency, issued_on) for rate in sorted(by_rate))


def _tax(lines: Sequence[Line], currency: Currency, issued_on: date) -> TaxAmount:
    net = sum((line.net for line in lines), ZERO)
    tax = lines[0].tax
    return TaxAmount(
        scheme=tax.scheme,
        rate=tax.rate,
        net=net,
        tax=currency.round(net * tax.rate / 100),
        exemption_reason=exemption_on(tax.scheme, currency, tax.exemption_reason, issued_on),
    )


def _lines_in(engagement: Engagement, month: str, days: Sequence[ReadyDay]) -> Iterator[Line]:
    if month not in engagement.charged_months:
        yield from _retainer(engagement, month)
    groups: dict[tuple[Decimal, Decimal], list[Priced]] = defaultdict(list)
    for priced in _priced(engagement, month, days) if days else ():
        groups[priced.unit_price, priced.tax.rate].append(priced)
    for key in sorted(groups):
        yield _time(engagement, month, groups[key])


def _retainer(engagement: Engagement, month: str) -> Iterator[Line]:
    agreed = engagement.retainer_in(month)
    if agreed is None:
        return
    retainer, terms = agreed
    active, total = len(engagement.active_dates(month)), len(dates_of(month))
    if active == 0:
        return
    yield Line(
        kind=LineKind.RETAINER,
        mission_id=engagement.mission_id,
        function=engagement.function,
        month=month,
        unit=LineUnit.MONTH,
        quantity=ONE,
        unit_price=retainer.monthly,
        tax=terms.tax,
        net=engagement.currency.round(retainer.monthly * active / total),
        active_dates=active,
        dates_in_month=total,
    )


def _priced(engagement: Engagement, month: str, days: Sequence[ReadyDay]) -> Iterator[Priced]:
    agreed = engagement.retainer_in(month)
    if agreed is not None:
        yield from _split(engagement, agreed[0], month, days)
        return
    for day in days:
        terms = engagement.terms_on(day.date)
        match terms.billing:
            case Hourly(rate=rate):
                yield Priced(day, day.quantity, LineUnit.HOUR, rate, terms.tax)
            case DayRate(rate=rate) | Retainer(extra_day_rate=rate):
                yield Priced(day, day.quantity, LineUnit.DAY, rate, terms.tax)
            case _:
                assert_never(terms.billing)


def _split(engagement: Engagement, retainer: Retainer, month: str, days: Sequence[ReadyDay]) -> Iterator[Priced]:
    """Days use up what the retainer includes, in order; the one that straddles the limit is split."""
    left = max(ZERO, retainer.included_days - engagement.included.get(month, ZERO))
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
        tax=first.tax,
        net=engagement.currency.round(quantity * first.unit_price),
        days=tuple(_line_day(part) for part in parts),
    )


def _line_day(part: Priced) -> LineDay:
    day = part.day
    return LineDay(
        day_id=day.day_id, date=day.date, quantity=part.quantity, cadre_id=day.cadre_id, included=part.included
    )


def _expense(engagement: Engagement, expense: OpenExpense) -> Line:
    return Line(
        kind=LineKind.EXPENSE,
        mission_id=engagement.mission_id,
        function=engagement.function,
        month=month_of(expense.date),
        unit=LineUnit.PIECE,
        quantity=ONE,
        unit_price=expense.amount,
        tax=engagement.terms_on(expense.date).tax,
        net=expense.amount,
        expense_id=expense.expense_id,
        spent_on=expense.date,
    )
