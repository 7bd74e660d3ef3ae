"""The eventsourcing package's application over our history, and the names that the rest of the service works with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, cast

from eventsourcing.application import Application
from eventsourcing.domain import DomainEventProtocol, MutableOrImmutableAggregate
from eventsourcing.persistence import (
    ApplicationRecorder,
    EventStore,
    Mapper,
    Notification,
    Recording,
    StoredEvent,
    Transcoder,
)
from eventsourcing.utils import strtobool
from typing_extensions import override

from domain.catalogue import read_event
from domain.deciding import fold_stream
from domain.event import Event, State
from service.command_service import CommandService
from service.store.canonical import canonical, read_canonical
from service.store.door import Append, CommandIdReused, OutcomeUnknown
from service.store.filing import new_event
from service.store.keys import KeyStore
from service.store.record import envelope_bytes
from service.submission import Accepted, Contended, Submission, VersionConflict

__all__ = [
    "Accepted",
    "CommandIdReused",
    "CommandService",
    "Contended",
    "Fact",
    "FoldedStream",
    "OutcomeUnknown",
    "Relais",
    "Submission",
    "VersionConflict",
]


@dataclass(frozen=True, slots=True)
class Fact:
    """An event in its place, as the package wants it."""

    originator_id: str
    originator_version: int
    event: Event
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FoldedStream:
    """What a stream adds up to at a version."""

    id: str
    version: int
    state: State | None


class CanonicalTranscoder(Transcoder):
    """Values as the record format writes them."""

    @override
    def encode(self, obj: Any) -> bytes:
        return canonical(obj)

    @override
    def decode(self, data: bytes) -> Any:
        return read_canonical(data)


class CatalogueMapper(Mapper[str]):
    """Reads what the closed catalogue knows, validated and brought up to date, and nothing else."""

    @override
    def to_stored_event(self, domain_event: DomainEventProtocol[str]) -> StoredEvent:
        raise TypeError(f"save {domain_event!r} through the application: it seals what is personal")

    @override
    def to_domain_event(self, stored_event: StoredEvent) -> Fact:
        return Fact(
            str(stored_event.originator_id),
            stored_event.originator_version,
            read_event(stored_event.topic, stored_event.state),
        )


class RecordStore(EventStore[str]):
    """Puts facts through the door in the form that is kept, with what they are recorded under."""

    def __init__(self, mapper: Mapper[str], recorder: ApplicationRecorder, keys: KeyStore) -> None:
        super().__init__(mapper, recorder)
        self._keys = keys

    @override
    def put(self, domain_events: Sequence[DomainEventProtocol[str]], **kwargs: Any) -> list[Recording[str]]:
        """Records all facts or none. `envelope` is needed; the rest is as in `Append`."""
        facts = cast("Sequence[Fact]", domain_events)
        envelope = envelope_bytes(kwargs.pop("envelope"))
        secrets = self._keys.stream_secrets({fact.originator_id for fact in facts}, create=True)
        events = [
            new_event(
                fact.event,
                fact.originator_id,
                fact.originator_version,
                tags=fact.tags,
                envelope=envelope,
                secrets=secrets[fact.originator_id],
            )
            for fact in facts
        ]
        positions = self.recorder.insert_events([], append=Append(events, **kwargs)) or ()
        return [
            Recording(fact, Notification(new.stream, new.version, new.topic, new.state, position))
            for fact, new, position in zip(facts, events, positions, strict=bool(positions))
        ]


class Relais(Application[str]):
    """Our history as an application of the package: its repository, its notification log, and `save` through the door.

    Settings, from the environment or given: RELAIS_DATABASE_URL, RELAIS_KEYS_DATABASE_URL, RELAIS_DURABLE.
    """

    name = "relais"
    env: ClassVar[dict[str, str]] = {"PERSISTENCE_MODULE": "service.store.recorder"}

    @override
    def construct_transcoder(self) -> Transcoder:
        return CanonicalTranscoder()

    @override
    def construct_mapper(self) -> Mapper[str]:
        return CatalogueMapper(self.construct_transcoder())

    @override
    def construct_event_store(self) -> EventStore[str]:
        durable = strtobool(self.env.get("RELAIS_DURABLE") or "yes")
        self.keys = KeyStore(self.env.get("RELAIS_KEYS_DATABASE_URL") or "", durable=durable)
        return RecordStore(self.mapper, self.recorder, self.keys)

    @override
    def save(
        self, *objs: MutableOrImmutableAggregate[str] | DomainEventProtocol[str] | None, **kwargs: Any
    ) -> list[Recording[str]]:
        """Records facts: `save(Fact(...), envelope=..., command_id=..., stream_versions=..., tag_positions=...)`.

        The package's own way asks each object three times what protocols it follows, which costs more than the append.
        """
        return self.events.put(cast("Sequence[DomainEventProtocol[str]]", objs), **kwargs)

    def stream(self, stream: str, version: int | None = None) -> FoldedStream:
        """What a stream adds up to, now or as of a version."""
        folded: FoldedStream = self.repository.get(stream, version=version, projector_func=_fold)
        return folded

    @override
    def close(self) -> None:
        self.keys.close()
        super().close()


def _fold(initial: FoldedStream | None, facts: Iterable[DomainEventProtocol[str]]) -> FoldedStream | None:
    for fact in cast("Iterable[Fact]", facts):
        state = fold_stream(fact.originator_id, initial.state if initial else None, (fact.event,))
        initial = FoldedStream(fact.originator_id, fact.originator_version, state)
    return initial
