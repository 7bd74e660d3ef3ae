"""Who did what, when, in words: one entry for every event of history, in order."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, JsonValue

from domain.billing.events import BILLING_EVENTS
from domain.event import Event, Recorded, Role
from domain.mission.events import MISSION_EVENTS
from domain.party.events import PARTY_EVENTS, Language, PersonForgotten
from domain.values import IsoDate
from projections.audit_trail import english, french
from projections.read_model import JsonText, Ledger, read_model

EVENTS = (*PARTY_EVENTS, *MISSION_EVENTS, *BILLING_EVENTS)
_BY_TOPIC = {event_type.TOPIC: event_type for event_type in EVENTS}
_SENTENCES = {Language.FRENCH: french.SENTENCES, Language.ENGLISH: english.SENTENCES}


class EntryRow(NamedTuple):
    """One event: where it stands, who gave it, and its facts with the words that it holds."""

    position: int
    stream: str
    version: int
    type: str
    occurred_on: date
    recorded_at: datetime
    claimed_at: datetime | None
    actor_role: Role
    actor_id: str | None
    command_id: str | None
    correlation_id: str | None
    data: JsonText


WIDTH = len(EntryRow._fields)
"""An answer to `entries_for` has so many cells of a row, then those of its proof."""


def entry(recorded: Recorded[Event]) -> Iterable[EntryRow]:
    yield EntryRow(
        position=recorded.position,
        stream=recorded.stream,
        version=recorded.version,
        type=recorded.event.TOPIC,
        occurred_on=recorded.occurred_on,
        recorded_at=recorded.recorded_at,
        claimed_at=recorded.claimed_at,
        actor_role=recorded.actor.role,
        actor_id=recorded.actor.id,
        command_id=recorded.command_id,
        correlation_id=recorded.correlation_id,
        data=JsonText(recorded.event.model_dump_json(by_alias=True)),
    )


ENTRIES = Ledger(
    "audit_trail",
    EntryRow,
    handles=EVENTS,
    write=entry,
    indexes=(("stream", "position"), ("type", "position")),
    personal=frozenset({"data"}),
)

AUDIT_TRAIL = read_model(
    "audit_trail",
    version=3 + sum(event_type.VERSION - 1 for event_type in EVENTS),
    tables=[ENTRIES],
    forgets=[PersonForgotten],
)
"""Its entries are read again as today's events: an event's new version raises the trail's."""


class By(BaseModel):
    """Who gave the command: a role, and the cadre's or client's id where it has one."""

    model_config = ConfigDict(frozen=True)
    role: Role
    id: str | None = None


class Cause(BaseModel):
    """The request that an event came of: under which key it was asked for, and with what else it belongs together."""

    model_config = ConfigDict(frozen=True)
    command_id: str | None
    """`http:` and the token's subject and key, or `journal:` and the line's id."""
    correlation_id: str | None


class Trust(StrEnum):
    """Who stands for a sealed tree: nobody yet, the log, or witnesses besides."""

    UNSIGNED = "unsigned"
    SIGNED = "signed"
    WITNESSED = "witnessed"


class Covered(BaseModel):
    """The first sealed tree that has the event in it, and who stands for that tree."""

    model_config = ConfigDict(frozen=True)
    size: int
    sealed_at: datetime
    trust: Trust
    witnessed: int = 0
    of: int = 0


class Proof(NamedTuple):
    """What history keeps of an event's proof: its leaf, and the tree that covers it, once there is one."""

    leaf: str
    size: int | None = None
    sealed_at: datetime | None = None
    level: str | None = None
    witnessed: int | None = None
    of: int | None = None

    @property
    def covered(self) -> Covered | None:
        """The tree that covers the event; None for the seconds until one does."""
        if self.size is None or self.sealed_at is None:
            return None
        trust = Trust.UNSIGNED if self.level is None else Trust(self.level)
        return Covered(
            size=self.size, sealed_at=self.sealed_at, trust=trust, witnessed=self.witnessed or 0, of=self.of or 0
        )


class Entry(BaseModel):
    """An event in the audit trail: a sentence that people read, the facts behind it, the hash that proves it."""

    model_config = ConfigDict(frozen=True)
    position: int
    stream: str
    version: int
    type: str
    occurred_on: IsoDate
    recorded_at: datetime
    claimed_at: datetime | None
    actor: By
    request: Cause
    sentence: str
    data: dict[str, JsonValue]
    hash: str
    checkpoint: Covered | None


def sentence(event: Event, language: Language = Language.FRENCH) -> str:
    """What happened, as someone would say it aloud."""
    return _SENTENCES[language].of(event)


def entry_of(row: EntryRow, proof: Proof, language: Language = Language.FRENCH) -> Entry:
    """A row of `entries_for`, in words."""
    event = _BY_TOPIC[row.type].model_validate_json(row.data)
    return Entry(
        position=row.position,
        stream=row.stream,
        version=row.version,
        type=row.type,
        occurred_on=row.occurred_on,
        recorded_at=row.recorded_at,
        claimed_at=row.claimed_at,
        actor=By(role=row.actor_role, id=row.actor_id),
        request=Cause(command_id=row.command_id, correlation_id=row.correlation_id),
        sentence=sentence(event, language),
        data=event.model_dump(mode="json", by_alias=True),
        hash=proof.leaf,
        checkpoint=proof.covered,
    )
