"""The network's figures on a small history, worked out by hand, and on the sample years."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from domain.mission import events as mission
from domain.values import Letter
from projections.network.dates import months_later
from projections.network.indicators import DEFINITIONS, Scorecard
from projections.read_model import as_known
from tests.journal_world import World, expected, journal
from tests.projections.histories import (
    Happened,
    cadre,
    client,
    credited,
    delivered,
    disputed,
    of_mission,
    recorded,
    settled,
    signed,
    withdrawn,
)
from tests.projections.network.happenings import handed_over, on, paused, stopped
from tests.projections.network.world import scorecard_on


def letter(
    mission_id: str,
    *,
    signed_on: date = date(2026, 2, 20),
    starts_on: date = date(2026, 3, 2),
    ends_on: date | None = None,
    client_id: str = "E-1",
) -> Happened:
    happened = signed(mission_id)
    changed = {
        "letter": Letter(signed_on=signed_on),
        "starts_on": starts_on,
        "ends_on": ends_on,
        "client_id": client_id,
    }
    return replace(happened, event=happened.event.model_copy(update=changed), occurred_on=signed_on)


def score(
    mission_id: str,
    held_on: date,
    satisfaction: int | None = None,
    acts_as_cadre: bool | None = None,
    review: str = "R",
) -> Happened:
    event = mission.ReviewHeld(
        review_id=f"{review}-{held_on}",
        held_on=held_on,
        kind=mission.ReviewKind.MONTHLY,
        attendees=(),
        summary="Vu",
        satisfaction=satisfaction,
        acts_as_cadre=acts_as_cadre,
    )
    return of_mission(event, held_on, mission_id)


def card(when: date, *history: Happened) -> Scorecard:
    return scorecard_on(as_known(recorded(history), as_of=when), when)


def figure(found: Scorecard, name: str) -> tuple[str, ...]:
    return next(each.mission_ids for each in found.indicators if each.indicator == name)


def reached_on(found: Scorecard, name: str) -> date | None:
    return next(each.reached_on for each in found.indicators if each.indicator == name)


REAL = "real_missions_first_three_months"


@pytest.mark.parametrize(
    ("signed_on", "ends"),
    [
        (date(2025, 11, 30), date(2026, 2, 28)),
        (date(2023, 11, 30), date(2024, 2, 29)),
        (date(2026, 1, 31), date(2026, 4, 30)),
        (date(2026, 2, 20), date(2026, 5, 20)),
        (date(9999, 11, 30), None),
    ],
)
def test_three_months_later_is_the_same_day_or_the_months_last(signed_on: date, ends: date | None) -> None:
    assert months_later(signed_on, 3) == ends


def test_a_day_on_the_last_date_of_the_three_months_makes_a_mission_real_and_one_after_does_not() -> None:
    history = [
        letter("M-1", signed_on=date(2025, 11, 30), starts_on=date(2025, 12, 1)),
        letter("M-2", signed_on=date(2026, 1, 5), starts_on=date(2026, 1, 6)),
        letter("M-3", signed_on=date(2026, 1, 5), starts_on=date(2026, 1, 6)),
        delivered("D-1", date(2025, 12, 2), mission_id="M-1"),
        delivered("D-2", date(2026, 2, 28), mission_id="M-2", cadre_id="C-2"),
        delivered("D-3", date(2026, 3, 1), mission_id="M-3", cadre_id="C-3"),
    ]
    found = card(date(2026, 3, 31), *history)
    assert (found.real_missions_first_three_months, found.first_three_months_end_on) == (2, date(2026, 2, 28))
    assert figure(found, REAL) == ("M-1", "M-2")
    assert reached_on(found, REAL) == date(2026, 2, 28)
    eve = card(date(2026, 2, 27), *history)
    assert (eve.real_missions_first_three_months, reached_on(eve, REAL)) == (1, None)


def test_a_mission_whose_days_were_all_taken_back_is_not_real() -> None:
    three = [
        letter("M-1"),
        delivered("D-1", on(3, 3)),
        delivered("D-2", on(3, 4)),
        delivered("D-3", on(3, 5)),
        of_mission(withdrawn("D-1"), on(3, 6)),
        of_mission(credited("D-2"), on(4, 2)),
        of_mission(disputed("D-3"), on(3, 6)),
    ]
    assert card(on(4, 10), *three).real_missions_first_three_months == 1
    answered = of_mission(settled(mission.SettlementOutcome.WITHDRAWN, "D-3"), on(4, 10))
    assert card(on(4, 9), *three, answered).real_missions_first_three_months == 1
    assert card(on(4, 10), *three, answered).real_missions_first_three_months == 0


def test_the_earliest_letter_counts_in_whichever_order_they_were_recorded() -> None:
    found = card(on(6, 1), letter("M-1", signed_on=on(2, 27)), letter("M-2", signed_on=on(2, 10)))
    assert found.first_three_months_end_on == on(5, 10)


EIGHT_WEEKS = on(3, 2) + timedelta(weeks=8)
"""27 April 2026."""


def test_missions_count_from_the_very_date_eight_weeks_after_their_start() -> None:
    assert on(4, 27) == EIGHT_WEEKS
    assert card(on(4, 26), letter("M-1")).extension_rate is None
    assert card(on(4, 27), letter("M-1")).extension_rate == "100.0"


def test_a_mission_still_runs_on_its_last_date_and_while_it_is_paused() -> None:
    history = [
        letter("M-1", ends_on=on(4, 27)),
        letter("M-2", ends_on=on(4, 26)),
        letter("M-3"),
        of_mission(stopped(on(4, 27)), on(4, 20), "M-3"),
        letter("M-4"),
        of_mission(stopped(on(4, 26)), on(4, 20), "M-4"),
        letter("M-5"),
        of_mission(paused(on(4, 1)), on(4, 1), "M-5"),
        letter("M-6", starts_on=on(3, 3)),
    ]
    found = card(on(4, 27), *history)
    assert found.extension_rate == "60.0"
    assert figure(found, "extension_rate") == ("M-1", "M-3", "M-5")
    assert card(on(4, 28), *history).extension_rate == "66.7"


def test_an_extension_counts_from_its_letter_on() -> None:
    longer = mission.MissionExtended(ends_on=None, letter=Letter(signed_on=on(5, 10)))
    history = [letter("M-1", ends_on=on(4, 20)), of_mission(longer, on(5, 10))]
    assert card(on(5, 9), *history).extension_rate == "0.0"
    assert card(on(5, 10), *history).extension_rate == "100.0"


def test_the_goal_of_extension_was_reached_on_the_date_since_which_the_share_holds() -> None:
    history = [
        letter("M-1", starts_on=on(3, 2)),
        letter("M-2", starts_on=on(3, 9), ends_on=on(3, 20)),
        letter("M-3", starts_on=on(3, 16), ends_on=on(3, 20)),
        letter("M-4", starts_on=on(3, 23)),
    ]
    assert reached_on(card(on(5, 5), *history), "extension_rate") == on(4, 27)
    assert reached_on(card(on(5, 12), *history), "extension_rate") is None
    assert reached_on(card(on(5, 18), *history), "extension_rate") == on(5, 18)


def test_satisfaction_is_the_mean_of_each_missions_latest_score_with_the_share_that_has_one() -> None:
    history = [
        letter("M-1"),
        letter("M-2"),
        letter("M-3"),
        letter("M-4"),
        score("M-1", on(3, 20), 2),
        score("M-1", on(3, 10), 5, review="L"),
        score("M-2", on(3, 20), 5),
        score("M-2", on(3, 20), 4, review="L"),
        score("M-3", on(3, 20), 5),
        score("M-3", on(3, 25)),
    ]
    found = card(on(3, 31), *history)
    assert (found.satisfaction, found.satisfaction_response_rate) == ("3.67", "75.0")
    assert figure(found, "satisfaction") == ("M-1", "M-2", "M-3")
    early = card(on(3, 19), *history)
    assert (early.satisfaction, early.satisfaction_response_rate) == ("5.00", "25.0")


def test_an_ended_mission_keeps_its_score() -> None:
    history = [letter("M-1", ends_on=on(3, 31)), score("M-1", on(3, 20), 4)]
    assert card(on(12, 31), *history).satisfaction == "4.00"


def test_clarity_counts_every_answer() -> None:
    answers = [True, True, False, True, True, True, True, True]
    history = [letter("M-1"), *(score("M-1", on(3, day), acts_as_cadre=said) for day, said in enumerate(answers, 3))]
    found = card(on(3, 31), *history)
    assert (found.positioning_clarity, found.positioning_response_rate) == ("87.5", "100.0")
    assert card(on(3, 5), *history).positioning_clarity == "66.7"


def test_days_per_week_are_those_of_the_last_28_dates_whoever_holds_the_mission() -> None:
    history = [
        cadre("C-1"),
        cadre("C-2"),
        letter("M-1"),
        delivered("D-1", on(3, 3)),
        delivered("D-2", on(3, 4), "0.5"),
        delivered("D-3", on(3, 31)),
        delivered("D-4", on(3, 10), cadre_id="C-3"),
        delivered("D-5", on(3, 11), "0.25", unit=mission.Unit.HOUR),
        delivered("D-6", on(3, 12)),
        of_mission(withdrawn("D-6"), on(3, 13)),
    ]
    told = {each.cadre_id: (each.days_per_week, each.mission_ids) for each in card(on(3, 31), *history).cadres}
    assert told == {
        "C-1": (Decimal("1.53125") / 4, ("M-1",)),
        "C-2": (Decimal(0), ()),
        "C-3": (Decimal("0.25"), ("M-1",)),
    }
    assert Decimal("0.3828125") == card(on(3, 31), *history).cadres[0].days_per_week


def test_a_day_counts_on_28_dates() -> None:
    history = [letter("M-1"), delivered("D-1", on(3, 3))]
    assert [each.days_per_week for each in card(on(3, 30), *history).cadres] == [Decimal("0.25")]
    assert card(on(3, 31), *history).cadres == ()


def test_a_clients_missions_are_in_force_from_their_start_to_their_last_date() -> None:
    history = [
        client("E-1"),
        client("E-2"),
        letter("M-1", ends_on=on(3, 31)),
        letter("M-2", client_id="E-3"),
        of_mission(handed_over("C-2", on(3, 20)), on(3, 15)),
        of_mission(paused(on(3, 10)), on(3, 10), "M-2"),
    ]

    def told(when: date) -> dict[str, tuple[str, ...]]:
        found = card(when, *history).clients
        assert all(each.missions_in_force == len(each.mission_ids) for each in found)
        return {each.client_id: each.mission_ids for each in found}

    assert told(on(3, 2)) == {"E-1": ("M-1",), "E-2": (), "E-3": ("M-2",)}
    assert told(on(3, 31)) == {"E-1": ("M-1",), "E-2": (), "E-3": ("M-2",)}
    assert told(on(4, 1)) == {"E-1": (), "E-2": (), "E-3": ("M-2",)}
    assert card(on(3, 1), *history).clients[0].mission_ids == ()


def test_a_network_without_a_letter_has_nothing_to_count() -> None:
    found = card(on(3, 2))
    assert (found.real_missions_first_three_months, found.first_three_months_end_on) == (0, None)
    assert [each.value for each in found.indicators] == [0, None, None, None, None]
    assert found.verdict == "go_on"


def test_each_indicator_says_what_it_means_in_both_languages() -> None:
    found = card(on(3, 2), letter("M-1"))
    assert {each.indicator for each in found.indicators} == set(DEFINITIONS)
    assert all(each.definition.fr and each.definition.en for each in found.indicators)


@pytest.mark.parametrize("name", ["first-year", "careless"])
def test_the_figures_of_a_sample_year_are_those_of_its_simulation(name: str) -> None:
    figures = expected(name)
    today = date.fromisoformat(figures["today"])
    found = scorecard_on(as_known(World().run(journal(name)).network.recorded, as_of=today), today).model_dump()
    assert {each: found[each] for each in figures["network"]} == figures["network"]
