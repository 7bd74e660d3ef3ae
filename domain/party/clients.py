"""Companies become clients of the network, and what is known of them is corrected."""

from __future__ import annotations

from typing import ClassVar

from pydantic import model_validator

from domain.event import NAMELESS, Command
from domain.party.corrections import changes_something
from domain.party.events import Language, RegistrationScheme
from domain.values import Email, Id, Text, Value


class StatedRegistration(Value):
    """A company's number in its register, as stated."""

    scheme: RegistrationScheme
    number: Text


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
    language: Language = Language.FRENCH


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
