"""Who the parties are: the names behind the ids, until they are forgotten."""

from __future__ import annotations

from typing import NamedTuple

from domain.event import Event, PersonalText, Recorded
from domain.party.events import (
    CadreCorrected,
    CadreRegistered,
    ClientCorrected,
    ClientRegistered,
    IssuerCorrected,
    IssuerRegistered,
    PersonForgotten,
)
from projections.read_model import Fold, by_stream, stream_id, words


class PartyRow(NamedTuple):
    """A client, a cadre or an issuer; a client's dirigeant is named beside it."""

    party_id: str
    kind: str
    name: str | None
    email: str | None
    dirigeant: str | None
    language: str | None
    functions: tuple[str, ...]
    forgotten: bool


PARTIES = Fold("parties", PartyRow, key=("party_id",), personal=frozenset({"name", "email", "dirigeant"}))


@PARTIES.on(ClientRegistered, keys=by_stream)
def client(_row: PartyRow | None, event: ClientRegistered, _recorded: Recorded[Event]) -> PartyRow:
    return PartyRow(
        party_id=event.client_id,
        kind="client",
        name=words(event.name),
        email=words(event.dirigeant.email),
        dirigeant=words(event.dirigeant.name),
        language=event.language.value,
        functions=(),
        forgotten=False,
    )


@PARTIES.on(CadreRegistered, keys=by_stream)
def cadre(_row: PartyRow | None, event: CadreRegistered, _recorded: Recorded[Event]) -> PartyRow:
    return PartyRow(
        party_id=event.cadre_id,
        kind="cadre",
        name=words(event.name),
        email=words(event.email),
        dirigeant=None,
        language=None,
        functions=tuple(function.value for function in event.functions),
        forgotten=False,
    )


@PARTIES.on(IssuerRegistered, keys=by_stream)
def issuer(_row: PartyRow | None, event: IssuerRegistered, _recorded: Recorded[Event]) -> PartyRow:
    return PartyRow(
        party_id=event.issuer_id,
        kind="issuer",
        name=words(event.name),
        email=None,
        dirigeant=None,
        language=None,
        functions=(),
        forgotten=False,
    )


@PARTIES.on(ClientCorrected, keys=by_stream)
def client_corrected(row: PartyRow | None, event: ClientCorrected, _recorded: Recorded[Event]) -> PartyRow | None:
    if row is None:
        return None
    dirigeant = event.dirigeant
    return row._replace(
        name=_corrected(row.name, event.name),
        email=row.email if dirigeant is None else words(dirigeant.email),
        dirigeant=row.dirigeant if dirigeant is None else words(dirigeant.name),
        language=row.language if event.language is None else event.language.value,
    )


@PARTIES.on(CadreCorrected, keys=by_stream)
def cadre_corrected(row: PartyRow | None, event: CadreCorrected, _recorded: Recorded[Event]) -> PartyRow | None:
    if row is None:
        return None
    functions = row.functions if event.functions is None else tuple(each.value for each in event.functions)
    return row._replace(
        name=_corrected(row.name, event.name), email=_corrected(row.email, event.email), functions=functions
    )


@PARTIES.on(IssuerCorrected, keys=by_stream)
def issuer_corrected(row: PartyRow | None, event: IssuerCorrected, recorded: Recorded[Event]) -> PartyRow | None:
    kept = row or PartyRow(stream_id(recorded), "issuer", None, None, None, None, (), False)
    return kept._replace(name=_corrected(kept.name, event.name))


@PARTIES.on(PersonForgotten, keys=by_stream)
def forgotten(row: PartyRow | None, _event: PersonForgotten, _recorded: Recorded[Event]) -> PartyRow | None:
    return None if row is None else row._replace(name=None, email=None, dirigeant=None, forgotten=True)


def _corrected(before: str | None, corrected: PersonalText | None) -> str | None:
    return before if corrected is None else words(corrected)
