"""Clients, cadres and those who invoice: register them, correct what is known of them, forget them."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter

from domain.party.cadres import CorrectCadre, RegisterCadre
from domain.party.clients import CorrectClient, RegisterClient
from domain.party.forgetting import ForgetPerson
from domain.party.issuers import CorrectIssuer, RegisterIssuer
from service.http.commands import command_route

router = APIRouter(tags=["parties"])

command_route(router, "/clients", RegisterClient, HTTPStatus.CREATED)
command_route(router, "/cadres", RegisterCadre, HTTPStatus.CREATED)
command_route(router, "/issuers", RegisterIssuer, HTTPStatus.CREATED)
command_route(router, "/clients/{client_id}/corrections", CorrectClient)
command_route(router, "/cadres/{cadre_id}/corrections", CorrectCadre)
command_route(router, "/issuers/{issuer_id}/corrections", CorrectIssuer)
command_route(router, "/parties/{party_id}/erasure", ForgetPerson)
