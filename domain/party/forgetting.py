"""A person asks to be forgotten: the words that name it go, the facts and their proof stay."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import AliasChoices, Field

from domain.event import Command
from domain.values import Id, Text


class ForgetPerson(Command):
    """Erase a party's personal words. The reason is kept for ever: name nobody in it."""

    NAME: ClassVar[str] = "forget_person"
    party_id: Annotated[Id, Field(validation_alias=AliasChoices("party_id", "client_id", "cadre_id", "issuer_id"))]
    reason: Text
