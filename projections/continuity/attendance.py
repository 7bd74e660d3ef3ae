"""Who came to the reviews, by role and never by name.

A review names its attendees in free words. They are read while they can be read, and nothing of them is kept: an
attendee is the dirigeant, or the cadre who holds the mission on that date, where the words are their id, their
registered name or a part of it that fits only one of the two, or the role itself. Anybody else is somebody else; whose
words were erased came, and that is all that is told.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from domain.event import Event, PersonalText, Recorded, Sealed
from domain.party.events import CadreCorrected, CadreRegistered, ClientCorrected, ClientRegistered
from projections.continuity.readiness import share


class Attendee(StrEnum):
    """In which role somebody came."""

    DIRIGEANT = "dirigeant"
    CADRE = "cadre"
    OTHER = "other"
    ERASED = "erased"


class RoleAttendance(BaseModel):
    """How many reviews somebody came to in a role: `rate` in percent, one decimal; null without a review."""

    model_config = ConfigDict(frozen=True)
    role: Attendee
    reviews: int
    rate: str | None
    people: int
    """How many came, over all reviews."""


@dataclass(frozen=True)
class People:
    """What the parties of a mission are, or were, called: by id, the words of each name."""

    names: Mapping[str, frozenset[frozenset[str]]] = field(default_factory=dict)

    def role_of(self, attendee: PersonalText, client_id: str, cadre_id: str) -> Attendee:
        """The role in which somebody came."""
        if isinstance(attendee, Sealed):
            return Attendee.ERASED
        said = _words(attendee)
        meant = {
            role
            for role, party_id, titles in (
                (Attendee.DIRIGEANT, client_id, _DIRIGEANT),
                (Attendee.CADRE, cadre_id, _CADRE),
            )
            if attendee.strip() == party_id or said <= titles or self._is_called(party_id, said)
        }
        return meant.pop() if said and len(meant) == 1 else Attendee.OTHER

    def _is_called(self, party_id: str, said: frozenset[str]) -> bool:
        return any(said <= name or name <= said for name in self.names.get(party_id, frozenset()))


def people_of(parties: Iterable[Recorded[Event]]) -> People:
    """The names of a client's dirigeant and of cadres, from their streams, as far as their words are kept."""
    names: dict[str, set[frozenset[str]]] = {}
    for recorded in parties:
        party_id, name = _named(recorded.event)
        if isinstance(name, str) and _words(name):
            names.setdefault(party_id, set()).add(_words(name))
    return People({party_id: frozenset(known) for party_id, known in names.items()})


def attendance_of(meetings: Sequence[Mapping[Attendee, int]]) -> tuple[RoleAttendance, ...]:
    """In how many reviews each role was there."""
    return tuple(_of_role(role, [meeting.get(role, 0) for meeting in meetings]) for role in Attendee)


def _of_role(role: Attendee, came: Sequence[int]) -> RoleAttendance:
    reviews = sum(1 for people in came if people)
    return RoleAttendance(
        role=role, reviews=reviews, rate=share(reviews, len(came)) if came else None, people=sum(came)
    )


def _named(event: Event) -> tuple[str, PersonalText | None]:
    match event:
        case ClientRegistered(client_id=party_id, dirigeant=dirigeant):
            return party_id, dirigeant.name
        case ClientCorrected(client_id=party_id, dirigeant=corrected):
            return party_id, None if corrected is None else corrected.name
        case CadreRegistered(cadre_id=party_id, name=name) | CadreCorrected(cadre_id=party_id, name=name):
            return party_id, name
        case _:
            return "", None


_DIRIGEANT = frozenset({"dirigeant", "dirigeante", "le", "la"})
_CADRE = frozenset({"cadre", "le", "la"})


def _words(text: str) -> frozenset[str]:
    """A text's words, without accents, case and punctuation."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return frozenset(re.findall(r"\w+", "".join(each for each in plain if not unicodedata.combining(each))))
