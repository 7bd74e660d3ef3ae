"""A batch decides as one command after the other would."""

from __future__ import annotations

import random

import pytest

from service.command_service import CommandService
from service.embedded import EmbeddedPostgres
from service.store.reader import Reader
from service.submission import Accepted, Submission
from tests.servers import Database, cloned_database
from tests.service.commands.asking import accepted, outcome, started_on, verdict
from tests.service.commands_by_hand import (
    asked,
    day,
    decision,
    running_missions,
)


def test_commands_of_a_batch_build_on_each_other(service: CommandService, history: Reader) -> None:
    answers = accepted(service.execute_many([*running_missions(3), day("M-1", "D-1"), day("M-1", "D-2")]))
    assert [answer.version for answer in answers[-2:]] == [3, 4]
    assert history.head() == len(answers)


def test_a_batch_refuses_what_its_own_commands_rule_out(service: CommandService) -> None:
    accepted(service.execute_many(running_missions(4)))
    answers = service.execute_many([day(f"M-{number}", f"D-{number}") for number in range(4)])
    assert list(map(verdict, answers)) == ["Accepted", "Accepted", "cadre_overbooked", "cadre_overbooked"]


@pytest.mark.parametrize("seed", range(6))
def test_a_batch_decides_as_one_after_the_other_would(postgres: EmbeddedPostgres, seed: int) -> None:
    chance = random.Random(seed)
    commands = running_missions(3) + [_any_command(chance, number) for number in range(120)]
    for _ in range(20):  # some come too early: what they need comes later
        at, to = chance.randrange(2, len(commands)), chance.randrange(2, 40)
        commands.insert(to, commands.pop(at))
    with (
        cloned_database(postgres) as together_on,
        cloned_database(postgres) as apart_on,
        started_on(together_on) as together,
        started_on(apart_on) as apart,
    ):
        size = chance.choice([1, 7, 50, 500])
        batched: list[Accepted | Exception] = []
        for at in range(0, len(commands), size):
            batched += together.execute_many(commands[at : at + size])
        single = [outcome(apart, command) for command in commands]
        assert list(map(verdict, batched)) == list(map(verdict, single))
        assert _streams(together_on) == _streams(apart_on)


def _any_command(chance: random.Random, number: int) -> Submission:
    mission_id = f"M-{chance.randrange(3)}"
    on = f"2026-03-{chance.randrange(2, 6):02d}"
    days = [f"D-{chance.randrange(number + 1)}" for _ in range(2)]
    return chance.choice(
        [
            day(mission_id, f"D-{number}", on=on, quantity=chance.choice(["0.5", "1"])),
            day(mission_id, f"D-{number}", on=on),
            asked("withdraw_day", mission_id, day_id=days[0], reason="erreur"),
            asked("approve_days", mission_id, month="2026-03"),
            asked("dispute_day", mission_id, day_id=days[1], reason="pas vu"),
            decision(mission_id, f"R-{chance.randrange(30)}"),
            decision(mission_id, "R-0", command_id=f"journal:{chance.randrange(5)}"),
        ]
    )


def _streams(database: Database) -> dict[str, list[tuple[int, str]]]:
    reader = Reader(database.reader_url)
    found: dict[str, list[tuple[int, str]]] = {}
    for row in reader.read_all():
        found.setdefault(row.stream, []).append((row.version, row.topic))
    reader.close()
    return found
