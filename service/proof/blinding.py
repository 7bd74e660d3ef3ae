"""What blinds history in the proof, found again: each stream's pseudonym, and the leaf that an event's bytes make."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, Self

from service.proof.merkle import leaf_hash
from service.store.connections import Line, OverALine, text_array
from service.store.opening import Row
from service.store.record import commitment, leaf_entry, pseudonym, salt

_STATEMENTS: Final = {"read": "select stream, secret from public.stream_keys where stream = any($1::text[])"}


class SecretMissing(LookupError):
    """The database of keys does not know a stream that history has: restore it from its backup."""


@dataclass(frozen=True, slots=True)
class Blind:
    """One stream's secret, and the name that it has in the log."""

    secret: bytes
    pseudonym: bytes

    @classmethod
    def of(cls, secret: bytes, stream: str) -> Self:
        """What blinds a stream, by its secret."""
        return cls(secret, pseudonym(secret, stream))

    def entry(self, row: Row) -> bytes:
        """An event's entry in the log, from its bytes alone."""
        committed = commitment(salt(self.secret, row.version), row.topic, row.recorded_at, row.envelope, row.state)
        return leaf_entry(self.pseudonym, row.version, committed)

    def leaf(self, row: Row) -> bytes:
        """The hash that the log must have for an event."""
        return leaf_hash(self.entry(row))


class _Found(NamedTuple):
    stream: str
    secret: bytes


class Blinds(OverALine):
    """The blinds of streams, read from the database of keys and remembered, so many at most."""

    def __init__(self, dsn: str, *, deadline: float = 30.0, remembered: int = 50_000) -> None:
        self._line = Line(dsn, _STATEMENTS, name="relais blinds", deadline=deadline, durable=False)
        self._known: dict[str, Blind] = {}
        self._remembered = remembered

    def of(self, streams: Iterable[str]) -> dict[str, Blind]:
        """The blinds of these streams. One that is unknown is missing from the answer."""
        wanted = set(streams)
        if len(self._known) + len(wanted) > self._remembered:
            self._known.clear()
        missing = wanted - self._known.keys()
        if missing:
            self._known |= {found.stream: _blind(found) for found in self._read(sorted(missing))}
        return {stream: self._known[stream] for stream in wanted & self._known.keys()}

    def _read(self, streams: Sequence[str]) -> list[_Found]:
        return self._line.rows("read", [text_array(streams)], _found)


def _found(row: Sequence[Any]) -> _Found:
    return _Found(row[0], bytes(row[1]))


def _blind(found: _Found) -> Blind:
    return Blind.of(found.secret, found.stream)
