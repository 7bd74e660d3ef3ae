"""Pauses: rule 9."""

from __future__ import annotations

import pytest

from domain.mission.events import MissionPaused, MissionResumed
from domain.mission.rejections import (
    AfterEnd,
    AlreadyPaused,
    BeforeStart,
    DaysDeliveredAfter,
    InvalidPeriod,
    MissionIsPaused,
    MissionIsStopped,
    NotPaused,
)
from tests.bodies import asked, on, running, signed


def test_a_mission_rests_from_a_date_on() -> None:
    scenario = signed().when(asked("pause_mission", expected_resume_on="2026-03-23"))
    scenario.then(
        MissionPaused(
            from_on=on("2026-03-16"), reason="Congés annuels de l'entreprise", expected_resume_on=on("2026-03-23")
        )
    )
    mission = scenario.network.mission("M-1")
    assert [mission.is_paused_on(on(day)) for day in ("2026-03-15", "2026-03-16", "2026-12-31")] == [False, True, True]


def test_a_pause_lasts_until_the_day_before_the_resumption() -> None:
    scenario = signed().given(asked("pause_mission")).when(asked("resume_mission"))
    mission = scenario.then(MissionResumed(on=on("2026-03-23"))).network.mission("M-1")
    assert [mission.is_paused_on(on(day)) for day in ("2026-03-22", "2026-03-23")] == [True, False]


def test_no_day_is_delivered_inside_a_pause() -> None:
    paused = running().given(asked("pause_mission"), asked("resume_mission"))
    paused.when(asked("deliver_day", date="2026-03-16")).then_rejected(MissionIsPaused)
    paused.when(asked("deliver_day", date="2026-03-21")).then_rejected(MissionIsPaused)
    paused.when(asked("deliver_day", date="2026-03-14")).then_done()
    paused.when(asked("deliver_day", day_id="D-2", date="2026-03-23")).then_done()


def test_an_expense_is_taken_inside_a_pause() -> None:
    running().given(asked("pause_mission")).when(asked("record_expense", date="2026-03-16")).then_done()


def test_a_pause_lies_within_the_mission_s_period() -> None:
    signed().when(asked("pause_mission", from_on="2026-03-01")).then_rejected(BeforeStart)
    signed().when(asked("pause_mission", from_on="2026-07-01")).then_rejected(AfterEnd)
    signed().when(asked("pause_mission", from_on="2026-03-02")).then_done()
    signed().when(asked("pause_mission", from_on="2026-06-30")).then_done()


def test_a_pause_starts_before_the_stop() -> None:
    stopping = signed().given(asked("stop_mission", on="2026-04-15"))
    stopping.when(asked("pause_mission", from_on="2026-04-16")).then_rejected(MissionIsStopped)
    stopping.when(asked("pause_mission", from_on="2026-04-15")).then_done()


@pytest.mark.parametrize("from_on", ["2026-03-10", "2026-03-16", "2026-03-22"])
def test_pauses_do_not_overlap(from_on: str) -> None:
    signed().given(asked("pause_mission")).when(asked("pause_mission", from_on=from_on)).then_rejected(AlreadyPaused)
    over = signed().given(asked("pause_mission"), asked("resume_mission"))
    over.when(asked("pause_mission", from_on=from_on)).then_rejected(AlreadyPaused)


def test_a_pause_may_start_on_the_day_of_the_resumption_before_it() -> None:
    over = signed().given(asked("pause_mission"), asked("resume_mission"))
    over.when(asked("pause_mission", from_on="2026-03-23")).then_done()


def test_a_pause_covers_no_delivered_day() -> None:
    worked = running().given(asked("deliver_day", date="2026-03-16"))
    worked.when(asked("pause_mission", from_on="2026-03-16")).then_rejected(DaysDeliveredAfter)
    worked.when(asked("pause_mission", from_on="2026-03-15")).then_rejected(DaysDeliveredAfter)
    worked.when(asked("pause_mission", from_on="2026-03-17")).then_done()


def test_a_pause_may_cover_a_withdrawn_day() -> None:
    withdrawn = running().given(asked("deliver_day", date="2026-03-16"), asked("withdraw_day"))
    withdrawn.when(asked("pause_mission")).then_done()


def test_only_a_pause_is_ended() -> None:
    signed().when(asked("resume_mission")).then_rejected(NotPaused)
    over = signed().given(asked("pause_mission"), asked("resume_mission"))
    over.when(asked("resume_mission", on="2026-03-30")).then_rejected(NotPaused)


def test_a_pause_ends_after_it_starts() -> None:
    paused = signed().given(asked("pause_mission"))
    paused.when(asked("resume_mission", on="2026-03-15")).then_rejected(InvalidPeriod)
    paused.when(asked("resume_mission", on="2026-03-16")).then_rejected(InvalidPeriod)
    paused.when(asked("resume_mission", on="2026-03-17")).then_done()
