"""Whether words name a person: those words go with it when it is forgotten."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from unicodedata import combining, normalize

from domain.event import Event, Sealed
from domain.party.events import CadreCorrected, CadreRegistered, ClientCorrected, ClientRegistered, Dirigeant

SHORTEST = 3
"""Letters that a family name has at least: a shorter one would be found in words that name nobody."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a party was called, in all that was ever said of it."""

    people: frozenset[str] = frozenset()
    """Names of persons: the whole name tells who is meant, and so does the family name by itself."""
    addresses: frozenset[str] = frozenset()
    """E-mail addresses."""

    def __bool__(self) -> bool:
        return bool(self.people or self.addresses)

    def are_in(self, text: str) -> bool:
        """Whether a text names the person, whatever its accents and capitals."""
        told = _plain(text)
        words = set(_words(told))
        return any(_plain(address) in told for address in self.addresses) or any(
            _is_named(name, words) for name in self.people
        )


def known_of(history: Iterable[Event]) -> Known:
    """What a party's own events call its persons: the cadre, or the client's dirigeant. A company is no person."""
    people: set[str] = set()
    addresses: set[str] = set()
    for event in history:
        match event:
            case CadreRegistered() | CadreCorrected():
                people |= _said(event.name)
                addresses |= _said(event.email)
            case (
                ClientRegistered(dirigeant=Dirigeant() as dirigeant)
                | ClientCorrected(dirigeant=Dirigeant() as dirigeant)
            ):
                people |= _said(dirigeant.name)
                addresses |= _said(dirigeant.email)
            case _:
                pass
    return Known(frozenset(people), frozenset(addresses))


def _said(words: str | Sealed | None) -> set[str]:
    return {words} if isinstance(words, str) else set()


def _is_named(name: str, words: set[str]) -> bool:
    """The family name is written in capitals, as the French write it, or comes last."""
    parts = _words(name)
    family = [_plain(part) for part in parts if len(part) > 1 and part.isupper()] or [
        _plain(part) for part in parts[-1:]
    ]
    return bool(family) and all(len(part) >= SHORTEST for part in family) and words.issuperset(family)


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text)


def _plain(text: str) -> str:
    return "".join(letter for letter in normalize("NFKD", text) if not combining(letter)).casefold()
