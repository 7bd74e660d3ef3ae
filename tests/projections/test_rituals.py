"""Reviews planned against held, who came, and what is carried on: each figure worked out by hand."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.event import Event, Recorded, Sealed
from domain.mission import events as mission
from domain.mission.events import ReviewEvery, ReviewKind
from domain.party.events import CadreCorrected, ClientCorrected, Dirigeant, IssuerRegistered
from domain.values import Letter
from projections.continuity.attendance import Attendee, people_of
from projections.continuity.open_points import CarriedKind
from projections.continuity.planned_reviews import MOST, ReviewStatus, period_after
from projections.continuity.rituals import RitualsAnswer, rituals_view, summary_view
from tests.journal_world import World, expected, journal
from tests.projections.histories import Happened, cadre, client, disputed, histories, of_mission, recorded, signed

HELD, OVERDUE, MISSED, SUSPENDED, TO_COME = ReviewStatus


def day(text: str) -> date:
    """`04-02` of 2026."""
    return date.fromisoformat(f"2026-{text}")


def letter(every: ReviewEvery = ReviewEvery.MONTHLY, starts_on: date | None = None) -> Happened:
    """A mission that begins on Monday 2 March 2026, unless another date is said."""
    changes: dict[str, object] = {"review_every": every} | ({} if starts_on is None else {"starts_on": starts_on})
    happened = signed()
    return Happened(happened.stream, happened.event.model_copy(update=changes), happened.occurred_on)


def review(
    held_on: str, review_id: str | None = None, kind: ReviewKind = ReviewKind.MONTHLY, then: str | None = None
) -> Happened:
    event = mission.ReviewHeld(
        review_id=review_id or f"R-{held_on}",
        held_on=day(held_on),
        kind=kind,
        attendees=("Jeanne D.", "Anne A."),
        summary="Bien",
        next_review_on=None if then is None else day(then),
    )
    return of_mission(event, day(held_on))


def paused(from_on: str, expected: str | None = None) -> Happened:
    event = mission.MissionPaused(
        from_on=day(from_on), reason="Congés", expected_resume_on=None if expected is None else day(expected)
    )
    return of_mission(event, day("03-03"))


def resumed(on: str) -> Happened:
    return of_mission(mission.MissionResumed(on=day(on)), day("03-03"))


def rituals(*said: Happened, on: str = "06-03") -> RitualsAnswer:
    history = list(said) if isinstance(said[0].event, mission.MissionSigned) else [letter(), *said]
    parties = recorded([client(), cadre("C-1")])
    view = rituals_view(recorded(history), parties, day(on))
    assert view is not None
    return view


def planned(view: RitualsAnswer) -> list[tuple[str, ReviewStatus, str | None]]:
    """Due, what became of it, when it was held."""
    return [
        (f"{each.due_on:%m-%d}", each.status, None if each.held_on is None else f"{each.held_on:%m-%d}")
        for each in view.planned
    ]


def test_a_review_is_due_a_period_after_the_start_and_a_period_after_each() -> None:
    assert planned(rituals(letter(), on="03-02"))[:3] == [
        ("04-02", TO_COME, None),
        ("05-02", TO_COME, None),
        ("06-02", TO_COME, None),
    ]
    assert planned(rituals(letter(ReviewEvery.WEEKLY), on="03-02"))[1] == ("03-16", TO_COME, None)
    assert planned(rituals(letter(ReviewEvery.QUARTERLY), on="03-02")) == [("06-02", TO_COME, None)]


def test_a_month_that_is_too_short_takes_its_last_date_and_the_next_one_is_not_moved() -> None:
    view = rituals(letter(starts_on=day("01-31")), on="02-20")
    assert [due for due, _, _ in planned(view)] == ["02-28", "03-31", "04-30"]


def test_a_planned_review_is_held_overdue_missed_or_to_come() -> None:
    view = rituals(review("04-01"), on="06-03")
    assert planned(view)[:4] == [
        ("04-02", HELD, "04-01"),
        ("05-02", MISSED, None),
        ("06-02", OVERDUE, None),
        ("07-02", TO_COME, None),
    ]
    counts = view.counts
    assert (counts.planned, counts.held, counts.missed, counts.overdue) == (3, 1, 1, 1)
    assert (counts.rate, counts.next_due_on) == ("33.3", day("06-02"))


@pytest.mark.parametrize(
    ("on", "status"), [("04-02", TO_COME), ("04-03", OVERDUE), ("04-09", OVERDUE), ("04-10", MISSED)]
)
def test_without_a_review_it_is_overdue_for_seven_days_and_missed_from_then_on(on: str, status: ReviewStatus) -> None:
    assert planned(rituals(letter(), on=on))[0][1] is status


@pytest.mark.parametrize(("held_on", "status", "late"), [("04-02", HELD, 0), ("04-09", HELD, 7), ("04-10", MISSED, 0)])
def test_a_review_up_to_seven_days_late_still_holds_it(held_on: str, status: ReviewStatus, late: int) -> None:
    first, second = rituals(review(held_on), on="06-03").planned[:2]
    assert (first.status, first.days_late) == (status, late)
    assert second.status is (MISSED if status is HELD else HELD)


def test_a_period_s_second_review_is_held_besides() -> None:
    view = rituals(review("03-10", kind=ReviewKind.FLASH), review("03-20"), review("05-01"), on="05-02")
    assert planned(view)[:2] == [("04-02", HELD, "03-10"), ("05-02", HELD, "05-01")]
    assert view.counts.besides == 1
    assert [(each.review_id, each.was_planned) for each in view.meetings] == [
        ("R-03-10", True),
        ("R-03-20", False),
        ("R-05-01", True),
    ]


def test_a_kickoff_on_the_first_date_holds_none() -> None:
    view = rituals(review("03-02", kind=ReviewKind.KICKOFF), on="03-03")
    assert (planned(view)[0], view.counts.besides) == (("04-02", TO_COME, None), 1)


def test_reviews_count_in_the_order_in_which_they_were_held_whenever_they_were_reported() -> None:
    assert planned(rituals(review("05-01"), review("04-01"), on="05-02"))[:2] == [
        ("04-02", HELD, "04-01"),
        ("05-02", HELD, "05-01"),
    ]


def test_a_review_that_names_the_next_date_sets_it_and_the_rhythm_goes_on_from_there() -> None:
    view = rituals(review("04-01", then="04-20"), on="04-10")
    assert planned(view)[:4] == [
        ("04-02", HELD, "04-01"),
        ("04-20", TO_COME, None),
        ("05-20", TO_COME, None),
        ("06-20", TO_COME, None),
    ]
    assert [each.asked_by for each in view.planned[:3]] == [None, "R-04-01", None]
    assert view.counts.next_due_on == day("04-20")


def test_a_review_held_besides_may_name_the_next_date_too() -> None:
    view = rituals(review("03-20"), review("03-25", then="04-15"), on="03-26")
    assert planned(view)[:2] == [("04-02", HELD, "03-20"), ("04-15", TO_COME, None)]


def test_a_next_date_that_does_not_come_after_the_review_sets_nothing() -> None:
    assert planned(rituals(review("04-01", then="04-01"), on="04-10"))[1] == ("05-02", TO_COME, None)
    assert planned(rituals(review("03-02", then="03-02"), on="03-10"))[0] == ("04-02", TO_COME, None)


def test_what_falls_into_a_pause_is_suspended() -> None:
    view = rituals(paused("04-01"), resumed("05-02"), on="05-12")
    assert planned(view)[:3] == [("04-02", SUSPENDED, None), ("05-02", MISSED, None), ("06-02", TO_COME, None)]
    assert (view.counts.planned, view.counts.suspended) == (1, 1)


def test_a_review_held_before_a_pause_counts_although_its_date_falls_into_it() -> None:
    assert planned(rituals(review("03-28"), paused("04-01"), resumed("04-20"), on="04-10"))[0] == (
        "04-02",
        HELD,
        "03-28",
    )


def test_a_pause_without_an_end_suspends_all_that_is_to_come() -> None:
    view = rituals(paused("04-01"), on="04-10")
    assert {each.status for each in view.planned} == {SUSPENDED}
    assert view.counts.next_due_on is None
    assert view.counts.rate is None


def test_a_pause_lasts_as_it_is_expected_to_until_that_date_has_passed() -> None:
    view = rituals(paused("04-01", expected="09-01"), on="04-10")
    assert view.counts.next_due_on == day("09-02")
    assert planned(view)[:5] == [(f"0{month}-02", SUSPENDED, None) for month in range(4, 9)] + []
    assert rituals(paused("04-01", expected="09-01"), on="09-02").counts.next_due_on is None


def test_nothing_is_planned_after_the_mission_s_last_date() -> None:
    stop = mission.MissionStopped(on=day("05-02"), decided_by=mission.StopDecidedBy.BOTH, reason="Fin")
    end = mission.MissionExtended(ends_on=day("05-01"), letter=Letter(signed_on=day("03-03")))
    later = mission.MissionExtended(ends_on=None, letter=Letter(signed_on=day("03-03")))
    stopped = rituals(of_mission(stop, day("03-03")), review("05-20", kind=ReviewKind.FINAL), on="06-03")
    assert planned(stopped) == [("04-02", MISSED, None), ("05-02", MISSED, None)]
    assert (stopped.counts.besides, stopped.counts.next_due_on) == (1, None)
    assert len(rituals(of_mission(end), on="06-03").planned) == 1
    assert rituals(of_mission(end), of_mission(later), on="06-03").counts.next_due_on == day("06-02")


def test_the_calendar_s_last_date_is_the_last_that_is_planned() -> None:
    view = rituals_view(recorded([letter(starts_on=date(9999, 11, 30))]), [], date(9999, 12, 30))
    assert view is not None
    assert [each.due_on for each in view.planned] == [date(9999, 12, 30)]
    assert period_after(date(9999, 12, 25), ReviewEvery.WEEKLY, 1) is None
    far = rituals_view(recorded([letter(ReviewEvery.WEEKLY)]), [], date.max)
    assert far is not None
    assert len(far.planned) == MOST


def test_nothing_is_told_before_the_letter_was_signed_or_known() -> None:
    history = recorded([letter(), review("04-01")])
    assert rituals_view(history, [], date(2026, 2, 19)) is None
    known = rituals_view(history, [], day("04-02"), known_at=history[0].recorded_at)
    assert known is not None
    assert known.meetings == ()


# Who came


def came(*attendees: str | Sealed, held_on: str = "04-01") -> dict[Attendee, int]:
    """In which roles, at a review of Jeanne D.'s company with Anne A.; from 10 April Benoît B. holds the mission."""
    event = review(held_on).event.model_copy(update={"attendees": attendees})
    handed_over = mission.HandedOver(to_cadre_id="C-2", effective_on=day("04-10"), accepted_by="Jeanne D.")
    history = [letter(), of_mission(handed_over, day("03-03")), of_mission(event, day(held_on))]
    parties = recorded([client(), cadre("C-1"), cadre("C-2", "Benoît B."), issuer()])
    view = rituals_view(recorded(history), parties, day("06-03"))
    assert view is not None
    return view.meetings[0].attendance


