"""A small world for properties: ten days, two cadres, three missions, few ids, so that histories collide."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from hypothesis import strategies as st

from domain.event import Actor, Command, Role
from domain.mission.events import HandoverItem
from tests.bodies import HOURLY, RETAINER, SCOPE, asked, known_parties, on, terms
from tests.scenario import ADMIN, Scenario

FIRST = on("2026-03-02")
DATES = st.sampled_from([(FIRST + timedelta(days=offset)).isoformat() for offset in range(10)])
MISSIONS = ("M-1", "M-2", "M-3")
CADRES = st.sampled_from(["C-1", "C-2"])
ACTORS = st.sampled_from([ADMIN, ADMIN, ADMIN, Actor(Role.CADRE, "C-1"), Actor(Role.CLIENT, "E-1")])
DAYS = st.sampled_from([f"D-{number}" for number in range(1, 6)])


@dataclass(frozen=True)
class Asking:
    """Somebody asks for something on a date."""

    command: Command
    mission_id: str
    actor: Actor
    today: str


def small_world() -> Scenario:
    """M-1 by the day and M-2 by the hour, both C-1's; M-3 on a retainer, C-2's. All have an objective."""
    scenario = known_parties().on(FIRST)
    letter = {"letter": {"signed_on": "2026-03-01"}, "ends_on": "2026-03-10"}
    objective = asked("set_objective", due_on="2026-12-31")
    for mission_id, cadre_id, billing in (
        ("M-1", "C-1", {"kind": "day_rate", "rate": "85000"}),
        ("M-2", "C-1", HOURLY),
        ("M-3", "C-2", RETAINER),
    ):
        signed = asked("sign_mission", mission_id=mission_id, cadre_id=cadre_id, terms=terms(billing=billing), **letter)
        scenario.given(signed, objective, mission=mission_id)
    return scenario


def live(askings: list[Asking]) -> Scenario:
    """What the small world makes of all that is asked, one after the other; time only goes forward."""
    scenario = small_world()
    for asking in askings:
        scenario.on(max(scenario.network.today, on(asking.today))).by(asking.actor)
        scenario.when(asking.command, asking.mission_id)
    return scenario


def _of(name: str, /, **fields: st.SearchStrategy[object]) -> st.SearchStrategy[Command]:
    return st.fixed_dictionaries(fields).map(lambda changes: asked(name, **changes))


def _ids(letter: str) -> st.SearchStrategy[object]:
    return st.sampled_from([f"{letter}-1", f"{letter}-2"])


_LETTERS = DATES.map(lambda signed_on: {"signed_on": signed_on})

_DELIVERIES = _of(
    "deliver_day",
    day_id=DAYS,
    date=DATES,
    quantity=st.sampled_from(["0.5", "1", "2", "4", "8"]),
    half=st.sampled_from([None, None, "am", "pm"]),
    cadre_id=st.sampled_from([None, None, "C-1", "C-2", "C-9"]),
    exceptional=st.booleans(),
    objective_ids=st.sampled_from([None, ["O-1"], ["O-2"]]),
)

_TIME = st.one_of(
    _of("withdraw_day", day_id=DAYS),
    _of("approve_days", day_ids=st.lists(DAYS, min_size=1, max_size=2, unique=True)),
    st.just(asked("approve_days", day_ids=..., month="2026-03")),
    _of("dispute_day", day_id=DAYS),
    _of("settle_dispute", day_id=DAYS, outcome=st.sampled_from(["approved", "withdrawn"])),
    _of("record_expense", expense_id=_ids("X"), date=DATES),
    _of("withdraw_expense", expense_id=_ids("X")),
)

_COURSE = st.one_of(
    _of("pause_mission", from_on=DATES),
    _of("resume_mission", on=DATES),
    _of("stop_mission", on=DATES),
    _of("extend_mission", ends_on=st.sampled_from([None, "2026-03-11", "2026-03-09"]), letter=_LETTERS),
    _of("amend_mission", effective_on=DATES, letter=_LETTERS, scope=st.just(SCOPE), terms=st.none()),
    _of("start_handover"),
    _of("complete_handover_item", item_id=st.sampled_from([*HandoverItem, "coffee"])),
    _of("hand_over", to_cadre_id=CADRES, effective_on=DATES, override_reason=st.sampled_from([None, "Parti"])),
)

_FOLLOW = st.one_of(
    _of("set_objective", objective_id=st.sampled_from([f"O-{n}" for n in range(1, 8)]), set_on=DATES, due_on=DATES),
    _of("revise_objective", objective_id=_ids("O"), due_on=DATES),
    _of("close_objective", objective_id=_ids("O"), on=DATES),
    _of("record_measurement", objective_id=_ids("O"), measured_on=DATES),
    _of("hold_review", review_id=_ids("R"), held_on=DATES, kind=st.sampled_from(["flash", "final"])),
    _of("record_decision", decision_id=_ids("K"), decided_on=DATES),
    _of("open_action", action_id=_ids("T"), owner=st.sampled_from(["", "Anne"])),
    _of("close_action", action_id=_ids("T"), on=DATES),
    _of("identify_risk", risk_id=_ids("Q"), backup=st.sampled_from(["", "Marie"])),
    _of("close_risk", risk_id=_ids("Q"), on=DATES),
    _of("document_access", access_id=_ids("A"), custodian=st.sampled_from(["", "Marie"])),
    _of("revoke_access", access_id=_ids("A"), on=DATES),
)

COMMANDS = st.one_of(_DELIVERIES, _DELIVERIES, _TIME, _TIME, _COURSE, _FOLLOW)

HISTORIES = st.lists(
    st.builds(
        Asking,
        command=COMMANDS,
        mission_id=st.sampled_from(MISSIONS),
        actor=ACTORS,
        today=DATES,
    ),
    max_size=40,
)
"""All that somebody may ask for in ten days, sense or nonsense."""
