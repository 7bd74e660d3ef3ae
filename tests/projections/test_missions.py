"""Where a mission stands on a date, who holds it, and in which bucket each of its days is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.event import Event, Recorded, Sealed
from domain.mission import events as mission
from domain.party import events as party
from domain.values import Function, Letter
from projections.delivered_days import Bucket
from projections.missions.answers import MissionAnswer, Status, days_view, mission_view
from projections.missions.parties import PARTIES, PartyRow
from tests.projections.histories import (
    START,
    Happened,
    amended,
    approved,
    cadre,
    client,
    credited,
    delivered,
    disputed,
    forgotten,
    histories,
    invoiced,
    of_mission,
    recorded,
    released,
    signed,
    terms,
)

SEALED = Sealed.model_validate({"$c": "0" * 64})
MARCH_10 = date(2026, 3, 10)


def mission_after(*events: Event | Happened, on: date = MARCH_10) -> MissionAnswer:
    """A mission on a date, after these events."""
    said = [event if isinstance(event, Happened) else of_mission(event) for event in events]
    view = mission_view(recorded([signed(), *said]), on)
    assert view is not None
    return view


def paused(on: date) -> mission.MissionPaused:
    return mission.MissionPaused(from_on=on, reason="Congés", expected_resume_on=on + timedelta(days=7))


def stopped(on: date) -> mission.MissionStopped:
    return mission.MissionStopped(on=on, decided_by=mission.StopDecidedBy.CLIENT, reason="Budget")


def extended(ends_on: date | None) -> mission.MissionExtended:
    return mission.MissionExtended(ends_on=ends_on, letter=Letter(signed_on=START))


def reviewed(
    on: date, satisfaction: int | None = None, *, acts_as_cadre: bool | None = None, next_on: date | None = None
) -> mission.ReviewHeld:
    return mission.ReviewHeld(
        review_id=f"R-{on}",
        held_on=on,
        kind=mission.ReviewKind.MONTHLY,
        attendees=("Anne",),
        summary="Bien",
        satisfaction=satisfaction,
        acts_as_cadre=acts_as_cadre,
        next_review_on=next_on,
    )


@pytest.mark.parametrize(
    ("events", "on", "expected"),
    [
        ([], START - timedelta(days=1), Status.SIGNED),
        ([], START, Status.RUNNING),
        ([paused(MARCH_10)], MARCH_10 - timedelta(days=1), Status.RUNNING),
        ([paused(MARCH_10)], MARCH_10, Status.PAUSED),
        ([paused(MARCH_10), mission.MissionResumed(on=date(2026, 3, 12))], date(2026, 3, 11), Status.PAUSED),
        ([paused(MARCH_10), mission.MissionResumed(on=date(2026, 3, 12))], date(2026, 3, 12), Status.RUNNING),
        ([stopped(MARCH_10)], MARCH_10, Status.RUNNING),
        ([stopped(MARCH_10)], MARCH_10 + timedelta(days=1), Status.STOPPED),
        ([extended(MARCH_10)], MARCH_10, Status.RUNNING),
        ([extended(MARCH_10)], MARCH_10 + timedelta(days=1), Status.ENDED),
        ([extended(MARCH_10), stopped(MARCH_10)], MARCH_10 + timedelta(days=1), Status.STOPPED),
        ([paused(MARCH_10), stopped(MARCH_10)], MARCH_10 + timedelta(days=1), Status.STOPPED),
        ([extended(MARCH_10), extended(None)], date(2030, 1, 1), Status.RUNNING),
        ([mission.MissionResumed(on=MARCH_10)], MARCH_10, Status.RUNNING),
    ],
)
def test_a_mission_has_one_status_on_each_date(events: list[Event], on: date, expected: Status) -> None:
    assert mission_after(*events, on=on).status is expected


def handed_over(on: date) -> mission.HandedOver:
    return mission.HandedOver(to_cadre_id="C-2", effective_on=on, accepted_by="Jeanne D.")


def test_the_successor_holds_the_mission_from_the_date_of_the_handover() -> None:
    before, after = (mission_after(handed_over(MARCH_10), on=on) for on in (MARCH_10 - timedelta(days=1), MARCH_10))
    assert (before.cadre_id, after.cadre_id) == ("C-1", "C-2")
    assert [held.model_dump(mode="json") for held in after.holders] == [
        {"cadre_id": "C-1", "from_on": "2026-03-02", "until_on": "2026-03-09"},
        {"cadre_id": "C-2", "from_on": "2026-03-10", "until_on": None},
    ]


def test_a_handover_on_the_first_date_of_the_calendar_has_no_eve() -> None:
    assert mission_after(handed_over(date.min), on=MARCH_10).holders[0].until_on == date.min


@pytest.mark.parametrize("every", list(mission.ReviewEvery))
def test_no_review_is_due_after_the_last_date_of_the_calendar(every: mission.ReviewEvery) -> None:
    letter = replace(signed(), event=signed().event.model_copy(update={"starts_on": date.max, "review_every": every}))
    answer = mission_view(recorded([letter]), date(2026, 3, 1))
    assert answer is not None
    assert answer.next_review_on is None


def test_before_its_start_a_mission_is_its_future_holder_s() -> None:
    assert mission_after(on=date(2026, 2, 1)).cadre_id == "C-1"


def test_of_two_handovers_the_later_word_counts_and_overtakes_what_was_to_come() -> None:
    earlier = mission.HandedOver(to_cadre_id="C-3", effective_on=date(2026, 3, 5), accepted_by="Jeanne D.")
    for on, holder in ((date(2026, 3, 4), "C-1"), (date(2026, 3, 5), "C-3"), (MARCH_10, "C-3")):
        answer = mission_after(handed_over(MARCH_10), earlier, on=on)
        assert answer.cadre_id == holder
        assert [(held.cadre_id, held.until_on) for held in answer.holders] == [("C-1", date(2026, 3, 4)), ("C-3", None)]


def test_a_cadre_may_hold_a_mission_twice() -> None:
    back = mission.HandedOver(to_cadre_id="C-1", effective_on=date(2026, 4, 1), accepted_by="Jeanne D.")
    assert [held.cadre_id for held in mission_after(handed_over(MARCH_10), back).holders] == ["C-1", "C-2", "C-1"]


def test_a_handover_is_open_from_its_start_to_its_end() -> None:
    started = mission.HandoverStarted(reason="Retraite", leaving_on=MARCH_10, successor_id="C-2")
    completed = mission.HandoverItemCompleted(item_id=mission.HandoverItem.DOCUMENTS_TRANSFERRED)
    assert mission_after(completed).handover is None
    open_ = mission_after(started, completed).handover
    assert open_ is not None
    assert (open_.successor_id, open_.completed) == ("C-2", (mission.HandoverItem.DOCUMENTS_TRANSFERRED,))
    assert mission_after(started, completed, handed_over(MARCH_10)).handover is None


def test_an_amendment_holds_from_its_date_and_leaves_the_rest_as_it_was() -> None:
    free = amended(MARCH_10, terms(approval_required=False))
    before, after = (mission_after(free, on=on) for on in (MARCH_10 - timedelta(days=1), MARCH_10))
    assert (before.terms.approval_required, after.terms.approval_required) == (True, False)
    assert before.scope == after.scope
    assert after.letter.signed_on == MARCH_10
    assert mission_after(free, amended(date(2026, 3, 11)), on=date(2026, 3, 12)).terms.approval_required is False
    assert len(after.amendments) == 1


@pytest.mark.parametrize(
    ("every", "expected"),
    [("weekly", date(2026, 3, 9)), ("monthly", date(2026, 4, 2)), ("quarterly", date(2026, 6, 2))],
)
def test_the_letter_says_when_the_next_review_is(every: str, expected: date) -> None:
    letter = signed().event.model_copy(update={"review_every": mission.ReviewEvery(every)})
    view = mission_view(recorded([of_mission(letter)]), START)
    assert view is not None
    assert view.next_review_on == expected


def test_a_review_may_set_the_date_of_the_next() -> None:
    assert mission_after(reviewed(MARCH_10)).next_review_on == date(2026, 4, 10)
    assert mission_after(reviewed(MARCH_10, next_on=date(2026, 3, 20))).next_review_on == date(2026, 3, 20)


def test_the_end_of_a_short_month_is_the_month_s_last_day() -> None:
    assert mission_after(reviewed(date(2026, 1, 31))).next_review_on == date(2026, 2, 28)
    assert mission_after(reviewed(date(2026, 12, 31))).next_review_on == date(2027, 1, 31)


def test_no_review_is_due_after_the_end() -> None:
    assert mission_after(stopped(MARCH_10), on=date(2026, 4, 1)).next_review_on is None


def test_the_latest_review_counts_whatever_the_order_of_entry() -> None:
    view = mission_after(
        reviewed(MARCH_10, 5, acts_as_cadre=True, next_on=date(2026, 3, 20)),
        reviewed(START, 2, acts_as_cadre=False),
        reviewed(MARCH_10 + timedelta(days=1)),
    )
    assert view.last_review is not None
    assert (view.satisfaction, view.acts_as_cadre, view.last_review.held_on) == (5, True, date(2026, 3, 11))
    before = mission_after(reviewed(MARCH_10, 5, next_on=date(2026, 3, 20)), reviewed(START))
    assert before.next_review_on == date(2026, 3, 20)


def test_what_is_open_is_listed_until_it_is_closed() -> None:
    objective = mission.ObjectiveSet(
        objective_id="O-1",
        statement="Recouvrer",
        indicator=mission.Indicator(name="DSO", unit="jours", source="Compta"),
        baseline=Decimal(60),
        target=Decimal(40),
        due_on=date(2026, 9, 1),
        set_on=START,
    )
    opened = [
        objective,
        mission.ActionOpened(action_id="A-1", text="Relancer", due_on=MARCH_10),
        mission.RiskIdentified(risk_id="R-1", text="Départ", likelihood=2, impact=4),
        mission.AccessDocumented(access_id="X-1", system="Banque", level="lecture", documented_at="Coffre"),
    ]
    view = mission_after(*opened, opened[0])
    assert (view.open_objectives, view.open_actions, view.open_risks, view.accesses) == (
        ("O-1",),
        ("A-1",),
        ("R-1",),
        ("X-1",),
    )
    closed = mission_after(
        *opened,
        mission.ObjectiveClosed(objective_id="O-1", outcome=mission.ObjectiveOutcome.ACHIEVED, on=MARCH_10),
        mission.ActionClosed(action_id="A-1", on=MARCH_10),
        mission.RiskClosed(risk_id="R-1", on=MARCH_10),
        mission.AccessRevoked(access_id="X-1", on=MARCH_10),
    )
    assert (closed.open_objectives, closed.open_actions, closed.open_risks, closed.accesses) == ((), (), (), ())


def test_every_event_moves_the_version_that_a_caller_must_match() -> None:
    view = mission_after(delivered(), approved("D-1"))
    assert (view.version, view.position, view.recorded_at.isoformat()) == (3, 3, "2026-04-01T03:00:00+00:00")


def test_a_mission_is_seen_as_of_a_date_and_as_it_was_known() -> None:
    history = recorded([signed(), of_mission(stopped(MARCH_10), date(2026, 3, 5))])
    earlier = mission_view(history, date(2026, 4, 1), as_of=date(2026, 3, 4))
    assert earlier is not None
    assert (earlier.status, earlier.as_of, earlier.stop) == (Status.RUNNING, date(2026, 3, 4), None)
    known = mission_view(history, date(2026, 4, 1), known_at=history[0].recorded_at)
    assert known is not None
    assert known.status is Status.RUNNING
    now = mission_view(history, date(2026, 4, 1))
    assert now is not None
    assert now.status is Status.STOPPED
    assert mission_view(history, START, as_of=date(2026, 2, 1)) is None


def test_what_is_said_before_the_letter_is_no_mission_yet() -> None:
    assert mission_view(recorded([of_mission(stopped(MARCH_10))]), MARCH_10) is None


@pytest.mark.parametrize(
    ("event", "bucket", "invoice", "note"),
    [
        (None, Bucket.AWAITING_APPROVAL, None, None),
        (approved("D-1"), Bucket.READY, None, None),
        (disputed(), Bucket.DISPUTED, None, None),
        (invoiced("D-1"), Bucket.INVOICED, "F-2026-00001", None),
    ],
)
def test_a_day_says_where_it_stands(event: Event | None, bucket: Bucket, invoice: str | None, note: str | None) -> None:
    said = [] if event is None else [of_mission(event)]
    (day,) = days_view(recorded([signed(), delivered(), *said]))
    assert (day.bucket, day.invoice_number, day.credit_note_number) == (bucket, invoice, note)


def test_a_released_day_leaves_its_invoice_and_a_credited_one_keeps_it() -> None:
    history = [signed(), delivered(), of_mission(approved("D-1")), of_mission(invoiced("D-1"))]
    for event, bucket, invoice in (
        (released("D-1"), Bucket.READY, None),
        (credited("D-1"), Bucket.CREDITED, "F-2026-00001"),
    ):
        (day,) = days_view(recorded([*history, of_mission(event)]))
        assert (day.bucket, day.invoice_number, day.credit_note_number) == (bucket, invoice, "A-2026-00001")


def test_days_are_in_order_of_date_and_seen_as_of_a_date() -> None:
    history = recorded([signed(), delivered("D-2", date(2026, 3, 4)), delivered("D-1", date(2026, 3, 3))])
    assert [day.day_id for day in days_view(history)] == ["D-1", "D-2"]
    assert [day.day_id for day in days_view(history, as_of=date(2026, 3, 3))] == ["D-1"]


def test_a_day_without_a_letter_waits_and_what_is_said_of_none_is_forgotten() -> None:
    assert [day.bucket for day in days_view(recorded([delivered()]))] == [Bucket.AWAITING_APPROVAL]
    assert days_view(recorded([signed(), of_mission(approved("D-9"))])) == []


@given(histories(), st.dates(date(2026, 2, 15), date(2026, 3, 20)))
def test_any_history_can_be_told_on_any_date(history: list[Happened], on: date) -> None:
    told = recorded(history)
    for name in ("M-1", "M-2"):
        stream = [each for each in told if each.stream == f"mission:{name}"]
        view = mission_view(stream, on)
        assert view is not None
        assert MissionAnswer.model_validate_json(view.model_dump_json()) == view
        for instant in (told[0].recorded_at, told[-1].recorded_at):
            assert_known(stream, on, instant)


def assert_known(stream: list[Recorded[Event]], on: date, instant: datetime) -> None:
    known = mission_view([each for each in stream if each.recorded_at <= instant], on)
    assert mission_view(stream, on, known_at=instant) == known


def parties(*history: Happened) -> dict[str, PartyRow]:
    return {row.party_id: row for row in PARTIES.rows(recorded(history)).values()}


def test_parties_are_known_by_name_until_they_are_forgotten() -> None:
    known = parties(client(), cadre())
    assert [(row.kind, row.name, row.email, row.dirigeant) for row in known.values()] == [
        ("client", "Boulangerie du Port", "jeanne@example.nc", "Jeanne D."),
        ("cadre", "Anne A.", "anne@example.nc", None),
    ]
    gone = parties(client(), cadre(), forgotten("client:E-1"))["E-1"]
    assert (gone.name, gone.email, gone.dirigeant, gone.forgotten) == (None, None, None, True)


def test_a_correction_changes_what_it_names_and_nothing_else() -> None:
    dirigeant = party.Dirigeant(name="Paul P.", email="paul@example.nc")
    row = parties(
        client(),
        Happened("client:E-1", party.ClientCorrected(client_id="E-1", name="Boulangerie du Centre")),
        Happened("client:E-1", party.ClientCorrected(client_id="E-1", dirigeant=dirigeant)),
        Happened("client:E-1", party.ClientCorrected(client_id="E-1", language=party.Language.ENGLISH)),
    )["E-1"]
    assert (row.name, row.dirigeant, row.email, row.language) == (
        "Boulangerie du Centre",
        "Paul P.",
        "paul@example.nc",
        "en",
    )
    row = parties(
        cadre(),
        Happened("cadre:C-1", party.CadreCorrected(cadre_id="C-1", email="a@example.nc")),
        Happened("cadre:C-1", party.CadreCorrected(cadre_id="C-1", functions=(Function.SALES,))),
    )["C-1"]
    assert (row.name, row.email, row.functions) == ("Anne A.", "a@example.nc", ("sales",))


def test_the_network_issues_invoices_without_ever_being_registered() -> None:
    registration = party.Registration(scheme=party.RegistrationScheme.RIDET, number="153363.001")
    known = parties(
        Happened("issuer:network", party.IssuerCorrected(issuer_id="network", name="Le réseau")),
        Happened(
            "issuer:I-1",
            party.IssuerRegistered(issuer_id="I-1", name="Anne Conseil", registration=registration, address="Nouméa"),
        ),
        Happened("issuer:I-1", party.IssuerCorrected(issuer_id="I-1", address="Dumbéa")),
    )
    assert {row.party_id: (row.kind, row.name) for row in known.values()} == {
        "network": ("issuer", "Le réseau"),
        "I-1": ("issuer", "Anne Conseil"),
    }


def test_what_is_said_of_an_unknown_party_is_no_party() -> None:
    assert not parties(
        forgotten("client:E-1"),
        Happened("client:E-1", party.ClientCorrected(client_id="E-1", name="x")),
        Happened("cadre:C-1", party.CadreCorrected(cadre_id="C-1", name="x")),
    )


def test_erased_words_leave_no_trace_in_a_rebuilt_row() -> None:
    event = client().event.model_copy(update={"name": SEALED, "dirigeant": party.Dirigeant(name=SEALED, email=SEALED)})
    row = parties(Happened("client:E-1", event), forgotten("client:E-1"))["E-1"]
    assert row == parties(client(), forgotten("client:E-1"))["E-1"]
