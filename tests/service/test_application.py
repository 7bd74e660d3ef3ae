"""The eventsourcing package reads and writes our history as its own, by our rules."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from eventsourcing.application import AggregateNotFoundError
from eventsourcing.persistence import IntegrityError

from domain.calendar import WorkingCalendar
from domain.catalogue import UnknownTopic
from domain.event import Actor, Role
from domain.mission.events import DecisionRecorded
from domain.mission.state import Mission
from service.application import Fact, Relais
from service.command_service import CommandService
from service.store.reader import Reader
from service.store.record import Envelope
from tests.servers import Database
from tests.service.commands_by_hand import running_missions

ENVELOPE = Envelope(actor=Actor(Role.NETWORK_ADMIN), occurred_on=date(2026, 3, 3))


@pytest.fixture
def relais(database: Database) -> Iterator[Relais]:
    with CommandService.on(database.app_url, database.keys_url, WorkingCalendar(), durable=False) as commands:
        commands.execute_many(running_missions(1))
    with Relais(
        {
            "RELAIS_DATABASE_URL": database.app_url,
            "RELAIS_KEYS_DATABASE_URL": database.keys_url,
            "RELAIS_DURABLE": "no",
        }
    ) as application:
        yield application


def decided(version: int, decision_id: str = "R-1") -> Fact:
    event = DecisionRecorded(
        decision_id=decision_id, text="On relance", decided_on=date(2026, 3, 3), decided_by="Noémie Wéa"
    )
    return Fact("mission:M-0", version, event, tags=("seen",))


def test_a_mission_is_read_through_the_packages_repository(relais: Relais) -> None:
    mission = relais.stream("mission:M-0")
    assert mission.version == 2
    assert isinstance(mission.state, Mission)
    assert mission.state.client_id == "CL-1"


def test_a_mission_is_read_as_it_was_at_a_version(relais: Relais) -> None:
    before = relais.stream("mission:M-0", version=1).state
    assert isinstance(before, Mission)
    assert not before.objectives


def test_what_never_began_is_not_found(relais: Relais) -> None:
    with pytest.raises(AggregateNotFoundError):
        relais.stream("mission:M-9")


def test_saved_facts_come_back_with_their_places(relais: Relais, database: Database) -> None:
    recordings = relais.save(
        decided(3), decided(4, "R-2"), envelope=ENVELOPE, command_id="journal:1", request_hash=b"h"
    )
    assert [recording.notification.id for recording in recordings] == [5, 6]
    assert relais.stream("mission:M-0").version == 4
    assert [notification.id for notification in relais.notification_log.select(5, 10)] == [5, 6]
    reader = Reader(database.reader_url)
    assert [row.position for row in reader.read_tags(["seen"])] == [5, 6]
    assert reader.answered(["journal:1"])["journal:1"].positions == [5, 6]
    reader.close()


def test_saved_words_are_sealed(relais: Relais) -> None:
    (recording,) = relais.save(decided(3), envelope=ENVELOPE)
    assert "Noémie" not in recording.notification.state.decode()
    (fact,) = relais.events.get("mission:M-0", gt=2)
    assert "Noémie" not in repr(fact)


def test_a_version_is_taken_once(relais: Relais) -> None:
    relais.save(decided(3), envelope=ENVELOPE)
    with pytest.raises(IntegrityError):
        relais.save(decided(3, "R-2"), envelope=ENVELOPE)


def test_facts_are_saved_only_while_what_was_read_still_holds(relais: Relais) -> None:
    with pytest.raises(IntegrityError):
        relais.save(decided(3), envelope=ENVELOPE, stream_versions={"client:CL-1": 0})
    with pytest.raises(IntegrityError):
        relais.save(decided(3), envelope=ENVELOPE, tag_positions={"mission": 1})


def test_an_unknown_topic_is_refused_not_imported(relais: Relais) -> None:
    (stored,) = relais.recorder.select_events("mission:M-0", lte=1)
    stranger = type(stored)(stored.originator_id, stored.originator_version, "os:system", stored.state)
    with pytest.raises(UnknownTopic):
        relais.mapper.to_domain_event(stranger)


def test_nothing_goes_past_the_sealing(relais: Relais) -> None:
    with pytest.raises(TypeError, match="through the application"):
        relais.mapper.to_stored_event(decided(3))


def test_values_travel_as_the_record_format_writes_them(relais: Relais) -> None:
    transcoder = relais.construct_transcoder()
    assert transcoder.encode({"b": 1, "a": "é"}) == '{"a":"é","b":1}'.encode()
    assert transcoder.decode(b'{"a":1}') == {"a": 1}
