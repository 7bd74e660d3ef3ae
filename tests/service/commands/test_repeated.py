"""The same command again answers the same, whatever broke meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from service.command_service import CommandService
from service.store.door import CommandIdReused, OutcomeUnknown
from service.store.reader import Reader
from service.submission import Accepted, Contended
from tests.servers import Database
from tests.service.commands.asking import (
    AlwaysTooLate,
    LosesItsFirstReply,
    accepted,
    in_parallel,
    outcome,
    service_behind,
    started_on,
)
from tests.service.commands_by_hand import (
    client,
    day,
    decision,
    running_missions,
)


def test_the_same_command_again_answers_the_same(service: CommandService, history: Reader) -> None:
    accepted(service.execute_many(running_missions(1)))
    first = service.execute(day("M-0", "D-1", command_id="http:p:1"))
    service.execute(decision("M-0", "R-1"))
    again = service.execute(day("M-0", "D-1", command_id="http:p:1"))
    assert again == replace(first, replayed=True)
    assert history.head() == 6


def test_a_command_id_with_another_request_is_refused(service: CommandService) -> None:
    accepted(service.execute_many(running_missions(1)))
    service.execute(day("M-0", "D-1", command_id="http:p:1"))
    with pytest.raises(CommandIdReused):
        service.execute(day("M-0", "D-2", command_id="http:p:1"))


def test_a_command_id_twice_in_a_batch_counts_once(service: CommandService) -> None:
    accepted(service.execute_many(running_missions(1)))
    first, again, other = service.execute_many(
        [
            day("M-0", "D-1", command_id="journal:1"),
            day("M-0", "D-1", command_id="journal:1"),
            day("M-0", "D-2", command_id="journal:1"),
        ]
    )
    assert isinstance(first, Accepted)
    assert again == replace(first, replayed=True)
    assert isinstance(other, CommandIdReused)


def test_a_journal_twice_changes_nothing(service: CommandService, history: Reader) -> None:
    journal = [
        replace(line, command_id=f"journal:{number}")
        for number, line in enumerate([*running_missions(3), day("M-0", "D-1"), day("M-1", "D-2")])
    ]
    first = accepted(service.execute_many(journal))
    again = accepted(service.execute_many(journal))
    assert again == [replace(answer, replayed=True) for answer in first]
    assert history.head() == len(journal)


def test_a_nervous_caller_records_once_on_any_server(server: Callable[[], CommandService], history: Reader) -> None:
    servers = [server(), server()]
    accepted(servers[0].execute_many(running_missions(1)))
    answers = accepted(
        in_parallel([partial(outcome, servers[n % 2], day("M-0", "D-1", command_id="http:p:1")) for n in range(16)])
    )
    assert {answer.positions for answer in answers} == {(5,)}
    assert [answer.replayed for answer in answers].count(False) == 1
    assert history.head() == 5


def test_a_lost_reply_is_found_again_under_its_command_id(database: Database, history: Reader) -> None:
    with started_on(database) as service:
        accepted(service.execute_many(running_missions(1)))
    with service_behind(LosesItsFirstReply(database.app_url, durable=False), database) as service:
        with pytest.raises(OutcomeUnknown):
            service.execute(day("M-0", "D-1", command_id="http:p:1"))
        again = service.execute(day("M-0", "D-1", command_id="http:p:1"))
    assert again.replayed
    assert again.position == history.head() == 5


def test_nobody_is_kept_waiting_for_ever_by_faster_ones(database: Database) -> None:
    door = AlwaysTooLate(database.app_url, durable=False)
    with service_behind(door, database) as service, pytest.raises(Contended):
        service.execute(client())
    assert door.tries > 10
