"""Reads history once for all read models, with personal words opened; what it cannot read stands apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from domain.catalogue import UnknownTopic, event_class
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


@dataclass(frozen=True, slots=True)
class Batch:
    """The next events of history that somebody asked for, and the position up to which there are no more of them."""

    told: Sequence[Told]
    position: int
    events: int
    """How many were read, asked for or not."""


class Wanted:
    """The events that a pass over history is for, and those of them whose personal words are read.

    What nobody folds is not decoded, and no words are decrypted for a model that reads none.
    """

    def __init__(self, events: Iterable[type[Event]], words: Iterable[type[Event]]) -> None:
        self._events, self._words = frozenset(events), frozenset(words)
        self._known: dict[str, tuple[bool, bool]] = {}

    def tells(self, row: StoredRow) -> bool:
        """Whether an event is told; what this release does not know may matter to anyone."""
        return self._of(row.topic)[0]

    def opens(self, row: StoredRow) -> bool:
        """Whether its personal words are opened."""
        return self._of(row.topic)[1]

    def _of(self, topic: str) -> tuple[bool, bool]:
        if (known := self._known.get(topic)) is None:
            try:
                event_type = event_class(topic.partition("#")[0])
                known = (event_type in self._events, event_type in self._words)
            except UnknownTopic:
                known = (True, False)
            self._known[topic] = known
        return known


class History:
    """What the worker reads: from a position on, or one stream again."""

    def __init__(self, reader: Reader, keys: KeyStore) -> None:
        self._reader, self._keys = reader, keys

    def head(self) -> int:
        """The position of the last event."""
        return self._reader.head()

    def after(self, position: int, limit: int, wanted: Wanted) -> Batch | None:
        """What is wanted of the next events, in order; None at the end of history."""
        rows = self._reader.read_all(position, limit)
        if not rows:
            return None
        return Batch(self._tell([row for row in rows if wanted.tells(row)], wanted), rows[-1].position, len(rows))

    def stream(self, stream: str, upto: int, wanted: Wanted, *, since: int = 0) -> list[Told]:
        """What is wanted of a stream's events between two positions, both included."""
        rows = [row for row in self._reader.read_stream(stream) if since <= row.position <= upto]
        return self._tell([row for row in rows if wanted.tells(row)], wanted)

    def sealed(self, stream: str, upto: int) -> list[Recorded[Event]]:
        """A stream up to a position, without a personal word."""
        return [sealed_row(row) for row in self._reader.read_stream(stream) if row.position <= upto]

    def close(self) -> None:
        """Gives the connection back; the keys are the owner's."""
        self._reader.close()

    def _tell(self, rows: Sequence[StoredRow], wanted: Wanted) -> list[Told]:
        """One bad event must not hide the others: they are read in halves until it stands alone."""
        try:
            return list(open_rows(rows, self._reader, self._keys, opens=wanted.opens))
        except UNREADABLE as error:
            if len(rows) > 1:
                middle = len(rows) // 2
                return self._tell(rows[:middle], wanted) + self._tell(rows[middle:], wanted)
            return [Unreadable(rows[0].position, rows[0].stream, rows[0].topic, type(error).__name__)]
