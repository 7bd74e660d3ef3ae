"""Would the mission notice if its cadre left? Readiness, dependency, the register of accesses, to hand-made figures."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings

from domain.event import Event, Sealed
from domain.mission import events as mission
from domain.mission.events import Gap, HandoverItem, Missing
from domain.mission.handover import missing_on
from domain.mission.state import Handover
from domain.party.events import CadreCorrected
from domain.values import Function, Letter
from projections.continuity.accesses import accesses_view
from projections.continuity.answers import client_view, network_view
from projections.continuity.course import COURSES
from projections.continuity.dependency import Backup
from projections.continuity.readiness import Line, ReadinessAnswer, readiness_view
from tests.projections.histories import (
    START,
    Happened,
    cadre,
    client,
    forgotten,
    histories,
    of_mission,
    recorded,
    signed,
)
from tests.strategies import HISTORIES, Asking, live

ON = date(2026, 5, 20)


def objective(objective_id: str = "O-1") -> mission.ObjectiveSet:
    return mission.ObjectiveSet(
        objective_id=objective_id,
        statement="Clôturer en cinq jours",
        indicator=mission.Indicator(name="Jours", unit="jours", source="comptabilité"),
        baseline=Decimal(20),
        target=Decimal(5),
        due_on=date(2026, 9, 30),
        set_on=START,
    )


def measured(on: date, objective_id: str = "O-1") -> mission.IndicatorMeasured:
    return mission.IndicatorMeasured(objective_id=objective_id, value=Decimal(12), measured_on=on)


def closed(objective_id: str = "O-1") -> mission.ObjectiveClosed:
    return mission.ObjectiveClosed(objective_id=objective_id, outcome=mission.ObjectiveOutcome.ABANDONED, on=START)


def reviewed(on: date, review_id: str = "R-1") -> mission.ReviewHeld:
    return mission.ReviewHeld(
        review_id=review_id, held_on=on, kind=mission.ReviewKind.MONTHLY, attendees=("Marie",), summary="Bien"
    )


def action(action_id: str = "T-1", owner: str | None = "Anne") -> mission.ActionOpened:
    return mission.ActionOpened(action_id=action_id, text="Relancer", owner=owner, due_on=date(2026, 6, 1))


def risk(risk_id: str = "Q-1", backup: str | None = "Comptable externe") -> mission.RiskIdentified:
    return mission.RiskIdentified(risk_id=risk_id, text="Une seule personne", likelihood=3, impact=5, backup=backup)


def access(access_id: str = "A-1", custodian: str | Sealed | None = "Marie") -> mission.AccessDocumented:
    return mission.AccessDocumented(
        access_id=access_id, system="ERP", level="admin", custodian=custodian, documented_at="Manuel, p. 12"
    )


def leaving(successor_id: str | None = None) -> mission.HandoverStarted:
    return mission.HandoverStarted(reason="Départ", leaving_on=date(2026, 6, 30), successor_id=successor_id)


def completed(item: HandoverItem) -> mission.HandoverItemCompleted:
    return mission.HandoverItemCompleted(item_id=item)


def handed_over(on: date, to: str = "C-2") -> mission.HandedOver:
    return mission.HandedOver(to_cadre_id=to, effective_on=on, accepted_by="Marie")


def ready_after(*events: Event, on: date = ON) -> ReadinessAnswer:
    """The readiness of a mission to which these things happened, the day before."""
    said = [of_mission(event, on - timedelta(days=1)) for event in events]
    view = readiness_view(recorded([signed(), *said]), on)
    assert view is not None
    return view


def test_a_mission_just_signed_lacks_a_review_and_nothing_else() -> None:
    view = ready_after(on=START + timedelta(days=2))
    assert (view.score, view.held, view.counted, view.ready) == ("0.0", 0, 1, False)
    assert view.missing == (Missing(gap=Gap.NO_RECENT_REVIEW),)
    assert ready_after(reviewed(ON)).score == "100.0"
    assert ready_after(reviewed(ON)).ready


def test_each_thing_on_the_checklist_counts_once_and_the_score_is_the_share_that_holds() -> None:
    view = ready_after(
        objective("O-1"),
        objective("O-2"),
        measured(ON, "O-1"),
        reviewed(ON),
        action("T-1"),
        action("T-2", owner=None),
        risk("Q-1"),
        risk("Q-2", backup=None),
        access("A-1"),
        access("A-2"),
        access("A-3", custodian=None),
    )
    assert [(line.line, line.held, line.counted) for line in view.lines] == [
        (Line.OBJECTIVES_MEASURED, 1, 2),
        (Line.ACTIONS_OWNED, 1, 2),
        (Line.RISKS_BACKED_UP, 1, 2),
        (Line.ACCESSES_IN_CUSTODY, 2, 3),
        (Line.RECENT_REVIEW, 1, 1),
    ]
    assert (view.held, view.counted, view.score) == (6, 10, "60.0")
    assert view.missing == (
        Missing(gap=Gap.OBJECTIVE_NOT_MEASURED, id="O-2"),
        Missing(gap=Gap.ACTION_WITHOUT_OWNER, id="T-2"),
        Missing(gap=Gap.RISK_WITHOUT_BACKUP, id="Q-2"),
        Missing(gap=Gap.ACCESS_WITHOUT_CUSTODIAN, id="A-3"),
    )


def test_the_score_has_one_decimal_rounded_half_up() -> None:
    assert ready_after(reviewed(ON), action(), action("T-2", owner=None)).score == "66.7"
    sixteen = [action(f"T-{number}") for number in range(2, 16)]
    assert ready_after(reviewed(ON), action(owner=None), *sixteen).score == "93.8"


@pytest.mark.parametrize(("days", "fresh"), [(0, True), (45, True), (46, False)])
def test_a_measurement_and_a_review_hold_for_45_days(days: int, fresh: bool) -> None:
    view = ready_after(objective(), measured(ON - timedelta(days=days)), reviewed(ON - timedelta(days=days)))
    assert view.ready is fresh
    assert view.held == (2 if fresh else 0)


def test_the_latest_measurement_counts_whichever_was_recorded_last() -> None:
    assert ready_after(objective(), measured(ON), measured(START), reviewed(ON)).ready


def test_what_is_over_counts_no_more() -> None:
    view = ready_after(
        objective(),
        closed(),
        action(owner=None),
        mission.ActionClosed(action_id="T-1", on=ON),
        risk(backup=None),
        mission.RiskClosed(risk_id="Q-1", on=ON),
        access(custodian=None),
        mission.AccessRevoked(access_id="A-1", on=ON),
        reviewed(ON),
    )
    assert (view.counted, view.score) == (1, "100.0")


def test_the_four_items_count_while_a_handover_is_under_way() -> None:
    begun = (reviewed(ON), leaving("C-2"), completed(HandoverItem.DOCUMENTS_TRANSFERRED))
    view = ready_after(*begun)
    assert (view.held, view.counted, view.score) == (2, 5, "40.0")
    assert view.missing == tuple(
        Missing(gap=Gap.ITEM_NOT_COMPLETED, id=item)
        for item in HandoverItem
        if item is not HandoverItem.DOCUMENTS_TRANSFERRED
    )
    assert view.handover is not None
    assert view.handover.successor_id == "C-2"
    after = ready_after(*begun, handed_over(ON))
    assert (after.counted, after.handover, after.cadre_id) == (1, None, "C-2")


def test_a_mission_counts_from_its_start_to_its_last_date_and_while_it_rests() -> None:
    paused = mission.MissionPaused(from_on=ON, reason="Congés")
    stopped = mission.MissionStopped(on=ON, decided_by=mission.StopDecidedBy.BOTH, reason="Fin")
    extended = mission.MissionExtended(ends_on=ON, letter=signed_letter())
    assert ready_after(paused).in_force
    assert ready_after(stopped).in_force
    assert ready_after(extended).in_force
    assert not ready_after(stopped, on=ON + timedelta(days=1)).in_force
    assert not ready_after(extended, on=ON + timedelta(days=1)).in_force
    before = readiness_view(recorded([signed()]), START - timedelta(days=1))
    assert before is not None
    assert not before.in_force
    assert before.cadre_id == "C-1"


def signed_letter() -> Letter:
    event = signed().event
    assert isinstance(event, mission.MissionSigned)
    return event.letter


def test_nothing_is_told_of_a_mission_before_it_was_signed() -> None:
    assert readiness_view(recorded([signed()]), date(2026, 2, 19)) is None
    orphans = [of_mission(event, ON) for event in (reviewed(ON), action(), mission.MissionResumed(on=ON))]
    assert readiness_view(recorded(orphans), ON) is None


def test_what_is_said_of_what_is_not_known_changes_nothing() -> None:
    view = ready_after(mission.MissionResumed(on=ON), completed(HandoverItem.DOCUMENTS_TRANSFERRED), measured(ON))
    assert (view.counted, view.handover) == (1, None)


def test_as_of_a_date_and_as_known_at_an_instant() -> None:
    history = recorded(
        [
            signed(),
            of_mission(reviewed(date(2026, 3, 10)), date(2026, 3, 10)),
            of_mission(action(owner=None), date(2026, 3, 20)),
        ]
    )
    scores = [readiness_view(history, on) for on in (date(2026, 3, 9), date(2026, 3, 10), date(2026, 3, 20))]
    assert [view.score for view in scores if view] == ["0.0", "100.0", "50.0"]
    known = readiness_view(history, date(2026, 3, 20), known_at=history[1].recorded_at)
    assert known is not None
    assert (known.score, known.position) == ("100.0", 2)


@settings(max_examples=60, deadline=None)
@given(HISTORIES)
def test_what_is_missing_is_what_would_stop_a_handover(askings: list[Asking]) -> None:
    network = live(askings).network
    for mission_id in ("M-1", "M-2", "M-3"):
        history = [each for each in network.recorded if each.stream == f"mission:{mission_id}"]
        view = readiness_view(history, network.today)
        assert view is not None
        state = network.mission(mission_id)
        lacking = missing_on(state, state.handover or Handover(frozenset(HandoverItem)), network.today)
        assert view.missing == lacking
        assert view.counted - view.held == len(lacking)


# One network, three clients; the figures are worked out by hand.
#
#   M-1  E-1  finance  C-1   review held                         1 of 1
#   M-2  E-1  finance  C-2   no review, one action without owner 0 of 2
#   M-3  E-2  finance  C-1   review held, risk with a backup     2 of 2
#   M-4  E-3  finance  C-1   review held, risk without a backup  1 of 2
#   M-5  E-3  finance  C-2   stopped before: counts no more


def network() -> list[Happened]:
    said: list[tuple[str, Event]] = [
        ("M-1", reviewed(ON)),
        ("M-2", action(owner=None)),
        ("M-3", reviewed(ON)),
        ("M-3", risk()),
        ("M-4", reviewed(ON)),
        ("M-4", risk(backup=None)),
        ("M-5", mission.MissionStopped(on=START, decided_by=mission.StopDecidedBy.BOTH, reason="Fin")),
    ]
    holders = {"M-1": "C-1", "M-2": "C-2", "M-3": "C-1", "M-4": "C-1", "M-5": "C-2"}
    clients = {"M-1": "E-1", "M-2": "E-1", "M-3": "E-2", "M-4": "E-3", "M-5": "E-3"}
    letters = [at(signed(each, holders[each]), clients[each]) for each in holders]
    events = [of_mission(event, ON, mission_id) for mission_id, event in said]
    parties = [*(client(each) for each in ("E-1", "E-2", "E-3")), *(cadre(each) for each in ("C-1", "C-2", "C-3"))]
    return [*parties, *letters, *events]


def at(happened: Happened, client_id: str, function: Function = Function.FINANCE) -> Happened:
    """The same letter, of another client."""
    changes = {"client_id": client_id, "function": function}
    return Happened(happened.stream, happened.event.model_copy(update=changes), happened.occurred_on)


def test_a_client_s_score_is_the_share_over_all_its_missions_in_force() -> None:
    view = client_view(recorded(network()), "E-1", ON)
    assert (view.held, view.counted, view.score) == (1, 3, "33.3")
    assert [(each.mission_id, each.score) for each in view.missions] == [("M-2", "0.0"), ("M-1", "100.0")]
    assert view.missing == {Gap.ACTION_WITHOUT_OWNER: 1, Gap.NO_RECENT_REVIEW: 1}


def test_the_network_s_score_is_the_share_over_all_missions_in_force() -> None:
    view = network_view(recorded(network()), ON)
    assert (view.held, view.counted, view.score) == (4, 7, "57.1")
    assert [(each.client_id, each.missions, each.score) for each in view.clients] == [
        ("E-1", 2, "33.3"),
        ("E-2", 1, "100.0"),
        ("E-3", 1, "50.0"),
    ]
    assert [(each.mission_id, each.missing) for each in view.missions] == [
        ("M-2", 2),
        ("M-4", 1),
        ("M-1", 0),
        ("M-3", 0),
    ]
    assert (view.dependency.functions, view.dependency.depending, view.dependency.index) == (3, 1, "33.3")
    assert [(each.client_id, each.functions, each.depending) for each in view.clients] == [
        ("E-1", 1, 0),
        ("E-2", 1, 0),
        ("E-3", 1, 1),
    ]


def test_a_function_is_backed_up_by_a_second_holder_or_by_a_risk_that_says_who_takes_over() -> None:
    items = {each.client_id: each for each in network_view(recorded(network()), ON).dependency.items}
    assert items["E-1"].backups == (Backup.SECOND_HOLDER,)
    assert items["E-1"].cadre_ids == ("C-1", "C-2")
    assert items["E-1"].mission_ids == ("M-1", "M-2")
    assert items["E-2"].backups == (Backup.RISK_BACKUP,)
    assert items["E-3"].backups == ()
    assert items["E-3"].depends_on_one


def test_a_function_is_backed_up_by_a_successor_who_is_named() -> None:
    unnamed = [*network(), of_mission(leaving(), ON, "M-4")]
    named = [*network(), of_mission(leaving("C-2"), ON, "M-4")]
    assert client_view(recorded(unnamed), "E-3", ON).dependency.index == "100.0"
    view = client_view(recorded(named), "E-3", ON).dependency
    assert (view.index, view.items[0].backups) == ("0.0", (Backup.NAMED_SUCCESSOR,))


def test_two_functions_of_a_client_depend_each_on_its_own() -> None:
    history = [*network(), at(signed("M-6", "C-1"), "E-1", Function.SALES)]
    view = client_view(recorded(history), "E-1", ON).dependency
    assert [(each.function, each.depends_on_one) for each in view.items] == [("finance", False), ("sales", True)]
    assert view.index == "50.0"


def test_the_network_says_how_many_others_practise_the_function() -> None:
    def able(*more: Happened) -> int:
        view = client_view(recorded([*network(), *more]), "E-3", ON)
        return view.dependency.items[0].could_take_over

    sells = Happened("cadre:C-3", CadreCorrected(cadre_id="C-3", functions=(Function.SALES,)))
    renamed = Happened("cadre:C-3", CadreCorrected(cadre_id="C-3", name="Claire C."))
    unknown = Happened("cadre:C-9", CadreCorrected(cadre_id="C-9", functions=(Function.FINANCE,)))
    assert able() == 2
    assert able(renamed) == 2
    assert able(unknown) == 2
    assert able(sells) == 1
    assert able(forgotten("cadre:C-2")) == 1


def test_without_a_mission_in_force_there_is_no_figure() -> None:
    view = client_view(recorded(network()), "E-9", ON)
    assert (view.score, view.counted, view.dependency.index, view.missions) == (None, 0, None, ())
    assert network_view(recorded(network()), date(2026, 2, 1)).score is None


def test_the_register_of_accesses_says_who_holds_each_and_where_it_is_written() -> None:
    history = recorded(
        [
            signed(),
            of_mission(access("A-1"), date(2026, 3, 3)),
            of_mission(access("A-2", custodian=None), date(2026, 3, 4)),
            of_mission(mission.AccessRevoked(access_id="A-1", on=date(2026, 4, 1)), date(2026, 4, 1)),
            of_mission(mission.AccessRevoked(access_id="A-9", on=date(2026, 4, 1)), date(2026, 4, 1)),
        ]
    )
    first, second = accesses_view(history, ON)
    assert (first.access_id, first.custodian, first.in_force, first.revoked_on) == (
        "A-1",
        "Marie",
        False,
        date(2026, 4, 1),
    )
    assert (first.system, first.level, first.documented_at, first.documented_on) == (
        "ERP",
        "admin",
        "Manuel, p. 12",
        date(2026, 3, 3),
    )
    assert first.facts == (2, 4)
    assert (second.custodian, second.has_custodian, second.in_force) == (None, False, True)
    assert [each.in_force for each in accesses_view(history, date(2026, 3, 31))] == [True, True]
    assert len(accesses_view(history, ON, known_at=history[1].recorded_at)) == 1


def test_a_custodian_whose_words_were_erased_is_still_one() -> None:
    sealed = Sealed.model_validate({"$c": "0" * 64})
    [answer] = accesses_view(recorded([signed(), of_mission(access(custodian=sealed), ON)]), ON)
    assert (answer.custodian, answer.has_custodian) == (None, True)
    assert ready_after(access(custodian=sealed), reviewed(ON)).ready


@given(histories())
def test_in_any_history_the_shares_add_up(history: list[Happened]) -> None:
    on = date(2026, 3, 12)
    view = network_view(recorded(history), on)
    clients = [client_view(recorded(history), each.client_id, on) for each in view.clients]
    assert view.counted == sum(each.counted for each in clients) >= view.held == sum(each.held for each in clients)
    assert sum(view.missing.values()) == view.counted - view.held
    assert view.dependency.functions == sum(each.dependency.functions for each in clients)
    assert len(COURSES.rows(recorded(history))) == 2
