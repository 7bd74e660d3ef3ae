"""Reviews and decisions."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from domain.mission.events import DecisionRecorded, DecisionTaken, ReviewHeld, ReviewKind
from domain.rejections import AlreadyExists, InTheFuture
from tests.bodies import asked, on, signed

DECIDED = [{"decision_id": "K-1", "text": "Reporter l'achat"}]


def test_a_review_reports_what_was_said_and_decided() -> None:
    held = ReviewHeld(
        review_id="R-1",
        held_on=on("2026-03-10"),
        kind=ReviewKind.MONTHLY,
        attendees=("Marie", "Anne"),
        summary="Point du mois",
        satisfaction=5,
        acts_as_cadre=True,
        decisions=(DecisionTaken(decision_id="K-1", text="Reporter l'achat"),),
        next_review_on=on("2026-04-10"),
    )
    stated = {"satisfaction": 5, "acts_as_cadre": True, "decisions": DECIDED, "next_review_on": "2026-04-10"}
    signed().when(asked("hold_review", **stated)).then(held)


def test_a_review_is_not_held_in_the_future() -> None:
    signed().when(asked("hold_review", held_on="2026-04-01")).then_rejected(InTheFuture)
    signed().when(asked("hold_review", held_on="2026-03-31")).then_done()


def test_a_kickoff_may_precede_the_start() -> None:
    signed().when(asked("hold_review", held_on="2026-02-25", kind="kickoff")).then_done()


@pytest.mark.parametrize("satisfaction", [0, 6, "5", 4.0, True])
def test_satisfaction_goes_from_one_to_five(satisfaction: object) -> None:
    with pytest.raises(ValidationError):
        asked("hold_review", satisfaction=satisfaction)


def test_ids_of_reviews_are_used_once() -> None:
    signed().given(asked("hold_review")).when(asked("hold_review")).then_rejected(AlreadyExists)


def test_ids_of_decisions_are_used_once_in_a_review_or_outside() -> None:
    with_decision = signed().given(asked("hold_review", decisions=DECIDED))
    with_decision.when(asked("hold_review", review_id="R-2", decisions=DECIDED)).then_rejected(AlreadyExists)
    with_decision.when(asked("record_decision")).then_rejected(AlreadyExists)
    outside = signed().given(asked("record_decision"))
    outside.when(asked("record_decision")).then_rejected(AlreadyExists)
    outside.when(asked("hold_review", decisions=DECIDED)).then_rejected(AlreadyExists)
    signed().when(asked("hold_review", decisions=DECIDED * 2)).then_rejected(AlreadyExists)


def test_a_decision_is_recorded_outside_a_review() -> None:
    taken = DecisionRecorded(
        decision_id="K-1",
        text="Reporter l'achat du second véhicule",
        decided_on=on("2026-03-10"),
        decided_by="Marie",
    )
    signed().when(asked("record_decision")).then(taken)
