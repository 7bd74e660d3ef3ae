"""What a mission brings to a month's run, from what its history adds up to."""

from __future__ import annotations

from decimal import Decimal

import pytest

from domain.billing.engagement import Engagement, engagement_of, months_through
from domain.mission.events import DaysInvoiced
from domain.values import Retainer
from tests.bodies import RETAINER, asked, on, running, terms
from tests.domain.billing.ledger import a_day_at, mission
from tests.domain.billing.ledger import terms as agreed
from tests.scenario import Scenario


def brought(scenario: Scenario, month: str) -> Engagement:
    return engagement_of(scenario.network.mission("M-1"), month)


def test_what_is_dated_on_the_months_last_date_is_due() -> None:
    free = running(terms=terms(approval_required=False))
    free.given(asked("deliver_day", date="2026-03-31"), asked("record_expense", date="2026-03-31"))
    assert [day.day_id for day in brought(free, "2026-03").ready] == ["D-1"]
    assert [expense.expense_id for expense in brought(free, "2026-03").expenses] == ["X-1"]
    assert (brought(free, "2026-02").ready, brought(free, "2026-02").expenses) == ((), ())


def test_pauses_are_brought_along() -> None:
    paused = running().given(asked("pause_mission", from_on="2026-03-10"), asked("resume_mission", on="2026-03-20"))
    assert brought(paused, "2026-03").pauses == ((on("2026-03-10"), on("2026-03-20")),)


def test_what_a_retainer_included_is_added_up_by_month() -> None:
    retained = running(terms=terms(billing=RETAINER, approval_required=False))
    dates = {"D-1": "2026-03-03", "D-2": "2026-03-04"}
    retained.given(*(asked("deliver_day", day_id=day_id, date=date) for day_id, date in dates.items()))
    billed = DaysInvoiced(
        invoice_number="F-2026-00001",
        month="2026-03",
        issued_on=on("2026-03-31"),
        day_ids=("D-1", "D-2"),
        included={"D-1": Decimal(1), "D-2": Decimal("0.5")},
        retainer_months=("2026-03",),
    )
    retained.given_event(billed)
    after = brought(retained, "2026-03")
    assert after.included == {"2026-03": Decimal("1.5")}
    assert (after.ready, after.charged_months) == ((), frozenset({"2026-03"}))


@pytest.mark.parametrize(
    ("start", "last", "months"),
    [
        ("2025-11-30", "2026-02", ["2025-11", "2025-12", "2026-01", "2026-02"]),
        ("2026-03-01", "2026-03", ["2026-03"]),
        ("2026-03-31", "2026-02", []),
    ],
)
def test_months_follow_each_other_over_the_turn_of_the_year(start: str, last: str, months: list[str]) -> None:
    assert list(months_through(on(start), last)) == months


def test_the_letters_terms_hold_before_theirs_too() -> None:
    late, later = agreed(a_day_at("1")), agreed(a_day_at("2"))
    engagement = mission(("2026-03-10", late), ("2026-03-20", later))
    dates = ("2026-03-09", "2026-03-10", "2026-03-19", "2026-03-20")
    assert [engagement.terms_on(on(date)) for date in dates] == [late, late, late, later]


def test_a_mission_of_one_letter_has_its_terms_before_its_first_date() -> None:
    only = agreed(a_day_at("1"))
    assert mission(only).terms_on(on("2020-01-01")) is only


def test_only_a_retainer_has_a_monthly_price() -> None:
    assert mission(agreed(a_day_at("1"))).retainer_in("2026-03") is None
    retainer = Retainer(monthly=Decimal(5), included_days=Decimal(1), extra_day_rate=Decimal(2))
    assert mission(agreed(retainer)).retainer_in("2026-03") == (retainer, agreed(retainer))
