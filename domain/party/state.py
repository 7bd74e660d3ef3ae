"""Client, Cadre, Issuer and their folds: what decisions ask of a party."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import assert_never

from domain.event import PersonalText, State
from domain.party.events import (
    CadreCorrected,
    CadreEvent,
    CadreRegistered,
    ClientCorrected,
    ClientEvent,
    ClientRegistered,
    IssuerCorrected,
    IssuerEvent,
    IssuerRegistered,
    PersonForgotten,
    Registration,
)
from domain.values import NETWORK_ISSUER, Function


@dataclass(frozen=True, slots=True)
class Client(State):
    """A company that the network works for."""

    client_id: str
    forgotten: bool = False
    name: PersonalText | None = None
    registration: Registration | None = None
    address: PersonalText | None = None


@dataclass(frozen=True, slots=True)
class Cadre(State):
    """A part-time shared executive of the network."""

    cadre_id: str
    functions: tuple[Function, ...]
    forgotten: bool = False


@dataclass(frozen=True, slots=True)
class Issuer(State):
    """Who invoices: the network, or a cadre's own company."""

    issuer_id: str
    forgotten: bool = False
    name: PersonalText | None = None
    registration: Registration | None = None
    address: PersonalText | None = None
    tax_number: PersonalText | None = None
    iban: PersonalText | None = None


NETWORK = Issuer(NETWORK_ISSUER)
"""There from the start, without events."""


def fold_client(client: Client | None, events: Iterable[ClientEvent]) -> Client | None:
    """The client after more events."""
    for event in events:
        match event:
            case ClientRegistered(client_id=client_id):
                client = _client_with(Client(client_id), event)
            case ClientCorrected(client_id=client_id):
                client = _client_with(client or Client(client_id), event)
            case PersonForgotten(party_id=party_id):
                client = Client(party_id, forgotten=True)
            case _:
                assert_never(event)
    return client


def fold_cadre(cadre: Cadre | None, events: Iterable[CadreEvent]) -> Cadre | None:
    """The cadre after more events."""
    for event in events:
        match event:
            case CadreRegistered(cadre_id=cadre_id, functions=functions):
                cadre = Cadre(cadre_id, functions)
            case CadreCorrected(cadre_id=cadre_id, functions=functions):
                known = cadre or Cadre(cadre_id, ())
                cadre = replace(known, functions=functions or known.functions)
            case PersonForgotten(party_id=party_id):
                cadre = replace(cadre or Cadre(party_id, ()), forgotten=True)
            case _:
                assert_never(event)
    return cadre


def fold_issuer(issuer: Issuer | None, events: Iterable[IssuerEvent]) -> Issuer | None:
    """The issuer after more events; the network's may start with a correction."""
    for event in events:
        match event:
            case IssuerRegistered(issuer_id=issuer_id):
                issuer = _issuer_with(Issuer(issuer_id), event)
            case IssuerCorrected(issuer_id=issuer_id):
                issuer = _issuer_with(issuer or Issuer(issuer_id), event)
            case PersonForgotten(party_id=party_id):
                issuer = Issuer(party_id, forgotten=True)
            case _:
                assert_never(event)
    return issuer


def _client_with(client: Client, stated: ClientRegistered | ClientCorrected) -> Client:
    """The client as its documents name it from now on."""
    return replace(
        client,
        name=stated.name or client.name,
        registration=stated.registration or client.registration,
        address=stated.address or client.address,
    )


def _issuer_with(issuer: Issuer, stated: IssuerRegistered | IssuerCorrected) -> Issuer:
    """The issuer as its documents name it from now on."""
    return replace(
        issuer,
        name=stated.name or issuer.name,
        registration=stated.registration or issuer.registration,
        address=stated.address or issuer.address,
        tax_number=stated.tax_number or issuer.tax_number,
        iban=stated.iban or issuer.iban,
    )
