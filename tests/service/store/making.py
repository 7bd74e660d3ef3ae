"""Facts for the store's tests: their words mean nothing, their places do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from secrets import token_bytes
from threading import Event
from time import monotonic

from service.store.door import Append, DatabaseUnreachable, Door, NewEvent, Outcome, OutcomeUnknown


def fact(
    stream: str,
    version: int,
    *,
    tags: Sequence[str] = (),
    side: Sequence[tuple[str, bytes]] = (),
    state: bytes = b'{"half_days":1}',
    topic: str = "mission.day_delivered#1",
) -> NewEvent:
    """One event, blinded by chance."""
    return NewEvent(stream, version, topic, state, b"{}", tags, side, token_bytes(32), token_bytes(32))


def request(*events: NewEvent, command_id: str | None = None, **read: Mapping[str, int]) -> Append:
    """One request; what it asks is its id's hash, so that equal ids are equal requests."""
    return Append(events, command_id, None if command_id is None else command_id.encode(), **read)


def positions(outcome: object) -> tuple[int, ...]:
    """Where an append that went well, now or before, has its events."""
    assert isinstance(outcome, Outcome), outcome
    return outcome.positions


def until_known(door: Door, asked: Append, patience: float = 60) -> tuple[int, ...]:
    """A patient caller: asks with the same command id until it is answered, for so many seconds at most."""
    give_up = monotonic() + patience
    while True:
        try:
            return positions(door.append(asked))
        except (OutcomeUnknown, DatabaseUnreachable):
            if monotonic() > give_up:
                raise
            Event().wait(0.01)
