"""Who did what, when, in words: one entry for every event of history, in order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, JsonValue

from domain.billing.events import BILLING_EVENTS
from domain.event import Event, Recorded, Role
from domain.mission.events import MISSION_EVENTS
from domain.party.events import PARTY_EVENTS, Language, PersonForgotten
from domain.values import IsoDate
from projections.audit_trail import english, french
from projections.read_model import JsonText, Ledger, Query, read_model

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
    data: JsonText


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
    version=1 + sum(event_type.VERSION - 1 for event_type in EVENTS),
    tables=[ENTRIES],
    forgets=[PersonForgotten],
)
"""Its entries are read again as today's events: an event's new version raises the trail's."""


class By(BaseModel):
    """Who gave the command: a role, and the cadre's or client's id where it has one."""

    model_config = ConfigDict(frozen=True)
    role: Role
    id: str | None = None


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
    sentence: str
    data: dict[str, JsonValue]
    hash: str


def sentence(event: Event, language: Language = Language.FRENCH) -> str:
    """What happened, as someone would say it aloud."""
    return _SENTENCES[language].of(event)


def entries_for(
    stream: str | None = None,
    *,
    after: int = 0,
    limit: int | None = None,
    as_of: date | None = None,
    known_at: datetime | None = None,
    streams: Sequence[str] | None = None,
) -> Query:
    """The entries of a stream, or of all, in order of position: with the hash under which history keeps each."""
    return Query(
        """
        SELECT entry.position, entry.stream, entry.version, entry.type, entry.occurred_on, entry.recorded_at,
               entry.claimed_at, entry.actor_role, entry.actor_id, entry.data::text, encode(kept.leaf, 'hex')
        FROM rm.audit_trail entry JOIN relais.events kept ON kept.notification_id = entry.position
        WHERE (%(stream)s::text IS NULL OR entry.stream = %(stream)s)
          AND (%(streams)s::text[] IS NULL OR entry.stream = ANY(%(streams)s))
          AND (%(as_of)s::date IS NULL OR entry.occurred_on <= %(as_of)s)
          AND (%(known_at)s::timestamptz IS NULL OR entry.recorded_at <= %(known_at)s)
          AND entry.position > %(after)s
        ORDER BY entry.position LIMIT %(limit)s
        """,
        {
            "stream": stream,
            "streams": None if streams is None else list(streams),
            "as_of": as_of,
            "known_at": known_at,
            "after": after,
            "limit": limit,
        },
    )


def forgotten_when(party_id: str) -> Query:
    """The position and the date of the fact that a party is forgotten."""
    return Query(
        "SELECT position, occurred_on FROM rm.audit_trail WHERE type = %(type)s AND stream = ANY(%(streams)s)",
        {
            "type": PersonForgotten.TOPIC,
            "streams": [f"{kind}:{party_id}" for kind in ("client", "cadre", "issuer")],
        },
    )


def entry_of(row: EntryRow, leaf: str, language: Language = Language.FRENCH) -> Entry:
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
        sentence=sentence(event, language),
        data=event.model_dump(mode="json", by_alias=True),
        hash=leaf,
    )
