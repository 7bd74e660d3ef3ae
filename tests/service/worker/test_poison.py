"""An event that cannot be folded costs its own stream and is named; or it stops what must never be wrong."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import NamedTuple

import pytest

from domain.event import Event, Recorded
from domain.mission.events import DayDelivered
from projections.audit_trail import AUDIT_TRAIL
from projections.missions import MISSIONS
from projections.read_model import Fold, Ledger, ReadModel, read_model, stream_id
from service.projections.generations import Action
from service.projections.status import Health, Parked, ask, outcome
from service.store.keys import KeyStore
from tests.projections.histories import client, delivered, forgotten, signed
from tests.servers import Database
from tests.service.worker.conftest import Bench, leading
from tests.service.worker.recording import Recorder

TWO_MISSIONS = [
    signed("M-1"),
    signed("M-2"),
    delivered("D-1", mission_id="M-1"),
    delivered("D-2", mission_id="M-2"),
    delivered("D-3", date(2026, 3, 4), mission_id="M-1"),
    delivered("D-4", date(2026, 3, 4), mission_id="M-2"),
]


class WorkedRow(NamedTuple):
    """A day that was worked."""

    position: int
    stream: str
    day_id: str


def fragile(*, stops_at_poison: bool = False) -> tuple[ReadModel, set[str]]:
    """A read model that cannot fold certain days until it is repaired."""
    poison: set[str] = set()

    def worked(recorded: Recorded[Event]) -> Iterable[WorkedRow]:
        event = recorded.event
        assert isinstance(event, DayDelivered)
        if event.day_id in poison:
            raise LookupError(event.summary)
        yield WorkedRow(recorded.position, recorded.stream, event.day_id)

    worked_days = Ledger("worked", WorkedRow, handles=[DayDelivered], write=worked)
    return read_model("worked", 1, [worked_days], stops_at_poison=stops_at_poison), poison


def days(bench: Bench) -> list[str]:
    return sorted(row[2] for row in bench.rows("worked"))


def retried(bench: Bench, stream: str | None = None) -> str | None:
    number = ask(bench.connection, Action.RETRY, "worked", stream)
    bench.work()
    return outcome(bench.connection, number)


@pytest.mark.parametrize("batch_size", [1, 3, 5000])
def test_a_poisoned_stream_waits_and_the_others_go_on(
    database: Database, keys: KeyStore, history: Recorder, batch_size: int
) -> None:
    model, poison = fragile()
    poison.add("D-1")
    history.record(TWO_MISSIONS)
    with leading(database, keys, [model], batch_size) as bench:
        bench.work()
        assert days(bench) == ["D-2", "D-4"]
        stands = bench.status(model)
        assert (stands.state, stands.lag) == (Health.PARKED, 0)
        assert stands.parked == (Parked("mission:M-1", 3, "LookupError"),)
        assert not stands.is_healthy


def test_later_events_of_a_parked_stream_are_held_even_by_the_next_leader(
    database: Database, keys: KeyStore, history: Recorder
) -> None:
    model, poison = fragile()
    poison.add("D-1")
    history.record(TWO_MISSIONS[:4])
    with leading(database, keys, [model]) as bench:
        bench.work()
    history.record(TWO_MISSIONS[4:])
    with leading(database, keys, [model]) as bench:
        bench.work()
        assert days(bench) == ["D-2", "D-4"]


def test_a_repaired_stream_is_taken_back_in_with_all_that_was_held(
    database: Database, keys: KeyStore, history: Recorder
) -> None:
    model, poison = fragile()
    poison.add("D-1")
    history.record(TWO_MISSIONS)
    with leading(database, keys, [model]) as bench:
        bench.work()
        assert retried(bench) == "still_parked"
        poison.clear()
        assert retried(bench, "mission:M-9") == "nothing_set_aside"
        assert retried(bench, "mission:M-1") == "taken_back_in"
        assert days(bench) == ["D-1", "D-2", "D-3", "D-4"]
        assert bench.status(model).state is Health.SERVING
        assert ask(bench.connection, Action.REBUILD, "worked")
        bench.work()
        assert bench.status(model).generation == 2


def test_a_retry_folds_what_it_can_and_parks_at_the_next_poison(
    database: Database, keys: KeyStore, history: Recorder
) -> None:
    model, poison = fragile()
    poison.update({"D-1", "D-3"})
    history.record(TWO_MISSIONS)
    with leading(database, keys, [model]) as bench:
        bench.work()
        poison.remove("D-1")
        assert retried(bench) == "still_parked"
        assert days(bench) == ["D-1", "D-2", "D-4"]
        assert bench.status(model).parked == (Parked("mission:M-1", 5, "LookupError"),)


@pytest.mark.parametrize("batch_size", [1, 5000])
def test_a_model_whose_figures_must_be_right_stops_before_the_poison(
    database: Database, keys: KeyStore, history: Recorder, batch_size: int
) -> None:
    model, poison = fragile(stops_at_poison=True)
    poison.add("D-3")
    history.record(TWO_MISSIONS)
    with leading(database, keys, [model, MISSIONS], batch_size) as bench:
        bench.work()
        stands = bench.status(model)
        assert (stands.state, stands.position, stands.stopped_at) == (Health.STOPPED, 4, 5)
        assert stands.error == "LookupError"
        assert (days(bench), bench.status(MISSIONS).lag) == (["D-1", "D-2"], 0)
        assert retried(bench) == "goes_on"
        assert bench.status(model).state is Health.STOPPED
        poison.clear()
        assert retried(bench) == "goes_on"
        assert (bench.status(model).state, days(bench)) == (Health.SERVING, ["D-1", "D-2", "D-3", "D-4"])


def test_a_newer_version_gets_past_what_the_older_one_stopped_at(
    database: Database, keys: KeyStore, history: Recorder
) -> None:
    model, poison = fragile(stops_at_poison=True)
    poison.add("D-3")
    history.record(TWO_MISSIONS)
    with leading(database, keys, [model]) as bench:
        bench.work()
    poison.clear()
    with leading(database, keys, [replace(model, version=2)]) as bench:
        bench.work()
        assert days(bench) == ["D-1", "D-2", "D-3", "D-4"]


def test_a_person_is_forgotten_even_where_its_stream_is_set_aside(
    database: Database, keys: KeyStore, history: Recorder
) -> None:
    history.record([client(), signed()])
    history.record_bytes("client:E-1", "client.corrected#1", b'{"client_id":"E-1","name":7}')
    history.record([forgotten("client:E-1")])
    with leading(database, keys, [MISSIONS, AUDIT_TRAIL]) as bench:
        bench.work()
        assert [each.stream for each in bench.status(AUDIT_TRAIL).parked] == ["client:E-1"]
        assert [row[0] for row in bench.rows("audit_trail")] == [1, 2]
        assert [(row[2], row[7]) for row in bench.rows("parties")] == [(None, True)]
        assert "Boulangerie" not in str(bench.rows("audit_trail"))


def test_an_event_that_no_release_knows_parks_its_stream(database: Database, keys: KeyStore, history: Recorder) -> None:
    history.record([client(), signed()])
    history.record_bytes("mission:M-1", "mission.teleported#1", b"{}")
    history.record_bytes("client:E-1", "client.corrected#1", b'{"client_id":"E-1","name":7}')
    history.record([delivered()])
    with leading(database, keys, [MISSIONS]) as bench:
        bench.work()
        assert {(each.stream, each.position, each.error) for each in bench.status(MISSIONS).parked} == {
            ("mission:M-1", 3, "UnknownTopic"),
            ("client:E-1", 4, "ValidationError"),
        }
        assert bench.rows("mission_days") == []


def test_an_unreadable_event_does_not_concern_a_model_that_ignores_it(
    database: Database, keys: KeyStore, history: Recorder
) -> None:
    model, _ = fragile()
    history.record_bytes("client:E-1", "client.corrected#1", b'{"client_id":"E-1","name":7}')
    history.record([delivered()])
    with leading(database, keys, [model]) as bench:
        bench.work()
        assert (bench.status(model).state, days(bench)) == (Health.SERVING, ["D-1"])


class CountedRow(NamedTuple):
    """A number that a column can hold only so far."""

    mission_id: str
    days: int


def test_what_the_database_cannot_hold_is_poison_too(database: Database, keys: KeyStore, history: Recorder) -> None:
    counted = Fold("counted", CountedRow, key=("mission_id",))

    @counted.on(DayDelivered, keys=lambda _, recorded: [(stream_id(recorded),)])
    def count(_row: CountedRow | None, event: DayDelivered, recorded: Recorded[Event]) -> CountedRow:
        return CountedRow(stream_id(recorded), 2**64 if event.day_id == "D-3" else 1)

    model = read_model("counted", 1, [counted])
    history.record(TWO_MISSIONS)
    with leading(database, keys, [model]) as bench:
        bench.work()
        assert bench.rows("counted") == [("M-1", 1), ("M-2", 1)]
        assert [each.position for each in bench.status(model).parked] == [5]
