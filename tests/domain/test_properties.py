"""What holds in every history of a small world, whatever is asked in it by whom."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from itertools import pairwise

from hypothesis import given, settings

from domain.catalogue import read_event, stored_topic
from domain.deciding import fold_stream
from domain.event import Role
from domain.mission.events import (
    DayDelivered,
    DayDisputed,
    DaysApproved,
    DisputeSettled,
    Half,
    MissionPaused,
    MissionStopped,
    Unit,
)
from domain.mission.state import DayStatus, Mission
from tests.bodies import asked
from tests.scenario import ADMIN, Network
from tests.strategies import HISTORIES, MISSIONS, Asking, live

lived = settings(max_examples=60, deadline=None)


def missions(network: Network) -> list[Mission]:
    return [network.mission(mission_id) for mission_id in MISSIONS]


@lived
@given(HISTORIES)
def test_a_decision_fails_by_rejection_alone_and_what_it_records_can_be_read(askings: list[Asking]) -> None:
    for recorded in live(askings).network.recorded:
        stored = recorded.event.model_dump_json(by_alias=True).encode()
        assert read_event(stored_topic(type(recorded.event)), stored) == recorded.event


@lived
@given(HISTORIES)
def test_what_a_stream_adds_up_to_is_the_fold_of_its_history(askings: list[Asking]) -> None:
    network = live(askings).network
    for stream, state in network.states.items():
        events = [recorded.event for recorded in network.recorded if recorded.stream == stream]
        assert fold_stream(stream, None, events) == state


@lived
@given(HISTORIES)
def test_a_cadre_is_never_overbooked(askings: list[Asking]) -> None:
    network = live(askings).network
    kept = {day.day_id for mission in missions(network) for day in mission.days.values() if not day.is_gone}
    share: defaultdict[tuple[str, object], Decimal] = defaultdict(Decimal)
    halves: defaultdict[tuple[str, object], list[Half]] = defaultdict(list)
    for recorded in network.recorded:
        event = recorded.event
        if isinstance(event, DayDelivered) and event.day_id in kept:
            where = (event.cadre_id, event.date)
            share[where] += event.quantity / 8 if event.unit is Unit.HOUR else event.quantity
            if event.unit is Unit.DAY:
                halves[where] += list(Half) if event.half is None else [event.half]
    assert all(taken <= 1 for taken in share.values())
    assert all(len(set(taken)) == len(taken) for taken in halves.values())


@lived
@given(HISTORIES)
def test_a_day_that_counts_lies_within_the_mission_and_in_no_pause(askings: list[Asking]) -> None:
    for mission in missions(live(askings).network):
        for day in mission.days.values():
            if not day.is_gone:
                assert mission.starts_on <= day.date
                assert mission.last_on is None or day.date <= mission.last_on
                assert not mission.is_paused_on(day.date)


@lived
@given(HISTORIES)
def test_a_day_s_id_is_used_once_in_the_network(askings: list[Asking]) -> None:
    events = [recorded.event for recorded in live(askings).network.recorded]
    used = [event.day_id for event in events if isinstance(event, DayDelivered)]
    assert len(set(used)) == len(used)


@lived
@given(HISTORIES)
def test_pauses_follow_each_other_and_a_mission_stops_once(askings: list[Asking]) -> None:
    network = live(askings).network
    for mission in missions(network):
        assert all(
            first.until_on is not None and first.until_on <= then.from_on for first, then in pairwise(mission.pauses)
        )
    for mission_id in MISSIONS:
        of_it = [recorded.event for recorded in network.recorded if recorded.stream == f"mission:{mission_id}"]
        assert sum(isinstance(event, MissionStopped) for event in of_it) <= 1
        assert sum(isinstance(event, MissionPaused) for event in of_it) == len(network.mission(mission_id).pauses)


@lived
@given(HISTORIES)
def test_five_objectives_are_open_at_most(askings: list[Asking]) -> None:
    for mission in missions(live(askings).network):
        assert sum(not objective.closed for objective in mission.objectives.values()) <= 5


@lived
@given(HISTORIES)
def test_no_cadre_approves_disputes_or_settles(askings: list[Asking]) -> None:
    for recorded in live(askings).network.recorded:
        if isinstance(recorded.event, (DaysApproved, DayDisputed, DisputeSettled)):
            assert recorded.actor.role in (Role.CLIENT, Role.NETWORK_ADMIN)


@lived
@given(HISTORIES)
def test_approving_what_is_approved_changes_nothing(askings: list[Asking]) -> None:
    scenario = live(askings)
    scenario.by(ADMIN)
    for mission in missions(scenario.network):
        approved = [day.day_id for day in mission.days.values() if day.status is DayStatus.APPROVED]
        if approved:
            scenario.when(asked("approve_days", day_ids=approved), mission.mission_id)
            assert scenario.rejection is not None
        assert scenario.network.mission(mission.mission_id) is mission
