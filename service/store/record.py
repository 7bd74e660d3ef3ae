"""The record format: how a fact becomes bytes, what is hashed, and what of it a client can check for ever.

Specified byte by byte in docs/reference/record-format.md and final: what is hashed once is never written otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from hashlib import sha256

from pydantic_core import from_json

from domain.event import Actor, Role
from service.store.canonical import Json, NotCanonical, canonical, read_canonical
from service.store.hashing import DOMAIN, hmac_sha256, lp, u64
from service.store.sealing import PersonalValueAltered, SubjectForgotten, field_salt, open_fields, seal_fields

__all__ = [
    "Envelope",
    "Json",
    "NotCanonical",
    "PersonalValueAltered",
    "SubjectForgotten",
    "canonical",
    "commitment",
    "envelope_bytes",
    "field_salt",
    "leaf_entry",
    "leaf_hash",
    "microseconds",
    "open_fields",
    "pseudonym",
    "read_canonical",
    "read_envelope",
    "salt",
    "seal_fields",
]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Envelope:
    """What history keeps beside a fact: who asked, for whom, and for which command."""

    actor: Actor
    """The role that the token gave."""
    occurred_on: date
    by: Actor | None = None
    """For an import: the actor that the journal claims. It gives no rights."""
    claimed_at: datetime | None = None
    command_id: str | None = None
    correlation_id: str | None = None
    causation_id: str | None = None
    principal: str | None = None
    """The token's subject: an id, never a name."""


def envelope_bytes(envelope: Envelope) -> bytes:
    """The canonical bytes of an envelope; what is not known is left out."""
    return canonical({name: value for name, value in _envelope_fields(envelope) if value is not None})


def read_envelope(data: bytes) -> Envelope:
    """The envelope behind its bytes."""
    fields = from_json(data)
    by = fields.get("by")
    claimed_at = fields.get("claimed_at")
    return Envelope(
        actor=_actor(fields["actor"]["role"], fields["actor"].get("id")),
        occurred_on=date.fromisoformat(fields["occurred_on"]),
        by=None if by is None else _actor(by["role"], by.get("id")),
        claimed_at=None if claimed_at is None else datetime.fromisoformat(claimed_at),
        command_id=fields.get("command_id"),
        correlation_id=fields.get("correlation"),
        causation_id=fields.get("causation"),
        principal=fields.get("principal"),
    )


def pseudonym(secret: bytes, stream: str) -> bytes:
    """K: the name under which a stream stands in the public log; it tells nothing without the stream's secret."""
    kind, separator, name = stream.partition(":")
    if not separator or kind not in STREAM_KINDS or not name:
        raise ValueError(f"{kind!r} is no kind of stream: write one of {', '.join(sorted(STREAM_KINDS))} and an id")
    return sha256(DOMAIN + kind.encode() + b"\0" + secret + name.encode()).digest()


STREAM_KINDS = frozenset({"mission", "client", "cadre", "issuer", "payment", "invoices", "credit-notes"})
"""None of them is another tag of the format: `event`, `leaf`, `head`, `heads`, `salt`, `field`…"""


def salt(secret: bytes, version: int) -> bytes:
    """s_n: blinds one event; given away alone, it opens that event and no other."""
    return hmac_sha256(secret, DOMAIN + b"salt" + u64(version))


def commitment(event_salt: bytes, topic: str, recorded_at: datetime, envelope: bytes, state: bytes) -> bytes:
    """C: what the log commits to for one event. Only the append computes it for good: it alone knows `recorded_at`."""
    named = topic.encode()
    return sha256(
        DOMAIN + b"event\0" + event_salt + lp(named) + u64(microseconds(recorded_at)) + lp(envelope) + lp(state)
    ).digest()


def leaf_entry(stream_pseudonym: bytes, version: int, event_commitment: bytes) -> bytes:
    """The entry of one event in the public log."""
    return DOMAIN + b"leaf\0" + stream_pseudonym + u64(version) + event_commitment


def leaf_hash(entry: bytes) -> bytes:
    """The hash of a log entry, as RFC 6962 has it."""
    return sha256(b"\0" + entry).digest()


def microseconds(instant: datetime) -> int:
    """Whole microseconds since 1970, without a detour over floats."""
    return (instant - EPOCH) // timedelta(microseconds=1)


def _envelope_fields(envelope: Envelope) -> Iterator[tuple[str, Json]]:
    yield "actor", _actor_fields(envelope.actor)
    yield "by", None if envelope.by is None else _actor_fields(envelope.by)
    yield "causation", envelope.causation_id
    yield "claimed_at", None if envelope.claimed_at is None else envelope.claimed_at.isoformat()
    yield "command_id", envelope.command_id
    yield "correlation", envelope.correlation_id
    yield "occurred_on", envelope.occurred_on.isoformat()
    yield "principal", envelope.principal


def _actor_fields(actor: Actor) -> Mapping[str, Json]:
    return {"role": actor.role.value} if actor.id is None else {"id": actor.id, "role": actor.role.value}


@lru_cache(maxsize=1024)
def _actor(role: str, party: str | None) -> Actor:
    return Actor(Role(role), party)
