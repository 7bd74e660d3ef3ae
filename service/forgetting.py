"""Forgets a person: what missions' words say of it, then the key of its own words, for ever, then those words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
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
from service.store.reader import Reader

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


@dataclass(slots=True)
class Search:
    """How far all missions were looked through for what names a person, and where that was found."""

    known: Known
    upto: int = 0
    mentions: defaultdict[str, list[tuple[int, str]]] = field(default_factory=lambda: defaultdict(list))


class Forgetting:
    """Carries out what `person.forgotten` records. It may be asked again: what is gone stays gone.

    The key goes last but for the words that it opens: for as long as it is there, whoever asks again, after a crash,
    still finds what names the person. Whoever is not the first to carry it out stops looking once another has.
    """

    def __init__(
        self,
        database_url: str,
        keys: KeyStore,
        *,
        durable: bool = True,
        reader: Reader | None = None,
        at_once: int = CHUNK,
    ) -> None:
        self._line = Line(database_url, _STATEMENTS, name="relais forgetting", durable=durable)
        self._reader = reader or Reader(database_url, name="relais forgetting reads")
        self._keys, self._at_once = keys, at_once
        self._searching = Lock()
        self._searches: dict[str, Search] = {}

    @staticmethod
    def concerns(events: Iterable[Recorded[Event]]) -> bool:
        """Whether facts say of anybody that they are forgotten."""
        return any(isinstance(each.event, PersonForgotten) for each in events)

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
        self._searches.pop(stream, None)
        if was_there:
            log.info("person_forgotten", stream=stream, own=found.own, mentions=len(found.places))
        return was_there

    def findings(self, stream: str) -> Findings:
        """What is kept that names a party: nothing once its key is gone.

        Asked again, only what was appended since is looked through.
        """
        rows = self._reader.read_stream(stream)
        if self._keys.stream_secrets([stream]).get(stream) is None or not rows:
            return Findings()
        own = list(words_by_place(rows, self._reader, self._keys))
        known = known_of(recorded.event for recorded in open_rows(rows, self._reader, self._keys))
        with self._searching:
            search = self._searches.get(stream)
            if search is None or search.known != known:
                search = self._searches[stream] = Search(known)
            if known:
                self._go_on(search, stream)
            return Findings(len(own), dict(search.mentions))

    def close(self) -> None:
        """Gives the connections back."""
        self._line.close()
        self._reader.close()

    def _go_on(self, search: Search, stream: str) -> None:
        """Looks where the words of any mission name a person: whoever leads one may be named in another."""
        while rows := self._reader.read_all(search.upto, self._at_once):
            missions = {row.position: row for row in rows if kind_of(row.stream) == MISSION}
            for at, path, words in words_by_place(list(missions.values()), self._reader, self._keys):
                if search.known.are_in(words):
                    search.mentions[missions[at].stream].append((at, path))
            search.upto = rows[-1].position
            if self._keys.is_erased(stream):
                return

    def _erase(self, streams: list[str], places: list[tuple[int, str]]) -> None:
        parameters = [
            text_array(streams),
            int8_array([position for position, _ in places]),
            text_array([path for _, path in places]),
        ]
        if streams or places:
            self._line.rows("forget", parameters, tuple)
