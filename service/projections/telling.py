"""Reads history once for all read models, with personal words opened; what it cannot read stands apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from domain.catalogue import UnknownTopic
from domain.event import Event, Recorded
from service.store.canonical import NotCanonical
from service.store.keys import KeyStore
from service.store.opening import open_rows, sealed_row
from service.store.reader import Reader, StoredRow
from service.store.sealing import PersonalValueAltered

UNREADABLE = (UnknownTopic, NotCanonical, PersonalValueAltered, ValueError, TypeError, LookupError, AttributeError)
"""What reading a damaged or a later release's event may end in."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An event that this release cannot read."""

    position: int
    stream: str
    topic: str
    error: str


Told: TypeAlias = Recorded[Event] | Unreadable


class History:
    """What the worker reads: from a position on, or one stream again."""

    def __init__(self, reader: Reader, keys: KeyStore) -> None:
        self._reader, self._keys = reader, keys

    def head(self) -> int:
        """The position of the last event."""
        return self._reader.head()

    def after(self, position: int, limit: int, *, words: bool) -> list[Told]:
        """The next events, in order."""
        return self._tell(self._reader.read_all(position, limit), words)

    def stream(self, stream: str, upto: int, *, words: bool, since: int = 0) -> list[Told]:
        """A stream's events between two positions, both included."""
        rows = [row for row in self._reader.read_stream(stream) if since <= row.position <= upto]
        return self._tell(rows, words)

    def sealed(self, stream: str, upto: int) -> list[Recorded[Event]]:
        """A stream up to a position, without a personal word."""
        return [sealed_row(row) for row in self._reader.read_stream(stream) if row.position <= upto]

    def close(self) -> None:
        """Gives the connection back; the keys are the owner's."""
        self._reader.close()

    def _tell(self, rows: Sequence[StoredRow], words: bool) -> list[Told]:
        """One bad event must not hide the others: they are read in halves until it stands alone."""
        try:
            return list(open_rows(rows, self._reader, self._keys) if words else map(sealed_row, rows))
        except UNREADABLE as error:
            if len(rows) > 1:
                middle = len(rows) // 2
                return self._tell(rows[:middle], words) + self._tell(rows[middle:], words)
            return [Unreadable(rows[0].position, rows[0].stream, rows[0].topic, type(error).__name__)]
