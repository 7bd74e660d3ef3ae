"""One sentence for each event, in one language."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from domain.event import Event, PersonalText, Sealed

E = TypeVar("E", bound=Event)


class Sentences:
    """The catalogue of one language; it says nothing twice."""

    def __init__(self, erased: str) -> None:
        self._erased = erased
        self._sentences: dict[type[Event], Callable[[Event], str]] = {}

    def say(self, event_type: type[E], sentence: Callable[[E], str]) -> None:
        """How an event is told."""
        if event_type in self._sentences:
            raise ValueError(f"{event_type.TOPIC} has a sentence already")
        self._sentences[event_type] = cast(Callable[[Event], str], sentence)

    def of(self, event: Event) -> str:
        """The sentence of an event."""
        return self._sentences[type(event)](event)

    @property
    def events(self) -> frozenset[type[Event]]:
        """The events that this language can tell."""
        return frozenset(self._sentences)

    def words(self, text: PersonalText) -> str:
        """Personal words, or the mention that they were erased."""
        return self._erased if isinstance(text, Sealed) else text
