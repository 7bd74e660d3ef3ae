"""Commands as a journal would bring them, for tests of the service that carries them out."""

from __future__ import annotations

import json
from datetime import date

from domain.commands import COMMANDS
from domain.event import Actor, Role
from service.submission import Submission

ADMIN = Actor(Role.NETWORK_ADMIN)
TODAY = date(2026, 3, 31)
TUESDAY = "2026-03-03"


def asked(
    name: str,
    mission_id: str | None = None,
    /,
    *,
    by: Actor = ADMIN,
    command_id: str | None = None,
    expected_version: int | None = None,
    **fields: object,
) -> Submission:
    """A command, asked for by somebody who may."""
    return Submission(
        command=COMMANDS[name].model_validate(fields),
        mission_id=mission_id,
        actor=by,
        claimed_by=None,
        claimed_at=None,
        today=TODAY,
        command_id=command_id,
        request=json.dumps([name, mission_id, fields], sort_keys=True).encode(),
        expected_version=expected_version,
    )


def client(client_id: str = "CL-1", name: str = "Menuiserie du Mont-Dore") -> Submission:
    return asked(
        "register_client",
        client_id=client_id,
        name=name,
        address="12 rue des Flamboyants, Nouméa",
        dirigeant={"name": "Noémie Wéa", "email": "noemie@example.nc"},
    )


def cadre(cadre_id: str = "C-1") -> Submission:
    return asked("register_cadre", cadre_id=cadre_id, name="Jean Dupré", email="jean@example.nc", functions=["finance"])


def mission(mission_id: str, client_id: str = "CL-1", cadre_id: str = "C-1") -> Submission:
    return asked(
        "sign_mission",
        mission_id=mission_id,
        client_id=client_id,
        cadre_id=cadre_id,
        function="finance",
        title="Direction financière",
        scope={"responsibilities": ["la trésorerie"], "kept_in_house": [], "excluded": []},
        letter={"signed_on": "2026-01-02"},
        starts_on="2026-01-05",
        rhythm={"half_days_per_week": 2},
        terms={
            "issuer_id": "network",
            "currency": "XPF",
            "billing": {"kind": "day_rate", "rate": "85000"},
            "tax": {"scheme": "TGC", "rate": "6"},
            "payment_days": 30,
            "approval_required": True,
        },
        review_every="monthly",
    )


def objective(mission_id: str, objective_id: str = "O-1") -> Submission:
    return asked(
        "set_objective",
        mission_id,
        objective_id=objective_id,
        statement="Ramener le délai d'encaissement à 45 jours",
        indicator={"name": "délai d'encaissement", "unit": "jours", "source": "balance âgée"},
        baseline="70",
        target="45",
        due_on="2026-12-31",
        set_on="2026-01-06",
    )


def day(
    mission_id: str, day_id: str, *, on: str = TUESDAY, quantity: str = "0.5", command_id: str | None = None
) -> Submission:
    return asked(
        "deliver_day",
        mission_id,
        command_id=command_id,
        day_id=day_id,
        date=on,
        quantity=quantity,
        summary="Plan de trésorerie",
    )


def decision(mission_id: str, decision_id: str, *, command_id: str | None = None) -> Submission:
    return asked(
        "record_decision",
        mission_id,
        command_id=command_id,
        decision_id=decision_id,
        text="On relance",
        decided_on="2026-03-02",
        decided_by="Noémie Wéa",
    )


def running_missions(count: int) -> list[Submission]:
    """Parties, and missions of one cadre on which days can be delivered."""
    missions = [f"M-{number}" for number in range(count)]
    return [client(), cadre(), *map(mission, missions), *map(objective, missions)]
