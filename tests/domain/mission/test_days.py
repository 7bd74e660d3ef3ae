"""Days: rules 3, 6, 7 and 11."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pytest
from pydantic import ValidationError

from domain.event import CommandRejected, Event
from domain.mission.events import (
    DayDelivered,
    DayDisputed,
    DaysApproved,
    DaysCredited,
    DaysInvoiced,
    DaysReleased,
    DayWithdrawn,
    DisputeSettled,
    Half,
    SettlementOutcome,
    Unit,
)
from domain.mission.filing import filed
from domain.mission.rejections import (
    AfterEnd,
    AlreadyApproved,
    AlreadyDisputed,
    BeforeStart,
    DayAlreadyInvoiced,
    DayIsDisputed,
    DayIsWithdrawn,
    NoObjective,
    NotAWorkingDay,
    NotDisputed,
    NothingToApprove,
    UnknownDay,
    UnknownObjective,
)
from domain.mission.state import DayStatus
from domain.rejections import AlreadyExists, InTheFuture, Malformed, UnknownCadre
from tests.bodies import HOURLY, RETAINER, asked, on, running, signed, terms
from tests.scenario import Scenario

INVOICED = DaysInvoiced(
    invoice_number="F-2026-00001",
    month="2026-03",
    issued_on=on("2026-03-31"),
    day_ids=("D-1",),
)
CREDITED = DaysCredited(
    credit_note_number="A-2026-00001",
    invoice_number="F-2026-00001",
    issued_on=on("2026-03-31"),
    day_ids=("D-1",),
)
RELEASED = DaysReleased(
    credit_note_number="A-2026-00001",
    invoice_number="F-2026-00001",
    issued_on=on("2026-03-31"),
    day_ids=("D-1",),
)


def worked(**changes: object) -> Scenario:
    """Mission M-1 with the day D-1, of 10 March."""
    return running(**changes).given(asked("deliver_day"))


def with_billing(scenario: Scenario, *events: DaysInvoiced | DaysCredited | DaysReleased) -> Scenario:
    """Billing did this to the mission's days."""
    for event in events:
        scenario.network.record(filed(scenario.network.mission("M-1"), event))
    return scenario


def delivered(events: Sequence[Event]) -> DayDelivered:
    (event,) = events
    assert isinstance(event, DayDelivered)
    return event


def test_a_day_is_delivered_by_the_cadre_who_holds_the_mission() -> None:
    event = delivered(running().when(asked("deliver_day")).then_done().events)
    assert event == DayDelivered(
        day_id="D-1",
        date=on("2026-03-10"),
        quantity=Decimal(1),
        unit=Unit.DAY,
        summary="Clôture mensuelle",
        cadre_id="C-1",
    )


def test_another_registered_cadre_may_lend_a_hand_whatever_it_practises() -> None:
    event = delivered(running().when(asked("deliver_day", cadre_id="C-3")).then_done().events)
    assert event.cadre_id == "C-3"
    running().when(asked("deliver_day", cadre_id="C-9")).then_rejected(UnknownCadre)


def test_no_day_is_delivered_before_an_objective_was_ever_set() -> None:
    signed().when(asked("deliver_day")).then_rejected(NoObjective)
    running().given(asked("close_objective")).when(asked("deliver_day")).then_done()


def test_a_day_names_objectives_of_the_mission() -> None:
    running().when(asked("deliver_day", objective_ids=["O-1", "O-9"])).then_rejected(UnknownObjective)
    event = delivered(running().when(asked("deliver_day", objective_ids=["O-1"])).then_done().events)
    assert event.objective_ids == ("O-1",)
    with pytest.raises(ValidationError, match="name each one once"):
        asked("deliver_day", objective_ids=["O-1", "O-1"])


@pytest.mark.parametrize(
    ("date", "why"),
    [
        ("2026-04-01", InTheFuture),
        ("2026-02-27", BeforeStart),
        ("2026-03-29", NotAWorkingDay),
    ],
)
def test_a_day_out_of_bounds_is_refused(date: str, why: type[CommandRejected]) -> None:
    running().when(asked("deliver_day", date=date)).then_rejected(why)


@pytest.mark.parametrize("date", ["2026-03-02", "2026-03-31", "2026-03-28"])
def test_a_day_at_the_bounds_is_taken(date: str) -> None:
    running().when(asked("deliver_day", date=date)).then_done()


def test_a_day_lies_up_to_the_mission_s_end() -> None:
    later = running().on(on("2026-07-10"))
    later.when(asked("deliver_day", date="2026-07-01")).then_rejected(AfterEnd)
    later.when(asked("deliver_day", date="2026-06-30")).then_done()


