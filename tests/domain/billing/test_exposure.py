"""What is owed if a mission stops on a date is what would be billed then: accepted, waiting and disputed apart."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from domain.billing.draft import drafts_of
from domain.billing.engagement import engagement_of
from domain.billing.exposure import Exposure, exposure_of
from domain.values import Currency
from tests.bodies import HOURLY, RETAINER, asked, on, running, terms
from tests.domain.billing.ledger import said
from tests.scenario import Scenario
from tests.strategies import HISTORIES, MISSIONS, Asking, live


def worked(scenario: Scenario) -> Scenario:
    """An accepted day, one that waits, one that is disputed, and a ticket."""
    dates = {"D-1": "2026-03-03", "D-2": "2026-03-04", "D-3": "2026-03-05"}
    scenario.given(*(asked("deliver_day", day_id=day_id, date=date) for day_id, date in dates.items()))
    scenario.given(asked("approve_days", day_ids=["D-1"]), asked("dispute_day", day_id="D-3"))
    return scenario.given(asked("record_expense", date="2026-03-06"))


def plain(*amounts: Decimal) -> list[str]:
    return [f"{amount:f}" for amount in amounts]


def exposure(scenario: Scenario, date: str) -> Exposure:
    return exposure_of(scenario.network.mission("M-1"), on(date))


def test_days_accepted_waiting_and_disputed_are_told_apart() -> None:
    owed = exposure(worked(running()), "2026-03-10")
    assert [day.day_id for day in owed.ready.days] == ["D-1"]
    assert plain(owed.ready.net, owed.awaiting_approval.net, owed.disputed.net) == ["85000", "85000", "85000"]
    assert plain(owed.awaiting_approval.quantity, owed.disputed.quantity) == ["1", "1"]
    assert plain(owed.expenses, owed.retainer) == ["12045", "0"]
    assert plain(owed.net, owed.tax) == ["267045", "16023"]
    assert owed.currency is Currency.XPF


def test_what_comes_after_the_date_is_not_owed_on_it() -> None:
    owed = exposure(worked(running()), "2026-03-04")
    assert [day.day_id for part in (owed.ready, owed.awaiting_approval, owed.disputed) for day in part.days] == [
        "D-1",
        "D-2",
    ]
    assert owed.expenses == 0
    assert exposure(worked(running()), "2026-02-01").lines == ()


def test_what_is_dated_on_the_date_itself_is_owed_on_it() -> None:
    mission = worked(running())
    assert [day.day_id for day in exposure(mission, "2026-03-03").ready.days] == ["D-1"]
    assert [day.day_id for day in exposure(mission, "2026-03-04").awaiting_approval.days] == ["D-2"]
    assert [day.day_id for day in exposure(mission, "2026-03-05").disputed.days] == ["D-3"]
    assert exposure(mission, "2026-03-06").expenses == 12045


def test_a_day_accepted_later_is_not_owed_before_it_was_worked() -> None:
    assert exposure(worked(running()), "2026-03-02").lines == ()


def test_what_bears_no_tax_says_why() -> None:
    exempt = terms(tax={"scheme": "none"})
    (tax,) = exposure(worked(running(terms=exempt)), "2026-03-10").taxes
    assert tax.tax == 0
    assert tax.exemption_reason == "Franchise en base – TGC non applicable"


def test_a_retainer_is_owed_up_to_the_date_and_days_beyond_what_it_includes_cost_extra() -> None:
    billing = {**RETAINER, "included_days": "1.5"}
    owed = exposure(worked(running(terms=terms(billing=billing))), "2026-03-10")
    assert owed.retainer == 174194  # 600000 × 9 dates of 31
    assert plain(owed.ready.net, owed.awaiting_approval.net, owed.disputed.net) == ["0", "40000", "80000"]


def test_a_retainer_ends_with_the_mission_and_not_with_a_later_date() -> None:
    mission = running(terms=terms(billing=RETAINER), ends_on="2026-03-11")
    assert exposure(mission, "2026-06-30").retainer == exposure(mission, "2026-03-11").retainer == 193548


def test_hours_are_owed_as_hours() -> None:
    mission = running(terms=terms(billing=HOURLY)).given(asked("deliver_day", quantity="2.25"))
    assert exposure(mission, "2026-03-31").awaiting_approval.net == 27000


@given(HISTORIES, st.sampled_from(["2026-03-03", "2026-03-04", "2026-03-10", "2026-03-31"]))
def test_the_parts_add_up_and_what_is_accepted_is_what_a_run_would_bill(askings: list[Asking], date: str) -> None:
    network = live(askings).network
    for mission_id in MISSIONS:
        mission = network.mission(mission_id)
        owed = exposure_of(mission, on(date))
        parts = (owed.ready.net, owed.awaiting_approval.net, owed.disputed.net, owed.retainer, owed.expenses)
        assert sum(parts, Decimal(0)) == owed.net
        if date == "2026-03-31" and not (owed.awaiting_approval.days or owed.disputed.days):
            drafts = drafts_of([engagement_of(mission, "2026-03")], "2026-03", on(date))
            billed = [said(line) for draft in drafts for line in draft.lines]
            assert billed == ([said(line) for line in owed.lines] if owed.net else [])
