"""Every command that a party answers, on one page."""

from __future__ import annotations

from domain.event import Command, Filed
from domain.facts import Facts, Needs
from domain.party.cadres import CorrectCadre, RegisterCadre, correct_cadre, register_cadre
from domain.party.clients import CorrectClient, RegisterClient, correct_client, register_client
from domain.party.forgetting import ForgetPerson, forget_person
from domain.party.issuers import CorrectIssuer, RegisterIssuer, correct_issuer, register_issuer
from domain.party.state import Cadre, Client, Issuer
from domain.rejections import UnknownParty
from domain.streams import cadre_stream, client_stream, issuer_stream, kind_of, party_tag

PARTY_COMMANDS: tuple[type[Command], ...] = (
    RegisterClient,
    CorrectClient,
    RegisterCadre,
    CorrectCadre,
    RegisterIssuer,
    CorrectIssuer,
    ForgetPerson,
)


def needs(command: Command, facts: Facts) -> Needs:
    """What a party's decision reads."""
    match command:
        case RegisterClient(client_id=party_id):
            return Needs(frozenset({client_stream(party_id)}), frozenset({party_tag(party_id)}))
        case RegisterCadre(cadre_id=party_id):
            return Needs(frozenset({cadre_stream(party_id)}), frozenset({party_tag(party_id)}))
        case RegisterIssuer(issuer_id=party_id):
            return Needs(frozenset({issuer_stream(party_id)}), frozenset({party_tag(party_id)}))
        case CorrectClient(client_id=party_id):
            return Needs(frozenset({client_stream(party_id)}))
        case CorrectCadre(cadre_id=party_id):
            return Needs(frozenset({cadre_stream(party_id)}))
        case CorrectIssuer(issuer_id=party_id):
            return Needs(frozenset({issuer_stream(party_id)}))
        case ForgetPerson(party_id=party_id):
            known = _stream_of(party_id, facts) if facts.has_tag(party_tag(party_id)) else None
            return Needs(frozenset() if known is None else frozenset({known}), frozenset({party_tag(party_id)}))
        case _:
            raise TypeError(f"{command.NAME} is no command of a party")


def decide(command: Command, facts: Facts) -> list[Filed]:
    """The fact that a command makes, or the rejection that says what stands in its way."""
    match command:
        case RegisterClient(client_id=party_id):
            event = register_client(command, used=_is_used(party_id, facts))
            return [Filed(client_stream(party_id), event, (party_tag(party_id),))]
        case RegisterCadre(cadre_id=party_id):
            joined = register_cadre(command, used=_is_used(party_id, facts))
            return [Filed(cadre_stream(party_id), joined, (party_tag(party_id),))]
        case RegisterIssuer(issuer_id=party_id):
            registered = register_issuer(command, used=_is_used(party_id, facts))
            return [Filed(issuer_stream(party_id), registered, (party_tag(party_id),))]
        case CorrectClient(client_id=party_id):
            return [Filed(client_stream(party_id), correct_client(facts.client(party_id), command))]
        case CorrectCadre(cadre_id=party_id):
            return [Filed(cadre_stream(party_id), correct_cadre(facts.cadre(party_id), command))]
        case CorrectIssuer(issuer_id=party_id):
            return [Filed(issuer_stream(party_id), correct_issuer(facts.issuer(party_id), command))]
        case ForgetPerson(party_id=party_id):
            stream, party = _registered(party_id, facts)
            return [Filed(stream, forget_person(party, command))]
        case _:
            raise TypeError(f"{command.NAME} is no command of a party")


def _is_used(party_id: str, facts: Facts) -> bool:
    return bool(facts.tagged(party_tag(party_id)))


def _stream_of(party_id: str, facts: Facts) -> str | None:
    registered = facts.tagged(party_tag(party_id))
    return registered[0].stream if registered else None


def _registered(party_id: str, facts: Facts) -> tuple[str, Client | Cadre | Issuer]:
    stream = _stream_of(party_id, facts)
    party = None if stream is None else facts.state(stream, _KINDS[kind_of(stream)])
    if stream is None or party is None:
        raise UnknownParty(f"{party_id} is no registered client, cadre or issuer: name one who is")
    return stream, party


_KINDS: dict[str, type[Client | Cadre | Issuer]] = {"client": Client, "cadre": Cadre, "issuer": Issuer}