def issuer() -> Happened:
    registration = {"scheme": "RIDET", "number": "1"}
    event = IssuerRegistered.model_validate(
        {"issuer_id": "I-1", "name": "Anne", "registration": registration, "address": "Nouméa"}
    )
    return Happened("issuer:I-1", event)


DIRIGEANT, CADRE, OTHER, ERASED = Attendee


@pytest.mark.parametrize(
    ("said", "role"),
    [
        ("Jeanne D.", DIRIGEANT),
        ("jeanne d", DIRIGEANT),
        ("Jeanne", DIRIGEANT),
        ("Mme Jeanne D. (dirigeante)", DIRIGEANT),
        ("E-1", DIRIGEANT),
        ("La dirigeante", DIRIGEANT),
        ("Anne A.", CADRE),
        ("ANNE", CADRE),
        ("C-1", CADRE),
        ("Le cadre", CADRE),
        ("Benoît", OTHER),
        ("C-2", OTHER),
        ("La comptable", OTHER),
        ("La", OTHER),
        ("…", OTHER),
    ],
)
def test_an_attendee_is_known_by_id_by_name_or_by_role(said: str, role: Attendee) -> None:
    assert came(said) == {role: 1}


def test_the_cadre_is_who_holds_the_mission_on_that_date() -> None:
    assert came("Benoit B.", "Anne A.", held_on="04-10") == {CADRE: 1, OTHER: 1}


