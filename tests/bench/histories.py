"""Missions to measure on: made through the service itself, as many and as long as asked."""

from __future__ import annotations

from datetime import date
from itertools import count

from domain.calendar import WorkingCalendar
from domain.commands import COMMANDS
from domain.event import Actor, Command, Role
from service.command_service import CommandService
from service.submission import Accepted, Submission
from tests.bench.stage import Stage

TODAY = date(2026, 3, 31)
ADMIN = Actor(Role.NETWORK_ADMIN, "reseau")
_serial = count(1)


def commands(stage: Stage) -> CommandService:
    """A service that remembers nothing yet."""
    return CommandService.on(stage.history, stage.keys, WorkingCalendar())


def submission(command: Command, mission_id: str | None) -> Submission:
    """A command as a network admin gives it, once."""
    return Submission(
        command=command,
        mission_id=mission_id,
        actor=ADMIN,
        claimed_by=None,
        claimed_at=None,
        today=TODAY,
        command_id=f"http:bench:{next(_serial)}",
        request=command.model_dump_json().encode(),
    )


def command(kind: str, /, **fields: object) -> Command:
    """A command from the fields of its body."""
    return COMMANDS[kind].model_validate(fields)


def do(service: CommandService, submissions: list[Submission]) -> None:
    """Carries out what prepares a measurement; none may be refused."""
    for answer in service.execute_many(submissions):
        assert isinstance(answer, Accepted), answer


def register(service: CommandService, network: str) -> None:
    """A client and a cadre for the missions of one measurement."""
    do(
        service,
        [
            submission(
                command(
                    "register_cadre",
                    cadre_id=f"C-{network}",
                    name="Anne A.",
                    email="a@example.nc",
                    functions=["finance"],
                ),
                None,
            ),
            submission(
                command(
                    "register_client",
                    client_id=f"E-{network}",
                    name="Menuiserie",
                    address="Nouméa",
                    dirigeant={"name": "D.", "email": "d@example.nc"},
                ),
                None,
            ),
        ],
    )


def sign(network: str, mission_id: str) -> list[Submission]:
    """A mission with an objective: two events."""
    return [
        submission(
            command(
                "sign_mission",
                mission_id=mission_id,
                client_id=f"E-{network}",
                cadre_id=f"C-{network}",
                function="finance",
                title="Direction financière à temps partagé",
                scope={"responsibilities": ["Tenir la fonction"], "kept_in_house": [], "excluded": []},
                letter={"signed_on": "2025-01-02"},
                starts_on="2025-01-06",
                rhythm={"half_days_per_week": 4},
                terms={
                    "currency": "XPF",
                    "billing": {"kind": "day_rate", "rate": "85000"},
                    "tax": {"scheme": "TGC", "rate": "6"},
                    "payment_days": 30,
                    "approval_required": True,
                },
                review_every="monthly",
            ),
            None,
        ),
        submission(
            command(
                "set_objective",
                objective_id="O1",
                statement="Marge",
                indicator={"name": "m", "unit": "%", "source": "c"},
                baseline="21",
                target="27",
                due_on="2026-12-31",
                set_on="2025-01-06",
            ),
            mission_id,
        ),
    ]


def measurement(mission_id: str, n: int) -> Submission:
    """One more event for a mission: a reading of its figure."""
    return submission(
        command(
            "record_measurement",
            objective_id="O1",
            value=f"{21 + n % 6}.{n % 10}",
            measured_on="2026-03-02",
            note="Lecture du tableau de bord",
        ),
        mission_id,
    )


def missions(service: CommandService, network: str, how_many: int, events: int) -> list[str]:
    """So many missions of so many events each."""
    register(service, network)
    ids = [f"M-{network}-{n}" for n in range(how_many)]
    for mission_id in ids:
        do(service, [*sign(network, mission_id), *(measurement(mission_id, n) for n in range(events - 2))])
    return ids
