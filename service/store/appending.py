"""What is asked of the door and what it answers, and how both travel to the database."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias

from psycopg.pq.abc import PGresult

from service.store.connections import (
    DatabaseUnreachable,
    NotDurable,
    bytea_array,
    int4_array,
    int8_array,
    read_int8,
    text_array,
)

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
STATEMENT: Final = (
    "select previous_position, recorded_us, refusals::text from relais.append("
    "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)"
)


@dataclass(frozen=True, slots=True)
class NewEvent:
    """A fact on its way into history, as the bytes that are kept and hashed."""

    stream: str
    version: int
    topic: str
    state: bytes
    envelope: bytes
    tags: Sequence[str]
    side: Sequence[tuple[str, bytes]]
    pseudonym: bytes
    salt: bytes


@dataclass(frozen=True, slots=True)
class Append:
    """What one command adds to history, and what it read to decide so: recorded whole, or not at all."""

    events: Sequence[NewEvent]
    command_id: str | None = None
    request_hash: bytes | None = None
    stream_versions: Mapping[str, int] = field(default_factory=dict)
    """Streams that were read, written or not, and the version each then had; 0 for none."""
    tag_positions: Mapping[str, int] = field(default_factory=dict)
    """Tags that were read, and the position of the last event seen with each; 0 for none."""


@dataclass(frozen=True, slots=True)
class Appended:
    """Recorded, durably and for ever."""

    positions: tuple[int, ...]
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Replayed:
    """The command id was answered before, for the same request; nothing was added."""

    positions: tuple[int, ...]


class Conflict(Exception):
    """History moved on since it was read: read again and decide again. Nothing was added."""

    def __init__(self, streams: Mapping[str, int], tags: Mapping[str, int]) -> None:
        what = [f"{stream} is at version {version}" for stream, version in streams.items()]
        what += [f"{tag} was used at position {position}" for tag, position in tags.items()]
        super().__init__(", ".join(what))
        self.streams = streams
        self.tags = tags


class CommandIdReused(Exception):
    """The command id belongs to another request. Nothing was added."""

    def __init__(self, command_id: str) -> None:
        super().__init__(f"the command id {command_id} was used for another request: send this one with its own id")
        self.command_id = command_id


class AppendRefused(Exception):
    """The database took the append for malformed or could not hold it. Nothing was added."""


class OutcomeUnknown(Exception):
    """Whether it was recorded is not known: send the same request with the same command id to learn it."""


Outcome: TypeAlias = Appended | Replayed
Failure: TypeAlias = Conflict | CommandIdReused | AppendRefused | OutcomeUnknown | DatabaseUnreachable | NotDurable


def encoded(requests: Sequence[Append]) -> list[bytes]:
    """The parameters of relais.append, flat arrays in binary, all counted from 1."""
    events: list[tuple[int, NewEvent]] = [
        (number, event) for number, request in enumerate(requests, 1) for event in request.events
    ]
    tags = [(place, tag) for place, (_, event) in enumerate(events, 1) for tag in event.tags]
    side = [(place, path, words) for place, (_, event) in enumerate(events, 1) for path, words in event.side]
    reads = [(number, *read) for number, request in enumerate(requests, 1) for read in request.stream_versions.items()]
    conditions = [
        (number, *condition)
        for number, request in enumerate(requests, 1)
        for condition in request.tag_positions.items()
    ]
    return [
        text_array([request.command_id for request in requests]),
        bytea_array([request.request_hash for request in requests]),
        int4_array([number for number, _ in events]),
        text_array([event.stream for _, event in events]),
        int8_array([event.version for _, event in events]),
        text_array([event.topic for _, event in events]),
        bytea_array([event.state for _, event in events]),
        bytea_array([event.envelope for _, event in events]),
        bytea_array([event.pseudonym for _, event in events]),
        bytea_array([event.salt for _, event in events]),
        int4_array([place for place, _ in tags]),
        text_array([tag for _, tag in tags]),
        int4_array([place for place, _, _ in side]),
        text_array([path for _, path, _ in side]),
        bytea_array([words for _, _, words in side]),
        int4_array([number for number, _, _ in reads]),
        text_array([stream for _, stream, _ in reads]),
        int8_array([version for _, _, version in reads]),
        int4_array([number for number, _, _ in conditions]),
        text_array([tag for _, tag, _ in conditions]),
        int8_array([position for _, _, position in conditions]),
    ]


def outcomes(requests: Sequence[Append], answer: PGresult) -> list[Outcome | Failure]:
    """What became of each request: dense positions in order, but for those that the function names as refused."""
    position = read_int8(answer.get_value(0, 0) or b"")
    recorded_at = EPOCH + timedelta(microseconds=read_int8(answer.get_value(0, 1) or b""))
    refusals = answer.get_value(0, 2)
    refused = _refused(requests, json.loads(refusals)) if refusals else {}
    found: list[Outcome | Failure] = []
    for number, request in enumerate(requests, 1):
        if number in refused:
            found.append(refused[number])
            continue
        first, position = position + 1, position + len(request.events)
        found.append(Appended(tuple(range(first, position + 1)), recorded_at))
    return found


def _refused(requests: Sequence[Append], refusals: Sequence[Mapping[str, object]]) -> dict[int, Outcome | Failure]:
    found: dict[int, Outcome | Failure] = {}
    streams: dict[int, dict[str, int]] = {}
    tags: dict[int, dict[str, int]] = {}
    for refusal in refusals:
        match refusal:
            case {"request": int(number), "verdict": "replayed", "positions": list(positions)}:
                found[number] = Replayed(tuple(positions))
            case {"request": int(number), "verdict": "command_id_reused"}:
                found[number] = CommandIdReused(requests[number - 1].command_id or "")
            case {"request": int(number), "stream": str(stream), "current": int() | None as current}:
                streams.setdefault(number, {})[stream] = current or 0
            case {"request": int(number), "tag": str(tag), "current": int(current)}:
                tags.setdefault(number, {})[tag] = current
            case _:
                raise AssertionError(f"the append function gave a verdict that is not known here: {refusal}")
    for number in streams.keys() | tags.keys():
        found[number] = Conflict(streams.get(number, {}), tags.get(number, {}))
    return found
