"""The lines of a dossier: each open or settled as of a date, each with the facts behind it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TypeVar

from hypothesis import given
from hypothesis import strategies as st

from domain.event import Event, Sealed
from domain.mission import events as mission
from projections.delivered_days import Bucket
from projections.dossier.lines import LessonKind, Line, PointsAnswer
from projections.dossier.points import points_view
from tests.projections.histories import (
    DATES,
    Happened,
    amended,
    approved,
    credited,
    delivered,
    disputed,
    histories,
    invoiced,
    of_mission,
    recorded,
    settled,
    signed,
    terms,
    withdrawn,
)

MARCH, APRIL, MAY, JUNE = (date(2026, month, 15) for month in (3, 4, 5, 6))
SEALED = Sealed.model_validate({"$c": "0" * 64})
E = TypeVar("E", bound=Event)


def points_after(*facts: Happened, on: date = JUNE) -> PointsAnswer:
    points = points_view(recorded([signed(), *facts]), on)
    assert points is not None
    return points


def said(event: Event, on: date = MARCH) -> Happened:
    return of_mission(event, on)


def erased(event: E, *fields: str) -> E:
    return event.model_copy(update=dict.fromkeys(fields, SEALED))


ACTION = mission.ActionOpened(action_id="T-1", text="Appeler la banque", due_on=APRIL)
RISK = mission.RiskIdentified(risk_id="K-1", text="Une seule personne sait", likelihood=3, impact=4)
ACCESS = mission.AccessDocumented(access_id="A-1", system="Banque", level="lecture", documented_at="Classeur 3")
HANDOVER = mission.HandoverStarted(reason="Part", leaving_on=JUNE)
REVIEW = mission.ReviewHeld(
    review_id="R-1",
    held_on=APRIL,
    kind=mission.ReviewKind.MONTHLY,
    attendees=("Jeanne", "Anne"),
    summary="Bien",
    satisfaction=4,
    decisions=(mission.DecisionTaken(decision_id="D-1", text="Recruter"),),
    next_review_on=MAY,
)


def test_before_the_letter_there_is_no_dossier() -> None:
    assert points_view(recorded([said(ACTION), signed()]), date(2026, 2, 19)) is None
    first = points_view(recorded([said(ACTION), signed()]), JUNE)
    assert first is not None
    assert (first.actions, first.position) == ((), 2)


def test_an_action_is_open_until_it_is_closed_and_what_was_said_then_is_a_lesson() -> None:
    closed = mission.ActionClosed(action_id="T-1", on=MAY, note="Taux obtenu")
    facts = (said(ACTION), said(closed, MAY))
    [before], [after] = points_after(*facts, on=APRIL).actions, points_after(*facts).actions
    assert (before.closed_on, before.owner, before.opened_on, before.facts) == (None, None, MARCH, (2,))
    assert (after.closed_on, after.note, after.facts) == (MAY, "Taux obtenu", (2, 3))
    [lesson] = points_after(*facts).lessons
    assert (lesson.kind, lesson.about, lesson.note, lesson.on) == (
        LessonKind.ACTION_CLOSED,
        "Appeler la banque",
        "Taux obtenu",
        MAY,
    )


def test_what_ends_without_a_word_teaches_nothing() -> None:
    closed = said(mission.ActionClosed(action_id="T-1", on=MAY))
    assert points_after(said(ACTION), closed).lessons == ()
    erased_note = said(erased(mission.ActionClosed(action_id="T-1", on=MAY, note="X"), "note"))
    [lesson] = points_after(said(ACTION), erased_note).lessons
    assert (lesson.note, lesson.erased) == (None, ("note",))


def test_a_risk_keeps_its_backup_and_says_when_it_was_lifted() -> None:
    lifted = said(mission.RiskClosed(risk_id="K-1", on=MAY, note="Formé"), MAY)
    named = RISK.model_copy(update={"backup": "Comptable externe", "mitigation": "Former"})
    [risk] = points_after(said(named), lifted).risks
    assert (risk.backup, risk.mitigation, risk.closed_on, risk.note) == ("Comptable externe", "Former", MAY, "Formé")
    assert points_after(said(named), lifted).lessons[0].kind is LessonKind.RISK_CLOSED


def test_an_access_is_in_force_until_it_is_revoked() -> None:
    revoked = said(mission.AccessRevoked(access_id="A-1", on=MAY), MAY)
    [before], [after] = points_after(said(ACCESS)).accesses, points_after(said(ACCESS), revoked).accesses
    assert (before.revoked_on, before.custodian, before.erased) == (None, None, ())
    assert (after.revoked_on, after.facts) == (MAY, (2, 3))


def test_erased_words_are_told_apart_from_words_that_were_never_said() -> None:
    [action] = points_after(said(erased(ACTION, "text", "owner"))).actions
    assert (action.text, action.owner, action.erased) == (None, None, ("text", "owner"))
    [access] = points_after(said(erased(ACCESS, "custodian"))).accesses
    assert (access.custodian, access.erased) == (None, ("custodian",))
    review = erased(REVIEW, "summary").model_copy(
        update={"attendees": (SEALED,), "decisions": (mission.DecisionTaken(decision_id="D-1", text=SEALED),)}
    )
    points = points_after(said(review))
    assert (points.reviews[0].attendees, points.reviews[0].erased) == ((None,), ("summary", "attendees"))
    assert (points.decisions[0].text, points.decisions[0].erased) == (None, ("text",))


def test_the_end_of_what_was_not_known_yet_changes_nothing() -> None:
    ends = (
        mission.ActionClosed(action_id="T-1", on=MAY),
        mission.RiskClosed(risk_id="K-1", on=MAY),
        mission.AccessRevoked(access_id="A-1", on=MAY),
        withdrawn(),
        settled(mission.SettlementOutcome.APPROVED),
        mission.HandoverItemCompleted(item_id=mission.HandoverItem.SUCCESSOR_INTRODUCED),
        mission.HandedOver(to_cadre_id="C-2", effective_on=MAY, accepted_by="Jeanne"),
    )
    points = points_after(*(said(event) for event in ends))
    assert points == points_after().model_copy(update={"position": points.position})


def test_reviews_come_in_order_of_date_with_their_decisions() -> None:
    earlier = REVIEW.model_copy(update={"review_id": "R-0", "held_on": MARCH, "decisions": ()})
    outside = mission.DecisionRecorded(decision_id="D-2", text="Payer", decided_on=MAY, decided_by="Jeanne")
    points = points_after(said(REVIEW), said(earlier), said(outside))
    assert [each.review_id for each in points.reviews] == ["R-0", "R-1"]
    assert points.reviews[1].attendees == ("Jeanne", "Anne")
    assert [(each.decision_id, each.review_id, each.decided_by, each.decided_on) for each in points.decisions] == [
        ("D-1", "R-1", None, APRIL),
        ("D-2", None, "Jeanne", MAY),
    ]


def test_a_day_stands_in_its_bucket_under_the_terms_of_its_date() -> None:
    loose = amended(MAY, terms(approval_required=False))
    days = (delivered("D-1", APRIL), delivered("D-2", MAY), delivered("D-3", MARCH), amended(MAY))
    points = points_after(loose, *days)
    assert [(each.day_id, each.bucket) for each in points.days] == [
        ("D-3", Bucket.AWAITING_APPROVAL),
        ("D-1", Bucket.AWAITING_APPROVAL),
        ("D-2", Bucket.READY),
    ]
    gone = points_after(delivered(), said(approved("D-1")), said(invoiced("D-1")), said(credited("D-1")))
    assert (gone.days[0].bucket, gone.days[0].facts) == (Bucket.CREDITED, (2, 3, 4, 5))


def test_a_dispute_is_open_until_it_is_settled_and_its_settling_is_a_lesson() -> None:
    facts = (delivered(), said(disputed(), APRIL), said(settled(mission.SettlementOutcome.WITHDRAWN), MAY))
    before, after = points_after(*facts, on=APRIL), points_after(*facts)
    assert (before.disputes[0].settled_on, before.days[0].bucket) == (None, Bucket.DISPUTED)
    assert (after.disputes[0].settled_on, after.disputes[0].outcome, after.disputes[0].facts) == (
        MAY,
        mission.SettlementOutcome.WITHDRAWN,
        (3, 4),
    )
    [lesson] = after.lessons
    assert (lesson.kind, lesson.about, lesson.note) == (LessonKind.DISPUTE_SETTLED, "Absent", "Vu ensemble")


def test_an_objective_teaches_when_it_is_revised_and_when_it_is_closed() -> None:
    was_set = mission.ObjectiveSet(
        objective_id="O-1",
        statement="Encaisser plus vite",
        indicator=mission.Indicator(name="Délai", unit="jours", source="balance"),
        baseline=Decimal(62),
        target=Decimal(40),
        due_on=JUNE,
        set_on=MARCH,
    )
    revised = mission.ObjectiveRevised(objective_id="O-1", target=Decimal(35), reason="Mieux", on=APRIL)
    missed = mission.ObjectiveOutcome.MISSED
    closed = mission.ObjectiveClosed(objective_id="O-1", outcome=missed, on=MAY, note="Trop haut")
    first, last = points_after(said(was_set), said(revised), said(closed)).lessons
    assert (first.kind, first.about, first.note, first.outcome) == (
        LessonKind.OBJECTIVE_REVISED,
        "Encaisser plus vite",
        "Mieux",
        None,
    )
    assert (last.kind, last.note, last.outcome, last.erased) == (
        LessonKind.OBJECTIVE_CLOSED,
        "Trop haut",
        missed,
        (),
    )
    [gone] = points_after(said(erased(closed, "note"))).lessons
    assert (gone.about, gone.note, gone.erased) == (None, None, ("note",))


def test_a_handover_ticks_its_items_off_and_ends_with_who_takes_over() -> None:
    item = mission.HandoverItemCompleted(item_id=mission.HandoverItem.SUCCESSOR_INTRODUCED, note="Vu")
    over = mission.HandedOver(to_cadre_id="C-2", effective_on=JUNE, accepted_by="Jeanne", override_reason="Vite")
    [under_way] = points_after(said(HANDOVER), said(item, APRIL)).handovers
    done = {each.item_id: (each.completed_on, each.note, each.facts) for each in under_way.items}
    assert done[mission.HandoverItem.SUCCESSOR_INTRODUCED] == (APRIL, "Vu", (3,))
    assert done[mission.HandoverItem.DOCUMENTS_TRANSFERRED] == (None, None, ())
    assert (under_way.effective_on, under_way.facts) == (None, (2,))
    [ended] = points_after(said(HANDOVER), said(item), said(over)).handovers
    assert (ended.to_cadre_id, ended.effective_on, ended.accepted_by, ended.override_reason, ended.facts) == (
        "C-2",
        JUNE,
        "Jeanne",
        "Vite",
        (2, 4),
    )


@given(histories(), st.sampled_from(DATES))
def test_any_history_makes_lines_that_name_their_facts(history: list[Happened], on: date) -> None:
    facts = [each for each in recorded(history) if each.stream == "mission:M-1"]
    points = points_view(facts, on)
    assert points is not None
    known = {each.position for each in facts if each.occurred_on <= on}
    lines: list[Line] = [*points.actions, *points.days, *points.disputes, *points.reviews, *points.lessons]
    assert all(line.facts and {*line.facts} <= known for line in lines)
    assert points.position in known
