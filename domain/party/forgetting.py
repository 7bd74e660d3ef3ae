"""A person asks to be forgotten: the words that name it go, the facts and their proof stay."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import AliasChoices, Field

from domain.event import Command
from domain.party.events import PersonForgotten
from domain.party.identity import reject_forgotten
from domain.party.state import Cadre, Client, Issuer
from domain.values import Id, Text


class ForgetPerson(Command):
    """Erase a party's personal words. The reason is kept for ever: name nobody in it."""

    NAME: ClassVar[str] = "forget_person"
    party_id: Annotated[Id, Field(validation_alias=AliasChoices("party_id", "client_id", "cadre_id", "issuer_id"))]
    reason: Text


def forget_person(party: Client | Cadre | Issuer, command: ForgetPerson) -> PersonForgotten:
    """A party is forgotten once."""
    reject_forgotten(command.party_id, forgotten=party.forgotten)
    return PersonForgotten(party_id=command.party_id, reason=command.reason)