def test_erased_words_came_and_nothing_more_is_told() -> None:
    assert came("Jeanne D.", Sealed.model_validate({"$c": "0" * 64})) == {DIRIGEANT: 1, ERASED: 1}


def test_a_name_that_changed_and_one_that_was_erased() -> None:
    sealed = Sealed.model_validate({"$c": "0" * 64})
    corrections = [
        client(),
        Happened("client:E-1", ClientCorrected(client_id="E-1", dirigeant=Dirigeant(name="Marie W.", email="m@x.nc"))),
        Happened("client:E-1", ClientCorrected(client_id="E-1", name="Boulangerie")),
        Happened("cadre:C-1", CadreCorrected(cadre_id="C-1", name=sealed)),
    ]
    people = people_of(recorded(corrections))
    assert people.role_of("Jeanne", "E-1", "C-1") is DIRIGEANT
    assert people.role_of("Marie", "E-1", "C-1") is DIRIGEANT
    assert people.role_of("Anne", "E-1", "C-1") is OTHER
    assert set(people.names) == {"E-1"}


def test_a_name_that_fits_both_is_somebody_else_s() -> None:
    people = people_of(recorded([client(), cadre("C-1", "Jeanne Martin")]))
    assert people.role_of("Jeanne", "E-1", "C-1") is OTHER
    assert people.role_of("Jeanne Martin", "E-1", "C-1") is CADRE


