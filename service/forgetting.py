"""Forgets a person: what missions' words say of it, then the key of its own words, for ever, then those words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Final

import structlog

from domain.event import Event, Recorded
from domain.party.events import PersonForgotten
from domain.party.mentions import Known, known_of
from domain.streams import kind_of
from service.store.connections import Line, int8_array, text_array
from service.store.keys import KeyStore
from service.store.opening import open_rows, words_by_place
from service.store.reader import Reader, StoredRow

MISSION: Final = "mission"
CHUNK: Final = 5_000
"""Events that are looked at together when all missions are searched for mentions."""
_STATEMENTS: Final = {
    "forget": "select relais.forget_values($1::text[], $2::bigint[], $3::text[])",
}
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Findings:
    """What is kept that names a person: its own words, and those of missions, each by position and path."""

    own: int = 0
    mentions: Mapping[str, list[tuple[int, str]]] = field(default_factory=dict)
    """By mission stream."""

    @property
    def places(self) -> list[tuple[int, str]]:
        """Every mention."""
        return [place for places in self.mentions.values() for place in places]


class Forgetting:
    """Carries out what `person.forgotten` records. It may be asked again: what is gone stays gone.

    The key goes last but for the words that it opens: for as long as it is there, whoever asks again, after a crash,
    still finds what names the person.
    """

    def __init__(self, database_url: str, keys: KeyStore, *, durable: bool = True) -> None:
        self._line = Line(database_url, _STATEMENTS, name="relais forgetting", durable=durable)
        self._reader = Reader(database_url, name="relais forgetting reads")
        self._keys = keys
        self._calling = Lock()

    def carry_out(self, events: Iterable[Recorded[Event]]) -> bool:
        """Forgets every party that these facts say is forgotten; whether any was still remembered."""
        erased = [self.forget(each.stream) for each in events if isinstance(each.event, PersonForgotten)]
        return any(erased)

    def forget(self, stream: str) -> bool:
        """Erases what names the party of a stream; whether its key was still there."""
        found = self.findings(stream)
        self._erase([], found.places)
        was_there = self._keys.erase(stream)
        self._erase([stream], [])
        if was_there:
            log.info("person_forgotten", stream=stream, own=found.own, mentions=len(found.places))
        return was_there

    def findings(self, stream: str) -> Findings:
        """What is kept that names a party: nothing once its key is gone."""
        rows = self._reader.read_stream(stream)
        if self._keys.stream_secrets([stream]).get(stream) is None or not rows:
            return Findings()
        own = list(words_by_place(rows, self._reader, self._keys))
        known = known_of(recorded.event for recorded in open_rows(rows, self._reader, self._keys))
        mentions: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
        for row, path in self._mentions(known) if known else ():
            mentions[row.stream].append((row.position, path))
        return Findings(len(own), mentions)

    def close(self) -> None:
        """Gives the connections back."""
        with self._calling:
            self._line.close()
        self._reader.close()

    def _mentions(self, known: Known) -> Iterator[tuple[StoredRow, str]]:
        """Where the words of any mission name a person: whoever leads one may be named in another."""
        position = 0
        while rows := self._reader.read_all(position, CHUNK):
            position = rows[-1].position
            missions = {row.position: row for row in rows if kind_of(row.stream) == MISSION}
            for at, path, words in words_by_place(list(missions.values()), self._reader, self._keys):
                if known.are_in(words):
                    yield missions[at], path

    def _erase(self, streams: list[str], places: list[tuple[int, str]]) -> None:
        parameters = [
            text_array(streams),
            int8_array([position for position, _ in places]),
            text_array([path for _, path in places]),
        ]
        if streams or places:
            with self._calling:
                self._line.rows("forget", parameters, tuple)
