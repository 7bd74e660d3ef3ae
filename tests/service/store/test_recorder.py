"""The eventsourcing package's own suite for recorders, on our history."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
from eventsourcing.persistence import IntegrityError, StoredEvent
from eventsourcing.tests.persistence import ApplicationRecorderTestCase
from typing_extensions import override

from service.store.recorder import RelaisFactory, RelaisRecorder
from tests.servers import Database


@pytest.fixture
def factory(any_database: Database) -> Iterator[RelaisFactory]:
    environment = {
        "PERSISTENCE_MODULE": "service.store.recorder",
        "RELAIS_DATABASE_URL": any_database.app_url,
        "RELAIS_DURABLE": "no",
    }
    with RelaisFactory.construct(environment) as made:
        yield made
        made.close()


class Suite(ApplicationRecorderTestCase[RelaisRecorder]):
    """Their tests, on a recorder of ours."""

    __test__ = False
    factory: RelaisFactory

    @override
    def create_recorder(self) -> RelaisRecorder:
        return self.factory.application_recorder()

    @override
    def new_originator_id(self) -> str:
        return str(uuid4())


@pytest.mark.parametrize("name", sorted(name for name in dir(Suite) if name.startswith(("test_", "optional_test_"))))
def test_the_packages_own_recorder_suite_holds(name: str, factory: RelaisFactory) -> None:
    suite = Suite(name)
    suite.factory = factory
    getattr(suite, name)()


def test_a_plain_event_that_was_recorded_before_is_refused(factory: RelaisFactory) -> None:
    recorder = factory.application_recorder()
    event = StoredEvent("a", 1, "anything", b"\x00\xff")
    assert recorder.insert_events([event]) == [1] or recorder.insert_events([]) is None
    with pytest.raises(IntegrityError, match="a is at version 1"):
        recorder.insert_events([event])
    assert recorder.select_events("a") == [event]