def test_attendance_is_told_by_role_over_all_reviews() -> None:
    alone = review("05-01").event.model_copy(update={"attendees": ("Anne A.", "Luc", "Zoé")})
    view = rituals(review("04-01"), review("04-10"), of_mission(alone, day("05-01")), on="05-02")
    assert {each.role: (each.reviews, each.rate, each.people) for each in view.attendance} == {
        DIRIGEANT: (2, "66.7", 2),
        CADRE: (3, "100.0", 3),
        OTHER: (1, "33.3", 2),
        ERASED: (0, "0.0", 0),
    }
    assert {each.rate for each in rituals(letter(), on="03-02").attendance} == {None}


# What is carried on


def action(action_id: str, opened_on: str, due_on: str = "04-30") -> Happened:
    event = mission.ActionOpened(action_id=action_id, text="Relancer", owner="Anne", due_on=day(due_on))
    return of_mission(event, day(opened_on))


def action_closed(action_id: str, on: str) -> Happened:
    return of_mission(mission.ActionClosed(action_id=action_id, on=day(on)), day(on))


def decided(held_on: str, *decision_ids: str) -> Happened:
    taken = tuple(mission.DecisionTaken(decision_id=each, text="Reporter") for each in decision_ids)
    return of_mission(review(held_on).event.model_copy(update={"decisions": taken}), day(held_on))


CARRIED = (
    action("T-1", "03-10"),
    of_mission(disputed("D-1"), day("03-25")),
    decided("04-01", "K-1"),
    action("T-2", "04-05", due_on="04-10"),
    action_closed("T-1", "04-20"),
    of_mission(
        mission.DecisionRecorded(decision_id="K-2", text="Acheter", decided_on=day("04-21"), decided_by="Jeanne"),
        day("04-21"),
    ),
    of_mission(mission.DayWithdrawn(day_id="D-9", reason="Double"), day("04-22")),
    review("05-01"),
    of_mission(
        mission.DisputeSettled(day_id="D-1", outcome=mission.SettlementOutcome.APPROVED, note="Vu"), day("05-04")
    ),
)


def test_points_are_carried_from_review_to_review_with_their_age() -> None:
    view = rituals(*CARRIED, on="05-11")
    told = {each.id: each for each in view.points}
    assert {name: (each.kind, each.age_days, each.reviews_since, each.closed_on) for name, each in told.items()} == {
        "T-2": (CarriedKind.ACTION, 36, 1, None),
        "T-1": (CarriedKind.ACTION, 41, 1, day("04-20")),
        "D-1": (CarriedKind.DISPUTE, 40, 2, day("05-04")),
        "K-1": (CarriedKind.DECISION, 30, 1, day("05-01")),
        "K-2": (CarriedKind.DECISION, 10, 1, day("05-01")),
    }
    assert view.points[0].id == "T-2"
    assert (told["T-2"].is_overdue, told["T-1"].is_overdue) == (True, False)
    assert (told["K-1"].opened_in, told["K-2"].opened_in, told["K-2"].owner) == ("R-04-01", None, "Jeanne")
    assert told["D-1"].text == "Absent"
    assert told["T-1"].facts == (2, 6)


def test_each_review_says_what_came_up_what_ended_and_what_stays_open() -> None:
    first, second = rituals(*CARRIED, on="05-11").meetings
    assert [each.id for each in first.points.opened] == ["T-1", "D-1", "K-1"]
    assert [each.id for each in first.points.open] == ["T-1", "D-1", "K-1"]
    assert first.points.closed == ()
    assert [each.id for each in second.points.opened] == ["T-2", "K-2"]
    assert [each.id for each in second.points.closed] == ["T-1", "K-1", "K-2"]
    assert [each.id for each in second.points.open] == ["D-1", "T-2"]


def test_as_of_a_date_a_point_has_the_age_that_it_had() -> None:
    (point,) = rituals(*CARRIED, on="03-20").points
    assert (point.id, point.age_days, point.closed_on, point.is_overdue) == ("T-1", 10, None, False)


def test_a_withdrawn_day_is_no_dispute_any_more() -> None:
    withdrawn = of_mission(mission.DayWithdrawn(day_id="D-1", reason="Oui"), day("03-28"))
    again = of_mission(mission.DayWithdrawn(day_id="D-1", reason="Oui"), day("03-29"))
    (point,) = rituals(of_mission(disputed("D-1"), day("03-25")), withdrawn, again, on="04-01").points
    assert (point.closed_on, point.age_days) == (day("03-28"), 3)


