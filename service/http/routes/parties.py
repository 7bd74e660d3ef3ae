"""Clients, cadres and those who invoice: register them, correct what is known of them, forget them."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from domain.party.cadres import CorrectCadre, RegisterCadre
from domain.party.clients import CorrectClient, RegisterClient
from domain.party.forgetting import ForgetPerson
from domain.party.issuers import CorrectIssuer, RegisterIssuer
from projections.audit_trail import AUDIT_TRAIL
from projections.audit_trail.queries import forgotten_when
from projections.invoices import BILLING
from projections.invoices.queries import documents_of
from projections.missions.queries import parties_for
from service.erasure import Erasure, kept_by_law
from service.http.commands import ID, command_route
from service.http.openapi import problems
from service.http.problems import not_found
from service.http.reading import Asked, caught_up, shown
from service.http.services import services_of

router = APIRouter(tags=["parties"])

command_route(router, "/clients", RegisterClient, HTTPStatus.CREATED)
command_route(router, "/cadres", RegisterCadre, HTTPStatus.CREATED)
command_route(router, "/issuers", RegisterIssuer, HTTPStatus.CREATED)
command_route(router, "/clients/{client_id}/corrections", CorrectClient)
command_route(router, "/cadres/{cadre_id}/corrections", CorrectCadre)
command_route(router, "/issuers/{issuer_id}/corrections", CorrectIssuer)
command_route(router, "/parties/{party_id}/erasure", ForgetPerson)


@router.get("/parties/{party_id}/erasure", response_model=Erasure, responses=problems(401, 403, 404, 422, 503))
async def show_erasure(request: Request, party_id: str, asked: Annotated[Asked, Query()]) -> Response:
    """Whether a party was forgotten, and the documents that the law keeps, each with the day until which it must."""
    await caught_up(request, asked.min_position, BILLING.name, AUDIT_TRAIL.name)
    ask = services_of(request).questions
    if not ID.fullmatch(party_id) or not await ask.ask(parties_for(party_ids=[party_id])):
        raise not_found("unknown_party")
    said = await ask.ask(forgotten_when(party_id))
    position, forgotten_on = said[0] if said else (None, None)
    kept = kept_by_law((kind, number, dated_on) for kind, number, dated_on in await ask.ask(documents_of(party_id)))
    return shown(request, Erasure(party_id=party_id, forgotten_on=forgotten_on, position=position, kept_by_law=kept))
