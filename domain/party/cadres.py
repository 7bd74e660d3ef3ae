"""Cadres join the network with the functions that they practise, and what is known of them is corrected."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field, model_validator

from domain.event import NAMELESS, Command
from domain.party.corrections import changes_something
from domain.party.events import CadreCorrected, CadreRegistered
from domain.party.identity import reject_forgotten, reject_used
from domain.party.state import Cadre
from domain.rejections import UnknownCadre
from domain.values import Email, Function, Id, Text

Functions = Annotated[tuple[Function, ...], Field(min_length=1)]


class RegisterCadre(Command):
    """Take a cadre into the network."""

    NAME: ClassVar[str] = "register_cadre"
    NAMES: ClassVar[str | None] = "cadre_id"
    cadre_id: Id = NAMELESS
    name: Text
    email: Email
    functions: Functions


class CorrectCadre(Command):
    """Correct what is known of a cadre: name the fields that change."""

    NAME: ClassVar[str] = "correct_cadre"
    cadre_id: Id
    name: Text | None = None
    email: Email | None = None
    functions: Functions | None = None

    _something = model_validator(mode="after")(changes_something)


def register_cadre(command: RegisterCadre, *, used: bool) -> CadreRegistered:
    """A cadre joins under an id that no party bears."""
    reject_used(command.cadre_id, used=used)
    return CadreRegistered.model_validate(dict(command))


def correct_cadre(cadre: Cadre | None, command: CorrectCadre) -> CadreCorrected:
    """A known cadre's details change from now on."""
    if cadre is None:
        raise UnknownCadre(f"{command.cadre_id} is no registered cadre: register it first")
    reject_forgotten(command.cadre_id, forgotten=cadre.forgotten)
    return CadreCorrected.model_validate(dict(command))
