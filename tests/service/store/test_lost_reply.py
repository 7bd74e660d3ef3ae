"""A reply that gets lost loses nothing and repeats nothing: the same command id finds the one true answer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from service.store.bell import Bell
from service.store.door import Door, OutcomeUnknown, Replayed
from service.store.reader import Reader
from tests.servers import Database
from tests.service.store.making import fact, request, until_known
from tests.service.store.troubled_line import TroubledLine


def test_the_door_itself_finds_the_answer_that_was_lost(database: Database, reader: Reader) -> None:
    with TroubledLine(database.app_url) as line, Door(line.url, durable=False) as door:
        door.append(request(fact("mission:1", 1)))
        line.lose_next_reply()
        assert door.append(request(fact("mission:1", 2), command_id="http:me:1")) == Replayed((2,))
    assert (line.cuts, reader.head()) == (1, 2)


def test_without_a_command_id_it_says_that_it_does_not_know(database: Database, reader: Reader) -> None:
    with TroubledLine(database.app_url) as line, Door(line.url, durable=False) as door:
        door.append(request(fact("mission:1", 1)))
        line.lose_next_reply()
        with pytest.raises(OutcomeUnknown):
            door.append(request(fact("mission:1", 2)))
    assert reader.head() == 2


def test_on_a_line_that_loses_one_in_five_everything_happens_once(database: Database, reader: Reader) -> None:
    callers, commands = 8, 60

    def call(caller: int) -> list[tuple[str, int, tuple[int, ...]]]:
        stream = f"mission:{caller}"
        return [
            (stream, version, until_known(door, request(fact(stream, version), command_id=f"http:{caller}:{version}")))
            for version in range(1, commands + 1)
        ]

    bell = Bell(database.app_url)
    with TroubledLine(database.app_url) as line, Door(line.url, durable=False, bell=bell) as door:
        until_known(door, request(command_id="http:me:start"))
        line.be_unreliable(seed=11, one_in=5)
        with ThreadPoolExecutor(callers) as pool:
            told = [answer for answers in pool.map(call, range(callers)) for answer in answers]
        line.be_reliable()
    kept = {(row.stream, row.version): row.position for row in reader.read_all(limit=10_000)}
    assert line.cuts > 20
    assert sorted(kept.values()) == [*range(1, callers * commands + 1)]
    assert {(stream, version): (kept[stream, version],) for stream, version, _ in told} == {
        (stream, version): answer for stream, version, answer in told
    }
