"""The closed catalogue of events: every topic and version that history may hold, and how each is read today."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TypeAlias

from pydantic import JsonValue

from domain.billing.events import BILLING_EVENTS
from domain.event import Event
from domain.mission.events import MISSION_EVENTS
from domain.party.events import PARTY_EVENTS

ALL_EVENTS: tuple[type[Event], ...] = (*PARTY_EVENTS, *MISSION_EVENTS, *BILLING_EVENTS)

Upcaster: TypeAlias = Callable[[dict[str, JsonValue]], dict[str, JsonValue]]
"""Brings the fields of an event from one version to the next; pure."""

UPCASTERS: Mapping[tuple[str, int], Upcaster] = {}
"""By topic and the version that it reads. None yet: every event stands at its first version."""


class UnknownTopic(Exception):
    """History holds a topic, or a version of it, that this release does not know: run a later release."""


_BY_TOPIC = {event_type.TOPIC: event_type for event_type in ALL_EVENTS}
_CURRENT = {f"{event_type.TOPIC}#{event_type.VERSION}": event_type for event_type in ALL_EVENTS}


def event_class(topic: str) -> type[Event]:
    """The class in which events of a topic are read today."""
    try:
        return _BY_TOPIC[topic]
    except KeyError:
        raise UnknownTopic(topic) from None


def stored_topic(event_type: type[Event]) -> str:
    """The name and version under which an event is stored: `mission.day_delivered#1`."""
    return f"{event_type.TOPIC}#{event_type.VERSION}"


def read_event(stored: str, data: bytes) -> Event:
    """An event from its stored topic and JSON bytes, brought up to date and validated."""
    current = _CURRENT.get(stored)
    if current is not None:
        return current.model_validate_json(data)
    topic, _, version = stored.partition("#")
    return bring_up_to_date(event_class(topic), version, data, UPCASTERS)


def bring_up_to_date(
    event_type: type[Event], version: str, data: bytes, upcasters: Mapping[tuple[str, int], Upcaster]
) -> Event:
    """An event that was written at an older version, step by step as it is read today."""
    older = [str(number) for number in range(1, event_type.VERSION)]
    if version not in older:
        raise UnknownTopic(f"{event_type.TOPIC}#{version}")
    fields: dict[str, JsonValue] = json.loads(data)
    for number in range(int(version), event_type.VERSION):
        fields = upcasters[event_type.TOPIC, number](fields)
    return event_type.model_validate_json(json.dumps(fields))
