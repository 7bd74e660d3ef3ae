"""A command is recorded, or refused for a true reason."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import pytest

from domain.event import Actor, Command, CommandRejected, Role
from service.command_service import CommandService
from service.store.reader import Reader
from tests.service.commands.asking import accepted, outcome, verdict
from tests.service.commands_by_hand import (
    asked,
    cadre,
    client,
    day,
    mission,
    objective,
    running_missions,
)


def test_a_command_answers_where_its_facts_stand(service: CommandService, history: Reader) -> None:
    accepted(service.execute_many(running_missions(1)))
    answer = service.execute(day("M-0", "D-1"))
    (row,) = history.read_all(after=answer.position - 1)
    assert (answer.stream, answer.version, answer.position) == ("mission:M-0", 3, 5)
    assert (row.stream, row.version, row.topic) == ("mission:M-0", 3, "mission.day_delivered#1")
    assert answer.events[0].recorded_at == row.recorded_at


def test_a_refused_command_records_nothing(service: CommandService, history: Reader) -> None:
    accepted(service.execute_many([client(), cadre(), mission("M-1")]))
    with pytest.raises(CommandRejected) as refusal:
        service.execute(replace(day("M-1", "D-1"), command_id="journal:1"))
    assert refusal.value.code == "no_objective"
    assert history.head() == 3
    assert history.answered(["journal:1"]) == {}


def test_a_refused_command_is_judged_anew_when_it_comes_again(service: CommandService) -> None:
    accepted(service.execute_many([client(), cadre(), mission("M-1")]))
    again = day("M-1", "D-1", command_id="journal:1")
    assert verdict(outcome(service, again)) == "no_objective"
    service.execute(objective("M-1"))
    assert not service.execute(again).replayed


def test_what_an_actor_may_not_see_does_not_exist_for_it(service: CommandService) -> None:
    accepted(service.execute_many(running_missions(1)))
    stranger = Actor(Role.CLIENT, "CL-2")
    approval = asked("approve_days", "M-0", by=stranger, month="2026-03")
    assert verdict(outcome(service, approval)) == "unknown_mission"
    assert verdict(outcome(service, replace(approval, mission_id="M-9"))) == "unknown_mission"


def test_a_role_that_may_not_is_told_so(service: CommandService) -> None:
    accepted(service.execute_many(running_missions(1)))
    auditor = replace(day("M-0", "D-1"), actor=Actor(Role.AUDITOR))
    assert verdict(outcome(service, auditor)) == "not_allowed"


@pytest.mark.parametrize(("expected", "verdict_"), [(2, "Accepted"), (1, "VersionConflict"), (3, "VersionConflict")])
def test_a_command_for_another_version_is_refused(service: CommandService, expected: int, verdict_: str) -> None:
    accepted(service.execute_many(running_missions(1)))
    assert verdict(outcome(service, replace(day("M-0", "D-1"), expected_version=expected))) == verdict_


def test_a_party_has_versions_too(service: CommandService) -> None:
    service.execute(client())
    corrected = asked("correct_client", client_id="CL-1", name="Menuiserie du Sud", expected_version=1)
    assert service.execute(corrected).version == 2
    assert verdict(outcome(service, corrected)) == "VersionConflict"


def test_a_failing_decision_harms_no_other_command(service: CommandService) -> None:
    class Unheard(Command):
        """A command that nobody decides."""

        NAME: ClassVar[str] = "unheard"

    answers = service.execute_many([client(), replace(client("CL-2"), command=Unheard()), cadre()])
    assert [verdict(answer) == "Accepted" for answer in answers] == [True, False, True]
