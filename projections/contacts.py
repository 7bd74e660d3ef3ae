"""Who to write to: a client with its dirigeant, a cadre, an issuer, as each was known on a date."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from pydantic import BaseModel, ConfigDict

from domain.event import Event, PersonalText, Recorded
from domain.party.events import (
    CadreCorrected,
    CadreRegistered,
    ClientCorrected,
    ClientRegistered,
    IssuerCorrected,
    IssuerRegistered,
    PersonForgotten,
    Registration,
    RegistrationScheme,
)
from projections.read_model import as_known, words


class Contact(BaseModel):
    """A party, and how to reach it. What was erased is null, and so is what was never said."""

    model_config = ConfigDict(frozen=True)
    party_id: str
    name: str | None = None
    """A company's, or a cadre's own."""
    dirigeant: str | None = None
    email: str | None = None
    """The dirigeant's, or the cadre's own."""
    address: str | None = None
    registration_scheme: RegistrationScheme | None = None
    registration_number: str | None = None
    forgotten: bool = False
    facts: tuple[int, ...] = ()

    @property
    def called(self) -> str:
        """The name, or the id where the name was erased or never said."""
        return self.name or self.party_id


def contact_view(
    party_id: str, history: Iterable[Recorded[Event]], *, as_of: date | None = None, known_at: datetime | None = None
) -> Contact:
    """A party from its stream: before it was registered it is an id."""
    contact = Contact(party_id=party_id)
    for recorded in as_known(history, as_of=as_of, known_at=known_at):
        told = _told(recorded.event)
        contact = contact.model_copy(update=told | {"facts": (*contact.facts, recorded.position)})
    return contact


def _told(event: Event) -> dict[str, str | bool | None]:
    """The fields that an event states."""
    match event:
        case ClientRegistered() | ClientCorrected():
            dirigeant = event.dirigeant
            reached = {} if dirigeant is None else {"dirigeant": words(dirigeant.name), "email": words(dirigeant.email)}
            return _stated(name=event.name, address=event.address) | _registered(event.registration) | reached
        case CadreRegistered() | CadreCorrected():
            return _stated(name=event.name, email=event.email)
        case IssuerRegistered() | IssuerCorrected():
            return _stated(name=event.name, address=event.address) | _registered(event.registration)
        case PersonForgotten():
            personal = ("name", "dirigeant", "email", "address", "registration_scheme", "registration_number")
            return dict.fromkeys(personal) | {"forgotten": True}
        case _:
            return {}


def _stated(**texts: PersonalText | None) -> dict[str, str | bool | None]:
    return {name: words(text) for name, text in texts.items() if text is not None}


def _registered(registration: Registration | None) -> dict[str, str | bool | None]:
    if registration is None:
        return {}
    return {"registration_scheme": registration.scheme, "registration_number": words(registration.number)}
