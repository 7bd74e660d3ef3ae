"""What stands in a calendar, and that calendar programs read it as it was meant: every date worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from domain.calendar import WorkingCalendar
from domain.mission import events as mission
from domain.mission.events import ReviewEvery
from domain.party.events import Language
from domain.values import Rhythm, Weekday
from projections.continuity.course import COURSES, Course
from service.calendars.entries import AHEAD, BEHIND, Entry, Reader, entries
from service.calendars.writing import written
from tests.projections.histories import Happened, histories, of_mission, recorded, signed
from tests.projections.test_planned_days import letter, rhythm
from tests.projections.test_rituals import day, paused, review
from tests.service.calendars.readers import Read, by_ical, by_vobject, faults

NOUMEA = ZoneInfo("Pacific/Noumea")
CLIENT = Reader(Language.FRENCH, NOUMEA, WorkingCalendar("FR-NC"))
CADRE = replace(CLIENT, cadre_id="C-1")
TODAY = day("03-10")


def courses(*said: Happened) -> list[Course]:
    return list(COURSES.rows(recorded(said)).values())


def calendar(*said: Happened, reader: Reader = CLIENT, today: date = TODAY) -> dict[str, Entry]:
    """By name, what stands in it besides the public holidays."""
    found = entries(courses(*said), reader, today)
    return {entry.name: entry for entry in found if not entry.name.startswith("holiday")}


def feed(*said: Happened, reader: Reader = CLIENT, today: date = TODAY) -> bytes:
    found = entries(courses(*said), reader, today)
    return written(found, title="Relais · E-1", language=reader.language.value)


MONDAYS = letter(rhythm(3, Weekday.MONDAY, Weekday.THURSDAY))
"""The whole of each Monday, and each Thursday morning."""


def test_a_whole_day_is_a_date_and_half_a_day_has_hours_in_the_network_s_time_zone() -> None:
    found = calendar(MONDAYS)
    monday, thursday = found["day-M-1-2026-03-16"], found["day-M-1-2026-03-19"]
    assert (monday.starts, monday.ends) == (day("03-16"), day("03-17"))
    assert monday.summary == "Journée · finance, C-1 (M-1)"
    assert thursday.starts == datetime(2026, 3, 19, 8, tzinfo=NOUMEA)
    assert thursday.ends == datetime(2026, 3, 19, 12, tzinfo=NOUMEA)
    assert thursday.summary == "Matinée · finance, C-1 (M-1)"
    assert monday.is_busy
    assert thursday.is_busy
    assert "indicatives" in thursday.description


def test_half_days_without_a_weekday_stand_over_their_week_and_take_no_time() -> None:
    entry = calendar(letter(rhythm(4)))["week-M-1-2026-03-16"]
    assert (entry.starts, entry.ends) == (day("03-16"), day("03-22"))
    assert entry.summary == "4 demi-journées à placer · finance, C-1 (M-1)"
    assert (entry.is_busy, entry.is_tentative) == (False, True)
    single = calendar(letter(rhythm(1)))["week-M-1-2026-03-16"]
    assert single.summary == "1 demi-journée à placer · finance, C-1 (M-1)"


def test_reviews_stand_on_their_date_and_say_what_became_of_them() -> None:
    def told(today: str, *said: Happened) -> str:
        found = calendar(MONDAYS, *said, today=day(today))
        entry = found["review-M-1-2026-04-02"]
        return f"{entry.starts:%m-%d} {entry.summary}"

    assert told("03-10") == "04-02 Revue mensuelle · finance, C-1 (M-1)"
    assert told("04-05") == "04-02 Revue mensuelle en retard · finance, C-1 (M-1)"
    assert told("04-20") == "04-02 Revue mensuelle non tenue · finance, C-1 (M-1)"
    assert told("04-20", review("04-06")) == "04-06 Revue mensuelle tenue · finance, C-1 (M-1)"
    asked = calendar(MONDAYS, review("03-05", "R-1", then="03-25"))
    assert asked["review-M-1-2026-03-25-R-1"].starts == day("03-25")


def test_a_pause_takes_days_and_reviews_out() -> None:
    found = calendar(MONDAYS, paused("03-16"))
    assert set(found) == {f"day-M-1-2026-03-{number:02}" for number in (2, 5, 9, 12)}


def test_each_change_of_the_plan_raises_the_sequence_and_renames_nothing() -> None:
    before, after = calendar(MONDAYS), calendar(MONDAYS, review("03-05"))
    name = "day-M-1-2026-03-16"
    assert (before[name].sequence, after[name].sequence) == (0, 1)
    assert after[name].changed_at > before[name].changed_at
    measured = mission.ObjectiveClosed(objective_id="O-1", outcome=mission.ObjectiveOutcome.ABANDONED, on=day("03-05"))
    assert calendar(MONDAYS, of_mission(measured, day("03-05")))[name] == before[name]


def test_a_cadre_s_calendar_names_its_clients_and_shows_only_its_own_dates() -> None:
    handed_over = mission.HandedOver(to_cadre_id="C-2", effective_on=day("03-18"), accepted_by="Marie")
    said = (MONDAYS, of_mission(handed_over, day("03-05")))
    first = calendar(*said, reader=CADRE)
    second = calendar(*said, reader=replace(CADRE, cadre_id="C-2"))
    assert first["day-M-1-2026-03-16"].summary == "Journée · finance, E-1 (M-1)"
    assert "day-M-1-2026-03-19" not in first
    assert "day-M-1-2026-03-16" not in second
    assert {"day-M-1-2026-03-19", "review-M-1-2026-04-02"} <= set(second)
    assert set(first) | set(second) == set(calendar(*said))


def test_a_calendar_of_an_english_speaker_is_in_english() -> None:
    reader = replace(CLIENT, language=Language.ENGLISH)
    found = calendar(MONDAYS, reader=reader)
    assert found["day-M-1-2026-03-16"].summary == "Day · finance, C-1 (M-1)"
    assert found["review-M-1-2026-04-02"].summary == "Review (monthly) · finance, C-1 (M-1)"
    assert calendar(letter(rhythm(2)), reader=reader)["week-M-1-2026-03-16"].summary.startswith("2 half-days to place")


def test_the_territory_s_public_holidays_are_shown() -> None:
    found = {entry.starts: entry for entry in entries([], CLIENT, day("07-01"))}
    assert found[day("09-24")].summary == "Férié · Fête de la Citoyenneté"
    english = replace(CLIENT, language=Language.ENGLISH)
    assert entries([], english, day("07-01"))[0].summary == "Public holiday · National Day"
    assert set(found) == {day("07-14"), day("08-15"), day("09-24"), day("11-01"), day("11-11"), day("12-25")}
    france = replace(CLIENT, holidays=WorkingCalendar("FR"))
    assert day("09-24") not in {entry.starts for entry in entries([], france, day("07-01"))}


def test_a_calendar_goes_from_five_weeks_ago_to_half_a_year_ahead() -> None:
    starts = [entry.starts for entry in calendar(letter(rhythm(2, Weekday.MONDAY)), today=day("08-03")).values()]
    dates = [at for at in starts if not isinstance(at, datetime)]
    assert min(dates) >= day("08-03") - BEHIND
    assert max(dates) <= day("08-03") + AHEAD
    assert (BEHIND.days, AHEAD.days) == (35, 183)


def test_two_entries_never_share_a_name() -> None:
    said = (MONDAYS, review("03-03", "R-1", then="03-25"), review("03-04", "R-1", then="03-25"))
    names = [entry.name for entry in entries(courses(*said), CLIENT, TODAY)]
    assert len(set(names)) == len(names)


# As programs read it

READERS = pytest.mark.parametrize("read", [by_ical, by_vobject], ids=["ical", "vobject"])


@READERS
def test_other_programs_read_the_same_entries_at_the_same_times(read: Callable[[bytes], list[Read]]) -> None:
    said = (MONDAYS, review("03-05", then="03-25"))
    wanted = {f"{entry.name}@relais": entry for entry in entries(courses(*said), CLIENT, TODAY)}
    found = {each.uid: each for each in read(feed(*said))}
    assert found.keys() == wanted.keys()
    for uid, entry in wanted.items():
        each = found[uid]
        assert each.summary == entry.summary
        if isinstance(entry.starts, datetime):
            assert isinstance(each.starts, datetime)
            assert isinstance(each.ends, datetime)
            assert each.starts.astimezone(UTC) == entry.starts.astimezone(UTC)
            assert each.ends - each.starts == timedelta(hours=4)
        else:
            assert (each.starts, each.ends) == (entry.starts, entry.ends)


def test_the_feed_keeps_to_rfc_5545() -> None:
    assert faults(feed(MONDAYS, review("03-05", then="03-25"))) == []
    assert faults(feed()) == []


def test_long_words_are_folded_and_signs_escaped_without_breaking_a_letter() -> None:
    odd = "é" * 80 + "; a, b\\n \n" + "Fête de la Citoyenneté · " * 4
    entry = Entry("day-1", TODAY, TODAY + timedelta(1), odd, odd, datetime(2026, 3, 1, tzinfo=UTC), 0)
    body = written([entry], title="Relais; C-1, « été »", language="fr")
    assert faults(body) == []
    assert [each.summary for each in by_ical(body)] == [odd]
    assert [each.summary for each in by_vobject(body)] == [odd]


def test_the_same_plan_is_the_same_bytes_and_asks_to_be_read_again_in_six_hours() -> None:
    body = feed(MONDAYS)
    assert feed(MONDAYS) == body
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT6H\r\n" in body
    assert b"X-PUBLISHED-TTL:PT6H\r\n" in body
    assert b"METHOD" not in body


def test_a_time_zone_with_summer_time_is_described_for_the_whole_calendar() -> None:
    paris = replace(CLIENT, zone=ZoneInfo("Europe/Paris"), holidays=WorkingCalendar("FR"))
    thursdays = letter(rhythm(1, Weekday.THURSDAY))
    body = feed(thursdays, reader=paris)
    assert faults(body) == []
    for read in (by_ical, by_vobject):
        at = {each.uid: each.starts for each in read(body)}
        winter, summer = at["day-M-1-2026-03-19@relais"], at["day-M-1-2026-04-02@relais"]
        assert isinstance(winter, datetime)
        assert isinstance(summer, datetime)
        assert (winter.astimezone(UTC).hour, summer.astimezone(UTC).hour) == (7, 6)


def test_a_broken_feed_is_noticed() -> None:
    """The rules are held against a feed that breaks each of them."""
    body = feed(MONDAYS)
    assert faults(body.replace(b"\r\n", b"\n"))
    assert faults(body.replace(b";VALUE=DATE", b""))
    assert faults(body.replace(b";VALUE=DURATION", b""))
    assert faults(body.replace(b"BEGIN:VTIMEZONE", b"BEGIN:VTODO"))
    assert faults(body.replace(b"TZID:Pacific", b"TZID:Atlantic"))
    assert faults(body.replace(b"SEQUENCE:0\r\n", b""))
    assert faults(body.replace(b"UID:day-M-1-2026-03-16", b"UID:day-M-1-2026-03-19"))
    assert faults(body.replace(b"SUMMARY:Journ", b"SUMMARY:Journ;" + b"x" * 75))
    assert faults(body.replace(b"DTSTAMP:20260401T010000Z", b"DTSTAMP:20260401T010000"))


rhythms = st.builds(
    lambda half_days, weekdays: Rhythm(half_days_per_week=half_days, weekdays=tuple(sorted(weekdays)) or None),
    st.integers(1, 14),
    st.sets(st.sampled_from(Weekday)),
)


@settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
@given(
    histories(),
    rhythms,
    st.sampled_from(ReviewEvery),
    st.sampled_from([CLIENT, CADRE, replace(CLIENT, language=Language.ENGLISH)]),
    st.dates(date(2026, 2, 20), date(2026, 12, 31)),
)
def test_whatever_happened_every_program_reads_the_same_calendar(
    history: list[Happened], agreed: Rhythm, every: ReviewEvery, reader: Reader, today: date
) -> None:
    changes = {"rhythm": agreed, "review_every": every}
    said = [
        Happened(each.stream, each.event.model_copy(update=changes), each.occurred_on)
        if isinstance(each.event, mission.MissionSigned)
        else each
        for each in history
    ]
    body = feed(*said, reader=reader, today=today)
    assert faults(body) == []
    first, second = by_ical(body), by_vobject(body)
    assert sorted((each.uid, each.summary) for each in first) == sorted((each.uid, each.summary) for each in second)
    assert {each.uid for each in first} == {f"{entry.name}@relais" for entry in entries(courses(*said), reader, today)}


def test_no_person_s_word_stands_in_a_calendar() -> None:
    """The letter's title, the reason of a pause, who came: none of it is even kept where calendars are made."""
    body = feed(signed(), review("03-05"), paused("05-04"))
    for words in (b"Direction", b"Cong", b"Jeanne", b"Anne", b"Bien"):
        assert words not in body
