"""Puts events straight into history, as if commands had been decided: the worker does not care who decided them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from domain.catalogue import stored_topic
from domain.event import Actor, Event, Role
from service.store.door import Append, Door, NewEvent
from service.store.keys import KeyStore
from service.store.record import Envelope, envelope_bytes, pseudonym, salt, seal_fields
from tests.projections.histories import Happened


@dataclass
class Recorder:
    """Appends events; it alone writes, so it knows every stream's version."""

    door: Door
    keys: KeyStore
    versions: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def record(self, history: Iterable[Happened], at_once: int = 500) -> int:
        """Records events in order; the position of the last."""
        position, group = 0, list(history)
        for start in range(0, len(group), at_once):
            position = self._append([self._sealed(each) for each in group[start : start + at_once]])
        return position

    def record_bytes(self, stream: str, topic: str, state: bytes) -> int:
        """Records what no release would write."""
        return self._append([self._new(stream, topic, state, (), date(2026, 3, 1))])

    def _append(self, events: Sequence[NewEvent]) -> int:
        outcome = self.door.append(Append(events))
        return outcome.positions[-1]

    def _sealed(self, happened: Happened) -> NewEvent:
        event, stream = happened.event, happened.stream
        key = self.keys.stream_secrets([stream], create=True)[stream].key
        state, side = seal_fields(event, stream, self.versions[stream] + 1, key)
        return self._new(stream, stored_topic(type(event)), state, side, happened.occurred_on)

    def _new(
        self, stream: str, topic: str, state: bytes, side: Sequence[tuple[str, bytes]], occurred_on: date
    ) -> NewEvent:
        secret = self.keys.stream_secrets([stream], create=True)[stream].secret
        self.versions[stream] += 1
        version = self.versions[stream]
        envelope = envelope_bytes(Envelope(Actor(Role.NETWORK_ADMIN), occurred_on))
        return NewEvent(
            stream, version, topic, state, envelope, (), side, pseudonym(secret, stream), salt(secret, version)
        )


def topic_of(event_type: type[Event]) -> str:
    """The stored topic of a class of events."""
    return stored_topic(event_type)
