"""The mission's dates: from its start to its end or stop, and what comes after the stop."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from domain.mission.rejections import AfterEnd, BeforeStart, DaysDeliveredAfter, MissionIsStopped
from domain.mission.state import Mission


def reject_outside_period(mission: Mission, on: date) -> None:
    """A date lies from the start to the end and the stop, all included."""
    if on < mission.starts_on:
        raise BeforeStart(f"the mission starts on {mission.starts_on}: name that date or a later one")
    if mission.is_over_on(on):
        raise MissionIsStopped(f"the mission stops on {mission.stopped_on}: name that date or an earlier one")
    if mission.ends_on is not None and on > mission.ends_on:
        raise AfterEnd(
            f"the mission ends on {mission.ends_on}: name that date or an earlier one, or extend the mission"
        )


def reject_after_stop(mission: Mission, today: date) -> None:
    """Until the date of its stop the mission goes on; from the day after, it takes little more."""
    if mission.is_over_on(today):
        raise MissionIsStopped(f"the mission stopped on {mission.stopped_on}, for good: sign a new one to go on")


def reject_delivered_after(mission: Mission, on: date) -> None:
    """No day that counts is dated after the date."""
    _reject(day.date for day in mission.days.values() if day.date > on and not day.is_gone)


def reject_delivered_from(mission: Mission, on: date) -> None:
    """No day that counts is dated on the date or after it."""
    _reject(day.date for day in mission.days.values() if day.date >= on and not day.is_gone)


def _reject(delivered: Iterable[date]) -> None:
    later = tuple(delivered)
    if later:
        raise DaysDeliveredAfter(f"a day was delivered on {max(later)}: name a later date, or withdraw that day first")
