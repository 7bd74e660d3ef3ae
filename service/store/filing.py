"""A fact on its way to the door: sealed, blinded, and signed with who asked for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from domain.catalogue import stored_topic
from domain.event import Event
from service.store.door import NewEvent
from service.store.keys import Secrets
from service.store.record import pseudonym, salt
from service.store.sealing import seal_fields


def new_event(
    event: Event,
    stream: str,
    version: int,
    *,
    tags: Sequence[str],
    envelope: bytes,
    secrets: Secrets,
    words_elsewhere: Mapping[str, str] = MappingProxyType({}),
) -> NewEvent:
    """The fact in the form in which it is kept and hashed."""
    state, side = seal_fields(event, stream, version, secrets.key, words_elsewhere)
    return NewEvent(
        stream=stream,
        version=version,
        topic=stored_topic(type(event)),
        state=state,
        envelope=envelope,
        tags=tags,
        side=side,
        pseudonym=pseudonym(secrets.secret, stream),
        salt=salt(secrets.secret, version),
    )
