"""What can happen to a party: a client, a cadre, an issuer. This is a storage format."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar, TypeAlias

from domain.event import Event, PersonalText
from domain.values import Function, Value


class RegistrationScheme(StrEnum):
    """The register a company is entered in: RIDET in New Caledonia, SIREN or SIRET in France."""

    RIDET = "RIDET"
    SIREN = "SIREN"
    SIRET = "SIRET"


class Language(StrEnum):
    """The language a client reads."""

    FRENCH = "fr"
    ENGLISH = "en"


class Registration(Value):
    """A company's number in its register."""

    scheme: RegistrationScheme
    number: PersonalText


class Dirigeant(Value):
    """The person who heads the client (dirigeant)."""

    name: PersonalText
    email: PersonalText


class ClientRegistered(Event):
    """A company became a client of the network."""

    TOPIC: ClassVar[str] = "client.registered"
    client_id: str
    name: PersonalText
    registration: Registration | None = None
    address: PersonalText
    dirigeant: Dirigeant
    language: Language = Language.FRENCH


class ClientCorrected(Event):
    """What is known of a client was corrected; issued documents keep what they said."""

    TOPIC: ClassVar[str] = "client.corrected"
    client_id: str
    name: PersonalText | None = None
    registration: Registration | None = None
    address: PersonalText | None = None
    dirigeant: Dirigeant | None = None
    language: Language | None = None


class CadreRegistered(Event):
    """A part-time shared executive (cadre à temps partagé) joined the network with the functions that it practises."""

    TOPIC: ClassVar[str] = "cadre.registered"
    cadre_id: str
    name: PersonalText
    email: PersonalText
    functions: tuple[Function, ...]


class CadreCorrected(Event):
    """What is known of a cadre was corrected."""

    TOPIC: ClassVar[str] = "cadre.corrected"
    cadre_id: str
    name: PersonalText | None = None
    email: PersonalText | None = None
    functions: tuple[Function, ...] | None = None


class IssuerRegistered(Event):
    """A company that issues invoices was registered: a cadre's own."""

    TOPIC: ClassVar[str] = "issuer.registered"
    issuer_id: str
    name: PersonalText
    registration: Registration
    address: PersonalText
    tax_number: PersonalText | None = None
    iban: PersonalText | None = None


class IssuerCorrected(Event):
    """What is known of an issuer was corrected; issued documents keep what they said."""

    TOPIC: ClassVar[str] = "issuer.corrected"
    issuer_id: str
    name: PersonalText | None = None
    registration: Registration | None = None
    address: PersonalText | None = None
    tax_number: PersonalText | None = None
    iban: PersonalText | None = None


class PersonForgotten(Event):
    """A party's personal words were erased; the reason names nobody."""

    TOPIC: ClassVar[str] = "person.forgotten"
    party_id: str
    reason: str


ClientEvent: TypeAlias = ClientRegistered | ClientCorrected | PersonForgotten
CadreEvent: TypeAlias = CadreRegistered | CadreCorrected | PersonForgotten
IssuerEvent: TypeAlias = IssuerRegistered | IssuerCorrected | PersonForgotten

PARTY_EVENTS: tuple[type[Event], ...] = (
    ClientRegistered,
    ClientCorrected,
    CadreRegistered,
    CadreCorrected,
    IssuerRegistered,
    IssuerCorrected,
    PersonForgotten,
)
