"""A cadre leaves and a successor takes over (passation), over HTTP."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter

from domain.mission.handover import CompleteHandoverItem, HandOver, StartHandover
from service.http.commands import command_route

router = APIRouter(tags=["handover"])

command_route(router, "/missions/{mission_id}/handover", StartHandover, HTTPStatus.CREATED)
command_route(router, "/missions/{mission_id}/handover/items", CompleteHandoverItem)
command_route(router, "/missions/{mission_id}/handover/completion", HandOver)
