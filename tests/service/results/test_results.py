"""What missions have cost and brought: small histories, and figures worked out by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from service.results.shapes import MissionResults
from service.results.telling import Hire, mission_results
from tests.bodies import HOURLY, RETAINER, asked, terms
from tests.scenario import Scenario
from tests.service.results.small_years import (
    a_mission,
    approved,
    billed,
    credited,
    day,
    measured,
    then,
    told_day_by_day,
)


def results(scenario: Scenario, as_of: str = "2026-06-30", known_at: datetime | None = None) -> MissionResults:
    return mission_results(then(scenario, as_of, known_at))


def by_the_day() -> Scenario:
    """Time accepted, disputed, credited and waiting; an expense; a dearer day from May; an indicator that turns."""
    return told_day_by_day(
        a_mission(),
        day("D-1", "2026-03-03"),
        day("D-2", "2026-03-04"),
        day("D-3", "2026-03-05", "0.5"),
        day("D-4", "2026-03-06"),
        ("2026-03-10", measured("60", "2026-03-10")),
        ("2026-03-31", approved("D-1", "D-2", "D-3")),
        ("2026-03-31", asked("dispute_day", day_id="D-4")),
        ("2026-03-31", billed("2026-03", "2026-03-31")),
        ("2026-04-02", credited("F-2026-00001", "2026-04-02", "D-2")),
        day("D-5", "2026-04-08"),
        day("D-6", "2026-04-09"),
        ("2026-04-09", approved("D-5")),
        ("2026-04-10", asked("record_expense", date="2026-04-10")),
        ("2026-04-10", measured("58.5", "2026-04-10")),
        ("2026-04-10", measured("57", "2026-04-10")),
        (
            "2026-04-25",
            asked(
                "amend_mission",
                effective_on="2026-05-01",
                letter={"signed_on": "2026-04-25"},
                terms=terms(billing={"kind": "day_rate", "rate": "90000"}),
            ),
        ),
        day("D-7", "2026-05-05"),
        ("2026-05-06", approved("D-7")),
        ("2026-05-06", measured("61", "2026-03-20")),
        ("2026-06-20", measured("64", "2026-06-20")),
        ("2026-06-30", asked("settle_dispute", day_id="D-4")),
    )


@pytest.mark.parametrize(
    ("as_of", "invoiced", "ready", "cost", "awaiting", "disputed", "value", "roi"),
    [
        # Nothing is accepted yet: 3.5 days wait at 85 000. Nothing spent, so no return.
        ("2026-03-30", "0", "0", "0", "297500", "0", "50000", None),
        # 2.5 days are invoiced. On 20 March the indicator stood at 61: one day won. (50 000 - 212 500) / 212 500.
        ("2026-03-31", "212500", "0", "212500", "0", "85000", "50000", "-76.5"),
        # A day is credited: (50 000 - 127 500) / 127 500.
        ("2026-04-02", "127500", "0", "127500", "0", "85000", "50000", "-60.8"),
        # A day accepted and an expense of 12 045 are ready; of two readings that day the later counts: five days won.
        ("2026-04-10", "127500", "97045", "224545", "85000", "85000", "250000", "11.3"),
        # A day in May at 90 000.
        ("2026-05-06", "127500", "187045", "314545", "85000", "85000", "250000", "-20.5"),
        # The indicator is worse than it was at the start: two days lost.
        ("2026-06-20", "127500", "187045", "314545", "85000", "85000", "-100000", "-131.8"),
        # The dispute is settled for the cadre.
        ("2026-06-30", "127500", "272045", "399545", "85000", "0", "-100000", "-125.0"),
    ],
)
def test_a_mission_by_the_day(
    as_of: str, invoiced: str, ready: str, cost: str, awaiting: str, disputed: str, value: str, roi: str | None
) -> None:
    told = results(by_the_day(), as_of)
    assert (told.invoiced, told.ready, told.cost) == (invoiced, ready, cost)
    assert (told.awaiting_approval, told.disputed) == (awaiting, disputed)
    assert (told.value, told.roi) == (value, roi)


def test_what_is_entered_late_was_not_known_before() -> None:
    """On 6 May somebody enters the reading of 20 March: until then March was told by the reading of the 10th."""
    scenario = by_the_day()
    assert results(scenario, "2026-03-31", datetime(2026, 5, 1, tzinfo=UTC)).value == "100000"
    assert results(scenario, "2026-03-31", datetime(2026, 5, 7, tzinfo=UTC)).value == "50000"


def test_the_parts_of_the_cost_and_the_time_are_named() -> None:
    told = results(by_the_day())
    assert told.parts.model_dump() == {
        "billed": "212500",
        "credited": "85000",
        "time": "260000",  # D-4 and D-5 at 85 000, D-7 at 90 000
        "retainer": "0",
        "expenses": "12045",
    }
    assert told.ready_day_ids == ["D-4", "D-5", "D-7"]
    assert {name: str(quantity) for name, quantity in told.time} == {
        "delivered": "6.5",
        "withdrawn": "0",
        "awaiting_approval": "1",
        "disputed": "0",
        "ready": "3",
        "invoiced": "1.5",
        "credited": "1",
        "unit": "day",
    }


def test_behind_the_cost_stand_the_documents_and_the_expenses_that_no_invoice_bears() -> None:
    scenario = by_the_day()
    topics = {each.position: each.event.TOPIC for each in scenario.network.recorded}
    assert [topics[position] for position in results(scenario).facts] == [
        "billing.invoice_issued",
        "billing.credit_note_issued",
        "mission.expense_recorded",
    ]


def by_the_hour() -> Scenario:
    """A mission in euros: 95.50 an hour, 12.50 a day won."""
    billing = {**HOURLY, "rate": "95.50"}
    agreed = terms(currency="EUR", billing=billing, tax={"scheme": "TVA", "rate": "20"}, approval_required=False)
    return told_day_by_day(
        a_mission("12.50", "EUR", terms=agreed),
        day("D-1", "2026-03-03", "3.25"),
        day("D-2", "2026-03-04", "2.5"),
        ("2026-03-10", measured("60.1", "2026-03-10")),
        ("2026-03-31", billed("2026-03", "2026-03-31")),
        day("D-3", "2026-04-01", "0.75"),
    )


@pytest.mark.parametrize(
    ("as_of", "cost", "value", "roi"),
    [
        # 3.25 hours: 310.375, half up.
        ("2026-03-03", "310.38", "0.00", "-100.0"),
        # 5.75 hours in one line: 549.125. 1.9 days won at 12.50: 23.75.
        ("2026-03-10", "549.13", "23.75", "-95.7"),
        # 71.625 more: each line is rounded once.
        ("2026-04-01", "620.76", "23.75", "-96.2"),
    ],
)
def test_a_mission_by_the_hour_in_euros(as_of: str, cost: str, value: str, roi: str) -> None:
    told = results(by_the_hour(), as_of)
    assert (told.currency, told.cost, told.value, told.roi) == ("EUR", cost, value, roi)
    assert told.time.unit == "hour"


NINE = [f"2026-03-{number:02}" for number in (3, 4, 5, 6, 9, 10, 11, 12, 13)]


def by_the_month(effect: str | None = None) -> Scenario:
    """Eight of nine days of March are included; a pause in April, a stop in May."""
    scenario = told_day_by_day(
        a_mission(terms=terms(billing=RETAINER)),
        *(day(f"D-{number}", date) for number, date in enumerate(NINE)),
        ("2026-03-31", asked("approve_days", day_ids=..., month="2026-03")),
        ("2026-03-31", billed("2026-03", "2026-03-31")),
    )
    if effect is not None:
        told_day_by_day(scenario, ("2026-04-02", credited("F-2026-00001", "2026-04-02", effect=effect)))
    return told_day_by_day(
        scenario,
        ("2026-04-16", asked("pause_mission", from_on="2026-04-16")),
        ("2026-04-27", asked("resume_mission", on="2026-04-27")),
        ("2026-05-10", asked("stop_mission", on="2026-05-10")),
        ("2026-06-30", measured("62", "2026-05-10")),
    )


@pytest.mark.parametrize(
    ("as_of", "invoiced", "ready"),
    [
        ("2026-03-02", "0", "19355"),  # 600 000 × 1 / 31
        ("2026-03-15", "0", "270968"),  # × 14 / 31; nine days wait, and none is accepted
        ("2026-03-31", "660645", "0"),  # 600 000 × 30 / 31 = 580 645, and one day at 80 000
        ("2026-04-15", "660645", "300000"),  # half of April
        ("2026-04-20", "660645", "300000"),  # paused since the 16th
        ("2026-04-27", "660645", "320000"),  # active again: 16 dates
        ("2026-04-30", "660645", "380000"),  # 19 dates
        ("2026-05-10", "660645", "573548"),  # and 10 of 31 dates of May: 193 548
        ("2026-06-30", "660645", "573548"),  # stopped on the 10th
    ],
)
def test_a_retainer_counts_the_dates_on_which_the_mission_was_active(as_of: str, invoiced: str, ready: str) -> None:
    told = results(by_the_month(), as_of)
    assert (told.invoiced, told.ready) == (invoiced, ready)


@pytest.mark.parametrize(
    ("effect", "as_of", "invoiced", "ready"),
    [
        ("rebill", "2026-04-01", "660645", "20000"),
        ("rebill", "2026-04-02", "0", "700645"),  # March is ready again, with two dates of April
        ("withdraw", "2026-04-02", "0", "40000"),  # March is not charged again
    ],
)
def test_a_credit_note_takes_back_and_may_make_ready_again(effect: str, as_of: str, invoiced: str, ready: str) -> None:
    told = results(by_the_month(effect), as_of)
    assert (told.invoiced, told.ready) == (invoiced, ready)


def test_time_that_a_credited_day_gave_back_to_the_retainer_is_used_by_the_next() -> None:
    """One of the eight included days is credited to be billed again: it is included again, at nothing."""
    scenario = told_day_by_day(
        by_the_month(), ("2026-06-30", credited("F-2026-00001", "2026-06-30", "D-0", effect="rebill"))
    )
    told = results(scenario)
    assert (told.invoiced, told.parts.time, told.ready_day_ids) == ("660645", "0", ["D-0"])


def test_what_has_not_happened_yet_has_no_cost() -> None:
    scenario = told_day_by_day(a_mission(terms=terms(billing=RETAINER)), ("2026-03-15", measured("61", "2026-03-15")))
    assert results(scenario, "9999-12-31").cost == results(scenario, "2026-03-15").cost == "270968"


def test_without_a_value_there_is_no_return() -> None:
    scenario = told_day_by_day(
        a_mission(worth=None),
        day("D-1", "2026-03-03"),
        ("2026-03-04", approved("D-1")),
        ("2026-03-04", measured("60", "2026-03-04")),
    )
    told = results(scenario)
    assert (told.cost, told.value, told.roi) == ("85000", None, None)


def test_objectives_add_up_and_closed_ones_keep_what_they_brought() -> None:
    """Days won at 50 000 and complaints avoided at 20 000; a third objective has no value, a fourth no measurement."""
    more = {"due_on": "2026-12-31", "set_on": "2026-03-02", "baseline": "10", "target": "4"}
    worth = {"amount": "20000", "currency": "XPF"}
    scenario = told_day_by_day(
        a_mission(),
        ("2026-03-02", asked("set_objective", objective_id="O-2", value_per_unit=worth, **more)),
        ("2026-03-02", asked("set_objective", objective_id="O-3", **more)),
        ("2026-03-02", asked("set_objective", objective_id="O-4", value_per_unit=worth, **more)),
        day("D-1", "2026-03-03"),
        ("2026-03-04", approved("D-1")),
        ("2026-03-10", measured("60", "2026-03-10")),
        ("2026-03-10", measured("6.5", "2026-03-10", "O-2")),
        ("2026-03-10", measured("4", "2026-03-10", "O-3")),
        ("2026-03-20", asked("close_objective", objective_id="O-2", outcome="missed", on="2026-03-20")),
    )
    told = results(scenario)
    assert (told.value, told.roi) == ("170000", "100.0")  # 2 × 50 000 + 3.5 × 20 000 against 85 000
    assert told.objectives.model_dump(mode="json") == {
        "open": {"achieved": 1, "overdue": 0, "unmeasured": 1, "on_track": 0, "behind": 1},
        "closed": {"achieved": 0, "missed": 1, "abandoned": 0},
    }


@pytest.mark.parametrize(
    ("as_of", "days_per_week", "agreed", "cheaper"),
    [
        ("2026-03-31", "2.43", "1.5", False),  # 9 000 000 at 85 000 a day
        ("2026-05-31", "2.3", "2.5", True),  # at 90 000, for five half-days a week
    ],
)
def test_a_hire_is_compared_with_the_terms_and_the_rhythm_in_force(
    as_of: str, days_per_week: str, agreed: str, cheaper: bool
) -> None:
    amendment = asked(
        "amend_mission",
        effective_on="2026-05-01",
        letter={"signed_on": "2026-04-25"},
        terms=terms(billing={"kind": "day_rate", "rate": "90000"}),
        rhythm={"half_days_per_week": 5},
    )
    scenario = told_day_by_day(a_mission(), ("2026-06-30", amendment))
    compared = mission_results(then(scenario, as_of), Hire(Decimal(9000000), 218)).break_even
    assert compared is not None
    assert compared.model_dump() == {
        "yearly_cost": "9000000",
        "working_days": 218,
        "days_per_week": days_per_week,
        "agreed_days_per_week": agreed,
        "hire_is_cheaper": cheaper,
    }
