"""Decisions see history as of one position, whatever is recorded while they read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from domain.calendar import WorkingCalendar
from domain.deciding import Needs
from domain.mission.state import Mission
from domain.streams import cadre_day_tag
from service.command_service import CommandService
from service.history import Memory
from service.snapshots import Seal
from service.store.gathering import Gatherer
from service.store.keys import KeyStore
from tests.servers import Database
from tests.service.commands_by_hand import TODAY, TUESDAY, day, decision, running_missions

MISSION = Needs(streams=frozenset({"mission:M-0"}))
BOOKED = Needs(tags=frozenset({cadre_day_tag("C-1", TODAY.replace(day=3))}))


@pytest.fixture
def service(database: Database) -> Iterator[CommandService]:
    with CommandService.on(database.app_url, database.keys_url, WorkingCalendar(), durable=False) as service:
        service.execute_many(running_missions(1))
        yield service


@pytest.fixture
def gatherer(database: Database) -> Iterator[Gatherer]:
    gatherer = Gatherer(database.app_url)
    yield gatherer
    gatherer.close()


@pytest.fixture
def seal(database: Database) -> Iterator[Seal]:
    keys = KeyStore(database.keys_url, durable=False)
    yield Seal(keys)
    keys.close()


@pytest.fixture
def memory(gatherer: Gatherer, seal: Seal) -> Memory:
    return Memory(gatherer, seal)


def test_what_is_recorded_after_the_first_look_is_not_seen(service: CommandService, memory: Memory) -> None:
    as_of, _ = memory.as_of_now()
    service.execute(day("M-0", "D-1", on=TUESDAY))
    as_of.load(MISSION)
    as_of.load(BOOKED)
    assert as_of.version("mission:M-0") == 2
    assert [as_of.last_tagged(tag) for tag in BOOKED.tags] == [0]


def test_the_next_look_reads_only_what_is_new(service: CommandService, memory: Memory) -> None:
    memory.as_of_now((), Needs(MISSION.streams, BOOKED.tags))
    booked = service.execute(day("M-0", "D-1", on=TUESDAY))
    as_of, _ = memory.as_of_now((), Needs(MISSION.streams, BOOKED.tags))
    mission = as_of.facts.state("mission:M-0", Mission)
    assert mission is not None
    assert set(mission.days) == {"D-1"}
    assert [as_of.last_tagged(tag) for tag in BOOKED.tags] == [booked.position]


@pytest.mark.parametrize("at_once", [True, False])
def test_a_small_memory_forgets_and_reads_again(
    service: CommandService, gatherer: Gatherer, seal: Seal, at_once: bool
) -> None:
    memory = Memory(gatherer, seal, streams=1, tags=1)
    needs = Needs(frozenset({"mission:M-0", "client:CL-1", "cadre:C-1"}), BOOKED.tags | {"mission"})
    for number in range(3):
        service.execute(decision("M-0", f"R-{number}"))
        as_of, _ = memory.as_of_now((), needs if at_once else Needs())
        as_of.load(needs)
        assert as_of.version("mission:M-0") == 3 + number
        assert as_of.version("client:CL-1") == 1
        assert as_of.last_tagged("mission") == 3


def test_a_stream_that_never_began_is_known_to_be_empty(service: CommandService, memory: Memory) -> None:
    as_of, _ = memory.as_of_now()
    assert as_of.load(Needs(frozenset({"mission:M-9"}), frozenset({"day:D-9"})))
    assert as_of.version("mission:M-9") == 0
    assert as_of.facts.mission("M-9") is None
    assert not as_of.lacks(Needs(frozenset({"mission:M-9"}), frozenset({"day:D-9"})))


def test_commands_that_were_answered_are_found_with_the_facts(service: CommandService, memory: Memory) -> None:
    answer = service.execute(day("M-0", "D-1", command_id="journal:1"))
    _, answered = memory.as_of_now({"journal:1", "journal:2"})
    assert answered.keys() == {"journal:1"}
    assert answered["journal:1"].positions == [answer.position]
