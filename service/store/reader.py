"""Reads history as the door wrote it: by stream, by tag, or all of it in order, always from where one stopped."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple, TypeVar, cast

from service.store.connections import Line, OverALine, int8, int8_array, text_array

LAST_VERSION: Final = 2**63 - 1
_EVENTS: Final = (
    "select e.notification_id, e.originator_id, e.originator_version, e.topic, e.state, e.envelope,"
    " e.recorded_at, e.leaf from relais.events e"
)
_OF_EVENTS: Final = {
    "stream": "where e.originator_id = $1 and e.originator_version > $2 and e.originator_version <= $3"
    " order by e.originator_version",
    "streams": "join unnest($1::text[], $2::bigint[]) s(stream, after)"
    " on e.originator_id = s.stream and e.originator_version > s.after order by e.originator_id, e.originator_version",
    "all": "where e.notification_id > $1 order by e.notification_id limit $2",
    "positions": "where e.notification_id = any($1::bigint[]) order by e.notification_id",
}
STATEMENTS: Final = {name: f"{_EVENTS} {condition}" for name, condition in _OF_EVENTS.items()} | {
    "tags": "select e.notification_id, e.originator_id, e.originator_version, e.topic, e.state, e.envelope,"
    " e.recorded_at, e.leaf, t.tag from unnest($1::text[], $2::bigint[]) w(tag, after) join relais.event_tags t"
    " on t.tag = w.tag and t.position > w.after join relais.events e on e.notification_id = t.position"
    " order by e.notification_id",
    "commands": "select command_id, request_hash, positions from relais.commands where command_id = any($1::text[])",
    "values": "select position, path, ciphertext from relais.personal_values where position = any($1::bigint[])",
    "head": "select position from relais.log_head",
}


class StoredRow(NamedTuple):
    """One event as it is kept."""

    position: int
    stream: str
    version: int
    topic: str
    state: bytes
    envelope: bytes
    recorded_at: datetime
    leaf: bytes


class TaggedRow(NamedTuple):
    """One event as it is kept, and the tag that it was found by."""

    position: int
    stream: str
    version: int
    topic: str
    state: bytes
    envelope: bytes
    recorded_at: datetime
    leaf: bytes
    tag: str


class AnsweredCommand(NamedTuple):
    """A command id that was used, the keyed hash of its request, and the positions of its facts."""

    command_id: str
    request_hash: bytes
    positions: list[int]


class PersonalValue(NamedTuple):
    """The encrypted words of one personal field."""

    position: int
    path: str
    ciphertext: bytes


Row = TypeVar("Row")


class Reader(OverALine):
    """Reads over one connection of its own, for any number of threads, one at a time."""

    def __init__(self, conninfo: str, *, deadline: float = 30.0, name: str = "relais reader") -> None:
        self._line = Line(conninfo, STATEMENTS, name=name, deadline=deadline, durable=False)

    def head(self) -> int:
        """The position of the last event; all up to it can be read."""
        return self._read("head", (), lambda row: cast("int", row[0]))[0]

    def read_stream(self, stream: str, after: int = 0, upto: int | None = None) -> list[StoredRow]:
        """One stream's events after a version, in order."""
        last = LAST_VERSION if upto is None else upto
        return self._read("stream", (stream.encode(), int8(after), int8(last)), StoredRow._make)

    def read_streams(self, after: Mapping[str, int]) -> list[StoredRow]:
        """The events of several streams, each after the version given with it, stream by stream in order."""
        return self._read("streams", (text_array(after), int8_array([*after.values()])), StoredRow._make)

    def read_tags(self, tags: Sequence[str] | Mapping[str, int]) -> list[TaggedRow]:
        """Events with any of the tags, in order; a mapping says after which position each is wanted.

        An event with two of the tags comes once for each.
        """
        after = tags if isinstance(tags, Mapping) else dict.fromkeys(tags, 0)
        return self._read("tags", (text_array(after), int8_array([*after.values()])), TaggedRow._make)

    def read_all(self, after: int = 0, limit: int = 5000) -> list[StoredRow]:
        """The next events of all history after a position, in order, without a gap."""
        return self._read("all", (int8(after), int8(limit)), StoredRow._make)

    def read_positions(self, positions: Sequence[int]) -> list[StoredRow]:
        """The events at these positions, in order."""
        return self._read("positions", (int8_array(positions),), StoredRow._make)

    def answered(self, command_ids: Sequence[str]) -> dict[str, AnsweredCommand]:
        """Those of the command ids that were used before."""
        found = self._read("commands", (text_array(command_ids),), AnsweredCommand._make)
        return {command.command_id: command for command in found}

    def personal_values(self, positions: Sequence[int]) -> list[PersonalValue]:
        """The personal words that are still kept of the events at these positions."""
        return self._read("values", (int8_array(positions),), PersonalValue._make)

    def _read(self, statement: str, parameters: Sequence[bytes], make: Callable[[Sequence[object]], Row]) -> list[Row]:
        return self._line.rows(statement, parameters, make)
