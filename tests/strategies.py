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
WORKED = st.sampled_from([*["2026-03-03"] * 4, *["2026-03-04"] * 3, "2026-03-08"])
"""Two days that everybody wants, and a Sunday."""
SHARES: list[dict[str, object]] = [
    {"quantity": "1"},
    {"quantity": "0.5"},
    {"quantity": "0.5", "half": "am"},
    {"quantity": "0.5", "half": "pm"},
]
HOURS: list[dict[str, object]] = [{"quantity": "2"}, {"quantity": "4"}, {"quantity": "4", "half": "am"}]
MISSIONS = ("M-1", "M-2", "M-3")
BY_THE_HOUR = "M-2"
CADRES = st.sampled_from(["C-1", "C-2"])
ACTORS = st.sampled_from([*[ADMIN] * 8, Actor(Role.CADRE, "C-1"), Actor(Role.CLIENT, "E-1")])


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
        (BY_THE_HOUR, "C-1", HOURLY),
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


def _days(mission_id: str) -> st.SearchStrategy[str]:
    """Six ids of the mission's own, and one that others use too."""
    return st.sampled_from(["D-0", *(f"D-{mission_id}-{number}" for number in range(1, 7))])


def _ids(letter: str) -> st.SearchStrategy[object]:
    return st.sampled_from([f"{letter}-1", f"{letter}-2"])


_LETTERS = DATES.map(lambda signed_on: {"signed_on": signed_on})


def _deliveries(mission_id: str) -> st.SearchStrategy[Command]:
    fields = st.fixed_dictionaries(
        {
            "day_id": _days(mission_id),
            "date": WORKED,
            "cadre_id": st.sampled_from([*[None] * 6, "C-1", "C-2", "C-9"]),
            "objective_ids": st.sampled_from([None, None, None, ["O-1"], ["O-2"]]),
        }
    )
    shares = st.sampled_from(HOURS if mission_id == BY_THE_HOUR else SHARES)
    return st.tuples(fields, shares).map(lambda parts: asked("deliver_day", **parts[0], **parts[1]))


def _time(mission_id: str) -> st.SearchStrategy[Command]:
    days = _days(mission_id)
    return st.one_of(
        _of("withdraw_day", day_id=days),
        _of("approve_days", day_ids=st.lists(days, min_size=1, max_size=2, unique=True)),
        st.just(asked("approve_days", day_ids=..., month="2026-03")),
        _of("dispute_day", day_id=days),
        _of("settle_dispute", day_id=days, outcome=st.sampled_from(["approved", "withdrawn"])),
        _of("record_expense", expense_id=_ids("X"), date=DATES),
        _of("withdraw_expense", expense_id=_ids("X")),
    )


_COURSE = st.one_of(
    _of("pause_mission", from_on=WORKED),
    _of("resume_mission", on=DATES),
    _of("stop_mission", on=st.sampled_from(["2026-03-04", "2026-03-10", "2026-03-11"])),
    _of("extend_mission", ends_on=st.sampled_from([None, "2026-03-11", "2026-03-09"]), letter=_LETTERS),
    _of("amend_mission", effective_on=DATES, letter=_LETTERS, scope=st.just(SCOPE), terms=st.none()),
    _of("start_handover"),
    _of("complete_handover_item", item_id=st.sampled_from([*HandoverItem, "coffee"])),
    _of("hand_over", to_cadre_id=CADRES, effective_on=DATES, override_reason=st.sampled_from([None, "Parti"])),
)

_FOLLOW = st.one_of(
    _of(
        "set_objective",
        objective_id=st.sampled_from([f"O-{n}" for n in range(1, 8)]),
        set_on=DATES,
        due_on=st.sampled_from(["2026-03-05", "2026-12-31"]),
    ),
    _of("revise_objective", objective_id=_ids("O"), due_on=st.sampled_from(["2026-03-01", "2026-12-31"])),
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


def _askings(mission_id: str) -> st.SearchStrategy[Asking]:
    kinds = [*[_deliveries(mission_id)] * 7, *[_time(mission_id)] * 6, *[_COURSE] * 2, *[_FOLLOW] * 2]
    return st.builds(
        Asking,
        command=st.sampled_from(kinds).flatmap(lambda kind: kind),
        mission_id=st.just(mission_id),
        actor=ACTORS,
        today=st.sampled_from(["2026-03-09", "2026-03-10", "2026-03-11", "2026-03-12"]),
    )


HISTORIES = st.lists(st.one_of(*(_askings(mission_id) for mission_id in MISSIONS)), min_size=15, max_size=40)
"""All that somebody may ask for in ten days, sense or nonsense."""