# Several missions


def test_the_summary_counts_the_missions_in_force_those_that_miss_most_first() -> None:
    second = signed("M-2")
    late = Happened("mission:M-3", signed("M-3").event.model_copy(update={"starts_on": day("06-01")}))
    history = recorded([letter(), second, late, review("04-01"), review("05-01")])
    view = summary_view(history, day("05-20"))
    assert [(each.mission_id, each.counts.held, each.counts.missed) for each in view.missions] == [
        ("M-2", 0, 2),
        ("M-1", 2, 0),
    ]
    assert (view.planned, view.held, view.missed, view.overdue, view.rate) == (4, 2, 2, 0, "50.0")
    assert summary_view(history, day("05-20"), client_id="E-9").rate is None
    assert summary_view(history, day("05-20"), known_at=history[1].recorded_at).held == 0


def test_a_mission_of_the_sample_year_comes_out_as_worked_out_by_hand() -> None:
    """M-2025-006, monthly from 14 April 2025, resting from 27 July to 15 August; handed over on 20 October."""
    streams: defaultdict[str, list[Recorded[Event]]] = defaultdict(list)
    for fact in World().run(journal("first-year")).network.recorded:
        streams[fact.stream].append(fact)
    parties = [*streams["client:E-012"], *streams["cadre:C-004"], *streams["cadre:C-007"]]
    today = date.fromisoformat(expected("first-year")["today"])
    view = rituals_view(streams["mission:M-2025-006"], parties, today)
    assert view is not None
    assert [(each.due_on.isoformat(), each.held_on and each.held_on.isoformat()) for each in view.planned[:10]] == [
        ("2025-05-14", "2025-04-27"),
        ("2025-06-14", "2025-05-27"),
        ("2025-07-14", "2025-06-27"),
        ("2025-08-14", None),  # in the pause
        ("2025-09-14", "2025-08-27"),
        ("2025-10-14", "2025-09-27"),
        ("2025-11-14", "2025-10-19"),
        ("2025-12-14", "2025-11-17"),
        ("2026-01-14", "2025-12-27"),
        ("2026-02-14", "2026-01-27"),
    ]
    counts = view.counts
    assert (counts.held, counts.missed, counts.suspended, counts.besides, counts.rate) == (9, 0, 1, 6, "100.0")
    assert counts.next_due_on == date(2026, 3, 14)
    # the successor came on the eve of the handover, when the mission was not yet theirs: 14 of 15
    assert {each.role: each.rate for each in view.attendance} == {
        DIRIGEANT: "100.0",
        CADRE: "93.3",
        OTHER: "6.7",
        ERASED: "0.0",
    }


dates = st.dates(date(2026, 2, 20), date(2026, 9, 1))
held = st.builds(
    lambda on, number, then: of_mission(
        mission.ReviewHeld(
            review_id=f"R-{number}",
            held_on=on,
            kind=ReviewKind.FLASH,
            attendees=("Anne A.",),
            summary="Bien",
            next_review_on=then,
        ),
        on,
    ),
    dates,
    st.integers(0, 10_000),
    st.one_of(st.none(), dates),
)


@given(histories(), st.lists(held, max_size=8, unique_by=lambda each: each.event.model_dump()["review_id"]), dates)
def test_in_any_history_each_review_is_counted_once(history: list[Happened], more: list[Happened], on: date) -> None:
    said = [each for each in history if not isinstance(each.event, mission.ReviewHeld)]
    facts = [each for each in recorded([*said, *more]) if each.stream == "mission:M-1"]
    view = rituals_view(facts, [], on)
    assert (view is None) == (on < date(2026, 2, 20))
    if view is not None:
        held_by = [each.review_id for each in view.planned if each.review_id is not None]
        known = [each for each in more if each.occurred_on <= on]
        assert len(set(held_by)) == len(held_by) == view.counts.held
        assert view.counts.held + view.counts.besides == len(known) == len(view.meetings)
        due = [each.due_on for each in view.planned]
        assert due == sorted(due) or any(each.asked_by for each in view.planned)
        assert all(each.held_on is None or each.days_late <= 7 for each in view.planned)
        assert all(each.due_on >= on for each in view.planned if each.status is TO_COME)
        assert all(on - each.due_on > timedelta(7) for each in view.planned if each.status is MISSED)
        assert all(each.due_on < on for each in view.planned if each.status is OVERDUE)