@pytest.mark.parametrize("date", ["2026-03-29", "2026-04-06", "2026-05-01"])
def test_sundays_and_holidays_are_worked_by_exception(date: str) -> None:
    later = running().on(on("2026-06-01"))
    later.when(asked("deliver_day", date=date)).then_rejected(NotAWorkingDay)
    later.when(asked("deliver_day", date=date, exceptional=True)).then_done()


def test_a_day_s_id_is_used_once_in_the_whole_network() -> None:
    worked().when(asked("deliver_day", date="2026-03-11")).then_rejected(AlreadyExists)
    two = worked().given(asked("sign_mission", mission_id="M-2", cadre_id="C-2"), mission="M-2")
    two.given(asked("set_objective"), mission="M-2")
    two.when(asked("deliver_day", date="2026-03-11"), mission="M-2").then_rejected(AlreadyExists)
    two.when(asked("deliver_day", day_id="D-2"), mission="M-2").then_done()


@pytest.mark.parametrize("billing", [{"kind": "day_rate", "rate": "85000"}, RETAINER])
@pytest.mark.parametrize("quantity", ["0.25", "0.75", "1.5", "2"])
def test_days_come_whole_or_by_half(billing: dict[str, str], quantity: str) -> None:
    running(terms=terms(billing=billing)).when(asked("deliver_day", quantity=quantity)).then_rejected(Malformed)


def test_a_whole_day_names_no_half() -> None:
    running().when(asked("deliver_day", half="am")).then_rejected(Malformed)


@pytest.mark.parametrize("quantity", ["0.25", "7.75", "8"])
def test_hours_come_in_quarters_up_to_eight(quantity: str) -> None:
    hourly = running(terms=terms(billing=HOURLY))
    event = delivered(hourly.when(asked("deliver_day", quantity=quantity)).then_done().events)
    assert (event.unit, event.half) == (Unit.HOUR, None)


@pytest.mark.parametrize("quantity", ["0.2", "7.9", "8.25"])
def test_other_hours_are_malformed(quantity: str) -> None:
    running(terms=terms(billing=HOURLY)).when(asked("deliver_day", quantity=quantity)).then_rejected(Malformed)


def test_hours_take_no_half() -> None:
    hourly = running(terms=terms(billing=HOURLY))
    hourly.when(asked("deliver_day", quantity="4", half="am")).then_rejected(Malformed)


@pytest.mark.parametrize("quantity", ["0", "-1", "1,5", 1, 0.5, "1e0", ""])
def test_a_quantity_is_a_positive_decimal_string(quantity: object) -> None:
    with pytest.raises(ValidationError):
        asked("deliver_day", quantity=quantity)


def test_half_a_day_takes_the_morning_if_free_else_the_afternoon() -> None:
    first = running().when(asked("deliver_day", quantity="0.5"))
    assert delivered(first.events).half is Half.AM
    second = first.when(asked("deliver_day", day_id="D-2", quantity="0.5"))
    assert delivered(second.events).half is Half.PM


def test_a_day_is_withdrawn_until_it_is_invoiced() -> None:
    reason = "Saisi sur la mauvaise mission"
    worked().when(asked("withdraw_day")).then(DayWithdrawn(day_id="D-1", reason=reason))
    worked().given(asked("approve_days")).when(asked("withdraw_day")).then_done()
    worked().given(asked("dispute_day")).when(asked("withdraw_day")).then_done()


def test_days_are_approved_by_name() -> None:
    scenario = worked().when(asked("approve_days")).then(DaysApproved(day_ids=("D-1",)))
    mission = scenario.network.mission("M-1")
    assert mission.is_ready(mission.days["D-1"])


def test_days_that_need_no_approval_may_be_approved_by_name_all_the_same() -> None:
    worked(terms=terms(approval_required=False)).when(asked("approve_days")).then_done()


def test_days_are_approved_by_month_all_that_wait() -> None:
    scenario = worked().given(
        asked("deliver_day", day_id="D-4", date="2026-03-04"),
        asked("deliver_day", day_id="D-5", date="2026-03-05"),
        asked("deliver_day", day_id="D-6", date="2026-03-06"),
        asked("withdraw_day", day_id="D-5"),
        asked("dispute_day", day_id="D-6"),
    )
    by_month = asked("approve_days", day_ids=..., month="2026-03")
    scenario.when(by_month).then(DaysApproved(day_ids=("D-4", "D-1"), month="2026-03"))
    scenario.when(by_month).then_rejected(NothingToApprove)
    worked().when(asked("approve_days", day_ids=..., month="2026-04")).then_rejected(NothingToApprove)


def test_a_month_that_needs_no_approval_has_nothing_to_approve() -> None:
    free = worked(terms=terms(approval_required=False))
    free.when(asked("approve_days", day_ids=..., month="2026-03")).then_rejected(NothingToApprove)
    mission = free.network.mission("M-1")
    assert mission.is_ready(mission.days["D-1"])


