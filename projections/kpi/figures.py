"""What is counted on a result: progress, improvement, what it is worth, and from when a full-time hire is cheaper."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_CEILING, Decimal, localcontext
from typing import assert_never

from domain.values import Billing, Currency, DayRate, Hourly, Retainer, rounded

TENTH = Decimal("0.1")
HUNDREDTH = Decimal("0.01")
EXACT = 80
"""Digits that hold whatever two numbers of the contract make of each other."""
HOURS_A_DAY = 8
DAYS_A_WEEK = 5
"""What a full-time person works."""
MONTHS_A_YEAR = 12
WORKING_DAYS = 218
"""What a full-time person works in a year, unless the network says otherwise."""


def progress_of(baseline: Decimal, target: Decimal, current: Decimal) -> Decimal:
    """How much of the way from baseline to target is done, in percent. No objective is set or revised without a way."""
    with localcontext(prec=EXACT):
        return rounded(100 * (current - baseline) / (target - baseline), TENTH)


def improvement_of(baseline: Decimal, target: Decimal, current: Decimal) -> Decimal:
    """How far the indicator has moved towards the target, in its unit; less than nothing where it moved away."""
    with localcontext(prec=EXACT):
        return current - baseline if target > baseline else baseline - current


def value_of(improvement: Decimal, per_unit: Decimal, currency: Currency) -> Decimal:
    """What an improvement is worth, rounded once."""
    with localcontext(prec=EXACT):
        return currency.round(improvement * per_unit)


def total_of(amounts: Iterable[Decimal]) -> Decimal:
    """What amounts add up to, to the last digit."""
    with localcontext(prec=EXACT):
        return sum(amounts, Decimal(0))


def text_of(amount: Decimal, currency: Currency) -> str:
    """An amount of any length with exactly the currency's digits."""
    with localcontext(prec=EXACT):
        return currency.text(amount)


def roi_of(value: Decimal, cost: Decimal) -> Decimal | None:
    """What each franc brought beyond itself, in percent; unknown where nothing was spent."""
    if cost <= 0:
        return None
    with localcontext(prec=EXACT):
        return rounded(100 * (value - cost) / cost, TENTH)


def break_even_of(billing: Billing, yearly_cost: Decimal, working_days: int = WORKING_DAYS) -> Decimal | None:
    """From how many days a week a full-time hire costs less, rounded up; None where no number of days makes it so.

    A day a week is a fifth of the days that a full-time person works in a year.
    """
    with localcontext(prec=EXACT):
        days_a_year = _days_a_year(billing, yearly_cost)
        if days_a_year is None:
            return None
        return (days_a_year * DAYS_A_WEEK / working_days).quantize(HUNDREDTH, rounding=ROUND_CEILING)


def _days_a_year(billing: Billing, yearly_cost: Decimal) -> Decimal | None:
    """How many days of the mission cost what the hire costs in a year."""
    match billing:
        case DayRate(rate=rate):
            return yearly_cost / rate if rate else None
        case Hourly(rate=rate):
            return yearly_cost / (rate * HOURS_A_DAY) if rate else None
        case Retainer(monthly=monthly, included_days=included, extra_day_rate=extra):
            beyond = yearly_cost - MONTHS_A_YEAR * monthly
            if beyond <= 0:
                return Decimal(0)
            return MONTHS_A_YEAR * included + beyond / extra if extra else None
        case _:
            assert_never(billing)
