"""What a result is worth against its cost, and from when a full-time hire is cheaper: all worked out by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.values import Billing, Currency, DayRate, Hourly, Retainer
from projections.kpi.figures import break_even_of, improvement_of, progress_of, roi_of, value_of

NUMBERS = st.integers(-(10**24), 10**24).map(lambda units: Decimal(f"{units}e-12"))


def number(text: str) -> Decimal:
    return Decimal(text)


@pytest.mark.parametrize(
    ("baseline", "target", "current", "improvement"),
    [
        ("62", "40", "55.5", "6.5"),  # days to be paid must fall, and fell
        ("62", "40", "64", "-2"),  # and rose
        ("12", "20", "13.12", "1.12"),  # quotes must rise
        ("12", "20", "9", "-3"),
        ("0", "-5", "-7", "7"),
        ("3", "4", "3", "0"),
    ],
)
def test_improvement_is_the_way_towards_the_target(baseline: str, target: str, current: str, improvement: str) -> None:
    assert improvement_of(number(baseline), number(target), number(current)) == number(improvement)


@given(baseline=NUMBERS, target=NUMBERS, current=NUMBERS)
def test_progress_and_improvement_have_one_sign(baseline: Decimal, target: Decimal, current: Decimal) -> None:
    if target != baseline:
        progress, improvement = progress_of(baseline, target, current), improvement_of(baseline, target, current)
        assert progress * improvement >= 0
        assert improvement_of(baseline, target, target) == abs(target - baseline)
        assert progress_of(baseline, target, target) == 100


def test_the_longest_numbers_of_the_contract_are_counted_exactly() -> None:
    least, most = number("0.000000000001"), number("999999999999999999.999999999999")
    assert progress_of(number("0"), least, most) == number("99999999999999999999999999999900.0")
    assert value_of(most, number("999999999999999999"), Currency.XPF) == number("999999999999999998999999999999000000")


@pytest.mark.parametrize(
    ("improvement", "per_unit", "currency", "value"),
    [
        ("6.5", "150000", Currency.XPF, "975000"),
        ("1.25", "10", Currency.XPF, "13"),  # 12.5, half up
        ("-1.25", "10", Currency.XPF, "-13"),  # away from zero
        ("0.333", "10.01", Currency.EUR, "3.33"),
    ],
)
def test_value_is_improvement_times_what_a_unit_is_worth(
    improvement: str, per_unit: str, currency: Currency, value: str
) -> None:
    assert value_of(number(improvement), number(per_unit), currency) == number(value)


@pytest.mark.parametrize(
    ("value", "cost", "roi"),
    [
        ("975000", "850000", "14.7"),  # 125 000 / 850 000 = 14.70…
        ("0", "850000", "-100.0"),
        ("-85000", "850000", "-110.0"),
        ("1000500", "1000000", "0.1"),  # 0.05 %, half up
        ("999500", "1000000", "-0.1"),
        ("5", "0", None),
    ],
)
def test_roi_is_what_the_cost_brought_beyond_itself(value: str, cost: str, roi: str | None) -> None:
    assert roi_of(number(value), number(cost)) == (None if roi is None else number(roi))


def test_nothing_is_nothing_from_whichever_side_it_was_reached() -> None:
    """Days to be paid stand where they stood; a thousandth of a day is lost; a franc in a million is lost."""
    assert str(progress_of(number("62"), number("40"), number("62"))) == "0.0"
    assert str(progress_of(number("62"), number("40"), number("62.001"))) == "0.0"
    assert str(value_of(number("-0.001"), number("50"), Currency.XPF)) == "0"
    assert str(value_of(number("-0.001"), number("0.50"), Currency.EUR)) == "0.00"
    assert str(roi_of(number("999999"), number("1000000"))) == "0.0"


DAY = DayRate(rate=Decimal(85000))
HOUR = Hourly(rate=Decimal(12000))
MONTH = Retainer(monthly=Decimal(600000), included_days=Decimal(8), extra_day_rate=Decimal(80000))


@pytest.mark.parametrize(
    ("billing", "yearly_cost", "days"),
    [
        # 9 000 000 / 85 000 = 105.88 days a year, of 218: 2.428… days a week
        (DAY, "9000000", "2.43"),
        (DAY, "18530000", "5.00"),  # 218 days at 85 000: all of them
        (DAY, "20000000", "5.40"),  # more than a week has
        # 8 hours at 12 000 are 96 000 a day: 93.75 days a year, 2.150…
        (HOUR, "9000000", "2.16"),
        # 12 × 600 000 = 7 200 000 for 96 days; 1 800 000 more buy 22.5 days: 118.5 days a year, 2.717…
        (MONTH, "9000000", "2.72"),
        (MONTH, "7200000", "0.00"),  # the months alone cost as much
        (MONTH, "7000000", "0.00"),
        (DayRate(rate=Decimal(0)), "9000000", None),
        (Hourly(rate=Decimal(0)), "9000000", None),
        (MONTH.model_copy(update={"extra_day_rate": Decimal(0)}), "9000000", None),
    ],
)
def test_a_full_time_hire_is_cheaper_from_so_many_days_a_week(
    billing: Billing, yearly_cost: str, days: str | None
) -> None:
    assert break_even_of(billing, number(yearly_cost)) == (None if days is None else number(days))


def test_who_works_fewer_days_a_year_is_dearer_by_the_day() -> None:
    assert break_even_of(DAY, number("9000000"), 200) == number("2.65")  # 105.88 × 5 / 200 = 2.647…


@given(
    billing=st.one_of(
        st.integers(1, 10**6).map(lambda rate: DayRate(rate=Decimal(rate))),
        st.integers(1, 10**6).map(lambda rate: Hourly(rate=Decimal(rate))),
        st.builds(
            lambda monthly, included, extra: Retainer(
                monthly=Decimal(monthly), included_days=Decimal(included), extra_day_rate=Decimal(extra)
            ),
            st.integers(0, 10**6),
            st.integers(0, 20),
            st.integers(1, 10**6),
        ),
    ),
    yearly_cost=st.integers(1, 10**8).map(Decimal),
    working_days=st.integers(150, 260),
)
def test_at_the_break_even_the_mission_costs_what_the_hire_does(
    billing: Billing, yearly_cost: Decimal, working_days: int
) -> None:
    days = break_even_of(billing, yearly_cost, working_days)
    assert days is not None
    assert costs(billing, days, working_days) >= yearly_cost
    if days >= number("0.01"):
        assert costs(billing, days - number("0.01"), working_days) < yearly_cost


def costs(billing: Billing, days_a_week: Decimal, working_days: int) -> Decimal:
    """A year of so many days a week, priced month by month."""
    days = days_a_week * working_days / 5
    if isinstance(billing, Retainer):
        return 12 * (billing.monthly + max(Decimal(0), days / 12 - billing.included_days) * billing.extra_day_rate)
    return days * (billing.rate * 8 if isinstance(billing, Hourly) else billing.rate)
