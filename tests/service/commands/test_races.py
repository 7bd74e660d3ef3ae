"""Servers race: nothing is lost, nothing booked twice, and every refusal is true."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from service.command_service import CommandService
from service.store.reader import Reader
from service.submission import Submission
from tests.servers import Database
from tests.service.commands.asking import IsOvertaken, accepted, in_parallel, outcome, service_behind, verdict
from tests.service.commands_by_hand import (
    asked,
    cadre,
    client,
    day,
    decision,
    mission,
    running_missions,
)


def test_a_cadre_is_never_overbooked_however_many_ask_at_once(
    server: Callable[[], CommandService], history: Reader
) -> None:
    servers = [server(), server()]
    accepted(servers[0].execute_many(running_missions(40)))
    answers = in_parallel([partial(outcome, servers[n % 2], day(f"M-{n}", f"D-{n}")) for n in range(40)])
    assert Counter(map(verdict, answers)) == {"Accepted": 2, "cadre_overbooked": 38}
    halves = [row for row in history.read_all() if row.topic == "mission.day_delivered#1"]
    assert len(halves) == 2


@pytest.fixture
def overtaken(database: Database, service: CommandService) -> Iterator[Callable[..., list[str]]]:
    """The verdicts on commands, where another server carries out others after they were decided."""
    door = IsOvertaken(database.app_url, durable=False)
    with service_behind(door, database) as slow:

        def verdicts(*submissions: Submission, by: Sequence[Submission]) -> list[str]:
            door.meanwhile = lambda: accepted(service.execute_many(by))
            return list(map(verdict, slow.execute_many(submissions)))

        yield verdicts


def test_a_day_that_another_mission_took_meanwhile_is_refused(
    service: CommandService, overtaken: Callable[..., list[str]]
) -> None:
    accepted(service.execute_many(running_missions(2)))
    verdicts = overtaken(day("M-0", "D-0", quantity="1"), by=[day("M-1", "D-1", quantity="1")])
    assert verdicts == ["cadre_overbooked"]


def test_a_party_that_changed_meanwhile_is_looked_at_again(
    service: CommandService, overtaken: Callable[..., list[str]]
) -> None:
    accepted(service.execute_many([client(), cadre()]))
    elsewhere = asked("correct_cadre", cadre_id="C-1", functions=["marketing"])
    assert overtaken(mission("M-0"), by=[elsewhere]) == ["function_not_practised"]


def test_a_mission_that_changed_meanwhile_is_decided_anew(
    service: CommandService, overtaken: Callable[..., list[str]]
) -> None:
    accepted(service.execute_many(running_missions(1)))
    assert overtaken(decision("M-0", "R-1"), by=[decision("M-0", "R-1")]) == ["already_exists"]
    assert overtaken(decision("M-0", "R-3"), by=[decision("M-0", "R-2")]) == ["Accepted"]


def test_a_refusal_falls_with_the_facts_that_it_was_expected_to_stand_on(
    service: CommandService, overtaken: Callable[..., list[str]]
) -> None:
    accepted(service.execute_many(running_missions(1)))
    paused = asked("pause_mission", "M-0", from_on="2026-03-02", reason="congés")
    stopped = asked("stop_mission", "M-0", on="2026-03-20", decided_by="client", reason="fin")
    assert overtaken(paused, day("M-0", "D-1"), by=[stopped]) == ["mission_stopped", "Accepted"]


def test_servers_that_race_on_one_mission_lose_nothing(server: Callable[[], CommandService], history: Reader) -> None:
    servers = [server(), server(), server()]
    accepted(servers[0].execute_many(running_missions(1)))
    answers = accepted(in_parallel([partial(outcome, servers[n % 3], decision("M-0", f"R-{n}")) for n in range(36)]))
    assert sorted(answer.version for answer in answers) == list(range(3, 39))
    assert [row.version for row in history.read_stream("mission:M-0")] == list(range(1, 39))


def test_servers_that_race_with_batches_lose_nothing(server: Callable[[], CommandService], history: Reader) -> None:
    servers = [server(), server()]
    accepted(servers[0].execute_many(running_missions(4)))
    batches = [[decision(f"M-{n % 4}", f"R-{half}-{n}") for n in range(60)] for half in range(2)]
    with ThreadPoolExecutor(2) as importers:
        answers = list(importers.map(lambda pair: pair[0].execute_many(pair[1]), zip(servers, batches, strict=True)))
    for batch in answers:
        accepted(batch)
    recorded = Counter(row.stream for row in history.read_all() if row.topic == "mission.decision_recorded#1")
    assert recorded == dict.fromkeys([f"mission:M-{n}" for n in range(4)], 30)


def test_callers_that_wait_are_answered_by_the_writer(service: CommandService, history: Reader) -> None:
    accepted(service.execute_many(running_missions(4)))
    futures = [service.submit(decision(f"M-{n % 4}", f"R-{n % 40}")) for n in range(80)]
    verdicts = Counter("already" if future.exception(30) else "recorded" for future in futures)
    assert verdicts == {"recorded": 80} or verdicts == {"recorded": 40, "already": 40}
    assert len(history.read_all()) == 10 + verdicts["recorded"]


def test_a_refusal_never_stands_on_what_another_server_has_changed(server: Callable[[], CommandService]) -> None:
    here, there = server(), server()
    accepted(here.execute_many(running_missions(1)))
    accepted(there.execute_many([day("M-0", "D-1")]))
    assert verdict(outcome(here, asked("withdraw_day", "M-0", day_id="D-1", reason="erreur"))) == "Accepted"
    assert verdict(outcome(there, asked("approve_days", "M-0", day_ids=["D-1"]))) == "day_withdrawn"
    assert verdict(outcome(there, day("M-0", "D-2", quantity="1"))) == "Accepted"
    assert verdict(outcome(here, day("M-0", "D-3"))) == "cadre_overbooked"
