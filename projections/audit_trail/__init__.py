"""Who did what, when, in words: one entry for every event of history, in order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
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
from projections.read_model import Cell, JsonText, Ledger, Query, read_model

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
    indexes=(("stream", "version"),),
    personal=frozenset({"data"}),
)

AUDIT_TRAIL = read_model(
    "audit_trail",
    version=2 + sum(event_type.VERSION - 1 for event_type in EVENTS),
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


@dataclass(frozen=True, slots=True)
class Search:
    """Which entries are asked for: whose, of what type, of what period, as of when."""

    stream: str | None = None
    streams: Sequence[str] | None = None
    """Those that may be seen; None: all."""
    types: Sequence[str] | None = None
    actor_role: Role | None = None
    actor_id: str | None = None
    first: date | None = None
    """The first date of the period, by when things happened."""
    last: date | None = None
    as_of: date | None = None
    known_at: datetime | None = None


ALL = Search()


_ENTRIES = """
    SELECT entry.position, entry.stream, entry.version, entry.type, entry.occurred_on, entry.recorded_at,
           entry.claimed_at, entry.actor_role, entry.actor_id, entry.command_id, entry.correlation_id,
           entry.data::text, encode(kept.leaf, 'hex'),
           seal.size, seal.sealed_at, checkpoint.level, checkpoint.witnessed, checkpoint.of
    FROM rm.audit_trail entry JOIN relais.events kept ON kept.notification_id = entry.position
    LEFT JOIN LATERAL (
        SELECT size, sealed_at FROM relais.seals
        WHERE last_position >= entry.position ORDER BY last_position LIMIT 1
    ) seal ON true
    LEFT JOIN LATERAL (
        SELECT level, witnessed, of FROM relais.checkpoints WHERE size = seal.size ORDER BY id DESC LIMIT 1
    ) checkpoint ON true
    WHERE entry.position > %(after)s
"""
_IN_ORDER = " ORDER BY entry.position LIMIT %(limit)s"
_ASKED = {
    "stream": "entry.stream = %(stream)s",
    "streams": "entry.stream = ANY(%(streams)s)",
    "types": "entry.type = ANY(%(types)s)",
    "actor_role": "entry.actor_role = %(actor_role)s",
    "actor_id": "entry.actor_id = %(actor_id)s",
    "first": "entry.occurred_on >= %(first)s",
    "last": "entry.occurred_on <= %(last)s",
    "as_of": "entry.occurred_on <= %(as_of)s",
    "known_at": "entry.recorded_at <= %(known_at)s",
}
"""Only what is asked stands in the question: a plan made for any search would read all of history for one stream."""


def entries_for(search: Search = ALL, *, after: int = 0, limit: int | None = None) -> Query:
    """The entries asked for, in order of position: the cells of a row, then those of its proof."""
    parameters: dict[str, Cell] = {
        "stream": search.stream,
        "streams": None if search.streams is None else list(search.streams),
        "types": None if search.types is None else list(search.types),
        "actor_role": None if search.actor_role is None else search.actor_role.value,
        "actor_id": search.actor_id,
        "first": search.first,
        "last": search.last,
        "as_of": search.as_of,
        "known_at": search.known_at,
        "after": after,
        "limit": limit,
    }
    asked = (condition for name, condition in _ASKED.items() if parameters[name] is not None)
    return Query(" AND ".join((_ENTRIES, *asked)) + _IN_ORDER, parameters)


def forgotten_when(party_id: str) -> Query:
    """The position and the date of the fact that a party is forgotten."""
    return Query(
        "SELECT position, occurred_on FROM rm.audit_trail WHERE type = %(type)s AND stream = ANY(%(streams)s)",
        {
            "type": PersonForgotten.TOPIC,
            "streams": [f"{kind}:{party_id}" for kind in ("client", "cadre", "issuer")],
        },
    )


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
