"""Companies become clients of the network, and what is known of them is corrected."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import model_validator

from domain.event import NAMELESS, Command
from domain.party.corrections import changes_something
from domain.party.events import ClientCorrected, ClientRegistered, Dirigeant, Language
from domain.party.identity import StatedRegistration, as_registered, reject_forgotten, reject_used
from domain.party.state import Client
from domain.rejections import UnknownClient
from domain.values import Email, Id, NullIsLeftOut, Text, Value


class StatedDirigeant(Value):
    """The person who heads the client, as stated."""

    name: Text
    email: Email


class RegisterClient(Command):
    """Make a company a client of the network."""

    NAME: ClassVar[str] = "register_client"
    NAMES: ClassVar[str | None] = "client_id"
    client_id: Id = NAMELESS
    name: Text
    registration: StatedRegistration | None = None
    address: Text
    dirigeant: StatedDirigeant
    language: Annotated[Language, NullIsLeftOut] = Language.FRENCH


class CorrectClient(Command):
    """Correct what is known of a client: name the fields that change."""

    NAME: ClassVar[str] = "correct_client"
    client_id: Id
    name: Text | None = None
    registration: StatedRegistration | None = None
    address: Text | None = None
    dirigeant: StatedDirigeant | None = None
    language: Language | None = None

    _something = model_validator(mode="after")(changes_something)


def register_client(command: RegisterClient, *, used: bool) -> ClientRegistered:
    """A company becomes a client under an id that no party bears."""
    reject_used(command.client_id, used=used)
    dirigeant = Dirigeant.model_validate(dict(command.dirigeant))
    registration = as_registered(command.registration)
    return ClientRegistered.model_validate(dict(command) | {"dirigeant": dirigeant, "registration": registration})


def correct_client(client: Client | None, command: CorrectClient) -> ClientCorrected:
    """A known client's details change from now on."""
    if client is None:
        raise UnknownClient(f"{command.client_id} is no registered client: register it first")
    reject_forgotten(command.client_id, forgotten=client.forgotten)
    dirigeant = None if command.dirigeant is None else Dirigeant.model_validate(dict(command.dirigeant))
    registration = as_registered(command.registration)
    return ClientCorrected.model_validate(dict(command) | {"dirigeant": dirigeant, "registration": registration})
