"""What is billed and why: one line per mission, month, unit price and tax rate."""

from __future__ import annotations

from decimal import Decimal

import pytest

from domain.billing.engagement import Engagement
from domain.values import Currency, Tax, TaxScheme
from tests.domain.billing.ledger import (
    a_day_at,
    a_retainer,
    an_hour_at,
    days,
    expenses,
    invoice,
    lines_said,
    mission,
    on,
    terms,
    tgc,
)


def test_days_of_a_month_at_one_price_make_one_line() -> None:
    three = days("D-1 2026-03-02 1", "D-2 2026-03-09 0.5", "D-3 2026-03-16 1")
    assert lines_said(mission(terms(a_day_at("85000")), ready=three), month="2026-03") == [
        "M-1 2026-03 time 2.5 × 85000 at 6 % = 212500",
    ]


def test_a_line_is_rounded_once_half_up() -> None:
    quarters = days("D-1 2026-03-02 0.25", "D-2 2026-03-03 0.25")
    euros = terms(an_hour_at("88.33"), currency=Currency.EUR, tax=Tax(scheme=TaxScheme.TVA, rate=tgc("8.5").rate))
    assert lines_said(mission(euros, ready=quarters), month="2026-03") == [
        "M-1 2026-03 time 0.50 × 88.33 at 8.5 % = 44.17",  # and not 22.08 + 22.08
    ]


def test_the_terms_in_force_on_a_day_set_its_price_and_tax() -> None:
    amended = mission(
        terms(a_day_at("85000")),
        ("2026-03-10", terms(a_day_at("80000"), tax=tgc("11"))),
        ready=days("D-1 2026-03-09 1", "D-2 2026-03-10 1"),
    )
    assert lines_said(amended, month="2026-03") == [
        "M-1 2026-03 time 1 × 80000 at 11 % = 80000",
        "M-1 2026-03 time 1 × 85000 at 6 % = 85000",
    ]


def test_what_was_left_behind_is_caught_up_month_by_month() -> None:
    late = mission(terms(a_day_at("85000")), ready=days("D-2 2026-03-02 1", "D-1 2026-01-05 0.5"))
    assert lines_said(late, month="2026-03") == [
        "M-1 2026-01 time 0.5 × 85000 at 6 % = 42500",
        "M-1 2026-03 time 1 × 85000 at 6 % = 85000",
    ]


def test_a_day_after_the_months_end_waits_for_its_month() -> None:
    assert lines_said(mission(terms(a_day_at("85000")), ready=days("D-1 2026-04-01 1")), month="2026-03") == []


def test_expenses_come_last_at_cost_per_mission_by_date_and_id() -> None:
    first = mission(
        terms(a_day_at("85000")),
        ready=days("D-1 2026-03-02 1"),
        spent=expenses("X-2 2026-03-05 900", "X-1 2026-03-05 800", "X-3 2026-02-01 700"),
    )
    second = mission(terms(a_day_at("90000"), tax=tgc("11")), mission_id="M-2", ready=days("D-2 2026-03-02 1"))
    assert lines_said(second, first, month="2026-03") == [
        "M-1 2026-03 time 1 × 85000 at 6 % = 85000",
        "M-2 2026-03 time 1 × 90000 at 11 % = 90000",
        "M-1 2026-02 expense 1 × 700 at 6 % = 700",
        "M-1 2026-03 expense 1 × 800 at 6 % = 800",
        "M-1 2026-03 expense 1 × 900 at 6 % = 900",
    ]


def test_tax_is_rounded_once_per_rate_over_all_lines() -> None:
    cents = tuple(
        mission(terms(an_hour_at("9"), tax=tgc("6")), mission_id=f"M-{i}", ready=days(f"D-{i} 2026-03-02 1"))
        for i in range(1, 4)
    )
    issued = invoice(*cents, month="2026-03")
    (tax,) = issued.taxes
    assert tax.net == 27
    assert tax.tax == 2  # and not 3 × 1
    assert issued.gross == 29


RETAINER = a_retainer("600000", "4", "80000")


@pytest.mark.parametrize(
    ("why", "engagement", "billed"),
    [
        ("a whole month", mission(terms(RETAINER), starts_on="2026-04-01"), "600000"),
        ("from the start on", mission(terms(RETAINER), starts_on="2026-04-30"), "20000"),
        ("to the end", mission(terms(RETAINER), starts_on="2026-04-01", last_on="2026-04-01"), "20000"),
        (
            "a paused date is not active, the date of the resumption is",
            mission(terms(RETAINER), starts_on="2026-04-01", pauses=[("2026-04-02", "2026-04-30")]),
            "40000",
        ),
        (
            "an open pause lasts",
            mission(terms(RETAINER), starts_on="2026-04-01", pauses=[("2026-04-02", None)]),
            "20000",
        ),
        (
            "the price in force on the month's last active date holds for the whole month",
            mission(
                terms(RETAINER),
                ("2026-04-15", terms(a_retainer("630000", "4", "84000"))),
                starts_on="2026-04-01",
                last_on="2026-04-15",
            ),
            "315000",
        ),
        (
            "an amendment after the last active date changes nothing",
            mission(
                terms(RETAINER),
                ("2026-04-16", terms(a_retainer("630000", "4", "84000"))),
                starts_on="2026-04-01",
                last_on="2026-04-15",
            ),
            "300000",
        ),
        ("rounded half up", mission(terms(a_retainer("100003", "4", "1")), starts_on="2026-04-16"), "50002"),
    ],
)
def test_a_retainer_is_charged_for_its_active_dates(why: str, engagement: Engagement, billed: str) -> None:
    (line,) = lines_said(engagement, month="2026-04")
    assert line.endswith(f"= {billed}"), why


