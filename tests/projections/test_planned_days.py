"""When a cadre is expected: the agreed rhythm, over the working days of the mission; every date worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import WorkingCalendar
from domain.mission import events as mission
from domain.mission.events import Half
from domain.values import Letter, Rhythm, Weekday
from projections.continuity.course import COURSES, Course
from projections.continuity.planned_days import by_weekday, planned_days, planned_weeks, rhythm_on, to_place
from tests.projections.histories import Happened, histories, of_mission, recorded, signed
from tests.projections.test_rituals import day, paused, resumed

IS_WORKED = WorkingCalendar("FR-NC").is_working_day
MONDAY, THURSDAY, SATURDAY, SUNDAY = Weekday.MONDAY, Weekday.THURSDAY, Weekday.SATURDAY, Weekday.SUNDAY
AM, PM = Half


def rhythm(half_days: int, *weekdays: Weekday) -> Rhythm:
    return Rhythm(half_days_per_week=half_days, weekdays=weekdays or None)


def letter(agreed: Rhythm) -> Happened:
    """A mission from Monday 2 March 2026."""
    happened = signed()
    return Happened(happened.stream, happened.event.model_copy(update={"rhythm": agreed}), happened.occurred_on)


def course(*said: Happened) -> Course:
    (row,) = COURSES.rows(recorded(said)).values()
    return row


def days(row: Course, first: str, last: str, on: str = "03-01") -> list[str]:
    """`03-02 am`, `03-02` for the whole of it."""
    found = planned_days(row, day(first), day(last), day(on), IS_WORKED)
    return [f"{each.on:%m-%d}" + ("" if len(each.halves) == 2 else f" {each.halves[0]}") for each in found]


def weeks(row: Course, first: str, last: str, on: str = "03-01") -> list[tuple[str, str, int, str]]:
    found = planned_weeks(row, day(first), day(last), day(on), IS_WORKED)
    return [(f"{each.from_on:%m-%d}", f"{each.until_on:%m-%d}", each.half_days, each.cadre_id) for each in found]


@pytest.mark.parametrize(
    ("agreed", "halves", "left"),
    [
        (rhythm(1, MONDAY), {MONDAY: (AM,)}, 0),
        (rhythm(2, MONDAY), {MONDAY: (AM, PM)}, 0),
        (rhythm(3, MONDAY), {MONDAY: (AM, PM)}, 1),
        (rhythm(2, THURSDAY, MONDAY), {MONDAY: (AM,), THURSDAY: (AM,)}, 0),
        (rhythm(3, THURSDAY, MONDAY), {MONDAY: (AM, PM), THURSDAY: (AM,)}, 0),
        (rhythm(4, THURSDAY, MONDAY, MONDAY), {MONDAY: (AM, PM), THURSDAY: (AM, PM)}, 0),
        (rhythm(1, THURSDAY, MONDAY), {MONDAY: (AM,)}, 0),
        (rhythm(4), {}, 4),
    ],
)
def test_each_agreed_weekday_takes_a_morning_then_an_afternoon(
    agreed: Rhythm, halves: dict[Weekday, Sequence[Half]], left: int
) -> None:
    assert by_weekday(agreed) == halves
    assert to_place(agreed) == left


def test_the_days_of_a_week_are_planned_from_the_start_on() -> None:
    row = course(letter(rhythm(3, MONDAY, THURSDAY)))
    assert days(row, "02-20", "03-12") == ["03-02", "03-05 am", "03-09", "03-12 am"]
    assert weeks(row, "02-20", "03-12") == []


def test_neither_sundays_nor_public_holidays_are_planned_and_no_day_is_moved() -> None:
    row = course(letter(rhythm(4, MONDAY, SUNDAY)))
    # 6 April is Easter Monday, 25 May Whit Monday
    assert days(row, "03-30", "04-13") == ["03-30", "04-13"]
    assert days(row, "05-18", "06-01") == ["05-18", "06-01"]
    citizenship = course(letter(rhythm(1, THURSDAY)))
    assert days(citizenship, "09-17", "10-01") == ["09-17 am", "10-01 am"]  # 24 September, New Caledonia's own


def test_a_pause_is_free_up_to_the_date_of_the_resumption() -> None:
    agreed = letter(rhythm(2, MONDAY))
    assert days(course(agreed, paused("03-09"), resumed("03-23")), "03-02", "03-30") == ["03-02", "03-23", "03-30"]
    assert days(course(agreed, paused("03-09")), "03-02", "03-30", on="03-10") == ["03-02"]
    expected = course(agreed, paused("03-09", expected="03-23"))
    assert days(expected, "03-02", "03-30", on="03-10") == ["03-02", "03-23", "03-30"]


def test_nothing_is_planned_after_the_last_date() -> None:
    stop = mission.MissionStopped(on=day("03-16"), decided_by=mission.StopDecidedBy.BOTH, reason="Fin")
    stopped = course(letter(rhythm(2, MONDAY)), of_mission(stop))
    assert days(stopped, "03-09", "03-30") == ["03-09", "03-16"]
    assert days(stopped, "03-17", "03-30") == []


def test_an_amendment_changes_the_rhythm_from_its_date_on() -> None:
    amended = mission.MissionAmended(
        effective_on=day("03-12"), letter=Letter(signed_on=day("03-03")), rhythm=rhythm(1, THURSDAY), reason="Moins"
    )
    row = course(letter(rhythm(2, MONDAY)), of_mission(amended))
    assert days(row, "03-02", "03-19") == ["03-02", "03-09", "03-12 am", "03-19 am"]
    assert rhythm_on(row, day("03-11")).half_days_per_week == 2
    unchanged = amended.model_copy(update={"rhythm": None})
    assert days(course(letter(rhythm(2, MONDAY)), of_mission(unchanged)), "03-16", "03-16") == ["03-16"]


def test_half_days_without_a_weekday_are_to_be_placed_within_the_week() -> None:
    row = course(letter(rhythm(4)))
    assert days(row, "03-01", "03-31") == []
    assert weeks(row, "03-02", "03-15") == [("03-02", "03-07", 4, "C-1"), ("03-09", "03-14", 4, "C-1")]
    # the week of Easter Monday begins on Tuesday; asking from its Wednesday on tells the whole week
    assert weeks(row, "04-08", "04-10") == [("04-07", "04-11", 4, "C-1")]


def test_a_week_of_which_little_is_left_takes_no_more_than_it_has() -> None:
    row = course(letter(rhythm(6)), paused("03-04"), resumed("03-14"))
    # Monday and Tuesday: four half-days; then Saturday alone: two
    assert weeks(row, "03-02", "03-22") == [
        ("03-02", "03-03", 4, "C-1"),
        ("03-14", "03-14", 2, "C-1"),
        ("03-16", "03-21", 6, "C-1"),
    ]
    fixed = course(letter(rhythm(3, SATURDAY)), paused("03-02"), resumed("03-07"))
    assert weeks(fixed, "03-02", "03-08") == []
    assert days(fixed, "03-02", "03-08") == ["03-07"]


def test_from_a_handover_on_the_days_are_the_successor_s() -> None:
    handed_over = mission.HandedOver(to_cadre_id="C-2", effective_on=day("03-11"), accepted_by="Marie")
    fixed = course(letter(rhythm(4, MONDAY, THURSDAY)), of_mission(handed_over))
    found = planned_days(fixed, day("03-09"), day("03-12"), day("03-01"), IS_WORKED)
    assert [(each.on, each.cadre_id) for each in found] == [(day("03-09"), "C-1"), (day("03-12"), "C-2")]
    free = course(letter(rhythm(4)), of_mission(handed_over))
    assert weeks(free, "03-09", "03-15") == [("03-09", "03-10", 4, "C-1"), ("03-11", "03-14", 4, "C-2")]


@given(histories(), st.integers(0, 14), st.sets(st.sampled_from(Weekday)))
def test_no_more_is_planned_in_a_week_than_was_agreed_and_only_where_the_mission_runs(
    history: list[Happened], half_days: int, weekdays: set[Weekday]
) -> None:
    agreed = rhythm(max(1, half_days), *sorted(weekdays))
    (row,) = COURSES.rows(each for each in recorded(history) if each.stream == "mission:M-1").values()
    row = row._replace(rhythms=tuple(each.model_copy(update={"rhythm": agreed}) for each in row.rhythms))
    first, last, on = date(2026, 3, 2), date(2026, 3, 15), date(2026, 3, 6)
    fixed = list(planned_days(row, first, last, on, IS_WORKED))
    placed = list(planned_weeks(row, first, last, on, IS_WORKED))
    for monday in (first, first + timedelta(days=7)):
        of_week = [each for each in fixed if monday <= each.on < monday + timedelta(days=7)]
        to_be_placed = [each for each in placed if each.week_on == monday]
        assert sum(len(each.halves) for each in of_week) <= agreed.half_days_per_week
        assert all(each.half_days <= agreed.half_days_per_week for each in to_be_placed)
    for each in fixed:
        assert IS_WORKED(each.on)
        assert row.is_in_force(each.on)
        assert each.cadre_id == row.holder(each.on)
    assert all(row.is_in_force(each.from_on) and row.is_in_force(each.until_on) for each in placed)
    assert len({each.from_on for each in placed}) == len(placed)
