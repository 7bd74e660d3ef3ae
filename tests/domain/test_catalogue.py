"""The closed catalogue: what history holds is readable for ever, and nothing else is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import ClassVar

import pytest
from pydantic import JsonValue, ValidationError

from domain.catalogue import (
    ALL_EVENTS,
    UPCASTERS,
    UnknownTopic,
    bring_up_to_date,
    event_class,
    read_event,
    stored_topic,
)
from domain.event import Event, Sealed
from domain.mission.events import DayDelivered, Unit
from tests.examples import EXAMPLES

GOLDEN = Path(__file__).parents[1] / "golden" / "events"


def written(event: Event) -> bytes:
    return event.model_dump_json(by_alias=True).encode()


def golden(event_type: type[Event]) -> Path:
    return GOLDEN / f"{stored_topic(event_type)}.json"


def test_every_event_has_a_believable_example() -> None:
    assert set(EXAMPLES) == {event_type.TOPIC for event_type in ALL_EVENTS}


def test_topics_are_used_once() -> None:
    assert len({event_type.TOPIC for event_type in ALL_EVENTS}) == len(ALL_EVENTS)


@pytest.mark.parametrize("topic", sorted(EXAMPLES))
def test_an_event_is_read_as_it_was_written(topic: str) -> None:
    event = EXAMPLES[topic]
    assert event_class(topic) is type(event)
    assert read_event(stored_topic(type(event)), written(event)) == event


@pytest.mark.parametrize("event_type", ALL_EVENTS, ids=lambda event_type: event_type.TOPIC)
def test_today_s_code_reads_every_version_ever_shipped(event_type: type[Event], request: pytest.FixtureRequest) -> None:
    """`make golden` adds a file for a new version; a file that exists is never written again."""
    path = golden(event_type)
    if request.config.getoption("--golden") and not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        told = EXAMPLES[event_type.TOPIC].model_dump(mode="json", by_alias=True)
        path.write_text(json.dumps(told, ensure_ascii=False, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    for version in range(1, event_type.VERSION + 1):
        shipped = GOLDEN / f"{event_type.TOPIC}#{version}.json"
        event = read_event(shipped.stem, shipped.read_bytes())
        assert isinstance(event, event_type)


def test_a_shipped_file_says_what_is_written_today() -> None:
    """What was shipped is still there, word for word; a field that came later has a default."""
    for event_type in ALL_EVENTS:
        shipped = json.loads(golden(event_type).read_bytes())
        today = read_event(stored_topic(event_type), golden(event_type).read_bytes()).model_dump(
            mode="json", by_alias=True
        )
        assert {name: today[name] for name in shipped} == shipped


def test_every_golden_file_is_of_an_event() -> None:
    assert {path.stem.partition("#")[0] for path in GOLDEN.iterdir()} == set(EXAMPLES)


@pytest.mark.parametrize(
    "stored", ["mission.day_dreamed#1", "mission.day_delivered#2", "mission.day_delivered#0", "mission.day_delivered"]
)
def test_an_unknown_topic_or_version_is_refused(stored: str) -> None:
    topic, _, version = stored.partition("#")
    named = topic if topic == "mission.day_dreamed" else f"{topic}#{version}"
    with pytest.raises(UnknownTopic, match=f"^{named}$"):
        read_event(stored, written(EXAMPLES["mission.day_delivered"]))


def test_a_field_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValidationError):
        read_event("mission.resumed#1", b'{"on": "2026-03-31", "why": "because"}')


def test_personal_words_are_read_sealed() -> None:
    digest = "0" * 64
    told = EXAMPLES["mission.day_delivered"].model_dump(mode="json") | {"summary": {"$c": digest}}
    event = read_event("mission.day_delivered#1", json.dumps(told).encode())
    assert isinstance(event, DayDelivered)
    assert event.summary == Sealed.model_validate({"$c": digest})
    assert json.loads(written(event))["summary"] == {"$c": digest}


class Rested(Event):
    """An event of a later release, for this test: `hours` was added in version 2, renamed in version 3."""

    TOPIC: ClassVar[str] = "cadre.rested"
    VERSION: ClassVar[int] = 3
    unit: Unit
    count: int


def _counted(fields: dict[str, JsonValue]) -> dict[str, JsonValue]:
    return {**fields, "hours": 8}


def _renamed(fields: dict[str, JsonValue]) -> dict[str, JsonValue]:
    return {"unit": fields["unit"], "count": fields["hours"]}


def test_older_versions_are_brought_up_to_date_step_by_step() -> None:
    steps = {("cadre.rested", 1): _counted, ("cadre.rested", 2): _renamed}
    first = bring_up_to_date(Rested, "1", b'{"unit": "hour"}', steps)
    second = bring_up_to_date(Rested, "2", b'{"unit": "hour", "hours": 8}', steps)
    assert first == second == Rested(unit=Unit.HOUR, count=8)


def test_every_version_but_the_last_has_its_upcaster() -> None:
    older = {(event_type.TOPIC, version) for event_type in ALL_EVENTS for version in range(1, event_type.VERSION)}
    assert set(UPCASTERS) == older