def test_approval_names_days_or_a_month() -> None:
    wrong: list[dict[str, object]] = [
        {"month": "2026-03"},
        {"day_ids": ...},
        {"day_ids": []},
        {"day_ids": ["D-1", "D-1"]},
    ]
    for changes in wrong:
        with pytest.raises(ValidationError):
            asked("approve_days", **changes)


def test_approving_several_days_is_all_or_nothing() -> None:
    scenario = worked().when(asked("approve_days", day_ids=["D-1", "D-9"])).then_rejected(UnknownDay)
    assert scenario.network.mission("M-1").days["D-1"].status is DayStatus.DELIVERED


def test_a_dispute_ends_approved_or_withdrawn() -> None:
    disputed = worked().given(asked("dispute_day"))
    note = "Vu ensemble au point du lundi"
    approved = DisputeSettled(day_id="D-1", outcome=SettlementOutcome.APPROVED, note=note)
    disputed.when(asked("settle_dispute")).then(approved)
    assert disputed.network.mission("M-1").days["D-1"].status is DayStatus.APPROVED
    gone = worked().given(asked("dispute_day"), asked("settle_dispute", outcome="withdrawn"))
    assert gone.network.mission("M-1").days["D-1"].status is DayStatus.WITHDRAWN


def test_a_disputed_day_is_disputed_in_words() -> None:
    worked().when(asked("dispute_day")).then(DayDisputed(day_id="D-1", reason="Présence non constatée"))


NAMED = ["approve_days", "dispute_day", "settle_dispute", "withdraw_day"]


@pytest.mark.parametrize("name", NAMED)
def test_only_a_delivered_day_can_be_touched(name: str) -> None:
    running().when(asked(name)).then_rejected(UnknownDay)


@pytest.mark.parametrize("name", NAMED)
def test_a_withdrawn_day_is_over(name: str) -> None:
    worked().given(asked("withdraw_day")).when(asked(name)).then_rejected(DayIsWithdrawn)


@pytest.mark.parametrize("name", NAMED)
def test_only_a_credit_note_touches_an_invoiced_day(name: str) -> None:
    with_billing(worked(), INVOICED).when(asked(name)).then_rejected(DayAlreadyInvoiced)


@pytest.mark.parametrize("name", NAMED)
def test_a_credited_day_counts_as_withdrawn(name: str) -> None:
    with_billing(worked(), INVOICED, CREDITED).when(asked(name)).then_rejected(DayIsWithdrawn)


@pytest.mark.parametrize(
    ("before", "name", "why"),
    [
        ("approve_days", "approve_days", AlreadyApproved),
        ("approve_days", "dispute_day", AlreadyApproved),
        ("approve_days", "settle_dispute", NotDisputed),
        ("dispute_day", "approve_days", DayIsDisputed),
        ("dispute_day", "dispute_day", AlreadyDisputed),
    ],
)
def test_a_day_is_approved_or_disputed_once(before: str, name: str, why: type[CommandRejected]) -> None:
    worked().given(asked(before)).when(asked(name)).then_rejected(why)


def test_an_undisputed_day_is_not_settled() -> None:
    worked().when(asked("settle_dispute")).then_rejected(NotDisputed)


def test_a_released_day_is_ready_again_as_it_was() -> None:
    approved = with_billing(worked().given(asked("approve_days")), INVOICED, RELEASED)
    mission = approved.network.mission("M-1")
    assert mission.is_ready(mission.days["D-1"])
    approved.when(asked("dispute_day")).then_rejected(AlreadyApproved)


def test_a_day_released_without_approval_does_not_wait_for_it() -> None:
    released = with_billing(worked(), INVOICED, RELEASED)
    mission = released.network.mission("M-1")
    assert mission.is_ready(mission.days["D-1"])
    released.when(asked("approve_days", day_ids=..., month="2026-03")).then_rejected(NothingToApprove)
    released.when(asked("dispute_day")).then_done()
    assert not released.network.mission("M-1").is_ready(released.network.mission("M-1").days["D-1"])


def test_what_frees_a_cadre_s_time_carries_the_tag_of_its_date() -> None:
    tag = "cadre-day:C-1:2026-03-10"
    for scenario in (
        worked().given(asked("withdraw_day")),
        worked().given(asked("dispute_day"), asked("settle_dispute", outcome="withdrawn")),
        with_billing(worked(), INVOICED, CREDITED),
    ):
        assert len(scenario.network.tags[tag]) == 2
    kept = worked().given(asked("dispute_day"), asked("settle_dispute"))
    assert len(kept.network.tags[tag]) == 1