def test_a_month_without_an_active_date_is_not_charged() -> None:
    paused = mission(terms(RETAINER), starts_on="2026-03-31", pauses=[("2026-04-01", "2026-05-31")])
    assert [line.split()[1] for line in lines_said(paused, month="2026-05")] == ["2026-03", "2026-05"]


def test_a_retainers_month_is_charged_once_and_forgotten_months_are_caught_up() -> None:
    ran = mission(terms(RETAINER), starts_on="2026-02-01", charged=["2026-03"])
    assert [line.split()[1] for line in lines_said(ran, month="2026-04")] == ["2026-02", "2026-04"]


@pytest.mark.parametrize(
    ("why", "included_before", "worked", "billed"),
    [
        ("all included", "0", ("D-1 2026-04-01 1", "D-2 2026-04-02 1"), ["2 × 0 at 6 % = 0"]),
        (
            "the day that straddles the limit is split",
            "3.5",
            ("D-1 2026-04-01 1",),
            ["0.5 × 0 at 6 % = 0", "0.5 × 80000 at 6 % = 40000"],
        ),
        ("all used up", "4", ("D-1 2026-04-01 0.5",), ["0.5 × 80000 at 6 % = 40000"]),
        ("more was included before than is agreed now", "5", ("D-1 2026-04-01 1",), ["1 × 80000 at 6 % = 80000"]),
    ],
)
def test_days_use_up_what_the_retainer_includes(
    why: str, included_before: str, worked: tuple[str, ...], billed: list[str]
) -> None:
    month = mission(
        terms(RETAINER),
        starts_on="2026-04-01",
        charged=["2026-04"],
        included={"2026-04": included_before},
        ready=days(*worked),
        spent=expenses("X-1 2026-04-01 1"),
    )
    said = lines_said(month, month="2026-04")
    assert [line.removeprefix("M-1 2026-04 time ") for line in said[:-1]] == billed, why


def test_included_days_are_used_up_in_order_of_date_then_id() -> None:
    retained = mission(
        terms(a_retainer("600000", "1", "80000")),
        starts_on="2026-04-01",
        ready=days("D-9 2026-04-01 0.5", "D-1 2026-04-02 1", "D-2 2026-04-01 0.5"),
    )
    included = [day.day_id for line in invoice(retained, month="2026-04").lines for day in line.days if day.included]
    assert included == ["D-2", "D-9"]


def test_extra_days_follow_the_retainer_of_the_months_last_active_date() -> None:
    retained = mission(
        terms(a_retainer("600000", "0", "80000")),
        ("2026-04-20", terms(a_retainer("630000", "0", "84000"))),
        starts_on="2026-04-01",
        ready=days("D-1 2026-04-01 1"),
    )
    assert lines_said(retained, month="2026-04")[1].endswith("1 × 84000 at 6 % = 84000")


def test_a_retainers_line_tells_its_active_dates_and_an_expenses_line_its_date() -> None:
    retained = mission(terms(RETAINER), starts_on="2026-04-16", spent=expenses("X-1 2026-04-20 900"))
    month, expense = invoice(retained, month="2026-04").lines
    assert (month.active_dates, month.dates_in_month) == (15, 30)
    assert (expense.expense_id, expense.spent_on) == ("X-1", on("2026-04-20"))


@pytest.mark.parametrize(
    ("currency", "stated", "told"),
    [
        (Currency.XPF, None, "Franchise en base – TGC non applicable"),
        (Currency.EUR, None, "TVA non applicable, art. 293 B du CGI"),
        (Currency.EUR, "Formation exonérée, art. 261-4-4° du CGI", "Formation exonérée, art. 261-4-4° du CGI"),
    ],
)
def test_work_without_tax_says_why(currency: Currency, stated: str | None, told: str) -> None:
    exempt = terms(a_day_at("650"), currency=currency, tax=Tax(scheme=TaxScheme.NONE, exemption_reason=stated))
    (tax,) = invoice(mission(exempt, ready=days("D-1 2026-04-01 1")), month="2026-04").taxes
    assert (tax.tax, tax.exemption_reason) == (Decimal(0), told)
