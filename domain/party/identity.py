"""Who a party is: its id, used once, its number in its register, and whether it was forgotten."""

from __future__ import annotations

from domain.party.events import Registration, RegistrationScheme
from domain.rejections import AlreadyExists, PersonIsForgotten
from domain.values import NETWORK_ISSUER, Text, Value


class StatedRegistration(Value):
    """A company's number in its register, as stated."""

    scheme: RegistrationScheme
    number: Text


def as_registered(stated: StatedRegistration | None) -> Registration | None:
    """The registration as history keeps it."""
    return None if stated is None else Registration.model_validate(dict(stated))


def reject_used(party_id: str, *, used: bool) -> None:
    """Clients, cadres and issuers share one series of ids; the network's own is taken."""
    if used or party_id == NETWORK_ISSUER:
        raise AlreadyExists(f"{party_id} is a party already: choose another id, or correct that one")


def reject_forgotten(party_id: str, *, forgotten: bool) -> None:
    """No personal words are taken in the place of those that were erased."""
    if forgotten:
        raise PersonIsForgotten(f"{party_id} was forgotten: register it anew, under another id")
