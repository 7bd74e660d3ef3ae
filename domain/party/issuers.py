"""Those who invoice: the network, there from the start, and cadres' own companies."""

from __future__ import annotations

from typing import ClassVar

from pydantic import model_validator

from domain.event import NAMELESS, Command
from domain.party.corrections import changes_something
from domain.party.events import IssuerCorrected, IssuerRegistered
from domain.party.identity import StatedRegistration, as_registered, reject_forgotten, reject_used
from domain.party.state import Issuer
from domain.rejections import UnknownIssuer
from domain.values import Id, Text


class RegisterIssuer(Command):
    """Register a company that invoices: a cadre's own."""

    NAME: ClassVar[str] = "register_issuer"
    NAMES: ClassVar[str | None] = "issuer_id"
    issuer_id: Id = NAMELESS
    name: Text
    registration: StatedRegistration
    address: Text
    tax_number: Text | None = None
    iban: Text | None = None


class CorrectIssuer(Command):
    """Correct what is known of an issuer, the network's own details among them: name the fields that change."""

    NAME: ClassVar[str] = "correct_issuer"
    issuer_id: Id
    name: Text | None = None
    registration: StatedRegistration | None = None
    address: Text | None = None
    tax_number: Text | None = None
    iban: Text | None = None

    _something = model_validator(mode="after")(changes_something)


def register_issuer(command: RegisterIssuer, *, used: bool) -> IssuerRegistered:
    """A company invoices under an id that no party bears."""
    reject_used(command.issuer_id, used=used)
    return IssuerRegistered.model_validate(dict(command) | {"registration": as_registered(command.registration)})


def correct_issuer(issuer: Issuer | None, command: CorrectIssuer) -> IssuerCorrected:
    """A known issuer's details change from now on."""
    if issuer is None:
        raise UnknownIssuer(f"{command.issuer_id} is no registered issuer: register it first")
    reject_forgotten(command.issuer_id, forgotten=issuer.forgotten)
    return IssuerCorrected.model_validate(dict(command) | {"registration": as_registered(command.registration)})
