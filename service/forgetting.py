"""Forgets what names a person: first the key of its words, everywhere and for ever, then the words themselves."""

from __future__ import annotations

from collections.abc import Iterable
from threading import Lock
from typing import Final

from domain.event import Event, Recorded
from domain.party.events import PersonForgotten
from service.store.connections import Line, text_array
from service.store.keys import KeyStore

_STATEMENTS: Final = {"forget": "select relais.forget_values($1::text[], '{}'::bigint[], '{}'::text[])"}


class Forgetting:
    """Carries out what `person.forgotten` records. It may be asked again: what is gone stays gone."""

    def __init__(self, database_url: str, keys: KeyStore, *, durable: bool = True) -> None:
        self._line = Line(database_url, _STATEMENTS, name="relais forgetting", durable=durable)
        self._keys = keys
        self._calling = Lock()

    def carry_out(self, events: Iterable[Recorded[Event]]) -> None:
        """Forgets every party that these facts say is forgotten."""
        for recorded in events:
            if isinstance(recorded.event, PersonForgotten):
                self.forget(recorded.stream)

    def forget(self, stream: str) -> None:
        """Erases the key of a stream, and then the words that it opened."""
        self._keys.erase(stream)
        with self._calling:
            self._line.rows("forget", [text_array([stream])], tuple)

    def close(self) -> None:
        """Gives the connection back."""
        with self._calling:
            self._line.close()
